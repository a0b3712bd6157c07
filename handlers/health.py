"""Whether the server can do all its work, and since when not."""

import asyncio
import shutil
import time
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Protocol

import msgspec

from realtime.chat.model import timestamp
from realtime.errors import DomainError

CACHED_S = 1.0
PATIENCE_S = 2.0  # a disk that hangs does not answer at all
FULL_BELOW_BYTES = 64 * 1024


class Storing(Protocol):
    async def check(self) -> None:
        """Return if it can be written and read. Raises Storage, caused by the error for the operator."""


class Trouble(msgspec.Struct, frozen=True):
    """What is wrong with a part, since when it was noticed."""

    since: str
    reason: str


class Health:
    """The state of the parts `database`, `disk` and `images`, looked at no more than once a second."""

    def __init__(self, records: Storing, folder: Path, examines: Callable[[], bool]) -> None:
        """`folder` is on the disk in question; `examines` says whether images can be examined."""
        self._records = records
        self._folder = folder
        self._examines = examines
        self._degraded: Mapping[str, Trouble] = {}
        self._looked_at = -CACHED_S
        self._looking: asyncio.Task[None] | None = None

    async def degraded(self) -> Mapping[str, Trouble]:
        """Return what does not work, by part."""
        if self._looking is None and time.monotonic() - self._looked_at >= CACHED_S:
            self._looking = asyncio.create_task(self._look())
        if self._looking is not None:
            await asyncio.shield(self._looking)
        return self._degraded

    async def _look(self) -> None:
        try:
            found = {
                "database": await _within(self._database()),
                "disk": await _within(asyncio.to_thread(self._disk)),
                "images": None if self._examines() else "the image worker does not start",
            }
            now = timestamp(time.time_ns() // 1_000_000)
            self._degraded = {
                part: Trouble(self._degraded[part].since if part in self._degraded else now, reason)
                for part, reason in found.items()
                if reason is not None
            }
        finally:
            self._looked_at = time.monotonic()
            self._looking = None

    async def _database(self) -> str | None:
        try:
            await self._records.check()
        except DomainError as error:
            return str(error.__cause__ or error)
        return None

    def _disk(self) -> str | None:
        try:
            full = shutil.disk_usage(self._folder).free < FULL_BELOW_BYTES
        except OSError as error:
            return str(error.strerror)
        return "full" if full else None


async def _within(work: Coroutine[object, object, str | None]) -> str | None:
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await work
    except TimeoutError:
        return f"no answer within {PATIENCE_S:g} s"
