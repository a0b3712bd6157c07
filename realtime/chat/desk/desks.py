"""The open desks: sockets of /desk, each for as long as the cookie that its handshake showed is valid."""

from dataclasses import dataclass
from typing import Final

from realtime.chat.desk.passes import DeskPass
from realtime.chat.model import Visitor
from realtime.clock import ElapsedTimer
from realtime.errors import NotTeacher
from realtime.hub import Namespace, Socket

TOLD: Final = "told"
"""The hub's room of the desks that have been told everything so far, and so are told what happens."""


@dataclass(slots=True, eq=False)
class _Desk:
    who: Visitor
    until: float  # by the clock's `elapsed`
    end: ElapsedTimer


class Desks:
    """The desks in one namespace."""

    def __init__(self, namespace: Namespace) -> None:
        self._namespace = namespace
        self._clock = namespace.clock

    def __bool__(self) -> bool:
        """Return whether there is one."""
        return bool(self._namespace.sockets)

    def pass_of(self, socket: Socket) -> DeskPass:
        """Return what a socket showed at its handshake. Raises NotTeacher unless it still makes it a desk."""
        shown = socket.handshake.credential
        if not isinstance(shown, DeskPass) or self._clock.elapsed() >= shown.until:
            raise NotTeacher
        return shown

    def open(self, socket: Socket) -> None:
        """Make a socket that has connected a desk. Raises NotTeacher."""
        who, until = socket.handshake.identity, self.pass_of(socket).until
        assert isinstance(who, Visitor)
        socket.data = _Desk(who, until, ElapsedTimer(self._clock, until, lambda: self._end(socket)))

    def begin(self, socket: Socket) -> None:
        """Let a desk be told what happens from now on."""
        socket.join(TOLD)

    def at(self, socket: Socket) -> Visitor:
        """Return who sits at a desk. Raises NotTeacher when its time is over."""
        if not isinstance(socket.data, _Desk) or self._clock.elapsed() >= socket.data.until:
            raise NotTeacher
        return socket.data.who

    def close(self, socket: Socket) -> None:
        """Note that a desk has gone."""
        if isinstance(socket.data, _Desk):
            socket.data.end.cancel()

    def emit(self, event: str, *args: object) -> None:
        """Tell all desks. When the machine has slept, one whose time is over may not have ended yet."""
        now = self._clock.elapsed()
        for socket in self._namespace.in_room(TOLD):
            if isinstance(socket.data, _Desk) and now >= socket.data.until:
                self._end(socket)
        self._namespace.to(TOLD).emit(event, *args)

    def _end(self, socket: Socket) -> None:
        socket.emit("problem", {"ok": False, **NotTeacher().body()})
        socket.disconnect()
