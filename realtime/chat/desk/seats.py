"""Seats: who opens a card and confirms takes its seat, from the device that had it before.

A visitor has at most one seat, the one they took last, and a seat at most one visitor. The teacher sees a seat's label
wherever that visitor is; nobody else does. What the desk decided about somebody with a seat is the seat's.
"""

from collections.abc import Iterable, Sequence

from realtime.chat.desk.cards import Card, code_of, labels_of, matched, new_word, read_code
from realtime.chat.desk.ports import StoredSeat
from realtime.chat.desk.seating import SeatTaken
from realtime.chat.model import Visitor
from realtime.chat.ports import Stores
from realtime.chat.rates import GuessThrottle
from realtime.chat.service import ChatService
from realtime.chat.visitors import Visitors
from realtime.clock import Clock
from realtime.errors import NotFound


class Seats:
    """All seats, in the order of the sheet."""

    def __init__(self, service: ChatService, visitors: Visitors, stores: Stores, clock: Clock, *, key: bytes) -> None:
        """Sign codes with `key`."""
        self._desk = service.desk
        self._seating = service.desk.seating
        self._house = service.house
        self._allowances = service.allowances
        self._store = stores.seats
        self._visitors = visitors
        self._guesses = GuessThrottle() if service.allowances.on else GuessThrottle(first_s=0)
        self._clock = clock
        self._key = key
        self._seats: Sequence[StoredSeat] = ()
        self._by_code: dict[str, StoredSeat] = {}

    async def start(self) -> None:
        """Load what is stored. Raises Storage."""
        seats = await self._store.seats()
        for seat in self._seats:
            if seat.visitor_id is not None:
                self._house.sit(seat.visitor_id, None)
        for seat in seats:
            if seat.visitor_id is not None:
                self._house.sit(seat.visitor_id, seat.number)
        self._house.labels = {seat.number: seat.label for seat in seats}
        self._by_code = {code_of(seat.word, self._key): seat for seat in seats}
        self._seats = seats
        self._seating.on_change()

    def __len__(self) -> int:
        return len(self._seats)

    def label_of(self, visitor_id: int) -> str | None:
        """Return the label of the seat that a visitor has."""
        number = self._house.seat_of(visitor_id)
        return None if number is None else self._house.labels[number]

    def holder(self, seat: StoredSeat) -> Visitor | None:
        """Return who has a seat. Visitors who stayed away for a month are forgotten, and their seat is free."""
        return self._visitors.by_id(seat.visitor_id) if seat.visitor_id is not None else None

    def cards(self) -> list[Card]:
        """Return all cards."""
        return [Card(seat.label, code) for code, seat in self._by_code.items()]

    def taken(self) -> int:
        """Return how many seats are taken."""
        return sum(self.holder(seat) is not None for seat in self._seats)

    def find(self, who: Visitor, code: str) -> StoredSeat:
        """Return the seat whose code a visitor has, as it was typed. Raises NotFound, or TooFast for a guess too many.

        A code that is right is no guess, so that whole classes can take their seats at once.
        """
        now = self._clock.time()
        self._guesses.check(who.id, now)
        seat = self._by_code.get(read_code(code))
        if seat is None:
            self._allowances.guesses.take(who.id, now)
            self._guesses.begin(who.id, now)
            raise NotFound
        return seat

    async def take(self, who: Visitor, code: str) -> StoredSeat:
        """Give the visitor, who must be stored, the seat with this code. Raises NotFound, TooFast or Storage."""
        async with self._desk.deciding:
            seat = self.find(who, code)
            if seat.visitor_id == who.id:
                return seat
            self._allowances.joins.take(who.id, self._clock.time())
            before, left = self.holder(seat), self._house.seat_of(who.id)
            if before is not None:
                await self._seating.hand_on(seat.number, before)
            if left is not None:
                await self._seating.hand_on(left, who)
            await self._store.take(seat.number, who.id)
            await self.start()
        twice = before is not None and self._seating.tell(before)
        self._seating.enforce()
        self._desk.seated(who)
        if before is not None:
            await self._desk.log.note(who, "seat", user=who.user, before=before.user)
        self._seating.on_taken(SeatTaken(seat.label, who.user, before.user if before is not None else None, twice))
        return seat

    async def arrange(self, teacher: Visitor, count: int, labels: Sequence[str]) -> None:
        """Have cards with these labels (`cards.labels_of`); those that stay keep their codes and visitors.

        Raises BadRequest or Storage.
        """
        wanted = labels_of(count, labels)
        async with self._desk.deciding:
            places = matched([seat.label for seat in self._seats], wanted)
            await self._keep(
                StoredSeat(0, label, new_word()) if place is None else self._seats[place]._replace(label=label)
                for label, place in zip(wanted, places, strict=True)
            )
        await self._desk.log.note(teacher, "seats", count=len(wanted))

    async def renew(self, teacher: Visitor, label: str | None, *, free: bool) -> None:
        """Make a new code for the card with this label, or for all; with `free`, nobody has these seats any more.

        Raises NotFound or Storage.
        """
        async with self._desk.deciding:
            if label is not None and all(seat.label != label for seat in self._seats):
                raise NotFound
            await self._keep(
                seat._replace(word=new_word(), visitor_id=None if free else seat.visitor_id)
                if label in (None, seat.label)
                else seat
                for seat in self._seats
            )
        if label is None:
            await self._desk.log.note(teacher, "renew_all")
        else:
            await self._desk.log.note(teacher, "renew", title=label)

    async def _keep(self, seats: Iterable[StoredSeat]) -> None:
        kept = list(seats)
        stay = {(seat.number, seat.visitor_id) for seat in kept}
        for seat in self._seats:
            holder = self.holder(seat)
            if holder is not None and (seat.number, holder.id) not in stay:
                await self._seating.hand_on(seat.number, holder)
        await self._store.arrange(kept)
        for gone in {seat.number for seat in self._seats} - {seat.number for seat in kept}:
            await self._seating.forget(gone)
        await self.start()
        self._seating.enforce()
