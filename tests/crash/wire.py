"""A small Socket.IO client on a plain WebSocket, which delivers packets in order as they arrive.

The official clients hide when a packet arrived; here an answer's callback runs before the next packet is read, so that
"nothing before the answer, everything after it" can be checked.
"""

import asyncio
import itertools
import json
import re
from collections.abc import Callable
from typing import Any, cast

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from tests.crash.ledger import Json

ANSWER_TIMEOUT_S = 60.0

Heard = Callable[[str, Json], None]
Answered = Callable[[Json], None]

_ACK = re.compile(r"43/chat,(\d+)(\[.*\])", re.DOTALL)


class Lost(Exception):
    """The connection was lost or refused; a request may or may not have been carried out."""


class Socket:
    """One socket on /chat. `heard` is called with each event and its first argument."""

    def __init__(self, websocket: ClientConnection, heard: Heard) -> None:
        self._websocket = websocket
        self._heard = heard
        self._ids = itertools.count()
        self._pending: dict[int, tuple[asyncio.Future[Json], Answered | None]] = {}
        self._connected: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, port: int, cookie: str, heard: Heard, address: str = "127.0.0.1") -> "Socket":
        """Connect as the visitor of `cookie`, from an address of this machine. Raises Lost."""
        url = f"ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket"
        try:
            websocket = await connect(
                url,
                additional_headers={"Cookie": cookie},
                local_addr=(address, 0),
                proxy=None,
                compression=None,
                ping_interval=None,
                max_size=None,
            )
        except (OSError, WebSocketException) as error:
            raise Lost from error
        socket = cls(websocket, heard)
        try:
            await websocket.send("40/chat,{}")
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                await socket._connected
        except WebSocketException as error:
            raise Lost from error
        return socket

    async def ask(self, event: str, argument: object, answered: Answered | None = None) -> Json:
        """Emit an event and return the answer; `answered` is called with it before any later packet. Raises Lost."""
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        number = next(self._ids)
        self._pending[number] = answer, answered
        if self._reading.done():
            raise Lost
        try:
            await self._websocket.send(f"42/chat,{number}{json.dumps([event, argument])}")
        except WebSocketException as error:
            raise Lost from error
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            return await answer

    async def settled(self) -> None:
        """Return when everything on its way has arrived, since the answer to this comes after it. Raises Lost."""
        await self.ask("leave", {"room": "0" * 24})

    async def ended(self) -> None:
        """Return when the connection is gone. Re-raises what `heard` raised."""
        await asyncio.shield(self._reading)

    async def abort(self) -> None:
        """Cut the connection without a close frame."""
        self._websocket.transport.abort()
        await self.ended()

    async def close(self) -> None:
        """Close the connection properly."""
        await self._websocket.close()
        await self.ended()

    async def _read(self) -> None:
        try:
            async for text in self._websocket:
                assert isinstance(text, str)
                if text == "2":
                    await self._websocket.send("3")
                elif text.startswith("40/chat,"):
                    self._connected.set_result(None)
                elif text.startswith("42/chat,"):
                    name, argument = json.loads(text[8:])
                    self._heard(name, argument)
                elif found := _ACK.fullmatch(text):
                    self._take(int(found[1]), cast(Json, json.loads(found[2])[0]))
        except (WebSocketException, OSError):
            pass
        finally:
            answers: list[asyncio.Future[Any]] = [answer for answer, _ in self._pending.values()]
            for waiting in [self._connected, *answers]:
                if not waiting.done():
                    waiting.set_exception(Lost())
                    waiting.exception()  # nobody may be waiting any more

    def _take(self, number: int, body: Json) -> None:
        answer, answered = self._pending.pop(number)
        if answered is not None:
            answered(body)
        if not answer.done():
            answer.set_result(body)
