"""Who is in which room. Pure.

`Membership` is the index of live sockets that a namespace keeps.
"""

from collections.abc import Hashable, Iterator, KeysView
from typing import Any, Final, Generic, TypeVar

M = TypeVar("M", bound=Hashable)

_NOBODY: Final[dict[Any, None]] = {}


class Membership(Generic[M]):
    """A two-way index, room → members and member → rooms, both in order of entry. Leaving never scans."""

    __slots__ = ("_members", "_rooms")

    def __init__(self) -> None:
        self._members: dict[str, dict[M, None]] = {}
        self._rooms: dict[M, dict[str, None]] = {}

    def __contains__(self, room: str) -> bool:
        return room in self._members

    def __iter__(self) -> Iterator[str]:
        """Yield the rooms that have members."""
        return iter(self._members)

    def __len__(self) -> int:
        """Return the number of rooms that have members."""
        return len(self._members)

    @property
    def roomed(self) -> int:
        """The number of members in any room."""
        return len(self._rooms)

    def enter(self, room: str, member: M) -> bool:
        """Add `member` to `room`; False if it was already there."""
        members = self._members.setdefault(room, {})
        if member in members:
            return False
        members[member] = None
        self._rooms.setdefault(member, {})[room] = None
        return True

    def leave(self, room: str, member: M) -> bool:
        """Remove `member` from `room`; False if it was not there."""
        rooms = self._rooms.get(member)
        if rooms is None or room not in rooms:
            return False
        del rooms[room]
        if not rooms:
            del self._rooms[member]
        self._remove(room, member)
        return True

    def drop(self, member: M) -> tuple[str, ...]:
        """Remove `member` from every room; return those it was in."""
        rooms = tuple(self._rooms.pop(member, ()))
        for room in rooms:
            self._remove(room, member)
        return rooms

    def members(self, room: str) -> KeysView[M]:
        """Return a live view of the members of `room`."""
        return self._members.get(room, _NOBODY).keys()

    def rooms(self, member: M) -> tuple[str, ...]:
        """Return the rooms `member` is in."""
        return tuple(self._rooms.get(member, ()))

    def sizes(self) -> dict[str, int]:
        """Return the number of members of each room."""
        return {room: len(members) for room, members in self._members.items()}

    def _remove(self, room: str, member: M) -> None:
        members = self._members[room]
        del members[member]
        if not members:
            del self._members[room]
