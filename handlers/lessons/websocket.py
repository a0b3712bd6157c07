"""A bare WebSocket."""

import asyncio
import contextlib
import http
from collections.abc import Callable

import msgspec
import tornado.web
from tornado.httputil import HTTPServerRequest
from tornado.websocket import WebSocketClosedError, WebSocketHandler, WebSocketProtocol13

from handlers.lessons.base import LessonHandler
from realtime.engineio.framing import GOING_AWAY, TOO_BIG, TRY_AGAIN_LATER
from realtime.errors import BadRequest, TooManyLessons
from realtime.lessons.beats import TEXT
from realtime.lessons.service import Visit

FAREWELL_S = 0.5
"""How long a browser has to answer the close frame of a stopping server."""
CUT_BYTES = 1024 * 1024
"""A message over the limit is read and refused up to this size; beyond it, the connection is closed."""


def asks_for_websocket(request: HTTPServerRequest) -> bool:
    return request.headers.get("Upgrade", "").lower() == "websocket"


class LessonWebSocket(LessonHandler, WebSocketHandler):
    """GET / and /ws, as a WebSocket."""

    lesson = "websocket"
    max_message_size = CUT_BYTES

    _visit: Visit | None = None
    _stop_sending: Callable[[], object] = staticmethod(lambda: None)
    _last = 0

    async def prepare(self) -> None:
        """Refuse a HEAD, which would be answered like a GET, and requests without an upgrade."""
        if self.request.method == "HEAD":
            raise tornado.web.HTTPError(http.HTTPStatus.METHOD_NOT_ALLOWED)
        await super().prepare()
        if not asks_for_websocket(self.request):
            raise BadRequest

    @property
    def ping_interval(self) -> float:
        """The ping interval; the pong must arrive before the next ping."""
        return self.lessons.bounds.ping_s

    def open(self) -> None:
        """Start sending."""
        assert isinstance(self.ws_connection, WebSocketProtocol13)
        assert self.ws_connection.stream is not None
        self._stream = self.ws_connection.stream
        self.set_nodelay(True)
        try:
            self._visit = self.lessons.open("websocket", self.guest, end=self._end)
        except TooManyLessons as error:
            self.close(TRY_AGAIN_LATER, error.code)
            return
        if self.sized:
            self._say(msgspec.json.encode({"headers": self.heads()}).decode())
            self._last = self.lessons.beats.last(self.every_ms)
            self._stop_sending = self.lessons.beats.listen(self.every_ms, self._tell)
        else:
            self._greet_later()

    async def on_message(self, message: str | bytes) -> None:
        """Log the browser's message."""
        if self._visit is None:
            return  # the browser has not yet seen that it was refused
        size_bytes = len(message) if isinstance(message, bytes) else len(message.encode())
        if size_bytes > self.lessons.bounds.message_bytes:
            self.close(TOO_BIG, "message too big")
            return
        await self.lessons.pace.wait(self.who)
        self.lessons.board.received("websocket", self.guest, message)

    def on_close(self) -> None:
        """Stop sending."""
        self._stop_sending()
        if self._visit is not None:
            self.lessons.close(self._visit)

    def on_connection_close(self) -> None:
        """Handle the end of the connection, even before the handshake."""
        tornado.web.RequestHandler.on_connection_close(self)  # as BaseHandler needs it; the next would not call it
        super().on_connection_close()

    def _greet_later(self) -> None:
        timer = asyncio.get_running_loop().call_later(self.every_ms / 1000, self._greet)
        self._stop_sending = timer.cancel

    def _greet(self) -> None:
        """Send the course's text; a browser that does not read misses it."""
        if not self._stream.writing():
            self._say(TEXT)
        self._greet_later()

    def _tell(self) -> None:
        """Send the events since the last one sent. A slow browser gets them when it reads again."""
        if self._stream.writing():
            return
        beats = self.lessons.beats
        for number in beats.since(self._last, self.every_ms):
            self._say(beats.event(number, self.every_ms, self.least_bytes).decode())
            self._last = number

    def _say(self, message: str) -> None:
        with contextlib.suppress(WebSocketClosedError):
            self.write_message(message).add_done_callback(_seen)
            self.lessons.board.tallies["websocket"].sent += 1

    def _end(self) -> None:
        self._stop_sending()
        self.close(GOING_AWAY)
        asyncio.get_running_loop().call_later(FAREWELL_S, self._stream.close)


def _seen(sending: "asyncio.Future[None]") -> None:
    """Consume the result of a send: one that failed with its connection is no bug."""
    if not sending.cancelled():
        sending.exception()
