"""An open WebSocket after Tornado's handshake: frames are read from and written to the socket directly.

Tornado's own connection keeps the request, a stream and several coroutines for the connection's lifetime, and passes
each frame through half a dozen futures. So an asyncio transport takes over the socket, as Tornado's `start_tls` takes
one over from a stream. Under TLS the stream holds the encryption state, so it stays in use (`StreamPeer`).
"""

import asyncio
import logging
import socket
import time
from abc import ABC, abstractmethod
from typing import Final, Protocol, cast

from tornado.iostream import IOStream, SSLIOStream, StreamClosedError

from handlers.connections import Accepted, Connections, unsent
from realtime.clock import Timer
from realtime.engineio import framing
from realtime.engineio.budget import Level
from realtime.engineio.buffers import Account, Part
from realtime.engineio.framing import Control, FrameError, FrameReader, Received
from realtime.engineio.packet import Frames
from realtime.engineio.server import Server
from realtime.engineio.session import MAX_QUEUED_BYTES, TOO_SLOW, Session
from realtime.engineio.slices import SLICE_FRAMES, SLICE_PACKETS, cpu_s
from realtime.reason import Reason

log = logging.getLogger(__name__)

CLOSING_S: Final = 5.0
"""How long a peer has to answer a close frame."""
FAREWELL_S: Final = 1.0
"""How long a stopping server waits for written data to be sent."""
READ_BYTES: Final = 64 * 1024
TOO_MUCH_KEPT: Final = "more would be kept for it than for one connection"


class OpenConnection(Protocol):
    """An open connection."""

    def finish(self) -> None:
        """End it when all that was written has left."""

    def cut(self) -> None:
        """End it at once."""


class Peers:
    """The open connections of one server that Tornado does not know, so that it can close them when it stops."""

    def __init__(self) -> None:
        self._open: set[OpenConnection] = set()
        self._nobody = asyncio.Event()
        self._nobody.set()

    def add(self, peer: OpenConnection) -> None:
        """Add a peer whose connection has begun."""
        self._open.add(peer)
        self._nobody.clear()

    def discard(self, peer: OpenConnection) -> None:
        """Remove a peer whose connection is over."""
        self._open.discard(peer)
        if not self._open:
            self._nobody.set()

    async def close(self) -> None:
        """End every connection: once written data is sent, at the latest after a second."""
        for peer in list(self._open):
            peer.finish()
        try:
            async with asyncio.timeout(FAREWELL_S):
                await self._nobody.wait()
        except TimeoutError:
            for peer in list(self._open):
                peer.cut()
            await self._nobody.wait()


class Peer(ABC):
    """The common part of both kinds: the frames. `session` receives the messages, once it is known.

    `browser`: whether a page opened it. A close frame normally means that the peer has left. Not so a page's close
    without a code: a closed or reloaded page sends 1001 ("going away", RFC 6455, section 7.4.1), but the official
    client calls `close()` when it considers the connection lost. Nor an error code: keepalives close with 1011 when
    they receive no pong. Such a frame may arrive much later.
    """

    __slots__ = (
        "_accepted",
        "_came_bytes",
        "_closing",
        "_ending",
        "_frames_left",
        "_level",
        "_peers",
        "_reader",
        "_slices",
        "behind",
        "browser",
        "session",
    )

    busy = True

    def __init__(self, peers: Peers, engine: Server, accepted: Accepted) -> None:
        self.session: Session | None = None
        self._accepted = accepted
        self.behind = False
        """Whether there is something that the socket has not accepted."""
        self.browser = False
        self._ending: tuple[Reason, str] | None = None
        self._peers = peers
        self._slices = engine.slices
        self._level: Level | None = None
        self._reader: FrameReader | None = FrameReader(engine.options.max_payload_bytes)
        self._closing: Timer | None = None
        self._came_bytes = 0  # that are not yet charged
        self._frames_left = SLICE_FRAMES

    # For the session.

    @abstractmethod
    def send(self, frames: Frames) -> None:
        """Send, or queue what the socket does not accept; a peer with too much in its queue is disconnected."""

    @property
    def account(self) -> Account:
        """The bytes kept for this connection."""
        return self._accepted

    def close(self, code: int = framing.NORMAL, why: str = "") -> None:
        """Begin the closing handshake; it ends when the peer answers, or after five seconds.

        After any other `code` than NORMAL, nothing that the peer sent is looked at.
        """
        self._close(code, why)
        if code != framing.NORMAL:
            self._cut_off()

    # For whoever reads the socket.

    def feed(self, data: bytes) -> None:
        """Process received bytes: now, or in later turns."""
        if self._reader is not None:
            self._accepted.active_at = time.monotonic()
            self._came_bytes += len(data)
            self._reader.add(data)
            self._slices.offer(self)
            self._state_kept()
        elif len(data) == READ_BYTES:
            self._slices.rest(self)  # it was cut off, and sends on: no more than that in a turn

    @property
    def level(self) -> Level:
        """What its session, on whatever transport, has used lately."""
        if self.session is not None:
            return self.session.level
        self._level = self._level or Level()
        return self._level

    @property
    def blocked(self) -> bool:
        """Whether its session can handle nothing now."""
        return self.session is not None and self.session.blocked

    def work(self, until: float) -> tuple[bool, float]:
        """Handle frames until then."""
        reader, session = self._reader, self.session
        if reader is None:
            return False, 0.0
        frames = packets = 0
        try:
            while reader.more:
                message = reader.next()
                frames += 1
                if message is not None:
                    packets += 1
                    self._handle(message)
                    if self._reader is None:
                        return False, 0.0
                if frames >= SLICE_FRAMES or packets >= SLICE_PACKETS or self.blocked or cpu_s() >= until:
                    break
        except FrameError as error:
            self._ends(Reason.TRANSPORT_ERROR, str(error))
            self._fail(error.code)
            return False, 0.0
        self._state_kept()
        if session is None:
            return reader.more, 0.0
        came_bytes, self._came_bytes = self._came_bytes, 0
        session.charge(came_bytes, frames, packets)
        later_s, session.later_s = session.later_s, 0.0
        return self._reader is not None and reader.more, later_s

    @abstractmethod
    def hold(self) -> None:
        """Read no more until `release`."""

    @abstractmethod
    def release(self) -> None:
        """Read on."""

    def _handle(self, message: Received) -> None:
        if isinstance(message, Control):
            self._control(message)
        else:
            self._accepted.hold(Part.FRAME, 0)  # the next message has its own time
            if self.session is not None and self._closing is None:
                self.session.frame(self, message)
        if self._closing is not None:  # by now it has our close frame, and may answer it, among what was on its way
            self._frames_left -= 1
            if not self._frames_left:
                self._cut_off()

    def over(self) -> None:
        """Handle the end of the connection."""
        if self._closing is not None:
            self._closing.cancel()
        self._reader = None  # in case data that came with the handshake is processed only now
        self._slices.forget(self)
        self._peers.discard(self)
        self._lose_session()
        self._accepted.leave()

    def _lose_session(self) -> None:
        session, self.session = self.session, None
        if session is not None:
            session.lost(self, *(self._ending or (Reason.TRANSPORT_CLOSE, "")))

    def _ends(self, reason: Reason, cause: str = "") -> None:
        """Remember the reason for the end, unless one is known: a goodbye counts even if the answer cannot be sent."""
        self._ending = self._ending or (reason, cause)

    def _fail(self, code: int) -> None:
        """Close on a protocol violation, with its code, and read no more. Whatever was received with it is dropped."""
        self._close(code)
        self._cut_off()
        self._lose_session()

    def _cut_off(self) -> None:
        if self._reader is not None:
            self._reader = None
            self._accepted.hold(Part.FRAME, 0)
            self._accepted.hold(Part.READ, 0)
            self.end_sending()

    def _state_kept(self) -> None:
        reader, accepted = self._reader, self._accepted
        if reader is None:
            return
        # What waits for its turn is not late.
        waiting_bytes, half_bytes = (reader.pending_bytes, 0) if reader.more else (0, reader.pending_bytes)
        accepted.hold(Part.READ, waiting_bytes)
        if not accepted.hold(Part.FRAME, half_bytes):
            self._ends(Reason.TRANSPORT_ERROR, TOO_MUCH_KEPT)
            self._fail(framing.TOO_BIG)

    # For `Connections`.

    def turn_away(self, cause: str) -> None:
        """End the connection; a peer that reads is told to come back later."""
        self._ends(Reason.TRANSPORT_ERROR, cause)
        self._reader = None
        if self.behind:
            self.cut()
            return
        if self._closing is None:
            self.send(Frames(framing.closing(framing.TRY_AGAIN_LATER)))
        self.finish()

    @abstractmethod
    def measure(self) -> None:
        """State how much the socket has not accepted."""

    # For `Peers`.

    @abstractmethod
    def cut(self) -> None:
        """End the connection without a close frame."""

    @abstractmethod
    def end_sending(self) -> None:
        """Close our direction after all written data.

        Closing a connection with unread data would reset it, and the peer might never see the reason.
        """

    @abstractmethod
    def finish(self) -> None:
        """End the connection when all that was written has left."""

    def _control(self, frame: Control) -> None:
        if frame.opcode == framing.OP_PING:
            if self._closing is None:  # section 5.5.1: "MUST NOT send any more data frames after sending a Close frame"
                self.send(Frames(framing.pong(frame.payload)))
        elif frame.opcode == framing.OP_CLOSE:
            if self._closing is None:
                code = framing.close_code(frame.payload)
                if not self.browser if code is None else code not in framing.ERRORS:
                    self._ends(Reason.CLIENT_CLOSE)
                self.send(Frames(framing.closing(framing.NORMAL)))
            self.finish()

    def _close(self, code: int, why: str = "") -> None:
        if self._closing is None:
            self.send(Frames(framing.closing(code, why)))
            self._closing = asyncio.get_running_loop().call_later(CLOSING_S, self.cut)


# The buffer asyncio reads into. It is emptied before the next read (asyncio calls buffered protocols immediately), so
# all connections share it; a buffer per read would be mapped and unmapped each time.
_BUFFER: Final = memoryview(bytearray(READ_BYTES))


class OnSocket(asyncio.BufferedProtocol):
    """What reads a plain socket through asyncio."""

    __slots__ = ()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return the buffer for asyncio."""
        return _BUFFER

    def buffer_updated(self, nbytes: int) -> None:
        """Process what was read into the buffer."""
        self.received(bytes(_BUFFER[:nbytes]))

    def received(self, data: bytes) -> None:
        """Process what was read."""
        raise NotImplementedError


class SocketPeer(Peer, OnSocket):
    """A WebSocket on a plain socket."""

    __slots__ = ("_early", "_queued_bytes", "_send", "_transport")

    def __init__(self, peers: Peers, engine: Server, accepted: Accepted, plain: socket.socket, early: bytes) -> None:
        super().__init__(peers, engine, accepted)
        self._send = plain.send
        self._queued_bytes = 0  # ever
        self._early: bytes | None = early

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take over the transport."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=0)
        self._peers.add(self)

    def pause_writing(self) -> None:
        """Note that the transport has unsent data."""
        self.behind = True

    def resume_writing(self) -> None:
        """Note that the transport has sent everything."""
        self.behind = False
        self.measure()

    def measure(self) -> None:
        """State how much the transport has."""
        size_bytes = self._transport.get_write_buffer_size()
        self._accepted.unread(size_bytes, self._queued_bytes - size_bytes)

    def begin(self) -> None:
        """Process what was received since the handshake, now that the session is known."""
        early, self._early = self._early, None
        if early:
            self.feed(early)

    def received(self, data: bytes) -> None:
        """Process what was read."""
        if self._early is None:
            self.feed(data)
        else:  # a pause would not hold this back: asyncio of Python 3.11.2 ignores one this early
            self._early += data

    def connection_lost(self, exc: Exception | None) -> None:
        """Handle the end of the connection."""
        self.over()

    def send(self, frames: Frames) -> None:
        """Send directly to the socket if nothing is queued. The transport would do the same at twice the cost."""
        wire, sent = frames.wire, 0
        if not self.behind:
            try:
                sent = self._send(wire)
            except BlockingIOError:
                pass
            except OSError as error:
                self._abort(error.strerror or "")
                return
            if sent == len(wire):
                return
        elif self._transport.get_write_buffer_size() + len(wire) > MAX_QUEUED_BYTES:
            self._abort(TOO_SLOW)
            return
        self._transport.write(memoryview(wire)[sent:])
        self._queued_bytes += len(wire) - sent
        self.measure()

    def hold(self) -> None:
        """Read no more until `release`."""
        if not self._transport.is_closing():
            self._transport.pause_reading()

    def release(self) -> None:
        """Read on."""
        if not self._transport.is_closing():
            self._transport.resume_reading()

    def _abort(self, cause: str) -> None:
        self._ends(Reason.TRANSPORT_ERROR, cause)
        self._transport.abort()

    def cut(self) -> None:
        """End the connection without a close frame."""
        self._transport.abort()

    def end_sending(self) -> None:
        """Half-close; the peer's own end of sending closes the whole."""
        if not self._transport.is_closing():
            self._transport.write_eof()

    def finish(self) -> None:
        """End the connection when all that was written has left."""
        self._transport.close()


class StreamPeer(Peer):
    """A WebSocket under TLS."""

    __slots__ = ("_reading", "_stream", "_turn", "_waiting_bytes")

    def __init__(self, peers: Peers, engine: Server, accepted: Accepted, stream: IOStream) -> None:
        super().__init__(peers, engine, accepted)
        self._stream = stream
        self._waiting_bytes = 0
        self._reading: asyncio.Task[None] | None = None
        self._turn = asyncio.Event()
        self._turn.set()

    def start(self) -> None:
        """Begin to read, in a task that ends with the connection."""
        self._peers.add(self)
        self._stream.set_close_callback(self._turn.set)
        self._reading = asyncio.create_task(self._read())

    def measure(self) -> None:
        """State how much the stream has."""
        self._accepted.unread(*unsent(self._stream))

    async def _read(self) -> None:
        try:
            while True:
                self.feed(await self._stream.read_bytes(READ_BYTES, partial=True))
                await self._turn.wait()
        except StreamClosedError:
            self.over()

    def send(self, frames: Frames) -> None:
        """Send through the stream."""
        size = len(frames.wire)
        if self._waiting_bytes and self._waiting_bytes + size > MAX_QUEUED_BYTES:
            self._ends(Reason.TRANSPORT_ERROR, TOO_SLOW)
            self._stream.close()
            return
        try:
            written = self._stream.write(frames.wire)
        except StreamClosedError:
            return
        if not written.done():
            self._waiting_bytes += size
            self.behind = True
            self.measure()
            written.add_done_callback(lambda _: self._written(size))

    def hold(self) -> None:
        """Read no more until `release`."""
        self._turn.clear()

    def release(self) -> None:
        """Read on."""
        self._turn.set()

    def _written(self, size: int) -> None:
        self._waiting_bytes -= size
        self.behind = self._waiting_bytes > 0
        self.measure()

    def cut(self) -> None:
        """End the connection without a close frame."""
        self._stream.close()

    def end_sending(self) -> None:
        """End the connection a little later: TLS cannot be half-closed."""
        asyncio.get_running_loop().call_later(FAREWELL_S, self.finish)

    def finish(self) -> None:
        """End the connection when all that was written has left."""
        if self._stream.writing():
            self._stream.write(b"").add_done_callback(lambda _: self._stream.close())
        else:
            self._stream.close()


async def take_over(stream: IOStream, connections: Connections, peers: Peers, engine: Server) -> Peer:
    """Return the peer at the other end of `stream`, whose WebSocket handshake has been answered; it is one of `peers`.

    Nobody else can use the stream afterwards. Raises StreamClosedError when it was closed meanwhile.
    """
    await stream.write(b"")  # waits until the whole response is sent
    stream.set_nodelay(True)
    stream.set_close_callback(None)
    if isinstance(stream, SSLIOStream):
        accepted = connections.of(stream)
        if accepted is None:
            raise StreamClosedError
        accepted.owner = on_stream = StreamPeer(peers, engine, accepted, stream)
        on_stream.start()
        return on_stream
    # Private to Tornado, which has no public way to ask whether it has read beyond the handshake. If it has not, a
    # public read would read from the socket, and close it if the peer has ended sending.
    early = await stream.read_bytes(READ_BYTES, partial=True) if stream._read_buffer_size else b""
    accepted = connections.take(stream)
    plain, stream.socket = stream.socket, None  # type: ignore[assignment]  # as its own start_tls does
    stream.io_loop.remove_handler(plain)
    loop = asyncio.get_running_loop()
    _, peer = await loop.connect_accepted_socket(lambda: SocketPeer(peers, engine, accepted, plain, early), plain)
    accepted.owner = peer
    loop.call_soon(peer.begin)  # when the caller has said whose it is
    return peer
