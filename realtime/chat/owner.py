"""What only a room's owner can do: change it, hand it over, delete it, kick people and readmit them."""

from collections.abc import Callable

import msgspec

from realtime.chat import policy
from realtime.chat.desk.log import DeskLog
from realtime.chat.life import CLOSED, CLOSED_BY_TEACHER, Rooms
from realtime.chat.model import RoomView, Visitor
from realtime.chat.passwords import Passwords, RoomPassword
from realtime.chat.permissions import Act
from realtime.chat.policy import Limits, RoomPatch
from realtime.chat.ports import RoomStore
from realtime.chat.room import Room, Settings
from realtime.chat.visitors import Visitors
from realtime.errors import BadRequest, DomainError, InvalidRoom, NotAllowed, NotHere, TooManyKept


class OwnerService:
    """Every call checks the visitor's permission, by visitor id and never by a colour that a client sends.

    A room's changes are stored one at a time (`Room.changing`), so each can be undone if storing it fails.
    """

    def __init__(  # noqa: PLR0913  its dependencies
        self,
        limits: Limits,
        rooms: Rooms,
        visitors: Visitors,
        store: RoomStore,
        passwords: Passwords,
        *,
        act: Callable[[Visitor], str],
        log: DeskLog,
    ) -> None:
        """`act` counts what an owner does and returns their address; it raises TooFast above the rate limit."""
        self._limits = limits
        self._act = act
        self._log = log
        self._rooms = rooms
        self._visitors = visitors
        self._store = store
        self._passwords = passwords

    def kicked(self, who: Visitor, room_id: str) -> list[str]:
        """Return the colours of the kicked visitors. Raises NoSuchRoom or NotOwner."""
        return list(self._rooms.where(who, Act.KICK, room_id).bans.values())

    async def change(self, who: Visitor, room_id: str, patch: RoomPatch) -> RoomView:
        """Change a room's title, size or password, and whether it is kept.

        Raises NoSuchRoom, NotOwner, InvalidRoom, Frozen, Muted, NotAllowed, TooFast, TooManyKept or Storage.
        """
        self._rooms.where(who, Act.CHANGE, room_id)
        self._check(patch)
        self._check_allowed(who, self._rooms.of(room_id), patch)
        address = self._act(who)
        new = patch.password
        password = await self._passwords.hash(new, address) if isinstance(new, str) and new else None
        async with self._rooms.of(room_id).changing:
            room = self._rooms.where(who, Act.CHANGE, room_id)
            self._check_allowed(who, room, patch)
            settings = _changed(room.settings, patch, password)
            if settings.max < len(room.occupancy):
                raise InvalidRoom(field="max")
            if settings.kept and not room.kept and not self._rooms.house.is_teacher(who.id):
                self._check_may_keep(who)
            was_kept = room.kept
            undo = room.change(settings)
            try:
                password_hash = settings.password.hash if settings.password else None
                await self._store.change(room.key, settings.title, settings.max, password_hash, settings.kept)
            except DomainError:
                undo()
                raise
            finally:
                self._rooms.changed(room)
        if settings.kept != was_kept:
            await self._log.note_teachers(who, "keep", room=room_id, on=settings.kept)
        return room.view()

    async def delete(self, who: Visitor, room_id: str) -> None:
        """Delete a room and everything in it. Raises NoSuchRoom, NotOwner or Storage."""
        room = self._rooms.where(who, Act.DELETE, room_id)
        await self._rooms.remove(room, CLOSED_BY_TEACHER if self._rooms.house.is_teacher(who.id) else CLOSED)
        await self._log.note_teachers(who, "close", room=room_id, title=room.settings.title)

    async def kick(self, who: Visitor, room_id: str, user: str) -> None:
        """Ban and remove someone who was ever admitted.

        Raises NoSuchRoom, NotOwner, TooFast, BadRequest, NotHere, NotAllowed for a teacher, or Storage.
        """
        self._rooms.where(who, Act.KICK, room_id)
        self._act(who)
        async with self._rooms.of(room_id).changing:
            room = self._rooms.where(who, Act.KICK, room_id)
            target = self._visitors.by_user(user)
            if target is None:
                raise NotHere
            if target.id == who.id:
                raise BadRequest
            if self._rooms.house.is_teacher(target.id):
                raise NotAllowed
            if not room.has_known(target.id):
                raise NotHere
            if target.id in room.bans:
                return
            undo = room.ban(target)
            try:
                await self._rooms.journal.note(room, "kick", target)
            except BaseException:
                undo()
                raise
            if not room.gone:
                self._rooms.expel(room, target)
        await self._log.note_teachers(who, "kick", room=room_id, user=user)

    async def readmit(self, who: Visitor, room_id: str, user: str) -> None:
        """Lift someone's ban, if there is one. Raises NoSuchRoom, NotOwner, TooFast or Storage."""
        self._rooms.where(who, Act.READMIT, room_id)
        self._act(who)
        async with self._rooms.of(room_id).changing:
            room = self._rooms.where(who, Act.READMIT, room_id)
            target = self._visitors.by_user(user)
            if target is not None and target.id in room.bans:
                await self._store.readmit(room.key, target.id)
                room.readmit(target.id)
                await self._log.note_teachers(who, "readmit", room=room_id, user=user)

    async def hand_over(self, who: Visitor, room_id: str, user: str) -> None:
        """Make a present member the owner. Raises NoSuchRoom, NotOwner, TooFast, NotHere or Storage."""
        room = self._rooms.where(who, Act.HAND_OVER, room_id)
        self._act(who)
        target = self._visitors.by_user(user)
        if target is None or not room.occupancy.sids(target.id):
            raise NotHere
        if target.id != who.id:
            await self._rooms.set_owner(room, target)

    def _check_allowed(self, who: Visitor, room: Room, patch: RoomPatch) -> None:
        """Raise Frozen or Muted for a new title, which says something, or NotAllowed for a password now."""
        if patch.title is not msgspec.UNSET and policy.check_title(patch.title) != room.settings.title:
            self._rooms.house.check_voice(who, room)
        if patch.password:
            self._rooms.house.check_allowed(who, "private")

    def _check_may_keep(self, who: Visitor) -> None:
        """Raise TooManyKept if the visitor's rooms are many enough."""
        if self._rooms.count_kept(who) >= policy.MAX_KEPT_ROOMS:
            raise TooManyKept

    def _check(self, patch: RoomPatch) -> None:
        """Raise InvalidRoom for a value that no room can have."""
        if patch.title is not msgspec.UNSET:
            policy.check_title(patch.title)
        if patch.max is not msgspec.UNSET:
            policy.check_max(patch.max, self._limits.max_occupancy)
        if patch.password is not msgspec.UNSET:
            policy.check_password(patch.password)


def _changed(settings: Settings, patch: RoomPatch, password: RoomPassword | None) -> Settings:
    """Return the settings with `patch` applied; `password` is its password, hashed."""
    return Settings(
        title=settings.title if patch.title is msgspec.UNSET else policy.check_title(patch.title),
        max=settings.max if patch.max is msgspec.UNSET else patch.max,
        password=settings.password if patch.password is msgspec.UNSET else password,
        kept=settings.kept if patch.kept is msgspec.UNSET else patch.kept,
    )
