"""The teachers in the rooms: from when they show the desk's pass until it is over.

A visitor who becomes the teacher while they are in rooms gives their places up, and stays. When the pass is over, the
connections of a teacher who is in a room are closed: their pages come back as a visitor's, who needs what any other
needs, a place and perhaps the password.
"""

from realtime.chat.desk.passes import DeskPass
from realtime.chat.life import Rooms
from realtime.chat.model import Visitor
from realtime.clock import ElapsedTimer
from realtime.hub import Hub
from realtime.reason import Reason


class Teachers:
    """Those of one server."""

    def __init__(self, rooms: Rooms, hub: Hub) -> None:
        self._rooms = rooms
        self._house = rooms.house
        self._namespace = hub.of("/chat")
        self._clock = hub.clock
        self._ends: dict[int, ElapsedTimer] = {}  # by visitor id

    def teach(self, who: Visitor, shown: DeskPass) -> None:
        """Let a visitor be a teacher for as long as their pass is valid. Called with each of their requests."""
        if self._house.is_teacher(who.id):
            self._house.teach(who, shown)
            return
        self._house.teach(who, shown)
        if not self._house.is_teacher(who.id):
            return
        for room in self._rooms.places(who):
            self._rooms.step_aside(room, who)
        self._await_end(who, shown.until)

    def stop(self) -> None:
        """Stop the timers."""
        for end in self._ends.values():
            end.cancel()

    def _await_end(self, who: Visitor, until: float) -> None:
        self._ends[who.id] = ElapsedTimer(self._clock, until, lambda: self._ended(who))

    def _ended(self, who: Visitor) -> None:
        del self._ends[who.id]
        until = self._house.teaches_until(who.id)
        if until is not None:  # they have shown a later pass
            self._await_end(who, until)
            return
        for room in self._rooms.places(who):
            if room.occupancy.is_beside(who.id):
                self._rooms.watch.by.touched(room)
                for sid in room.occupancy.sids(who.id):
                    socket = self._namespace.sockets.get(sid)
                    if socket is not None:
                        socket.link.close(Reason.CREDENTIAL_OVER)
