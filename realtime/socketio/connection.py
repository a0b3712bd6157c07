"""One Socket.IO connection: its namespaces, ordered events, and acks.

A connection's packets are handled one after the other, across namespaces. Most complete synchronously; while a handler
or middleware runs as a coroutine, later packets wait in a bounded queue. Acks never wait, because the coroutine may be
waiting for one.
"""

import asyncio
import inspect
import logging
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, cast

from realtime import wire
from realtime.bounds import JsonBounds
from realtime.clock import Timer
from realtime.deferred import Deferred
from realtime.engineio.seams import Receiver
from realtime.engineio.server import HandshakeRequest
from realtime.engineio.session import Session
from realtime.engineio.slices import STEP_S
from realtime.errors import BadRequest, ConnectionRefused, ProtocolError
from realtime.hub import AckArgs, Handshake, Hub, Later, Middleware, Socket
from realtime.reason import Reason
from realtime.socketio.packet import (
    Ack,
    Connect,
    ConnectError,
    Decoded,
    Decoder,
    Disconnect,
    Event,
    Overlarge,
    frames,
)
from realtime.socketio.waiting import Waiting

MAX_UNCONNECTED: Final = 5_000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Timeouts for the peer, in seconds."""

    connect_s: float = 10.0
    """From the opening of a session to its first namespace."""
    attachments_s: float = 10.0
    """From the announcement of attachments to the last of them."""


def acceptor(
    hub: Hub, timeouts: Timeouts | None = None, *, most_unconnected: int = MAX_UNCONNECTED
) -> Callable[[Session, HandshakeRequest], Receiver]:
    """Return the `accept` for `engineio.server.Server` that speaks Socket.IO with each new session.

    Of the sessions without a namespace yet it keeps the last `most_unconnected`; the others end before their time.
    """
    chosen = timeouts or Timeouts()
    unconnected = Unconnected(most_unconnected)
    return lambda session, handshake: Connection(hub, session, handshake, chosen, unconnected)


class Unconnected:
    """The connections whose first namespace is awaited, oldest first: at most `most`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._connections: dict[Connection, None] = {}

    def add(self, connection: "Connection") -> None:
        """Add a new one; the oldest gives way to it if there are too many. A client connects at once."""
        self._connections[connection] = None
        if len(self._connections) > self._most:
            next(iter(self._connections)).give_way()

    def discard(self, connection: "Connection") -> None:
        """Remove one that is connected, or closed."""
        self._connections.pop(connection, None)


class Connection:
    """The receiver of one session's messages."""

    __slots__ = (
        "_closed",
        "_connect_timer",
        "_decoder",
        "_handshake",
        "_hub",
        "_partial_timer",
        "_session",
        "_shown",
        "_sockets",
        "_task",
        "_timeouts",
        "_unconnected",
        "_waiting",
    )

    def __init__(
        self, hub: Hub, session: Session, handshake: HandshakeRequest, timeouts: Timeouts, unconnected: Unconnected
    ) -> None:
        self._hub = hub
        self._session = session
        self._handshake = handshake
        self._timeouts = timeouts
        self._decoder = Decoder(self._bounds)
        self._shown = wire.is_shown()
        # Sockets we disconnected stay here, with `connected` false: packets sent before the peer knew are valid.
        self._sockets: dict[str, Socket] = {}
        self._waiting = Waiting(session)
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self._partial_timer: Timer | None = None
        self._connect_timer: Timer | None = self._after(timeouts.connect_s, Reason.CONNECT_TIMEOUT)
        self._unconnected = unconnected
        unconnected.add(self)

    def message(self, data: str | bytes) -> None:
        """Handle an Engine.IO message; raises ProtocolError."""
        packet = self._decoder.feed(data)
        if packet is None:
            self._waiting.add_part(sys.getsizeof(data))
            if self._partial_timer is None:
                self._partial_timer = self._after(
                    self._timeouts.attachments_s, Reason.TRANSPORT_ERROR, "its attachments did not come"
                )
            return
        size_bytes = sys.getsizeof(data)  # a text may take four bytes for each in UTF-8
        if self._partial_timer is not None:
            self._partial_timer.cancel()
            self._partial_timer = None
            size_bytes += self._waiting.take_parts()
        if self._shown and self._hub.is_shown(_namespace_of(packet)):
            wire.received(packet, self._session)
        if isinstance(packet, Ack):
            self._acknowledged(packet)
        elif self._task is None:
            self._run(self._handle(packet))
        else:
            self._waiting.add(packet, size_bytes)

    def give_way(self) -> None:
        """End, before anything connected, for the sake of newer sessions."""
        self._session.abort(Reason.CONNECT_TIMEOUT, "there are too many new sessions")

    def flush(self) -> None:
        """Send what is buffered for the end of the loop iteration, including acks."""
        for socket in self._sockets.values():
            socket.namespace.fanout.flush_for(socket)

    def closed(self, reason: Reason) -> None:
        """Remove every socket from its namespace. A running handler may finish, but its answer is not sent."""
        self._closed = True
        self._waiting.clear()
        if reason is Reason.OVER_RATE:
            address, exceeded = self._handshake.address, self._session.exceeded
            log.info("closed a connection of %s, which sent too much for too long (%s)", address, exceeded)
        self._decoder.reset()
        self._cancel_connect_timer()
        if self._partial_timer is not None:
            self._partial_timer.cancel()
        for socket in self._sockets.values():
            self._remove(socket, reason)
        self._sockets = {}

    @property
    def joined(self) -> bool:
        """Whether it is in any room."""
        return any(socket.rooms for socket in self._sockets.values())

    # Ordering.

    def _run(self, rest: Coroutine[object, object, None] | None) -> None:
        if rest is not None:
            self._session.later_s += STEP_S
            self._task = asyncio.get_running_loop().create_task(self._drain(rest))

    async def _drain(self, rest: Coroutine[object, object, None]) -> None:
        """Finish what was begun, then handle the queued packets."""
        await rest
        try:
            while self._waiting:
                step = self._handle(self._waiting.take())
                if step is not None:
                    await step
                    if self._waiting:
                        await self._session.step()
        except ProtocolError as error:
            self._session.abort(Reason.PARSE_ERROR, str(error))
        finally:
            self._task = None
            self._session.blocked = False

    def _handle(self, packet: Decoded) -> Coroutine[object, object, None] | None:
        """Handle a packet; return the coroutine if it cannot be completed now. Raises ProtocolError."""
        match packet:
            case Event():
                return self._event(packet)
            case Connect():
                return self._connect(packet)
            case Disconnect():
                socket = self._socket(packet)
                if socket is not None:
                    del self._sockets[packet.namespace]
                    self._remove(socket, Reason.CLIENT_DISCONNECT)
                return None
            case Overlarge():
                return self._refuse_overlarge(packet)
            case _:
                raise ProtocolError(f"a {type(packet).__name__} packet from a client")

    def _refuse_overlarge(self, overlarge: Overlarge) -> Coroutine[object, object, None] | None:
        match overlarge.packet:
            case Event() as event:
                socket = self._socket(event)
                if socket is not None:
                    error = socket.namespace.too_large(overlarge.excess, event)
                    self._acknowledge(socket, event, socket.namespace.refuse(socket, event, error))
            case Connect() as connect:
                return self._connect(connect, _refuse_overlarge)
            case Ack() as ack:
                self._socket(ack)
            case packet:
                raise ProtocolError(f"a {type(packet).__name__} packet from a client")
        return None

    def _bounds(self, name: str) -> JsonBounds:
        """Return the bounds of a namespace; of a private one, only those who are in it may use more than the usual."""
        namespace = self._hub.namespaces.get(name)
        return JsonBounds() if namespace and namespace.private and name not in self._sockets else self._hub.bounds(name)

    def _socket(self, packet: Event | Disconnect | Ack) -> Socket | None:
        """Return the socket of a packet, None if we disconnected it. Raises ProtocolError if there never was one."""
        socket = self._sockets.get(packet.namespace)
        if socket is None:
            raise ProtocolError("a packet for a namespace that is not connected")
        return socket if socket.connected else None

    # Connecting.

    def _check_unconnected(self, packet: Connect) -> None:
        known = self._sockets.get(packet.namespace)
        if known is not None and known.connected:
            raise ProtocolError("an already connected namespace")

    def _connect(self, packet: Connect, *further: Middleware) -> Coroutine[object, object, None] | None:
        """Connect a namespace, unless one of its middlewares, or of `further` ones, refuses."""
        self._check_unconnected(packet)
        namespace = self._hub.namespaces.get(packet.namespace)
        if namespace is None:
            self._refuse(packet.namespace, {"message": "Invalid namespace"})
            return None
        came = self._handshake
        handshake = Handshake(came.identity, came.address, came.referer, came.query, packet.data, came.credential)
        socket = Socket(namespace, self._session, handshake)
        middlewares = iter((*namespace.middlewares, *further))
        try:
            pending = _first_pending(socket, middlewares)
        except Exception as error:
            self._turned_away(socket, error)
            return None
        if pending is not None:
            return self._connect_later(socket, middlewares, pending)
        return self._connected(socket)

    async def _connect_later(
        self, socket: Socket, middlewares: Iterator[Middleware], pending: Awaitable[None] | None
    ) -> None:
        try:
            while pending is not None:
                await pending
                pending = _first_pending(socket, middlewares)
        except Exception as error:
            self._turned_away(socket, error)
        else:
            greeting = self._connected(socket)
            if greeting is not None:
                await greeting

    def _connected(self, socket: Socket) -> Coroutine[object, object, None] | None:
        if self._closed:
            return None
        self._cancel_connect_timer()
        namespace = socket.namespace
        self._sockets[namespace.name] = socket
        namespace.add(socket)
        self._send(Connect(namespace.name, {"sid": socket.id}))
        try:
            greeting = namespace.on_connect(socket)
        except Exception:
            log.exception("on_connect of %s failed", namespace.name)
            return None
        return None if greeting is None else self._greet(namespace.name, greeting)

    async def _greet(self, namespace: str, greeting: Coroutine[object, object, object]) -> None:
        try:
            await greeting
        except Exception:
            log.exception("on_connect of %s failed", namespace)

    def _turned_away(self, socket: Socket, error: Exception) -> None:
        name = socket.namespace.name
        if isinstance(error, ConnectionRefused):
            body: dict[str, object] = {"message": error.message}
            if error.data is not None:
                body["data"] = error.data
        else:
            log.error("a middleware of %s failed", name, exc_info=error)
            body = {"message": "Internal server error"}
        self._refuse(name, body)

    def _refuse(self, namespace: str, body: dict[str, object]) -> None:
        self._send(ConnectError(namespace, body))

    def _send(self, packet: Connect | ConnectError) -> None:
        if self._shown and self._hub.is_shown(packet.namespace):
            wire.sent(packet, self._session)
        self._session.send(frames(packet))

    def _remove(self, socket: Socket, reason: Reason) -> None:
        try:
            socket.namespace.remove(socket, reason)
        except Exception:
            log.exception("on_disconnect of %s failed", socket.namespace.name)

    # Events and acks.

    def _event(self, event: Event) -> Coroutine[object, object, None] | None:
        socket = self._socket(event)
        handler = socket.namespace.handlers.get(event.name) if socket is not None else None
        if socket is None or handler is None:
            return None
        try:
            result = handler(socket, event)
            if isinstance(result, Later):
                result.result.add_done_callback(partial(self._resolved, socket, event, result.answer))
            elif inspect.iscoroutine(result):
                return self._finish(socket, event, result)
            else:
                self._acknowledge(socket, event, cast(AckArgs, result))
        except Exception:
            self._handler_failed(event)
        return None

    async def _finish(self, socket: Socket, event: Event, handling: Coroutine[object, object, AckArgs]) -> None:
        try:
            self._acknowledge(socket, event, await handling)
        except Exception:
            self._handler_failed(event)

    def _resolved(
        self, socket: Socket, event: Event, answer: Callable[[Deferred[Any]], AckArgs], result: Deferred[Any]
    ) -> None:
        try:
            self._acknowledge(socket, event, answer(result))
        except Exception:
            self._handler_failed(event)

    def _acknowledge(self, socket: Socket, event: Event, args: AckArgs) -> None:
        if event.id is not None and socket.connected:
            packet = Ack(event.namespace, tuple(args or ()), event.id)
            if socket.namespace.shown:
                wire.sent(packet, self._session)
            socket.namespace.fanout.send(socket, frames(packet))

    def _handler_failed(self, event: Event) -> None:
        log.exception("the handler of %r in %s failed", event.name, event.namespace)

    def _acknowledged(self, ack: Ack) -> None:
        socket = self._socket(ack)
        if socket is not None:
            socket.acknowledged(ack.id, ack.args)

    # Deadlines.

    def _after(self, delay_s: float, reason: Reason, cause: str = "") -> Timer:
        clock = self._hub.clock
        return clock.call_at(clock.time() + delay_s, lambda: self._session.abort(reason, cause))

    def _cancel_connect_timer(self) -> None:
        if self._connect_timer is not None:
            self._connect_timer.cancel()
            self._connect_timer = None
            self._unconnected.discard(self)


def _namespace_of(packet: Decoded) -> str:
    return packet.packet.namespace if isinstance(packet, Overlarge) else packet.namespace


def _refuse_overlarge(_: Socket) -> None:
    raise ConnectionRefused(BadRequest.text, BadRequest().body())


def _first_pending(socket: Socket, middlewares: Iterator[Middleware]) -> Awaitable[None] | None:
    """Run the next middlewares for `socket`; return a coroutine to await before the remaining ones, if any."""
    for middleware in middlewares:
        pending = middleware(socket)
        if pending is not None:
            return pending
    return None
