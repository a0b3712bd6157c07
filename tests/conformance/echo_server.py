"""The applications that the official protocol suites run against.

python -m tests.conformance.echo_server --port 3000            # socketio/socket.io-protocol
python -m tests.conformance.echo_server --port 3000 --engine   # socketio/engine.io-protocol
"""

import argparse
import asyncio
import contextlib
import errno
import signal
from collections.abc import Iterator

from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPHeaders
from tornado.web import Application

from handlers import direct
from handlers.exchange import Endpoint
from handlers.identity import Identity
from handlers.listening import WebServer
from handlers.peer import Peers
from handlers.polling import EngineFirst
from realtime.bounds import JsonBounds
from realtime.engineio.packet import Frames
from realtime.engineio.server import HandshakeRequest, Options, Server
from realtime.engineio.session import Session
from realtime.hub import AckArgs, Hub, Socket
from realtime.socketio.connection import Timeouts, acceptor
from realtime.socketio.packet import Event

ADDRESSES = ("127.0.0.1", "::1")
NO_SUCH_ADDRESS = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)  # a machine without IPv6
OPTIONS = Options(ping_interval_s=0.3, ping_timeout_s=0.2, max_payload_bytes=1_000_000)
TIMEOUTS = Timeouts(connect_s=1.0)
BOUNDS = JsonBounds(characters=1_000_000, values=2_000, depth=128, attachments=10)
"""What the echo servers take, unlike our own namespaces: files, and whatever a client's own tests send."""
AUTH_DELAY_S = 0.01
"""The suite adds a listener for each message, so it would miss one that arrives together with the previous one."""


class Echo:
    """Sends every message back."""

    def __init__(self, session: Session, _: HandshakeRequest) -> None:
        self._session = session

    def message(self, data: str | bytes) -> None:
        self._session.send(Frames.binary(data) if isinstance(data, bytes) else Frames.message(data.encode()))

    def flush(self) -> None:
        pass

    def closed(self, reason: str) -> None:
        pass


def make_hub() -> Hub:
    """Return the Socket.IO suite's application."""
    hub = Hub()
    main, custom = hub.of("/", BOUNDS), hub.of("/custom", BOUNDS)

    def greet(socket: Socket) -> None:
        auth = socket.handshake.auth or {}  # the suite expects this for a CONNECT without auth
        asyncio.get_running_loop().call_later(AUTH_DELAY_S, socket.emit, "auth", auth)

    def message(socket: Socket, event: Event) -> None:
        socket.emit("message-back", *event.args)

    def message_with_ack(_: Socket, event: Event) -> AckArgs:
        return event.args

    main.on_connect = custom.on_connect = greet
    main.on("message", message)
    main.on("message-with-ack", message_with_ack)
    return hub


def nobody(headers: HTTPHeaders, secure: bool) -> Identity:
    """Identify nobody."""
    return (None, ())


@contextlib.contextmanager
def serving(engine: Server, port: int, path: str) -> Iterator[HTTPServer]:
    """Serve `engine` on both loopback addresses, where both exist."""
    server = WebServer(EngineFirst(Application(), Endpoint(engine, nobody, Peers(), path)), direct.HttpTimeouts(20, 60))
    for address in ADDRESSES:
        try:
            server.listen(port, address)
        except OSError as error:
            if error.errno not in NO_SUCH_ADDRESS:
                raise SystemExit(f"{address} port {port}: {error.strerror}") from error
    try:
        yield server
    finally:
        server.stop()
        engine.close()


async def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=3000)
    parser.add_argument("--engine", action="store_true", help="the Engine.IO suite's application")
    options = parser.parse_args()
    if options.engine:
        engine, path = Server(Echo, options=OPTIONS), "/engine.io"
    else:
        engine, path = Server(acceptor(make_hub(), TIMEOUTS), options=OPTIONS), "/socket.io"
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with serving(engine, options.port, path):
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(main())
