"""Listening sockets, TLS, and the limit of open files."""

import asyncio
import contextlib
import errno
import logging
import socket
import ssl
import sys
from collections.abc import Iterable
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import tornado.netutil
from tornado.http1connection import HTTP1Connection
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPHeaders, RequestStartLine
from tornado.ioloop import IOLoop
from tornado.iostream import IOStream, SSLIOStream, UnsatisfiableReadError

from handlers.connections import Accepted, Connections
from handlers.direct import DirectConnection, HttpTimeouts
from handlers.exchange import Endpoint
from handlers.headers import refusal
from handlers.heads import simple_head
from handlers.polling import EngineFirst
from realtime.errors import StartError
from realtime.throttled import ThrottledLog

if sys.platform != "win32":  # which has no such limit
    import resource

log = logging.getLogger("gifchat")

BACKLOG = 4096  # for a whole class that opens the page at once; with 128, connections wait for a retry by their system

ENOUGH_FILES: Final = (65_536, 10_240)  # macOS allows at most the second (setrlimit(2))
RESERVED_FILES: Final = 64  # not for connections: images, pages' files, the database
OWN_FILES: Final = 36  # open whatever happens

SEND_BYTES: Final = 64 * 1024
"""What the system keeps for a peer that does not read (Linux doubles it, for its own overhead; by itself it goes up to
4 MB). More waits in this process, where it is counted."""
UNACKNOWLEDGED_MS: Final = 45_000
"""How long data may stay unacknowledged before the system closes the connection (RFC 5482). The heartbeat closes that
of a silent peer within this time; this does for answers to requests."""
PAUSE_S: Final = 0.5
"""How long no connection is accepted when no descriptor is free: the system would announce the next one forever."""
CLOSED_AT_ONCE: Final = 32
"""Descriptors of closed connections are free one loop iteration later; so many may be waiting for it."""
EXHAUSTED: Final = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM))

TLS_HANDSHAKE: Final = b"\x16"
"""The first byte of every TLS connection (RFC 8446, section 5.1), and of no HTTP request."""
PEEKED_BYTES: Final = 256
USE_HTTPS: Final = refusal(
    "이 서버의 주소는 https://로 시작합니다.\nThe address of this server begins with https://.\n"
)
TORNADOS_REFUSAL: Final = b"HTTP/1.1 400 Bad Request\r\n\r\n"
"""Tornado's answer to what it cannot read as a request; it has no way to change it."""
REFUSAL: Final = refusal("요청을 이해할 수 없습니다.\nThis is not a request that can be understood.\n")
HEAD_TOO_LONG: Final = refusal(
    "요청의 머리말이 너무 깁니다.\nThe head of this request is too long.\n", HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
)
MAX_READ_BYTES: Final = 64 * 1024


def allow_connections() -> None:
    """Raise the limit of open files, and thus of connections, to what the system allows.

    The default is 1,024 for programs started from a terminal, 256 on macOS.
    """
    if sys.platform != "win32":
        for enough in ENOUGH_FILES:
            now, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            wanted = enough if hard == resource.RLIM_INFINITY else min(enough, hard)
            if now != resource.RLIM_INFINITY and now < wanted:
                with contextlib.suppress(OSError, ValueError):
                    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _max_files() -> float:
    if sys.platform == "win32":
        return float("inf")
    now, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return float("inf") if now == resource.RLIM_INFINITY else now


def most_connections(asked: int | None) -> float:
    """Return how many connections there may be: `asked`, but no more than there can be open files."""
    files = _max_files()
    there = files - min(RESERVED_FILES + OWN_FILES, files / 2)
    return there if asked is None else min(asked, there)


class Listener(socket.socket):
    """A listening socket that makes room, or rejects connections, when there are too many.

    Otherwise accepting would fail at the limit of open files, and Tornado would retry, and log it, forever; and
    connected visitors would get no more pages and images.
    """

    def __init__(self, plain: socket.socket) -> None:
        """Take over `plain`."""
        super().__init__(fileno=plain.detach())
        self.setblocking(False)
        self._files = _max_files()
        self._full = ThrottledLog()
        self.connections: Connections | None = None
        """Where the accepted connections are counted."""

    def accept(self) -> tuple[socket.socket, Any]:
        """Accept a connection. Raises ConnectionAbortedError, which Tornado ignores, for a rejected one."""
        if self.connections is not None and self.connections.closing >= CLOSED_AT_ONCE:
            raise BlockingIOError
        try:
            connection, address = super().accept()
        except OSError as error:
            if error.errno not in EXHAUSTED:
                raise
            self._pause(error)
            raise BlockingIOError from error
        # A new descriptor has the lowest free number (POSIX, 2.6), so at least that many are open.
        out_of_files = connection.fileno() >= self._files - min(RESERVED_FILES, self._files / 2)
        if self.connections is not None and self.connections.admit(_host(address), out_of_files=out_of_files):
            return connection, address
        connection.close()
        raise ConnectionAbortedError

    def _pause(self, error: OSError) -> None:
        """Accept nothing for a moment; the system keeps those who come."""
        self._full.log(logging.WARNING, "accepting no connections for %g s: %s", PAUSE_S, error.strerror)
        loop = IOLoop.current()
        loop.update_handler(self, 0)
        loop.call_later(PAUSE_S, self._resume)

    def _resume(self) -> None:
        if self.fileno() >= 0:
            IOLoop.current().update_handler(self, IOLoop.READ)


def _host(address: tuple[Any, ...] | str) -> str:
    """Return whose connection it is; one by a Unix socket has no address."""
    return str(address[0]) if isinstance(address, tuple) and address else ""


def listen(host: str, port: int) -> list[socket.socket]:
    """Return the listening sockets. Raises StartError."""
    try:
        sockets = tornado.netutil.bind_sockets(port, host, backlog=BACKLOG)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise StartError(f"cannot listen on {host} port {port}: {reason}") from error
    if not sockets:  # Tornado skips address families that the system does not support
        raise StartError(f"cannot listen on {host} port {port}: this system does not support this kind of address")
    for plain in sockets:
        _bound(plain)
    return [Listener(plain) for plain in sockets]


class PlainStream(IOStream):
    """A stream with answers of ours to what Tornado cannot read as a request."""

    def write(self, data: bytes | memoryview) -> "asyncio.Future[None]":
        """Write `data`, or what stands for it."""
        return super().write(REFUSAL if data == TORNADOS_REFUSAL else data)

    def close(self, exc_info: Any = False) -> None:
        """Close it, and say why where Tornado does not: a request's head is longer than it reads."""
        # Private to Tornado: what it reads until, a regular expression for the end of a head only.
        if isinstance(exc_info, UnsatisfiableReadError) and self._read_regex is not None and not self.closed():
            with contextlib.suppress(OSError):
                self.write_to_fd(memoryview(HEAD_TOO_LONG))
                self.socket.recv(MAX_READ_BYTES)  # what is left unread would reset the connection
        super().close(exc_info)


class TlsStream(PlainStream, SSLIOStream):
    """The same under TLS."""


def _bound(listening: socket.socket) -> None:
    """Bound what the system keeps for the connections that will be accepted: they inherit it."""
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BYTES)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS)


class WebServer(HTTPServer):
    """An HTTPServer that leaves plain connections to `endpoint` as long as they ask for nothing else.

    It closes TLS connections to its plain port. Otherwise, typing `https://` would show an empty window until the
    header timeout, 20 seconds.
    """

    def initialize(  # type: ignore[override]  # Tornado calls it with what this class is called with
        self, front: EngineFirst, timeouts: HttpTimeouts, **options: Any
    ) -> None:
        """Serve `front`, with an HTTPServer's other options."""
        super().initialize(front, idle_connection_timeout=timeouts.head_s, body_timeout=timeouts.body_s, **options)
        # A proxy's headers, if they are trusted, are Tornado's to understand.
        self._endpoint = None if front.trust_proxy else front.endpoint
        self._accepted = front.endpoint.connections
        self._timeouts = timeouts
        if self._endpoint is not None:
            front.adopt = self._adopt
        self._tls = ThrottledLog()
        self._silent: dict[IOStream, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[object]] = set()

    def add_sockets(self, sockets: Iterable[socket.socket]) -> None:
        """Accept connections on `sockets`."""
        accepting = list(sockets)
        for one in accepting:
            if isinstance(one, Listener):
                one.connections = self._accepted
        super().add_sockets(accepting)

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        """Serve a connection, by what its first bytes are."""
        self._accepted.enter(stream, _host(address), self._close)
        if isinstance(stream, SSLIOStream):
            stream.__class__ = TlsStream  # Tornado makes the stream, and asks nobody of what class
            super().handle_stream(stream, address)
            return
        stream.__class__ = PlainStream
        timer = asyncio.get_running_loop().call_later(self._timeouts.head_s, lambda: self._ignore(stream).close())
        self._silent[stream] = timer
        stream.io_loop.add_handler(stream.socket, lambda *_: self._look(self._ignore(stream), address), IOLoop.READ)

    def _close(self, stream: IOStream) -> None:
        if stream in self._silent:
            self._ignore(stream)
        stream.close()

    def _ignore(self, stream: IOStream) -> IOStream:
        """Wait no longer for what it begins with."""
        self._silent.pop(stream).cancel()
        stream.io_loop.remove_handler(stream.socket)
        return stream

    def _look(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        try:
            first = stream.socket.recv(PEEKED_BYTES, socket.MSG_PEEK)
        except OSError:
            first = b""
        if first[:1] == TLS_HANDSHAKE:
            self._tls.log(
                logging.INFO, "%s asks for https://, and this server's address begins with http://", address[0]
            )
            stream.close()
        elif self._endpoint is not None and first.startswith(self._endpoint.beginnings):
            accepted = self._accepted.take(stream)
            plain, stream.socket = stream.socket, None  # type: ignore[assignment]  # as its own start_tls does
            self._serve_directly(self._endpoint, plain, accepted, address)
        else:
            super().handle_stream(stream, address)

    def _adopt(self, connection: HTTP1Connection, start_line: RequestStartLine, headers: HTTPHeaders) -> bool:
        """Take a poll from Tornado: a browser polls over the connections on which it has loaded its page."""
        stream = connection.stream
        head = simple_head(start_line, headers)
        # Private to Tornado, which has no public way to ask whether it has read beyond this request.
        if head is None or isinstance(stream, SSLIOStream) or stream._read_buffer_size or stream.closed():
            return False
        address = connection.context.address  # type: ignore[attr-defined]  # HTTPServer's context
        connection.detach()
        accepted = self._accepted.take(stream)
        plain, stream.socket = stream.socket, None  # type: ignore[assignment]  # as its own start_tls does
        stream.io_loop.remove_handler(plain)
        assert self._endpoint is not None
        self._serve_directly(self._endpoint, plain, accepted, address).received(head)
        return True

    def _serve_directly(
        self, endpoint: Endpoint, plain: socket.socket, accepted: Accepted, address: tuple[Any, ...]
    ) -> DirectConnection:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # asyncio's own loop does not
        loop = asyncio.get_running_loop()
        connection = DirectConnection(endpoint, plain, accepted, self._timeouts, partial(self._take_back, address))
        task = loop.create_task(loop.connect_accepted_socket(lambda: connection, plain))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return connection

    def _take_back(self, address: tuple[Any, ...], plain: socket.socket, accepted: Accepted, came: bytes) -> None:
        """Serve a connection that asks for something else, from `came` on, which was read from it."""
        stream = PlainStream(plain, max_buffer_size=self.max_buffer_size, read_chunk_size=self.read_chunk_size)

        def again(buffer: bytearray | memoryview) -> int | None:
            nonlocal came
            # Not as much as a head may have: with exactly that, Tornado would wait for the socket, not for the rest.
            size = min(len(came), MAX_READ_BYTES - 1, len(buffer))
            buffer[:size], came = came[:size], came[size:]
            if not came:
                del stream.read_from_fd  # from here on it reads the socket
            return size

        stream.read_from_fd = again  # type: ignore[method-assign, assignment]  # for the first reads
        self._accepted.give(stream, accepted, self._close)
        super().handle_stream(stream, address)

    async def close_all_connections(self) -> None:
        """Close the connections that Tornado serves, and those that nobody serves yet."""
        for stream in list(self._silent):
            self._ignore(stream).close()
        await super().close_all_connections()


class TlsSocket(ssl.SSLSocket):
    """A TLS connection that answers plain HTTP with an explanation."""

    _begun = False

    def do_handshake(self, block: bool = False) -> None:
        """Shake hands. Raises ConnectionResetError, on which Tornado closes silently, if it is not TLS."""
        if not self._begun:
            self._look()
        super().do_handshake(block)

    def _look(self) -> None:
        plain = socket.socket  # its methods transfer unencrypted bytes
        try:
            first = plain.recv(self, 1, socket.MSG_PEEK)
        except BlockingIOError:
            return
        if b"A" <= first <= b"Z":  # of a method (RFC 9110, section 9.1)
            with contextlib.suppress(OSError):
                plain.recv(
                    self, MAX_READ_BYTES
                )  # what is left unread would reset the connection, and the answer with it
                plain.send(self, USE_HTTPS)
            raise ConnectionResetError(errno.ECONNRESET, "plain HTTP")
        self._begun = True


def tls_context(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """Return the TLS settings, if there is a certificate. Raises StartError."""
    if certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.sslsocket_class = TlsSocket
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        reason = error.strerror or error
        raise StartError(f"cannot use the certificate {certificate} with the key {key}: {reason}") from error
    return context
