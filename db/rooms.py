"""Stored rooms, with the grants, places and bans that are deleted with them."""

from collections.abc import Sequence
from typing import cast

import msgspec

from db.connection import Database
from db.writer import Statement, Writer
from realtime.chat.model import Role, RoomRules, StoredRoom
from realtime.deferred import Deferred

RECORDS_A_STEP = 2000  # a large room is deleted in steps, so that other rooms' chat continues in between


class RoomTable:
    def __init__(self, database: Database, writer: Writer) -> None:
        self._database = database
        self._writer = writer
        self._grant = Statement(
            "INSERT INTO grants (room, visitor_id) SELECT value ->> 0, value ->> 1 FROM json_each(?)"
            " WHERE true ON CONFLICT DO NOTHING"
        )
        self._stand = Statement(
            "UPDATE members SET role = value ->> 2 FROM json_each(?)"
            " WHERE room = value ->> 0 AND visitor_id = value ->> 1"
        )
        self._end_lingering = Statement(
            "DELETE FROM lingering WHERE (room, visitor_id) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))"
        )

    async def load(self) -> list[StoredRoom]:
        """Return every room, oldest first."""
        rows = await self._database.run(f"SELECT {', '.join(StoredRoom._fields)} FROM rooms ORDER BY key")
        return [_room(StoredRoom(*row)) for row in rows]  # type: ignore[arg-type]  # the schema is STRICT

    async def grants(self) -> list[tuple[int, int]]:
        """Return all grants as (room key, visitor id)."""
        return cast("list[tuple[int, int]]", await self._database.run("SELECT room, visitor_id FROM grants"))

    async def members(self) -> list[tuple[int, int, Role | None]]:
        """Return who was in a room, as (room key, visitor id, role), longest first."""
        rows = await self._database.run("SELECT room, visitor_id, role FROM members ORDER BY since")
        return cast("list[tuple[int, int, Role | None]]", rows)

    def stand(self, key: int, visitor_id: int, role: Role | None) -> Deferred[bool]:
        """Store as what somebody in a room is there."""
        return self._writer.write(self._stand, (key, visitor_id, role))

    async def lingering(self) -> list[tuple[int, int]]:
        """Return the visitors for whom a room is kept, as (room key, visitor id)."""
        return cast("list[tuple[int, int]]", await self._database.run("SELECT room, visitor_id FROM lingering"))

    async def bans(self) -> list[tuple[int, int, str]]:
        """Return all bans as (room key, visitor id, colour)."""
        return cast("list[tuple[int, int, str]]", await self._database.run("SELECT room, visitor_id, user FROM bans"))

    async def add(self, room: StoredRoom) -> int:
        """Store a new room with its owner's grant, and return its key; `room.key` is ignored."""
        [(key,)] = await self._database.run(
            f"INSERT INTO rooms ({', '.join(StoredRoom._fields[1:])})"
            f" VALUES ({', '.join('?' * len(room[1:]))}) RETURNING key",
            room[1:],
        )
        return cast(int, key)

    async def change(self, key: int, title: str, max_members: int, password_hash: str | None, kept: bool) -> None:
        """Store the owner's changes."""
        await self._database.run(
            "UPDATE rooms SET title = ?, max = ?, password_hash = ?, kept = ? WHERE key = ?",
            (title, max_members, password_hash, kept, key),
        )
        self._database.erased()

    async def rule(self, key: int, rules: RoomRules) -> None:
        """Store what the teacher's desk has decided."""
        await self._database.run("UPDATE rooms SET frozen = ?, slow_s = ?, approve = ? WHERE key = ?", (*rules, key))

    async def order(self, keys: Sequence[int]) -> None:
        """Store the order of these rooms; all others have none."""
        await self._database.run(
            "UPDATE rooms SET position = 1 + (SELECT one.key FROM json_each(?1) AS one WHERE one.value = rooms.key)"
            " WHERE position IS NOT NULL OR key IN (SELECT value FROM json_each(?1))",
            (msgspec.json.encode(keys).decode(),),
        )

    def grant(self, key: int, visitor_id: int) -> Deferred[bool]:
        """Store that the visitor is admitted."""
        return self._writer.write(self._grant, (key, visitor_id))

    def end_lingering(self, key: int, visitor_id: int) -> Deferred[bool]:
        """Store that the room is no longer kept for the visitor."""
        return self._writer.write(self._end_lingering, (key, visitor_id))

    async def readmit(self, key: int, visitor_id: int) -> None:
        """Lift the visitor's ban."""
        await self._database.run("DELETE FROM bans WHERE room = ? AND visitor_id = ?", (key, visitor_id))

    async def remove(self, key: int) -> None:
        """Delete the room and everything in it except its image files (`Images.clear`)."""
        last = "(SELECT max(seq) FROM chats WHERE room = ?)"
        await self._database.run(f"UPDATE used_seq SET seq = max(seq, coalesce({last}, 0))", (key,))
        step = (
            "DELETE FROM chats WHERE room = ?1 AND seq IN (SELECT seq FROM chats WHERE room = ?1 LIMIT ?2) RETURNING 1"
        )
        while len(await self._database.run(step, (key, RECORDS_A_STEP))) == RECORDS_A_STEP:
            pass
        await self._database.run("DELETE FROM rooms WHERE key = ?", (key,))
        self._database.erased()


def _room(row: StoredRoom) -> StoredRoom:
    """Return a row with its flags as booleans."""
    return row._replace(
        ephemeral=bool(row.ephemeral),
        kept=bool(row.kept),
        frozen=bool(row.frozen),
        approve=bool(row.approve),
        read_only=bool(row.read_only),
    )
