"""The polls of open sessions, without the overhead of a `RequestHandler`.

They are nearly all requests of a server with long-polling clients, and parsing arguments, cookies and templates, which
no poll has, would make each over half as expensive again.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable
from http import HTTPStatus
from typing import Final

from tornado.http1connection import HTTP1Connection
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    HTTPServerConnectionDelegate,
    RequestStartLine,
    ResponseStartLine,
)

from handlers.assets import Assets
from handlers.origin import addressed, is_secure, same_origin
from realtime.engineio.server import BadEngineRequest, Request, RequestRefused, Server
from realtime.engineio.session import Session
from realtime.errors import Internal, ProtocolError
from realtime.reason import Reason

log = logging.getLogger(__name__)

TEXT: Final = "text/plain; charset=UTF-8"
JSON: Final = "application/json; charset=UTF-8"
READ_OFF_FACTOR: Final = 16
"""An oversized body is read and refused up to this multiple of the limit; beyond it, the connection is closed."""

_FIXED_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def read_request(method: str, query: str, headers: HTTPHeaders, *, secure: bool, websocket: bool = False) -> Request:
    """Return what Engine.IO needs. `query` is not decoded, because none of its values needs that."""
    fields = dict(field.partition("=")[::2] for field in query.split("&"))
    return Request(
        method=method,
        transport=fields.get("transport", ""),
        sid=fields.get("sid", ""),
        version=fields.get("EIO", ""),
        websocket=websocket,
        same_origin=same_origin(headers, secure=secure),
        page="Origin" in headers,
    )


class Polling(HTTPServerConnectionDelegate):
    """Serves GET and POST in a session's name."""

    def __init__(self, engine: Server) -> None:
        self._engine = engine

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        assert isinstance(request_conn, HTTP1Connection)
        return _Exchange(self._engine, request_conn)


class PollsFirst(HTTPServerConnectionDelegate):
    """A wrapper for `application` that handles polls without it, and what `assets` takes.

    The application's routes serve them, too. But routing first builds an HTTPServerRequest, parses and copies its
    arguments and tries all earlier patterns: a quarter of a poll's remaining cost.
    """

    def __init__(
        self,
        application: HTTPServerConnectionDelegate,
        engine: Server,
        assets: Assets | None = None,
        *,
        trust_proxy: bool = False,
        path: str = "/socket.io",
    ) -> None:
        self.trust_proxy = trust_proxy
        self._application = application
        self._polling = Polling(engine)
        self._assets = assets
        self._targets = (f"{path}/?", f"{path}?")

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        return _FirstLook(self, server_conn, request_conn)

    def on_close(self, server_conn: object) -> None:
        self._application.on_close(server_conn)

    def route(self, start_line: RequestStartLine, headers: HTTPHeaders) -> HTTPServerConnectionDelegate:
        """Return the delegate that handles a request."""
        target = start_line.path
        names_session = "&sid=" in target or "?sid=" in target
        is_poll = names_session and target.startswith(self._targets) and "Upgrade" not in headers
        if is_poll:
            return self._polling
        if self._assets is not None and self._assets.takes(start_line, headers):
            return self._assets
        return self._application


class _FirstLook(HTTPMessageDelegate):
    """Reads a request's headers, and forwards the rest to the delegate that handles it."""

    _chosen = HTTPMessageDelegate()  # which does nothing, for a head that cannot be understood

    def __init__(self, front: PollsFirst, server_conn: object, request_conn: HTTPConnection) -> None:
        self._front = front
        self._connections = server_conn, request_conn

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        assert isinstance(start_line, RequestStartLine)
        start_line = addressed(start_line, headers, trust_proxy=self._front.trust_proxy)
        self._chosen = self._front.route(start_line, headers).start_request(*self._connections)
        return self._chosen.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        return self._chosen.data_received(chunk)

    def finish(self) -> None:
        self._chosen.finish()

    def on_connection_close(self) -> None:
        self._chosen.on_connection_close()


class _Exchange(HTTPMessageDelegate):
    """One GET, which waits for packets, or one POST, which brings some."""

    _request: Request
    _session: Session | None = None
    _size_bytes = 0

    def __init__(self, engine: Server, connection: HTTP1Connection) -> None:
        self._engine = engine
        self._connection = connection
        self._body: list[bytes] = []

    def headers_received(self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders) -> None:
        assert isinstance(start_line, RequestStartLine)
        self._request = read_request(
            start_line.method, start_line.path.partition("?")[2], headers, secure=is_secure(self._connection)
        )
        self._connection.set_max_body_size(self._engine.options.max_payload_bytes * READ_OFF_FACTOR)

    def data_received(self, chunk: bytes) -> None:
        self._size_bytes += len(chunk)
        if self._size_bytes <= self._engine.options.max_payload_bytes:
            self._body.append(chunk)
        else:
            self._body.clear()

    def finish(self) -> None:
        if self._request.method == "GET":
            self._deal()
        else:
            # A GET sent just before, on an open connection, takes two loop iterations longer to arrive here than a POST
            # on a new one. The POST must not overtake it, because it may close the session.
            loop = asyncio.get_running_loop()
            loop.call_soon(loop.call_soon, self._deal)

    def _deal(self) -> None:
        try:
            self._dispatch()
        except RequestRefused as error:
            if self._engine.stopped and self._request.method == "POST":
                # The session existed when the request arrived. python-engineio before 4.9 never reconnects after a
                # refused request, but does after a closed connection.
                self._connection.close()
                return
            self._respond(HTTPStatus(error.status), JSON, json.dumps(error.body()).encode())
        except ProtocolError:
            self._respond(HTTPStatus.BAD_REQUEST, JSON, json.dumps(BadEngineRequest().body()).encode())
        except Exception:
            # Nobody above could answer: a POST comes here from the loop.
            log.exception("failed to handle a %s", self._request.method)
            self._respond(HTTPStatus.INTERNAL_SERVER_ERROR, JSON, json.dumps(Internal().body()).encode())

    def answer(self, payload: bytes) -> None:
        """Respond with what the session has for this poll."""
        self._session = None
        self._connection.set_close_callback(None)
        self._respond(HTTPStatus.OK, TEXT, payload)

    def _dispatch(self) -> None:
        session = self._engine.check(self._request)
        if session is None:
            raise BadEngineRequest
        if self._request.method == "GET":
            self._session = session
            self._connection.set_close_callback(self._dropped)
            session.poll(self)
        elif self._request.method != "POST":
            raise BadEngineRequest
        elif self._size_bytes > self._engine.options.max_payload_bytes:
            session.abort(Reason.TRANSPORT_ERROR, "a body over the limit")
            self._respond(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, TEXT, b"")
        else:
            session.post(b"".join(self._body), page=self._request.page)
            self._respond(HTTPStatus.OK, TEXT, b"ok")

    def _dropped(self) -> None:
        if self._session is not None:
            self._session.cancel_poll(self)

    def _respond(self, status: HTTPStatus, content_type: str, body: bytes) -> None:
        headers = HTTPHeaders({"Content-Type": content_type, "Content-Length": str(len(body)), **_FIXED_HEADERS})
        chunk = body if self._request.method != "HEAD" else None
        self._connection.write_headers(ResponseStartLine("", status.value, status.phrase), headers, chunk)
        self._connection.finish()
