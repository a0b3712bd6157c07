"""Tells the desks what is held, each no faster than it can read.

Pupils can have thousands of long messages waiting. A desk that was told all of them at once would have more queued than
a connection may, and be closed, again and again.
"""

from collections import deque
from typing import Final

from realtime.chat.desk.held import HeldMessages
from realtime.chat.desk.waiting import Flag
from realtime.chat.rates import Allowance
from realtime.clock import Clock, Timer
from realtime.hub import Socket

ALLOWANCE: Final = Allowance(burst=200_000, per_s=100_000)
"""About how many bytes the flags of one desk may take."""


class _Told:
    """A desk, and what it has yet to be told."""

    __slots__ = ("full_at", "timer", "waiting")

    def __init__(self, waiting: list[str]) -> None:
        self.waiting = deque(waiting)  # ids
        self.full_at = 0.0  # the allowance
        self.timer: Timer | None = None


class Flags:
    """What the open desks are told of held messages."""

    def __init__(self, held: HeldMessages, clock: Clock) -> None:
        self._held = held
        self._clock = clock
        self._desks: dict[Socket, _Told] = {}

    def open(self, socket: Socket) -> None:
        """Tell a new desk what waits already, the oldest first, and from now on what is held."""
        self._desks[socket] = _Told(self._held.ids())
        self._tell(socket)

    def close(self, socket: Socket) -> None:
        """Tell a desk no more."""
        told = self._desks.pop(socket, None)
        if told is not None and told.timer is not None:
            told.timer.cancel()

    def add(self, held_id: str) -> None:
        """Tell all desks of something that is held."""
        for socket, told in list(self._desks.items()):
            told.waiting.append(held_id)
            if told.timer is None:
                self._tell(socket)

    def _tell(self, socket: Socket) -> None:
        told = self._desks[socket]
        told.timer = None
        while told.waiting:
            now = self._clock.time()
            wait_s = ALLOWANCE.wait_s(told.full_at, now)
            if wait_s:
                told.timer = self._clock.call_at(now + wait_s, lambda: self._tell(socket))
                return
            flag = self._held.flag(told.waiting.popleft())
            if flag is not None:  # it is not decided yet
                told.full_at = ALLOWANCE.drawn(told.full_at, now, _size_of(flag))
                socket.emit("flag", flag)


def _size_of(flag: Flag) -> int:
    return 400 + 3 * len(flag.chat or "")
