"""Server-sent events."""

import asyncio
import re
import socket

import msgspec

from handlers.lessons.base import LessonHandler

RETRY_MS = 3000
LOST_MS = 45_000
"""How long sent data may stay unacknowledged before the browser counts as gone."""

LAST_EVENT_ID = re.compile(r"[0-9]{1,15}", re.ASCII)


class EventsHandler(LessonHandler):
    """GET /lessons/events."""

    lesson = "sse"
    _over: "asyncio.Future[None] | None" = None

    async def get(self) -> None:
        """Open the stream; it ends when the browser disconnects or the server stops."""
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("X-Accel-Buffering", "no")  # otherwise nginx buffers until a page is full
        if self.request.method == "HEAD" or self.stream.closed():
            return
        self._over = asyncio.get_running_loop().create_future()
        visit = self.lessons.open("sse", self.guest, end=self._end)
        stop_events = self.lessons.beats.listen(self.every_ms, self._tell)
        stop_heartbeat = self.lessons.beats.listen(self.lessons.bounds.heartbeat_ms, self._beat)
        try:
            self._begin()
            await self._over
        finally:
            stop_events()
            stop_heartbeat()
            self.lessons.close(visit)
        if self.stream.closed():
            # Do not finish the response: Tornado fails at that if something before it was never sent.
            self.application.log_request(self)
            self.detach()

    def _begin(self) -> None:
        give_up_on_lost_peers(self.stream.socket)
        self.write(f"retry: {RETRY_MS}\n: 실습\n\n")
        if self.sized:
            heads = msgspec.json.encode(self.heads({"Transfer-Encoding": "chunked"})).decode()
            self.write(f"event: headers\ndata: {heads}\n\n")
        last = self.lessons.beats.last(self.every_ms)
        known = self.request.headers.get("Last-Event-ID", "")
        known_id = int(known) if LAST_EVENT_ID.fullmatch(known) else last
        # A future number is from before a server restart: continue with the next event.
        self._later = max(0, known_id - last)
        self._last = known_id - self._later
        self._tell()

    def _tell(self) -> None:
        """Send the events since the last one sent. A slow browser gets them when it reads again."""
        if self._is_blocked:
            return
        beats = self.lessons.beats
        for number in beats.since(self._last, self.every_ms):
            event = beats.event(number, self.every_ms, self.least_bytes, self._later).decode()
            self.write(f"id: {number + self._later}\ndata: {event}\n\n")
            self._last = number
            self.lessons.board.tallies["sse"].sent += 1
        self.flush()

    def _beat(self) -> None:
        """Send a comment, so that proxies do not consider the connection dead."""
        if not self._is_blocked:
            self.write(": heartbeat\n\n")
            self.flush()

    @property
    def _is_blocked(self) -> bool:
        """Whether the browser does not read, temporarily or permanently."""
        return self.stream.closed() or self.stream.writing()

    def _end(self) -> None:
        if self._over is not None and not self._over.done():
            self._over.set_result(None)

    def on_connection_close(self) -> None:
        """Handle the end of the connection."""
        super().on_connection_close()
        self._end()


def give_up_on_lost_peers(connection: socket.socket | None) -> None:
    """Let the system close connections to unreachable peers earlier than after a quarter of an hour (RFC 5482)."""
    if connection is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, LOST_MS)
