"""WebSockets after the handshake, over real sockets: the switch to asyncio, and TLS."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.frames import Frame, Opcode

from tests.certificate import certificate
from tests.server import Server, running

UPGRADE = (
    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n"
    b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path / "data") as server:
        yield server


def frame(text: str) -> bytes:
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=True)


async def converse(websocket: ClientConnection) -> None:
    """Open a session, enter the lobby, and exchange pings at both layers."""
    assert str(await websocket.recv()).startswith("0{")
    await websocket.send("40/room,")
    assert str(await websocket.recv()).startswith('40/room,{"sid"')
    await (await websocket.ping(b"payload"))


async def test_frames_sent_before_the_handshake_is_answered_are_not_lost(server: Server) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(UPGRADE + frame("40/room,"))
    async with asyncio.timeout(30):
        assert b'40/room,{"sid"' in await reader.readuntil(b"}") + await reader.readuntil(b'"}')
    writer.close()


async def test_frames_split_into_single_bytes_are_read(server: Server) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(UPGRADE)
    await reader.readuntil(b"}")
    for byte in frame("40/room,"):
        writer.write(bytes((byte,)))
        await writer.drain()
    async with asyncio.timeout(30):
        assert b'40/room,{"sid"' in await reader.readuntil(b'"}')
    writer.close()


async def test_either_end_can_close(server: Server) -> None:
    async with connect(f"ws://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket") as websocket:
        await converse(websocket)
    assert (websocket.close_code, websocket.close_reason) == (1000, "")


@pytest.mark.parametrize(
    ("broken", "code"),
    [(b"\x81\x01a", 1002), (b"\xc1\x80\0\0\0\0", 1002), (b"\x81\x82\0\0\0\0\xc3\x28", 1007)],
)
async def test_a_broken_frame_is_answered_with_a_close_code_and_affects_nobody_else(
    server: Server, broken: bytes, code: int
) -> None:
    async with connect(f"ws://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket") as other:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(UPGRADE)
        await reader.readuntil(b"}")
        writer.write(broken)
        async with asyncio.timeout(30):
            assert await reader.read() == b"\x88\x02" + code.to_bytes(2)
        writer.close()
        await converse(other)


@pytest.mark.parametrize("broken", [frame("40")[:1] + b"\x01x", b"\xc1\x80\0\0\0\0"], ids=["unmasked", "reserved"])
async def test_a_broken_frame_from_a_client_that_has_disconnected_causes_no_error(
    server: Server, broken: bytes
) -> None:
    for _ in range(20):
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(UPGRADE + broken)
        writer.close()
        await writer.wait_closed()
    async with connect(f"ws://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket") as websocket:
        await converse(websocket)


async def test_websockets_work_under_tls(tmp_path: Path) -> None:
    tls = certificate(tmp_path)
    with running(tmp_path / "data", *tls.options, trust=tls.authority) as server:
        url = f"wss://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket"
        async with connect(url, ssl=tls.trust, max_size=None) as websocket:
            await converse(websocket)
            await websocket.send("41/room,")
            for _ in range(3):
                await websocket.send("40/room,")
                assert str(await websocket.recv()).startswith("40/room,")
                await websocket.send("41/room,")
        assert websocket.close_code == 1000
