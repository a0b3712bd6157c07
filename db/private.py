"""Files that only the user who runs the server may read.

Windows has no such modes: there, a file's access is that of its folder.
"""

import contextlib
import logging
import os
import sys
from pathlib import Path

log = logging.getLogger("gifchat.db")

OWNER_ONLY = 0o600


def create(path: Path, content: bytes = b"") -> None:
    """Create a file with this mode and content unless it exists. Raises OSError."""
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), OWNER_ONLY)
        with open(descriptor, "wb") as file:
            file.write(content)


def restrict(*paths: Path) -> None:
    """Take all others' access to existing files away. What cannot be changed is logged."""
    if sys.platform == "win32":
        return
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            mode = path.stat().st_mode & 0o777
            if mode & ~OWNER_ONLY:
                try:
                    path.chmod(mode & OWNER_ONLY)
                except OSError as error:  # another user's file, or a file system without modes
                    log.warning("others may be able to read %s: %s", path, error.strerror)
