"""An open WebSocket after Tornado's handshake: frames are read from and written to the socket directly.

Tornado's own connection keeps the request, a stream and several coroutines for the connection's lifetime, and passes
each frame through half a dozen futures. So an asyncio transport takes over the socket, as Tornado's `start_tls` takes
one over from a stream. Under TLS the stream holds the encryption state, so it stays in use (`StreamPeer`).
"""

import asyncio
import socket
from typing import Final, cast

from tornado.iostream import IOStream, SSLIOStream, StreamClosedError

from handlers.connections import Accepted, Connections, unsent
from handlers.peer import FAREWELL_S, READ_BYTES, Peer, Peers
from realtime.engineio.outbox import MAX_QUEUED_BYTES
from realtime.engineio.packet import Frames
from realtime.engineio.server import Server
from realtime.engineio.session import TOO_SLOW, Session
from realtime.reason import Reason

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


class _OnItsWay:
    """The owner of a connection that goes from Tornado to asyncio: neither can end it meanwhile."""

    busy = True
    session: Session | None = None

    def __init__(self) -> None:
        self.turned_away = False

    def turn_away(self, cause: str) -> None:
        """Have it ended when it has arrived."""
        self.turned_away = True

    def measure(self) -> None:
        """Nothing is kept for it."""


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
    accepted.owner = on_its_way = _OnItsWay()
    plain, stream.socket = stream.socket, None  # type: ignore[assignment]  # as its own start_tls does
    stream.io_loop.remove_handler(plain)
    loop = asyncio.get_running_loop()
    _, peer = await loop.connect_accepted_socket(lambda: SocketPeer(peers, engine, accepted, plain, early), plain)
    if on_its_way.turned_away:
        peer.cut()
        raise StreamClosedError
    accepted.owner = peer
    loop.call_soon(peer.begin)  # when the caller has said whose it is
    return peer
