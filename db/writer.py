"""Group commit: rows that arrive while a commit runs go into the next one, as one statement with one fsync.

There is no artificial delay: a lone write starts at once, and the next batch is whatever arrived meanwhile. A batch is
one statement and so, in autocommit mode, one transaction.
"""

import asyncio
import functools
import logging
import sqlite3
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from db.connection import Database, Row, row_fault
from realtime.deferred import Deferred, failed
from realtime.errors import BadRequest, Internal, Storage, TooFast
from realtime.histogram import Histogram

log = logging.getLogger("gifchat.db")

BATCH_ROWS = 1000  # keeps each commit, and everyone's wait for it, short
QUEUE_ROWS = 20_000  # beyond it writes are refused, to be retried later: the disk cannot keep up

# Errors that a single row can cause. All others are problems of the disk or the database, which affect every row (a
# damaged database raises a plain DatabaseError).
OWN_FAULTS = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.InterfaceError, sqlite3.ProgrammingError)


class _Write(msgspec.Struct, frozen=True, eq=False):
    row: tuple[object, ...]
    stored: Deferred[bool]


@dataclass(slots=True, eq=False)
class Statement:
    """A write statement, and the rows that wait for it.

    `sql` takes a batch as one JSON array, `INSERT … SELECT value ->> 0, value ->> 1, … FROM json_each(?)`: the same
    prepared statement for any number of rows. For the most frequent writes, `insert` has the statement in two parts,
    before and after `VALUES (?, …), …`: three times as fast per row.

    A statement that may skip rows (`ON CONFLICT DO NOTHING`) ends in `RETURNING` the column of a row's first value,
    which distinguishes stored rows from skipped ones; one that returns nothing stores all its rows.
    """

    sql: str = ""
    insert: tuple[str, str] | None = None
    waiting: deque[_Write] = field(default_factory=deque)

    @property
    def selective(self) -> bool:
        """Whether the statement may skip rows."""
        return "RETURNING" in (self.insert[1] if self.insert else self.sql)

    def over(self, rows: list[tuple[object, ...]]) -> tuple[str, Sequence[object]]:
        """Return the statement for these rows, and its parameters. Raises UnicodeEncodeError."""
        if self.insert is None:
            return self.sql, (msgspec.json.encode(rows).decode(),)
        return _insert(*self.insert, len(rows), len(rows[0])), [value for row in rows for value in row]


@functools.lru_cache(maxsize=64)  # most commits have one row or a few
def _insert(before: str, after: str, rows: int, columns: int) -> str:
    one = f"({', '.join('?' * columns)})"
    return f"{before} VALUES {', '.join([one] * rows)} {after}"


class Writer:
    """The only path to the database for frequent writes.

    Rows of one statement are committed in the order of `write`; statements take turns.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turns: deque[Statement] = deque()
        self._rows = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._idle_since = time.monotonic()
        self._closed = False
        self.latency = Histogram()
        """Of each commit, of however many rows, failed ones too."""

    def write(self, statement: Statement, row: tuple[object, ...]) -> Deferred[bool]:
        """Queue `row`; the result says, after the commit, whether it was stored or skipped.

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
        """Whether more rows wait than fit into one commit."""
        return self._rows > BATCH_ROWS

    @property
    def quiet_s(self) -> float:
        """How long nothing has been written."""
        return time.monotonic() - self._idle_since if self._idle.is_set() else 0.0

    async def close(self) -> None:
        """Accept no more rows, and return when all queued rows are committed or refused."""
        self._closed = True
        await self.flushed()

    async def flushed(self) -> None:
        """Return when all queued rows are committed or refused."""
        await self._idle.wait()
        await asyncio.sleep(0)  # the loop iteration that broadcasts the last commit

    def _commit_next(self) -> None:
        """Start the next batch, or become idle when nothing waits."""
        if not self._turns:
            self._idle_since = time.monotonic()
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
        began = time.perf_counter()
        try:
            sql, parameters = statement.over([write.row for write in batch])
            committed = self._database.start(sql, parameters)
        except (UnicodeEncodeError, Storage) as error:
            committed = failed(error)
        committed.add_done_callback(functools.partial(self._ended, statement, batch, apart, began))

    def _ended(  # noqa: PLR0913  the commit, what is left of it, and its result
        self,
        statement: Statement,
        batch: list[_Write],
        apart: list[_Write],
        began: float,
        committed: Deferred[list[Row]],
    ) -> None:
        self.latency.observe(time.perf_counter() - began)
        # The next commit starts first, so that the disk works while the results of this one are delivered.
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
            if isinstance(fault, Storage) and not isinstance(error, OWN_FAULTS):
                self._database.failed(error)
            for write in batch:
                write.stored.set_exception(fault)
            return
        stored = {row[0] for row in committed.result()} if statement.selective else None
        for write in batch:
            write.stored.set_result(stored is None or write.row[0] in stored)


def _fault(error: Exception, writes: int) -> Exception:
    """Return the error, of the disk or of the one refused row."""
    if isinstance(error, sqlite3.IntegrityError):
        return row_fault(error)
    if isinstance(error, UnicodeEncodeError):
        return BadRequest()
    if isinstance(error, OWN_FAULTS):
        log.error("cannot store a row: %s", error)
        return Internal()
    log.error("storage: %d writes failed: %s", writes, error)
    return Storage()
