"""Who is at the other end of a WebSocket: its frames and its end, whatever carries them (`handlers.websocket`)."""

import asyncio
import time
from abc import ABC, abstractmethod
from typing import Final, Protocol

from handlers.connections import Accepted
from realtime.clock import Timer
from realtime.engineio import framing
from realtime.engineio.budget import Level
from realtime.engineio.buffers import Account, Part
from realtime.engineio.framing import Control, FrameError, FrameReader, Received
from realtime.engineio.packet import Frames
from realtime.engineio.server import Server
from realtime.engineio.session import Session
from realtime.engineio.slices import SLICE_FRAMES, SLICE_PACKETS, cpu_s
from realtime.reason import Reason

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
