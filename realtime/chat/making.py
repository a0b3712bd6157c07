"""Making rooms: within what the server, an address and a visitor may have."""

import contextlib
import secrets
import time
from collections.abc import Iterator

from realtime.chat import policy
from realtime.chat.allowances import Allowances
from realtime.chat.life import Rooms
from realtime.chat.model import RoomView, StoredRoom, Visitor
from realtime.chat.passwords import Passwords, RoomPassword
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
        self._made = RoomsMade(lambda: allowances.people if allowances.shared else 0, rooms.has)
        self._being_created = 0

    async def create(self, who: Visitor, form: RoomForm) -> RoomView:
        """Create a room owned by `who`.

        Raises InvalidRoom, Banned, SeatNeeded, NotAllowed, Muted, TooFast, TooManyRooms or Storage.
        """
        form = self._checked(form)
        self._check_may_make(who, form.password)
        now, address = self._clock.time(), self._allowances.address_of(who.id)
        known = self._allowances.rooms.is_known(who.id, now)
        free = self._free()
        if free <= 0 or not self._made.may_make(address, free, known=known):
            raise TooManyRooms(retry_after=self._limits.unentered_s)
        self._allowances.rooms.take(who.id, now)
        with self._making():
            await self._rooms.store(who)
            hashed = await self._passwords.hash(form.password, address) if form.password else None
            self._check_may_make(who, form.password)
            room = await self._make(who, form, hashed)
        self._made.note(address, room.id)
        return room.view()

    async def prepare(self, owner: Visitor, form: RoomForm, position: int) -> Room:
        """Make a kept room, in this position of the lobby. Raises InvalidRoom, TooManyRooms or Storage."""
        form = self._checked(form)
        if self._free() <= 0:
            raise TooManyRooms
        with self._making():
            hashed = await self._passwords.hash(form.password, "") if form.password else None
            return await self._make(owner, form, hashed, position)

    def _checked(self, form: RoomForm) -> RoomForm:
        """Return the form with its title as it is shown. Raises InvalidRoom."""
        return RoomForm(
            policy.check_title(form.title),
            policy.check_max(form.max, self._limits.max_occupancy),
            policy.check_password(form.password),
            form.ephemeral,
        )

    def _free(self) -> int:
        """Return how many more rooms there can be."""
        return self._limits.max_rooms - len(self._rooms) - self._being_created

    @contextlib.contextmanager
    def _making(self) -> Iterator[None]:
        """Count a room that is being created."""
        self._being_created += 1
        try:
            yield
        finally:
            self._being_created -= 1

    async def _make(
        self, owner: Visitor, form: RoomForm, password: RoomPassword | None, position: int | None = None
    ) -> Room:
        """Store the room and add it; one in a position is kept. Raises Storage."""
        stored = StoredRoom(
            key=0,
            id=secrets.token_hex(12),
            title=form.title,
            max=form.max,
            owner_id=owner.id,
            owner=owner.user,
            password_hash=password.hash if password else None,
            ephemeral=form.ephemeral,
            created_at=int(time.time() * 1000),
            kept=position is not None,
            position=position,
        )
        if form.ephemeral:
            await self._stores.records.reserve()
        key = await self._stores.rooms.add(stored)
        stored = stored._replace(key=key, frozen=self._rooms.house.frozen)
        room = Room(stored, self._clock.time() + self._limits.unentered_s, password)
        if room.kept:  # it waits for its owner
            room.ownership.expect(None)
        self._rooms.add(room)
        self._rooms.lobby.created(room)
        return room

    def _check_may_make(self, who: Visitor, password: str | None) -> None:
        house = self._rooms.house
        house.check_welcome(who)
        house.check_allowed(who, "rooms")
        if password is not None:
            house.check_allowed(who, "private")
        house.check_unmuted(who, None)  # a title says something, too
