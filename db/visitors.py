"""Stored visitors."""

from typing import cast

from db.connection import Database
from db.writer import Statement, Writer
from realtime.chat.model import StoredVisitor
from realtime.deferred import Deferred


class VisitorTable:
    def __init__(self, database: Database, writer: Writer) -> None:
        self._database = database
        self._writer = writer
        self._insert = Statement(insert=("INSERT INTO visitors (id, session, user, seen_at, name)", ""))
        self._seen = Statement(
            "UPDATE visitors SET seen_at = seen.value ->> 1 FROM json_each(?) AS seen"
            " WHERE visitors.id = seen.value ->> 0"  # json_each has an id, too
        )

    async def load(self) -> list[StoredVisitor]:
        """Return every known visitor."""
        rows = await self._database.run("SELECT id, session, user, seen_at, name FROM visitors")
        return [StoredVisitor(*cast("tuple[int, str, str, int, str | None]", row)) for row in rows]

    async def last_id(self) -> int:
        """Return the highest id ever assigned, 0 if none was."""
        rows = await self._database.run("SELECT seq FROM sqlite_sequence WHERE name = 'visitors'")
        return cast(int, rows[0][0]) if rows else 0

    def add(self, visitor: StoredVisitor) -> Deferred[bool]:
        """Store a new visitor."""
        return self._writer.write(self._insert, tuple(visitor))

    def seen(self, visitor_id: int, at_ms: int) -> Deferred[bool]:
        """Store when the visitor was last seen."""
        return self._writer.write(self._seen, (visitor_id, at_ms))

    async def rename(self, visitor_id: int, name: str | None) -> None:
        """Store the visitor's name, or that they have none."""
        await self._database.run("UPDATE visitors SET name = ? WHERE id = ?", (name, visitor_id))
        self._database.erased()  # the name of before

    async def forget(self, before_ms: int) -> list[int]:
        """Delete visitors unseen since `before_ms` who hold no place and own no room; return their ids."""
        rows = await self._database.run(
            "DELETE FROM visitors WHERE seen_at < ?"
            " AND id NOT IN (SELECT visitor_id FROM members) AND id NOT IN (SELECT owner_id FROM rooms) RETURNING id",
            (before_ms,),
        )
        return [cast(int, row[0]) for row in rows]
