"""A session's heartbeat, which the server sends: a ping every `ping_interval_s`, with `ping_timeout_s` for the pong.

One timer serves both. A pong hardly ever resets it; when it fires, it checks what has happened.
"""

from collections.abc import Callable
from typing import Protocol

from realtime.clock import EARLY_S, Clock


class Times(Protocol):
    """The times of a heartbeat, in seconds."""

    @property
    def ping_interval_s(self) -> float: ...

    @property
    def ping_timeout_s(self) -> float: ...


class Heartbeat:
    """Begins with the session, and must be stopped with it."""

    __slots__ = ("_clock", "_due", "_heard_at", "_missing", "_ping", "_ping_at", "_timer", "_times")

    def __init__(self, clock: Clock, times: Times, ping: Callable[[], None], missing: Callable[[], None]) -> None:
        """`ping` sends one; `missing` is called when no pong came in time."""
        self._clock = clock
        self._times = times
        self._ping = ping
        self._missing = missing
        self._heard_at = clock.elapsed()  # the last time the peer is known to have received something
        self._ping_at: float | None = None  # when the unanswered ping was sent
        self._due = clock.time() + times.ping_interval_s
        self._timer = clock.call_at(self._due, self._beat)

    def pong(self) -> None:
        """Handle a pong; one that nobody asked for is ignored."""
        if self._ping_at is not None:
            self._heard_at = self._clock.elapsed()
            self._due = max(self._ping_at + self._times.ping_interval_s, self._clock.time())
            self._ping_at = None
            if self._due < self._timer.when():
                self._timer.cancel()
                self._timer = self._clock.call_at(self._due, self._beat)

    def ask_no_more(self) -> None:
        """Send no further ping: the next one due is missing."""
        self._ping_at = self._clock.time()

    def stop(self) -> None:
        """End it, and forget whose it is, so that the session is freed at once."""
        self._timer.cancel()
        self._ping = self._missing = _nothing

    @property
    def peer_gave_up(self) -> bool:
        """Whether the peer must consider the connection lost.

        A client does that when it receives no ping for `ping_interval_s + ping_timeout_s`. Our own timers may have
        missed it, if this process or the machine was suspended.
        """
        silent_s = self._clock.elapsed() - self._heard_at
        return silent_s > self._times.ping_interval_s + self._times.ping_timeout_s / 2

    def _beat(self) -> None:
        if self._ping_at is not None:
            self._missing()
            return
        now = self._clock.time()
        if self._due <= now + EARLY_S:
            # Measured from when the ping was due, or timer delays would add up; but if the whole process was late, the
            # peer still gets half its time.
            self._ping_at = max(self._due, now - self._times.ping_timeout_s / 2)
            self._due = self._ping_at + self._times.ping_timeout_s
            self._ping()
        self._timer = self._clock.call_at(self._due, self._beat)


def _nothing() -> None:
    """The heartbeat has ended."""
