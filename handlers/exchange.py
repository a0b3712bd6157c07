"""A request of Engine.IO: a handshake, a poll, a POST or one for a WebSocket, whatever connection carries it.

They are nearly all requests of a server with long-polling clients. So they bypass Tornado's `RequestHandler`: parsing
arguments and templates, which none of them has, would cost more than all the rest.
"""

import asyncio
import json
import logging
import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from functools import partial
from http import HTTPStatus
from typing import Final, NamedTuple
from urllib.parse import parse_qs

from tornado.httputil import HTTPHeaders

from handlers import handshake
from handlers.connections import Connections
from handlers.headers import BARE_HEADERS, lines
from handlers.identity import Headers, Identity
from handlers.origin import same_origin
from handlers.outdated import Outdated
from handlers.peer import Peer, Peers
from lan.names import Names
from realtime.engineio.budget import Level
from realtime.engineio.server import (
    BadEngineRequest,
    HandshakeRequest,
    Request,
    RequestRefused,
    Server,
    TooMuch,
    UnsupportedVersion,
)
from realtime.engineio.session import OverRate, Session
from realtime.engineio.slices import SLICE_PACKETS, cpu_s
from realtime.errors import Internal, ProtocolError, TooFast
from realtime.reason import Reason

log = logging.getLogger(__name__)

TEXT: Final = "text/plain; charset=UTF-8"
JSON: Final = "application/json; charset=UTF-8"
READ_OFF_FACTOR: Final = 16
"""An oversized body is read and refused up to this multiple of the limit; beyond it, the connection is closed."""
BODY_S: Final = 20.0
"""How long a body may take: it has at most a message's size, and is kept until it is complete."""

_PROTOCOL_KEYS: Final = frozenset(("EIO", "transport", "sid", "t", "b64", "j"))
_NO_QUERY: Final[dict[str, str]] = {}

_FIXED_LINES: Final = lines(BARE_HEADERS.items())
Identify = Callable[[HTTPHeaders, bool], Identity]
"""Identifies a new peer by its headers; the second argument says whether it is known to have come by HTTPS."""
Credential = Callable[[HTTPHeaders], object]
"""Returns what a new peer has shown besides its identity, if anything; the application on the hub knows what it is."""
Admit = Callable[[object, str], object]
"""Called with a new peer's identity and address; raises TooFast to refuse it."""
Note = Callable[["EngineExchange", HTTPStatus], object]
"""Called with each answer but that to a poll or a POST in a session's name."""


class BadWebSocketVersion(BadEngineRequest):
    """A version of WebSocket that is not spoken here: "426 Upgrade Required", RFC 6455 section 4.4."""

    status = HTTPStatus.UPGRADE_REQUIRED


def _admit(identity: object, address: str) -> None:
    """Admit everybody."""


class Endpoint:
    """What the requests to `engine` at `path` have in common; its WebSockets are added to `peers`.

    They are answered if they are for one of `names`, all if there are none.
    """

    def __init__(  # noqa: PLR0913  its dependencies
        self,
        engine: Server,
        identify: Identify,
        peers: Peers,
        path: str = "/socket.io",
        names: Names | None = None,
        *,
        admit: Admit = _admit,
    ) -> None:
        self.engine = engine
        self.identify = identify
        self.admit = admit
        self.peers = peers
        self.names = names or Names(every=True)
        self.connections = Connections(engine.buffers)
        """Where accepted connections are counted; to be replaced before there are any."""
        self.paths = (path, f"{path}/")
        self.beginnings = tuple(f"{method} {one}?".encode() for method in ("GET", "POST") for one in self.paths)
        """What the usual requests begin with."""
        self.credential: Credential = lambda _: None
        """Called with the headers of each handshake."""
        self.outdated = Outdated()
        self.note: Note = lambda _, __: None


class Sender(NamedTuple):
    """What a request's headers tell: see `Request`."""

    websocket: bool
    same_origin: bool
    page: bool


def read_sender(headers: HTTPHeaders, *, secure: bool | None) -> Sender:
    """Return what `headers` tell; `secure` says whether they came by HTTPS, None if nobody knows."""
    websocket = headers.get("Upgrade", "").lower() == "websocket"
    return Sender(websocket, same_origin(headers, secure=secure), "Origin" in headers)


def read_request(method: str, query: str, sender: Sender) -> Request:
    """Return what Engine.IO needs. `query` is not decoded, because none of its values needs that."""
    fields = dict([field.partition("=")[::2] for field in query.split("&")])
    get = fields.get
    return Request(method, get("transport", ""), get("sid", ""), get("EIO", ""), *sender)


class EngineExchange(ABC):
    """One request and its answer. A connection that carries several has one of these, and begins it anew."""

    request: Request
    path: str
    _query: str
    _head: HTTPHeaders
    _session: Session | None = None

    def __init__(self, endpoint: Endpoint, address: str, *, secure: bool) -> None:
        self.endpoint = endpoint
        self.address = address
        self.secure = secure

    @property
    def session(self) -> Session | None:
        """The session whose poll waits for its answer here."""
        return self._session

    @property
    def took_s(self) -> float:
        """How long ago the request's head was read."""
        return time.monotonic() - self._begun_at

    # For whoever reads the connection.

    def begin(self, method: str, target: str, headers: HTTPHeaders, sender: Sender) -> None:
        """Take note of a request's head; `sender` is what its headers tell."""
        self._begun_at = time.monotonic()
        self.path, _, self._query = target.partition("?")
        self._head = headers
        self.request = read_request(method, self._query, sender)

    def complete(self, body: bytes | None) -> None:
        """Handle the request, now that its body is there; None for one over the limit."""
        if self.request.method == "GET":
            self._deal(body)
        else:
            # A GET sent just before, on an open connection, may take two loop iterations longer to arrive here than a
            # POST on a new one. The POST must not overtake it, because it may close the session.
            loop = asyncio.get_running_loop()
            loop.call_soon(loop.call_soon, self._deal_later, body)

    def dropped(self) -> None:
        """Handle the end of a connection that waits for its answer."""
        session, self._session = self._session, None
        if session is not None:
            session.cancel_poll(self)

    # For the session.

    def answer(self, payload: bytes) -> None:
        """Respond with what the session has for this poll."""
        self._session = None
        self.respond(HTTPStatus.OK, TEXT, payload)

    # What a connection is needed for.

    @property
    @abstractmethod
    def gone(self) -> bool:
        """Whether nobody is there any more for an answer."""

    @abstractmethod
    def respond(self, status: HTTPStatus, content_type: str, body: bytes, headers: Headers = ()) -> None:
        """Send the answer."""

    @abstractmethod
    def cut(self) -> None:
        """Close the connection without an answer."""

    @abstractmethod
    def open_websocket(self, accepted: bytes, ready: Callable[[Peer], None]) -> None:
        """Send `accepted`, and call `ready` with the peer on the WebSocket that the connection then is."""

    @abstractmethod
    def charge(self, used_s: float) -> None:
        """Count the processor time of a request that was refused some time after it was read, in no session's name."""

    # Internal.

    def _deal_later(self, body: bytes | None) -> None:
        began = cpu_s()
        if not self._deal(body):
            self.charge(cpu_s() - began)

    def _deal(self, body: bytes | None) -> bool:
        """Handle the request; return whether it was not refused."""
        try:
            self._dispatch(body)
        except Exception as error:
            self.refused(error)
            return False
        return True

    def refused(self, error: Exception) -> None:
        """Answer that the request has failed."""
        match error:
            case RequestRefused():
                if self.request.sid and self.endpoint.engine.stopped and self.request.method == "POST":
                    # The session existed when the request arrived. python-engineio before 4.9 never reconnects after a
                    # refused request, but does after a closed connection.
                    self.cut()
                else:
                    self._refuse(HTTPStatus(error.status), error.body())
            case OverRate():
                self._refuse(HTTPStatus.TOO_MANY_REQUESTS, TooMuch().body())
            case ProtocolError():
                self._refuse(HTTPStatus.BAD_REQUEST, BadEngineRequest().body())
            case _:  # a bug of ours must not leave the request unanswered; a POST comes here from the loop
                log.error("failed to handle a %s", self.request.method, exc_info=error)
                self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, Internal().body())

    def _dispatch(self, body: bytes | None) -> None:
        request = self.request
        try:
            session = self.endpoint.engine.check(request)
        except UnsupportedVersion:
            self.endpoint.outdated.note(self.address, request.version)
            raise
        if request.websocket:
            self._check_upgrade()
        if session is None:
            self._shake_hands()
        elif request.websocket:
            self._switch(session)
        elif request.method == "GET":
            self._session = session
            session.poll(self)
        elif request.method != "POST":
            raise BadEngineRequest
        elif body is None:
            session.abort(Reason.TRANSPORT_ERROR, "a body over the limit")
            self.respond(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, TEXT, b"")
        else:
            steps = session.post(body, page=request.page)
            self.endpoint.engine.slices.offer(_Posted(self, session, steps))

    def _refuse(self, status: HTTPStatus, body: object, headers: Headers = ()) -> None:
        self._note(status)
        if status == HTTPStatus.UPGRADE_REQUIRED:
            headers = [("Sec-WebSocket-Version", ", ".join(handshake.VERSIONS))]
        self.respond(status, JSON, json.dumps(body, ensure_ascii=False).encode(), headers)

    def _note(self, status: HTTPStatus) -> None:
        if self.request.websocket or not self.request.sid:
            self.endpoint.note(self, status)

    # Handshakes.

    def _shake_hands(self) -> None:
        if self.gone:
            return
        identity, headers = self.endpoint.identify(self._head, self.secure)
        try:
            self.endpoint.admit(identity, self.address)
        except TooFast as refusal:
            wait_s = math.ceil(float(refusal.detail["retry_after"]))
            self._refuse(HTTPStatus.TOO_MANY_REQUESTS, refusal.body(), [("Retry-After", str(wait_s)), *headers])
            return
        query = _NO_QUERY
        if any(field.partition("=")[0] not in _PROTOCOL_KEYS for field in self._query.split("&")):
            query = {k: values[-1] for k, values in parse_qs(self._query).items() if k not in _PROTOCOL_KEYS}
        referer = self._head.get("Referer")
        credential = self.endpoint.credential(self._head)
        self._open(HandshakeRequest(identity, self.address, referer, query or _NO_QUERY, credential), headers)

    def _open(self, handshake: HandshakeRequest, headers: Headers) -> None:
        engine = self.endpoint.engine
        if self.request.websocket:

            def ready(peer: Peer) -> None:
                peer.session, opening = engine.open(handshake, peer)
                peer.send(opening)

            self._accept(ready, headers)
        else:
            _, opening = engine.open(handshake)
            self._note(HTTPStatus.OK)
            self.respond(HTTPStatus.OK, TEXT, opening.payload, headers)

    # WebSockets (RFC 6455, section 4.2).

    def _check_upgrade(self) -> None:
        if not handshake.is_opening(self.request.method, self._head):
            raise BadEngineRequest
        if not handshake.is_known_version(self._head):
            raise BadWebSocketVersion

    def _switch(self, session: Session) -> None:
        def ready(peer: Peer) -> None:
            if session.upgrade(peer):
                peer.session = session
            else:
                peer.close()

        self._accept(ready, ())

    def _accept(self, ready: Callable[[Peer], None], headers: Headers) -> None:
        self._note(HTTPStatus.SWITCHING_PROTOCOLS)
        accept = ("Sec-WebSocket-Accept", handshake.accepted(self._head))
        accepted = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n%b%b\r\n" % (
            lines([accept, *headers]),
            _FIXED_LINES,
        )
        self.open_websocket(accepted, partial(_begin, self.request.page, ready))


class _Posted:
    """What a POST brought, while it is handled: what one turn has no time for waits for the next."""

    def __init__(self, exchange: EngineExchange, session: Session, steps: Iterator[None]) -> None:
        self._exchange = exchange
        self._session = session
        self._steps = steps

    @property
    def level(self) -> Level:
        return self._session.level

    @property
    def blocked(self) -> bool:
        return self._session.blocked

    def hold(self) -> None:
        """Nothing else is read before the answer."""

    def release(self) -> None:
        """Nothing was held."""

    def work(self, until: float) -> tuple[bool, float]:
        try:
            more = self._go_on(until)
        except Exception as error:
            more = False
            self._exchange.refused(error)
        later_s, self._session.later_s = self._session.later_s, 0.0
        return more, later_s

    def _go_on(self, until: float) -> bool:
        for number, _ in enumerate(self._steps, 1):
            if number >= SLICE_PACKETS or self.blocked or cpu_s() >= until:
                return True
        self._exchange.respond(HTTPStatus.OK, TEXT, b"ok")
        return False


def _begin(page: bool, ready: Callable[[Peer], None], peer: Peer) -> None:
    peer.browser = page
    ready(peer)


def head_of(content_type: str, body: bytes, headers: Headers) -> Headers:
    """Return all headers of an answer, `headers` among them."""
    return [("Content-Type", content_type), ("Content-Length", str(len(body))), *BARE_HEADERS.items(), *headers]


def encoded(status: HTTPStatus, content_type: str, body: bytes, headers: Headers) -> bytes:
    """Return a whole answer as it is sent, but to a HEAD."""
    own = lines((("Content-Type", content_type), ("Content-Length", str(len(body))), *headers))
    return b"HTTP/1.1 %d %b\r\n%b%b\r\n%b" % (status, status.phrase.encode(), own, _FIXED_LINES, body)
