"""Polling, and long polling."""

import asyncio

import msgspec

from handlers.lessons.base import LessonHandler
from realtime.errors import BadRequest

JSON = "application/json; charset=utf-8"


class PollHandler(LessonHandler):
    """GET /lessons/poll."""

    _over: "asyncio.Future[None] | None" = None

    async def get(self) -> None:
        """Answer with what happened since `after`: at once, or with `wait=1` as soon as there is something."""
        wait = self.get_query_argument("wait", "0")
        if wait not in ("0", "1"):
            raise BadRequest
        lesson = self.lessons.board.tallies["long_polling" if wait == "1" else "polling"]
        news = self._news(wait == "1")
        if wait == "1" and not news:
            last = self.lessons.beats.last(self.every_ms)
            await self._next_event()
            news = self.lessons.beats.since(last, self.every_ms)
        else:
            lesson.requests += 1
        lesson.sent += len(news)
        self._answer(news)

    def _news(self, wait: bool) -> range:
        """Return the numbers of the events to tell now."""
        beats, after = self.lessons.beats, self.number("after")
        last = beats.last(self.every_ms)
        if after is not None and 0 <= after <= last:
            return beats.since(after, self.every_ms)
        return range(0) if wait else beats.since(max(0, last - 1), self.every_ms)

    async def _next_event(self) -> None:
        """Hold the request until the next event, or until the browser goes or the server stops."""
        if self.stream.closed():
            return
        self._over = asyncio.get_running_loop().create_future()
        visit = self.lessons.open("long_polling", self.guest, end=self._release)
        stop_listening = self.lessons.beats.listen(self.every_ms, self._release)
        try:
            await self._over
        finally:
            stop_listening()
            self.lessons.close(visit)

    def _release(self) -> None:
        if self._over is not None and not self._over.done():
            self._over.set_result(None)

    def on_connection_close(self) -> None:
        """Take note that the browser is gone."""
        super().on_connection_close()
        self._release()

    def _answer(self, numbers: range) -> None:
        beats = self.lessons.beats
        self.set_header("Content-Type", JSON)
        events = [msgspec.Raw(beats.event(number, self.every_ms, self.least_bytes)) for number in numbers]
        last = numbers[-1] if numbers else beats.last(self.every_ms)
        body, told = b"", -1
        while told != len(body):  # the body tells the head's size, the head tells the body's
            told = len(body)
            heads = self.heads({"Content-Length": str(told)})
            body = msgspec.json.encode({"events": events, "last": last, "headers": heads})
        self.finish(body)

    def compute_etag(self) -> None:
        """Return none: no two answers are the same."""
