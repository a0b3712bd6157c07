"""How rooms that have ended are deleted: what is stored of them, with retries, and then the lobby is told."""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Final

from realtime.chat.lobby import Lobby
from realtime.chat.ports import Stores
from realtime.chat.room import Room
from realtime.errors import Storage

RETRY_S: Final = 5.0


class Removal:
    """Deletes rooms that are gone."""

    def __init__(self, stores: Stores, lobby: Lobby) -> None:
        self._stores = stores
        self._lobby = lobby
        self._tasks: set[asyncio.Task[None]] = set()

    async def delete(self, room: Room) -> None:
        """Return when nothing of the room is stored any more. Raises Storage, and retries then until it succeeds."""
        try:
            await self._delete_once(room)
        except Storage:
            self._spawn(self._retry(room))
            raise

    def delete_later(self, room: Room) -> None:
        """Delete the room, which nobody waits for."""
        self._spawn(self._delete_unwatched(room))

    async def settled(self) -> None:
        """Wait until all pending deletions are done."""
        await asyncio.gather(*self._tasks)

    async def stop(self) -> None:
        """Stop the pending deletions; the next start finishes them."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _delete_once(self, room: Room) -> None:
        try:
            await self._stores.rooms.remove(room.key)
        except Storage:  # on a full disk even a deletion fails, unless the files are deleted first
            await self._stores.images.free(room.key)
            await self._stores.rooms.remove(room.key)
        await self._stores.images.clear()
        self._lobby.removed(room.id)

    async def _delete_unwatched(self, room: Room) -> None:
        with contextlib.suppress(Storage):  # already logged, and retried
            await self.delete(room)

    async def _retry(self, room: Room) -> None:
        while True:
            await asyncio.sleep(RETRY_S)
            with contextlib.suppress(Storage):
                return await self._delete_once(room)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
