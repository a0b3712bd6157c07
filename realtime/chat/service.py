"""What visitors can do. Decisions depend on the visitor's session, never on what a client claims.

Anything can happen to a room during an `await`, so every method checks again after its last one and then acts without
another.
"""

import contextlib
import math
from pathlib import Path

from realtime.chat import policy
from realtime.chat.allowances import CHARACTERS, Allowances
from realtime.chat.changes import Changes
from realtime.chat.desk.crowd import Crowd
from realtime.chat.desk.events import serve
from realtime.chat.desk.filter import WordFile
from realtime.chat.desk.held import HeldMessages
from realtime.chat.desk.house import House
from realtime.chat.desk.log import DeskLog
from realtime.chat.desk.preparing import Preparing
from realtime.chat.desk.service import DeskService
from realtime.chat.desk.waiting import HeldAnswer
from realtime.chat.door import Door
from realtime.chat.export import Exports
from realtime.chat.gallery import Gallery, ImageExaminer
from realtime.chat.history import History
from realtime.chat.joining import Joining
from realtime.chat.life import Rooms
from realtime.chat.making import RoomMaking
from realtime.chat.model import RoomView, Visitor
from realtime.chat.naming import Naming
from realtime.chat.owner import OwnerService
from realtime.chat.passwords import Passwords
from realtime.chat.permissions import Act
from realtime.chat.policy import Limits, RoomForm
from realtime.chat.ports import Stores
from realtime.chat.rates import RateLimiter
from realtime.chat.record_service import RecordService
from realtime.chat.records import StoredRecord
from realtime.chat.room import Room, Seat
from realtime.chat.teachers import Teachers
from realtime.chat.text_space import TextSpace
from realtime.chat.turns import ALONE, Turns
from realtime.chat.visitors import Visitors
from realtime.chat.wire_forms import Record
from realtime.deferred import Deferred
from realtime.errors import (
    BadRequest,
    Frozen,
    Muted,
    NotHere,
    TooFast,
)
from realtime.hub import Hub, Socket


class ChatService:
    """Rooms, and what is said in them."""

    def __init__(  # noqa: PLR0913  its dependencies
        self, limits: Limits, hub: Hub, visitors: Visitors, stores: Stores, *, examiner: ImageExaminer, shelf: Path
    ) -> None:
        """Serve the rooms in `stores`. `examiner` and `shelf`: see `Gallery`."""
        self._limits = limits
        self._visitors = visitors
        self._stores = stores
        self._namespace = hub.of("/chat")
        self.allowances = Allowances(limits.rate, limits.per_address)
        self.house = House(hub.clock)
        self._rooms = Rooms(limits, hub, visitors, stores, self.house, welcome=self._welcome)
        self._passwords = Passwords(
            hub.clock, Turns(ALONE if self.allowances.shared else ALONE._replace(each=math.inf))
        )
        self._door = Door(self._rooms, visitors, stores.rooms, self._passwords, self.allowances, clock=hub.clock)
        self._typing_rate = RateLimiter(1.0 if limits.rate else 0, 2)
        self._making = RoomMaking(limits, self._rooms, stores, self._passwords, self.allowances, clock=hub.clock)
        self._clock = hub.clock
        self._changes = Changes(stores.records, stores.images, self._rooms.journal, hub.clock)
        self._space = TextSpace(limits.quota_bytes, stores.records, hub.clock, self._rooms.has)
        self.filter = self._rooms.filter
        self.held = HeldMessages(self._rooms, self._changes, stores, hub)
        self._log = DeskLog(self.house, visitors, stores.desk)
        self.records = RecordService(
            self._rooms, self._changes, self.allowances.messages, self._space, log=self._log, clock=hub.clock
        )
        self.joining = Joining(
            self._rooms, self._door, visitors, stores.records, self.allowances, held=self.held, clock=hub.clock
        )
        self.history = History(self._rooms, stores.records)
        self.exports = Exports(self._rooms, stores.records, stores.desk, examiner)
        self.gallery = Gallery(
            self._rooms,
            stores,
            examiner,
            shelf,
            held=self.held,
            allowances=self.allowances,
            space=self._space,
            clock=hub.clock,
        )
        self.naming = Naming(self._rooms, visitors, self.allowances, hub.clock)
        self.owner = OwnerService(
            limits, self._rooms, visitors, stores.rooms, self._passwords, act=self._act_as_owner, log=self._log
        )
        self.teachers = Teachers(self._rooms, hub)
        self.desk = DeskService(
            self._rooms,
            visitors,
            stores,
            hub,
            owner=self.owner,
            records=self.records,
            naming=self.naming,
            log=self._log,
            held=self.held,
            preparing=Preparing(limits, self._rooms, self._making, stores.rooms),
            crowd=Crowd(self.allowances, stores.desk, hub.clock),
        )

    def serve_desk(self, hub: Hub) -> None:
        """Serve the teacher's desk to those who show its cookie."""
        serve(hub, self.desk, self._rooms, self._visitors, self._stores.records)

    async def start(self, words: WordFile | None = None) -> None:
        """Load what is stored. Members from before the restart keep their places for a minute.

        `words`: see `Filter.load`.
        """
        last_seqs = await self._stores.records.start()
        self.allowances.start(self._visitors.last_id)
        await self._stores.images.start(self._limits.quota_bytes)
        await self._space.start()
        await self.house.load(self._stores.desk)
        await self.desk.crowd.load()
        now = self._clock.time()
        until, lingers_until = now + self._limits.unentered_s, now + self._limits.linger_s
        rooms = {stored.key: Room(stored, until) for stored in await self._stores.rooms.load()}
        for key, visitor_id in await self._stores.rooms.grants():
            rooms[key].admit(visitor_id)
        for key, visitor_id, user in await self._stores.rooms.bans():
            rooms[key].ban(Visitor(visitor_id, user))
        for key, visitor_id, role in await self._stores.rooms.members():
            rooms[key].occupancy.hold(visitor_id, until, until + self._limits.linger_s, beside=role is not None)
        for key, visitor_id in await self._stores.rooms.lingering():
            rooms[key].occupancy.linger(visitor_id, lingers_until)
        for key, room in rooms.items():
            self._rooms.restore(room, last_seqs.get(key, 0))
        if any(room.ephemeral for room in rooms.values()):
            await self._stores.records.reserve()
        await self.filter.load(words)
        await self.held.start()

    async def stop(self) -> None:
        """Stop timers and threads."""
        self.teachers.stop()
        await self.held.settled()
        await self._changes.stop()
        await self._log.settled()
        await self._space.settled()
        await self._rooms.stop()
        self._passwords.close()

    async def expire(self, before_ms: int) -> None:
        """Delete the records older than `before_ms`, milliseconds since the epoch. Raises Storage."""
        for room in self._rooms.newest_first():
            if room.read_only:
                continue  # it was imported to be kept
            await self._stores.records.expire(room.key, before_ms)
            await self._stores.images.clear()
        await self.held.expire(before_ms)

    @property
    def epoch(self) -> str:
        """The epoch in which a `seq` is valid (`RecordStore.epoch`)."""
        return self._stores.records.epoch

    @property
    def records_stored(self) -> int:
        """How many records have been committed since the start."""
        return self._rooms.journal.committed

    async def settled(self) -> None:
        """Wait until all pending removals and changes are done."""
        await self.held.settled()
        await self._rooms.settled()
        await self._changes.settled()
        await self._log.settled()
        await self._space.settled()

    # Rooms

    @property
    def rooms(self) -> int:
        """How many rooms there are."""
        return len(self._rooms)

    def lobby(self) -> list[RoomView]:
        """Return every room: the prepared ones in their order, then the others, newest first."""
        return [room.view() for room in self._rooms.listed()]

    @property
    def lobby_version(self) -> int:
        """Another number after each change of what `lobby` returns."""
        return self._rooms.lobby.version

    def places(self, who: Visitor) -> list[str]:
        """Return the ids of the rooms in which `who` has a place and which they can enter even if full."""
        return [room.id for room in self._rooms.places(who)]

    def view(self, room_id: str) -> RoomView:
        """Return one room. Raises NoSuchRoom."""
        return self._rooms.of(room_id).view()

    async def create(self, who: Visitor, form: RoomForm) -> RoomView:
        """Create a room owned by `who`. Raises InvalidRoom, TooFast, TooManyRooms or Storage."""
        return await self._making.create(who, form)

    async def admit(self, who: Visitor, address: str, room_id: str, password: str | None) -> RoomView:
        """Admit a visitor via the page (`Door.admit`)."""
        self.allowances.seen(who.id, address, self._clock.time())
        return await self._door.admit(who, address, room_id, password)

    def is_guest(self, who: Visitor) -> bool:
        """Return whether the visitor is a newcomer who is admitted somewhere: `store` must come before what they do."""
        newcomer = self._visitors.newcomer(who)
        return newcomer is not None and bool(newcomer.opened)

    async def store(self, who: Visitor) -> None:
        """Store a newcomer, who is about to act, and where they are admitted. Raises Storage or TooFast."""
        await self._rooms.store(who)

    # Sockets

    def shake_hands(self, who: object, address: str) -> None:
        """Count a visitor's handshake. Raises TooFast if the visitor or their address makes too many."""
        assert isinstance(who, Visitor)
        self.allowances.seen(who.id, address, self._clock.time())
        self.allowances.handshakes.take(who.id, self._clock.time())

    def connect(self, who: Visitor, address: str) -> None:
        """Count a connection to a namespace. Raises TooFast as `shake_hands`."""
        self.allowances.seen(who.id, address, self._clock.time())
        self.allowances.connects.take(who.id, self._clock.time())

    def acts(self, who: Visitor, address: str) -> None:
        """Note that a visitor asks for something over HTTP, from this address."""
        self.allowances.seen(who.id, address, self._clock.time())

    # Messages

    def post(
        self, who: Visitor, room_id: str, chat: str, nonce: str | None, quoted: StoredRecord | None = None
    ) -> Deferred[Record] | Deferred[Record | HeldAnswer]:
        """Say something in a room; resolves to the record once it is committed and sent, or held (`HeldMessages`).

        `quoted` is the record it replies to (`RecordService.quotable`). Raises what `may` raises, NoSuchRoom,
        EmptyChat, ChatTooLong, BadRequest or TooFast; the Deferred can fail with Storage.
        """
        room = self._rooms.where(who, Act.SAY, room_id)
        chat, nonce = policy.check_chat(chat), policy.check_nonce(nonce)
        self._take_turn(who, room, chat, nonce)
        held = self.held.instead(room, who, chat=chat, nonce=nonce, quoted=quoted)
        return held or self._rooms.journal.say(room, who, chat=chat, nonce=nonce, quoted=quoted)

    def whisper(  # noqa: PLR0913  sender, room, recipient and the message's fields
        self,
        who: Visitor,
        room_id: str,
        to: str,
        chat: str,
        nonce: str | None,
        *,
        quoted: StoredRecord | None = None,
    ) -> Deferred[Record] | Deferred[Record | HeldAnswer]:
        """Say something to one person in the room; never held, but a nonce under which something is has that answer.

        Raises what `post` raises, NotAllowed, and NotHere if they are not present.
        """
        room = self._rooms.where(who, Act.SAY, room_id)
        self.house.check_allowed(who, "whispers")
        chat, nonce = policy.check_chat(chat), policy.check_nonce(nonce)
        reader = self._visitors.by_user(to)
        if reader is None or not room.occupancy.sids(reader.id):
            raise NotHere
        if reader.id == who.id:
            raise BadRequest
        self._take_turn(who, room, chat, nonce)
        first = self.held.first_answer(room, who, nonce)
        return first or self._rooms.journal.say(room, who, chat=chat, to=reader, nonce=nonce, quoted=quoted)

    def position(self, room_id: str) -> int:
        """Return the position of the last record or change in the room. Raises NoSuchRoom."""
        return self._rooms.of(room_id).last_seq

    def check(self, who: Visitor, act: Act, room_id: str) -> None:
        """Raise NoSuchRoom, or what `may` raises, unless the visitor is allowed to do this."""
        self._rooms.where(who, act, room_id)

    def check_rate(self, who: Visitor) -> None:
        """Raise TooFast if the visitor's rate limit is exhausted."""
        self.allowances.messages.check(who.id, self._clock.time())

    def typing(self, socket: Socket, seat: Seat, room_id: str) -> None:
        """Show the others in the room that this visitor is typing.

        It is not essential, so it is dropped when the server is busy or it comes too often.
        """
        if room_id not in seat.rooms or self._stores.records.busy:
            return
        with contextlib.suppress(TooFast, Frozen, Muted):
            self.house.check_voice(seat.who, self._rooms.get(room_id))
            self._typing_rate.take(seat.who.id, self._clock.time())
            self._namespace.to(room_id).except_(socket.id).emit("typing", {"room": room_id, "user": seat.who.user})

    # Internals

    def _welcome(self, newcomer: Visitor) -> None:
        self.allowances.newcomers.take(newcomer.id, self._clock.time())
        self.allowances.arrive(newcomer.id)

    def _act_as_owner(self, who: Visitor) -> str:
        if not self.house.is_teacher(who.id):
            self.allowances.owner.take(who.id, self._clock.time())
        return self.allowances.address_of(who.id)

    def _take_turn(self, who: Visitor, room: Room, chat: str, nonce: str | None) -> None:
        self.allowances.messages.take(who.id, self._clock.time(), pooled=max(1.0, len(chat) / CHARACTERS))
        if room.pace is not None:
            self._rooms.take_pace(who, room, nonce)
        self._space.take(room, len(chat))
