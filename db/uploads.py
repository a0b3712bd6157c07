"""The image folder. Files are written under a temporary name, and renamed once they are complete and on disk.

An image's name consists of 128 random bits and its real format, after its name on the shelf if it comes from there;
nothing that a client sent becomes part of a path.
"""

import asyncio
import contextlib
import errno
import io
import logging
import math
import os
import re
import secrets
import shutil
import threading
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import TypeVar

from realtime.chat.model import IMAGE_FILE, poster_name
from realtime.errors import NotFound, StartError, Storage

log = logging.getLogger("gifchat.db")

OUR_FILES = re.compile(rf"{IMAGE_FILE}|[0-9a-f]{{32}}(?:\.[a-z]+)?\.part")

FULL = (errno.ENOSPC, errno.EDQUOT)  # no reason not to start: space can be freed while the chat runs

T = TypeVar("T")

WRITE_BYTES = (
    64 * 1024
)  # small chunks are collected up to this size, so that a slow sender does not cost a thread switch for each


class Space:
    """The space available to all drafts together."""

    def __init__(self, most_bytes: float) -> None:
        self._free = most_bytes
        self._lock = threading.Lock()  # a draft may be discarded in a thread

    def take(self, size_bytes: int) -> None:
        """Reserve space; raise Storage when there is not enough left."""
        with self._lock:
            if size_bytes > self._free:
                raise Storage(reason="quota")
            self._free -= size_bytes

    def give_back(self, size_bytes: int) -> None:
        """Free reserved space."""
        with self._lock:
            self._free += size_bytes


class DraftFile:
    """An image being received: `keep` stores it, `discard` deletes it."""

    def __init__(self, folder: Path, space: Space) -> None:
        """Prepare a file in `folder`; the first bytes create it, and it uses up `space` until it is discarded."""
        self.size_bytes = 0
        self._space = space
        self._stem = secrets.token_hex(16)
        self._folder = folder
        self._path = folder / f"{self._stem}.part"
        self._poster = folder / f"{self._stem}.poster.part"
        self._origin = ""
        self._pending = bytearray()
        self._file: io.FileIO | None = None
        self._discarded = False
        # A connection may close and discard this while a thread is still writing.
        self._lock = threading.Lock()

    async def write(self, data: bytes) -> None:
        """Append `data`. Raises Storage when the disk refuses it or all drafts together would exceed their space."""
        self._space.take(len(data))
        self.size_bytes += len(data)
        self._pending += data
        if len(self._pending) >= WRITE_BYTES:
            await _in_thread(self._flush)

    async def copy(self, source: Path) -> None:
        """Copy the file `source` into this draft; the image's name will begin with its name.

        Raises NotFound when it does not exist, and Storage.
        """
        if not await asyncio.to_thread(source.is_file):
            raise NotFound
        self._origin = f"{source.stem}-"
        await _in_thread(lambda: shutil.copyfile(source, self._path))

    async def written(self) -> Path:
        """Return the file once everything is written to it; it is complete and will not change."""

        await _in_thread(self._close)
        return self._path

    async def keep(self, extension: str, *, moving: bool) -> str:
        """Store the file, and its poster if it is `moving`, as an image; return its name once it is safely on disk.

        Raises Storage, and then leaves no files.
        """

        def keep() -> str:
            self._close()
            name = f"{self._origin}{self._stem}.{extension}"
            files = [(self._path, self._folder / name)]
            if moving:
                files.append((self._poster, self._folder / poster_name(name)))
            with self._lock:
                if self._discarded:
                    raise Storage
                try:
                    for part, _ in files:
                        _sync(part)
                    for part, kept in files:
                        part.rename(kept)
                    _sync_folder(self._folder)
                except OSError:
                    for _, kept in files:
                        kept.unlink(missing_ok=True)
                    raise
            return name

        try:
            return await _in_thread(keep)
        except BaseException:
            self.discard()
            raise

    def discard(self) -> None:
        """Delete all temporary files: everything, unless it was kept."""
        with self._lock:
            if not self._discarded:
                self._space.give_back(self.size_bytes)
            self._discarded = True
            self._pending.clear()
            if self._file is not None:
                self._file.close()
            with contextlib.suppress(OSError):  # the sweep at the next start deletes what cannot be deleted now
                self._path.unlink(missing_ok=True)
                self._poster.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._pending:
            self._flush()
        with self._lock:
            if self._file is not None:
                self._file.close()

    def _flush(self) -> None:
        with self._lock:
            if self._discarded:
                raise Storage
            if self._file is None:
                self._file = self._path.open("xb", buffering=0)
            pending, self._pending = self._pending, bytearray()
            rest = memoryview(pending)
            while rest:
                rest = rest[self._file.write(rest) :]


class Uploads:
    """The image files of all rooms, in one folder."""

    def __init__(self, folder: Path, draft_bytes: float = math.inf) -> None:
        """Use `folder`, created if missing; images being received take at most `draft_bytes` of it.

        Raises OSError, and StartError when it is not writable.
        """
        folder.mkdir(parents=True, exist_ok=True)
        _check_writable(folder)
        self.folder = folder
        self._space = Space(draft_bytes)

    def draft(self) -> DraftFile:
        """Start receiving an image."""
        return DraftFile(self.folder, self._space)

    async def has(self, names: Iterable[str]) -> bool:
        """Return whether all of these files exist."""
        paths = [self.folder / name for name in names]
        return await asyncio.to_thread(lambda: all(map(os.path.isfile, paths)))

    async def remove(self, names: Iterable[str]) -> set[str]:
        """Delete these files; return those that cannot be deleted now. Missing files are ignored."""
        return await asyncio.to_thread(self._remove, list(names))

    async def sweep(self, recorded: Collection[str]) -> int:
        """Delete every image that is not in `recorded` and every draft, and return how many; other files stay.

        Only at startup, while nothing is being received.
        """

        def sweep() -> int:
            names = {path.name for path in self.folder.iterdir() if OUR_FILES.fullmatch(path.name)}
            orphans = names.difference(recorded)
            return len(orphans) - len(self._remove(orphans))

        return await asyncio.to_thread(sweep)

    def _remove(self, names: Iterable[str]) -> set[str]:
        left = set()
        for name in names:
            try:
                (self.folder / name).unlink(missing_ok=True)
            except OSError as error:
                log.warning("cannot delete an image: %s", error)
                left.add(name)
        return left


async def _in_thread(work: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(work)
    except OSError as error:
        log.error("storage: %s", error)
        raise Storage from error


def _check_writable(folder: Path) -> None:
    probe = folder / f"{secrets.token_hex(16)}.part"
    try:
        probe.touch(exist_ok=False)
        probe.unlink()
    except OSError as error:
        if error.errno not in FULL:
            raise StartError(f"cannot write to the folder {folder}: {error.strerror}") from error


def _sync(path: Path) -> None:
    """Wait until a file's content is on disk."""
    with path.open("r+b", buffering=0) as file:  # by its path: it may be another file than the one that was written
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut. Windows has no such call, and its file system needs none."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
