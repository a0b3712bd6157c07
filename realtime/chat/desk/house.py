"""What the teacher has decided for the whole server: what is allowed, who only reads, who is out, who teaches.

    frozen      new rooms begin frozen; each room has its own flag (`Room.rules`)
    switches    what is allowed at all
    mutes       who can only read, in one room or in all, until when
    bans        who is kept out of all rooms
    seats       who has which seat card: a mute or ban of somebody with a seat is the seat's
    teachers    who has shown the desk's cookie, and until when it is valid

All of it but the teachers is stored. The house itself decides nothing: `DeskService` changes it, and the rooms ask it,
again and again, so its answers are a few look-ups and await nothing. Time counts during suspend, too: an hour's mute is
over an hour later even if the laptop was closed.
"""

import time
from typing import Final, NamedTuple

import msgspec

from realtime.chat.desk.passes import DeskPass
from realtime.chat.desk.ports import DeskBan, DeskStore, JsonValue, Mute, Subject
from realtime.chat.model import Role, Visitor
from realtime.chat.room import Room
from realtime.chat.wire_forms import HouseView
from realtime.clock import Clock
from realtime.errors import Banned, Frozen, Muted, NotAllowed, SeatNeeded

LONGEST_MUTE_S: Final = 24 * 3600.0


class Switches(msgspec.Struct, frozen=True):
    """What is allowed. `private`: rooms with a password; `rooms`: rooms of pupils; `cards`: only with a seat card."""

    whispers: bool = True
    private: bool = True
    rooms: bool = True
    names: bool = True
    cards: bool = False


class _Until(NamedTuple):
    elapsed_s: float  # by `Clock.elapsed`
    ms: int  # since the epoch


class House:
    """One server's."""

    def __init__(self, clock: Clock) -> None:
        self.switches = Switches()
        self.frozen = False
        self.labels: dict[int, str] = {}
        """The labels of the seats, by number."""
        self._clock = clock
        self._mutes: dict[Subject, dict[int | None, _Until]] = {}  # by room key
        self._bans: dict[Subject, str] = {}  # the colour of then
        self._seats: dict[int, int] = {}  # by visitor id
        self._teachers: dict[int, float] = {}  # until when, by visitor id

    async def load(self, store: DeskStore) -> None:
        """Load what is stored, and delete the mutes that are over. Raises Storage."""
        settings = await store.settings()
        self.frozen = settings.get("frozen") is True
        known: dict[str, JsonValue] = {name: settings[name] for name in Switches.__struct_fields__ if name in settings}
        self.switches = msgspec.convert(known, Switches)
        self._bans = {ban.subject: ban.user for ban in await store.bans()}
        await store.end_mutes(_now_ms())
        for mute in await store.mutes():
            self.mute(mute)

    def lift(self) -> None:
        """Let nothing hold of what was decided, whatever is stored."""
        self.switches, self.frozen = Switches(), False
        self._mutes.clear()
        self._bans.clear()

    # Switches

    def view(self) -> HouseView:
        """Return what everybody is told."""
        switches = self.switches
        return HouseView(switches.whispers, switches.private, switches.rooms, switches.names)

    def switch(self, name: str, on: bool) -> None:
        """Turn a switch on or off."""
        self.switches = msgspec.structs.replace(self.switches, **{name: on})

    def freeze(self, on: bool) -> None:
        """Let new rooms begin frozen, or not."""
        self.frozen = on

    # People

    def teach(self, who: Visitor, shown: DeskPass) -> None:
        """Note that a visitor has shown the desk's pass."""
        if who.id not in self._teachers:
            now = self._clock.elapsed()
            self._teachers = {one: until for one, until in self._teachers.items() if until > now}
        self._teachers[who.id] = shown.until

    def is_teacher(self, visitor_id: int) -> bool:
        """Return whether the visitor teaches."""
        until = self._teachers.get(visitor_id)
        return until is not None and until > self._clock.elapsed()

    def teaches_until(self, visitor_id: int) -> float | None:
        """Return until when, by the clock's `elapsed`, the visitor teaches; None if they do not."""
        return self._teachers[visitor_id] if self.is_teacher(visitor_id) else None

    def role_of(self, visitor_id: int) -> Role | None:
        """Return what the visitor is besides a visitor."""
        return "teacher" if visitor_id in self._teachers and self.is_teacher(visitor_id) else None

    def sit(self, visitor_id: int, seat: int | None) -> None:
        """Note that a visitor has this seat, or none."""
        if seat is None:
            self._seats.pop(visitor_id, None)
        else:
            self._seats[visitor_id] = seat

    def seat_of(self, visitor_id: int) -> int | None:
        """Return the visitor's seat."""
        return self._seats.get(visitor_id)

    def holder_of(self, seat: int) -> int | None:
        """Return the id of the visitor who has the seat."""
        return next((who for who, number in self._seats.items() if number == seat), None)

    def subject_of(self, visitor_id: int) -> Subject:
        """Return whom a mute or ban of this visitor concerns."""
        seat = self.seat_of(visitor_id)
        return Subject(visitor_id) if seat is None else Subject(seat=seat)

    def subjects_of(self, visitor_id: int) -> tuple[Subject, ...]:
        """Return all subjects whose mutes and bans concern this visitor."""
        seat = self.seat_of(visitor_id)
        return (Subject(visitor_id),) if seat is None else (Subject(visitor_id), Subject(seat=seat))

    # Mutes

    def mute(self, mute: Mute) -> None:
        """Let somebody only read, instead of what was decided about them in this room before."""
        left_s = min((mute.until_ms - _now_ms()) / 1000, LONGEST_MUTE_S)  # the wall clock may have been set back since
        until = self._clock.elapsed() + left_s
        self._mutes.setdefault(mute.subject, {})[mute.room] = _Until(until, mute.until_ms)

    def unmute(self, subject: Subject, room: int | None) -> None:
        """Let somebody speak again in a room or, with None, everywhere."""
        mutes = self._mutes.get(subject, {})
        mutes.pop(room, None)
        if room is None or not mutes:
            self._mutes.pop(subject, None)

    def forget(self, room: int) -> bool:
        """Forget the mutes in a room that is no more; return whether there were any."""
        found = [subject for subject, mutes in self._mutes.items() if room in mutes]
        for subject in found:
            self.unmute(subject, room)
        return bool(found)

    def mutes(self) -> list[Mute]:
        """Return the mutes that are not over."""
        now = self._clock.elapsed()
        return [
            Mute(subject, room, until.ms)
            for subject, mutes in self._mutes.items()
            for room, until in mutes.items()
            if until.elapsed_s > now
        ]

    def mutes_of(self, visitor_id: int) -> list[Mute]:
        """Return the mutes that concern a visitor."""
        concerning = self.subjects_of(visitor_id)
        return [mute for mute in self.mutes() if mute.subject in concerning] if self._mutes else []

    # Bans

    def ban(self, ban: DeskBan) -> None:
        """Keep somebody out of all rooms."""
        self._bans.setdefault(ban.subject, ban.user)

    def unban(self, subject: Subject) -> None:
        """Let somebody in again."""
        self._bans.pop(subject, None)

    def bans(self) -> list[DeskBan]:
        """Return all bans, the oldest first."""
        return [DeskBan(subject, user) for subject, user in self._bans.items()]

    def is_banned(self, visitor_id: int) -> bool:
        """Return whether the visitor is kept out of all rooms."""
        return bool(self._bans) and any(subject in self._bans for subject in self.subjects_of(visitor_id))

    # What the rooms ask

    def check_welcome(self, who: Visitor) -> None:
        """Raise Banned or SeatNeeded if the visitor may be in no room. A teacher may."""
        if (self._bans or self.switches.cards) and not self.is_teacher(who.id):
            if self.is_banned(who.id):
                raise Banned
            if self.needs_seat(who):
                raise SeatNeeded

    def needs_seat(self, who: Visitor) -> bool:
        """Return whether one enters only with a seat card, and the visitor has none. A teacher needs none."""
        return self.switches.cards and who.id not in self._seats and not self.is_teacher(who.id)

    def check_voice(self, who: Visitor, room: Room | None) -> None:
        """Raise Frozen or Muted if the visitor may say nothing in a room or, with None, in all. A teacher may."""
        if (self._mutes or (room is not None and room.rules.frozen)) and not self.is_teacher(who.id):
            if room is not None and room.rules.frozen:
                raise Frozen
            self.check_unmuted(who, room)

    def check_unmuted(self, who: Visitor, room: Room | None) -> None:
        """Raise Muted if the visitor can only read in a room or, with None, in all."""
        if not self._mutes:
            return
        now, rooms = self._clock.elapsed(), (None,) if room is None else (None, room.key)
        found = (self._mutes.get(subject, {}).get(key) for subject in self.subjects_of(who.id) for key in rooms)
        left_s = max((until.elapsed_s - now for until in found if until is not None), default=0.0)
        if left_s > 0 and not self.is_teacher(who.id):
            raise Muted(retry_after=round(left_s, 3))

    def check_allowed(self, who: Visitor, switch: str) -> None:
        """Raise NotAllowed if a switch is off. A teacher may."""
        if not getattr(self.switches, switch) and not self.is_teacher(who.id):
            raise NotAllowed


def _now_ms() -> int:
    return int(time.time() * 1000)
