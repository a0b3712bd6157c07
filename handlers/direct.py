"""Plain connections that ask for nothing but Engine.IO, read and answered without Tornado.

A held poll is answered by one write, in the same loop iteration as a WebSocket's frame; a WebSocket takes its
connection over as it is. What follows is read here as long as it is as simple: anything else goes to Tornado
with the connection, which serves the same requests more slowly (`handlers.polling`).
"""

import asyncio
import socket
import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Final, NamedTuple, cast

from tornado.httputil import HTTPHeaders

from handlers.connections import Accepted
from handlers.exchange import BODY_S, READ_OFF_FACTOR, TEXT, Endpoint, EngineExchange, encoded
from handlers.heads import END, ENDS_IN_LF, MOST_HEAD_BYTES, read_head
from handlers.identity import Headers
from handlers.peer import Peer
from handlers.websocket import OnSocket, SocketPeer
from realtime.clock import EARLY_S
from realtime.engineio.budget import Level
from realtime.engineio.buffers import Part
from realtime.engineio.slices import cpu_s


class HttpTimeouts(NamedTuple):
    """How long a peer may take, in seconds."""

    head_s: float
    """For a request's head, counted from the last answer."""
    body_s: float


class DirectConnection(EngineExchange, OnSocket):
    """One plain connection, and one exchange after the other on it."""

    def __init__(
        self,
        endpoint: Endpoint,
        plain: socket.socket,
        accepted: Accepted,
        timeouts: HttpTimeouts,
        hand_over: Callable[[socket.socket, Accepted, bytes], None],
    ) -> None:
        """`hand_over` gets a connection that is no longer served here, and what was read from it."""
        EngineExchange.__init__(self, endpoint, accepted.address, secure=False)
        accepted.owner = self
        self._accepted = accepted
        self._plain = plain
        self._send = plain.send
        self._waiting = False
        self._timeouts = timeouts
        self._hand_over = hand_over
        self._most_bytes = endpoint.engine.options.max_payload_bytes
        self._came = b""
        """What was read and not handled: the beginning of a head, or what was sent before the last answer."""
        self._busy = False
        """Whether a request waits for its answer."""
        self._missing_bytes = 0
        self._transport: asyncio.Transport | None = None
        """None until asyncio has the socket; a request taken from Tornado may be answered before."""
        self._unsent = b""
        self._queued_bytes = 0  # ever
        self._due: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._body: bytearray | None = None
        self._lost = False
        self._answered: HTTPHeaders | None = None
        """The last headers with a host that is answered: a client's are mostly the same object."""
        self.level = Level()
        self._slices = endpoint.engine.slices
        self._held = False

    # asyncio's

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take over the transport."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=0)
        if self._lost:
            self.cut()
            return
        self.endpoint.peers.add(self)
        self._timer = asyncio.get_running_loop().call_later(min(self._timeouts), self._look_at_the_clock)
        if self._unsent:
            self._queue(self._unsent)
        elif not self._busy:
            self._await_head()

    def received(self, data: bytes) -> None:
        """Read requests."""
        self._came = self._came + data if self._came else data
        self._slices.offer(self)
        if self._held:
            self._state_kept()
        if self._is_far_ahead:
            self._stop_reading()

    def pause_writing(self) -> None:
        """Read no further request until this answer has left."""
        self._waiting = True

    def resume_writing(self) -> None:
        """Read on when an answer has left."""
        self._waiting = False
        self.measure()
        if not self._busy:
            self._await_head()
            # Which may abort the transport: not while it writes.
            asyncio.get_running_loop().call_soon(self._read_ahead)

    def connection_lost(self, exc: Exception | None) -> None:
        """Handle the end of the connection."""
        self._leave()
        if self._accepted.owner is self:
            self._accepted.leave()
        self.dropped()

    # For `Slices`.

    blocked = False

    def work(self, until: float) -> tuple[bool, float]:
        """Handle requests until then."""
        while self._came and not self._busy and not self._waiting and not self._lost:
            if not self._read_on():
                break
            if cpu_s() >= until:
                self._state_kept()
                return bool(self._came), 0.0
        self._state_kept()
        return False, 0.0

    def hold(self) -> None:
        self._held = True
        self._stop_reading()

    def release(self) -> None:
        self._held = False
        self._go_on_reading()

    # For `Peers`.

    def finish(self) -> None:
        """End the connection when all that was written has left."""
        if self._transport is not None:
            self._transport.close()

    # For `Connections`.

    @property
    def busy(self) -> bool:
        """Whether a request is read or answered."""
        return self._busy or self._body is not None

    def turn_away(self, cause: str) -> None:
        """End the connection; an incomplete request is answered."""
        told = self._body is not None and not self._waiting and self._transport is not None
        self._leave()
        self._came, self._body = b"", None
        if told:
            self._write(encoded(HTTPStatus.SERVICE_UNAVAILABLE, TEXT, cause.encode(), [("Connection", "close")]))
        if self._waiting:
            self.cut()
        else:
            self.finish()

    def measure(self) -> None:
        """State how much of the answers waits to be read."""
        if self._transport is not None:
            size_bytes = self._transport.get_write_buffer_size()
            self._accepted.unread(size_bytes, self._queued_bytes - size_bytes)

    # EngineExchange's

    @property
    def gone(self) -> bool:
        return self._lost

    def respond(self, status: HTTPStatus, content_type: str, body: bytes, headers: Headers = ()) -> None:
        if not self._lost:
            self._send_answer(encoded(status, content_type, body, headers))

    def answer(self, payload: bytes) -> None:
        self._session = None
        self._send_answer(_answer(payload))

    def charge(self, used_s: float) -> None:
        self._slices.charge(self.level, used_s)

    def cut(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def open_websocket(self, accepted: bytes, ready: Callable[[Peer], None]) -> None:
        if self._lost or self._transport is None:
            return
        self._leave()
        peer = SocketPeer(self.endpoint.peers, self.endpoint.engine, self._accepted, self._plain, self._came)
        self._accepted.owner = peer
        self._accepted.hold(Part.READ, 0)
        self._write(accepted)
        self._transport.set_protocol(peer)
        peer.connection_made(self._transport)
        if self._waiting:
            peer.pause_writing()
        peer.release()  # if this held it
        ready(peer)
        peer.begin()

    # Internal.

    @property
    def _is_far_ahead(self) -> bool:
        """Whether enough was sent ahead of an answer, which is not there yet, or not read yet."""
        return (self._busy or self._waiting) and len(self._came) > MOST_HEAD_BYTES

    def _read_ahead(self) -> None:
        self._slices.offer(self)
        self._go_on_reading()  # not before, or with each request more would come than goes

    def _stop_reading(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def _go_on_reading(self) -> None:
        enough = self._lost or self._held or self._is_far_ahead
        if self._transport is not None and not self._transport.is_closing() and not enough:
            self._transport.resume_reading()

    def _read_on(self) -> bool:
        """Read what there is of one request; return whether there may be another."""
        if self._body is None:
            end = self._came.find(END)
            if end < 0:
                if len(self._came) > MOST_HEAD_BYTES or ENDS_IN_LF.search(self._came):
                    self._give_up()
                return False
            size_bytes = end + len(END)
            if size_bytes > MOST_HEAD_BYTES or not self._begun(self._came[:size_bytes]):
                self._give_up()
                return False
            self._came = self._came[size_bytes:]
        self._take_body()
        return True

    def _state_kept(self) -> None:
        body = self._body
        if (self._came or body or self._accepted.held_bytes) and not self._lost:
            self._accepted.hold(Part.READ, len(self._came))
            self._accepted.hold(Part.BODY, sys.getsizeof(body) if body else 0)  # an eighth more than its length

    def _begun(self, raw: bytes) -> bool:
        """Begin the request with this head; return whether it can be handled here."""
        head = read_head(raw)
        if head is None or head.target.partition("?")[0] not in self.endpoint.paths:
            return False
        headers, length = head.headers, head.length
        if length > self._most_bytes * READ_OFF_FACTOR:
            return False
        if headers is not self._answered:
            if not self.endpoint.names.answers(headers["Host"]):
                return False
            self._answered = headers
        self.begin(head.method, head.target, headers, head.sender)
        self._accepted.active_at = self._begun_at
        self._missing_bytes, self._oversized = length, length > self._most_bytes
        self._body = bytearray()
        due_s = min(self._timeouts.body_s, BODY_S)
        self._due = asyncio.get_running_loop().time() + due_s if length else None
        return True

    def _take_body(self) -> None:
        assert self._body is not None
        if self._missing_bytes:
            piece, self._came = self._came[: self._missing_bytes], self._came[self._missing_bytes :]
            self._missing_bytes -= len(piece)
            if not self._oversized:
                self._body += piece
        if not self._missing_bytes:
            body, self._body, self._due = self._body, None, None
            self._busy = True
            self.complete(None if self._oversized else bytes(body))

    def _send_answer(self, answer: bytes) -> None:
        self._write(answer)
        self._busy = False
        if not self._waiting:
            self._await_head()
        if self._came and self._transport is not None:
            asyncio.get_running_loop().call_soon(self._read_ahead)

    def _write(self, data: bytes) -> None:
        sent = 0
        if not self._waiting:
            try:
                sent = self._send(data)
            except BlockingIOError:
                pass
            except OSError:
                self.cut()
                return
        if sent == len(data):
            return
        if self._transport is not None:
            self._queue(memoryview(data)[sent:])
        else:
            self._waiting, self._unsent = True, data[sent:]

    def _queue(self, data: bytes | memoryview) -> None:
        assert self._transport is not None
        self._transport.write(data)
        self._queued_bytes += len(data)
        self.measure()

    def _await_head(self) -> None:
        self._due = asyncio.get_running_loop().time() + self._timeouts.head_s

    def _look_at_the_clock(self) -> None:
        """Close a connection whose time is over; one timer serves all of its requests, however short their times."""
        loop = asyncio.get_running_loop()
        now, due = loop.time(), float("inf") if self._due is None else self._due
        if due <= now + EARLY_S:
            self.cut()
        else:
            self._timer = loop.call_at(min(due, now + min(self._timeouts)), self._look_at_the_clock)

    def _give_up(self) -> None:
        """Leave the connection to Tornado. The transport closes its own descriptor only."""
        self._leave()
        try:
            plain = self._plain.dup()
        except OSError:  # there are no more descriptors
            self.cut()
            return
        plain.setblocking(False)
        self._accepted.hold(Part.READ, 0)
        self.cut()
        self._hand_over(plain, self._accepted, self._came)

    def _leave(self) -> None:
        self._lost = True
        if self._timer is not None:
            self._timer.cancel()
        self._slices.forget(self)
        self.endpoint.peers.discard(self)


_answers: Final[dict[bytes, bytes]] = {}


def _answer(payload: bytes) -> bytes:
    """Return the answer to a poll. All members of a room get the same in one loop iteration; then it is forgotten."""
    answer = _answers.get(payload)
    if answer is None:
        if not _answers:
            asyncio.get_running_loop().call_soon(_answers.clear)
        answer = _answers[payload] = encoded(HTTPStatus.OK, TEXT, payload, ())
    return answer
