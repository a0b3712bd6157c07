"""A clock that a test moves by hand, and peers that only write down what they are told."""

import heapq
import itertools
from collections.abc import Callable

from realtime.engineio.packet import Frames


class ManualTimer:
    """What `ManualClock.call_at` returns."""

    def __init__(self, when: float, callback: Callable[[], object]) -> None:
        self._when = when
        self.callback: Callable[[], object] | None = callback

    def cancel(self) -> None:
        self.callback = None

    def when(self) -> float:
        return self._when


class ManualClock:
    """A `realtime.clock.Clock` in which nothing happens by itself."""

    def __init__(self) -> None:
        self._now = 0.0
        self._slept = 0.0
        self._timers: list[tuple[float, int, ManualTimer]] = []
        self._count = itertools.count()

    def time(self) -> float:
        return self._now

    def elapsed(self) -> float:
        return self._now + self._slept

    def call_at(self, when: float, callback: Callable[[], object], /) -> ManualTimer:
        timer = ManualTimer(when, callback)
        heapq.heappush(self._timers, (when, next(self._count), timer))
        return timer

    def call_soon(self, callback: Callable[[], object], /) -> ManualTimer:
        return self.call_at(self._now, callback)

    @property
    def armed(self) -> int:
        """How many timers are set."""
        return sum(timer.callback is not None for _, _, timer in self._timers)

    def turn(self) -> None:
        """Let happen what is due now."""
        self.advance(0.0)

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass; what is due happens at its own time."""
        end = self._now + seconds
        while self._timers and self._timers[0][0] <= end:
            when, _, timer = heapq.heappop(self._timers)
            self._now = max(self._now, when)
            if timer.callback is not None:
                timer.callback()
        self._now = end

    def sleep(self, seconds: float) -> None:
        """Let the machine sleep, as Linux counts it: no timer notices."""
        self._slept += seconds

    def stall(self, seconds: float) -> None:
        """Let `seconds` pass in which nothing can happen; what was due happens after them."""
        self._now += seconds
        self.turn()


class RecordingWebSocket:
    """A `realtime.engineio.session.WebSocket` that keeps what it is given."""

    def __init__(self) -> None:
        self.wire = b""
        self._closed = False

    def send(self, frames: Frames) -> None:
        assert not self._closed
        self.wire += frames.wire

    def close(self) -> None:
        self._closed = True

    def closed(self) -> bool:
        return self._closed

    def take(self) -> list[str]:
        """Return the packets since the last time; binary ones as polling has them."""
        taken, self.wire = packets(Frames(self.wire).payload), b""
        return taken


class RecordingPoll:
    """A GET that waits."""

    def __init__(self) -> None:
        self.payload: bytes | None = None

    def answer(self, payload: bytes) -> None:
        assert self.payload is None
        self.payload = payload

    @property
    def packets(self) -> list[str] | None:
        """What it was answered with, None while it waits."""
        return None if self.payload is None else packets(self.payload)


class RecordingLink:
    """A `realtime.fanout.Link` that keeps what it is given, one entry a send."""

    def __init__(self) -> None:
        self.sends: list[list[str]] = []
        self.reason: str | None = None

    def send(self, frames: Frames) -> None:
        self.sends.append(packets(frames.payload))

    def close(self, reason: str) -> None:
        self.reason = reason

    def take(self) -> list[str]:
        """Return the packets since the last time."""
        taken, self.sends = [packet for send in self.sends for packet in send], []
        return taken


def packets(payload: bytes) -> list[str]:
    """Part a poll's answer."""
    return payload.decode().split("\x1e") if payload else []
