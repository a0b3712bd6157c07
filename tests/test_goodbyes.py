"""Which ends of a connection count as a goodbye and which as a loss, over real sockets and on a manual clock."""

from collections.abc import Callable

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.frames import Close, Frame, Opcode

from handlers.websocket import SocketPeer
from realtime.engineio.packet import NOOP
from realtime.reason import Reason
from tests.conformance.peers import opening, text
from tests.doubles import RecordingWebSocket
from tests.sessions import World as OwnClock
from tests.transports import World, until, world

__all__ = ["world"]

BROWSER = "a page's script"
PROGRAM = "a program"


async def close_frame(websocket: ClientConnection, payload: bytes) -> None:
    """Send a close frame with exactly this payload."""
    websocket.protocol.send_frame(Frame(Opcode.CLOSE, payload))
    for data in websocket.protocol.data_to_send():
        websocket.transport.write(data)


@pytest.mark.parametrize(
    ("who", "payload", "reason"),
    [
        (BROWSER, Close(1001, "").serialize(), Reason.CLIENT_CLOSE),  # a page that is closed or reloaded
        (BROWSER, Close(1000, "").serialize(), Reason.CLIENT_CLOSE),
        (BROWSER, b"", Reason.TRANSPORT_CLOSE),  # the official client, when it considers the connection lost
        (PROGRAM, Close(1000, "bye").serialize(), Reason.CLIENT_CLOSE),
        (PROGRAM, Close(1011, "keepalive ping timeout").serialize(), Reason.TRANSPORT_CLOSE),  # as `websockets` does
        (PROGRAM, Close(1002, "").serialize(), Reason.TRANSPORT_CLOSE),
        (PROGRAM, Close(4000, "").serialize(), Reason.CLIENT_CLOSE),
        (PROGRAM, b"", Reason.CLIENT_CLOSE),
    ],
)
async def test_a_close_frame_is_a_goodbye_unless_it_has_an_error_code_or_a_page_sends_none(
    world: World, who: str, payload: bytes, reason: Reason
) -> None:
    origin = {"Origin": f"http://127.0.0.1:{world.port}"} if who is BROWSER else None
    async with world.peer.websocket(headers=origin) as websocket:
        opening(await text(websocket))
        await close_frame(websocket, payload)
        await until(lambda: world.reasons == [reason])


async def test_a_goodbye_counts_even_if_later_writes_fail(world: World) -> None:
    def broken(_: object) -> int:
        raise BrokenPipeError

    async with world.peer.session():
        (session,) = world.sessions
        peer = session._websocket
        assert isinstance(peer, SocketPeer)
        peer.feed(Frame(Opcode.CLOSE, Close(1001, "").serialize()).serialize(mask=True))
        peer._send = broken  # type: ignore[assignment]  # the fault
        session.send(NOOP)
        await until(lambda: world.reasons == [Reason.CLIENT_CLOSE])


async def test_a_connection_that_ends_without_a_close_is_a_loss(world: World) -> None:
    async with world.peer.session() as websocket:
        websocket.transport.abort()
        await until(lambda: world.reasons == [Reason.TRANSPORT_CLOSE])


async def test_an_engineio_close_is_a_goodbye_on_either_transport(world: World) -> None:
    sid = await world.peer.sid()
    assert await world.peer.post(sid, "1") == (200, "ok")
    assert world.reasons == [Reason.CLIENT_CLOSE]
    async with world.peer.session() as websocket:
        await websocket.send("1")
        await until(lambda: world.reasons == [Reason.CLIENT_CLOSE] * 2)


async def test_an_engineio_close_from_a_polling_page_is_a_loss(world: World) -> None:
    """The official client closes a connection it considers lost this way; on disconnect() it sends DISCONNECT first."""
    sid = await world.peer.sid()
    answer = await world.peer.request(
        "POST",
        f"?EIO=4&transport=polling&sid={sid}",
        body=b"1",
        headers={"Origin": f"http://127.0.0.1:{world.port}"},
    )
    assert (answer.code, answer.body) == (200, b"ok")
    assert world.reasons == [Reason.TRANSPORT_CLOSE]


def first_what_came(stalled: OwnClock) -> None:
    """What was received meanwhile is read before the timers run."""
    stalled.clock._now += 60


def first_the_timers(stalled: OwnClock) -> None:
    """As with epoll in Python after a signal resumed the process, and always with uvloop."""
    stalled.clock.stall(60)


def asleep(stalled: OwnClock) -> None:
    """The whole machine slept; no timer has advanced."""
    stalled.clock.sleep(60)


@pytest.mark.parametrize("pinged", [False, True])
@pytest.mark.parametrize("stand_still", [first_what_came, first_the_timers, asleep])
def test_a_close_after_the_server_stalled_is_a_loss(stand_still: Callable[[OwnClock], None], pinged: bool) -> None:
    """The peer received no ping for its whole timeout, and closed."""
    websocket = RecordingWebSocket()
    stalled = OwnClock(websocket)
    stalled.clock.advance(26 if pinged else 1)
    stand_still(stalled)
    stalled.session.lost(websocket, Reason.CLIENT_CLOSE)
    assert stalled.inbox.reasons == [Reason.PING_TIMEOUT]


def test_a_close_long_after_an_unanswered_ping_is_a_loss() -> None:
    """Its connection was interrupted meanwhile, and it may have given up by a timeout of its own."""
    websocket = RecordingWebSocket()
    cut_off = OwnClock(websocket)
    cut_off.clock.advance(25 + 11)
    cut_off.session.lost(websocket, Reason.CLIENT_CLOSE)
    assert cut_off.inbox.reasons == [Reason.PING_TIMEOUT]


def test_a_close_while_the_heartbeat_is_on_time_is_a_goodbye() -> None:
    websocket = RecordingWebSocket()
    busy = OwnClock(websocket)
    busy.clock.advance(24)
    busy.clock.stall(3)  # late, but not late enough for a peer to give up
    busy.session.lost(websocket, Reason.CLIENT_CLOSE)
    assert busy.inbox.reasons == [Reason.CLIENT_CLOSE]
