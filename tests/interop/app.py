"""The Socket.IO application against which third-party clients are tested."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from tornado.httputil import HTTPHeaders
from tornado.web import Application

from handlers.direct import HttpTimeouts
from handlers.exchange import Endpoint
from handlers.identity import Identity
from handlers.listening import WebServer
from handlers.peer import Peers
from handlers.polling import EngineFirst
from realtime.engineio.server import Options, Server
from realtime.errors import ConnectionRefused
from realtime.hub import AckArgs, AckTimeout, Hub, Socket
from realtime.socketio.connection import acceptor
from realtime.socketio.packet import Event
from tests.conformance.echo_server import BOUNDS


def _nobody(headers: HTTPHeaders, secure: bool) -> Identity:
    return (None, ())


def make_hub() -> Hub:
    """Return the application."""
    hub = Hub()
    main, custom, closed = hub.of("/", BOUNDS), hub.of("/custom", BOUNDS), hub.of("/closed")

    def echo(socket: Socket, event: Event) -> AckArgs:
        socket.emit("echoed", *event.args)
        return event.args

    async def never(socket: Socket, event: Event) -> AckArgs:
        # Longer than the client's timeout, shorter than the test's.
        await asyncio.sleep(1)
        return None

    async def ask(socket: Socket, event: Event) -> AckArgs:
        try:
            timeout_s = 30 if event.args else 0.3  # a question without arguments is not answered
            return ["answered", *await socket.emit_with_ack("question", *event.args, timeout_s=timeout_s)]
        except AckTimeout:
            return ["timed out"]

    def many(socket: Socket, event: Event) -> None:
        for number in range(500):
            socket.emit("number", number)

    def refuse(socket: Socket) -> None:
        raise ConnectionRefused("not today", {"code": 7})

    def greet(socket: Socket) -> None:
        socket.emit("auth", socket.handshake.auth or {})

    def leave(socket: Socket, event: Event) -> None:
        socket.disconnect()

    main.on("echo", echo)
    main.on("never", never)
    main.on("ask", ask)
    main.on("many", many)
    custom.on_connect = greet
    custom.on("echo", echo)
    custom.on("leave", leave)
    closed.use(refuse)
    return hub


@contextmanager
def serving(port: int) -> Iterator[Server]:
    """Serve the application on the running loop."""
    engine = Server(acceptor(make_hub()), options=Options(ping_interval_s=0.5))
    server = WebServer(EngineFirst(Application(), Endpoint(engine, _nobody, Peers())), HttpTimeouts(20, 60))
    server.listen(port, "127.0.0.1")
    try:
        yield engine
    finally:
        server.stop()
        engine.close()
