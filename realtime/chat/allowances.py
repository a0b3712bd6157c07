"""How much one visitor may do in a time, and all visitors behind one address together.

A cookie costs nothing to throw away, so a limit on a visitor alone stops nobody. An address costs more. But a whole
class may be behind one: a router, a hotspot, a proxy. So an address may do as much as `people` visitors do in a class
(the option `--per-address`), which is far more than one visitor may, and more than a class ever does.

**The reserve.** A quarter of what an address may do at once is kept for the visitors who were known when the rush
began, that is, when its pool was last full. Newcomers cannot use it up, however many they are, so those who were here
before go on. Who did something is counted as they *arrive*, so one number says who was known when a rush began. An id
would not do: with it, cookies could be collected before a rush.

**Order.** A visitor's own limit is checked first. What it refuses does not count for the address, so one visitor who
sends too much takes nothing away from the others.

Pure: times are seconds of a monotonic clock, passed in. Idle visitors and addresses are forgotten.
"""

import itertools
import math
from collections import Counter
from typing import Final, NamedTuple

from realtime.address import network_of
from realtime.chat.rates import Allowance, RateLimiter, too_fast
from realtime.errors import TooFast

NEWCOMERS: Final = 0.75
"""The part of an address's pool that newcomers can use; the rest is the reserve."""
REMEMBERED: Final = 20_000
"""Visitors and addresses remembered, at most twice as many."""
CHARACTERS: Final = 400
"""For an address, a text counts as one message for each of these begun."""
CATCH_UP_TOKENS: Final = 0.1
"""A join that goes on with a catch-up, out of the limit of joins: who missed much needs many of them."""
MIB: Final = 1024 * 1024


class Terms(NamedTuple):
    """A kind of act: what a visitor may do, if that has a limit here, and an address for each of its people."""

    name: str
    visitor: Allowance | None
    person: Allowance


def all_terms(rate: float) -> tuple[Terms, ...]:
    """Return all kinds, where `rate` is a visitor's messages a second."""
    return (
        Terms("messages", Allowance(2 * rate, rate), Allowance(max(2 * rate, 1), rate / 5)),
        Terms("rooms", Allowance(10, 0.2), Allowance(2, 1 / 60)),
        Terms("newcomers", None, Allowance(5, 0.05)),  # who act for the first time, and so are stored
        Terms("joins", Allowance(40, 1), Allowance(5, 0.2)),
        Terms("owner", Allowance(40, 1), Allowance(2, 0.1)),  # what only a room's owner does
        Terms("names", Allowance(10, 0.1), Allowance(2, 0.05)),  # which visitors give themselves
        Terms("uploads", None, Allowance(4, 0.1)),  # of a visitor, each counts as a message
        Terms("upload_bytes", Allowance(128 * MIB, 2 * MIB), Allowance(2.5 * MIB, 6 * 1024)),
        Terms("guesses", None, Allowance(2, 0.02)),  # of a visitor: rates.GuessThrottle
        Terms("handshakes", Allowance(60, 2), Allowance(10, 1)),
        Terms("connects", Allowance(60, 2), Allowance(10, 1)),  # to a namespace
    )


class _Place:
    """What an address has used up, by kind."""

    __slots__ = ("address", "full_at", "known_to")

    def __init__(self, address: str, count: int) -> None:
        self.address = address
        self.full_at = [0.0] * count  # when the pool is full again
        self.known_to = [0] * count  # how many had arrived when it was last full


class Limit(RateLimiter):
    """One kind's limit: a RateLimiter of visitors, within the pool of the address at which each was last seen."""

    def __init__(self, terms: Terms, index: int, addresses: "Allowances") -> None:
        own = terms.visitor or Allowance(1, 1)
        super().__init__(own.per_s if addresses.on else 0, own.burst)
        self.name = terms.name
        self._bounds_visitors = terms.visitor is not None
        self._index = index
        self._addresses = addresses
        self._person = terms.person
        self.fit()

    def fit(self) -> None:
        """Make the pools of addresses as large as the people expected there need."""
        people = self._addresses.people
        self._pool = Allowance(self._person.burst * people, self._person.per_s * people)
        self._newcomers = self._pool._replace(burst=self._pool.burst * NEWCOMERS)

    def take(self, key: int, now: float, tokens: float = 1.0, *, pooled: float | None = None) -> None:
        """Take tokens of the visitor, and as many or `pooled` of their address. Raises TooFast."""
        if not self._rate:
            return
        addresses, full_at = self._addresses, 0.0
        if self._bounds_visitors:
            self._sweep(now)
            try:
                full_at = self._after(tokens, key, now)
            except TooFast:
                addresses.refusals[self.name, "visitor"] += 1
                raise
        if addresses.shared:
            place = addresses.places.get(key) or addresses.find(key)
            try:
                pool_full_at = self._drawn(place, key, now, tokens if pooled is None else pooled)
            except TooFast:
                addresses.refusals[self.name, "address"] += 1
                raise
            place.known_to[self._index] = self._known_to(place, now)
            place.full_at[self._index] = pool_full_at
        if self._bounds_visitors:
            self._full_at[key] = full_at

    def check(self, key: int, now: float) -> None:
        """Raise TooFast if the visitor or their address has nothing left."""
        if self._rate:
            if self._bounds_visitors:
                self._after(1.0, key, now)
            if self._addresses.shared:
                self._drawn(self._addresses.find(key), key, now, 1.0)

    def is_known(self, key: int, now: float) -> bool:
        """Return whether the visitor was known before the present rush at their address began."""
        return self._addresses.arrival(key) <= self._known_to(self._addresses.find(key), now)

    def _known_to(self, place: _Place, now: float) -> int:
        return self._addresses.arrived if place.full_at[self._index] <= now else place.known_to[self._index]

    def _drawn(self, place: _Place, key: int, now: float, tokens: float) -> float:
        """Return when the pool is full again after the tokens are taken out of it. Raises TooFast."""
        full_at = self._pool.drawn(place.full_at[self._index], now, min(tokens, self._newcomers.burst))
        wait_s = self._newcomers.wait_s(full_at, now)
        if wait_s and self._addresses.arrival(key) <= self._known_to(place, now):
            wait_s = self._pool.wait_s(full_at, now)
        if wait_s:
            raise too_fast(wait_s)
        return full_at


class Allowances:
    """The limits of one server: `rate` messages a second for a visitor, `people` visitors behind an address.

    A rate of 0 lifts everything, `people` of 0 the pools of addresses.
    """

    def __init__(self, rate: float, people: float) -> None:
        self.on = rate > 0
        self.people = people
        self.arrived = 0
        """How many visitors have done something since the start."""
        self.places: dict[int, _Place] = {}
        """Where visitors were last seen."""
        self.refusals: Counter[tuple[str, str]] = Counter()
        """What was refused, by the name of the limit, and `visitor` or `address`."""
        self.shared = self.on and people > 0
        """Whether there are limits for an address."""
        self._arrivals: dict[int, int] = {}
        self._known_before = 0
        self._before: dict[int, _Place] = {}
        self._by_address: dict[str, _Place] = {}
        self.limits = limits = [Limit(terms, index, self) for index, terms in enumerate(all_terms(rate))]
        self._count = len(limits)
        self._somewhere = _Place("", self._count)  # of all visitors whose address was forgotten
        named = {limit.name: limit for limit in limits}
        self.messages = named["messages"]
        self.rooms = named["rooms"]
        self.newcomers = named["newcomers"]
        self.joins = named["joins"]
        self.owner = named["owner"]
        self.names = named["names"]
        self.uploads = named["uploads"]
        self.upload_bytes = named["upload_bytes"]
        self.guesses = named["guesses"]
        self.handshakes = named["handshakes"]
        self.connects = named["connects"]

    def expect(self, people: float, now: float) -> None:
        """Expect so many visitors behind an address from now on; only where there are limits for one.

        What an address has used up stays the same, so one that had nothing left goes on at once when more are expected.
        """
        assert self.shared
        factor, self.people = self.people / people, people
        for limit in self.limits:
            limit.fit()
        for place in (*self._by_address.values(), self._somewhere):
            place.full_at = [now + (at - now) * factor if at > now else at for at in place.full_at]

    def start(self, last_id: int) -> None:
        """Count the visitors up to this id as known, who were stored before the start."""
        self._known_before = last_id

    def arrive(self, visitor_id: int) -> None:
        """Note that a visitor does something for the first time."""
        if self.shared:
            if len(self._arrivals) >= 2 * REMEMBERED:
                for forgotten in list(itertools.islice(self._arrivals, REMEMBERED)):
                    del self._arrivals[forgotten]
            self.arrived += 1
            self._arrivals[visitor_id] = self.arrived

    def arrival(self, visitor_id: int) -> float:
        """Return as which one the visitor arrived: 0 before the start, infinity if they have not, or long ago."""
        return self._arrivals.get(visitor_id, 0 if visitor_id <= self._known_before else math.inf)

    def seen(self, visitor_id: int, address: str, now: float) -> None:
        """Note where a visitor is: what they do counts there."""
        if self.shared:
            self.places[visitor_id] = self._at(network_of(address), now)

    def find(self, visitor_id: int) -> _Place:
        """Return where a visitor was last seen."""
        place = self.places.get(visitor_id)
        if place is not None:
            return place
        place = self._before.pop(visitor_id, None)
        if place is None:
            return self._somewhere
        self.places[visitor_id] = place
        return place

    def address_of(self, visitor_id: int) -> str:
        """Return the address at which a visitor was last seen; "" if that is forgotten."""
        return self.find(visitor_id).address

    def _at(self, address: str, now: float) -> _Place:
        if len(self.places) >= REMEMBERED:
            self._forget(now)
        place = self._by_address.get(address)
        if place is None:
            if len(self._by_address) >= REMEMBERED:
                self._forget(now)
            place = self._by_address[address] = _Place(address, self._count)
        return place

    def _forget(self, now: float) -> None:
        """Forget the visitors who did nothing for longest, and the addresses with nothing used up and nobody there."""
        self._before, self.places = self.places, {}
        there = {place.address: place for place in self._before.values()}
        busy = [place for place in self._by_address.values() if max(place.full_at) > now][-REMEMBERED // 2 :]
        self._by_address = there | {place.address: place for place in busy}
