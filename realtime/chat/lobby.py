"""The lobby's news: a room was made, changed or is gone."""

from realtime.chat.room import Room
from realtime.clock import Timer
from realtime.hub import Namespace

UPDATE_EVERY_S = 0.25  # a room's updateRoom at most four times a second (docs/protocol.md)


class Lobby:
    """Tells everybody on `/room`. A room's last state is always told, and nothing of it after its end."""

    def __init__(self, namespace: Namespace) -> None:
        self._namespace = namespace
        self._told_at: dict[str, float] = {}
        self._due: dict[str, Timer] = {}

    def made(self, room: Room) -> None:
        """Announce a new room."""
        self._namespace.emit("newRoom", room.view())

    def changed(self, room: Room) -> None:
        """Announce the room as it now is, at once or when its turn comes."""
        if room.gone or room.id in self._due:
            return
        clock = self._namespace.clock
        due = self._told_at.get(room.id, float("-inf")) + UPDATE_EVERY_S
        if due <= clock.time():
            self._tell(room)
        else:
            self._due[room.id] = clock.call_at(due, lambda: self._tell(room))

    def withdraw(self, room: Room) -> None:
        """Tell no more of a room that is about to go."""
        due = self._due.pop(room.id, None)
        if due is not None:
            due.cancel()
        self._told_at.pop(room.id, None)

    def removed(self, room_id: str) -> None:
        """Announce that a room is gone."""
        self._namespace.emit("removeRoom", room_id)

    def _tell(self, room: Room) -> None:
        self._due.pop(room.id, None)
        self._told_at[room.id] = self._namespace.clock.time()
        self._namespace.emit("updateRoom", room.view())
