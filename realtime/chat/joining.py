"""How sockets come into rooms and leave them, and what a socket is told of a room that it joins."""

from msgspec import UNSET

from realtime.chat import policy
from realtime.chat.allowances import CATCH_UP_TOKENS, Allowances
from realtime.chat.desk.held import HeldMessages
from realtime.chat.door import Door
from realtime.chat.life import Rooms
from realtime.chat.model import Role, Visitor
from realtime.chat.ports import RecordStore
from realtime.chat.records import StoredRecord
from realtime.chat.room import Room, Seat
from realtime.chat.visitors import Visitors
from realtime.chat.wire_forms import ALL_ALLOWED, JoinAnswer, Position
from realtime.clock import Clock
from realtime.errors import Kicked, NoSuchRoom, NotHere, OtherEpoch, TooManyRooms
from realtime.hub import Socket


class Joining:
    """Sockets and the rooms that they are in."""

    def __init__(  # noqa: PLR0913  its dependencies
        self,
        rooms: Rooms,
        door: Door,
        visitors: Visitors,
        records: RecordStore,
        allowances: Allowances,
        *,
        held: HeldMessages,
        clock: Clock,
    ) -> None:
        self._rooms = rooms
        self._house = rooms.house
        self._door = door
        self._visitors = visitors
        self._records = records
        self._allowances = allowances
        self._held = held
        self._clock = clock

    async def join(
        self, socket: Socket, seat: Seat, room_id: str, password: str | None, after: int | Position | None
    ) -> JoinAnswer:
        """Add the socket to the room and return what its visitor missed since `after`.

        Events that follow the ack leave no gap and repeat nothing, provided that nothing is awaited between the return
        and sending the ack. Raises NoSuchRoom, Banned, SeatNeeded, Kicked, WrongPassword, TooFast, OtherEpoch, RoomFull
        or Storage.
        """
        who = seat.who
        self._allowances.seen(who.id, seat.address, self._clock.time())
        room = await self._door.open(who, seat.address, room_id, password)
        tokens = CATCH_UP_TOKENS if room_id in seat.behind else 1.0
        self._allowances.joins.take(who.id, self._clock.time(), tokens)
        if self._visitors.newcomer(who) is not None:
            await self._rooms.store(who, joins=room_id)
            room = await self._door.open(who, seat.address, room_id, password)
        since = self._since(after)
        if not socket.connected:
            raise NotHere  # it disconnected during the password check; nobody receives this
        teaches = self._house.is_teacher(who.id)
        if who.id not in room.occupancy and len(self._rooms.places(who)) >= policy.MAX_JOINED and not teaches:
            raise TooManyRooms(reason="joined", limit=policy.MAX_JOINED)
        if since is not None:
            socket.leave(room.id)  # what follows is part of the ack
        self._rooms.enter(room, who, socket.id)
        seat.rooms.add(room.id)
        if not teaches:
            room.admit(who.id)
        try:
            rows = await self._missed(room, who, socket.id, since)
        except BaseException:
            self._drop(socket, seat, room)
            raise
        if room.gone or socket.id not in room.occupancy.sids(who.id):
            self._house.check_welcome(who)
            raise Kicked if who.id in room.bans else NoSuchRoom
        more = len(rows) > policy.CATCH_UP_LIMIT
        rows = rows[: policy.CATCH_UP_LIMIT]
        if more:
            seat.behind.add(room.id)
        else:
            seat.behind.discard(room.id)
            socket.join(room.id)
        return JoinAnswer(
            room=room.view(),
            user=who.user,
            members=self._users(room),
            names=self._names(room),
            seq=rows[-1].position if more else room.last_seq,
            missed=[row.wire(room.id, who.id) for row in rows],
            more=more,
            epoch=self._records.epoch,
            roles=self._roles(room),
            house=UNSET if (house := self._house.view()) == ALL_ALLOWED else house,
            held=self._held.of(room, who) or UNSET,
        )

    def leave(self, socket: Socket, seat: Seat, room_id: str, *, keep: bool = False) -> None:
        """Remove this socket from the room; when it is the visitor's last one, their place is freed.

        With `keep` an owner stays the owner for the linger time, and the room waits for them.
        """
        room = self._rooms.get(room_id)
        if room is not None and room_id in seat.rooms:
            seat.rooms.discard(room_id)
            seat.behind.discard(room_id)
            socket.leave(room_id)
            if not room.gone:
                self._rooms.leave(room, seat.who, socket.id, keep=keep)

    def disconnected(self, socket: Socket, seat: Seat, *, goodbye: bool) -> None:
        """Remove a disconnected socket from all its rooms; its visitor's places are held for the grace time.

        `goodbye`: the peer closed the connection.
        """
        for room_id in seat.rooms:
            room = self._rooms.get(room_id)
            if room is not None:
                self._rooms.disconnected(room, seat.who, socket.id, goodbye=goodbye)
        seat.rooms.clear()

    # Internals

    def _since(self, after: int | Position | None) -> int | None:
        """Return the seq of `after`. Raises OtherEpoch for a Position of another epoch or beyond the last seq.

        The latter means that an undetected older database was restored (db.epoch). A bare number is not checked.
        """
        if not isinstance(after, Position):
            return after
        if after.epoch != self._records.epoch or after.seq > self._records.last_seq:
            raise OtherEpoch
        return after.seq

    async def _missed(self, room: Room, who: Visitor, sid: str, after: int | None) -> list[StoredRecord]:
        """Wait for the join record, then return the records after `after`: stored ones, then those committed meanwhile.

        At most CATCH_UP_LIMIT + 1 stored ones. The caller must use the result without awaiting anything first.
        Raises Storage.
        """
        with room.catch_up(sid, who.id) as missed:
            if who.id in room.joining:
                await room.joining[who.id]
            if after is None or room.ephemeral:
                return []
            rows = await self._records.after(room.key, who.id, after, policy.CATCH_UP_LIMIT + 1)
            return missed.after(rows, after)

    def _users(self, room: Room) -> list[str]:
        known = map(self._visitors.by_id, room.occupancy.visitors)
        return [who.user for who in known if who is not None]

    def _roles(self, room: Room) -> dict[str, Role]:
        known = ((self._visitors.by_id(one), self._house.role_of(one)) for one in room.occupancy.visitors)
        return {who.user: role for who, role in known if who is not None and role is not None}

    def _names(self, room: Room) -> dict[str, str]:
        if not self._house.switches.names:
            return {}
        known = ((self._visitors.by_id(visitor_id), name) for visitor_id, name in room.names.all().items())
        return {who.user: name for who, name in known if who is not None}

    def _drop(self, socket: Socket, seat: Seat, room: Room) -> None:
        seat.rooms.discard(room.id)
        socket.leave(room.id)
        if not room.gone:
            self._rooms.disconnected(room, seat.who, socket.id, goodbye=False)
