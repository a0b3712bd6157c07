"""Turns at what only one can use at a time, fair between addresses, however many wait behind one of them."""

import asyncio
import contextlib
import itertools
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from typing import Final

from realtime.errors import TooFast

WAITING_AT_ADDRESS: Final = 50
"""How many may wait at one address: a class."""
WAITING: Final = 200
"""How many may wait in all. At a fifth of a second each, the last one waits for 40 s."""
RETRY_S: Final = 1.0

_Line = OrderedDict[str, deque[asyncio.Future[None]]]
"""Who waits, by address; the address whose turn it is is the first."""


class Turns:
    """One at a time. Addresses take turns; at one address it is first come, first served.

    Who waits for an `early` turn comes before everybody who does not. Beyond `at_address` or `in_all` waiting, TooFast
    is raised.
    """

    def __init__(self, at_address: float = WAITING_AT_ADDRESS, in_all: float = WAITING) -> None:
        self._at_address = at_address
        self._in_all = in_all
        self._lines: tuple[_Line, _Line] = OrderedDict(), OrderedDict()
        self._waiting = 0
        self._taken = False

    @contextlib.asynccontextmanager
    async def turn(self, address: str, *, early: bool = True) -> AsyncIterator[None]:
        """Wait for a turn, and have it inside the block. Raises TooFast."""
        if self._taken:
            await self._wait(address, self._lines[0 if early else 1])
        self._taken = True
        try:
            yield
        finally:
            self._next()

    def close(self) -> None:
        """Cancel everybody who waits."""
        for line in self._lines:
            for begun in itertools.chain.from_iterable(line.values()):
                begun.cancel()
            line.clear()

    async def _wait(self, address: str, line: _Line) -> None:
        here = sum(len(one.get(address, ())) for one in self._lines)
        if here >= self._at_address or self._waiting >= self._in_all:
            raise TooFast(retry_after=RETRY_S)
        begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.setdefault(address, deque()).append(begun)
        self._waiting += 1
        try:
            await begun
        except asyncio.CancelledError:
            if begun.done() and not begun.cancelled():
                self._next()  # it was our turn
            raise
        finally:
            self._waiting -= 1

    def _next(self) -> None:
        """Give the turn to the next who waits."""
        for line in self._lines:
            while line:
                address, waiting = line.popitem(last=False)
                begun = waiting.popleft()
                if waiting:
                    line[address] = waiting  # behind all others
                if not begun.done():
                    begun.set_result(None)
                    return
        self._taken = False
