"""Who may enter a room: the door with its password, and how fast one may knock."""

import contextlib

from realtime.chat import policy
from realtime.chat.allowances import Allowances
from realtime.chat.life import Rooms
from realtime.chat.model import RoomView, Visitor
from realtime.chat.passwords import Passwords
from realtime.chat.ports import RoomStore
from realtime.chat.rates import GuessThrottle
from realtime.chat.room import Room
from realtime.chat.visitors import Visitors
from realtime.clock import Clock
from realtime.errors import Kicked, NoSuchRoom, RoomFull, Storage, WrongPassword


class Door:
    """The doors of all rooms."""

    def __init__(  # noqa: PLR0913  its dependencies
        self,
        rooms: Rooms,
        visitors: Visitors,
        store: RoomStore,
        passwords: Passwords,
        allowances: Allowances,
        *,
        clock: Clock,
    ) -> None:
        self._rooms = rooms
        self._visitors = visitors
        self._store = store
        self._passwords = passwords
        self._allowances = allowances
        self._guesses = GuessThrottle() if allowances.on else GuessThrottle(first_s=0)
        self._clock = clock

    async def open(self, who: Visitor, address: str, room_id: str, password: str | None) -> Room:
        """Return the room if the visitor can enter it; checks again after every `await`.

        Raises NoSuchRoom, Banned, SeatNeeded, Kicked, WrongPassword or TooFast.
        """
        room = self._rooms.of(room_id)
        if self._rooms.house.is_teacher(who.id):
            return room
        self._check_may_enter(who, room)
        expected = room.password
        if room.admits(who) or expected is None:
            return room
        if password is None or not policy.is_password(password):
            raise WrongPassword
        # A class types the same password at the same time, and must get in whatever others behind its address do: a
        # text that is known to be right, or is already being checked, is no guess.
        now, guess = self._clock.time(), not self._passwords.knows(expected, password)
        self._guesses.check(who.id, now)
        if guess:
            self._allowances.guesses.take(who.id, now)
            self._guesses.begin(who.id, now)
        if not await self._passwords.verify(expected, password, address):
            raise WrongPassword
        if guess:
            self._guesses.forgive(who.id)
        self._check_may_enter(who, room)
        if room.password is not expected:
            raise WrongPassword
        return room

    async def admit(self, who: Visitor, address: str, room_id: str, password: str | None) -> RoomView:
        """Admit a visitor via the page. Raises what `open` raises, RoomFull or Storage.

        Opening an open room is no act: a newcomer who does is admitted in memory, until `Rooms.store`. If an admission
        cannot be stored, on a full disk, they can read all the same, until the server stops.
        """
        room = await self.open(who, address, room_id, password)
        if self._rooms.house.is_teacher(who.id):
            return room.view()
        if not room.occupancy.admits(who.id):
            raise RoomFull
        if room.admits(who):
            return room.view()
        self._allowances.joins.take(who.id, self._clock.time())
        newcomer = self._visitors.newcomer(who)
        if newcomer is None or newcomer.curious or room.password is not None:
            with contextlib.suppress(Storage):
                await self._rooms.store(who)
                await self._store.grant(room.key, who.id)
            self._check_may_enter(who, room)
            newcomer = self._visitors.newcomer(who)
        if newcomer is not None:
            newcomer.open(room.id)
        else:
            room.admit(who.id)
        return room.view()

    def _check_may_enter(self, who: Visitor, room: Room) -> None:
        """Raise NoSuchRoom, Banned, SeatNeeded or Kicked. Called again after every `await`."""
        if room.gone:
            raise NoSuchRoom
        self._rooms.house.check_welcome(who)
        if who.id in room.bans:
            raise Kicked
