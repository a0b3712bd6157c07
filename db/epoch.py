"""The epoch: a random word that identifies the sequence of numbers this database continues.

A `seq` identifies one record as long as the database only moves forward. When an older copy is restored, the numbers
after the copy's last are assigned a second time. So a position that survives a restart is (epoch, seq), and a restored
database gets a new epoch. An unnecessary new epoch costs each open page one page of history; a missing one shows new
records as old ones. So when in doubt, a new epoch is created.

The schema gives a new database its epoch. A restored copy is detected at startup, by a *mark* that the database and the
lock file beside it (db.lock) share. `settle`, at startup and again at an orderly stop, compares and renews both: it
writes a new random word into the lock file and then stores, in one transaction, the file's mark: that word, its inode
and its change time, which only the system can set, not a copying program.

    what is restored              copied while            the two differ, because
    the database                  no server ran           the lock file has another word, of a later start
    the database                  it was running          the stop renewed both
    the database and lock file    at any time             the copied lock file has another inode or change time
    the database without one      at any time             a new lock file is empty

After a kill -9 or a power cut both are as at startup, and the epoch stays; after a kill between the two writes they
differ, and a new epoch is created. Not detected: a copy of a running server, restored after that same run was killed;
and the image of a whole disk or virtual machine, outside of which nothing is newer. Against these, the chat also
refuses a position beyond the last assigned number (`RecordStore.epoch`).

A data folder that is copied to another machine gets a new epoch there. (On Windows the change time is the file's
creation time, which is also new in a copy.)
"""

import contextlib
import os
import secrets
from collections.abc import AsyncIterator
from io import FileIO

from db.connection import Database
from realtime.errors import StartError, Storage

WORD_BYTES = 16


@contextlib.asynccontextmanager
async def watched(database: Database, lock: FileIO) -> AsyncIterator[None]:
    """Check the epoch before the first record is read and, when the block ends, after the last one is written.

    Raises StartError or OSError. A failed write at the end only costs a new epoch at the next start.
    """
    try:
        await settle(database, lock)
    except Storage as error:
        raise StartError(f"cannot write to the database: {error.__cause__ or error}") from error
    try:
        yield
    finally:
        with contextlib.suppress(Storage, OSError):
            await settle(database, lock)


async def settle(database: Database, lock: FileIO) -> None:
    """Create a new epoch unless `lock` is the file this database was last used with; renew the mark."""
    found = _mark(lock)
    lock.seek(0)
    lock.write(secrets.token_hex(WORD_BYTES).encode())
    os.fsync(lock.fileno())  # some file systems set the change time only now
    await database.run(
        "UPDATE epoch SET word = iif(mark = ?1, word, lower(hex(randomblob(8)))), mark = ?2", (found, _mark(lock))
    )


def _mark(lock: FileIO) -> str:
    lock.seek(0)
    word = lock.read(2 * WORD_BYTES)
    found = os.fstat(lock.fileno())
    return f"{word.hex()} {found.st_ino} {found.st_ctime_ns}"
