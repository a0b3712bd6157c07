"""A clock that a test advances by hand, and peers that record what they are sent."""

import heapq
import itertools
from collections.abc import Callable

from realtime.engineio.buffers import Account, Buffers
from realtime.engineio.framing import NORMAL
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
    """A `realtime.clock.Clock` that moves only when told to."""

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
        """The number of pending timers."""
        return sum(timer.callback is not None for _, _, timer in self._timers)

    def turn(self) -> None:
        """Run what is due now."""
        self.advance(0.0)

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass, and run each timer at its time."""
        end = self._now + seconds
        while self._timers and self._timers[0][0] <= end:
            when, _, timer = heapq.heappop(self._timers)
            self._now = max(self._now, when)
            if timer.callback is not None:
                timer.callback()
        self._now = end

    def sleep(self, seconds: float) -> None:
        """Let the machine sleep, as Linux counts it: no timer advances."""
        self._slept += seconds

    def stall(self, seconds: float) -> None:
        """Let `seconds` pass while the process stands still; timers that came due run afterwards."""
        self._now += seconds
        self.turn()


class RecordingWebSocket:
    """A `realtime.engineio.session.WebSocket` that records what it is given."""

    def __init__(self) -> None:
        self.account = Account(Buffers(clock=ManualClock()), "10.0.0.7")
        self.wire = b""
        self.code: int | None = None
        self._closed = False

    def send(self, frames: Frames) -> None:
        assert not self._closed
        self.wire += frames.wire

    def close(self, code: int = NORMAL, why: str = "") -> None:
        self._closed, self.code = True, code

    def closed(self) -> bool:
        return self._closed

    def take(self) -> list[str]:
        """Return the packets since the last call, binary ones in the encoding of polling."""
        taken, self.wire = packets(Frames(self.wire).payload), b""
        return taken


class RecordingPoll:
    """A waiting poll."""

    def __init__(self) -> None:
        self.payload: bytes | None = None

    def answer(self, payload: bytes) -> None:
        assert self.payload is None
        self.payload = payload

    @property
    def packets(self) -> list[str] | None:
        """The packets it was answered with, or None while it waits."""
        return None if self.payload is None else packets(self.payload)


class RecordingLink:
    """A `realtime.fanout.Link` that records what it is given, one entry per send."""

    def __init__(self) -> None:
        self.sends: list[list[str]] = []
        self.reason: str | None = None

    def send(self, frames: Frames) -> None:
        self.sends.append(packets(frames.payload))

    def close(self, reason: str) -> None:
        self.reason = reason

    def take(self) -> list[str]:
        """Return the packets since the last call."""
        taken, self.sends = [packet for send in self.sends for packet in send], []
        return taken


def packets(payload: bytes) -> list[str]:
    """Split the payload of a poll into packets."""
    return payload.decode().split("\x1e") if payload else []
