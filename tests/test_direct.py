"""Plain connections: what is read past Tornado, and what is left to it, on the same connection."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from tornado.ioloop import IOLoop
from tornado.web import Application, RequestHandler

from handlers import direct, heads
from handlers.direct import DirectConnection, HttpTimeouts
from handlers.exchange import Endpoint
from handlers.heads import MOST_HEAD_BYTES, REMEMBERED_HEAD_BYTES
from handlers.listening import WebServer
from handlers.peer import Peers
from handlers.polling import EngineFirst
from realtime.engineio.packet import Frames
from realtime.engineio.server import HandshakeRequest, Server
from realtime.engineio.session import Session
from tests.conformance.echo_server import Echo, nobody
from tests.conformance.peers import WAIT_S
from tests.free_ports import free_port
from tests.transports import asyncio_loop, until

__all__ = ["asyncio_loop"]

LONG, SHORT_S = HttpTimeouts(WAIT_S, WAIT_S), 0.05
HOST = b"Host: here\r\n"
PAGE = b"GET /page HTTP/1.1\r\n" + HOST + b"\r\n"
HANDSHAKE = b"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\n" + HOST + b"\r\n"


@pytest.fixture(autouse=True)
def loop(io_loop: IOLoop) -> None:
    """Have every test run on both kinds of loop."""


class Page(RequestHandler):
    """What is not Engine.IO's."""

    def get(self) -> None:
        self.write("a page")


class Hold:
    """What a `Held` tells, and waits for."""

    def __init__(self) -> None:
        self.served = 0
        self.begun, self.open = asyncio.Event(), asyncio.Event()


class Held(RequestHandler):
    """A page that takes its time."""

    def initialize(self, hold: Hold) -> None:
        self.hold = hold

    async def get(self) -> None:
        self.hold.served += 1
        self.hold.begun.set()
        await self.hold.open.wait()


class World:
    """A server, and one connection to it."""

    def __init__(self, timeouts: HttpTimeouts) -> None:
        self.sessions: list[Session] = []
        self.writers: list[asyncio.StreamWriter] = []
        self.engine = Server(self.accept)
        self.peers = Peers()
        self.port = free_port()
        self.hold = Hold()
        application = Application([("/page", Page), ("/held", Held, {"hold": self.hold})])
        self.server = WebServer(EngineFirst(application, Endpoint(self.engine, nobody, self.peers)), timeouts)
        self.server.listen(self.port, "127.0.0.1")

    def accept(self, session: Session, handshake: HandshakeRequest) -> Echo:
        self.sessions.append(session)
        return Echo(session, handshake)

    async def connect(self) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writers.append(self.writer)

    async def ask(self, *pieces: bytes) -> tuple[int, bytes]:
        """Send pieces of a request, one after the other; return the answer."""
        for piece in pieces:
            self.writer.write(piece)
            await asyncio.sleep(0.002)
        return await self.answer()

    async def answer(self) -> tuple[int, bytes]:
        """Return the next answer's status and body."""
        async with asyncio.timeout(WAIT_S):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            return int(head.split()[1]), await self.reader.readexactly(length)

    async def ended(self) -> bytes:
        """Return what comes before the server closes."""
        async with asyncio.timeout(WAIT_S):
            try:
                return await self.reader.read()
            except ConnectionError:  # by what it did not wait for
                return b""

    async def open(self) -> str:
        """Shake hands; return the target of the session's requests."""
        assert (await self.ask(HANDSHAKE))[0] == 200
        return f"/socket.io/?EIO=4&transport=polling&sid={self.sessions[-1].sid}"


def request(method: str, target: str, body: bytes = b"", *headers: str, version: str = "1.1") -> bytes:
    lines = [f"{method} {target} HTTP/{version}", "Host: here", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


@asynccontextmanager
async def serving(timeouts: HttpTimeouts = LONG) -> AsyncIterator[World]:
    world = World(timeouts)
    await world.connect()
    try:
        yield world
    finally:
        for writer in world.writers:
            writer.transport.abort()
        world.server.stop()
        world.engine.close()
        await world.server.close_all_connections()
        await world.peers.close()


async def test_a_connection_goes_to_tornado_for_another_request_and_serves_both_kinds_there() -> None:
    async with serving() as world:
        target = await world.open()
        assert await world.ask(PAGE) == (200, b"a page")
        assert await world.ask(request("POST", target, b"4x")) == (200, b"ok")
        assert await world.ask(request("GET", target)) == (200, b"4x")
        assert await world.ask(PAGE) == (200, b"a page")


async def test_a_poll_on_a_connection_of_tornados_is_taken_from_it() -> None:
    """A browser polls over the connections on which it has loaded its page."""
    async with serving() as world:
        target = await world.open()
        await world.connect()
        assert await world.ask(PAGE) == (200, b"a page")
        large = b"x" * 8_000_000
        world.sessions[0].send(Frames.message(large))
        world.writer.write(request("GET", target))
        assert await world.answer() == (200, b"4" + large)
        world.writer.write(request("GET", target))
        await until(lambda: world.sessions[0]._poll is not None)
        assert isinstance(world.sessions[0]._poll, DirectConnection)
        world.sessions[0].send(Frames.message(b"y"))
        assert await world.answer() == (200, b"4y")
        assert await world.ask(PAGE) == (200, b"a page")


async def test_a_poll_whose_sender_has_gone_meanwhile_is_no_error() -> None:
    """As of a page that is left: its last request and the end of its connection come together."""
    async with serving() as world:
        target = await world.open()
        await world.connect()
        assert await world.ask(PAGE) == (200, b"a page")
        world.writer.write(request("GET", target))
        world.writer.close()
        await world.connect()
        # If the poll was held before the end came, that was the end of the session.
        assert (await world.ask(request("POST", target, b"4x")))[0] in (200, 400)


async def test_what_follows_a_request_at_once_is_answered_in_order() -> None:
    async with serving() as world:
        target = await world.open()
        several = request("POST", target, b"4x") + request("GET", target) + PAGE + request("GET", "/nowhere")
        assert await world.ask(several) == (200, b"ok")
        assert await world.answer() == (200, b"4x")
        assert await world.answer() == (200, b"a page")
        assert (await world.answer())[0] == 404


async def test_what_was_asked_for_ahead_is_not_served_to_a_closed_connection() -> None:
    async with serving() as world:
        world.writer.write(PAGE.replace(b"/page", b"/held") * 50)
        await world.hold.begun.wait()
        sock = world.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closing sends a reset
        world.writer.transport.abort()
        with suppress(ConnectionError):
            await world.writer.wait_closed()
        world.hold.open.set()
        await world.server.close_all_connections()
        assert world.hold.served < 5  # until a write fails


async def test_a_request_may_come_byte_by_byte() -> None:
    async with serving() as world:
        target = await world.open()
        post = request("POST", target, "4안녕".encode())
        assert await world.ask(*(post[at : at + 1] for at in range(len(post)))) == (200, b"ok")
        assert await world.ask(request("GET", target)) == (200, "4안녕".encode())


@pytest.mark.parametrize(
    "unusual",
    [
        lambda target: request("POST", target, b"", "Transfer-Encoding: chunked") + b"2\r\n4x\r\n0\r\n\r\n",
        lambda target: request("POST", target, b"4x", "Connection: close"),
        lambda target: request("POST", target, b"4x", "Connection: keep-alive", version="1.0"),
        lambda target: request("POST", target, b"4x").replace(b"\r\n", b"\n"),
        lambda target: request("POST", f"http://here{target}", b"4x"),
        lambda target: request("POST", target, b"4x").replace(b"Length: 2", b"Length: 2, 2"),
        lambda target: request("POST", target, b"4x", f"X: {'x' * (MOST_HEAD_BYTES // 2)}"),
    ],
    ids=["chunked", "close", "1.0", "LF", "absolute", "twice", "long"],
)
async def test_an_unusual_request_is_answered_all_the_same(unusual: "object") -> None:
    assert callable(unusual)
    async with serving() as world:
        target = await world.open()
        assert await world.ask(unusual(target)) == (200, b"ok")
        await world.connect()
        assert await world.ask(request("GET", target)) == (200, b"4x")


async def test_a_target_with_other_bytes_than_ascii_is_answered() -> None:
    """Tornado has it then, and does not hand it back."""
    async with serving() as world:
        assert (await world.ask(HANDSHAKE.replace(b"?EIO", b"?\xff=\xff&EIO")))[0] == 200
        assert (await world.ask(HANDSHAKE))[0] == 200


async def test_a_head_that_ends_in_lf_does_not_hide_a_second_request() -> None:
    """Read as one head, it would smuggle the second past whoever reads it as two."""
    async with serving() as world:
        target = await world.open()
        hidden = f"GET {target} HTTP/1.1\r\nHost: here\n\nGET /page HTTP/1.1\r\nHost: here\r\n\r\n".encode()
        world.sessions[0].send(Frames.message(b"x"))
        assert await world.ask(hidden) == (200, b"4x")
        assert await world.answer() == (200, b"a page")


@pytest.mark.parametrize(
    "malformed",
    [
        b"GET /socket.io/?EIO=4 HTTP/1.1\r\nHost: here\r\nno colon\r\n\r\n",
        b"GET /socket.io/?EIO=4 HTTP/1.1\r\nX: " + b"x" * (2 * MOST_HEAD_BYTES) + b"\r\n\r\n",
        b"GET /socket.io/? x HTTP/1.1\r\nHost: here\r\n\r\n",
        HANDSHAKE.replace(b"Host: here\r\n", b""),
        HANDSHAKE.replace(b"Host: here\r\n", b"Host: here\r\nHost: there\r\n"),
    ],
    ids=["header", "endless", "target", "no Host", "two Hosts"],
)
async def test_a_malformed_request_is_refused_by_tornado(malformed: bytes) -> None:
    async with serving() as world:
        world.writer.write(malformed)
        assert (await world.ended())[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 431")
        assert not world.sessions


async def test_a_held_poll_that_is_dropped_ends_the_session() -> None:
    async with serving() as world:
        target = await world.open()
        world.writer.write(request("GET", target))
        await until(lambda: world.sessions[0]._poll is not None)
        world.writer.close()
        await until(lambda: len(world.engine) == 0)


async def test_a_poll_is_held_for_longer_than_a_head_may_take() -> None:
    async with serving(HttpTimeouts(SHORT_S, SHORT_S)) as world:
        target = await world.open()
        world.writer.write(request("GET", target))
        await asyncio.sleep(4 * SHORT_S)
        world.sessions[0].send(Frames.message(b"x"))
        assert await world.answer() == (200, b"4x")


@pytest.mark.parametrize("begun", [b"", b"GET /socket.io/?EIO", HANDSHAKE], ids=["nothing", "a part", "idle"])
async def test_a_connection_that_asks_for_nothing_is_closed_in_time(begun: bytes) -> None:
    async with serving(HttpTimeouts(SHORT_S, WAIT_S)) as world:
        world.writer.write(begun)
        assert (await world.ended()).count(b"HTTP/1.1") == (begun == HANDSHAKE)


async def test_a_body_that_does_not_come_is_given_up() -> None:
    async with serving(HttpTimeouts(WAIT_S, SHORT_S)) as world:
        target = await world.open()
        world.writer.write(request("POST", target, b"4x")[:-1])
        assert await world.ended() == b""


async def test_an_answer_that_is_read_slowly_comes_whole_and_the_next_request_waits_for_that() -> None:
    async with serving() as world:
        target = await world.open()
        large = b"x" * 8_000_000
        world.sessions[0].send(Frames.message(large))
        world.writer.write(request("GET", target))
        await asyncio.sleep(0.1)
        world.writer.write(PAGE)
        assert await world.answer() == (200, b"4" + large)
        assert await world.answer() == (200, b"a page")


async def test_much_that_is_sent_ahead_of_an_answer_waits_in_the_sockets() -> None:
    async with serving() as world:
        target = await world.open()
        world.writer.write(request("GET", target))
        await until(lambda: world.sessions[0]._poll is not None)
        [connection] = [one for one in world.peers._open if isinstance(one, DirectConnection)]
        flood = asyncio.ensure_future(_flood(world))
        await asyncio.sleep(0.1)
        assert len(connection._came) < 4 * MOST_HEAD_BYTES
        flood.cancel()


async def test_much_that_is_sent_ahead_waits_in_the_sockets_while_an_answer_is_not_read() -> None:
    async with serving() as world:
        target = await world.open()
        large = b"x" * 8_000_000
        world.sessions[0].send(Frames.message(large))
        [connection] = [one for one in world.peers._open if isinstance(one, DirectConnection)]
        world.writer.write(request("GET", target))
        await until(lambda: connection._waiting)
        flood = asyncio.ensure_future(_flood(world))
        await until(lambda: len(connection._came) > MOST_HEAD_BYTES)
        await asyncio.sleep(0.1)
        assert len(connection._came) < 4 * MOST_HEAD_BYTES
        assert await world.answer() == (200, b"4" + large)
        assert await world.answer() == (200, b"a page")
        flood.cancel()


async def test_requests_sent_ahead_come_in_as_they_are_answered() -> None:
    async with serving() as world:
        await world.open()
        [connection] = [one for one in world.peers._open if isinstance(one, DirectConnection)]
        refused = request("POST", "/socket.io/?EIO=4&transport=polling&sid=none", b"4x", f"X: {'x' * 2000}")
        world.writer.write(refused * 1000)
        kept = []
        for _ in range(1000):
            kept.append(len(connection._came))
            assert (await world.answer())[0] == 400
        assert max(kept) < 4 * MOST_HEAD_BYTES


async def _flood(world: World) -> None:
    while True:
        world.writer.write(PAGE * 1000)
        await world.writer.drain()


async def test_nothing_that_was_answered_stays_in_memory() -> None:
    """What is deleted is gone, here, too; and no stream of requests with long heads fills the memory."""
    async with serving() as world:
        target = await world.open()
        for number in range(3):
            world.sessions[0].send(Frames.message(b"secret %d" % number))
            long = f"X: {'x' * REMEMBERED_HEAD_BYTES}{number}"
            assert await world.ask(request("GET", target, b"", long)) == (200, b"4secret %d" % number)
        await until(lambda: not direct._answers)
        before = heads._remembered.cache_info().currsize
        world.sessions[0].send(Frames.message(b"x"))
        assert await world.ask(request("GET", target, b"", f"X: {'y' * REMEMBERED_HEAD_BYTES}")) == (200, b"4x")
        assert heads._remembered.cache_info().currsize == before


async def test_a_server_that_stops_ends_its_connections() -> None:
    async with serving() as world:
        await world.open()
        silent = world.reader
        await world.connect()
        world.server.stop()
        world.engine.close()
        await world.server.close_all_connections()
        await world.peers.close()
        assert await silent.read() == b""
        assert await world.ended() == b""
