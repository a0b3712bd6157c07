"""Rooms that the teacher prepares: kept, first in the lobby, in an order, and no pupil's."""

import asyncio
import contextlib
from collections.abc import Sequence

from realtime.chat import policy
from realtime.chat.desk.room_file import USUAL_MAX, Planned
from realtime.chat.life import Rooms
from realtime.chat.making import RoomMaking
from realtime.chat.model import OWNERLESS, RoomView, Visitor
from realtime.chat.policy import Limits, RoomForm
from realtime.chat.ports import RoomStore
from realtime.errors import BadRequest, DomainError


class Preparing:
    """Prepares rooms, and puts them in order."""

    def __init__(self, limits: Limits, rooms: Rooms, making: RoomMaking, store: RoomStore) -> None:
        self._usual_max = min(USUAL_MAX, limits.max_occupancy)
        self._rooms = rooms
        self._making = making
        self._store = store
        self._one_at_a_time = asyncio.Lock()  # a position is taken, or changed, when it is stored

    async def prepare(
        self,
        who: Visitor,
        title: str,
        most: int | None = None,
        *,
        password: str | None = None,
        first: str | None = None,
    ) -> RoomView:
        """Make a room after the other prepared ones, with a first message by the teacher; without `most`, for a class.

        Raises InvalidRoom, ChatTooLong, TooManyRooms or Storage; there is no room then.
        """
        form = RoomForm(title, self._usual_max if most is None else most, password)
        first = policy.check_caption(first)
        await self._rooms.store(who)
        async with self._one_at_a_time:
            room = await self._making.prepare(who, form, self._next_position())
        if first is not None:
            try:
                await self._rooms.journal.say(room, who, chat=first)
            except DomainError:
                with contextlib.suppress(DomainError):  # it is tried again
                    await self._rooms.remove(room)
                raise
        return room.view()

    async def prepare_all(self, planned: Sequence[Planned]) -> None:
        """Make the rooms of which there is no kept one with this title. Raises TooManyRooms or Storage."""
        async with self._one_at_a_time:
            there = {room.settings.title for room in self._rooms.newest_first() if room.kept}
            for title, most in planned:
                if title not in there:
                    await self._making.prepare(OWNERLESS, RoomForm(title, most), self._next_position())

    async def arrange(self, room_ids: Sequence[str]) -> None:
        """Put those of these rooms that are kept first in the lobby, in this order, and none of the others.

        Raises NoSuchRoom, BadRequest for a room that comes twice, or Storage.
        """
        if len(set(room_ids)) != len(room_ids):
            raise BadRequest
        async with self._one_at_a_time:
            chosen = [room for room in map(self._rooms.of, room_ids) if room.kept]
            await self._store.order([room.key for room in chosen])
            places = {room: place for place, room in enumerate(chosen, 1)}
            for room in self._rooms.newest_first():
                if room.position != places.get(room):
                    room.place(places.get(room))
                    self._rooms.lobby.changed(room)

    def _next_position(self) -> int:
        return max((room.position or 0 for room in self._rooms.prepared()), default=0) + 1
