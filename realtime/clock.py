"""Time, as the real-time core sees it. The running loop's is one; tests pass their own."""

import asyncio
import time
from collections.abc import Callable
from typing import Final, Protocol

EARLY_S: Final = 1e-3
"""How much before its time a callback may come: a loop calls what is due within its clock's resolution, and uvloop's
clock counts in milliseconds. Who does not take it for due would ask again and again until it is."""


class Timer(Protocol):
    """Something that will happen, unless cancelled."""

    def cancel(self) -> None: ...

    def when(self) -> float: ...


class Clock(Protocol):
    """A monotonic clock and what can be asked of it. Times and delays are seconds."""

    def time(self) -> float: ...

    def elapsed(self) -> float:
        """Return the time with that in which the machine slept, which `time` may leave out and no timer notices."""

    def call_at(self, when: float, callback: Callable[[], object], /) -> Timer: ...

    def call_soon(self, callback: Callable[[], object], /) -> object: ...


class LoopClock:
    """The event loop that runs when it is asked, so that one can be made before there is a loop."""

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
    """A loop's handle, with its time: uvloop's knows it to the millisecond, and not at all when it is due at once."""

    __slots__ = ("_handle", "_when")

    def __init__(self, handle: asyncio.Handle, when: float) -> None:
        self._handle = handle
        self._when = when

    def cancel(self) -> None:
        self._handle.cancel()

    def when(self) -> float:
        return self._when


class Calendar:
    """The wall clock, and whether it can be believed: somebody may set it, by years and either way, at any moment.

    A machine without a battery for its clock starts somewhere in the past, and is put right when it has a network.
    """

    SET_BY_S: Final = 3600.0
    """How far the clock goes from the time that has passed when it was set. It is trimmed by far less."""

    def __init__(self) -> None:
        self._seen = time.time(), elapsed_s()
        self._set_at: float | None = None

    def now_ms(self) -> int:
        """Return milliseconds since the epoch."""
        return int(self._look()[0] * 1000)

    def steady_for(self, seconds: float) -> bool:
        """Return whether it was not set in the last `seconds`, as far as is known: since the start."""
        _, now = self._look()
        return self._set_at is None or now - self._set_at >= seconds

    def _look(self) -> tuple[float, float]:
        (wall, elapsed), self._seen = self._seen, (time.time(), elapsed_s())
        if abs((self._seen[0] - wall) - (self._seen[1] - elapsed)) > self.SET_BY_S:
            self._set_at = self._seen[1]
        return self._seen


def elapsed_s() -> float:
    """Return the seconds since some moment, those in which the machine slept among them."""
    # On Linux CLOCK_MONOTONIC leaves the sleep out, on macOS time.monotonic(); Windows has neither of the two names.
    number = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))
    return time.monotonic() if number is None else time.clock_gettime(number)
