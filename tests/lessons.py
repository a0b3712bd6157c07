"""Clients of the lessons over every transport. The beat is fast here."""

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import websockets
from tornado.ioloop import IOLoop
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from realtime.lessons.service import Bounds
from tests.client import Browser, Site, StartSite

QUICK = Bounds(every_ms=60, least_every_ms=20, heartbeat_ms=70)
SLOW = "every_ms=10000"  # nothing happens while a test lasts

WAIT_S = 30.0
"""Time limit for expected messages: a busy machine may stall for seconds."""

NOWHERE = {"Origin": "http://elsewhere.example"}


@pytest.fixture
def quick(io_loop: IOLoop, start_site: StartSite) -> Site:
    """Return a running server with a fast beat."""
    started: Site = io_loop.run_sync(lambda: start_site(bounds=QUICK))
    return started


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Return when `holds()` is true."""
    async with asyncio.timeout(WAIT_S):
        while not await holds():
            await asyncio.sleep(0.01)


async def open_now(site: Site) -> dict[str, int]:
    """Return the number of connections of each lesson, from /metrics."""
    text = (await site.browser().get("/metrics")).text
    return {
        lesson: int(float(count))
        for lesson, count in re.findall(r'^gifchat_lessons\{lesson="(\w+)"\} (\S+)$', text, re.MULTILINE)
    }


async def nobody(site: Site) -> None:
    """Return when the server has no connection left."""

    async def none() -> bool:
        return not any((await open_now(site)).values())

    await until(none)


async def get_json(browser: Browser, path: str) -> Any:
    """Return the JSON at `path`."""
    answer = await browser.get(path)
    assert answer.status == 200, answer.body
    return answer.json


class Stream:
    """A stream of server-sent events, read by its lines (https://html.spec.whatwg.org/#parsing-an-event-stream)."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: str) -> None:
        self.writer = writer
        self.head = head
        self.comments = 0
        self.retry: str | None = None
        self._reader = reader
        self._blocks: list[str] = []

    async def event(self) -> dict[str, str]:
        """Return the fields of the next event."""
        async with asyncio.timeout(WAIT_S):
            while True:
                while self._blocks:
                    event = self._read(self._blocks.pop(0))
                    if "data" in event:
                        return event
                size = int(await self._reader.readline(), 16)  # a chunk
                assert size, "the stream has ended"
                chunk = (await self._reader.readexactly(size + 2))[:-2].decode()
                self._blocks += chunk.removesuffix("\n\n").split("\n\n")

    def _read(self, block: str) -> dict[str, str]:
        event: dict[str, str] = {}
        for line in block.split("\n"):
            name, _, value = line.partition(": ")
            if line.startswith(":"):
                self.comments += 1
            elif name == "retry":
                self.retry = value
            else:
                event[name] = value
        return event

    async def rest(self) -> bytes:
        """Return everything received until the connection ends."""
        async with asyncio.timeout(WAIT_S):
            return await self._reader.read()


def get(site: Site, path: str, **headers: str) -> bytes:
    """Return a raw GET request; in header names, _ stands for -."""
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"GET {path} HTTP/1.1\r\nHost: {site.url[7:]}\r\n{lines}\r\n".encode("latin-1")


def handshake(site: Site, path: str) -> bytes:
    """Return a raw WebSocket handshake request."""
    key = {"Sec_WebSocket_Version": "13", "Sec_WebSocket_Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
    return get(site, path, Upgrade="websocket", Connection="Upgrade", **key)


@asynccontextmanager
async def stream(site: Site, query: str = "", **headers: str) -> AsyncIterator[Stream]:
    """Open a stream."""
    reader, writer = await site.raw(get(site, f"/lessons/events{query}", **headers))
    try:
        yield Stream(reader, writer, (await reader.readuntil(b"\r\n\r\n")).decode())
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


def connect(site: Site, path: str = "", **headers: str) -> Any:
    return websockets.connect(
        f"ws://127.0.0.1:{site.port}{path}", additional_headers=headers, proxy=None, open_timeout=WAIT_S
    )


async def received(socket: ClientConnection) -> str:
    async with asyncio.timeout(WAIT_S):
        message = await socket.recv()
    assert isinstance(message, str)
    return message


async def closed(socket: ClientConnection) -> tuple[int, str]:
    """Return the code and the reason with which the server closes."""
    with pytest.raises(ConnectionClosed) as ended:
        while True:
            await received(socket)
    assert ended.value.rcvd is not None
    return ended.value.rcvd.code, ended.value.rcvd.reason


class Watching:
    """A socket on /lessons, over a plain WebSocket without a Socket.IO client."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    async def event(self, wanted: str) -> Any:
        """Return the argument of the next event of that name."""
        while True:
            message = await received(self._socket)
            if message == "2":
                await self._socket.send("3")
            elif message.startswith("42/lessons,"):
                name, argument = json.loads(message.removeprefix("42/lessons,"))
                if name == wanted:
                    return argument

    async def counts(self) -> dict[str, dict[str, int]]:
        counts: dict[str, dict[str, int]] = await self.event("counts")
        return counts


@asynccontextmanager
async def namespace(site: Site, name: str, **headers: str) -> AsyncIterator[ClientConnection]:
    """Open a connection and connect to a namespace."""
    async with connect(site, "/socket.io/?EIO=4&transport=websocket", **headers) as socket:
        await received(socket)
        await socket.send(f"40{name}," if name != "/" else "40")
        yield socket


@asynccontextmanager
async def feed(site: Site, **headers: str) -> AsyncIterator[Watching]:
    """Open a socket that watches the feed."""
    async with namespace(site, "/lessons", **headers) as socket:
        yield Watching(socket)
