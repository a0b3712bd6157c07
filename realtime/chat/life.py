"""The life of rooms: who comes and goes, when a place is free again, who owns the room next, when it is over.

Every way of leaving ends in `_parted`. Each room has one timer, at the earliest of its deadlines:

    a held place     is freed, with an exit record       one grace time after its last socket went
    a vacant room    is removed with all in it           one grace time after the last socket of all went, but while
                                                         anybody lingers, and while it is kept
    an absent owner  is followed by the longest present  when they left, when their lingering is over, or when they did
                                                         not come in the first 60 s

Being lost is not leaving: who was lost lingers for the linger time, counted from the end of their place. And while this
process stood still, or slept, nobody could come back: that time is given to them again before anything is over.
"""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine

from realtime.chat.journal import Journal
from realtime.chat.lobby import Lobby
from realtime.chat.model import Visitor
from realtime.chat.permissions import Act, may
from realtime.chat.policy import Limits
from realtime.chat.ports import Stores
from realtime.chat.records import Record
from realtime.chat.room import Room, Seat
from realtime.chat.visitors import Visitors
from realtime.clock import EARLY_S
from realtime.deferred import Deferred
from realtime.errors import DomainError, Kicked, NoSuchRoom, Storage
from realtime.hub import Hub

log = logging.getLogger("gifchat.rooms")

RETRY_S = 5.0
LATE_S = 1.0  # a timer that is later has not come late because there was much to do
CLOSED = "방장이 채팅방을 닫았습니다."


class Rooms:
    """Every live room, by id; and what happens to it as people come and go."""

    def __init__(self, limits: Limits, hub: Hub, visitors: Visitors, stores: Stores) -> None:
        self.lobby = Lobby(hub.of("/room"))
        self.journal = Journal(stores.records, hub.of("/chat"))
        self._limits = limits
        self._namespace = hub.of("/chat")
        self._visitors = visitors
        self._stores = stores
        self._rooms: dict[str, Room] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._clock = hub.clock
        self._patient_until = 0.0  # nothing is over before that

    def __len__(self) -> int:
        return len(self._rooms)

    def get(self, room_id: str) -> Room | None:
        """Return the room, if it is there."""
        return self._rooms.get(room_id)

    def of(self, room_id: str) -> Room:
        """Return the room. Raises NoSuchRoom."""
        room = self._rooms.get(room_id)
        if room is None:
            raise NoSuchRoom
        return room

    def where(self, who: Visitor, act: Act, room_id: str) -> Room:
        """Return the room, in which the visitor may do this. Raises NoSuchRoom, and what `may` raises."""
        room = self.of(room_id)
        may(who, act, room)
        return room

    def newest_first(self) -> list[Room]:
        """Return all rooms."""
        return list(reversed(self._rooms.values()))

    def add(self, room: Room) -> None:
        """Take in a new room that is stored."""
        self._rooms[room.id] = room
        self._arm(room)

    def restore(self, room: Room, last_seq: int) -> None:
        """Take in a room of before a restart, with those who hold a place in it and those it waits for."""
        room.restore(last_seq)
        lingers_until = room.occupancy.lingers_until(room.owner.id)
        # An owner in neither left a kept room when nobody was there: it waits for them.
        if room.owner.id in room.occupancy or lingers_until is not None or room.kept:
            room.ownership.expect(lingers_until)
        self.add(room)

    def enter(self, room: Room, who: Visitor, sid: str) -> None:
        """Give the socket's visitor a place, and write their join record if it is a new one. Raises RoomFull."""
        if room.occupancy.enter(who.id, sid):
            joined = self.journal.note(room, "join", who)
            room.begin_join(who.id, joined)
            joined.add_done_callback(lambda joined: self._joined(room, who, joined))
            self.lobby.changed(room)
        if who.id == room.owner.id:
            room.ownership.expect(None)
        elif not room.kept:  # the owner of a kept room left when nobody was there: it waits for them
            self._find_owner(room)
        self._arm(room)

    def disconnected(self, room: Room, who: Visitor, sid: str, *, goodbye: bool) -> None:
        """Take away a socket whose connection ended: its visitor may come back within the grace time.

        After that they have left, if the connection ended by their `goodbye`; else they are lost, and linger.
        """
        held_until = self._clock.time() + self._limits.grace_s
        room.occupancy.drop(who.id, sid, held_until, None if goodbye else held_until + self._limits.linger_s)
        self._arm(room)

    def leave(self, room: Room, who: Visitor, sid: str, *, keep: bool) -> None:
        """Take away a socket that leaves; with the visitor's last one their place is free at once.

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
        """Send away all sockets of somebody kicked, and free their place."""
        self._send_away(room, room.occupancy.sids(who.id), "kicked", Kicked.text)
        if room.occupancy.release(who.id, self._clock.time() + self._limits.grace_s):
            self._parted(room, who)
        self._arm(room)

    def kept_by(self, owner: Visitor) -> int:
        """Return how many rooms the visitor keeps."""
        return sum(room.kept and room.owner.id == owner.id for room in self._rooms.values())

    def changed(self, room: Room) -> None:
        """Act on the room's other settings: one that is kept no longer goes as any room does, from now."""
        room.occupancy.wait_until(self._clock.time() + self._limits.grace_s)
        self._arm(room)
        self.lobby.changed(room)

    def set_owner(self, room: Room, who: Visitor) -> Deferred[Record]:
        """Make a visitor the owner, as a record."""
        room.ownership.decide(who)
        self.lobby.changed(room)
        noted = self.journal.note(room, "owner", who)
        noted.add_done_callback(lambda noted: self._owner_noted(room, who, noted))
        return noted

    async def remove(self, room: Room) -> None:
        """Remove the room: from here on it does not exist; returns when nothing of it is stored.

        Raises Storage when the database fails; it is then tried again until it succeeds.
        """
        self._retire(room)
        await self._delete(room)

    def _retire(self, room: Room) -> None:
        """Take the room out of the world, and those inside out of the room, at once: nobody can come in any more."""
        room.retire()
        del self._rooms[room.id]
        self.lobby.withdraw(room)
        inside = frozenset(sid for who in room.occupancy.visitors for sid in room.occupancy.sids(who))
        self._send_away(room, inside, "closed", CLOSED)

    def _send_away(self, room: Room, sids: frozenset[str], event: str, message: str) -> None:
        if sids:
            self._namespace.to(*sids).emit(event, {"room": room.id, "message": message})
        for sid in sids:
            socket = self._namespace.sockets.get(sid)
            if socket is not None and isinstance(socket.data, Seat):
                socket.leave(room.id)
                socket.data.rooms.discard(room.id)

    async def _delete(self, room: Room) -> None:
        try:
            await self._delete_once(room)
        except Storage:
            self._spawn(self._delete_later(room))
            raise

    async def _delete_later(self, room: Room) -> None:
        while True:
            await asyncio.sleep(RETRY_S)
            with contextlib.suppress(Storage):
                return await self._delete_once(room)

    async def _delete_once(self, room: Room) -> None:
        try:
            await self._stores.rooms.remove(room.key)
        except Storage:  # a full disk takes not even a deletion, unless the files go first
            await self._stores.images.free(room.key)
            await self._stores.rooms.remove(room.key)
        await self._stores.images.clear()
        self.lobby.removed(room.id)

    async def _delete_vacant(self, room: Room) -> None:
        with contextlib.suppress(Storage):  # it has been logged, and is tried again
            await self._delete(room)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settled(self) -> None:
        """Return when the removals under way are done."""
        await asyncio.gather(*self._tasks)

    async def stop(self) -> None:
        """End the timers and the removals under way; what is left is finished after the next start."""
        for room in self._rooms.values():
            room.schedule(None)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _exit(self, room: Room, who: Visitor, *, lingers: bool) -> None:
        self.journal.note(room, "exit", who, lingers=lingers).add_done_callback(_log_failure)
        self._parted(room, who)

    def _parted(self, room: Room, who: Visitor) -> None:
        """What follows when somebody's place is free, however that came about."""
        if who.id == room.owner.id:
            room.ownership.expect(room.occupancy.lingers_until(who.id))
            self._find_owner(room)
        self.lobby.changed(room)

    def _find_owner(self, room: Room) -> None:
        """Make the longest present the owner, if the room has waited long enough for the one it has."""
        if room.ownership.expected_until is None and room.owner.id not in room.occupancy:
            longest = room.occupancy.longest_present()
            heir = self._visitors.by_id(longest) if longest is not None else None
            if heir is not None:
                self.set_owner(room, heir).add_done_callback(_log_failure)

    def _joined(self, room: Room, who: Visitor, joined: Deferred[Record]) -> None:
        if room.end_join(who.id, joined) and joined.exception() is not None:
            room.occupancy.take_back(who.id, self._clock.time() + self._limits.grace_s)
            self._parted(room, who)
            self._arm(room)

    def _owner_noted(self, room: Room, who: Visitor, noted: Deferred[Record]) -> None:
        if room.ownership.settle(who, stored=noted.exception() is None):
            self.lobby.changed(room)
        if noted.exception() is not None and not room.gone:  # whose room it is again may have left, or be lost
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
        due = max(first, self._patient_until)
        if room.timer is None or room.timer.when() != due:
            room.schedule(self._clock.call_at(due, lambda: self._tick(room, due)))

    def _tick(self, room: Room, due: float) -> None:
        room.schedule(None)
        late_s = self._clock.time() - due
        if late_s > LATE_S:
            again_s = min(late_s, self._limits.unentered_s)
            self._patient_until = max(self._patient_until, self._clock.time() + again_s)
        now = self._clock.time() + EARLY_S
        if now < self._patient_until:
            self._arm(room)
            return
        over_at = room.occupancy.over_at()
        if over_at is not None and over_at <= now and not room.kept:
            self._retire(room)
            self._spawn(self._delete_vacant(room))
            return
        for visitor_id in room.occupancy.wait_no_longer(now):
            with contextlib.suppress(DomainError):  # it may be waited for once more after a restart
                self._stores.rooms.wait_no_longer(room.key, visitor_id)
        for visitor_id, lingers in room.occupancy.expire(now):
            who = self._visitors.by_id(visitor_id)
            if who is not None:
                self._exit(room, who, lingers=lingers)
        expected_until = room.ownership.expected_until
        if expected_until is not None and expected_until <= now:
            room.ownership.expect(None)
            self._find_owner(room)
        self._arm(room)


def _log_failure(noted: Deferred[Record]) -> None:
    """A line that could not be stored is told in the log; the one it is about has gone already."""
    if isinstance(noted.exception(), DomainError):
        log.warning("a system record was not stored: %s", noted.exception())
