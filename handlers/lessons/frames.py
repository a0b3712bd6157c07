"""A request that becomes a WebSocket, with nothing on top of it."""

import asyncio
import contextlib
import http
import socket
from abc import abstractmethod
from typing import Final

import tornado.web
from tornado.httputil import HTTPServerRequest
from tornado.iostream import IOStream, SSLIOStream, StreamClosedError

from handlers import handshake
from handlers.lessons.base import LessonHandler
from realtime.engineio import framing
from realtime.engineio.framing import Control, FrameError, FrameReader
from realtime.errors import BadRequest

READ_BYTES: Final = 4 * 1024
"""How much is read at once: of the shortest frames, so many take half a millisecond."""
CLOSING_S: Final = 5.0
"""How long a browser has to answer a close frame."""
DISCARDED_EVERY_S: Final = 0.001
"""Between reads of what nobody looks at any more."""


def asks_for_websocket(request: HTTPServerRequest) -> bool:
    return request.headers.get("Upgrade", "").lower() == "websocket"


class WebSocketRequest(LessonHandler):
    """A GET that becomes a WebSocket. Subclasses handle its beginning, its messages and its end.

    Tornado's own WebSockets take unmasked frames, and answer a close frame with its code, whatever that is. So the
    frames are read by Engine.IO's reader.
    """

    _stream: IOStream
    _closing: asyncio.TimerHandle | None = None
    _ping: asyncio.TimerHandle | None = None
    _unanswered = False

    async def prepare(self) -> None:
        """Refuse what is no opening of a WebSocket."""
        if self.request.method == "HEAD":
            raise tornado.web.HTTPError(http.HTTPStatus.METHOD_NOT_ALLOWED)
        await super().prepare()
        if not asks_for_websocket(self.request) or not handshake.is_opening("GET", self.request.headers):
            raise BadRequest

    async def get(self) -> None:
        """Answer the handshake, then read until the end."""
        self.clear_header("Content-Type")
        if not handshake.is_known_version(self.request.headers):
            self.set_status(http.HTTPStatus.UPGRADE_REQUIRED)
            self.set_header("Sec-WebSocket-Version", ", ".join(handshake.VERSIONS))
            self.finish()
            return
        self.set_status(http.HTTPStatus.SWITCHING_PROTOCOLS)
        self.set_header("Upgrade", "websocket")
        self.set_header("Connection", "Upgrade")
        self.set_header("Sec-WebSocket-Accept", handshake.accepted(self.request.headers))
        self.finish()
        self._stream = self.detach()
        self._stream.set_nodelay(True)
        try:
            self._ping_later()
            self.open()
            await self._read()
        except StreamClosedError:
            pass
        finally:
            for timer in (self._ping, self._closing):
                if timer is not None:
                    timer.cancel()
            self._stream.close()
            self.on_close()

    @abstractmethod
    def open(self) -> None:
        """Handle the beginning."""

    @abstractmethod
    async def on_message(self, message: str | bytes) -> None:
        """Handle a message. Nothing more is read meanwhile."""

    @abstractmethod
    def on_close(self) -> None:
        """Handle the end, whatever it was."""

    @property
    def is_behind(self) -> bool:
        """Whether the browser has not read all that was sent to it."""
        return self._stream.writing()

    def send(self, message: str) -> None:
        """Send a text. What comes after the end is dropped."""
        text = message.encode()
        self._write(framing.header(framing.OP_TEXT, len(text)) + text)

    def close(self, code: int, why: str = "", within_s: float = CLOSING_S) -> None:
        """Begin the closing handshake, in which the browser has so long to answer."""
        if self._closing is None:
            self._write(framing.closing(code, why))
            self._closing = asyncio.get_running_loop().call_later(within_s, self._stream.close)

    async def _read(self) -> None:
        reader = FrameReader(self.lessons.bounds.message_bytes)
        try:
            while True:
                for message in reader.feed(await self._next_bytes()):
                    if not isinstance(message, Control):
                        if self._closing is None:
                            await self.on_message(message)
                    elif message.opcode == framing.OP_CLOSE:
                        self.close(framing.close_code(message.payload) or framing.NORMAL)
                        await self._sent()
                        return
                    else:
                        await self.lessons.pace.wait(self.who)
                        self._heard(message)
        except FrameError as error:
            self.close(error.code)
        # Closing with unread data would reset the connection, and the browser might never see why.
        await self._sent()
        if not isinstance(self._stream, SSLIOStream) and self._stream.socket is not None:
            with contextlib.suppress(OSError):  # the peer has reset the connection
                self._stream.socket.shutdown(socket.SHUT_WR)
        while True:
            await asyncio.sleep(DISCARDED_EVERY_S)
            await self._next_bytes()

    async def _next_bytes(self) -> bytes:
        await asyncio.sleep(0)  # or a browser that sends without pause would have the loop for itself
        return await self._stream.read_bytes(READ_BYTES, partial=True)

    async def _sent(self) -> None:
        """Return when all that was written has left."""
        await self._stream.write(b"")

    def _heard(self, frame: Control) -> None:
        if frame.opcode == framing.OP_PONG:
            self._unanswered = False
        # Section 5.5.3: one "MAY elect to send a Pong frame for only the most recently processed Ping frame".
        elif not self.is_behind:
            self._write(framing.pong(frame.payload))

    def _ping_later(self) -> None:
        self._ping = asyncio.get_running_loop().call_later(self.lessons.bounds.ping_s, self._ping_now)

    def _ping_now(self) -> None:
        """Send a ping, unless the last one was not answered."""
        if self._unanswered:
            self.close(framing.POLICY_VIOLATION, "no pong")
            return
        self._unanswered = True
        self._write(framing.header(framing.OP_PING, 0))
        self._ping_later()

    def _write(self, frame: bytes) -> None:
        if self._closing is None and not self._stream.closed():
            self._stream.write(frame).add_done_callback(_seen)


def _seen(sending: "asyncio.Future[None]") -> None:
    """Consume the result of a write: one that failed with its connection is no bug."""
    if not sending.cancelled():
        sending.exception()
