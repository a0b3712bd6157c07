"""The two echo servers, run in the test's own process."""

from collections.abc import Iterator

import pytest
from tornado.ioloop import IOLoop

from realtime.engineio.server import Options, Server
from realtime.socketio.connection import Timeouts, acceptor
from tests.conformance.echo_server import Echo, make_hub, serving
from tests.conformance.peers import Peer
from tests.free_ports import free_port


def _serve(io_loop: IOLoop, engine: Server, path: str) -> Iterator[Peer]:
    port = free_port()
    context = serving(engine, port, path)

    async def begin() -> None:
        context.__enter__()

    async def end() -> None:
        context.__exit__(None, None, None)

    io_loop.run_sync(begin)
    yield Peer(port, path, engine)
    io_loop.run_sync(end)


@pytest.fixture
def options() -> Options:
    """Return options with which the server sends nothing on its own during a test, however slow the machine."""
    return Options(ping_interval_s=1000, ping_timeout_s=1000)


@pytest.fixture
def timeouts() -> Timeouts:
    """Return timeouts that no test reaches."""
    return Timeouts(connect_s=1000, attachments_s=1000)


@pytest.fixture
def engine(io_loop: IOLoop, options: Options) -> Iterator[Peer]:
    """Return a peer of the Engine.IO echo server."""
    yield from _serve(io_loop, Server(Echo, options=options), "/engine.io")


@pytest.fixture
def socketio(io_loop: IOLoop, options: Options, timeouts: Timeouts) -> Iterator[Peer]:
    """Return a peer of the Socket.IO echo server."""
    yield from _serve(io_loop, Server(acceptor(make_hub(), timeouts), options=options), "/socket.io")


@pytest.fixture(params=["engine", "socketio"])
def peer(request: pytest.FixtureRequest, options: Options, timeouts: Timeouts) -> Peer:
    """Return a peer of either server, for tests of both."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Peer)
    return found
