"""Over real sockets: what one connection sends too much of waits, and neither it nor its end concerns anybody else."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tornado.httputil import HTTPHeaders
from tornado.ioloop import IOLoop
from tornado.web import Application
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from gifchat import event_loop
from handlers.direct import HttpTimeouts
from handlers.exchange import Endpoint
from handlers.identity import Identity
from handlers.listening import WebServer, tls_context
from handlers.peer import Peers
from handlers.polling import EngineFirst
from realtime.engineio.budget import Rate, Rates
from realtime.engineio.framing import closing
from realtime.engineio.server import HandshakeRequest, Options, Server
from realtime.engineio.session import Session
from realtime.engineio.slices import SLICE_PACKETS
from realtime.errors import ProtocolError
from realtime.reason import Reason
from tests.certificate import Certificate, certificate
from tests.conformance.peers import WAIT_S, Peer, text
from tests.free_ports import free_port

MANY = 3_000
UPGRADE = (
    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n"
    b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
RATES = Rates(packets=Rate(1, 200), frames=Rate(1, 300))


@pytest.fixture(params=[event_loop, asyncio.new_event_loop], ids=["uvloop", "asyncio"])
def asyncio_loop(request: pytest.FixtureRequest) -> asyncio.AbstractEventLoop:
    """Return a new loop: the kind the server uses here, and the fallback for systems without it."""
    loop: asyncio.AbstractEventLoop = request.param()
    return loop


@pytest.fixture(autouse=True)
def loop(io_loop: IOLoop) -> None:
    """Have every test run on both kinds of loop."""


class World:
    """A server that notes every message, in the order in which they are handled."""

    def __init__(self, rates: Rates | None, tls: Certificate | None) -> None:
        self.trust = tls and tls.trust
        self.messages: list[str | bytes] = []
        self.reasons: list[str] = []
        self.engine = Server(self.accept, options=Options(rates=rates))
        self.peers = Peers()
        self.port = free_port()
        self.peer = Peer(self.port, "/socket.io", self.engine)

    def accept(self, session: Session, handshake: HandshakeRequest) -> "Inbox":
        return Inbox(self, session)


class Inbox:
    """The receiver of one session."""

    def __init__(self, world: World, session: Session) -> None:
        self._world = world
        self._session = session

    def message(self, data: str | bytes) -> None:
        if data == "bad":
            raise ProtocolError("bad")
        self._world.messages.append(data)

    def flush(self) -> None:
        pass

    def closed(self, reason: str) -> None:
        self._world.reasons.append(reason)


def nobody(headers: HTTPHeaders, secure: bool) -> Identity:
    return "nobody", []


@asynccontextmanager
async def serving(
    rates: Rates | None = None, *, direct: bool = True, tls: Certificate | None = None
) -> AsyncIterator[World]:
    world = World(rates, tls)
    front = EngineFirst(Application(), Endpoint(world.engine, nobody, world.peers), trust_proxy=not direct)
    server = WebServer(front, HttpTimeouts(WAIT_S, WAIT_S), ssl_options=tls and tls_context(tls.chain, tls.key))
    server.listen(world.port, "127.0.0.1")
    try:
        yield world
    finally:
        server.stop()
        world.engine.close()
        await world.peers.close()
        await asyncio.sleep(0.01)


@asynccontextmanager
async def attacking(world: World) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Yield a WebSocket whose frames a test makes itself."""
    reader, writer = await asyncio.open_connection("127.0.0.1", world.port, ssl=world.trust)
    writer.write(UPGRADE)
    async with asyncio.timeout(WAIT_S):
        await reader.readuntil(b"}")
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


def frame(packet: str) -> bytes:
    return Frame(Opcode.TEXT, packet.encode()).serialize(mask=True)


def ping() -> bytes:
    return Frame(Opcode.PING, b"").serialize(mask=True)


async def handled(world: World, count: int) -> None:
    """Return when that many messages were handled."""
    async with asyncio.timeout(WAIT_S):
        while len(world.messages) < count:
            await asyncio.sleep(0.001)


async def until_closed(reader: asyncio.StreamReader) -> bytes:
    """Return all that comes before the end."""
    came = b""
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(WAIT_S):
            while data := await reader.read(65_536):
                came += data
    return came


async def test_somebody_elses_message_is_handled_between_those_of_a_flood() -> None:
    async with serving() as world, world.peer.websocket() as bystander, attacking(world) as (_, writer):
        await text(bystander)
        writer.write(frame("4flood") * MANY)
        await bystander.send("4hello")
        await handled(world, MANY + 1)
        assert world.messages.index("hello") < MANY
        assert world.messages.count("flood") == MANY


async def test_of_fragments_no_more_is_read_in_a_turn_either() -> None:
    async with serving() as world, world.peer.websocket() as bystander, attacking(world) as (_, writer):
        await text(bystander)
        more = Frame(Opcode.CONT, b"x", fin=False).serialize(mask=True)
        writer.write(
            (Frame(Opcode.TEXT, b"4", fin=False).serialize(mask=True) + more * 900)
            + Frame(Opcode.CONT, b"").serialize(mask=True)
        )
        await bystander.send("4hello")
        await handled(world, 2)
        assert world.messages == ["hello", "x" * 900]


@pytest.mark.parametrize("direct", [True, False], ids=["direct", "tornado"])
async def test_somebody_elses_message_is_handled_between_those_of_a_post(direct: bool) -> None:
    async with serving(direct=direct) as world, world.peer.websocket() as bystander:
        await text(bystander)
        sid = await world.peer.sid()
        posting = asyncio.ensure_future(world.peer.post(sid, "\x1e".join(["4flood"] * 1_900)))
        await handled(world, SLICE_PACKETS)
        await bystander.send("4hello")
        assert await posting == (200, "ok")
        await handled(world, 1_901)
        assert world.messages.index("hello") < 1_900


async def test_somebody_elses_message_is_handled_between_refused_posts_on_one_connection() -> None:
    refused = b"POST /socket.io/?EIO=4&transport=polling&sid=x HTTP/1.1\r\nHost: here\r\nContent-Length: 1\r\n\r\n6"
    async with serving() as world, world.peer.websocket() as bystander:
        await text(bystander)
        reader, writer = await asyncio.open_connection("127.0.0.1", world.port)
        writer.write(refused * MANY)
        async with asyncio.timeout(WAIT_S):
            while not len(world.engine.slices):  # until they wait for their turns
                await reader.readuntil(b"HTTP/1.1 400")
            await bystander.send("4hello")
            await handled(world, 1)
            for _ in range(100):
                await reader.readuntil(b"HTTP/1.1 400")
        writer.transport.abort()


async def test_a_session_over_its_rate_is_told_and_closed_and_nothing_more_of_it_is_handled() -> None:
    async with serving(RATES) as world, world.peer.websocket() as bystander, attacking(world) as (reader, writer):
        await text(bystander)
        writer.write(frame("4flood") * MANY)
        assert (await until_closed(reader)).endswith(closing(1008, Reason.OVER_RATE))
        assert world.reasons == [Reason.OVER_RATE]
        assert world.engine.over_rate == {"packets": 1}
        assert len(world.messages) <= 200 + SLICE_PACKETS
        await bystander.send("4hello")
        await handled(world, len(world.messages) + 1)
        assert world.messages[-1] == "hello"


async def test_under_tls_what_is_over_the_budget_waits_and_what_is_over_the_rate_is_closed(tmp_path: Path) -> None:
    tls = certificate(tmp_path)
    async with serving(tls=tls) as world, attacking(world) as (_, flooding), attacking(world) as (_, bystander):
        flooding.write(frame("4flood") * MANY)
        bystander.write(frame("4hello"))
        await handled(world, MANY + 1)
        assert world.messages.index("hello") < MANY
    async with serving(RATES, tls=tls) as world, attacking(world) as (reader, writer):
        writer.write(frame("4flood") * MANY)
        assert (await until_closed(reader)).endswith(closing(1008, Reason.OVER_RATE))
        assert len(world.messages) <= 200 + SLICE_PACKETS


async def test_control_frames_count_as_well() -> None:
    async with serving(RATES) as world, attacking(world) as (reader, writer):
        writer.write(ping() * MANY)
        came = await until_closed(reader)
        assert came.endswith(closing(1008, Reason.OVER_RATE))
        assert came.count(b"\x8a\x00") <= 200 + SLICE_PACKETS


async def test_a_post_over_the_rate_is_answered_and_ends_the_session() -> None:
    async with serving(RATES) as world:
        sid = await world.peer.sid()
        status, body = await world.peer.post(sid, "\x1e".join(["4flood"] * 300))
        assert (status, body) == (429, '{"code": 6, "message": "Too many packets"}')
        assert (await world.peer.poll(sid))[0] == 400
        assert (world.messages, world.reasons) == ([], [Reason.OVER_RATE])


async def test_a_second_post_beside_one_that_is_not_finished_ends_the_session() -> None:
    async with serving() as world:
        sid = await world.peer.sid()
        first = asyncio.ensure_future(world.peer.post(sid, "\x1e".join(["4flood"] * 1_900)))
        await handled(world, 1)
        assert (await world.peer.post(sid, "4second"))[0] == 400
        await first
        assert world.reasons == [Reason.PARSE_ERROR]
        assert len(world.messages) < 1_900


async def test_nothing_is_looked_at_behind_a_violation_of_the_protocol() -> None:
    async with serving() as world, attacking(world) as (reader, writer):
        writer.write(frame("4a") + frame("4bad") + ping() * 10 + frame("4b"))
        assert await until_closed(reader) == closing(1002, Reason.PARSE_ERROR)
        assert world.messages == ["a"]
        assert world.reasons == [Reason.PARSE_ERROR]


async def test_a_peer_that_was_closed_may_answer_but_is_not_read_for_ever() -> None:
    async with serving() as world, attacking(world) as (reader, writer):
        [session] = world.engine
        session.close(Reason.SERVER_CLOSE)
        writer.write(ping() * MANY)
        assert await until_closed(reader) == closing(1000)


async def test_a_peer_that_was_closed_can_answer_late() -> None:
    async with serving() as world, world.peer.websocket() as peer:
        await text(peer)
        [session] = world.engine
        session.close(Reason.SERVER_CLOSE)
        for _ in range(20):
            with contextlib.suppress(ConnectionClosed):
                await peer.send("4late")
        await peer.wait_closed()
        assert peer.close_code == 1000
        assert world.messages == []
