"""What only a room's owner can do: change it, hand it over, send somebody away and let them back, delete it."""

import msgspec

from db.rooms import RoomTable
from realtime.chat import policy
from realtime.chat.life import Rooms
from realtime.chat.model import RoomView, Visitor
from realtime.chat.passwords import Passwords
from realtime.chat.policy import Limits, RoomPatch
from realtime.chat.room import Room
from realtime.chat.visitors import Visitors
from realtime.errors import BadRequest, DomainError, InvalidRoom, NotHere, NotOwner, TooManyKept


class OwnerService:
    """Asks of each call that its visitor owns the room; the owner is a visitor, whatever colour a client names.

    A room's changes are stored one after the other (`Room.changing`): each can then be taken back if its storing fails.
    """

    def __init__(
        self, limits: Limits, rooms: Rooms, visitors: Visitors, table: RoomTable, passwords: Passwords
    ) -> None:
        self._limits = limits
        self._rooms = rooms
        self._visitors = visitors
        self._table = table
        self._passwords = passwords

    def check(self, who: Visitor, room_id: str) -> None:
        """Raise NoSuchRoom or NotOwner unless the visitor owns the room."""
        self._owned(who, room_id)

    def kicked(self, who: Visitor, room_id: str) -> list[str]:
        """Return the colours of those who were kicked. Raises NoSuchRoom or NotOwner."""
        return list(self._owned(who, room_id).bans.values())

    async def change(self, who: Visitor, room_id: str, patch: RoomPatch) -> RoomView:
        """Change a room's title, size or password, and whether it is kept.

        Raises NoSuchRoom, NotOwner, InvalidRoom, TooManyKept or Storage.
        """
        self._owned(who, room_id)
        if patch.title is not msgspec.UNSET:
            policy.check_title(patch.title)
        if patch.max is not msgspec.UNSET:
            policy.check_max(patch.max, self._limits.max_occupancy)
        text = None if patch.password is msgspec.UNSET else policy.check_password(patch.password)
        new_password = await self._passwords.hash(text) if text else None
        async with self._rooms.of(room_id).changing:
            room = self._owned(who, room_id)
            before = title, size, password = room.title, room.occupancy.limit, room.password
            was_kept = room.kept
            kept = was_kept if patch.kept is msgspec.UNSET else patch.kept
            if patch.title is not msgspec.UNSET:
                title = policy.check_title(patch.title)
            if patch.max is not msgspec.UNSET:
                size = patch.max
            if patch.password is not msgspec.UNSET:
                password = new_password
            if size < len(room.occupancy):
                raise InvalidRoom(field="max")
            if kept and not was_kept and self._rooms.kept_by(who) >= policy.MOST_KEPT:
                raise TooManyKept
            self._rooms.keep(room, kept)
            room.title, room.occupancy.limit, room.password = title, size, password
            try:
                await self._table.change(room.key, title, size, password.hash if password else None, kept)
            except DomainError:
                self._rooms.keep(room, was_kept)
                room.title, room.occupancy.limit, room.password = before
                raise
            finally:
                self._rooms.lobby.changed(room)
            return room.view()

    async def delete(self, who: Visitor, room_id: str) -> None:
        """Remove a room with all in it. Raises NoSuchRoom, NotOwner or Storage."""
        await self._rooms.remove(self._owned(who, room_id))

    async def kick(self, who: Visitor, room_id: str, user: str) -> None:
        """Send somebody the room has known away for good. Raises NoSuchRoom, NotOwner,
        BadRequest, NotHere or Storage.
        """
        async with self._rooms.of(room_id).changing:
            room = self._owned(who, room_id)
            target = self._visitors.by_user(user)
            if target is None or not self._knows(room, target):
                raise NotHere
            if target.id == who.id:
                raise BadRequest
            if target.id in room.bans:
                return
            granted = target.id in room.grants
            room.bans[target.id] = target.user
            room.grants.discard(target.id)
            try:
                await self._rooms.journal.note(room, "kick", target)
            except BaseException:
                del room.bans[target.id]
                if granted:
                    room.grants.add(target.id)
                raise
            if not room.gone:
                self._rooms.expel(room, target)

    async def readmit(self, who: Visitor, room_id: str, user: str) -> None:
        """Let somebody kicked come back; nothing happens when they were not. Raises NoSuchRoom, NotOwner or Storage."""
        async with self._rooms.of(room_id).changing:
            room = self._owned(who, room_id)
            target = self._visitors.by_user(user)
            if target is not None and target.id in room.bans:
                await self._table.readmit(room.key, target.id)
                room.bans.pop(target.id, None)

    async def hand_over(self, who: Visitor, room_id: str, user: str) -> None:
        """Make somebody present the owner. Raises NoSuchRoom, NotOwner, NotHere or Storage."""
        room = self._owned(who, room_id)
        target = self._visitors.by_user(user)
        if target is None or not room.occupancy.sids(target.id):
            raise NotHere
        if target.id != who.id:
            await self._rooms.set_owner(room, target)

    def _owned(self, who: Visitor, room_id: str) -> Room:
        room = self._rooms.of(room_id)
        if room.owner.id != who.id:
            raise NotOwner
        return room

    def _knows(self, room: Room, who: Visitor) -> bool:
        return who.id in room.grants or who.id in room.occupancy or who.id in room.bans
