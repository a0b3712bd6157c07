"""Chapter 3 of the course on the namespace `/`: `news` every three seconds, and a `reply` that is logged."""

from realtime.chat.model import Visitor
from realtime.clock import Timer
from realtime.errors import ConnectionRefused, TooManyLessons
from realtime.hub import AckArgs, Hub, Socket
from realtime.lessons.board import Board, Guest
from realtime.lessons.pace import Pace
from realtime.lessons.places import Places
from realtime.reason import Reason
from realtime.socketio.packet import Event

NEWS = "Hello Socket.IO"


class News:
    """Emits `news` to each socket of the namespace, every three seconds after it connected."""

    def __init__(self, hub: Hub, board: Board, places: Places, pace: Pace, every_ms: int) -> None:
        namespace = hub.of("/")
        namespace.use(self._check)
        namespace.on_connect = self._connected
        namespace.on_disconnect = self._disconnected
        namespace.on("reply", self._reply)
        self._clock = hub.clock
        self._board = board
        self._places = places
        self._pace = pace
        self._every_s = every_ms / 1000
        self._due: dict[str, Timer] = {}

    def stop(self) -> None:
        """Stop sending news."""
        for due in self._due.values():
            due.cancel()
        self._due.clear()

    def _check(self, socket: Socket) -> None:
        guest = _guest(socket)
        try:
            self._places.check(guest.who.id, guest.address)
        except TooManyLessons as error:
            raise ConnectionRefused(str(error), error.body()) from error

    def _connected(self, socket: Socket) -> None:
        guest = _guest(socket)
        self._places.take(guest.who.id, guest.address)
        self._board.tallies["socketio"].requests += 1
        self._board.opened("socketio", guest)
        self._schedule(socket)

    def _disconnected(self, socket: Socket, reason: Reason) -> None:
        due = self._due.pop(socket.id, None)
        if due is not None:
            due.cancel()
        guest = _guest(socket)
        self._places.free(guest.who.id, guest.address)
        self._board.closed("socketio", guest)

    async def _reply(self, socket: Socket, event: Event) -> AckArgs:
        guest = _guest(socket)
        await self._pace.wait(guest.who)
        self._board.received("socketio", guest, event.args[0] if event.args else None)
        return None

    def _schedule(self, socket: Socket) -> None:
        self._due[socket.id] = self._clock.call_at(self._clock.time() + self._every_s, lambda: self._tell(socket))

    def _tell(self, socket: Socket) -> None:
        socket.emit("news", NEWS)
        self._board.tallies["socketio"].sent += 1
        self._schedule(socket)


def _guest(socket: Socket) -> Guest:
    visitor = socket.handshake.identity
    assert isinstance(visitor, Visitor)
    return Guest(visitor, socket.handshake.address)
