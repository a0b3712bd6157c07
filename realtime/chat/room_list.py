"""The live rooms, by id, in the order in which they were made, and where people have places."""

from realtime.chat.model import Visitor
from realtime.chat.room import Room
from realtime.errors import NoSuchRoom


class RoomList:
    """Rooms by id, and by the visitors inside: leaving a room never scans all."""

    def __init__(self) -> None:
        self._rooms: dict[str, Room] = {}
        self._places: dict[int, dict[Room, None]] = {}

    def __len__(self) -> int:
        return len(self._rooms)

    def get(self, room_id: str) -> Room | None:
        """Return the room, or None."""
        return self._rooms.get(room_id)

    def has(self, room_id: str) -> bool:
        """Return whether there is such a room."""
        return room_id in self._rooms

    def of(self, room_id: str) -> Room:
        """Return the room. Raises NoSuchRoom."""
        room = self._rooms.get(room_id)
        if room is None:
            raise NoSuchRoom
        return room

    def newest_first(self) -> list[Room]:
        """Return all rooms, newest first."""
        return list(reversed(self._rooms.values()))

    def prepared(self) -> list[Room]:
        """Return the rooms that have a position, in that order."""
        placed = ((room.position, room) for room in self._rooms.values() if room.position is not None)
        return [room for _, room in sorted(placed, key=lambda one: one[0])]

    def listed(self) -> list[Room]:
        """Return all rooms as the lobby lists them: the prepared ones, then the others, newest first."""
        return [*self.prepared(), *(room for room in self.newest_first() if room.position is None)]

    def places(self, who: Visitor) -> list[Room]:
        """Return the rooms in which the visitor has a place."""
        return list(self._places.get(who.id, ()))

    def count_kept(self, owner: Visitor) -> int:
        """Return how many kept rooms the visitor owns."""
        return sum(room.kept and room.owner.id == owner.id for room in self._rooms.values())

    def visitors(self) -> list[int]:
        """Return the ids of those who have a place anywhere."""
        return list(self._places)

    def enlist(self, room: Room) -> None:
        """Add a room."""
        self._rooms[room.id] = room

    def strike(self, room: Room) -> None:
        """Remove a room."""
        del self._rooms[room.id]

    def take_place(self, room: Room, visitor_id: int) -> None:
        """Note that a visitor has a place in a room."""
        self._places.setdefault(visitor_id, {})[room] = None

    def free_place(self, room: Room, visitor_id: int) -> None:
        """Note that a visitor has none in a room any more; nothing happens if they had none."""
        places = self._places.get(visitor_id, {})
        places.pop(room, None)
        if not places:
            self._places.pop(visitor_id, None)
