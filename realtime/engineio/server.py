"""All Engine.IO sessions of the process, and the handshake checks."""

import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from realtime import wire
from realtime.clock import Clock, LoopClock
from realtime.engineio.budget import Rates
from realtime.engineio.buffers import Account, Buffers, Cause
from realtime.engineio.packet import Frames, Open
from realtime.engineio.seams import Receiver, WebSocket
from realtime.engineio.session import Session
from realtime.engineio.slices import Slices
from realtime.errors import ProtocolError
from realtime.reason import Reason

SID_BYTES: Final = 15
"""120 random bits: knowing an id is enough to act as its session."""


@dataclass(frozen=True, slots=True)
class Options:
    """The server's choices within the protocol. The defaults are the reference server's."""

    ping_interval_s: float = 25.0
    ping_timeout_s: float = 20.0
    upgrade_timeout_s: float = 10.0
    max_payload_bytes: int = 1_000_000
    rates: Rates | None = Rates()
    """What a session may send for long; None: anything."""


@dataclass(frozen=True, slots=True)
class HandshakeRequest:
    """What is known about a peer from its handshake request."""

    identity: object
    address: str
    referer: str | None
    query: Mapping[str, str]
    credential: object = None
    """What the peer has shown besides its identity, for the application."""


class RequestRefused(ProtocolError):
    """A refused request, with the reference server's error codes."""

    code: int
    message: str
    status = 400

    def __init__(self) -> None:
        super().__init__(self.message)

    def body(self) -> dict[str, int | str]:
        """Return the body of the response."""
        return {"code": self.code, "message": self.message}


class UnknownTransport(RequestRefused):
    code = 0
    message = "Transport unknown"


class UnknownSession(RequestRefused):
    code = 1
    message = "Session ID unknown"


class BadHandshakeMethod(RequestRefused):
    code = 2
    message = "Bad handshake method"


class BadEngineRequest(RequestRefused):
    code = 3
    message = "Bad request"


class CrossOriginRequest(RequestRefused):
    code = 4
    message = "Forbidden"
    status = 403


class UnsupportedVersion(RequestRefused):
    code = 5
    message = "Unsupported protocol version"


class TooMuch(RequestRefused):
    """For a POST of a session that sent too much for too long. The reference server has no such code."""

    code = 6
    message = "Too many packets"
    status = 429


class Request(msgspec.Struct, frozen=True):
    """The parts of an HTTP request that Engine.IO uses."""

    method: str
    transport: str
    sid: str
    version: str
    websocket: bool
    """Whether its headers ask for a WebSocket upgrade."""
    same_origin: bool
    page: bool = False
    """Whether a page's script sent it, judging by its headers: browsers send the page's origin."""


class SessionAccount(Account):
    """The account of a session without a connection of its own."""

    __slots__ = ("_session",)

    def __init__(self, buffers: Buffers, address: str, session: Session) -> None:
        super().__init__(buffers, address)
        self._session = session

    def end(self, cause: Cause) -> None:
        """End the session."""
        self._session.abort(Reason.TRANSPORT_ERROR, cause)


class Server:
    """The table of sessions. `accept` is called with each new session and returns the receiver of its messages."""

    def __init__(
        self,
        accept: Callable[[Session, HandshakeRequest], Receiver],
        *,
        options: Options | None = None,
        clock: Clock | None = None,
        buffers: Buffers | None = None,
    ) -> None:
        self.options = options or Options()
        self._accept = accept
        self._sessions: dict[str, Session] = {}
        self.slices = Slices(clock or LoopClock())
        self.buffers = buffers if buffers is not None else Buffers(clock=self.slices.clock)
        self.over_rate: Counter[str] = Counter()
        """Sessions that were closed because they sent too much for too long, by what was exceeded."""
        self.stopped = False

    def __len__(self) -> int:
        """Return the number of open sessions."""
        return len(self._sessions)

    def __iter__(self) -> Iterator[Session]:
        """Iterate over the open sessions."""
        return iter(self._sessions.values())

    def __bool__(self) -> bool:
        return True

    def check(self, request: Request) -> Session | None:
        """Return the session of `request`, None for an acceptable handshake; raises RequestRefused."""
        if request.transport not in ("polling", "websocket"):
            raise UnknownTransport
        matches = request.websocket == (request.transport == "websocket")
        if request.sid:
            session = self._sessions.get(request.sid)
            if session is None:
                raise UnknownSession
            # "the transport must be the session's", but for a WebSocket, which may want to succeed to polling
            if not matches or not (request.websocket or session.polling):
                raise BadEngineRequest
            if not request.same_origin:
                raise CrossOriginRequest
            return session
        if not request.same_origin:
            raise CrossOriginRequest
        if request.method != "GET":
            raise BadHandshakeMethod
        if not matches:
            raise BadEngineRequest
        if request.version != "4":
            raise UnsupportedVersion
        if self.stopped:
            raise BadEngineRequest
        return None

    def open(self, handshake: HandshakeRequest, websocket: WebSocket | None = None) -> tuple[Session, Frames]:
        """Open a session, on `websocket` or for long polling; return it with its open packet, which is not yet sent."""
        sid = secrets.token_urlsafe(SID_BYTES)
        session = Session(sid, self.slices, self.options, self._forget, websocket)
        if websocket is None:
            session.account = SessionAccount(self.buffers, handshake.address, session)
        else:
            session.account = websocket.account
        self._sessions[sid] = session
        session.receiver = self._accept(session, handshake)
        opening = Open(
            sid,
            ("websocket",) if websocket is None else (),
            round(self.options.ping_interval_s * 1000),
            round(self.options.ping_timeout_s * 1000),
            self.options.max_payload_bytes,
        )
        wire.sent("OPEN", f"{session} at {handshake.address}")
        return session, opening.frames()

    def close(self) -> None:
        """Close every session and open no more.

        Only the transports are closed: after a Socket.IO DISCONNECT the official client never reconnects, and after an
        Engine.IO CLOSE python-socketio does not.
        """
        self.stopped = True
        for session in list(self._sessions.values()):
            session.close(Reason.SHUTDOWN)

    def _forget(self, session: Session) -> None:
        del self._sessions[session.sid]
        if session.exceeded:
            self.over_rate[session.exceeded] += 1
