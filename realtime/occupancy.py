"""Who holds a place in a room, and until when. Pure: times are seconds of any monotonic clock, passed in.

A place belongs to a visitor, not to a socket, so a second tab takes none. A visitor is

    present  with at least one socket,
    held     without a socket since a moment ago: the place is kept until `held_until`, in case they come back,
    absent   else.

A room without anybody present is vacant, and over at `vacant_until`. Both deadlines count from the moment when the last
socket went; they do not add up.
"""

from dataclasses import dataclass, field

from realtime.errors import RoomFull


@dataclass(slots=True, eq=False)
class Place:
    """One visitor's place: the ids of their sockets, or the time until which it is held without any."""

    sids: set[str] = field(default_factory=set)
    held_until: float | None = None


class Occupancy:
    """The places of one room, at most `limit`."""

    __slots__ = ("_places", "_present", "limit", "vacant_until")

    def __init__(self, limit: int, vacant_until: float) -> None:
        """Start without anybody; over at `vacant_until` unless somebody comes."""
        self.limit = limit
        self.vacant_until: float | None = vacant_until
        self._places: dict[int, Place] = {}  # in the order of entering
        self._present = 0

    def __len__(self) -> int:
        """Return how many places are taken."""
        return len(self._places)

    def __contains__(self, visitor: int) -> bool:
        return visitor in self._places

    @property
    def visitors(self) -> list[int]:
        """Those who hold a place, the longest there first."""
        return list(self._places)

    def sids(self, visitor: int) -> frozenset[str]:
        """Return the ids of the visitor's sockets in the room."""
        place = self._places.get(visitor)
        return frozenset(place.sids) if place else frozenset()

    def admits(self, visitor: int) -> bool:
        """Return whether the visitor has a place or could take one."""
        return visitor in self._places or len(self._places) < self.limit

    def enter(self, visitor: int, sid: str) -> bool:
        """Add a socket; return whether its visitor took a new place. Raises RoomFull when there is none."""
        if not self.admits(visitor):
            raise RoomFull
        place = self._places.get(visitor)
        new = place is None
        if place is None:
            place = self._places[visitor] = Place()
        if not place.sids:
            self._present += 1
        place.sids.add(sid)
        place.held_until = None
        self.vacant_until = None
        return new

    def hold(self, visitor: int, until: float) -> None:
        """Give the visitor a place without a socket until `until`: somebody who was here before a restart."""
        self._places[visitor] = Place(held_until=until)

    def drop(self, visitor: int, sid: str, until: float) -> None:
        """Take away a socket that was cut off. If it was the visitor's last, the place is held until `until`."""
        if self._take(visitor, sid, until):
            self._places[visitor].held_until = until

    def leave(self, visitor: int, sid: str, until: float) -> bool:
        """Take away a socket whose visitor says goodbye; return whether it was the last, and the place is free.

        A room left vacant by it is over at `until`.
        """
        gone = self._take(visitor, sid, until)
        if gone:
            del self._places[visitor]
        return gone

    def release(self, visitor: int, until: float) -> bool:
        """Free the visitor's place with all its sockets; return whether there was one."""
        place = self._places.pop(visitor, None)
        if place is not None and place.sids:
            self._lose_one_present(until)
        return place is not None

    def expired(self, now: float) -> list[int]:
        """Return the visitors whose place is no longer held."""
        return [v for v, place in self._places.items() if place.held_until is not None and place.held_until <= now]

    def next_deadline(self) -> float | None:
        """Return when the next place, or the room, is over."""
        times = [place.held_until for place in self._places.values() if place.held_until is not None]
        if self.vacant_until is not None:
            times.append(self.vacant_until)
        return min(times, default=None)

    def _take(self, visitor: int, sid: str, until: float) -> bool:
        place = self._places.get(visitor)
        if place is None or sid not in place.sids:
            return False
        place.sids.remove(sid)
        if place.sids:
            return False
        self._lose_one_present(until)
        return True

    def _lose_one_present(self, until: float) -> None:
        self._present -= 1
        if not self._present:
            self.vacant_until = until
