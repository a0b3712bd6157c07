"""Stored records: appended through the group commit, read by keyset pagination."""

import time
from typing import cast

import msgspec

from db.connection import Database
from db.writer import Statement, Writer
from realtime.chat.ports import RECORD_BYTES, RecordRow, StoredRecord
from realtime.deferred import Deferred
from realtime.unicode import folded

SEARCHED = 250  # records one call of `search` looks at, for a fraction of a millisecond: the chat continues between two
EXPIRED_A_STEP = 2000
RESERVED = 1_000_000  # how far the numbers of ephemeral rooms may run ahead of stored ones

COLUMNS = ", ".join(RecordRow._fields)
MAY_SEE = "(to_id IS NULL OR ? IN (to_id, visitor_id))"
CHANGING = ("chat", "gif", "width", "height", "moving", "flashes", "rev", "re", "changed")


class ChatTable:
    """Assigns `seq`, one sequence for the whole server, which never goes back, even across a restart."""

    def __init__(self, database: Database, writer: Writer) -> None:
        self._database = database
        self._writer = writer
        self._last_seq = 0
        self._reserved = 0
        self._epoch = ""
        changes = ", ".join(f"{column} = excluded.{column}" for column in CHANGING)
        conflicts = (
            "ON CONFLICT (room, visitor_id, nonce) WHERE nonce IS NOT NULL DO NOTHING"
            f" ON CONFLICT (room, seq) DO UPDATE SET {changes} RETURNING seq"
        )
        self._write = Statement(insert=(f"INSERT INTO chats ({COLUMNS})", conflicts))

    async def start(self) -> dict[int, int]:
        """Load the last assigned number; return the seq of the last record of each room, by room key."""
        rows = await self._database.run(
            "SELECT key, max((SELECT max(seq) FROM chats WHERE room = key),"
            " coalesce((SELECT max(rev) FROM chats WHERE room = key), 0)) AS last FROM rooms WHERE last IS NOT NULL"
        )
        last_seqs = dict(cast("list[tuple[int, int]]", rows))
        [(used, epoch)] = await self._database.run("SELECT seq, word FROM used_seq, epoch")
        self._epoch = cast(str, epoch)
        self._last_seq = max(cast(int, used), *last_seqs.values(), 0)
        return last_seqs

    async def check(self) -> None:
        """Return if the database can be written and read. Raises Storage."""
        await self._database.check()

    def next(self) -> tuple[int, int]:
        """Return a new record's seq and its time, in milliseconds since the epoch."""
        self._last_seq += 1
        return self._last_seq, int(time.time() * 1000)

    @property
    def epoch(self) -> str:
        """The epoch of the numbers: a different one once they may have been assigned before (db.epoch)."""
        return self._epoch

    @property
    def last_seq(self) -> int:
        """The last assigned number."""
        return self._last_seq

    @property
    def reserve_due(self) -> bool:
        """Whether the numbers reserved for records that are not stored are about to run out."""
        return self._last_seq + RESERVED // 2 > self._reserved

    async def reserve(self) -> None:
        """Reserve `RESERVED` numbers for records that are not stored; call it before assigning one of them."""
        if self.reserve_due:
            reserved = self._last_seq + RESERVED
            await self._database.run("UPDATE used_seq SET seq = max(seq, ?)", (reserved,))
            self._reserved = max(self._reserved, reserved)

    @property
    def busy(self) -> bool:
        """Whether the disk cannot keep up with new records."""
        return self._writer.busy

    def append(self, record: StoredRecord) -> Deferred[bool]:
        """Store a record; the result says whether it was stored, or its nonce was used before (see `Writer.write`)."""
        return self._writer.write(self._write, record.row())

    def change(self, record: StoredRecord) -> Deferred[bool]:
        """Store a record's new state; the result says whether it was stored, or the record is gone."""
        self._database.erased()
        # The nonce column is left alone; writing it again would count as a repeated message.
        return self._writer.write(self._write, record.row()._replace(nonce=None))

    async def used_bytes(self, room: int | None) -> int:
        """Return about how much space a room's records take, or the whole database."""
        if room is None:
            statement: tuple[str, tuple[int, ...]] = (
                "SELECT (page_count - freelist_count) * page_size"
                " FROM pragma_page_count, pragma_freelist_count, pragma_page_size",
                (),
            )
        else:
            lengths = "? * count(*) + coalesce(sum(length(CAST(chat AS BLOB))), 0)"
            statement = f"SELECT {lengths} FROM chats WHERE room = ?", (RECORD_BYTES, room)
        [(used,)] = await self._database.run(*statement)
        return cast(int, used)

    async def get(self, room: int, seq: int) -> StoredRecord | None:
        """Return a record."""
        return next(iter(await self._read("room = ? AND seq = ?", (room, seq))), None)

    async def replies_to(self, room: int, seq: int) -> list[StoredRecord]:
        """Return the records that answer this one."""
        return await self._read("room = ? AND re = ? ORDER BY seq", (room, seq))

    async def by_nonce(self, room: int, visitor_id: int, nonce: str) -> StoredRecord | None:
        """Return what the visitor said in the room under `nonce`."""
        found = await self._read("room = ? AND visitor_id = ? AND nonce = ?", (room, visitor_id, nonce))
        return found[0] if found else None

    async def before(self, room: int, reader_id: int, before: int | None, limit: int) -> list[StoredRecord]:
        """Return at most `limit` records the reader may see, the last before seq `before` or of all, oldest first."""
        found = await self._read(
            f"room = ? AND seq < ? AND {MAY_SEE} ORDER BY seq DESC LIMIT ?",
            (room, 2**63 - 1 if before is None else before, reader_id, limit),
        )
        return found[::-1]

    async def public(self, room: int, after: int, limit: int) -> list[StoredRecord]:
        """Return at most `limit` records but whispers, the first after seq `after`, oldest first."""
        return await self._read("room = ? AND seq > ? AND to_id IS NULL ORDER BY seq LIMIT ?", (room, after, limit))

    async def after(self, room: int, reader_id: int, after: int, limit: int) -> list[StoredRecord]:
        """Return at most `limit` records the reader may see, the first that were said or changed after `after`.

        They are ordered by `position`.
        """
        # In one statement: between two, a change could be read whose predecessors in the order were not.
        seen = f"SELECT {COLUMNS} FROM chats WHERE room = ?1 AND {MAY_SEE.replace('?', '?3')} AND"
        said = f"{seen} rev IS NULL AND seq > ?2 ORDER BY seq LIMIT ?4"
        changed = f"{seen} rev > ?2 ORDER BY rev LIMIT ?4"
        rows = await self._database.run(
            f"SELECT * FROM ({said}) UNION ALL SELECT * FROM ({changed})", (room, after, reader_id, limit)
        )
        records = sorted(map(_record, rows), key=lambda record: record.position)[:limit]
        return await self._with_quotes(room, records)

    async def search(  # noqa: PLR0913  who asks for what, where, and how much
        self, room: int, reader_id: int, text: str, *, before: int | None, limit: int
    ) -> tuple[list[StoredRecord], int | None]:
        """Return at most `limit` records with `text` in them, oldest first, and the seq to search on before.

        That is None at the room's beginning. One call scans at most `SEARCHED` records, so that it never delays the
        chat; it may find nothing and still have to continue. Texts match if `folded` makes them equal; SQLite's lower
        is ASCII-only, too. LIKE, or Python's `in`, could take up to 30 ms for a single record that repeatedly almost
        contains a long text.
        """
        start = 2**63 - 1 if before is None else before
        recent = "FROM chats WHERE room = ? AND seq < ? ORDER BY seq DESC LIMIT ?"
        rows = await self._database.run(
            f"SELECT {COLUMNS} FROM (SELECT * {recent}) WHERE event IS NULL"
            " AND instr(lower(composed(coalesce(chat, ''))), ?)"
            " AND (to_id IS NULL OR ? IN (to_id, visitor_id)) LIMIT ?",
            (room, start, SEARCHED, folded(text), reader_id, limit),
        )
        found = (await self._with_quotes(room, [_record(row) for row in rows]))[::-1]
        if len(found) == limit:
            return found, found[0].seq
        [(looked_at, lowest)] = await self._database.run(
            f"SELECT count(*), min(seq) FROM (SELECT seq {recent})", (room, start, SEARCHED)
        )
        return found, cast(int, lowest) if looked_at == SEARCHED else None

    async def expire(self, room: int, before_ms: int) -> None:
        """Delete a room's records older than `before_ms`, in steps between which the chat continues.

        The last record stays, whatever its age: it marks the numbers that were assigned.
        """
        oldest = "SELECT seq FROM chats WHERE room = ?1 ORDER BY seq LIMIT ?2"
        step = (
            f"DELETE FROM chats WHERE room = ?1 AND seq IN ({oldest}) AND created_at < ?3"
            " AND seq < (SELECT max(seq) FROM chats WHERE room = ?1) RETURNING 1"
        )
        while await self._database.run(step, (room, EXPIRED_A_STEP, before_ms)):
            self._database.erased()

    async def _read(self, condition: str, parameters: tuple[object, ...]) -> list[StoredRecord]:
        rows = await self._database.run(f"SELECT {COLUMNS} FROM chats WHERE {condition}", parameters)
        records = [_record(row) for row in rows]
        return await self._with_quotes(records[0].room, records) if records else records

    async def _with_quotes(self, room: int, records: list[StoredRecord]) -> list[StoredRecord]:
        """Return the records, each with the record it answers."""
        wanted = {record.quoted_seq for record in records if record.quoted_seq is not None}
        if not wanted:
            return records
        rows = await self._database.run(
            f"SELECT {COLUMNS} FROM chats WHERE room = ? AND seq IN (SELECT value FROM json_each(?))",
            (room, msgspec.json.encode(sorted(wanted)).decode()),
        )
        quoted = {record.seq: record for record in map(_record, rows)}
        return [record.quoting(quoted.get(record.quoted_seq or 0)) for record in records]


def _record(row: tuple[object, ...]) -> StoredRecord:
    return RecordRow(*row).record()  # type: ignore[arg-type]  # the schema is STRICT, and COLUMNS are the fields
