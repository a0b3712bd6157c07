"""The two echo servers, each in the test's own process."""

from collections.abc import Iterator

import pytest
from tornado.ioloop import IOLoop

from realtime.engineio.server import Server
from realtime.socketio.connection import acceptor
from tests.conformance.echo_server import OPTIONS, TIMEOUTS, Echo, make_hub, serving
from tests.conformance.peers import Peer
from tests.ports import free_port


def _serve(io_loop: IOLoop, engine: Server, path: str) -> Iterator[Peer]:
    port = free_port()
    context = serving(engine, port, path)

    async def begin() -> None:
        context.__enter__()

    async def end() -> None:
        context.__exit__(None, None, None)

    io_loop.run_sync(begin)
    yield Peer(port, path)
    io_loop.run_sync(end)


@pytest.fixture
def engine(io_loop: IOLoop) -> Iterator[Peer]:
    """Return a peer of the Engine.IO echo server."""
    yield from _serve(io_loop, Server(Echo, options=OPTIONS), "/engine.io")


@pytest.fixture
def socketio(io_loop: IOLoop) -> Iterator[Peer]:
    """Return a peer of the Socket.IO echo server."""
    yield from _serve(io_loop, Server(acceptor(make_hub(), TIMEOUTS), options=OPTIONS), "/socket.io")


@pytest.fixture(params=["engine", "socketio"])
def peer(request: pytest.FixtureRequest) -> Peer:
    """Return a peer of either, for what both must do."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Peer)
    return found
