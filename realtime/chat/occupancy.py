"""Who holds a place in a room, and until when. Pure: times are seconds of any monotonic clock, passed in.

A place belongs to a visitor, not to a socket, so a second tab takes none. A visitor is

    present    with at least one socket,
    held       recently disconnected: the place is held until `held_until`, in case they come back,
    lingering  without a place, but the room is kept for them: they were lost, or left to come back,
    absent     otherwise.

Who is *beside* is in the room without a place: a teacher. They are present or held like others, but count for nothing
else: not towards the limit, not as an heir, and a room in which only they are is vacant.

A room with nobody present is vacant, and is over once `vacant_until` has passed, no place is held and nobody lingers.
Held places and `vacant_until` both count from the moment the last socket left; they do not add up. Lingering starts
when the place ends.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from realtime.errors import RoomFull


@dataclass(slots=True, eq=False)
class Place:
    """One visitor's place: the ids of their sockets, or until when it is held without any.

    `lingers_until`: until when the visitor lingers once the place is gone. `beside`: it is none that counts.
    """

    sids: set[str] = field(default_factory=set)
    held_until: float | None = None
    lingers_until: float | None = None
    beside: bool = False


class Occupancy:
    """The places in one room, at most `limit`, and who is beside."""

    __slots__ = ("_beside", "_lingering", "_places", "_present", "limit", "vacant_until")

    def __init__(self, limit: int, vacant_until: float) -> None:
        """Start empty; over at `vacant_until` unless somebody comes."""
        self.limit = limit
        self.vacant_until: float | None = vacant_until
        self._places: dict[int, Place] = {}  # in the order of entering
        self._beside = 0
        self._present = 0  # of those who are not beside
        self._lingering: dict[int, float] = {}  # until when, by visitor

    def __len__(self) -> int:
        """Return the number of occupied places."""
        return len(self._places) - self._beside

    def __contains__(self, visitor: int) -> bool:
        """Return whether the visitor holds a place or is beside."""
        return visitor in self._places

    @property
    def visitors(self) -> list[int]:
        """Those who hold a place or are beside, the longest there first."""
        return list(self._places)

    def is_beside(self, visitor: int) -> bool:
        """Return whether the visitor is beside."""
        return self._beside > 0 and visitor in self._places and self._places[visitor].beside

    def sids(self, visitor: int) -> frozenset[str]:
        """Return the ids of the visitor's sockets in the room."""
        place = self._places.get(visitor)
        return frozenset(place.sids) if place else frozenset()

    def longest_present(self) -> int | None:
        """Return who has been present longest; if nobody is present, whose place has been held longest; or None."""
        placed = {visitor: place for visitor, place in self._places.items() if not place.beside}
        present = (visitor for visitor, place in placed.items() if place.sids)
        return next(present, next(iter(placed), None))

    def lingers_until(self, visitor: int) -> float | None:
        """Return until when the room is kept for a lingering visitor."""
        return self._lingering.get(visitor)

    def admits(self, visitor: int) -> bool:
        """Return whether the visitor has a place or could take one."""
        return (visitor in self._places and not self.is_beside(visitor)) or len(self) < self.limit

    def enter(self, visitor: int, sid: str) -> bool:
        """Add a socket; return whether its visitor took a new place. Raises RoomFull.

        Who was beside takes a place now.
        """
        if not self.admits(visitor):
            raise RoomFull
        place = self._places.get(visitor)
        new = place is None
        if place is None:
            place = self._places[visitor] = Place(lingers_until=self._lingering.pop(visitor, None))
        elif place.beside:
            self._beside -= 1
            place.beside = False
            self._present += bool(place.sids)
        if not place.sids:
            self._present += 1
        place.sids.add(sid)
        place.held_until = None
        self.vacant_until = None
        return new

    def stand_by(self, visitor: int, sid: str) -> bool:
        """Add a socket of a visitor who is beside; return whether they were not in the room before."""
        place = self._places.get(visitor)
        new = place is None
        if place is None:
            self._lingering.pop(visitor, None)
            place = self._places[visitor] = Place(beside=True)
            self._beside += 1
        place.sids.add(sid)
        place.held_until = place.lingers_until = None
        return new

    def step_aside(self, visitor: int, until: float) -> bool:
        """Let a visitor with a place be beside; return whether they had one.

        If that leaves the room vacant, it is over at `until`.
        """
        place = self._places.get(visitor)
        if place is None or place.beside:
            return False
        place.beside, place.lingers_until = True, None
        self._beside += 1
        if place.sids:
            self._lose_one_present(until)
        return True

    def hold(self, visitor: int, until: float, lingers_until: float, *, beside: bool = False) -> None:
        """Hold a place until `until` for a visitor who was here before a restart, or was beside."""
        self._places[visitor] = Place(held_until=until, lingers_until=None if beside else lingers_until, beside=beside)
        self._beside += beside

    def drop(self, visitor: int, sid: str, until: float, lingers_until: float | None = None) -> None:
        """Remove a socket. If it was the visitor's last, the place is held until `until`.

        After that the room is kept for them until `lingers_until`, unless that is None.
        """
        if self._take(visitor, sid, until):
            place = self._places[visitor]
            place.held_until, place.lingers_until = until, None if place.beside else lingers_until

    def leave(self, visitor: int, sid: str, until: float) -> bool:
        """Remove a socket whose visitor said goodbye; return whether it was the last, which frees the place.

        If that leaves the room vacant, it is over at `until`.
        """
        gone = self._take(visitor, sid, until)
        if gone:
            self._beside -= self._places.pop(visitor).beside
        return gone

    def linger(self, visitor: int, until: float) -> None:
        """Keep the room until `until` for a visitor without a place."""
        self._lingering[visitor] = until

    def release(self, visitor: int, until: float) -> bool:
        """Free the visitor's place, drop its sockets and end the lingering; return whether there was a place."""
        self._lingering.pop(visitor, None)
        place = self._places.pop(visitor, None)
        if place is not None:
            self._beside -= place.beside
            if place.sids and not place.beside:
                self._lose_one_present(until)
        return place is not None

    def take_back(self, visitor: int, until: float) -> None:
        """Free a place that could not be stored; a visitor who lingered before lingers again."""
        place = self._places.get(visitor)
        self.release(visitor, until)
        if place is not None and place.lingers_until is not None:
            self._lingering[visitor] = place.lingers_until

    def end_lingering(self, now: float) -> list[int]:
        """End expired lingering; return whose it was."""
        over = [visitor for visitor, until in self._lingering.items() if until <= now]
        for visitor in over:
            del self._lingering[visitor]
        return over

    def expire(self, now: float) -> Iterator[tuple[int, bool]]:
        """Free expired places one by one; yield whose each was, and whether they linger now."""
        over = [v for v, place in self._places.items() if place.held_until is not None and place.held_until <= now]
        for visitor in over:
            place = self._places.pop(visitor)
            self._beside -= place.beside
            until = place.lingers_until
            if until is not None and until > now:
                self._lingering[visitor] = until
            yield visitor, visitor in self._lingering

    def over_at(self) -> float | None:
        """Return when the room is over if nobody comes; None while somebody is present."""
        if self.vacant_until is None:
            return None
        placed = (place for place in self._places.values() if not place.beside)
        ends = [end for place in placed for end in (place.held_until, place.lingers_until)]
        return max(end for end in (self.vacant_until, *self._lingering.values(), *ends) if end is not None)

    def wait_until(self, until: float) -> None:
        """Keep a vacant room at least until `until`."""
        if self.vacant_until is not None:
            self.vacant_until = max(self.vacant_until, until)

    def next_deadline(self, *, kept: bool = False) -> float | None:
        """Return when the next place, the next lingering or, unless it is `kept`, the room is over."""
        times = [place.held_until for place in self._places.values() if place.held_until is not None]
        times += self._lingering.values()
        over_at = None if kept else self.over_at()
        if over_at is not None:
            times.append(over_at)
        return min(times, default=None)

    def _take(self, visitor: int, sid: str, until: float) -> bool:
        place = self._places.get(visitor)
        if place is None or sid not in place.sids:
            return False
        place.sids.remove(sid)
        if place.sids:
            return False
        if not place.beside:
            self._lose_one_present(until)
        return True

    def _lose_one_present(self, until: float) -> None:
        self._present -= 1
        if not self._present:
            self.vacant_until = until
