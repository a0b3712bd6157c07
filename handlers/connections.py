"""The accepted connections: how many there are, whose, what is kept for them, and which go when there are too many.

A connection is read by one owner after another: Tornado, a `DirectConnection`, a WebSocket. What must not be lost on
the way is here, in its `Accepted`.
"""

import asyncio
import enum
import heapq
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import chain
from typing import Final, Protocol

from tornado.http1connection import HTTP1Connection
from tornado.httputil import HTTPConnection
from tornado.iostream import IOStream

from realtime.engineio.buffers import Account, Buffers, Cause, Part
from realtime.engineio.session import Session
from realtime.socketio.connection import Connection
from realtime.throttled import ThrottledLog

LOOK_EVERY_S: Final = 1.0
RESERVE: Final = 4
"""One address gets all but a fourth of the connections. A class of 40 behind one address has about 300."""
AT_ONCE: Final = 64
"""Of those that ask for nothing, so many go at once as a 64th of the connections, since all are looked at."""
CROWDED: Final = "there are too many connections"


class Standing(enum.IntEnum):
    """What a connection is used for. The lower go first."""

    IDLE = 0
    """Nothing: no request was read, or all are answered."""
    BUSY = 1
    """A request whose body is being read, or which is being answered."""
    SESSION = 2
    """A session, by a waiting poll or a WebSocket."""
    MEMBER = 3
    """A session that is in a room."""


class Owner(Protocol):
    """Who reads a connection."""

    @property
    def session(self) -> Session | None:
        """The session that it serves now."""

    @property
    def busy(self) -> bool:
        """Whether it reads or answers a request."""

    def turn_away(self, cause: str) -> None:
        """End the connection, at once unless the peer may still read why; drop what is kept for it."""

    def measure(self) -> None:
        """State what is kept for it, as far as that changes without being noticed."""


class Accepted(Account):
    """One accepted connection, and the account of its bytes."""

    __slots__ = ("_connections", "active_at", "owner")

    def __init__(self, connections: "Connections", address: str) -> None:
        super().__init__(connections.buffers, address)
        self._connections: Connections | None = connections
        self.owner: Owner | None = None
        self.active_at = time.monotonic()
        """When its last request, or the last frame, came."""

    @property
    def standing(self) -> Standing:
        """What it is used for."""
        owner = self.owner
        if owner is None:
            return Standing.IDLE
        if owner.session is not None:
            return Standing.MEMBER if _is_joined(owner.session) else Standing.SESSION
        return Standing.BUSY if owner.busy else Standing.IDLE

    def end(self, cause: Cause) -> None:
        """End it for what is kept for it."""
        if self.owner is not None:
            self.owner.turn_away(cause)

    def measure(self) -> None:
        """Have its owner state what is kept."""
        if self.owner is not None:
            self.owner.measure()

    def leave(self) -> None:
        """Count it no more: it is over."""
        self.close()
        self.owner = None
        connections, self._connections = self._connections, None
        if connections is not None:
            connections.left(self)


def _is_joined(session: Session) -> bool:
    receiver = session.receiver
    return isinstance(receiver, Connection) and receiver.joined


class OnStream:
    """The owner of a connection that Tornado reads."""

    __slots__ = ("_accepted", "_close", "_stream", "busy", "exchange")

    def __init__(self, accepted: Accepted, stream: IOStream, close: Callable[[IOStream], object]) -> None:
        self._accepted = accepted
        self._stream = stream
        self._close = close
        self.busy = False
        self.exchange: _Exchange | None = None

    @property
    def session(self) -> Session | None:
        return self.exchange.session if self.exchange is not None else None

    def turn_away(self, cause: str) -> None:
        self._close(self._stream)

    def measure(self) -> None:
        self._accepted.hold(Part.READ, self._stream._read_buffer_size)  # private, see `unsent`
        self._accepted.unread(*unsent(self._stream))


def unsent(stream: IOStream) -> tuple[int, int]:
    """Return how many bytes were written and not accepted by the socket, and how many were ever accepted."""
    # Private to Tornado, which has no public way to ask.
    sent_bytes = stream._total_write_done_index
    return stream._total_write_index - sent_bytes, sent_bytes


class _Exchange(Protocol):
    @property
    def session(self) -> Session | None: ...


class Connections:
    """All accepted connections: at most `most`, and if there are `shares`, not all of them from one address."""

    def __init__(self, buffers: Buffers, most: float = float("inf"), *, shares: bool = True) -> None:
        self.buffers = buffers
        self.closed: Counter[str] = Counter()
        """How many were closed to make room, and how many found none."""
        self._most = most
        self._share = most - most // RESERVE if shares else most
        self._of_address: dict[str, dict[Accepted, None]] = {}
        self._count = 0
        self._on_streams: dict[IOStream, Accepted] = {}
        self._crowded = ThrottledLog()
        self.closing = 0
        """How many were closed since the loop's last iteration, and still have their descriptors."""

    def __len__(self) -> int:
        """Return how many there are."""
        return self._count

    # For the one who accepts.

    def admit(self, address: str, *, out_of_files: bool = False) -> bool:
        """Return whether one more may come from `address`, for whom others may have been closed."""
        own = self._of_address.get(address, {})
        if len(own) >= self._share:
            greediest, why = [own], f"{address or 'this machine'} has {len(own)} of them"
        elif self._count >= self._most or out_of_files:
            most = max(map(len, self._of_address.values()), default=0)
            greediest = [one for one in self._of_address.values() if len(one) == most]
            why = "out of file descriptors (ulimit -n)" if out_of_files else f"all {self._count} are taken"
        else:
            return True
        addresses = len(self._of_address) + (not own)
        # One in a room goes only for an address that has fewer, and if its own has more than each could have.
        members = any(len(own) < len(one) > self._count / addresses for one in greediest)
        victims = idlest(chain.from_iterable(greediest), self._count // AT_ONCE or 1, members=members)
        self.closed["crowded" if victims else "refused"] += len(victims) or 1
        self._crowded.log(
            logging.WARNING,
            "too many connections: %s; %s (told once a minute; /metrics counts them)",
            why,
            f"closing the idlest of {victims[0].address or 'this machine'}" if victims else f"refusing {address}",
        )
        if victims and not self.closing:
            asyncio.get_running_loop().call_soon(self._closed)
        self.closing += len(victims)
        for victim in victims:
            owner = victim.owner
            victim.leave()
            if owner is not None:
                owner.turn_away(CROWDED)
        return bool(victims)

    def enter(self, stream: IOStream, address: str, close: Callable[[IOStream], object]) -> Accepted:
        """Count a new connection, which Tornado reads; `close` closes it."""
        accepted = Accepted(self, address)
        accepted.owner = OnStream(accepted, stream, close)
        self.count(accepted)
        self._put(stream, accepted)
        return accepted

    def count(self, accepted: Accepted) -> None:
        """Count one more."""
        self._of_address.setdefault(accepted.address, {})[accepted] = None
        self._count += 1

    def take(self, stream: IOStream) -> Accepted:
        """Return the connection of a stream whose socket is taken from it."""
        accepted = self._on_streams.pop(stream)
        del stream.close_fd  # ours, so that Tornado's is seen again
        return accepted

    def give(self, stream: IOStream, accepted: Accepted, close: Callable[[IOStream], object]) -> None:
        """Let Tornado read a connection again."""
        accepted.owner = OnStream(accepted, stream, close)
        self._put(stream, accepted)

    # For those who read.

    def of(self, connection: HTTPConnection | IOStream | None) -> Accepted | None:
        """Return the connection that Tornado reads as this one."""
        stream = connection.stream if isinstance(connection, HTTP1Connection) else connection
        return self._on_streams.get(stream) if isinstance(stream, IOStream) else None

    def waits(self, connection: HTTPConnection) -> None:
        """Note that all of its requests are answered."""
        self._note(connection, busy=False, exchange=None)

    def asks(self, connection: HTTPConnection, exchange: _Exchange | None = None) -> None:
        """Note that a request has begun; `exchange` if it is one of Engine.IO."""
        accepted = self._note(connection, busy=True, exchange=exchange)
        if accepted is not None:
            accepted.active_at = time.monotonic()

    def receives(self, connection: HTTPConnection, body_bytes: int) -> None:
        """State how much of a request's body is kept."""
        accepted = self.of(connection)
        if accepted is not None:
            accepted.hold(Part.BODY, body_bytes)

    def answered(self, connection: HTTPConnection | None) -> None:
        """Note that a request has its answer, which may wait to be read."""
        accepted = self.of(connection)
        if accepted is not None:
            accepted.hold(Part.BODY, 0)
            accepted.measure()

    # For itself.

    async def watch(self) -> None:
        """Look every second for those who keep too much for too long."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self.look()

    def look(self) -> None:
        """Look for those who keep too much for too long."""
        for accepted in list(self._on_streams.values()):
            accepted.measure()
        self.buffers.look()

    def left(self, accepted: Accepted) -> None:
        """Count one less."""
        own = self._of_address[accepted.address]
        del own[accepted]
        if not own:
            del self._of_address[accepted.address]
        self._count -= 1

    def _closed(self) -> None:
        self.closing = 0

    def _put(self, stream: IOStream, accepted: Accepted) -> None:
        def closed() -> None:
            accepted.leave()
            self.take(stream)
            stream.close_fd()

        self._on_streams[stream] = accepted
        stream.close_fd = closed  # type: ignore[method-assign]  # the one moment that is common to all its ends

    def _note(self, connection: HTTPConnection, *, busy: bool, exchange: _Exchange | None) -> Accepted | None:
        accepted = self.of(connection)
        if accepted is not None and isinstance(accepted.owner, OnStream):
            accepted.owner.busy, accepted.owner.exchange = busy, exchange
        return accepted


def idlest(connections: Iterable[Accepted], most: int, *, members: bool) -> list[Accepted]:
    """Return which of `connections` go: up to `most` of those that ask for nothing, or one that is used.

    With `members`, that may be one in a room. Those that were used the longest ago come first.
    """
    found = heapq.nsmallest(most, ((one.standing, one.active_at, at, one) for at, one in enumerate(connections)))
    if not found or (found[0][0] is Standing.MEMBER and not members):
        return []
    return [one for standing, _, _, one in found if standing is Standing.IDLE] or [found[0][-1]]
