"""Limits for the lessons' connections. Pure."""

from collections import Counter
from typing import TypeVar

from realtime.errors import TooManyLessons

K = TypeVar("K", int, str)


ADDRESS_FLOOR = 200


class Places:
    """Counts connections: at most `limit` in total, half of that but at least 200 per address, and some per visitor.

    A client without cookies is a new visitor each time: only the address limit stops it from taking all of them.
    """

    def __init__(self, limit: int, visitor_limit: int) -> None:
        self._limit = limit
        self._address_limit = max(ADDRESS_FLOOR, limit // 2)
        self._visitor_limit = visitor_limit
        self._taken = 0
        self._by_visitor: Counter[int] = Counter()
        self._by_address: Counter[str] = Counter()

    def check(self, visitor: int, address: str) -> None:
        """Raise TooManyLessons if a limit is reached."""
        if (
            self._taken >= self._limit
            or self._by_address[address] >= self._address_limit
            or self._by_visitor[visitor] >= self._visitor_limit
        ):
            raise TooManyLessons

    def take(self, visitor: int, address: str) -> None:
        """Take a place. Raises TooManyLessons."""
        self.check(visitor, address)
        self._taken += 1
        self._by_visitor[visitor] += 1
        self._by_address[address] += 1

    def free(self, visitor: int, address: str) -> None:
        """Give a place back."""
        self._taken -= 1
        _less(self._by_visitor, visitor)
        _less(self._by_address, address)


def _less(counter: "Counter[K]", key: K) -> None:
    counter[key] -= 1
    if not counter[key]:
        del counter[key]
