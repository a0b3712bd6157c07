"""Limits for the lessons' connections. Pure."""

from collections import Counter
from typing import TypeVar

from realtime.errors import TooManyLessons

K = TypeVar("K", int, str)


ADDRESS_FLOOR = 200


class Places:
    """Counts connections: at most `most` in total, half of that but at least 200 per address, and some per visitor.

    A client without cookies is a new visitor each time: only the address limit stops it from taking all of them.
    """

    def __init__(self, most: int, most_of_visitor: int) -> None:
        self._most = most
        self._most_of_address = max(ADDRESS_FLOOR, most // 2)
        self._most_of_visitor = most_of_visitor
        self._taken = 0
        self._by_visitor: Counter[int] = Counter()
        self._by_address: Counter[str] = Counter()

    def check(self, visitor: int, address: str) -> None:
        """Raise TooManyLessons if a limit is reached."""
        if (
            self._taken >= self._most
            or self._by_address[address] >= self._most_of_address
            or self._by_visitor[visitor] >= self._most_of_visitor
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
