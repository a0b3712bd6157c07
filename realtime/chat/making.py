"""Making rooms: within what the server, an address and a visitor may have."""

import secrets
import time

from realtime.chat import policy
from realtime.chat.allowances import Allowances
from realtime.chat.life import Rooms
from realtime.chat.model import RoomView, StoredRoom, Visitor
from realtime.chat.passwords import Passwords
from realtime.chat.policy import Limits, RoomForm
from realtime.chat.ports import Stores
from realtime.chat.room import Room
from realtime.chat.shares import RoomsMade
from realtime.clock import Clock
from realtime.errors import TooManyRooms


class RoomMaking:
    """Makes rooms, and knows from which address each was made."""

    def __init__(  # noqa: PLR0913  its dependencies
        self,
        limits: Limits,
        rooms: Rooms,
        stores: Stores,
        passwords: Passwords,
        allowances: Allowances,
        *,
        clock: Clock,
    ) -> None:
        self._limits = limits
        self._rooms = rooms
        self._stores = stores
        self._passwords = passwords
        self._allowances = allowances
        self._clock = clock
        self._made = RoomsMade(allowances.people if allowances.on else 0, rooms.has)
        self._being_created = 0

    async def create(self, who: Visitor, form: RoomForm) -> RoomView:
        """Create a room owned by `who`.

        Raises InvalidRoom, Banned, SeatNeeded, NotAllowed, Muted, TooFast, TooManyRooms or Storage.
        """
        title = policy.check_title(form.title)
        size = policy.check_max(form.max, self._limits.max_occupancy)
        password = policy.check_password(form.password)
        self._check_may_make(who, password)
        now, address = self._clock.time(), self._allowances.address_of(who.id)
        free = self._limits.max_rooms - len(self._rooms) - self._being_created
        known = self._allowances.rooms.is_known(who.id, now)
        if free <= 0 or not self._made.may_make(address, free, known=known):
            raise TooManyRooms(retry_after=self._limits.unentered_s)
        self._allowances.rooms.take(who.id, now)
        self._being_created += 1
        try:
            await self._rooms.store(who)
            hashed = await self._passwords.hash(password, address) if password else None
            self._check_may_make(who, password)
            stored = StoredRoom(
                key=0,
                id=secrets.token_hex(12),
                title=title,
                max=size,
                owner_id=who.id,
                owner=who.user,
                password_hash=hashed.hash if hashed else None,
                ephemeral=form.ephemeral,
                created_at=int(time.time() * 1000),
            )
            if form.ephemeral:
                await self._stores.records.reserve()
            key = await self._stores.rooms.add(stored)
            stored = stored._replace(key=key, frozen=self._rooms.house.frozen)
        finally:
            self._being_created -= 1
        room = Room(stored, self._clock.time() + self._limits.unentered_s, hashed)
        self._rooms.add(room)
        self._made.note(address, room.id)
        self._rooms.lobby.created(room)
        return room.view()

    def _check_may_make(self, who: Visitor, password: str | None) -> None:
        house = self._rooms.house
        house.check_welcome(who)
        house.check_allowed(who, "rooms")
        if password is not None:
            house.check_allowed(who, "private")
        house.check_unmuted(who, None)  # a title says something, too
