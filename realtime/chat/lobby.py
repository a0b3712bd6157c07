"""The lobby's events: a room was created, changed or removed."""

from realtime.chat.room import Room
from realtime.chat.watch import Watch
from realtime.clock import Timer
from realtime.hub import Namespace

UPDATE_EVERY_S = 0.25  # a room's updateRoom at most four times a second (docs/protocol.md)


class Lobby:
    """Broadcasts to `/room`, and tells `watch`. A room's last state is always sent, and no state after its end."""

    def __init__(self, namespace: Namespace, watch: Watch) -> None:
        self._namespace = namespace
        self._watch = watch
        self.version = 0
        """Another one after each change of the list of rooms, or of what it tells of one of them."""
        self._sent_at: dict[str, float] = {}
        self._due: dict[str, Timer] = {}

    def created(self, room: Room) -> None:
        """Announce a new room."""
        self.version += 1
        self._namespace.emit("newRoom", room.view())
        self._watch.by.touched(room)

    def changed(self, room: Room) -> None:
        """Announce the room's state, now or as soon as the rate limit allows."""
        if room.gone:
            return
        self._watch.by.touched(room)
        self.version += 1
        if room.id in self._due:
            return
        clock = self._namespace.clock
        due = self._sent_at.get(room.id, float("-inf")) + UPDATE_EVERY_S
        if due <= clock.time():
            self._send(room)
        else:
            self._due[room.id] = clock.call_at(due, lambda: self._send(room))

    def withdraw(self, room: Room) -> None:
        """Stop announcing a room that is no longer in the list."""
        self.version += 1
        due = self._due.pop(room.id, None)
        if due is not None:
            due.cancel()
        self._sent_at.pop(room.id, None)
        self._watch.by.ended(room)

    def removed(self, room_id: str) -> None:
        """Announce that a room was removed."""
        self._namespace.emit("removeRoom", room_id)

    def _send(self, room: Room) -> None:
        self._due.pop(room.id, None)
        self._sent_at[room.id] = self._namespace.clock.time()
        self._namespace.emit("updateRoom", room.view())
