"""Namespaces, sockets and rooms: who is connected, and how to send to them.

    hub.of("/chat").to(room).except_(sid).emit("chat", record)

The emits of the course's chapter on broadcasting, for a `namespace = hub.of("/chat")` and a `socket` of it:

    namespace.emit("news", text)                        to everyone in the namespace
    namespace.to(sid).emit("whisper", text)             to one socket, by its id
    socket.emit("whisper", text)                        to this socket
    socket.broadcast.emit("join", text)                 to everyone except this socket
    namespace.to(room).emit("chat", text)               to a room
    socket.to(room).emit("chat", text)                  to a room except this socket
    namespace.except_(room).emit("news", text)          to everyone except those in a room
    namespace.to(room).instead([sid], own).emit("chat", text)    to a room; one socket gets `own` instead
    await socket.emit_with_ack("question", timeout_s=5)          to one socket, and wait for its answer

Emitting never blocks and encodes once, however many receive it (`realtime.fanout`). A connection is known only as a
`Link`; the protocol's state is in `realtime.socketio.connection`.
"""

import asyncio
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Self

import msgspec
from msgspec.structs import replace

from realtime import wire
from realtime.bounds import NOTHING, Excess, JsonBounds
from realtime.clock import Clock, LoopClock, Timer
from realtime.deferred import Deferred
from realtime.engineio.packet import Frames
from realtime.engineio.server import SID_BYTES
from realtime.errors import BadRequest, DomainError, GifchatError
from realtime.fanout import Fanout, Link
from realtime.membership import Membership
from realtime.reason import Reason
from realtime.socketio.packet import RESERVED_EVENTS, Args, Disconnect, Event, frames

AckArgs = Sequence[object] | None
"""The arguments of an ack; None for none."""


class AckTimeout(GifchatError, TimeoutError):
    """A peer did not acknowledge in time."""


class Disconnected(GifchatError, ConnectionError):
    """A socket disconnected before it acknowledged."""


class Handshake(msgspec.Struct, frozen=True):
    """How a socket connected: its connection's handshake, and the `auth` of its CONNECT packet, if any."""

    identity: object
    address: str
    referer: str | None
    query: Mapping[str, str]
    auth: Mapping[str, object] | None
    credential: object = None
    """What the peer has shown besides its identity, for the application."""


class Later(msgspec.Struct, frozen=True):
    """A deferred ack: `answer` turns the value of `result` into the ack's arguments."""

    result: Deferred[Any]
    answer: Callable[[Deferred[Any]], AckArgs]


Handler = Callable[["Socket", Event], AckArgs | Coroutine[object, object, AckArgs] | Later]
"""Handles an event. Its return value determines the order:

- a value is acknowledged at once;
- a coroutine delays the connection's next event until it ends;
- `Later` lets the next event proceed, and acknowledges when its result is settled: a sender can have many messages in
  flight, in order.
"""

Middleware = Callable[["Socket"], Awaitable[None] | None]
"""Checks a socket before it is connected; raises ConnectionRefused to reject it."""


class Socket:
    """A connection's presence in one namespace. `data` is for the application."""

    __slots__ = ("_acks", "_ack_id", "connected", "data", "handshake", "id", "link", "namespace")

    def __init__(self, namespace: "Namespace", link: Link, handshake: Handshake) -> None:
        self.id = secrets.token_urlsafe(SID_BYTES)
        self.namespace = namespace
        self.link = link
        self.handshake = handshake
        self.data: object = None
        self.connected = False
        self._acks: dict[int, _PendingAck] | None = None
        self._ack_id = 0

    def __repr__(self) -> str:
        return f"<Socket {self.id} in {self.namespace.name}>"

    def __str__(self) -> str:
        return str(self.link)

    @property
    def rooms(self) -> tuple[str, ...]:
        """The rooms it is in, in the order of joining, without its own id, which addresses it, too."""
        return self.namespace.rooms.rooms(self)

    def join(self, room: str) -> None:
        """Enter `room` and receive what is emitted there from now on."""
        if self.connected:
            self.namespace.fanout.flush_for(self)
            self.namespace.fanout.flush_room(room)
            self.namespace.rooms.enter(room, self)

    def leave(self, room: str) -> None:
        """Leave `room`, after receiving everything emitted there so far."""
        self.namespace.fanout.flush_room(room)
        self.namespace.rooms.leave(room, self)

    def emit(self, event: str, *args: object) -> None:
        """Emit to this socket alone."""
        if self.connected:
            self.namespace.fanout.send(self, self.namespace.encode(event, args, self))

    def emit_with_ack(self, event: str, *args: object, timeout_s: float) -> asyncio.Future[Args]:
        """Emit, and return a future of the ack's arguments.

        The future raises AckTimeout after `timeout_s`, and Disconnected when the socket disconnects.
        """
        future: asyncio.Future[Args] = asyncio.get_running_loop().create_future()
        if not self.connected:
            future.set_exception(Disconnected(self.id))
            return future
        if self._acks is None:
            self._acks = {}
        ack_id, self._ack_id = self._ack_id, self._ack_id + 1
        self._acks[ack_id] = _PendingAck(self.namespace.clock, timeout_s, future)
        future.add_done_callback(lambda _: self._forget_ack(ack_id))
        self.namespace.fanout.send(self, self.namespace.encode(event, args, self, ack_id))
        return future

    def acknowledged(self, ack_id: int, args: Args) -> None:
        """Handle an ack from the peer. A late one, for which nobody waits any more, is ignored."""
        pending = self._acks.get(ack_id) if self._acks else None
        if pending is not None and not pending.future.done():
            pending.future.set_result(args)

    def to(self, *names: str) -> "Operator":
        """Address rooms or sockets by name, except this socket."""
        return Operator(self.namespace, names, (self.id,))

    @property
    def broadcast(self) -> "Operator":
        """Address everyone in the namespace except this socket."""
        return Operator(self.namespace, (), (self.id,))

    def disconnect(self, close: bool = False) -> None:
        """Disconnect it from its namespace; with `close`, end the whole connection."""
        if not self.connected:
            return
        packet = Disconnect(self.namespace.name)
        if self.namespace.shown:
            wire.sent(packet, self)
        self.namespace.fanout.send(self, frames(packet))
        self.namespace.remove(self, Reason.SERVER_DISCONNECT)
        if close:
            self.link.close(Reason.SERVER_CLOSE)

    def gone(self) -> None:
        """Fail all pending acks."""
        for pending in list((self._acks or {}).values()):
            if not pending.future.done():
                pending.future.set_exception(Disconnected(self.id))

    def _forget_ack(self, ack_id: int) -> None:
        if self._acks is not None:
            self._acks.pop(ack_id).timer.cancel()


class _PendingAck:
    __slots__ = ("future", "timer")

    def __init__(self, clock: Clock, timeout_s: float, future: asyncio.Future[Args]) -> None:
        self.future = future
        self.timer: Timer = clock.call_at(clock.time() + timeout_s, self._expire)

    def _expire(self) -> None:
        if not self.future.done():
            self.future.set_exception(AckTimeout("not acknowledged in time"))


class Operator(msgspec.Struct, frozen=True):
    """The receivers of an emit. Immutable: each method returns a narrower or wider one.

    A name is a room's or a socket's id. Without `to`, everyone in the namespace is addressed.
    """

    namespace: "Namespace"
    targets: tuple[str, ...] = ()
    excepted: tuple[str, ...] = ()
    replaced: tuple[tuple[tuple[str, ...], Args], ...] = ()

    def to(self, *names: str) -> Self:
        """Add targets; a socket in several of them gets one copy."""
        return replace(self, targets=self.targets + names)

    def except_(self, *names: str) -> Self:
        """Exclude sockets, and everyone in rooms."""
        return replace(self, excepted=self.excepted + names)

    def instead(self, sids: Iterable[str], *args: object) -> Self:
        """Send different arguments to those of `sids` that are addressed, at the same position in the order."""
        return replace(self, replaced=(*self.replaced, (tuple(sids), args)))

    def emit(self, event: str, *args: object) -> None:
        """Emit to all sockets addressed now."""
        namespace = self.namespace
        single = self.targets[0] if len(self.targets) == 1 else None
        if self.targets and (single is None or single in namespace.sockets):
            self._emit_each(event, args)
        elif namespace.rooms.members(single) if single is not None else namespace.sockets:
            namespace.fanout.add(single, namespace.encode(event, args, self), self._apart(event))

    def __str__(self) -> str:
        left_out = f" but {', '.join(self._labels(self.excepted))}" if self.excepted else ""
        return f"{', '.join(self._labels(self.targets)) or 'all'}{left_out}"

    def _labels(self, names: Iterable[str]) -> list[str]:
        sockets = self.namespace.sockets
        return [str(sockets[name]) if name in sockets else f"room {name}" for name in names]

    async def emit_with_ack(self, event: str, *args: object, timeout_s: float) -> dict[str, Args]:
        """Emit, and return the acks that arrived in time, by socket id."""
        asked = {socket.id: socket.emit_with_ack(event, *args, timeout_s=timeout_s) for socket in self}
        if asked:
            await asyncio.wait(asked.values())
        return {sid: future.result() for sid, future in asked.items() if future.exception() is None}

    def disconnect_sockets(self, close: bool = False) -> None:
        """Disconnect all addressed sockets."""
        for socket in self:
            socket.disconnect(close)

    def __iter__(self) -> Iterator[Socket]:
        """Yield the sockets addressed now, from a copy, each once."""
        found = self._named(self.targets) if self.targets else dict.fromkeys(self.namespace.sockets.values())
        for socket in self._named(self.excepted) if self.excepted else ():
            found.pop(socket, None)
        return iter(found)

    def _named(self, names: Collection[str]) -> dict[Socket, None]:
        found: dict[Socket, None] = {}
        for name in names:
            found.update(dict.fromkeys(self.namespace.rooms.members(name)))
            socket = self.namespace.sockets.get(name)
            if socket is not None:
                found[socket] = None
        return found

    def _apart(self, event: str) -> Mapping[Socket, Frames | None]:
        """Return the sockets that get something else than the others, and what they get."""
        if not self.excepted and not self.replaced:
            return _NOBODY_APART
        apart: dict[Socket, Frames | None] = {}
        for sids, args in self.replaced:
            sockets = [self.namespace.sockets[sid] for sid in sids if sid in self.namespace.sockets]
            if sockets:
                apart.update(dict.fromkeys(sockets, self.namespace.encode(event, args, sockets)))
        apart.update(dict.fromkeys(self._named(self.excepted)))
        return apart

    def _emit_each(self, event: str, args: Args) -> None:
        """Emit to sockets, or to rooms that may share some, without waiting for the end of the loop iteration."""
        found = list(self)
        if not found:
            return
        common, apart = self.namespace.encode(event, args, self), self._apart(event)
        for socket in found:
            chosen = apart.get(socket, common)
            if chosen is not None:
                self.namespace.fanout.send(socket, chosen)


_NOBODY_APART: Final[Mapping[Socket, Frames | None]] = {}


class Namespace:
    """A separate channel on shared connections: its sockets, rooms, handlers and middlewares."""

    def __init__(self, name: str, clock: Clock, bounds: JsonBounds, *, private: bool = False) -> None:
        """`private`: nobody outside learns of it, not even that it is there, by anything that describes the hub."""
        self.name = name
        self.private = private
        self.clock = clock
        self.bounds = bounds
        """What a packet from a client may hold."""
        self.shown = wire.is_shown() and not private
        """Whether its packets are logged."""
        self.sockets: dict[str, Socket] = {}
        self.rooms: Membership[Socket] = Membership()
        self.fanout: Fanout[Socket] = Fanout(clock, self.sockets, self.rooms)
        self.handlers: dict[str | float, Handler] = {}
        self.middlewares: list[Middleware] = []
        self.refusals: Counter[str] = Counter()
        """Refused events, by the error's code."""
        self.on_connect: Callable[[Socket], Coroutine[object, object, object] | None] = _ignore
        """Called after CONNECT is answered. If it returns a coroutine, the connection's events wait for its end."""
        self.on_disconnect: Callable[[Socket, Reason], object] = _ignore
        """Called exactly once for each connected socket, after it has left all its rooms."""
        self.too_large: Callable[[Excess, Event], DomainError] = lambda _, __: BadRequest()
        """Returns the error by which an event over the bounds is refused; the event has no arguments."""

    def use(self, middleware: Middleware) -> None:
        """Add `middleware`, which checks each new socket after the existing ones."""
        self.middlewares.append(middleware)

    def on(self, event: str, handler: Handler) -> None:
        """Set the handler of `event`; events without one are ignored."""
        self.handlers[event] = handler

    def to(self, *names: str) -> Operator:
        """Address rooms or sockets by name."""
        return Operator(self, names)

    def except_(self, *names: str) -> Operator:
        """Address everyone except these."""
        return Operator(self, (), names)

    def emit(self, event: str, *args: object) -> None:
        """Emit to everyone."""
        Operator(self).emit(event, *args)

    def in_room(self, room: str) -> list[Socket]:
        """Return the sockets in `room`, longest first."""
        return list(self.rooms.members(room))

    def disconnect_sockets(self, close: bool = False) -> None:
        """Disconnect everyone."""
        Operator(self).disconnect_sockets(close)

    def refuse(self, socket: Socket, event: Event, error: DomainError) -> AckArgs:
        """Report an error to an event's sender: in the ack if they asked for one, else as `problem`."""
        self.refusals[error.code] += 1
        body = {"ok": False, **error.body()}
        if not event.wants_ack:
            socket.emit("problem", body)
            return None
        return (body,)

    def encode(self, event: str, args: Args, to: Socket | Operator | list[Socket], ack_id: int | None = None) -> Frames:
        """Return an event packet of this namespace, for `to`."""
        if event in RESERVED_EVENTS:
            raise ValueError(f"{event!r} is the protocol's own")
        packet = Event(self.name, event, args, ack_id)
        if self.shown:
            wire.sent(packet, ", ".join(map(str, to)) if isinstance(to, list) else to)
        return frames(packet)

    def add(self, socket: Socket) -> None:
        """Add a socket that was accepted."""
        self.fanout.flush_room(None)
        socket.connected = True
        self.sockets[socket.id] = socket

    def remove(self, socket: Socket, reason: Reason) -> None:
        """Remove a socket; no effect the second time."""
        if socket.connected:
            socket.connected = False
            if self.shown:
                wire.log.debug("%s left %s: %s", socket, self.name, reason)
            self.fanout.flush_for(socket)
            del self.sockets[socket.id]
            self.rooms.drop(socket)
            socket.gone()
            self.on_disconnect(socket, reason)


def _ignore(*_: object) -> None:
    pass


class Hub:
    """The namespaces. Peers can connect only to those created by `of`."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or LoopClock()
        self.namespaces: dict[str, Namespace] = {}

    def of(self, name: str, bounds: JsonBounds | None = None, *, private: bool = False) -> Namespace:
        """Return the namespace `name`, created if necessary: with these bounds or the usual ones, `private` or not."""
        namespace = self.namespaces.get(name)
        if namespace is None:
            namespace = Namespace(name, self.clock, bounds or JsonBounds(), private=private)
            self.namespaces[name] = namespace
        return namespace

    @property
    def public(self) -> list[Namespace]:
        """The namespaces that anybody may know of."""
        return [namespace for namespace in self.namespaces.values() if not namespace.private]

    def is_shown(self, name: str) -> bool:
        """Return whether the packets of a namespace, if there is one, may be logged."""
        namespace = self.namespaces.get(name)
        return namespace is None or namespace.shown

    def bounds(self, name: str) -> JsonBounds:
        """Return the bounds of a namespace. What comes for one that does not exist is not looked into."""
        namespace = self.namespaces.get(name)
        return NOTHING if namespace is None else namespace.bounds
