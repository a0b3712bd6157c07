"""The implementations of the ports, in a form that a test can open, fill and reopen."""

import asyncio
import copy
import shutil
from pathlib import Path
from typing import Protocol, cast

from db.connection import Database
from db.stores import stores_over
from db.uploads import Uploads
from db.writer import Writer
from realtime.chat.ports import Stores
from tests.conftest import ROOT
from tests.ports.memory import Memory

SCHEMA = (ROOT / "schema.sql").read_text("utf-8")


class Implementation(Protocol):
    """One implementation, with its data in a folder."""

    stores: Stores

    async def open(self) -> None:
        """Create `stores` from the stored data, as the server does at start-up."""
        ...

    async def close(self) -> None:
        """Close the stores as the server does when it stops. The data can be opened again."""
        ...

    def after_crash(self) -> "Implementation":
        """Return the state that would be found if the process crashed now."""
        ...

    async def flushed(self) -> None:
        """Return when all pending writes are done."""
        ...

    async def refuse(self, is_full: bool) -> None:
        """Make the disk refuse writes, or accept them again, once pending ones are done."""
        ...

    async def count(self, table: str) -> int:
        """Return the number of `rooms`, `chats`, `grants`, `members`, `lingering`, `bans` or `images`."""
        ...


class SQLite:
    """db/: gifchat.db and uploads/."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def open(self) -> None:
        self.database = await Database.open(self._folder / "gifchat.db", SCHEMA)
        self.writer = Writer(self.database)
        self.stores = stores_over(self.database, self.writer, Uploads(self._folder / "uploads"))

    async def close(self) -> None:
        await self.writer.close()
        await self.database.close()

    def after_crash(self) -> "SQLite":
        left = self._folder.with_name(f"{self._folder.name} after a crash")
        shutil.copytree(self._folder, left)
        return SQLite(left)

    async def flushed(self) -> None:
        await self.writer.flushed()

    async def refuse(self, is_full: bool) -> None:
        await self.database.run(f"PRAGMA query_only = {is_full}")

    async def count(self, table: str) -> int:
        [(count,)] = await self.database.run(f"SELECT count(*) FROM {table}")
        return cast(int, count)


class InMemory:
    """tests/ports/memory.py: a `Memory`, and uploads/."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._memory = Memory()

    async def open(self) -> None:
        self._memory.closed = False
        self.stores = self._memory.stores(Uploads(self._folder / "uploads"))

    async def close(self) -> None:
        await self.flushed()
        self._memory.closed = True

    def after_crash(self) -> "InMemory":
        left = InMemory(self._folder)
        left._memory = copy.deepcopy(self._memory)
        return left

    async def flushed(self) -> None:
        while self._memory.under_way:
            await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def refuse(self, is_full: bool) -> None:
        await asyncio.sleep(0)
        self._memory.full = is_full

    async def count(self, table: str) -> int:
        if table == "chats":
            return sum(map(len, self._memory.records.values()))
        return len(self._memory.images.kept if table == "images" else vars(self._memory)[table])
