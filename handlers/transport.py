"""Engine.IO over Tornado: the routes, the handshake and the WebSocket. The polls are in `handlers.polling`."""

import json
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final
from urllib.parse import parse_qs

from tornado.httputil import HTTPServerRequest
from tornado.iostream import StreamClosedError
from tornado.routing import PathMatches, Rule
from tornado.web import HTTPError, RequestHandler
from tornado.websocket import WebSocketHandler

from handlers.origin import OwnPagesOnly
from handlers.polling import JSON, TEXT, Polling, read_request
from handlers.websocket import Peers, take_over
from realtime.engineio.server import (
    BadEngineRequest,
    CrossOriginRequest,
    HandshakeRequest,
    RequestRefused,
    Server,
    UnsupportedVersion,
)
from realtime.engineio.session import Session
from realtime.errors import Internal, Storage

log = logging.getLogger(__name__)

Identify = Callable[[RequestHandler], Awaitable[object]]
"""Identifies a new peer. It may set a cookie on the response, on either transport."""

_PROTOCOL_KEYS: Final = frozenset(("EIO", "transport", "sid", "t", "b64", "j"))
_NO_QUERY: Final[dict[str, str]] = {}
_OLD_VERSIONS: Final = ("1", "2", "3")
_MOST_ADDRESSES: Final = 1_000


def routes(engine: Server, identify: Identify, peers: Peers, path: str = "/socket.io") -> list[Rule]:
    """Return the rules that serve `engine` at `path`; its WebSockets are added to `peers`."""
    pattern, given = f"{path}/?", {"engine": engine, "identify": identify, "outdated": Outdated()}
    return [
        Rule(Asks(pattern, asks_for_websocket), WebSocketTransport, {**given, "peers": peers}),
        Rule(Asks(pattern, _names_session), Polling(engine)),
        Rule(PathMatches(pattern), HandshakeHandler, given),
    ]


class Outdated:
    """Logs clients that are too old, once per address, for up to a thousand addresses.

    The response explains it, but they show only "xhr poll error", and retry forever.
    """

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def note(self, address: str, version: str) -> None:
        """Log a handshake refused for its version; a version that never existed is not a client's."""
        if version in _OLD_VERSIONS and address not in self._seen and len(self._seen) < _MOST_ADDRESSES:
            self._seen.add(address)
            log.info(
                "a Socket.IO client at %s is too old (Engine.IO %s); it needs socket.io-client 3 or newer, or"
                " python-socketio 5 or newer",
                address,
                version,
            )


class Asks(PathMatches):
    """Matches a path if the request also satisfies a condition."""

    def __init__(self, path: str, kind: Callable[[HTTPServerRequest], bool]) -> None:
        super().__init__(path)
        self._kind = kind

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        found = super().match(request)
        return found if found is not None and self._kind(request) else None


def asks_for_websocket(request: HTTPServerRequest) -> bool:
    return request.headers.get("Upgrade", "").lower() == "websocket"


def _names_session(request: HTTPServerRequest) -> bool:
    return "sid" in request.query_arguments


class _Opening(OwnPagesOnly):
    """The common part of requests that open a session, on either transport."""

    def initialize(self, engine: Server, identify: Identify, outdated: Outdated) -> None:
        self.engine = engine
        self.identify = identify
        self.outdated = outdated

    def check(self) -> Session | None:
        """Return the requested session, None for a handshake; raises RequestRefused."""
        request = self.request
        asked = read_request(
            request.method or "",
            request.query,
            request.headers,
            secure=request.protocol == "https",
            websocket=asks_for_websocket(request),
        )
        try:
            return self.engine.check(asked)
        except UnsupportedVersion:
            self.outdated.note(request.remote_ip or "", asked.version)
            raise

    async def handshake(self) -> HandshakeRequest | None:
        """Return what is known of a new peer; None if the request has been answered."""
        try:
            identity = await self.identify(self)
        except Storage as error:
            self.answer_json(HTTPStatus.INSUFFICIENT_STORAGE, error.body())
            return None
        except Exception:
            log.exception("failed to identify a visitor")
            self.answer_json(HTTPStatus.SERVICE_UNAVAILABLE, Internal().body())
            return None
        request = self.request
        query = {key: values[-1] for key, values in parse_qs(request.query).items() if key not in _PROTOCOL_KEYS}
        return HandshakeRequest(identity, request.remote_ip or "", request.headers.get("Referer"), query or _NO_QUERY)

    def refuse(self, error: RequestRefused) -> None:
        self.answer_json(error.status, error.body())

    def answer_json(self, status: int, body: object) -> None:
        self.set_status(status)
        self.set_header("Content-Type", JSON)
        self.finish(json.dumps(body, ensure_ascii=False))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer what Tornado itself refuses (a cross-origin POST, an unknown method) as Engine.IO would."""
        if status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self.answer_json(status_code, Internal().body())
        else:
            self.refuse(CrossOriginRequest() if status_code == HTTPStatus.FORBIDDEN else BadEngineRequest())

    def log_exception(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """Log a bug. Refusals are not logged: Tornado would log them with the query."""
        if not isinstance(error, HTTPError):
            log.error("a handshake failed", exc_info=error)


class HandshakeHandler(_Opening):
    """GET opens a long-polling session. Everything else without a session id is refused here."""

    async def get(self) -> None:
        try:
            self.check()
        except RequestRefused as error:
            self.refuse(error)
            return
        handshake = await self.handshake()
        if handshake is not None:
            _, opening = self.engine.open(handshake)
            self.set_header("Content-Type", TEXT)
            self.set_header("Cache-Control", "no-store")
            self.finish(opening.payload)

    head = post = put = patch = delete = options = get


class WebSocketTransport(_Opening, WebSocketHandler):
    """The request for a WebSocket, which opens a session or upgrades one; the handler ends then."""

    _session: Session | None = None
    _handshake: HandshakeRequest | None = None

    def initialize(  # type: ignore[override]  # one argument more than polling is made with
        self, engine: Server, identify: Identify, outdated: Outdated, peers: Peers
    ) -> None:
        super().initialize(engine, identify, outdated)
        self.peers = peers

    async def prepare(self) -> None:
        try:
            self._session = self.check()
        except RequestRefused as error:
            self.refuse(error)
            return
        if self._session is None:
            self._handshake = await self.handshake()

    async def open(self) -> None:
        """Hand the connection to a `Peer`; the request and this handler end here."""
        protocol = self.ws_connection
        assert protocol is not None and protocol.stream is not None
        try:
            peer = await take_over(protocol.stream, self.peers, self.engine.options.max_payload_bytes)
        except StreamClosedError:
            return  # while we were finding out who it is
        # Tornado need neither read what comes nor close the stream.
        protocol.client_terminated = True
        self.ws_connection = None
        peer.browser = "Origin" in self.request.headers
        if self._session is None:
            assert self._handshake is not None
            peer.session, opening = self.engine.open(self._handshake, peer)
            peer.send(opening)
        elif self._session.upgrade(peer):
            peer.session = self._session
        else:
            peer.close()
