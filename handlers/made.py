"""Answers that are made once for many readers, and seldom enough."""

import asyncio
import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

KEPT_S: Final = 10.0

SHARE: Final = 0.1
"""How much of the event loop's time the making may take. After one that took 10 ms, the next begins 90 ms later."""


class Brief(Generic[K, V]):
    """What is kept for at most `KEPT_S` seconds after the first of it, so that deleted text is gone: at most `most`."""

    def __init__(self, most: int, clock: Callable[[], float]) -> None:
        self._most = most
        self._clock = clock
        self._kept: dict[K, V] = {}
        self._since = clock()

    def get(self, key: K) -> V | None:
        """Return what is kept under this key."""
        self._forget()
        return self._kept.get(key)

    def keep(self, key: K, value: V) -> V:
        """Keep a value, and return it."""
        self._forget()
        self._kept[key] = value
        return value

    def _forget(self) -> None:
        now = self._clock()
        if now - self._since > KEPT_S or len(self._kept) >= self._most:
            self._kept.clear()
            self._since = now


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
