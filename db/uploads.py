"""The folder of images: written aside first, and under their own name only when they are whole and on the disk.

An image's name is made here from 128 random bits and its real format; nothing that a client sent is part of a path.
"""

import asyncio
import contextlib
import io
import logging
import os
import re
import secrets
import threading
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import TypeVar

from realtime.errors import Storage

log = logging.getLogger("gifchat.db")

NAME_PATTERN = r"[0-9a-f]{32}\.(?:gif|webp|png|jpg)"
OURS = re.compile(rf"{NAME_PATTERN}|[0-9a-f]{{32}}\.part")

T = TypeVar("T")

WRITE_BYTES = 64 * 1024  # small pieces are gathered to this much, so that a slow sender costs no thread hand-over each


class Draft:
    """One image being received: `keep` makes it an image, `discard` leaves no trace of it."""

    def __init__(self, folder: Path) -> None:
        """Prepare a file in `folder`; it is made with the first bytes."""
        self.size_bytes = 0
        self._folder = folder
        self._path = folder / f"{secrets.token_hex(16)}.part"
        self._pending = bytearray()
        self._file: io.FileIO | None = None
        self._discarded = False
        # A connection may close, and discard, while a thread still writes.
        self._lock = threading.Lock()

    async def write(self, data: bytes) -> None:
        """Append `data`. Raises Storage when the disk refuses it."""
        self.size_bytes += len(data)
        self._pending += data
        if len(self._pending) >= WRITE_BYTES:
            await self._in_thread(self._flush)

    @property
    def poster(self) -> Path:
        """Where the examiner puts the image's still frame."""
        return self._path.with_suffix(".poster.part")

    async def written(self) -> Path:
        """Return the file that holds all that was written. Raises Storage."""
        await self._in_thread(self._flush)
        return self._path

    async def keep(self, extension: str) -> str:
        """Put the image under a new name with `extension` and return the name, once disk and folder have it for good.

        Raises Storage, and then nothing is left of it.
        """

        def keep() -> str:
            name = f"{secrets.token_hex(16)}.{extension}"
            self._flush()
            with self._lock:
                assert self._file is not None
                os.fsync(self._file.fileno())
                self._file.close()
                self._path.rename(self._folder / name)
            try:
                _sync_folder(self._folder)
            except OSError:
                (self._folder / name).unlink()
                raise
            return name

        try:
            return await self._in_thread(keep)
        except BaseException:
            self.discard()
            raise

    def discard(self) -> None:
        """Delete the temporary file, if there is one (still)."""
        with self._lock:
            self._discarded = True
            self._pending.clear()
            if self._file is not None:
                self._file.close()
                with contextlib.suppress(OSError):  # the sweep at the next start takes what cannot be deleted now
                    self._path.unlink(missing_ok=True)

    def _flush(self) -> None:
        with self._lock:
            if self._discarded:
                raise Storage
            if self._file is None:
                self._file = self._path.open("xb", buffering=0)
            rest = memoryview(bytes(self._pending))
            while rest:
                rest = rest[self._file.write(rest) :]
            self._pending.clear()

    @staticmethod
    async def _in_thread(work: Callable[[], T]) -> T:
        try:
            return await asyncio.to_thread(work)
        except OSError as error:
            log.error("storage: %s", error)
            raise Storage from error


class Uploads:
    """The images of all rooms, in one folder."""

    def __init__(self, folder: Path) -> None:
        """Use `folder`, made if it is not there. Raises OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder

    def draft(self) -> Draft:
        """Begin to receive an image."""
        return Draft(self.folder)

    async def remove(self, names: Iterable[str]) -> None:
        """Delete the images `names`; those that are gone already, or cannot be deleted now, are passed over."""
        await asyncio.to_thread(self._remove, list(names))

    async def sweep(self, recorded: Collection[str]) -> int:
        """Delete every image that is not in `recorded` and every draft, and return how many; foreign files stay.

        Only for start-up, while nothing is being received.
        """

        def sweep() -> int:
            names = {path.name for path in self.folder.iterdir() if OURS.fullmatch(path.name)}
            return self._remove(names.difference(recorded))

        return await asyncio.to_thread(sweep)

    def _remove(self, names: Iterable[str]) -> int:
        removed = 0
        for name in names:
            with contextlib.suppress(OSError):
                (self.folder / name).unlink()
                removed += 1
        return removed


def _sync_folder(folder: Path) -> None:
    """Make a rename in `folder` last through a power cut. Windows has no such call, and its file system needs none."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
