"""Stored seats."""

from collections.abc import Sequence
from typing import cast

import msgspec

from db.connection import Database
from realtime.chat.desk.ports import StoredSeat


class SeatTable:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def seats(self) -> list[StoredSeat]:
        """Return all seats in order."""
        rows = await self._database.run("SELECT number, label, word, visitor_id FROM seats ORDER BY position")
        return [StoredSeat(*row) for row in cast("list[tuple[int, str, str, int | None]]", rows)]

    async def arrange(self, seats: Sequence[StoredSeat]) -> None:
        """Store these seats instead of all others, by a trigger, so that it is one statement."""
        rows = [(seat.number or None, *seat[1:]) for seat in seats]
        await self._database.run("INSERT INTO seat_list VALUES (?)", (msgspec.json.encode(rows).decode(),))
        self._database.erased()

    async def take(self, number: int, visitor_id: int) -> None:
        """Give the visitor this seat; a trigger takes the one they had."""
        await self._database.run("UPDATE seats SET visitor_id = ? WHERE number = ?", (visitor_id, number))
