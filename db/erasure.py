"""Keeps the write-ahead log small, and no deleted text in any file for long.

What is deleted or replaced stays readable in the log until it is emptied, and copies of it stay in pages that were once
split, even with secure_delete, until the database is rewritten (findings/sqlite-secure-delete.sh). So soon after a
deletion the log is emptied; and as soon as nothing was written for some time, long compared to the time it takes, the
database is rewritten, unless it is so large that this would hold up the chat. Many deletions cost as much as one.

A program that reads for a long time, such as a backup, keeps the log from being emptied and makes it grow: that is
logged.
"""

import asyncio
import contextlib
import logging
import sqlite3
import time
from functools import partial
from pathlib import Path

from db.connection import BUSY_TIMEOUT_S, WAL_LIMIT_BYTES, Database
from db.writer import Writer
from realtime.errors import Storage

log = logging.getLogger("gifchat.db")

TURN_S = 2.0
BETWEEN_MESSAGES_S = 10.0  # how long to wait for a moment without writes; then they wait
REWRITTEN_EVERY_S = 30.0
REWRITTEN_BYTES = 8 * 1024 * 1024  # in up to 0.4 s; a larger one is rewritten at the stop
QUIET_S_A_MIB = 1.0  # twenty times as long as rewriting one takes
BLOCKED_FOR_S = 30.0
MIB = 1024 * 1024


class Erasure:
    """What is to be done about one database."""

    def __init__(self, database: Database, writer: Writer, path: Path) -> None:
        """`path` is the database's."""
        self._database = database
        self._writer = writer
        self._file = path.resolve()
        self._log = self._file.with_name(f"{self._file.name}-wal")
        self._log_due = self._copies_due = False
        self._rewritten_at = -REWRITTEN_EVERY_S
        self._blocked_since: float | None = None
        self._warned_bytes = 0

    async def run(self) -> None:
        """Do what is due, forever."""
        while True:
            await asyncio.sleep(TURN_S)
            await self.turn()

    async def turn(self) -> None:
        """Do what is due now. What fails, on a full disk or because of a lock, stays due."""
        if self._database.take_erased():
            self._log_due = self._copies_due = True
        size_bytes = _size_bytes(self._log)
        rewrites = self._copies_due and self._may_rewrite()
        if not (self._log_due or rewrites or size_bytes > WAL_LIMIT_BYTES):
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(BETWEEN_MESSAGES_S):
                await self._writer.flushed()
        if rewrites:
            self._rewritten_at = time.monotonic()
        with contextlib.suppress(sqlite3.Error, Storage):
            emptied = await self._database.call(partial(_tidy, rewrites=rewrites))
            self._log_due = not emptied
            self._copies_due &= not rewrites
            self._note(size_bytes, blocked=not emptied)

    def _may_rewrite(self) -> bool:
        size_bytes = _size_bytes(self._file)
        return (
            size_bytes <= REWRITTEN_BYTES
            and self._writer.quiet_s >= QUIET_S_A_MIB * size_bytes / MIB
            and time.monotonic() - self._rewritten_at >= REWRITTEN_EVERY_S
        )

    def _note(self, size_bytes: int, *, blocked: bool) -> None:
        """Log that the log cannot be emptied, when it was so for long or it is large; again when it is twice as large.

        Short reads, which are normal, are not worth a line.
        """
        if not blocked:
            self._blocked_since, self._warned_bytes = None, 0
            return
        now = time.monotonic()
        if self._blocked_since is None:
            self._blocked_since = now
        long = now - self._blocked_since >= BLOCKED_FOR_S or size_bytes > WAL_LIMIT_BYTES
        if long and (not self._warned_bytes or size_bytes > 2 * self._warned_bytes):
            self._warned_bytes = size_bytes
            log.warning(
                "another program has been reading the database for long: until it ends, %s (%.1f MiB) grows, and"
                " deleted texts stay in it",
                self._log.name,
                size_bytes / MIB,
            )


def _tidy(sqlite: sqlite3.Connection, *, rewrites: bool) -> bool:
    """Empty the log, and rewrite the database before; return whether the log is empty. Never waits for others."""
    sqlite.execute("PRAGMA busy_timeout = 0")
    try:
        if rewrites:
            sqlite.execute("VACUUM")
        [busy, *_] = sqlite.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy
    finally:
        sqlite.execute(f"PRAGMA busy_timeout = {round(1000 * BUSY_TIMEOUT_S)}")


def _size_bytes(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
