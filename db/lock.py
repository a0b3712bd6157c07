"""One server to a data folder: two would each believe that the rooms are theirs alone."""

import contextlib
import errno
import sys
from collections.abc import Iterator
from pathlib import Path

from realtime.errors import StartError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

NAME = "gifchat.lock"
TAKEN = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)


@contextlib.contextmanager
def only_server(folder: Path) -> Iterator[None]:
    """Keep every other server out of `folder`. The system lets go of the lock when the process ends, however it ends.

    Raises StartError when another server is in it, and OSError.
    """
    with (folder / NAME).open("wb") as file:
        try:
            _lock(file.fileno())
        except OSError as error:
            if error.errno not in TAKEN:
                raise
            raise StartError(
                f"another gifchat uses the data folder {folder}; give this one its own by --data"
            ) from error
        yield


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
