"""Answers that are made once for many readers, and seldom enough."""

import asyncio
import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

SHARE: Final = 0.1
"""How much of the event loop's time the making may take. After one that took 10 ms, the next begins 90 ms later."""


class Made(Generic[K, V]):
    """Answers of several kinds, which `make` makes of a state that has a `version`.

    Nobody gets an answer that is older than their asking. When the state changes all the time, who asks may have to
    wait for the next making, together with all others who want this kind.
    """

    def __init__(self, make: Callable[[K], V], version: Callable[[], object]) -> None:
        self._make = make
        self._version = version
        self._known: dict[K, V] = {}
        self._known_of: object = None  # their version
        self._asked: dict[K, asyncio.Future[V]] = {}  # in the order of asking
        self._rests_until = 0.0

    async def get(self, kind: K) -> V:
        """Return the answer of this kind. Raises what `make` raises."""
        if self._known_of == self._version() and kind in self._known:
            return self._known[kind]
        loop = asyncio.get_running_loop()
        if not self._asked and loop.time() >= self._rests_until:
            return self._made(kind)
        if not self._asked:
            loop.call_at(self._rests_until, self._make_next)
        if kind not in self._asked:
            self._asked[kind] = loop.create_future()
        return await asyncio.shield(self._asked[kind])

    def _make_next(self) -> None:
        kind, asked = next(iter(self._asked.items()))
        del self._asked[kind]
        try:
            asked.set_result(self._made(kind))
        except Exception as error:  # a bug, which each of those who wait reports
            asked.set_exception(error)
        if self._asked:
            asyncio.get_running_loop().call_at(self._rests_until, self._make_next)

    def _made(self, kind: K) -> V:
        version = self._version()
        if self._known_of != version:
            self._known.clear()
            self._known_of = version
        began = time.perf_counter()
        try:
            self._known[kind] = self._make(kind)
        finally:
            rest_s = (time.perf_counter() - began) * (1 / SHARE - 1)
            self._rests_until = asyncio.get_running_loop().time() + rest_s
        return self._known[kind]
