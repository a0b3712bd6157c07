"""The epoch: a random word that says which run of numbers this database continues.

A `seq` names one record for as long as the database only goes forward. Once an older copy is put in its place, the
numbers after the copy's last are given out a second time. So a position that is to hold over a restart is
(epoch, seq), and the epoch is another one from then on. A new one that was not needed costs each open page one page of
history; one that is missing shows new records as old ones. So whenever there is doubt, it is made anew.

A new database has one by its schema. That a copy was put in place is seen at the start, by a *mark* that the database
and the lock file beside it (db.lock) hold together. `settle`, at the start and again at the orderly stop, compares the
two and renews both: it writes a new random word into the lock file and then stores, in one transaction, the file's
mark: that word, its inode and its change time, which the system sets and no copying program can.

    what is put in place          copied while            the two differ, since
    the database                  no server ran           the lock file has another word, of a later start
    the database                  it was running          the stop renewed both
    the database and lock file    at any time             the copied lock file has another inode or change time
    the database without one      at any time             a new lock file is empty

After a kill -9 or a power cut both are as the start left them, and the epoch stays; killed between the two writes, they
differ, and it is made anew. What this does not see: a copy made of a running server, put in place after that same run
was killed; and the image of a whole disk or virtual machine. There, nothing outside is newer than what was put in
place. Against these the chat refuses a position beyond the last number given out, too (`RecordStore.epoch`).

A data folder that is copied to another machine gets a new epoch there. (On Windows the change time is that of the
file's making, which a copy has anew as well.)
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
    """See to the epoch before the first record is read and, at the end of the block, after the last one is written.

    Raises StartError or OSError. What cannot be written at the end costs a new epoch at the next start.
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
    """Make the epoch anew unless `lock` is the file that this database was last seen with; renew what shows that."""
    found = _mark(lock)
    lock.seek(0)
    lock.write(secrets.token_hex(WORD_BYTES).encode())
    os.fsync(lock.fileno())  # some file systems give the change time only now
    await database.run(
        "UPDATE epoch SET word = iif(mark = ?1, word, lower(hex(randomblob(8)))), mark = ?2", (found, _mark(lock))
    )


def _mark(lock: FileIO) -> str:
    lock.seek(0)
    word = lock.read(2 * WORD_BYTES)
    found = os.fstat(lock.fileno())
    return f"{word.hex()} {found.st_ino} {found.st_ctime_ns}"
