"""An Engine.IO echo server over real sockets, with the product's limits."""

import asyncio
from collections.abc import Callable, Iterator

import pytest
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPHeaders
from tornado.ioloop import IOLoop
from tornado.web import Application

from gifchat import event_loop
from handlers.direct import HttpTimeouts
from handlers.exchange import Endpoint
from handlers.identity import Identity
from handlers.listening import WebServer
from handlers.peer import Peers
from handlers.polling import EngineFirst
from realtime.engineio.server import HandshakeRequest, Server
from realtime.engineio.session import Session
from tests.conformance.echo_server import Echo
from tests.conformance.peers import WAIT_S, Peer
from tests.free_ports import free_port

MIB = 1 << 20


class World:
    """An Engine.IO echo server with the product's limits, and its sessions."""

    def __init__(self) -> None:
        self.sessions: list[Session] = []
        self.handshakes: list[HandshakeRequest] = []
        self.reasons: list[str] = []
        self.identify: Callable[[HTTPHeaders, bool], Identity] = self.name
        self.engine = Server(self.accept)
        self.peers = Peers()
        self.port = free_port()
        self.peer = Peer(self.port, "/socket.io", self.engine)

    def accept(self, session: Session, handshake: HandshakeRequest) -> Echo:
        self.sessions.append(session)
        self.handshakes.append(handshake)
        reasons = self.reasons

        class Remembering(Echo):
            def closed(self, reason: str) -> None:
                reasons.append(reason)

        return Remembering(session, handshake)

    def name(self, headers: HTTPHeaders, secure: bool) -> Identity:
        return "somebody", [("Set-Cookie", "gifchat=new")]

    def identified(self, headers: HTTPHeaders, secure: bool) -> Identity:
        return self.identify(headers, secure)


@pytest.fixture(params=[event_loop, asyncio.new_event_loop], ids=["uvloop", "asyncio"])
def asyncio_loop(request: pytest.FixtureRequest) -> asyncio.AbstractEventLoop:
    """Return a new loop: the kind the server uses here, and the fallback for systems without it."""
    loop: asyncio.AbstractEventLoop = request.param()
    return loop


@pytest.fixture(params=[True, False], ids=["direct", "tornado"])
def world(io_loop: IOLoop, request: pytest.FixtureRequest) -> Iterator[World]:
    """Return a server that listens; it reads the connections itself, or leaves them to Tornado, as behind a proxy."""
    world = World()

    async def begin() -> HTTPServer:
        endpoint = Endpoint(world.engine, world.identified, world.peers)
        front = EngineFirst(Application(), endpoint, trust_proxy=not request.param)
        server = WebServer(front, HttpTimeouts(WAIT_S, WAIT_S), max_body_size=65_536, max_buffer_size=2 * MIB)
        server.listen(world.port, "127.0.0.1")
        return server

    async def end(server: HTTPServer) -> None:
        server.stop()
        world.engine.close()
        await world.peers.close()
        await asyncio.sleep(0.01)

    server = io_loop.run_sync(begin)
    yield world
    io_loop.run_sync(lambda: end(server))


async def until(condition: Callable[[], bool]) -> None:
    """Wait until `condition()` is true."""
    async with asyncio.timeout(WAIT_S):
        while not condition():
            await asyncio.sleep(0.005)
