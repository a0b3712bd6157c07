"""Group commit: what arrives while a commit runs goes into the next one, as one statement with one fsync.

Nothing waits for company: a lone write starts at once, and the next batch is whatever came meanwhile. A batch is one
statement and so, in autocommit mode, one transaction.
"""

import asyncio
import functools
import logging
import sqlite3
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from db.connection import Database, Row, row_fault
from realtime.deferred import Deferred, failed
from realtime.errors import BadRequest, Internal, Storage, TooFast

log = logging.getLogger("gifchat.db")

BATCH_ROWS = 1000  # keeps one commit, and with it everyone's wait, short
QUEUE_ROWS = 20_000  # beyond it writers are told to come again: the disk does not keep up

# What a row can be to blame for. All else is trouble of the disk or the database, which would meet every row alike (a
# damaged database is a plain DatabaseError).
OWN_FAULTS = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.InterfaceError, sqlite3.ProgrammingError)


class _Write(msgspec.Struct, frozen=True, eq=False):
    row: tuple[object, ...]
    stored: Deferred[bool]


@dataclass(slots=True, eq=False)
class Statement:
    """One writing statement, and the rows that wait for it.

    `sql` takes a batch as one JSON array, `INSERT … SELECT value ->> 0, value ->> 1, … FROM json_each(?)`: the same
    prepared statement for any number of rows. For what is written most, `insert` says it in two parts, before and after
    `VALUES (?, …), …`: three times as fast a row.

    One that may pass over rows (`ON CONFLICT DO NOTHING`) ends in `RETURNING` the column that a row's first value goes
    into, which tells the stored rows from the others; one that returns nothing stores all its rows.
    """

    sql: str = ""
    insert: tuple[str, str] | None = None
    waiting: deque[_Write] = field(default_factory=deque)

    @property
    def selective(self) -> bool:
        """Whether the statement may pass over rows."""
        return "RETURNING" in (self.insert[1] if self.insert else self.sql)

    def over(self, rows: list[tuple[object, ...]]) -> tuple[str, Sequence[object]]:
        """Return the statement for these rows, and its parameters. Raises UnicodeEncodeError."""
        if self.insert is None:
            return self.sql, (msgspec.json.encode(rows).decode(),)
        return _insert(*self.insert, len(rows), len(rows[0])), [value for row in rows for value in row]


@functools.lru_cache(maxsize=64)  # most commits are of one row, or of a few
def _insert(before: str, after: str, rows: int, columns: int) -> str:
    one = f"({', '.join('?' * columns)})"
    return f"{before} VALUES {', '.join([one] * rows)} {after}"


class Writer:
    """The only way into the database for what many visitors write at once.

    Rows of one statement are committed in the order of `write`; statements take turns.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turns: deque[Statement] = deque()
        self._rows = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed = False

    def write(self, statement: Statement, row: tuple[object, ...]) -> Deferred[bool]:
        """Queue `row`; what is returned tells, after the commit, whether it was stored or passed over.

        Raises TooFast when the queue is long, Storage after `close`; once queued, Storage when the disk or the database
        fails, NoSuchRoom when the row's room is gone, BadRequest when a text cannot be stored.
        """
        if self._closed:
            raise Storage
        if self._rows >= QUEUE_ROWS:
            raise TooFast(retry_after=1)
        stored: Deferred[bool] = Deferred()
        if not statement.waiting:
            self._turns.append(statement)
        statement.waiting.append(_Write(row, stored))
        self._rows += 1
        if self._idle.is_set():
            self._idle.clear()
            asyncio.get_running_loop().call_soon(self._commit_next)
        return stored

    @property
    def busy(self) -> bool:
        """Whether more waits than one commit takes along."""
        return self._rows > BATCH_ROWS

    async def close(self) -> None:
        """Take no more, and return when all that was queued is committed or refused."""
        self._closed = True
        await self.flushed()

    async def flushed(self) -> None:
        """Return when all that was queued is committed or refused."""
        await self._idle.wait()
        await asyncio.sleep(0)  # the turn in which what was committed last goes to its room

    def _commit_next(self) -> None:
        """Begin with the next batch, or be idle when nothing waits."""
        if not self._turns:
            self._idle.set()
            return
        statement = self._turns.popleft()
        size = min(len(statement.waiting), BATCH_ROWS)
        batch = [statement.waiting.popleft() for _ in range(size)]
        if statement.waiting:
            self._turns.append(statement)
        self._rows -= size
        self._commit(statement, batch, [])

    def _commit(self, statement: Statement, batch: list[_Write], apart: list[_Write]) -> None:
        """Commit `batch`, and after it, one by one, those that are `apart`."""
        try:
            sql, parameters = statement.over([write.row for write in batch])
            committed = self._database.start(sql, parameters)
        except (UnicodeEncodeError, Storage) as error:
            committed = failed(error)
        committed.add_done_callback(functools.partial(self._ended, statement, batch, apart))

    def _ended(
        self, statement: Statement, batch: list[_Write], apart: list[_Write], committed: Deferred[list[Row]]
    ) -> None:
        # The next commit begins first, and the disk works while this one is told of.
        error = committed.exception()
        if len(batch) > 1 and isinstance(error, (*OWN_FAULTS, UnicodeEncodeError)):
            self._commit(statement, batch[:1], batch[1:])
            return
        if apart:
            self._commit(statement, apart[:1], apart[1:])
        else:
            self._commit_next()
        if error is not None:
            fault = _fault(error, len(batch))
            for write in batch:
                write.stored.set_exception(fault)
            return
        stored = {row[0] for row in committed.result()} if statement.selective else None
        for write in batch:
            write.stored.set_result(stored is None or write.row[0] in stored)


def _fault(error: Exception, writes: int) -> Exception:
    """Say what is wrong, with the disk or with the one row that is refused."""
    if isinstance(error, sqlite3.IntegrityError):
        return row_fault(error)
    if isinstance(error, UnicodeEncodeError):
        return BadRequest()
    if isinstance(error, OWN_FAULTS):
        log.error("cannot store a row: %s", error)
        return Internal()
    log.error("storage: %d writes failed: %s", writes, error)
    return Storage()
