"""A bare WebSocket."""

import asyncio
from collections.abc import Callable

import msgspec

from handlers.lessons.frames import WebSocketRequest
from realtime.engineio.framing import GOING_AWAY, TRY_AGAIN_LATER
from realtime.errors import TooManyLessons
from realtime.lessons.beats import TEXT
from realtime.lessons.service import Visit

FAREWELL_S = 0.5
"""How long a browser has to answer the close frame of a stopping server."""


class LessonWebSocket(WebSocketRequest):
    """GET / and /ws, as a WebSocket."""

    lesson = "websocket"

    _visit: Visit | None = None
    _stop_sending: Callable[[], object] = staticmethod(lambda: None)
    _last = 0

    def open(self) -> None:
        """Start sending."""
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
        await self.lessons.pace.wait(self.who)
        self.lessons.board.received("websocket", self.guest, message)

    def on_close(self) -> None:
        """Stop sending."""
        self._stop_sending()
        if self._visit is not None:
            self.lessons.close(self._visit)

    def _greet_later(self) -> None:
        timer = asyncio.get_running_loop().call_later(self.every_ms / 1000, self._greet)
        self._stop_sending = timer.cancel

    def _greet(self) -> None:
        """Send the course's text; a browser that does not read misses it."""
        if not self.is_behind:
            self._say(TEXT)
        self._greet_later()

    def _tell(self) -> None:
        """Send the events since the last one sent. A slow browser gets them when it reads again."""
        if self.is_behind:
            return
        beats = self.lessons.beats
        for number in beats.since(self._last, self.every_ms):
            self._say(beats.event(number, self.every_ms, self.least_bytes).decode())
            self._last = number

    def _say(self, message: str) -> None:
        self.send(message)
        self.lessons.board.tallies["websocket"].sent += 1

    def _end(self) -> None:
        self._stop_sending()
        self.close(GOING_AWAY, within_s=FAREWELL_S)
