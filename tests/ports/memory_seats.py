"""The seats' part of tests/ports/memory.py."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from realtime.chat.desk.ports import StoredSeat


@dataclass
class SeatMemory:
    """The rows."""

    seats: list[StoredSeat] = field(default_factory=list)
    last_number: int = 0

    def forget(self, visitor_id: int) -> None:
        """Free the seat of a visitor who was forgotten."""
        self.seats = [seat._replace(visitor_id=None) if seat.visitor_id == visitor_id else seat for seat in self.seats]


class SeatDisk(Protocol):
    """Where it is."""

    seats: SeatMemory

    async def turn(self, *, changes: bool = True) -> None: ...


class MemorySeats:
    def __init__(self, memory: SeatDisk) -> None:
        self._memory = memory

    async def seats(self) -> list[StoredSeat]:
        await self._memory.turn(changes=False)
        return list(self._memory.seats.seats)

    async def arrange(self, seats: Sequence[StoredSeat]) -> None:
        await self._memory.turn()
        kept = self._memory.seats
        kept.seats = []
        for seat in seats:
            kept.last_number += not seat.number
            kept.seats.append(seat if seat.number else seat._replace(number=kept.last_number))

    async def take(self, number: int, visitor_id: int) -> None:
        await self._memory.turn()
        kept = self._memory.seats
        if any(seat.number == number for seat in kept.seats):
            kept.forget(visitor_id)
            kept.seats = [
                seat._replace(visitor_id=visitor_id) if seat.number == number else seat for seat in kept.seats
            ]
