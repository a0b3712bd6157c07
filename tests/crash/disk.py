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
    """Where a server keeps its data: `data` is its folder."""

    data: Path

    def fill(self, server: Server) -> None:
        """Leave no room for anything new."""

    def free(self, server: Server) -> None:
        """Make room again."""


class SmallDisk:
    """A tmpfs of 1 MiB; what fills it besides the server can be taken away."""

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
    """Any disk, and a limit on the size of the server's files: what `ulimit -f` sets, but on a running process."""

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
    """Mount a tmpfs at `data` for the length of the block; gives None where that is not allowed."""
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
