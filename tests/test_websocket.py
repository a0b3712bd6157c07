"""WebSockets after the handshake, over real sockets: the switch to asyncio, and TLS."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from tornado.iostream import IOStream, StreamClosedError
from websockets.asyncio.client import ClientConnection, connect
from websockets.frames import Frame, Opcode

from handlers.connections import CROWDED, Connections
from handlers.peer import Peers
from handlers.websocket import take_over
from realtime.engineio.server import Server as Engine
from tests.certificate import certificate
from tests.server import Server, running


def upgrade(path: str) -> bytes:
    """Return the opening handshake for `path`."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    ).encode()


ENGINE = "/socket.io/?EIO=4&transport=websocket"
UPGRADE = upgrade(ENGINE)
OPENED = {ENGINE: b"}", "/": b"\r\n\r\n", "/ws": b"\r\n\r\n"}
"""Each WebSocket of the server, and how what it sends at first ends: Engine.IO sends a packet."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("websocket") / "data") as server:
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


def closing(code: int, reason: bytes = b"") -> bytes:
    return Frame(Opcode.CLOSE, code.to_bytes(2) + reason).serialize(mask=True)


BROKEN: dict[str, tuple[bytes, int]] = {
    "an unmasked frame": (b"\x81\x01a", 1002),
    "a reserved bit": (b"\xc1\x80\0\0\0\0", 1002),
    "a reserved opcode": (b"\x83\x80\0\0\0\0", 1002),
    "a continuation of nothing": (b"\x80\x80\0\0\0\0", 1002),
    "a fragmented ping": (b"\x09\x80\0\0\0\0", 1002),
    "a ping of 126 bytes": (b"\x89\xfe\0\x7e\0\0\0\0", 1002),
    "text that is not UTF-8": (b"\x81\x82\0\0\0\0\xc3\x28", 1007),
    "too large a message": (b"\x82\xff\0\0\0\0\0\x0f\x42\x41\0\0\0\0", 1009),
    "a message in too many frames": (b"\x01\x80\0\0\0\0" + b"\0\x80\0\0\0\0" * 1_000, 1008),
    "half a close code": (b"\x88\x81\0\0\0\0\x03", 1002),
    "a reason that is not UTF-8": (closing(1000, b"\xff"), 1007),
    **{f"the close code {code}": (closing(code), 1002) for code in (0, 999, 1004, 1005, 1006, 1015, 2999, 5000)},
}


@pytest.mark.parametrize("path", OPENED)
async def test_a_broken_frame_is_answered_with_a_close_code_and_affects_nobody_else(server: Server, path: str) -> None:
    """The raw WebSocket of the lessons is as strict as Engine.IO's."""
    async with connect(f"ws://127.0.0.1:{server.port}{ENGINE}") as other:
        answers: dict[str, bytes] = {}
        for name, (broken, _) in BROKEN.items():
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(upgrade(path))
            await reader.readuntil(OPENED[path])
            writer.write(broken)
            async with asyncio.timeout(30):
                answers[name] = await reader.read()
            writer.close()
        assert answers == {name: b"\x88\x02" + code.to_bytes(2) for name, (_, code) in BROKEN.items()}
        await converse(other)


@pytest.mark.parametrize("path", OPENED)
@pytest.mark.parametrize("code", [b"", *(code.to_bytes(2) + "안녕".encode() for code in (1000, 1014, 3000, 4999))])
async def test_a_valid_close_frame_is_answered_with_one(server: Server, path: str, code: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(upgrade(path))
    await reader.readuntil(OPENED[path])
    writer.write(Frame(Opcode.CLOSE, code).serialize(mask=True))
    async with asyncio.timeout(30):
        answer = await reader.read()
    assert answer[:2] == b"\x88\x02"
    assert answer[2:] in (code[:2], (1000).to_bytes(2))
    writer.close()


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


async def test_a_connection_that_is_turned_away_on_its_way_to_asyncio_ends() -> None:
    """As when the server is full, and it is the one that goes."""
    there, here = socket.socketpair()
    there.setblocking(False)
    with there:
        engine = Engine(lambda *_: pytest.fail("there is no session"))
        stream, peers, connections = IOStream(here), Peers(), Connections(engine.buffers)
        accepted = connections.enter(stream, "10.0.0.1", IOStream.close)
        taking = asyncio.create_task(take_over(stream, connections, peers, engine))
        while stream.socket is not None:
            await asyncio.sleep(0)
        assert accepted.owner is not None
        accepted.owner.turn_away(CROWDED)
        with pytest.raises(StreamClosedError):
            await taking
        async with asyncio.timeout(30):
            assert await asyncio.get_running_loop().sock_recv(there, 1) == b""
        assert len(connections) == 0


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
        async with connect(f"wss://127.0.0.1:{server.port}/ws", ssl=tls.trust) as lesson:
            await (await lesson.ping(b"payload"))
            await lesson.close(3001)
        assert lesson.close_code == 3001
