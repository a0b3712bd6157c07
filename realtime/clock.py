"""Time, as the real-time core sees it. The running loop's is one; tests pass their own."""

import asyncio
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

    def call_at(self, when: float, callback: Callable[[], object], /) -> Timer: ...

    def call_soon(self, callback: Callable[[], object], /) -> object: ...


class LoopClock:
    """The event loop that runs when it is asked, so that one can be made before there is a loop."""

    __slots__ = ()

    def time(self) -> float:
        return asyncio.get_running_loop().time()

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
