"""An open WebSocket, once Tornado has shaken hands: frames in and out, with nothing between them and the socket.

Tornado's own connection would keep the request, a stream and several coroutines for as long as the peer stays, and take
each frame through half a dozen futures. So the socket is taken over by an asyncio transport, as Tornado's `start_tls`
takes one over from a stream. Under TLS the stream itself holds the encryption's state; there it stays, and is read from
and written to (`StreamPeer`).
"""

import asyncio
import logging
import socket
from abc import ABC, abstractmethod
from typing import Final, cast

from tornado.iostream import IOStream, SSLIOStream, StreamClosedError

from realtime.clock import Timer
from realtime.engineio import framing
from realtime.engineio.framing import Control, FrameError, FrameReader
from realtime.engineio.packet import Frames
from realtime.engineio.session import MAX_QUEUED_BYTES, TOO_SLOW, Session
from realtime.reason import Reason

log = logging.getLogger(__name__)

CLOSING_S: Final = 5.0
"""How long a peer has to answer a close frame."""
FAREWELL_S: Final = 1.0
"""How long a server that stops waits for what it has written to leave."""
READ_BYTES: Final = 64 * 1024


class Peers:
    """The open WebSockets of one server, so that it can see them off when it stops."""

    def __init__(self) -> None:
        self._open: set[Peer] = set()
        self._nobody = asyncio.Event()
        self._nobody.set()

    def add(self, peer: "Peer") -> None:
        """Take in a peer whose connection has begun."""
        self._open.add(peer)
        self._nobody.clear()

    def discard(self, peer: "Peer") -> None:
        """Let go of a peer whose connection is over."""
        self._open.discard(peer)
        if not self._open:
            self._nobody.set()

    async def close(self) -> None:
        """End every connection: when what was written has left, or else after a second."""
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
    """What both kinds share: the frames. `session` is whose messages these are, from when that is known.

    `browser`: whether a page opened it. A close frame says that the peer has left, but a page's script that closes
    without a code says the opposite: a closed or reloaded page sends 1001 ("going away", RFC 6455, section 7.4.1), and
    the official client calls `close()` when it takes the connection for lost. So does the code of an error: 1011 is
    what a client's keepalive closes with that heard no pong. Such a frame may reach us long after.
    """

    __slots__ = ("_closing", "_ending", "_peers", "_reader", "browser", "session")

    def __init__(self, peers: Peers, most_bytes: int) -> None:
        self.session: Session | None = None
        self.browser = False
        self._ending: tuple[Reason, str] | None = None
        self._peers = peers
        self._reader: FrameReader | None = FrameReader(most_bytes)
        self._closing: Timer | None = None

    # For the session.

    @abstractmethod
    def send(self, frames: Frames) -> None:
        """Send, or queue what the socket does not take; a peer with too much in its queue is cut off."""

    def close(self) -> None:
        """Begin the closing handshake; it is over when the peer answers, or in five seconds."""
        self._close(framing.NORMAL)

    # For whoever reads the socket.

    def feed(self, data: bytes) -> None:
        """Take what has come."""
        if self._reader is None:
            return
        try:
            for message in self._reader.feed(data):
                if isinstance(message, Control):
                    self._control(message)
                elif self.session is not None and self._closing is None:
                    self.session.frame(self, message)
        except FrameError as error:
            self._ends(Reason.TRANSPORT_ERROR, str(error))
            self._fail(error.code)

    def over(self) -> None:
        """Take note that the connection has ended."""
        if self._closing is not None:
            self._closing.cancel()
        self._reader = None  # for what came with the handshake, which may be looked at only now
        self._peers.discard(self)
        self._lose_session()

    def _lose_session(self) -> None:
        session, self.session = self.session, None
        if session is not None:
            session.lost(self, *(self._ending or (Reason.TRANSPORT_CLOSE, "")))

    def _ends(self, reason: Reason, cause: str = "") -> None:
        """Remember why this ends, unless that is known: who said goodbye stays so though an answer cannot be sent."""
        self._ending = self._ending or (reason, cause)

    def _fail(self, code: int) -> None:
        """Close on a peer that broke the rules: say why, and read nothing more. What it sent with it counts no more."""
        self._close(code)
        self._reader = None
        self.end_sending()
        self._lose_session()

    @abstractmethod
    def cut(self) -> None:
        """End the connection without a word."""

    @abstractmethod
    def end_sending(self) -> None:
        """Tell the peer that nothing more comes, after all that was written.

        A connection closed with something unread would be reset, and the peer might never see why.
        """

    @abstractmethod
    def finish(self) -> None:
        """End the connection when all that was written has left."""

    def _control(self, frame: Control) -> None:
        if frame.opcode == framing.OP_PING:
            self.send(Frames(framing.pong(frame.payload)))
        elif frame.opcode == framing.OP_CLOSE:
            if self._closing is None:
                code = framing.close_code(frame.payload)
                if not self.browser if code is None else code not in framing.ERRORS:
                    self._ends(Reason.CLIENT_CLOSE)
                self.send(Frames(framing.closing(framing.NORMAL)))
            self.finish()

    def _close(self, code: int) -> None:
        if self._closing is None:
            self.send(Frames(framing.closing(code)))
            self._closing = asyncio.get_running_loop().call_later(CLOSING_S, self.cut)


# What asyncio reads into. It is emptied before anything else is read (asyncio's buffered protocols are called at once),
# so one serves all; a buffer for each read would be mapped and unmapped each time.
_BUFFER: Final = memoryview(bytearray(READ_BYTES))


class SocketPeer(Peer, asyncio.BufferedProtocol):
    """A WebSocket on a plain socket."""

    __slots__ = ("_early", "_send", "_transport", "_waiting")

    def __init__(self, peers: Peers, most_bytes: int, plain: socket.socket, early: bytes) -> None:
        super().__init__(peers, most_bytes)
        self._send = plain.send
        self._waiting = False
        self._early: bytes | None = early

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take over."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=0)
        self._peers.add(self)

    def pause_writing(self) -> None:
        """Take note that something waits in the transport."""
        self._waiting = True

    def resume_writing(self) -> None:
        """Take note that nothing waits any more."""
        self._waiting = False

    def begin(self) -> None:
        """Take what has come since the handshake: it is known now whose it is."""
        early, self._early = self._early, None
        if early:
            self.feed(early)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Give asyncio the buffer."""
        return _BUFFER

    def buffer_updated(self, nbytes: int) -> None:
        """Take what the socket gave."""
        data = bytes(_BUFFER[:nbytes])
        if self._early is None:
            self.feed(data)
        else:  # a pause would not hold this back: asyncio of Python 3.11.2 ignores one this early
            self._early += data

    def connection_lost(self, exc: Exception | None) -> None:
        """Take note of the end."""
        self.over()

    def send(self, frames: Frames) -> None:
        """Send straight to the socket if nothing waits before it. So would the transport, at twice the cost."""
        wire, sent = frames.wire, 0
        if not self._waiting:
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

    def _abort(self, cause: str) -> None:
        self._ends(Reason.TRANSPORT_ERROR, cause)
        self._transport.abort()

    def cut(self) -> None:
        """End the connection without a word."""
        self._transport.abort()

    def end_sending(self) -> None:
        """Half-close; the peer's own end of sending closes the whole."""
        self._transport.write_eof()

    def finish(self) -> None:
        """End the connection when all that was written has left."""
        self._transport.close()


class StreamPeer(Peer):
    """A WebSocket under TLS."""

    __slots__ = ("_reading", "_stream", "_waiting_bytes")

    def __init__(self, peers: Peers, most_bytes: int, stream: IOStream) -> None:
        super().__init__(peers, most_bytes)
        self._stream = stream
        self._waiting_bytes = 0
        self._reading: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to read, in a task that ends with the connection."""
        self._peers.add(self)
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            while True:
                self.feed(await self._stream.read_bytes(READ_BYTES, partial=True))
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
            written.add_done_callback(lambda _: self._written(size))

    def _written(self, size: int) -> None:
        self._waiting_bytes -= size

    def cut(self) -> None:
        """End the connection without a word."""
        self._stream.close()

    def end_sending(self) -> None:
        """End the connection: TLS knows no half of one."""
        self.finish()

    def finish(self) -> None:
        """End the connection when all that was written has left."""
        if self._stream.writing():
            self._stream.write(b"").add_done_callback(lambda _: self._stream.close())
        else:
            self._stream.close()


async def take_over(stream: IOStream, peers: Peers, most_bytes: int) -> Peer:
    """Return the peer at the other end of `stream`, whose WebSocket handshake has been answered; it is one of `peers`.

    The stream is of no more use to anybody else. Raises StreamClosedError when it was closed meanwhile.
    """
    await stream.write(b"")  # all of the answer has left
    stream.set_nodelay(True)
    stream.set_close_callback(None)
    if isinstance(stream, SSLIOStream):
        on_stream = StreamPeer(peers, most_bytes, stream)
        on_stream.start()
        return on_stream
    # This name is private to Tornado, which tells nobody whether it has read beyond the handshake. A public read would,
    # where it has not, read from the socket, and close it where the peer has ended sending.
    early = await stream.read_bytes(READ_BYTES, partial=True) if stream._read_buffer_size else b""
    plain, stream.socket = stream.socket, None  # type: ignore[assignment]  # as its own start_tls does
    stream.io_loop.remove_handler(plain)
    loop = asyncio.get_running_loop()
    _, peer = await loop.connect_accepted_socket(lambda: SocketPeer(peers, most_bytes, plain, early), plain)
    loop.call_soon(peer.begin)  # when the caller has said whose it is
    return peer
