"""Clocks for the real-time core. The running event loop provides one; tests pass their own."""

import asyncio
import time
from collections.abc import Callable
from typing import Final, Protocol

EARLY_S: Final = 1e-3
"""How early a callback may run: a loop runs what is due within its clock's resolution, and uvloop's clock counts
milliseconds. Code that did not treat it as due would reschedule it again and again."""


class Timer(Protocol):
    """A scheduled call that can be cancelled."""

    def cancel(self) -> None: ...

    def when(self) -> float: ...


class Clock(Protocol):
    """A monotonic clock with timers. Times and delays are in seconds."""

    def time(self) -> float: ...

    def elapsed(self) -> float:
        """Return the time including machine suspend, which `time` may exclude and timers do not notice."""

    def call_at(self, when: float, callback: Callable[[], object], /) -> Timer: ...

    def call_soon(self, callback: Callable[[], object], /) -> object: ...


class LoopClock:
    """The running event loop's clock, looked up at each call, so that it can be created before the loop."""

    __slots__ = ()

    def time(self) -> float:
        return asyncio.get_running_loop().time()

    def elapsed(self) -> float:
        return elapsed_s()

    def call_at(self, when: float, callback: Callable[[], object], /) -> Timer:
        return _LoopTimer(asyncio.get_running_loop().call_at(when, callback), when)

    def call_soon(self, callback: Callable[[], object], /) -> object:
        return asyncio.get_running_loop().call_soon(callback)


class _LoopTimer:
    """A loop's handle with its exact time: uvloop rounds it to milliseconds, and has none for immediate calls."""

    __slots__ = ("_handle", "_when")

    def __init__(self, handle: asyncio.Handle, when: float) -> None:
        self._handle = handle
        self._when = when

    def cancel(self) -> None:
        self._handle.cancel()

    def when(self) -> float:
        return self._when


class ElapsedTimer:
    """Calls back once `elapsed` reaches a moment, or shortly after the machine wakes from suspend.

    Timers do not notice suspend, so the clock is looked at every now and then.
    """

    LOOK_EVERY_S: Final = 30.0

    __slots__ = ("_callback", "_clock", "_timer", "_when")

    def __init__(self, clock: Clock, when: float, callback: Callable[[], object]) -> None:
        self._clock = clock
        self._when = when
        self._callback = callback
        self._timer = self._next()

    def cancel(self) -> None:
        """Call nobody."""
        self._timer.cancel()

    def _next(self) -> Timer:
        left_s = max(0.0, self._when - self._clock.elapsed())
        return self._clock.call_at(self._clock.time() + min(left_s, self.LOOK_EVERY_S), self._look)

    def _look(self) -> None:
        if self._clock.elapsed() >= self._when - EARLY_S:
            self._callback()
        else:
            self._timer = self._next()


class Calendar:
    """The wall clock, and whether it can be trusted: it may be set at any moment, by years in either direction.

    A machine without a clock battery starts somewhere in the past, and is corrected once it has a network.
    """

    SET_BY_S: Final = 3600.0
    """The deviation from elapsed time that shows that the clock was set. Gradual corrections are far smaller."""

    def __init__(self) -> None:
        self._seen = time.time(), elapsed_s()
        self._set_at: float | None = None

    def now_ms(self) -> int:
        """Return milliseconds since the epoch."""
        return int(self._look()[0] * 1000)

    def steady_for(self, seconds: float) -> bool:
        """Return whether it was not set in the last `seconds`; before this program started, that is unknown."""
        _, now = self._look()
        return self._set_at is None or now - self._set_at >= seconds

    def _look(self) -> tuple[float, float]:
        (wall, elapsed), self._seen = self._seen, (time.time(), elapsed_s())
        if abs((self._seen[0] - wall) - (self._seen[1] - elapsed)) > self.SET_BY_S:
            self._set_at = self._seen[1]
        return self._seen


def elapsed_s() -> float:
    """Return the seconds since some moment, including machine suspend."""
    # On Linux CLOCK_MONOTONIC excludes suspend, on macOS time.monotonic() does; Windows has neither name.
    number = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))
    return time.monotonic() if number is None else time.clock_gettime(number)
