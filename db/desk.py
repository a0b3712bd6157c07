"""What the teacher's desk keeps: its settings, mutes, bans and log."""

from typing import cast

import msgspec

from db.connection import Database
from realtime.chat.desk.ports import DeskBan, HeldRow, JsonValue, LogEntry, Mute, Subject

HELD = ", ".join(HeldRow._fields)
OF_SUBJECT = "visitor_id IS ? AND seat IS ?"


class DeskTables:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def settings(self) -> dict[str, JsonValue]:
        """Return the settings by key."""
        rows = await self._database.run("SELECT key, value FROM desk_settings")
        return {key: msgspec.json.decode(value) for key, value in cast("list[tuple[str, str]]", rows)}

    async def set(self, key: str, value: JsonValue) -> None:
        """Store a setting."""
        text = msgspec.json.encode(value).decode()
        await self._database.run("REPLACE INTO desk_settings (key, value) VALUES (?, ?)", (key, text))
        self._database.erased()

    async def freeze_all(self, on: bool) -> None:
        """Freeze or unfreeze every room, by a trigger, and those to come."""
        await self.set("frozen", on)

    async def mutes(self) -> list[Mute]:
        """Return all mutes."""
        rows = await self._database.run("SELECT visitor_id, seat, room, until FROM mutes")
        loaded = cast("list[tuple[int | None, int | None, int | None, int]]", rows)
        return [Mute(Subject(visitor, seat), room, until) for visitor, seat, room, until in loaded]

    async def mute(self, mute: Mute) -> None:
        """Store a mute, instead of the earlier one."""
        await self._database.run(
            "REPLACE INTO mutes (visitor_id, seat, room, until) VALUES (?, ?, ?, ?)",
            (*mute.subject, mute.room, mute.until_ms),
        )

    async def unmute(self, subject: Subject, room: int | None) -> None:
        """Delete a mute, or all of a subject."""
        await self._database.run(
            f"DELETE FROM mutes WHERE {OF_SUBJECT} AND (?3 IS NULL OR room = ?3)", (*subject, room)
        )

    async def end_mutes(self, now_ms: int) -> None:
        """Delete the mutes that are over."""
        await self._database.run("DELETE FROM mutes WHERE until <= ?", (now_ms,))

    async def bans(self) -> list[DeskBan]:
        """Return all bans, the oldest first."""
        rows = await self._database.run("SELECT visitor_id, seat, user FROM desk_bans ORDER BY rowid")
        loaded = cast("list[tuple[int | None, int | None, str]]", rows)
        return [DeskBan(Subject(visitor, seat), user) for visitor, seat, user in loaded]

    async def ban(self, ban: DeskBan) -> None:
        """Store a ban, unless there is one."""
        await self._database.run(
            "INSERT OR IGNORE INTO desk_bans (visitor_id, seat, user) VALUES (?, ?, ?)", (*ban.subject, ban.user)
        )

    async def unban(self, subject: Subject) -> None:
        """Delete a ban."""
        await self._database.run(f"DELETE FROM desk_bans WHERE {OF_SUBJECT}", subject)

    async def held(self) -> list[HeldRow]:
        """Return what waits, the oldest first."""
        rows = await self._database.run(f"SELECT {HELD} FROM held ORDER BY created_at, id")
        return [HeldRow(*row) for row in rows]  # type: ignore[arg-type]  # the schema is STRICT

    async def hold(self, row: HeldRow) -> None:
        """Store what waits, with the use of its image."""
        await self._database.run(f"INSERT INTO held ({HELD}) VALUES ({', '.join('?' * len(row))})", row)

    async def drop(self, held_id: str) -> None:
        """Delete what waits; a trigger ends the use of its image."""
        await self._database.run("DELETE FROM held WHERE id = ?", (held_id,))
        self._database.erased()

    async def note(self, entry: LogEntry) -> None:
        """Add to the log; a trigger deletes what is too old."""
        text = msgspec.json.encode(entry.entry).decode()
        await self._database.run("INSERT INTO desk_log (at, entry) VALUES (?, ?)", (entry.at_ms, text))

    async def log(self, limit: int) -> list[LogEntry]:
        """Return the last entries, newest first."""
        rows = await self._database.run("SELECT at, entry FROM desk_log ORDER BY id DESC LIMIT ?", (limit,))
        return [LogEntry(at, msgspec.json.decode(entry)) for at, entry in cast("list[tuple[int, str]]", rows)]
