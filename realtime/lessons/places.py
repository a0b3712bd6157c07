"""Limits for the lessons' connections. Pure."""

from collections import Counter
from typing import Final, TypeVar

from realtime.address import network_of
from realtime.chat.shares import has_share
from realtime.errors import TooManyLessons

K = TypeVar("K", int, str)


RETRY_S: Final = 5.0


class Places:
    """Counts connections: at most `limit` in total, an address's share of them per address, and some per visitor.

    A client without cookies is a new visitor each time: only its address's share stops it from taking all of them. See
    `realtime.chat.shares`, also for `people`.
    """

    def __init__(self, limit: int, visitor_limit: int, people: float) -> None:
        self._limit = limit
        self._people = people
        self._visitor_limit = visitor_limit
        self._taken = 0
        self._by_visitor: Counter[int] = Counter()
        self._by_address: Counter[str] = Counter()

    def check(self, visitor: int, address: str) -> None:
        """Raise TooManyLessons if a limit is reached."""
        if (
            self._taken >= self._limit
            or not has_share(self._by_address[network_of(address)], self._limit - self._taken, self._people)
            or self._by_visitor[visitor] >= self._visitor_limit
        ):
            raise TooManyLessons(retry_after=RETRY_S)

    def take(self, visitor: int, address: str) -> None:
        """Take a place. Raises TooManyLessons."""
        self.check(visitor, address)
        self._taken += 1
        self._by_visitor[visitor] += 1
        self._by_address[network_of(address)] += 1

    def free(self, visitor: int, address: str) -> None:
        """Give a place back."""
        self._taken -= 1
        _less(self._by_visitor, visitor)
        _less(self._by_address, network_of(address))


def _less(counter: "Counter[K]", key: K) -> None:
    counter[key] -= 1
    if not counter[key]:
        del counter[key]
