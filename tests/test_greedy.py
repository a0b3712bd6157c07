"""Those who take what others need, against a whole server with small limits.

They come from 127.0.0.2, and the others from 127.0.0.1.
"""

import asyncio
import contextlib
import errno
import os
import socket
import sys
from collections.abc import AsyncIterator

import pytest

from handlers import connections, listening
from handlers.resources import STATIC, fingerprint
from realtime.engineio import buffers, framing
from tests.client import Site, StartSite, start_site
from tests.conftest import ExpectLog
from tests.crash.wire import Socket

__all__ = ["start_site"]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, 127.0.0.2 is no address of this machine")

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
WAIT_S = 20.0
UPGRADE = (
    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class Greedy:
    """Connections of 127.0.0.2."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.open: list[Streams] = []

    async def connect(self, first: bytes = b"") -> Streams:
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # so that little is read by the system
        sock.bind(("127.0.0.2", 0))
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", self._site.port))
        self.open.append(await asyncio.open_connection(sock=sock, limit=4096))
        self.open[-1][1].write(first)
        return self.open[-1]

    async def half_frame(self, size_bytes: int) -> asyncio.StreamReader:
        """Open a session and send all but the last byte of a message; return what is read from it."""
        reader, writer = await self.connect(UPGRADE)
        await reader.readuntil(b"maxPayload")
        head = bytes((framing.FIN | framing.OP_TEXT, framing.MASKED | 127)) + size_bytes.to_bytes(8, "big") + bytes(4)
        writer.write(head + bytes(size_bytes - 1))
        return reader


@contextlib.asynccontextmanager
async def greedy(site: Site) -> AsyncIterator[Greedy]:
    one = Greedy(site)
    try:
        yield one
    finally:
        for _, writer in one.open:
            writer.transport.abort()


async def ended(reader: asyncio.StreamReader) -> bytes:
    """Return what comes before the server ends a connection."""
    async with asyncio.timeout(WAIT_S):
        with contextlib.suppress(ConnectionError):
            return await reader.read()
    return b""


async def member(site: Site) -> tuple[Socket, str]:
    """Return a member of a new room, and the room."""
    browser = site.program()
    room = await browser.new_room()
    there = await Socket.open(site.port, browser.identity, lambda *_: None)
    assert (await there.ask("join", room))["ok"]
    return there, room


async def metric(site: Site, name: str) -> float:
    text = (await site.browser().get("/metrics")).text
    return float(next(line for line in text.splitlines() if line.startswith(name + " ")).split()[-1])


async def test_a_crowd_of_one_address_shuts_nobody_out(start_site: StartSite, expect_log: ExpectLog) -> None:
    expect_log("gifchat", "too many connections: .*closing the idlest of 127.0.0.2")
    site = await start_site("--max-connections", "20", "--rate", "5")
    inside, room = await member(site)
    async with greedy(site) as crowd:
        for _ in range(60):
            await crowd.connect()
        newcomer, _ = await member(site)
        assert (await site.browser().get("/")).status == 200
        assert (await inside.ask("chat", {"room": room, "chat": "still here"}))["ok"]
        assert await metric(site, "gifchat_connections") <= 20
        assert await metric(site, 'gifchat_connections_closed_total{cause="crowded"}') >= 40
        for reader, _ in crowd.open[:40]:
            assert await ended(reader) == b""
        await newcomer.close()
    await inside.close()


async def test_who_fills_the_memory_is_closed_and_told_and_others_notice_nothing(
    start_site: StartSite, expect_log: ExpectLog
) -> None:
    expect_log("gifchat", "closing a connection of 127.0.0.2, for which .* all connections together kept too much")
    site = await start_site("--max-buffer", "1")
    inside, room = await member(site)
    async with greedy(site) as hoarder:
        halves = [await hoarder.half_frame(300_000) for _ in range(4)]
        done, _ = await asyncio.wait(
            [asyncio.ensure_future(ended(half)) for half in halves], timeout=WAIT_S, return_when=asyncio.FIRST_COMPLETED
        )
        assert framing.closing(framing.TRY_AGAIN_LATER) in next(iter(done)).result()
        assert (await inside.ask("chat", {"room": room, "chat": "still here"}))["ok"]
        assert 0 < await metric(site, "gifchat_buffered_bytes") <= 1024 * 1024
        assert await metric(site, 'gifchat_connections_closed_total{cause="full"}') >= 1
    await inside.close()


async def test_half_a_message_is_not_waited_for_long(
    start_site: StartSite, expect_log: ExpectLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect_log("gifchat", "its message did not come to an end")
    monkeypatch.setattr(connections, "LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(buffers, "FRAME_S", 0.2)
    site = await start_site()
    async with greedy(site) as one:
        assert framing.closing(framing.TRY_AGAIN_LATER) in await ended(await one.half_frame(1000))


async def test_who_asks_and_does_not_read_is_closed(
    start_site: StartSite, expect_log: ExpectLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect_log("gifchat", "it does not read")
    monkeypatch.setattr(connections, "LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(buffers, "UNREAD_S", 0.5)
    site = await start_site()
    path = f"/static/{fingerprint(STATIC)}/img/icon.svg"
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    async with greedy(site) as one:
        _, writer = await one.connect(request * 2_000)
        async with asyncio.timeout(WAIT_S):
            while await metric(site, 'gifchat_connections_closed_total{cause="unread"}') < 1:
                await asyncio.sleep(0.05)
            await writer.wait_closed() if writer.is_closing() else None
    assert await metric(site, "gifchat_buffered_bytes") == 0


async def test_accepting_pauses_without_free_descriptors(
    start_site: StartSite, expect_log: ExpectLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect_log("gifchat", "accepting no connections for 0.2 s")
    monkeypatch.setattr(listening, "PAUSE_S", 0.2)
    site = await start_site()
    tried, accept = 0, socket.socket.accept

    def fail_twice(listener: socket.socket) -> tuple[socket.socket, object]:
        nonlocal tried
        tried += 1
        if tried <= 2:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return accept(listener)

    monkeypatch.setattr(socket.socket, "accept", fail_twice)
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert (await site.browser().get("/healthz")).status == 200
    assert loop.time() - began >= 2 * 0.2 - 0.01
    assert tried < 6
