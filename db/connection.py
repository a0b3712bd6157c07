"""Opening gifchat.db: the one connection that does all reads and writes, its pragmas, its schema and its migrations."""

import asyncio
import contextlib
import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

import aiosqlite

from db import private
from db.migrations import MIGRATIONS
from realtime.deferred import Deferred
from realtime.errors import DomainError, Internal, NoSuchRoom, StartError, Storage
from realtime.unicode import composed

log = logging.getLogger("gifchat.db")

SCHEMA_VERSION = 8
APPLICATION_ID = 0x67696663  # "gifc": tells our file from any other SQLite database (PRAGMA application_id)
BUSY_TIMEOUT_S = 0.25  # how long another program's lock may delay the chat
VACUUMED_BYTES = 32 * 1024 * 1024  # at a stop: half a second of work
SIZE = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
FAILED_RECENTLY_S = 10.0
WAL_LIMIT_BYTES = 16 * 1024 * 1024

PRAGMAS = f"""
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
PRAGMA recursive_triggers = OFF;
PRAGMA temp_store = MEMORY;
PRAGMA secure_delete = ON;
PRAGMA journal_size_limit = {WAL_LIMIT_BYTES};
"""

Row = tuple[object, ...]
T = TypeVar("T")


class Database:
    """One aiosqlite connection in autocommit mode: every statement is its own transaction.

    So no transaction is ever open between statements, and a read never sees half of a write.
    """

    def __init__(self, connection: aiosqlite.Connection, sqlite: sqlite3.Connection) -> None:
        self._connection = connection
        self._sqlite = sqlite  # used only by aiosqlite's thread
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self._erased = False
        self._failure: Exception | None = None
        self._failed_at = 0.0

    @classmethod
    async def open(cls, path: Path, schema: str) -> "Database":
        """Open or create the database at `path`; `schema` is the text of schema.sql.

        Raises StartError when the file is not gifchat's, newer than this program,
        damaged, or cannot be opened; such a file is not changed.
        """
        opened: list[sqlite3.Connection] = []

        def factory(*arguments: Any, **options: Any) -> sqlite3.Connection:
            opened.append(sqlite3.Connection(*arguments, **options))
            return opened[0]

        try:
            await asyncio.to_thread(_inspect, path)
            await asyncio.to_thread(_keep_private, path)
            connection = await aiosqlite.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT_S, factory=factory)
        except sqlite3.Error as error:
            raise StartError(f"cannot open the database {path}: {error}") from error
        try:
            await _prepare(connection, schema)
        except sqlite3.Error as error:
            await connection.close()
            raise StartError(f"cannot use the database {path}: {error}") from error
        except BaseException:
            await connection.close()
            raise
        return cls(connection, opened[0])

    async def run(self, statement: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run one statement and return its rows; committed when this returns.

        Raises Storage when SQLite fails or the image quota is exceeded, NoSuchRoom when a row's room is gone.
        """
        try:
            return await self.start(statement, parameters)
        except sqlite3.IntegrityError as error:
            raise row_fault(error) from error
        except sqlite3.Error as error:
            self.failed(error)
            log.error("storage: %s", error)
            raise Storage from error

    def start(self, statement: str, parameters: Sequence[object]) -> Deferred[list[Row]]:
        """Run one statement; the result is settled with its rows or with sqlite3's error.

        Raises Storage after `close`.
        """
        log.debug("%s", statement)  # without its values, which are what people wrote, and password hashes
        return self.call(partial(_fetchall, statement, parameters))

    def call(self, work: Callable[[sqlite3.Connection], T]) -> Deferred[T]:
        """Run `work` on the connection, in its thread, after all that was started before.

        Raises Storage after `close`.
        """
        if self._closed:  # a request can outlive the server
            raise Storage
        reply: _Reply[T] = _Reply(self._loop)
        # aiosqlite's queue is private. Its public `execute_fetchall` awaits an asyncio future, so a commit would be
        # reported one loop iteration later, and each message would wait for that.
        self._connection._tx.put_nowait((cast("asyncio.Future[object]", reply), partial(work, self._sqlite)))
        return reply

    def erased(self) -> None:
        """Note that text was deleted or replaced, which is still in the files (db.erasure)."""
        self._erased = True

    def take_erased(self) -> bool:
        """Return whether that was noted since the last call."""
        erased, self._erased = self._erased, False
        return erased

    async def check(self) -> None:
        """Return if it can be written and read, and no other write has failed in the last seconds.

        A large write can fail where a small one does not. Raises Storage, caused by SQLite's error.
        """
        await self.run("UPDATE used_seq SET seq = seq RETURNING seq")
        if self._failure is not None and time.monotonic() - self._failed_at < FAILED_RECENTLY_S:
            raise Storage from self._failure

    def failed(self, error: Exception) -> None:
        """Note that the disk or the database failed."""
        self._failure, self._failed_at = error, time.monotonic()

    async def close(self) -> None:
        """Close the connection; SQLite checkpoints the write-ahead log first.

        Even with secure_delete, pages that were split keep copies of rows that were moved and then deleted. Writing the
        file anew leaves nothing of them; a large one would take longer than a stop may.
        """
        self._closed = True
        with contextlib.suppress(sqlite3.Error):  # a full disk, another program's lock: the next stop does it
            [(size_bytes,)] = await self._connection.execute_fetchall(SIZE)
            if cast(int, size_bytes) <= VACUUMED_BYTES:
                await self._connection.execute("VACUUM")
        await self._connection.close()


def _fetchall(statement: str, parameters: Sequence[object], sqlite: sqlite3.Connection) -> list[Row]:
    return sqlite.execute(statement, parameters).fetchall()


class _Reply(Deferred[T]):
    """Stands in for the future of a statement in aiosqlite's thread."""

    __slots__ = ("_loop",)

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._loop = loop

    def get_loop(self) -> asyncio.AbstractEventLoop:
        """Return the loop in which the thread settles it."""
        return self._loop


def row_fault(error: sqlite3.IntegrityError) -> DomainError:
    """Return the error for a row that violates the schema: after all earlier checks, only its room can be missing."""
    if error.sqlite_errorcode == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
        return NoSuchRoom()
    if error.sqlite_errorcode == sqlite3.SQLITE_CONSTRAINT_TRIGGER:
        return Storage(reason="quota")  # the only reason for which triggers in schema.sql refuse a row
    log.error("a row violates the schema: %s", error)
    return Internal()


def _inspect(path: Path) -> None:
    """Raise StartError for a file that must not be used, and sqlite3.Error when it cannot be opened.

    The check is read-only: any other connection, when closed, writes the log into the file and deletes it. And it does
    not use aiosqlite, whose thread outlives a connection that could not be opened.
    """
    if not path.exists() or not path.stat().st_size:
        wal = path.with_name(f"{path.name}-wal")
        if wal.exists() and wal.stat().st_size:  # SQLite would delete it and start a new database
            raise StartError(
                f"the database {path} is empty or missing, but {wal.name} exists; restore it, or move both away"
            )
        return
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        try:
            _check(connection, path)
        except sqlite3.Error as error:
            raise StartError(f"the database {path} cannot be used: {error}") from error


def _keep_private(path: Path) -> None:
    """Create the database if there is none, readable only by the owner; restrict one that others can read.

    SQLite gives the files beside it the same mode when it creates them. Raises StartError.
    """
    real = path.resolve()  # beside which SQLite puts its other files
    try:
        private.create(real)
    except OSError as error:
        raise StartError(f"cannot open the database {path}: {error.strerror}") from error
    private.restrict(real, *(real.with_name(f"{real.name}{suffix}") for suffix in ("-wal", "-shm")))


def _check(connection: sqlite3.Connection, path: Path) -> None:
    def ask(query: str) -> object:
        return connection.execute(query).fetchone()[0]

    version = cast(int, ask("PRAGMA user_version"))
    tables = ask("SELECT count(*) FROM sqlite_schema")
    if tables and ask("PRAGMA application_id") != APPLICATION_ID:
        raise StartError(f"{path} is not a gifchat database")
    if version > SCHEMA_VERSION:
        raise StartError(
            f"{path} was created by a newer gifchat (version {version}; this program supports up to {SCHEMA_VERSION})"
        )
    if tables and (version < min(MIGRATIONS) or ask("PRAGMA quick_check(1)") != "ok"):
        raise StartError(f"the database {path} is damaged; move it away to start with a new one")


async def _prepare(connection: aiosqlite.Connection, schema: str) -> None:
    version = await _pragma(connection, "user_version")
    tables = await _scalar(connection, "SELECT count(*) FROM sqlite_schema")
    await connection.create_function("composed", 1, composed, deterministic=True)
    await connection.executescript(
        f"{PRAGMAS} BEGIN IMMEDIATE; ROLLBACK;"
    )  # fails here if another program holds a lock
    if not tables:
        await _apply(connection, f"{schema}; PRAGMA application_id = {APPLICATION_ID}", SCHEMA_VERSION)
        return
    for step in range(version, SCHEMA_VERSION):
        log.info("migrating the database from version %d to %d; this may take some seconds", step, step + 1)
        await _apply(connection, MIGRATIONS[step], step + 1)
    if version < SCHEMA_VERSION:
        log.info("the database is at version %d", SCHEMA_VERSION)


async def _apply(connection: aiosqlite.Connection, script: str, version: int) -> None:
    """Run `script` and set `user_version` in one transaction: a migration happens whole or not at all."""
    try:
        await connection.executescript(f"BEGIN IMMEDIATE;\n{script};\nPRAGMA user_version = {version};\nCOMMIT;")
    except sqlite3.Error:
        if connection.in_transaction:
            await connection.rollback()
        raise


async def _pragma(connection: aiosqlite.Connection, name: str) -> int:
    return await _scalar(connection, f"PRAGMA {name}")


async def _scalar(connection: aiosqlite.Connection, query: str) -> int:
    [(value,)] = await connection.execute_fetchall(query)
    return int(value)
