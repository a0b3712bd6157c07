"""One server per data folder: two would each assume that they own the rooms.

The locked file also helps to detect that an older copy of the database was restored: db.epoch.
"""

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

from realtime.errors import StartError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

NAME = "gifchat.lock"
TAKEN = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)


@contextlib.contextmanager
def only_server(folder: Path) -> Iterator[FileIO]:
    """Keep other servers out of `folder`; yield the locked file, which only the holder reads and writes.

    The system releases the lock when the process ends, however it ends.

    Raises StartError when another server holds it, and OSError.
    """
    # Not truncated: only the holder of the lock may do that.
    with FileIO(os.open(folder / NAME, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666), "r+") as file:
        try:
            _lock(file.fileno())
        except OSError as error:
            if error.errno not in TAKEN:
                raise
            raise StartError(
                f"another gifchat is using the data folder {folder}; choose a different one with --data"
            ) from error
        yield file


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
