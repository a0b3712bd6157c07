"""What the open desks see: every room as it is now. It costs nothing while no desk is open.

The first desk makes the feed watch the rooms (`realtime.chat.watch`), the last one ends that. A room is sent when
something that the desk sees of it has changed, at most four times a second, its last state always, and nothing after
its end. What is said in a room with a password is never sent, nor is any whisper.

Pupils can fill many rooms with long messages; a desk that could not read all that in time would be closed. So no more
is sent than a phone can read: rooms then come later, what was said last in them even after the rooms themselves.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from realtime.chat.desk.desks import Desks
from realtime.chat.desk.minute_rate import MINUTE, MinuteRate
from realtime.chat.desk.said import NOBODY
from realtime.chat.desk.wire_forms import DeskRoom, PersonView
from realtime.chat.life import Rooms
from realtime.chat.model import Visitor
from realtime.chat.ports import RecordStore
from realtime.chat.rates import Allowance
from realtime.chat.records import Said, StoredRecord, is_public
from realtime.chat.room import Room
from realtime.chat.visitors import Visitors
from realtime.chat.watch import UNWATCHED
from realtime.clock import Clock, Timer
from realtime.errors import Storage

SEND_EVERY_S: Final = 0.25
LOOK_EVERY_S: Final = 2.0
"""A rate falls and a mute ends without anything happening."""
ALLOWANCE: Final = Allowance(burst=400_000, per_s=200_000)
"""About how many bytes the rooms may take: far less than makes a connection one that does not read."""
LAST: Final = 5
LOOKED_THROUGH: Final = 50
"""Stored records, for the last ones that were said."""


class _Watched:
    """A room, what was last said there, and what of it was sent last."""

    __slots__ = ("last", "loaded", "pace", "room", "sent", "sent_at", "timer")

    def __init__(self, room: Room) -> None:
        self.room = room
        self.pace = MinuteRate()
        self.last: dict[int, Said] = {}  # by seq, in that order
        self.loaded = room.ephemeral
        self.sent: DeskRoom | None = None
        self.sent_at = float("-inf")
        self.timer: Timer | None = None

    def add(self, *records: Said) -> None:
        """Add records, or new states of them, that may be among the last."""
        self.last |= {record.seq: record for record in records}
        self.last = {seq: self.last[seq] for seq in sorted(self.last)[-LAST:]}

    def cancel(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


class DeskFeed:
    """The rooms, for the open desks."""

    def __init__(
        self,
        desks: Desks,
        rooms: Rooms,
        visitors: Visitors,
        records: RecordStore,
        *,
        clock: Clock,
    ) -> None:
        self.on_unmuted: Callable[[], object] = lambda: None
        """Called when mutes have ended with their room."""
        self._desks = desks
        self._rooms = rooms
        self._house = rooms.house
        self._visitors = visitors
        self._records = records
        self._clock = clock
        self._watched: dict[str, _Watched] = {}
        self._look_timer: Timer | None = None
        self._full_at = 0.0  # the allowance
        self.held_in: Callable[[Room], int] = lambda _: 0
        """Returns how many messages wait in a room to be shown."""

    async def load(self) -> None:
        """Begin to watch, if nobody does yet, and look up what was said last in each room, if the disk works."""
        if self._look_timer is None:
            self._begin()
        for watched in list(self._watched.values()):
            room = watched.room
            if not watched.loaded and len(watched.last) < LAST and room.last_seq:
                try:
                    rows = await self._records.before(room.key, NOBODY, None, LOOKED_THROUGH)
                except Storage:  # already logged; the next desk tries again
                    return
                known = watched.last  # may be newer
                watched.add(*(row for row in rows if is_public(row) and row.seq not in known))
            watched.loaded = True

    def rooms(self) -> list[DeskRoom]:
        """Return all rooms, in the desk's order. If that is too much, some come again with what was said last."""
        views, left = [], ALLOWANCE.burst
        for room in self._rooms.listed():
            watched = self._watch(room)
            view = self._view(watched)
            left -= _size_of(view)
            if left < 0 and view.last:
                views.append(msgspec.structs.replace(view, last=[]))
                watched.sent = None
                self._send_at(watched, self._clock.time() + SEND_EVERY_S)
            else:
                views.append(view)
                watched.sent = watched.sent or view
        self._take(sum(map(_size_of, views)))
        return views

    def end(self) -> None:
        """Stop watching: no desk is open any more."""
        self._rooms.watch.by = UNWATCHED
        if self._look_timer is not None:
            self._look_timer.cancel()
            self._look_timer = None
        for watched in self._watched.values():
            watched.cancel()
        self._watched.clear()

    # What the rooms tell.

    def touched(self, room: Room) -> None:
        """Send a room, now or as soon as it may be sent, if the desk sees anything else of it."""
        if room.gone:
            return
        watched = self._watch(room)
        if watched.timer is None:
            due = watched.sent_at + SEND_EVERY_S
            if due <= self._clock.time():
                self._send(watched)
            else:
                self._send_at(watched, due)

    def said(self, room: Room, record: StoredRecord) -> None:
        """Note a new record, or a record's new state."""
        if is_public(record):
            watched = self._watch(room)
            if record.rev is None:
                watched.pace.count(self._clock.elapsed())
            if record.rev is None or record.seq in watched.last or not watched.loaded:
                watched.add(record)
        self.touched(room)

    def ended(self, room: Room) -> None:
        """Tell that a room is no more."""
        watched = self._watched.pop(room.id, None)
        if watched is not None:
            watched.cancel()
        self._desks.emit("removeRoom", room.id)
        if self._house.forget(room.key):
            self.on_unmuted()

    # What the desk tells.

    def judged(self) -> None:
        """Send the rooms of those who were muted or may speak again."""
        for watched in list(self._watched.values()):
            people = watched.room.occupancy.visitors
            before = watched.sent.people if watched.sent else []
            if any(one.muted for one in before) or any(self._house.mutes_of(one) for one in people):
                self.touched(watched.room)

    def reseated(self) -> None:
        """Send the rooms of those who have another seat now, or one with another label."""
        for watched in list(self._watched.values()):
            self.touched(watched.room)

    # Internals

    def _begin(self) -> None:
        self._rooms.watch.by = self
        now = self._clock.elapsed()
        for room in self._rooms.newest_first():
            watched = self._watch(room)
            public = [record for record in room.recent.values() if is_public(record)]
            watched.add(*public[-LAST:])
            for age_s in map(self._rooms.journal.ages.age_s, public):
                if age_s < MINUTE:
                    watched.pace.count(now - age_s)
        self._look_later()

    def _watch(self, room: Room) -> _Watched:
        watched = self._watched.get(room.id)
        if watched is None:
            watched = self._watched[room.id] = _Watched(room)
        return watched

    def _look_later(self) -> None:
        self._look_timer = self._clock.call_at(self._clock.time() + LOOK_EVERY_S, self._look)

    def _look(self) -> None:
        """Send the rooms that have changed by the mere passing of time."""
        now = self._clock.elapsed()
        for watched in list(self._watched.values()):
            sent = watched.sent
            if sent and (sent.rate != watched.pace.rate(now) or any(person.muted for person in sent.people)):
                self.touched(watched.room)
        self._look_later()

    def _send_at(self, watched: _Watched, due: float) -> None:
        watched.cancel()
        watched.timer = self._clock.call_at(due, lambda: self._send(watched))

    def _send(self, watched: _Watched) -> None:
        watched.timer = None
        wait_s = ALLOWANCE.wait_s(self._full_at, self._clock.time())
        if wait_s:
            self._send_at(watched, self._clock.time() + wait_s)
            return
        view = self._view(watched)
        if view != watched.sent:
            watched.sent, watched.sent_at = view, self._clock.time()
            self._take(_size_of(view))
            self._desks.emit("room", view)

    def _take(self, size_bytes: float) -> None:
        self._full_at = ALLOWANCE.drawn(self._full_at, self._clock.time(), size_bytes)

    def _view(self, watched: _Watched) -> DeskRoom:
        room = watched.room
        return DeskRoom(
            **msgspec.structs.asdict(room.view()),
            rate=watched.pace.rate(self._clock.elapsed()),
            held=self.held_in(room),
            hands=[],
            people=[self._person(room, one) for one in map(self._visitors.by_id, room.occupancy.visitors) if one],
            last=[] if room.password else [record.wire(room.id) for record in watched.last.values()],
            approve=room.rules.approve,
        )

    def _person(self, room: Room, who: Visitor) -> PersonView:
        house = self._house
        seat = house.seat_of(who.id)
        return PersonView(
            who.user,
            bool(room.occupancy.sids(who.id)),
            name=room.names.all().get(who.id) if house.switches.names else None,
            seat=house.labels.get(seat) if seat is not None else None,
            muted=any(mute.room in (None, room.key) for mute in house.mutes_of(who.id)),
            role=house.role_of(who.id),
        )


def _size_of(view: DeskRoom) -> int:
    """Return about how many bytes a room takes."""
    return 500 + 120 * len(view.people) + sum(400 + 3 * len(record.chat or "") for record in view.last)
