"""The server under attack, and how attackers reach it."""

import asyncio
import json
import re
import resource
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

from bench.crowd import UPGRADE as UPGRADE_HEAD
from bench.crowd import masked
from tests.client import Browser
from tests.server import Server

ANSWER_TIMEOUT_S = 20.0
READ_BYTES = 1 << 16
RETRY_S = 1.0
UPGRADE = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAA")
"""The headers that ask for a WebSocket."""
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)


class Reply(NamedTuple):
    """An answer to a raw request; without one, `status` is 0: the connection was closed."""

    status: int
    head: bytes
    body: bytes


class Raw:
    """A connection on which anything can be sent."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, data: bytes) -> None:
        """Send without waiting; nothing happens if the server has closed the connection."""
        self.writer.write(data)

    async def sent(self) -> None:
        """Return when the system has taken what was sent, or the server has closed the connection."""
        with suppress(OSError):
            await self.writer.drain()

    async def reply(self) -> Reply:
        """Return the next answer."""
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                head = await self.reader.readuntil(b"\r\n\r\n")
                found = _LENGTH.search(head)
                body = await self.reader.readexactly(int(found[1])) if found else b""
        except (asyncio.IncompleteReadError, OSError):
            return Reply(0, b"", b"")
        return Reply(int(head.split()[1]), head, body)

    async def closed(self, within_s: float) -> bytes:
        """Return what comes until the server closes the connection; fail if it does not in time."""
        came = b""
        async with asyncio.timeout(within_s):
            with suppress(OSError):
                while data := await self.reader.read(READ_BYTES):
                    came += data
        return came


class Target:
    """A server, and a room in it that the attackers are in."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.port = server.port
        self.url = server.url

    def allow(self, files: int) -> None:
        """Let the attackers have so many open files."""
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(files, hard), hard))

    def browser(self, **headers: str) -> Browser:
        """Return a new visitor, who asks for JSON."""
        return Browser(self.url, {"Accept": "application/json", **headers})

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Raw]:
        """Open a connection for the length of the block."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 22)
        try:
            yield Raw(reader, writer)
        finally:
            writer.transport.abort()

    async def reply(self, request: bytes) -> Reply:
        """Send one request on a connection of its own; return the answer."""
        async with self.connection() as raw:
            raw.send(request)
            return await raw.reply()

    def request(self, method: str, path: str, *headers: str, body: bytes = b"", host: str | None = None) -> bytes:
        """Return a whole request."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host or f'127.0.0.1:{self.port}'}", *headers]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body

    @asynccontextmanager
    async def websocket(self, room: str | None = None, cookie: str = "") -> AsyncIterator[Raw]:
        """Open a WebSocket on /chat, which has joined `room` if given; wait while newcomers are too many."""
        async with AsyncExitStack() as stack:
            raw = await stack.enter_async_context(self.connection())
            while (status := await self._upgraded(raw, cookie)) == HTTPStatus.TOO_MANY_REQUESTS:
                await asyncio.sleep(RETRY_S)
                raw = await stack.enter_async_context(self.connection())
            assert status == HTTPStatus.SWITCHING_PROTOCOLS, status
            raw.send(masked("40/chat,"))
            await raw.reader.readuntil(b'40/chat,{"sid"')
            if room is not None:
                raw.send(masked(f"42/chat,0{json.dumps(['join', room])}"))
                answer = await raw.reader.readuntil(b'"ok":')
                assert b"43/chat,0[" in answer and await raw.reader.readexactly(4) == b"true", answer
            yield raw

    async def _upgraded(self, raw: Raw, cookie: str) -> int:
        """Ask for a WebSocket; return the status."""
        head = UPGRADE_HEAD.format(port=self.port).removesuffix("\r\n")
        raw.send((head + (f"Cookie: {cookie}\r\n" if cookie else "") + "\r\n").encode())
        return (await raw.reply()).status

    def peak_mib(self) -> float:
        """Return the most memory that the server has had so far."""
        status = Path(f"/proc/{self.server.process.pid}/status").read_text()
        found = _PEAK.search(status)
        assert found is not None
        return int(found[1]) / 1024

    async def alive(self) -> None:
        """Fail unless a stranger gets the lobby."""
        browser = self.browser()
        answer = await browser.get("/")
        browser.close()
        assert answer.status == 200, answer.body
