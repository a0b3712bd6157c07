"""A disk that can be filled and freed while a server runs on it."""

import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from tests.server import Server

SIZE_BYTES = 1024 * 1024
BALLAST_BYTES = 400 * 1024


class Disk(Protocol):
    """The disk of a server: `data` is its data folder."""

    data: Path

    def fill(self, server: Server) -> None:
        """Leave no space for anything new."""

    def free(self, server: Server) -> None:
        """Free space again."""


class SmallDisk:
    """A tmpfs of 1 MiB with a filler file that can be removed."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._ballast = data / "ballast"
        self._ballast.write_bytes(bytes(BALLAST_BYTES))

    def fill(self, server: Server) -> None:
        with self._ballast.open("ab", buffering=0) as ballast, suppress(OSError):
            while True:
                ballast.write(bytes(512))

    def free(self, server: Server) -> None:
        self._ballast.unlink()


class LimitedFiles:
    """Any disk with a limit on the size of the server's files, like `ulimit -f` but on a running process."""

    def __init__(self, data: Path) -> None:
        self.data = data

    def fill(self, server: Server) -> None:
        largest = max(path.stat().st_size for path in self.data.glob("gifchat.db*"))
        self._limit(server, largest)

    def free(self, server: Server) -> None:
        if server.process.poll() is None:
            self._limit(server, resource.RLIM_INFINITY)

    def _limit(self, server: Server, size_bytes: int) -> None:
        _, most = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size_bytes, most))


@contextmanager
def small_disk(data: Path) -> Iterator[Disk | None]:
    """Mount a tmpfs at `data` for the length of the block; yields None where mounting is not allowed."""
    data.mkdir()
    options = f"size={SIZE_BYTES},mode=0700"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", data], capture_output=True, check=False)
    if mounted.returncode:
        yield None
        return
    try:
        yield SmallDisk(data)
    finally:
        subprocess.run(["umount", "--lazy", data], check=True)
