"""The life of rooms: who comes and goes, when a place is freed, who becomes the owner, when a room ends.

Every way of leaving ends in `_departed`. Each room has one timer, set to the earliest of its deadlines:

    a held place     is freed, with an exit record          one grace time after the visitor's last socket disconnected
    a vacant room    is deleted with everything in it       one grace time after the last socket of all disconnected,
                                                            unless someone lingers or the room is kept
    an absent owner  is replaced by the longest present     when they leave, when their linger time is over, or when
                                                            they do not come within the first 60 s

Losing the connection is not leaving: such a visitor lingers for the linger time, which starts when their place ends.
Nobody can come back while this process is suspended, so deadlines are then postponed by as long, up to 60 s.
"""

import contextlib
import logging
from collections.abc import Callable

from realtime.chat.ages import Ages
from realtime.chat.desk.filter import Filter
from realtime.chat.desk.house import House
from realtime.chat.journal import Journal
from realtime.chat.lobby import Lobby
from realtime.chat.model import OWNERLESS, Role, Visitor
from realtime.chat.names import Name
from realtime.chat.newcomers import Newcomer
from realtime.chat.permissions import Act, may
from realtime.chat.policy import EDITABLE_S, Limits
from realtime.chat.ports import Stores
from realtime.chat.removal import Removal
from realtime.chat.room import Room, Seat
from realtime.chat.room_list import RoomList
from realtime.chat.visitors import Visitors
from realtime.chat.watch import Watch
from realtime.chat.wire_forms import Record
from realtime.clock import EARLY_S
from realtime.deferred import Deferred
from realtime.errors import Banned, DomainError, Kicked, SeatNeeded
from realtime.hub import Hub

log = logging.getLogger("gifchat.rooms")

RETRY_S = 5.0
LATE_S = 1.0  # a timer that fires later than this means that the process was suspended, not busy
CLOSED = "방장이 채팅방을 닫았습니다."
CLOSED_BY_TEACHER = "선생님이 채팅방을 닫았습니다."


class Rooms(RoomList):
    """All live rooms, and what happens to them as people come and go."""

    def __init__(  # noqa: PLR0913  its dependencies
        self,
        limits: Limits,
        hub: Hub,
        visitors: Visitors,
        stores: Stores,
        house: House,
        *,
        welcome: Callable[[Visitor], None],
    ) -> None:
        """`welcome` is called for a newcomer who is about to be stored; it may raise TooFast."""
        super().__init__()
        self.house = house
        self.filter = Filter(house, stores.desk)
        self.on_end: Callable[[Room], object] = lambda _: None
        """Called when a room ends."""
        self.on_out: Callable[[Visitor, Room | None], object] = lambda *_: None
        """Called when somebody is put out of a room or, with None, of all."""
        self.watch = Watch()
        self.lobby = Lobby(hub.of("/room"), self.watch)
        ages = Ages(hub.clock, EDITABLE_S)
        self.journal = Journal(stores.records, hub.of("/chat"), ages, visitors.name_of, house, watch=self.watch)
        self._limits = limits
        self._namespace = hub.of("/chat")
        self._visitors = visitors
        self._stores = stores
        self._welcome = welcome
        self._removal = Removal(stores, self.lobby)
        self._clock = hub.clock
        self._postponed_until = 0.0  # no deadline takes effect before that

    def where(self, who: Visitor, act: Act, room_id: str) -> Room:
        """Return the room if the visitor is allowed to do this. Raises NoSuchRoom, and what `may` raises.

        Raises Storage for anything but reading by a visitor who is not stored.
        """
        room = self.of(room_id)
        may(who, act, room, self.house)
        if act is not Act.READ:
            self._visitors.check_saved(who)
        return room

    def check_pace(self, who: Visitor, room: Room, nonce: str | None) -> None:
        """Raise TooFast if the room is slow and the visitor has to wait. A teacher never has."""
        if room.pace is not None and not self.house.is_teacher(who.id):
            room.pace.check(who.id, nonce, self._clock.time(), room.rules.slow_s)

    def take_pace(self, who: Visitor, room: Room, nonce: str | None) -> None:
        """Note that the visitor says something now. Raises what `check_pace` raises."""
        if room.pace is not None and not self.house.is_teacher(who.id):
            room.pace.take(who.id, nonce, self._clock.time(), room.rules.slow_s)

    async def store(self, who: Visitor, *, joins: str | None = None) -> None:
        """Store a newcomer, who is about to act, and that they are admitted to the rooms they opened.

        Not to the room they join, if any: that is stored with their join. Raises Storage or TooFast.
        """
        if self._visitors.newcomer(who) is not None and not self._visitors.is_being_saved(who):
            self._welcome(who)
        await self._visitors.saved(who)
        if not isinstance(who, Newcomer):
            return
        for room_id in tuple(who.opened):
            room = self.get(room_id)
            if room is not None and room_id != joins:
                await self._stores.rooms.grant(room.key, who.id)
            if room is not None and not room.gone and who.id not in room.bans:
                room.admit(who.id)
            who.close(room_id)

    def add(self, room: Room) -> None:
        """Add a stored room."""
        self.enlist(room)
        self._arm(room)

    def restore(self, room: Room, last_seq: int) -> None:
        """Add a room from before a restart, with its held places and those it waits for."""
        room.restore(last_seq)
        lingers_until = room.occupancy.lingers_until(room.owner.id)
        # An owner in neither left a kept room empty: it waits for them.
        if room.owner.id in room.occupancy or lingers_until is not None or room.kept:
            room.ownership.expect(lingers_until)
        for visitor_id in room.occupancy.visitors:
            self._taken(room, visitor_id)
        self.add(room)

    def enter(self, room: Room, who: Visitor, sid: str) -> None:
        """Give the socket's visitor a place, with a join record if they were not inside. Raises RoomFull.

        A teacher is let in beside the places. Who was so and teaches no more takes a place now.
        """
        beside = room.occupancy.is_beside(who.id)
        if self.house.is_teacher(who.id):
            self.step_aside(room, who)
            new = room.occupancy.stand_by(who.id, sid)
        else:
            new = room.occupancy.enter(who.id, sid)
            if beside:
                self._stand(room, who, None)
        if new:
            self._taken(room, who.id)
            joined = self.journal.note(room, "join", who)
            room.begin_join(who.id, joined)
            joined.add_done_callback(lambda joined: self._joined(room, who, joined))
            self.lobby.changed(room)
        if who.id == room.owner.id:
            room.ownership.expect(None)
        elif not room.kept or room.owner.id in room.bans:  # a kept room waits for its absent owner
            self._find_owner(room)
        self._arm(room)
        self.watch.by.touched(room)

    def step_aside(self, room: Room, who: Visitor) -> None:
        """Let a teacher who has a place in the room be beside the places."""
        if room.occupancy.step_aside(who.id, self._clock.time() + self._limits.grace_s):
            self._stand(room, who, "teacher")
            self._arm(room)

    def disconnected(self, room: Room, who: Visitor, sid: str, *, goodbye: bool) -> None:
        """Remove a disconnected socket; its visitor's place is held for the grace time.

        After that they have left if they closed the connection themselves (`goodbye`); otherwise they linger.
        """
        held_until = self._clock.time() + self._limits.grace_s
        room.occupancy.drop(who.id, sid, held_until, None if goodbye else held_until + self._limits.linger_s)
        self._arm(room)
        self.watch.by.touched(room)

    def leave(self, room: Room, who: Visitor, sid: str, *, keep: bool) -> None:
        """Remove a socket that leaves; the visitor's last one frees their place immediately.

        An owner who leaves with `keep` lingers.
        """
        now = self._clock.time()
        if room.occupancy.leave(who.id, sid, now + self._limits.grace_s):
            lingers = keep and who.id == room.owner.id
            if lingers:
                room.occupancy.linger(who.id, now + self._limits.linger_s)
            self._exit(room, who, lingers=lingers)
        self._arm(room)

    def expel(self, room: Room, who: Visitor) -> None:
        """Remove all sockets of a kicked visitor, and free their place."""
        self.on_out(who, room)
        self._send_away(room, room.occupancy.sids(who.id), "kicked", Kicked.text)
        inside = room.occupancy.release(who.id, self._clock.time() + self._limits.grace_s)
        if inside or who.id == room.owner.id:
            self._departed(room, who)
        self._arm(room)

    def banish(self, who: Visitor) -> None:
        """Remove a banned visitor's sockets from all rooms, and free their places; no room waits for them."""
        self.on_out(who, None)
        for room in self.newest_first():
            lingered = room.occupancy.lingers_until(who.id) is not None
            self._send_away(room, room.occupancy.sids(who.id), "kicked", Banned.text, error=Banned.code)
            if room.occupancy.release(who.id, self._clock.time() + self._limits.grace_s):
                self._exit(room, who, lingers=False)
            elif lingered:
                self._waits_no_longer(room, who.id)
                self._departed(room, who)
            self._arm(room)

    def put_out(self, who: Visitor) -> None:
        """Remove the sockets of a visitor without a seat card from all rooms, which wait for them to come back."""
        now = self._clock.time()
        for room in self.places(who):
            self._send_away(room, room.occupancy.sids(who.id), "seatNeeded", SeatNeeded.text)
            if room.occupancy.release(who.id, now + self._limits.grace_s):
                room.occupancy.linger(who.id, now + self._limits.linger_s)
                self._exit(room, who, lingers=True)
            self._arm(room)

    def people(self) -> list[Visitor]:
        """Return everybody who has a place in a room."""
        found = (self._visitors.by_id(visitor_id) for visitor_id in self.visitors())
        return [who for who in found if who is not None]

    def changed(self, room: Room) -> None:
        """Apply changed settings: the grace time of an empty room that is no longer kept starts now."""
        room.occupancy.wait_until(self._clock.time() + self._limits.grace_s)
        self._arm(room)
        self.lobby.changed(room)

    def show_name(self, who: Visitor, name: Name | None) -> list[Deferred[Record]]:
        """Call a visitor so in all rooms that they are in; return the records being written about that.

        A room in which somebody else with an equal name has arrived meanwhile calls them nothing.
        """
        noted = []
        for room in self.places(who):
            if room.names.enter(who.id, name):
                noted.append(self.journal.note(room, "name", who))
                noted[-1].add_done_callback(_log_failure)
        return noted

    def set_owner(self, room: Room, who: Visitor) -> Deferred[Record]:
        """Make a visitor the owner, with an owner record."""
        room.ownership.decide(who)
        self.lobby.changed(room)
        noted = self.journal.note(room, "owner", who)
        noted.add_done_callback(lambda noted: self._owner_noted(room, who, noted))
        return noted

    async def remove(self, room: Room, message: str = CLOSED) -> None:
        """Remove the room immediately; returns when nothing of it is stored any more.

        `message` tells those inside. Raises Storage when the database fails; the deletion is then retried until it
        succeeds.
        """
        self._retire(room, message)
        await self._removal.delete(room)

    def _retire(self, room: Room, message: str = CLOSED) -> None:
        """Make the room disappear and send everyone out of it. Nobody can enter any more."""
        room.retire()
        self.strike(room)
        self.lobby.withdraw(room)
        self.on_end(room)
        for visitor_id in room.occupancy.visitors:
            self._freed(room, visitor_id)
        inside = frozenset(sid for who in room.occupancy.visitors for sid in room.occupancy.sids(who))
        self._send_away(room, inside, "closed", message)

    def _send_away(self, room: Room, sids: frozenset[str], event: str, message: str, **detail: str) -> None:
        if sids:
            self._namespace.to(*sids).emit(event, {"room": room.id, "message": message, **detail})
        for sid in sids:
            socket = self._namespace.sockets.get(sid)
            if socket is not None and isinstance(socket.data, Seat):
                socket.leave(room.id)
                socket.data.rooms.discard(room.id)

    async def settled(self) -> None:
        """Wait until all pending removals are done."""
        await self._removal.settled()

    async def stop(self) -> None:
        """Stop the timers and the pending removals; the next start finishes them."""
        for room in self.newest_first():
            room.schedule(None)
        await self._removal.stop()

    def _stand(self, room: Room, who: Visitor, role: Role | None) -> None:
        """Note that a visitor inside has a place no more, or has one now, and so is admitted."""
        with contextlib.suppress(DomainError):  # at worst they are held as before after a restart
            self._stores.rooms.stand(room.key, who.id, role)
            if role is None:
                self._stores.rooms.grant(room.key, who.id)
        self.lobby.changed(room)

    def _exit(self, room: Room, who: Visitor, *, lingers: bool) -> None:
        self.journal.note(room, "exit", who, lingers=lingers).add_done_callback(_log_failure)
        self._departed(room, who)

    def _departed(self, room: Room, who: Visitor) -> None:
        """Act on a freed place, whatever freed it."""
        self._freed(room, who.id)
        if who.id == room.owner.id:
            room.ownership.expect(room.occupancy.lingers_until(who.id))
            self._find_owner(room)
        self.lobby.changed(room)

    def _taken(self, room: Room, visitor_id: int) -> None:
        room.names.enter(visitor_id, self._visitors.name_of(visitor_id))
        self.take_place(room, visitor_id)

    def _freed(self, room: Room, visitor_id: int) -> None:
        room.names.leave(visitor_id)
        self.free_place(room, visitor_id)

    def _waits_no_longer(self, room: Room, visitor_id: int) -> None:
        with contextlib.suppress(DomainError):  # at worst the room waits for them again after a restart
            self._stores.rooms.end_lingering(room.key, visitor_id)

    def _find_owner(self, room: Room) -> None:
        """If the owner is absent and no longer waited for, make the longest-present member the owner."""
        of_teacher = room.position is not None or room.owner == OWNERLESS or self.house.is_teacher(room.owner.id)
        if room.kept and of_teacher:
            return  # wherever they are, and if they have not opened the desk today
        if room.ownership.expected_until is None and room.owner.id not in room.occupancy:
            longest = room.occupancy.longest_present()
            heir = self._visitors.by_id(longest) if longest is not None else None
            if heir is not None:
                self.set_owner(room, heir).add_done_callback(_log_failure)

    def _joined(self, room: Room, who: Visitor, joined: Deferred[Record]) -> None:
        if room.end_join(who.id, joined) and joined.exception() is not None:
            room.occupancy.take_back(who.id, self._clock.time() + self._limits.grace_s)
            self._departed(room, who)
            self._arm(room)

    def _owner_noted(self, room: Room, who: Visitor, noted: Deferred[Record]) -> None:
        if room.ownership.settle(who, stored=noted.exception() is None):
            self.lobby.changed(room)
        if noted.exception() is not None and not room.gone:  # the previous owner may be absent
            lingers_until = room.occupancy.lingers_until(room.owner.id) or 0.0
            room.ownership.expect(max(lingers_until, self._clock.time() + RETRY_S))
            self._arm(room)

    def _arm(self, room: Room) -> None:
        """Set the room's timer to its next deadline."""
        deadlines = (room.occupancy.next_deadline(kept=room.kept), room.ownership.expected_until)
        first = min((one for one in deadlines if one is not None), default=None)
        if first is None or room.gone:
            room.schedule(None)
            return
        due = max(first, self._postponed_until)
        if room.timer is None or room.timer.when() != due:
            room.schedule(self._clock.call_at(due, lambda: self._tick(room, due)))

    def _tick(self, room: Room, due: float) -> None:
        room.schedule(None)
        late_s = self._clock.time() - due
        if late_s > LATE_S:
            again_s = min(late_s, self._limits.unentered_s)
            self._postponed_until = max(self._postponed_until, self._clock.time() + again_s)
        now = self._clock.time() + EARLY_S
        if now < self._postponed_until:
            self._arm(room)
            return
        over_at = room.occupancy.over_at()
        if over_at is not None and over_at <= now and not room.kept:
            self._retire(room)
            self._removal.delete_later(room)
            return
        for visitor_id in room.occupancy.end_lingering(now):
            self._waits_no_longer(room, visitor_id)
        for visitor_id, lingers in room.occupancy.expire(now):
            who = self._visitors.by_id(visitor_id)
            if who is not None:
                self._exit(room, who, lingers=lingers)
            else:
                self._freed(room, visitor_id)
        expected_until = room.ownership.expected_until
        if expected_until is not None and expected_until <= now:
            room.ownership.expect(None)
            self._find_owner(room)
        self._arm(room)


def _log_failure(noted: Deferred[Record]) -> None:
    """Log that a system record was not stored; what it describes has happened all the same."""
    if isinstance(noted.exception(), DomainError):
        log.warning("a system record was not stored: %s", noted.exception())
