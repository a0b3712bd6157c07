"""Polling, and long polling."""

import asyncio

import msgspec

from handlers.lessons.base import LessonHandler
from realtime.errors import BadRequest
from realtime.lessons.board import Lesson

JSON = "application/json; charset=utf-8"


class PollHandler(LessonHandler):
    """GET /lessons/poll."""

    _over: "asyncio.Future[None] | None" = None

    async def get(self) -> None:
        """Answer with the events since `after`: at once, or in long polling as soon as there is one."""
        numbers = self._since(self.number("after"))
        if self.lesson == "long_polling" and not numbers:
            numbers = await self._next_event()
        self._answer(numbers)

    def _since(self, after: int | None) -> range:
        """Return the numbers of the events to send now."""
        beats = self.lessons.beats
        last = beats.last(self.every_ms)
        if after is None or not 0 <= after <= last:
            after = last if self.lesson == "long_polling" else max(0, last - 1)
        return beats.since(after, self.every_ms)

    async def _next_event(self) -> range:
        """Hold the request until the next event, or until the browser disconnects or the server stops."""
        beats = self.lessons.beats
        last = beats.last(self.every_ms)
        if not self.stream.closed():
            self._over = asyncio.get_running_loop().create_future()
            visit = self.lessons.open("long_polling", self.guest, end=self._release)
            stop_listening = beats.listen(self.every_ms, self._release)
            try:
                await self._over
            finally:
                stop_listening()
                self.lessons.close(visit)
        return beats.since(last, self.every_ms)

    @property
    def lesson(self) -> Lesson:
        """Long polling with `wait=1`. Raises BadRequest."""
        wait = self.get_query_argument("wait", "0")
        if wait not in ("0", "1"):
            raise BadRequest
        return "long_polling" if wait == "1" else "polling"

    def _release(self) -> None:
        if self._over is not None and not self._over.done():
            self._over.set_result(None)

    def on_connection_close(self) -> None:
        """Handle the end of the connection."""
        super().on_connection_close()
        self._release()

    def _answer(self, numbers: range) -> None:
        beats = self.lessons.beats
        self.set_header("Content-Type", JSON)
        events = [msgspec.Raw(beats.event(number, self.every_ms, self.least_bytes)) for number in numbers]
        last = numbers[-1] if numbers else beats.last(self.every_ms)
        self.lessons.board.tallies[self.lesson].sent += len(numbers)
        body, size = b"", -1
        while size != len(body):  # the body has the headers' size, the headers have the body's
            size = len(body)
            heads = self.heads({"Content-Length": str(size)})
            body = msgspec.json.encode({"events": events, "last": last, "headers": heads})
        self.finish(body)

    def compute_etag(self) -> None:
        """Return None: no two responses are the same."""
