"""The log of the desk: what a teacher did, when, and never what people said.

It is noted where it is done, so also what a teacher does in a room, without the desk's page.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable

from realtime.chat.desk.house import House
from realtime.chat.desk.ports import DeskStore, JsonValue, LogEntry
from realtime.chat.model import Visitor, timestamp
from realtime.chat.visitors import Visitors
from realtime.errors import Storage

LOGGED = 10_000  # as many as are kept


class DeskLog:
    """Writes the log, and tells the desks."""

    def __init__(self, house: House, visitors: Visitors, store: DeskStore) -> None:
        self.on_entry: Callable[[dict[str, JsonValue]], object] = lambda _: None
        """Called with each new entry."""
        self._house = house
        self._visitors = visitors
        self._store = store
        self._tasks: set[asyncio.Task[None]] = set()

    async def entries(self, limit: int = LOGGED) -> list[dict[str, JsonValue]]:
        """Return the last entries, newest first. Raises Storage."""
        return [_shown(entry) for entry in await self._store.log(limit)]

    async def note(self, who: Visitor, did: str, **detail: JsonValue) -> None:
        """Note what was done. It is done, so nothing is raised if this cannot be stored."""
        about = self._visitors.by_user(str(detail.get("user")))
        seat = self._house.seat_of(about.id) if about is not None else None
        if seat is not None and seat in self._house.labels:
            detail["seat"] = self._house.labels[seat]
        entry = LogEntry(int(time.time() * 1000), {"did": did, "by": who.user, **detail})
        with contextlib.suppress(Storage):  # already logged
            await self._store.note(entry)
        self.on_entry(_shown(entry))

    async def note_teachers(self, who: Visitor, did: str, **detail: JsonValue) -> None:
        """Note what was done if a teacher did it: an owner, or whoever it is, does the same."""
        if self._house.is_teacher(who.id):
            await self.note(who, did, **detail)

    def note_soon(self, who: Visitor, did: str, **detail: JsonValue) -> None:
        """Note what was done, which nobody waits for."""
        task = asyncio.create_task(self.note(who, did, **detail))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settled(self) -> None:
        """Wait until everything is noted."""
        await asyncio.gather(*self._tasks)


def _shown(entry: LogEntry) -> dict[str, JsonValue]:
    return {"at": timestamp(entry.at_ms), **entry.entry}
