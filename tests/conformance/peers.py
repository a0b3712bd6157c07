"""Peers for the conformance tests, which speak HTTP and WebSocket with third-party code.

They look into our server only to wait for states that no answer reveals.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tornado.httpclient import AsyncHTTPClient, HTTPResponse
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from realtime.engineio.server import Server

SILENCE_S = 0.05
"""How long to listen before concluding that nothing comes."""

WAIT_S = 30.0
"""Time limit for expected messages: a busy machine may stall for seconds."""


class Peer:
    """A client of the Engine.IO at one path."""

    def __init__(self, port: int, path: str, engine: Server) -> None:
        self.port = port
        self.path = path
        self._engine = engine
        self._http = AsyncHTTPClient(force_instance=True, max_clients=50)

    def url(self, query: str, scheme: str = "http") -> str:
        return f"{scheme}://127.0.0.1:{self.port}{self.path}/{query}"

    async def request(
        self, method: str, query: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> HTTPResponse:
        """Send any request and return the answer, whatever its status."""
        return await self._http.fetch(
            self.url(query),
            method=method,
            body=body,
            headers=headers,
            raise_error=False,
            allow_nonstandard_methods=True,
            request_timeout=WAIT_S,
        )

    async def open(self, headers: dict[str, str] | None = None) -> dict[str, object]:
        """Open a session by long-polling and return the contents of the open packet."""
        answer = await self.request("GET", "?EIO=4&transport=polling", headers=headers)
        assert answer.code == 200, answer.body
        return opening(answer.body.decode())

    async def sid(self) -> str:
        """Open a session by long-polling and return its id."""
        return str((await self.open())["sid"])

    async def poll(self, sid: str) -> tuple[int, str]:
        answer = await self.request("GET", f"?EIO=4&transport=polling&sid={sid}")
        return answer.code, answer.body.decode()

    async def post(self, sid: str, body: str | bytes) -> tuple[int, str]:
        raw = body.encode() if isinstance(body, str) else body
        answer = await self.request("POST", f"?EIO=4&transport=polling&sid={sid}", raw)
        return answer.code, answer.body.decode()

    async def waiting(self, sid: str) -> "asyncio.Future[tuple[int, str]]":
        """Poll, and return a future of the answer once the server has the poll."""
        polling = asyncio.ensure_future(self.poll(sid))
        await self.polled(sid)
        return polling

    async def polled(self, sid: str) -> None:
        """Return when a poll is waiting at the server."""
        async with asyncio.timeout(WAIT_S):
            while self._engine._sessions[sid]._poll is None:
                await asyncio.sleep(0.001)

    async def forgotten(self) -> None:
        """Return when the server has no session left."""
        async with asyncio.timeout(WAIT_S):
            while len(self._engine):
                await asyncio.sleep(0.01)

    @asynccontextmanager
    async def websocket(
        self, query: str = "?EIO=4&transport=websocket", headers: dict[str, str] | None = None
    ) -> AsyncIterator[ClientConnection]:
        """Open a WebSocket; it is closed when the block ends."""
        url = self.url(query, "ws")
        async with connect(
            url,
            compression=None,
            max_size=None,
            proxy=None,
            ping_interval=None,
            additional_headers=headers,
            open_timeout=WAIT_S,
        ) as websocket:
            yield websocket

    @asynccontextmanager
    async def session(self) -> AsyncIterator[ClientConnection]:
        """Open a session on a WebSocket and read its open packet."""
        async with self.websocket() as websocket:
            opening(await text(websocket))
            yield websocket

    async def refused(self, query: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, object]]:
        """Request a WebSocket that must be refused; return the answer."""
        try:
            async with self.websocket(query, headers):
                raise AssertionError("the WebSocket was opened")
        except InvalidStatus as error:
            return error.response.status_code, json.loads(error.response.body or b"null")


def opening(packet: str) -> dict[str, object]:
    """Check that `packet` is an open packet and return its contents."""
    assert packet[:1] == "0"
    contents = json.loads(packet[1:])
    assert isinstance(contents, dict)
    return contents


async def text(websocket: ClientConnection) -> str:
    """Return the next message, which must be text."""
    message = await asyncio.wait_for(websocket.recv(), WAIT_S)
    assert isinstance(message, str), message
    return message


async def binary(websocket: ClientConnection) -> bytes:
    """Return the next message, which must be binary."""
    message = await asyncio.wait_for(websocket.recv(), WAIT_S)
    assert isinstance(message, bytes), message
    return message


async def closed(websocket: ClientConnection) -> list[str | bytes]:
    """Wait until the server has closed; return the messages received before."""
    received: list[str | bytes] = []
    try:
        async with asyncio.timeout(WAIT_S):
            while True:
                received.append(await websocket.recv())
    except ConnectionClosed:
        return received


async def silent(websocket: ClientConnection) -> None:
    """Check that no message comes and the connection stays open."""
    try:
        async with asyncio.timeout(SILENCE_S):
            message = await websocket.recv()
    except TimeoutError:
        return
    raise AssertionError(f"{message!r} came")
