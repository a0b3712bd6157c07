"""How much may be said, in a room and in all: what is stored of it takes space on the disk, as images do.

Measuring means reading all of a room, so it is done only when what was said since might have filled it. Until it is
measured, a room counts for as much as there is in all. One that is full is measured again after a minute at most often:
something may have been deleted.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

from realtime.chat.ports import RECORD_BYTES, RecordStore
from realtime.chat.room import Room
from realtime.clock import Clock
from realtime.errors import Storage

CHARACTER_BYTES: Final = 3
"""Of Korean, in UTF-8."""
LEAST_BYTES: Final = 256 * 1024 * 1024
"""However small the quota of images is: a million short messages."""
AGAIN_S: Final = 60.0
FORGET_FROM: Final = 1000


def room_bytes(quota_bytes: float) -> float:
    """Return the space for the records of one room, where images have this quota."""
    return max(LEAST_BYTES, quota_bytes / 2) / 2


class TextSpace:
    """The space for records: half as much as for images, and half of that for one room."""

    def __init__(self, quota_bytes: float, records: RecordStore, clock: Clock, is_there: Callable[[str], bool]) -> None:
        self._limit = 2 * room_bytes(quota_bytes)
        self._records = records
        self._clock = clock
        self._is_there = is_there
        self._forget_at = FORGET_FROM
        self._left = 0.0
        self._left_in_room: dict[str, float] = {}
        self._at_first = 0.0
        self._measured_at: dict[str, float] = {}
        self._full: set[str] = set()  # as last measured
        self._measuring: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Measure what there is in all. Raises Storage."""
        self._left = self._limit - await self._records.used_bytes(None)
        self._at_first = self._left - self._limit / 2

    def take(self, room: Room, characters: int) -> None:
        """Take space for a record with a text of so many characters. Raises Storage, with the reason `text`."""
        if room.ephemeral:
            return
        size = RECORD_BYTES + CHARACTER_BYTES * characters
        left = self._left_in_room.get(room.id, self._at_first) - size
        if left < 0 or self._left < size:
            self._look_again(room)
        self._left_in_room[room.id] = left
        self._left -= size
        if len(self._left_in_room) > self._forget_at:
            self._forget()

    async def settled(self) -> None:
        """Wait until nothing is being measured."""
        if self._measuring is not None:
            await self._measuring

    def _look_again(self, room: Room) -> None:
        """Measure, unless that was done recently: then there is no space left. Raises Storage."""
        measured_at = self._measured_at.get(room.id)
        recently = measured_at is not None and self._clock.time() - measured_at < AGAIN_S
        if not recently and self._measuring is None:
            self._measuring = asyncio.create_task(self._measure(room))
        if recently or room.id in self._full:
            raise Storage(reason="text")

    def _forget(self) -> None:
        """Forget the rooms that are gone."""
        for about in (self._left_in_room, self._measured_at):
            for room_id in [one for one in about if not self._is_there(one)]:
                del about[room_id]
        self._full &= self._left_in_room.keys()
        self._forget_at = FORGET_FROM + 2 * len(self._left_in_room)

    async def _measure(self, room: Room) -> None:
        try:
            with contextlib.suppress(Storage):
                self._left = self._limit - await self._records.used_bytes(None)
                self._left_in_room[room.id] = self._limit / 2 - await self._records.used_bytes(room.key)
                full = self._left < 0 or self._left_in_room[room.id] < 0
                (self._full.add if full else self._full.discard)(room.id)
                self._measured_at[room.id] = self._clock.time()
        finally:
            self._measuring = None
