"""Listening sockets, TLS, and the limit of open files."""

import asyncio
import contextlib
import errno
import logging
import socket
import ssl
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any, Final

import tornado.netutil
from tornado.http1connection import HTTP1Connection
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPHeaders, RequestStartLine
from tornado.ioloop import IOLoop
from tornado.iostream import IOStream, SSLIOStream

from handlers.direct import DirectConnection, HttpTimeouts, simple_head
from handlers.exchange import Endpoint
from handlers.headers import refusal
from handlers.polling import EngineFirst
from realtime.errors import StartError

if sys.platform != "win32":  # which has no such limit
    import resource

log = logging.getLogger("gifchat")

BACKLOG = 4096  # for a whole class that opens the page at once; with 128, connections wait for a retry by their system

ENOUGH_FILES: Final = (65_536, 10_240)  # macOS allows at most the second (setrlimit(2))
RESERVED_FILES: Final = 64  # not for connections: images, pages' files, the database
LOG_EVERY_S: Final = 60.0

TLS_HANDSHAKE: Final = b"\x16"
"""The first byte of every TLS connection (RFC 8446, section 5.1), and of no HTTP request."""
PEEKED_BYTES: Final = 256
USE_HTTPS: Final = refusal(
    "이 서버의 주소는 https://로 시작합니다.\nThe address of this server begins with https://.\n"
)
TORNADOS_REFUSAL: Final = b"HTTP/1.1 400 Bad Request\r\n\r\n"
"""Tornado's answer to what it cannot read as a request; it has no way to change it."""
REFUSAL: Final = refusal("요청을 이해할 수 없습니다.\nThis is not a request that can be understood.\n")
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


class ThrottledLog:
    """A log message that is logged at most once a minute, however often it is triggered."""

    def __init__(self) -> None:
        self._logged_at = -LOG_EVERY_S

    def log(self, level: int, message: str, *values: object) -> None:
        """Log it unless it was logged in the last minute."""
        if time.monotonic() - self._logged_at >= LOG_EVERY_S:
            self._logged_at = time.monotonic()
            log.log(level, message, *values)


class Listener(socket.socket):
    """A listening socket that rejects connections when file descriptors run out.

    Otherwise accepting would fail at the limit, and Tornado would retry, and log it, forever; and connected visitors
    would get no more pages and images.
    """

    def __init__(self, plain: socket.socket) -> None:
        """Take over `plain`."""
        super().__init__(fileno=plain.detach())
        self.setblocking(False)
        self._files = _max_files()
        self._full = ThrottledLog()

    def accept(self) -> tuple[socket.socket, Any]:
        """Accept a connection. Raises ConnectionAbortedError, which Tornado ignores, for a rejected one."""
        connection, address = super().accept()
        # A new descriptor has the lowest free number (POSIX, 2.6), so at least that many are open.
        if connection.fileno() < self._files - min(RESERVED_FILES, self._files / 2):
            return connection, address
        connection.close()
        self._full.log(logging.WARNING, "rejecting connections: at the limit of %d open files (ulimit -n)", self._files)
        raise ConnectionAbortedError


def listen(host: str, port: int) -> list[socket.socket]:
    """Return the listening sockets. Raises StartError."""
    try:
        sockets = tornado.netutil.bind_sockets(port, host, backlog=BACKLOG)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise StartError(f"cannot listen on {host} port {port}: {reason}") from error
    if not sockets:  # Tornado skips address families that the system does not support
        raise StartError(f"cannot listen on {host} port {port}: this system does not support this kind of address")
    return [Listener(plain) for plain in sockets]


class PlainStream(IOStream):
    """A stream with `REFUSAL` in place of Tornado's own."""

    def write(self, data: bytes | memoryview) -> "asyncio.Future[None]":
        """Write `data`, or what stands for it."""
        return super().write(REFUSAL if data == TORNADOS_REFUSAL else data)


class TlsStream(SSLIOStream):
    """The same under TLS."""

    def write(self, data: bytes | memoryview) -> "asyncio.Future[None]":
        """Write `data`, or what stands for it."""
        return super().write(REFUSAL if data == TORNADOS_REFUSAL else data)


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
        self._timeouts = timeouts
        if self._endpoint is not None:
            front.adopt = self._adopt
        self._tls = ThrottledLog()
        self._silent: dict[IOStream, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[object]] = set()

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        """Serve a connection, by what its first bytes are."""
        if isinstance(stream, SSLIOStream):
            stream.__class__ = TlsStream  # Tornado makes the stream, and asks nobody of what class
            super().handle_stream(stream, address)
            return
        stream.__class__ = PlainStream
        timer = asyncio.get_running_loop().call_later(self._timeouts.head_s, lambda: self._ignore(stream).close())
        self._silent[stream] = timer
        stream.io_loop.add_handler(stream.socket, lambda *_: self._look(self._ignore(stream), address), IOLoop.READ)

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
            plain, stream.socket = stream.socket, None  # type: ignore[assignment]  # as its own start_tls does
            self._serve_directly(self._endpoint, plain, address)
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
        plain, stream.socket = stream.socket, None  # type: ignore[assignment]  # as its own start_tls does
        stream.io_loop.remove_handler(plain)
        assert self._endpoint is not None
        self._serve_directly(self._endpoint, plain, address).received(head)
        return True

    def _serve_directly(self, endpoint: Endpoint, plain: socket.socket, address: tuple[Any, ...]) -> DirectConnection:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # asyncio's own loop does not
        loop = asyncio.get_running_loop()
        connection = DirectConnection(
            endpoint, plain, str(address[0]) if address else "", self._timeouts, partial(self._take_back, address)
        )
        task = loop.create_task(loop.connect_accepted_socket(lambda: connection, plain))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return connection

    def _take_back(self, address: tuple[Any, ...], plain: socket.socket, came: bytes) -> None:
        """Serve a connection that asks for something else, from `came` on, which was read from it."""
        stream = PlainStream(plain, max_buffer_size=self.max_buffer_size, read_chunk_size=self.read_chunk_size)

        def again(buffer: bytearray | memoryview) -> int | None:
            nonlocal came
            size = min(len(came), len(buffer))
            buffer[:size], came = came[:size], came[size:]
            if not came:
                del stream.read_from_fd  # from here on it reads the socket
            return size

        stream.read_from_fd = again  # type: ignore[method-assign, assignment]  # for the first reads
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
