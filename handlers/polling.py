"""Engine.IO's requests on Tornado's connections: those by TLS, those by a proxy, and whatever is not plain enough for
`handlers.direct`.
"""

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from tornado.http1connection import HTTP1Connection
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    HTTPServerConnectionDelegate,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.iostream import IOStream, StreamClosedError

from handlers.assets import Assets
from handlers.exchange import BODY_S, READ_OFF_FACTOR, Endpoint, EngineExchange, encoded, head_of, read_sender
from handlers.identity import Headers
from handlers.origin import addressed, is_secure
from handlers.peer import Peer
from handlers.websocket import take_over
from lan.names import NO_NAME


class EngineFirst(HTTPServerConnectionDelegate):
    """A wrapper for `application` that handles the requests to `endpoint` without it, and what `assets` takes."""

    def __init__(
        self,
        application: HTTPServerConnectionDelegate,
        endpoint: Endpoint,
        assets: Assets | None = None,
        *,
        trust_proxy: bool = False,
    ) -> None:
        self.trust_proxy = trust_proxy
        self.endpoint = endpoint
        self.application = application
        self.assets = assets
        self.adopt: Callable[[HTTP1Connection, RequestStartLine, HTTPHeaders], bool] = lambda *_: False
        """Takes a request with its connection from Tornado if it can be served more cheaply; returns whether it did."""

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        self.endpoint.connections.waits(request_conn)
        return _FirstLook(self, server_conn, request_conn)

    def on_close(self, server_conn: object) -> None:
        self.application.on_close(server_conn)


class _FirstLook(HTTPMessageDelegate):
    """Reads a request's headers, and forwards the rest to the delegate that handles it."""

    _chosen = HTTPMessageDelegate()  # which does nothing, for a head that cannot be understood

    def __init__(self, front: EngineFirst, server_conn: object, request_conn: HTTPConnection) -> None:
        self._front = front
        self._server_conn = server_conn
        self._request_conn = request_conn

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        assert isinstance(start_line, RequestStartLine)
        if isinstance(self._request_conn, HTTP1Connection) and self._request_conn.stream.closed():
            # Tornado would go on to serve all that was asked for ahead of the close, to nobody.
            self._request_conn.detach()
            return None
        front = self._front
        start_line = addressed(start_line, headers, trust_proxy=front.trust_proxy)
        if not front.endpoint.names.answers(headers.get("Host", NO_NAME)):
            self._chosen = front.application.start_request(self._server_conn, self._request_conn)
        elif start_line.path.partition("?")[0] in front.endpoint.paths:
            assert isinstance(self._request_conn, HTTP1Connection)
            if front.adopt(self._request_conn, start_line, headers):
                return None
            self._chosen = _OnTornado(front.endpoint, self._request_conn)
        else:
            front.endpoint.connections.asks(self._request_conn)
            takes = front.assets is not None and front.assets.takes(start_line, headers)
            delegate = front.assets if front.assets is not None and takes else front.application
            self._chosen = delegate.start_request(self._server_conn, self._request_conn)
        return self._chosen.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        return self._chosen.data_received(chunk)

    def finish(self) -> None:
        self._chosen.finish()

    def on_connection_close(self) -> None:
        self._chosen.on_connection_close()


class _OnTornado(HTTPMessageDelegate):
    """Passes a request to its exchange."""

    _size_bytes = 0

    def __init__(self, endpoint: Endpoint, connection: HTTP1Connection) -> None:
        self._most_bytes = endpoint.engine.options.max_payload_bytes
        self._exchange = _TornadoExchange(endpoint, connection)
        self._connection = connection
        self._connections = endpoint.connections
        self._connections.asks(connection, self._exchange)
        self._body = bytearray()

    def headers_received(self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders) -> None:
        assert isinstance(start_line, RequestStartLine)
        sender = read_sender(headers, secure=is_secure(self._connection, headers))
        self._exchange.begin(start_line.method, start_line.path, headers, sender)
        if self._exchange.request.websocket:
            self._exchange.detach()
            self._exchange.complete(b"")
        else:
            self._connection.set_max_body_size(self._most_bytes * READ_OFF_FACTOR)
            self._connection.set_body_timeout(BODY_S)

    def data_received(self, chunk: bytes) -> None:
        self._size_bytes += len(chunk)
        if self._size_bytes <= self._most_bytes:
            self._body += chunk
        else:
            self._body.clear()
        self._connections.receives(self._connection, sys.getsizeof(self._body) if self._body else 0)

    def finish(self) -> None:
        self._connections.receives(self._connection, 0)
        self._exchange.complete(bytes(self._body) if self._size_bytes <= self._most_bytes else None)


class _TornadoExchange(EngineExchange):
    """One exchange on a connection of Tornado's, or on the stream that was under it."""

    def __init__(self, endpoint: Endpoint, connection: HTTP1Connection) -> None:
        super().__init__(
            endpoint,
            getattr(connection.context, "remote_ip", ""),
            secure=getattr(connection.context, "protocol", "") == "https",
        )
        self._connection = connection
        self._stream = connection.stream
        self._detached = False

    def detach(self) -> None:
        """Take the stream from Tornado, which reads no body then: a request for a WebSocket has none."""
        self._connection.detach()
        self._stream.set_close_callback(self.dropped)
        self._detached = True

    def complete(self, body: bytes | None) -> None:
        if not self._detached:
            self._connection.set_close_callback(self.dropped)
        super().complete(body)

    @property
    def gone(self) -> bool:
        return self._stream.closed()

    def respond(self, status: HTTPStatus, content_type: str, body: bytes, headers: Headers = ()) -> None:
        if self._detached:
            answer = encoded(status, content_type, body, [*headers, ("Connection", "close")])
            asyncio.ensure_future(_say_and_close(self._stream, answer))
            return
        self._connection.set_close_callback(None)
        head = HTTPHeaders()
        for name, value in head_of(content_type, body, headers):
            head.add(name, value)
        chunk = body if self.request.method != "HEAD" else None
        self._connection.write_headers(ResponseStartLine("", status.value, status.phrase), head, chunk)
        self.endpoint.connections.answered(self._connection)
        self._connection.finish()

    def charge(self, used_s: float) -> None:
        """Do nothing: Tornado reads one request in a turn of the loop."""

    def cut(self) -> None:
        self._stream.close()

    def open_websocket(self, accepted: bytes, ready: Callable[[Peer], None]) -> None:
        asyncio.ensure_future(self._take_over(accepted, ready))

    async def _take_over(self, accepted: bytes, ready: Callable[[Peer], None]) -> None:
        with contextlib.suppress(StreamClosedError):  # nobody is there any more
            await self._stream.write(accepted)
            endpoint = self.endpoint
            ready(await take_over(self._stream, endpoint.connections, endpoint.peers, endpoint.engine))


async def _say_and_close(stream: IOStream, answer: bytes) -> None:
    with contextlib.suppress(StreamClosedError):
        await stream.write(answer)
        stream.close()
