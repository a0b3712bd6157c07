"""A connection's namespaces, the order of its events, its acks, its deadlines."""

import asyncio

import pytest

from realtime.deferred import Deferred, failed
from realtime.engineio.server import Handshake, Options, Server
from realtime.errors import ConnectionRefused
from realtime.hub import Ack, Event, Hub, Later, Socket
from realtime.socketio.connection import MAX_WAITING_BYTES, MAX_WAITING_EVENTS, Timeouts, acceptor
from tests.conftest import ExpectLog
from tests.doubles import ManualClock, RecordingWebSocket

CONNECTED = '40/chat,{"sid":"'


class World:
    """One peer of a hub, on a WebSocket that only writes down."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.hub = Hub(self.clock)
        self.chat = self.hub.of("/chat")
        self.gone: list[str] = []
        self.chat.on_disconnect = lambda socket, reason: self.gone.append(reason)
        options = Options(ping_interval_s=1_000)
        self.server = Server(acceptor(self.hub, Timeouts(10, 10)), options=options, clock=self.clock)
        self.websocket = RecordingWebSocket()
        handshake = Handshake("somebody", "10.0.0.7", "http://x/room/1", {"v": "1"})
        self.session, _ = self.server.open(handshake, self.websocket)

    def receive(self, *frames: str | bytes) -> list[str]:
        """Take frames from the peer; return what it was answered meanwhile."""
        for frame in frames:
            self.session.frame(self.websocket, frame)
        return self.websocket.take()

    def connect(self) -> Socket:
        (answer,) = self.receive("40/chat,")
        assert answer.startswith(CONNECTED)
        (socket,) = list(self.chat.sockets.values())[-1:]
        return socket


async def turns(count: int = 5) -> None:
    """Let tasks go on."""
    for _ in range(count):
        await asyncio.sleep(0)


# Connecting.


def test_connect_is_answered_before_on_connect() -> None:
    world = World()
    seen: list[Socket] = []

    def on_connect(socket: Socket) -> None:
        seen.append(socket)
        socket.emit("hello")

    world.chat.on_connect = on_connect
    answers = world.receive('40/chat,{"token":"1"}')
    (socket,) = seen
    assert answers == [f'{CONNECTED}{socket.id}"}}', '42/chat,["hello"]']
    assert socket.id != world.session.sid
    came = socket.handshake
    assert (came.identity, came.address, came.referer, came.query) == (
        "somebody",
        "10.0.0.7",
        "http://x/room/1",
        {"v": "1"},
    )
    assert came.auth == {"token": "1"}


def test_without_auth_it_is_none() -> None:
    assert World().connect().handshake.auth is None


def test_an_unknown_namespace_is_refused_and_the_connection_goes_on() -> None:
    world = World()
    assert world.receive("40/random") == ['44/random,{"message":"Invalid namespace"}']
    world.connect()


def test_middlewares_see_a_socket_in_their_order_and_may_refuse_it() -> None:
    world = World()
    seen: list[str] = []
    world.chat.use(lambda socket: seen.append("first"))

    def second(socket: Socket) -> None:
        seen.append("second")
        assert not socket.connected
        if not socket.handshake.auth:
            raise ConnectionRefused("who are you?", {"code": 7})

    world.chat.use(second)
    assert world.receive("40/chat,") == ['44/chat,{"message":"who are you?","data":{"code":7}}']
    assert world.chat.sockets == {}
    assert world.receive('40/chat,{"a":1}')[0].startswith(CONNECTED)
    assert seen == ["first", "second"] * 2
    assert world.gone == []


async def test_a_middleware_may_take_its_time() -> None:
    world = World()
    let_in = asyncio.Event()

    async def slowly(socket: Socket) -> None:
        await let_in.wait()

    async def refuse(socket: Socket) -> None:
        if "no" in (socket.handshake.auth or {}):
            raise ConnectionRefused("no")

    world.chat.use(slowly)
    world.chat.use(refuse)
    world.chat.on("n", lambda socket, event: event.args)
    # What comes after CONNECT waits for it.
    assert world.receive("40/chat,", '42/chat,1["n",5]') == []
    let_in.set()
    await turns()
    connected, answer = world.websocket.take()
    assert connected.startswith(CONNECTED)
    assert answer == "43/chat,1[5]"
    world.receive("41/chat,", '40/chat,{"no":1}')
    await turns()
    assert world.websocket.take() == ['44/chat,{"message":"no"}']


async def test_who_is_gone_by_then_is_not_connected() -> None:
    world = World()
    let_in = asyncio.Event()

    async def slowly(socket: Socket) -> None:
        await let_in.wait()

    world.chat.use(slowly)
    world.receive("40/chat,")
    world.session.lost(world.websocket)
    let_in.set()
    await turns()
    assert world.chat.sockets == {}
    assert world.gone == []


def test_a_middleware_that_fails_is_our_defect(expect_log: ExpectLog) -> None:
    expect_log("realtime.socketio.connection", "middleware of /chat")
    world = World()

    def fail(_: Socket) -> None:
        raise KeyError("secret")

    world.chat.use(fail)
    assert world.receive("40/chat,") == ['44/chat,{"message":"Internal server error"}']


def test_callbacks_that_fail_are_our_defect(expect_log: ExpectLog) -> None:
    expect_log("realtime.socketio.connection", "on_connect of /chat")
    expect_log("realtime.socketio.connection", "on_disconnect of /chat")
    world = World()

    def fail(*_: object) -> None:
        raise KeyError

    world.chat.on_connect = world.chat.on_disconnect = fail
    world.connect()
    world.receive("41/chat,")
    assert world.chat.sockets == {}
    assert not world.websocket.closed()


def test_a_peer_that_connects_nowhere_is_closed() -> None:
    world = World()
    world.receive("40/random")
    world.clock.advance(10)
    assert world.websocket.closed()


def test_a_peer_that_has_connected_stays() -> None:
    world = World()
    world.connect()
    world.receive("41/chat,")
    world.clock.advance(100)
    assert not world.websocket.closed()


# Disconnecting.


def test_the_peer_disconnects_and_connects_again() -> None:
    world = World()
    first = world.connect()
    first.join("a")
    assert world.receive("41/chat,") == []
    assert world.gone == ["client namespace disconnect"]
    assert world.chat.rooms.sizes() == {}
    assert not first.connected
    assert world.connect() is not first


def test_what_was_on_its_way_when_we_disconnected_is_ignored() -> None:
    world = World()
    heard: list[Event] = []
    world.chat.on("n", lambda socket, event: heard.append(event))
    world.connect().disconnect()
    assert world.receive('42/chat,["n"]', "43/chat,0[]", "41/chat,") == ["41/chat,"]
    assert heard == []
    assert not world.websocket.closed()


def test_a_lost_connection_disconnects_every_namespace() -> None:
    world = World()
    others: list[str] = []
    world.hub.of("/room").on_disconnect = lambda socket, reason: others.append(reason)
    world.connect()
    world.receive("40/room,")
    world.session.lost(world.websocket)
    assert world.gone == others == ["transport close"]
    assert len(world.server) == 0
    assert world.clock.armed == 0


@pytest.mark.parametrize("how", ["the server stops", "another namespace's socket is disconnected"])
def test_what_waits_for_the_end_of_the_turn_still_goes_when_we_close(how: str) -> None:
    world = World()
    lobby = world.hub.of("/room")

    def say(socket: Socket, event: Event) -> Ack:
        world.chat.to("a").emit("n", 1)
        return ["stored"]

    world.chat.on("say", say)
    world.connect().join("a")
    world.receive("40/room,")
    world.session.frame(world.websocket, '42/chat,7["say"]')
    assert world.websocket.take() == []
    if how == "the server stops":
        world.server.close()
    else:
        lobby.disconnect_sockets(close=True)
    assert world.websocket.closed()
    assert [packet for packet in world.websocket.take() if packet != "41/room,"] == [
        '42/chat,["n",1]',
        '43/chat,7["stored"]',
    ]


@pytest.mark.parametrize(
    "frame",
    [
        "4abc",
        "42/chat",
        '42["n"]',  # a namespace that was never connected
        "41",
        "431[]",
        "40/chat,",  # a second time
        '44/chat,{"message":"no"}',
        '42/chat,["disconnect"]',
        b"\x00",
    ],
)
def test_a_violation_closes_this_connection(frame: str | bytes) -> None:
    world = World()
    world.connect()
    world.receive(frame)
    assert world.websocket.closed()
    assert world.gone == ["parse error"]


# Events.


def test_events_are_handled_and_acknowledged() -> None:
    world = World()
    heard: list[Event] = []

    def handler(socket: Socket, event: Event) -> Ack:
        heard.append(event)
        return [event.name, *event.args]

    world.chat.on("n", handler)
    world.chat.on("silent", lambda socket, event: None)
    world.connect()
    assert world.receive('42/chat,["n",1]') == []
    assert world.receive('42/chat,7["n",2]') == ['43/chat,7["n",2]']
    assert world.receive('42/chat,8["silent"]') == ["43/chat,8[]"]
    assert world.receive('42/chat,9["nobody handles this"]') == []
    assert heard == [Event("n", (1,), False), Event("n", (2,), True)]


def test_binary_in_both_directions() -> None:
    world = World()
    world.chat.on("n", lambda socket, event: event.args)
    world.connect()
    assert world.receive('452-/chat,7["n",{"_placeholder":true,"num":1}]', b"\x00", b"\x01") == [
        '461-/chat,7[{"_placeholder":true,"num":0}]',
        "bAQ==",
    ]


def test_attachments_that_do_not_come_close_the_connection() -> None:
    world = World()
    world.connect()
    world.receive('452-/chat,["n"]', b"\x00")
    world.clock.advance(9.9)
    assert not world.websocket.closed()
    world.clock.advance(0.2)
    assert world.websocket.closed()


def test_attachments_in_time_end_their_deadline() -> None:
    world = World()
    world.connect()
    for _ in range(3):
        world.receive('451-/chat,["n"]')
        world.clock.advance(6)
        world.receive(b"\x00")
    world.clock.advance(60)
    assert not world.websocket.closed()


def test_a_handler_that_raises_is_logged_and_the_socket_stays(expect_log: ExpectLog) -> None:
    expect_log("realtime.socketio.connection", "handler of 'n' in /chat failed")
    world = World()

    def fail(*_: object) -> Ack:
        raise KeyError

    world.chat.on("n", fail)
    world.chat.on("bad", lambda socket, event: [object()])
    world.connect()
    assert world.receive('42/chat,1["n"]') == []
    expect_log("realtime.socketio.connection", "handler of 'bad' in /chat failed")
    assert world.receive('42/chat,1["bad"]') == []
    assert not world.websocket.closed()


async def test_a_coroutine_makes_the_next_event_wait() -> None:
    world = World()
    order: list[object] = []
    opened = asyncio.Event()

    async def slow(socket: Socket, event: Event) -> Ack:
        order.append("begin")
        await opened.wait()
        order.append("end")
        return event.args

    world.chat.on("slow", slow)
    world.chat.on("fast", lambda socket, event: order.append("fast"))
    world.connect()
    world.receive('42/chat,1["slow",1]', '42/chat,["fast"]', '42/chat,2["slow",2]', "41/chat,")
    await turns()
    assert order == ["begin"]
    opened.set()
    await turns()
    assert order == ["begin", "end", "fast", "begin", "end"]
    assert world.websocket.take() == ["43/chat,1[1]", "43/chat,2[2]"]
    assert world.gone == ["client namespace disconnect"]


async def test_a_later_answer_does_not() -> None:
    world = World()
    results: list[Deferred[Ack]] = []

    def handler(socket: Socket, event: Event) -> Later:
        results.append(Deferred())
        return Later(results[-1], Deferred.result)

    world.chat.on("n", handler)
    world.connect()
    world.receive(*(f'42/chat,{number}["n"]' for number in range(3)))
    assert len(results) == 3
    results[1].set_result(["b"])
    results[0].set_result(["a"])
    assert world.websocket.take() == ['43/chat,1["b"]', '43/chat,0["a"]']


async def test_what_fails_later_is_logged_too(expect_log: ExpectLog) -> None:
    expect_log("realtime.socketio.connection", "handler of 'coroutine' in /chat failed")
    expect_log("realtime.socketio.connection", "handler of 'later' in /chat failed")
    world = World()

    async def coroutine(socket: Socket, event: Event) -> Ack:
        raise KeyError

    def later(socket: Socket, event: Event) -> Later:
        return Later(failed(KeyError()), Deferred.result)

    world.chat.on("coroutine", coroutine)
    world.chat.on("later", later)
    world.chat.on("n", lambda socket, event: event.args)
    world.connect()
    world.receive('42/chat,1["coroutine"]', '42/chat,2["later"]', '42/chat,3["n"]')
    await turns()
    assert world.websocket.take() == ["43/chat,3[]"]


async def test_a_handler_may_wait_for_an_ack_of_its_own_peer() -> None:
    world = World()

    async def ask(socket: Socket, event: Event) -> Ack:
        return await socket.emit_with_ack("question", timeout_s=5)

    world.chat.on("ask", ask)
    world.connect()
    world.receive('42/chat,1["ask"]')
    await turns()
    assert world.websocket.take() == ['42/chat,0["question"]']
    world.receive('43/chat,0["answer"]')
    await turns()
    assert world.websocket.take() == ['43/chat,1["answer"]']


async def test_the_queue_behind_a_coroutine_is_bounded() -> None:
    world = World()
    opened = asyncio.Event()

    async def slow(socket: Socket, event: Event) -> Ack:
        await opened.wait()
        return None

    world.chat.on("slow", slow)
    world.connect()
    world.receive(*['42/chat,["slow"]'] * (MAX_WAITING_EVENTS + 1))
    assert not world.websocket.closed()
    world.receive('42/chat,["slow"]')
    assert world.websocket.closed()
    assert world.gone == ["parse error"]
    opened.set()
    await turns()


@pytest.mark.parametrize(
    "event",
    [
        ['42/chat,["quick","%s"]' % ("x" * 1_000_000)],
        ['451-/chat,["quick",{"_placeholder":true,"num":0}]', bytes(1_000_000)],
    ],
    ids=["text", "binary"],
)
async def test_so_it_is_in_bytes(event: list[str | bytes]) -> None:
    world = World()
    turn = asyncio.Semaphore(0)
    quick: list[Event] = []

    async def slow(socket: Socket, event: Event) -> Ack:
        await turn.acquire()
        return None

    world.chat.on("slow", slow)
    world.chat.on("quick", lambda socket, event: quick.append(event))
    world.connect()
    large = MAX_WAITING_BYTES // 1_000_000 - 1
    world.receive('42/chat,["slow"]')
    for _ in range(2):  # what has been waited for counts no more, though something waits all the time
        world.receive(*event * large, '42/chat,["slow"]')
        assert not world.websocket.closed()
        turn.release()
        await turns()
        assert len(quick) == large
        quick.clear()
    world.receive(*event * (large + 1))
    assert world.websocket.closed()
    turn.release()
    await turns()
    assert quick == []


async def test_a_handler_that_runs_when_its_peer_goes_may_finish() -> None:
    world = World()
    opened, done = asyncio.Event(), asyncio.Event()

    async def slow(socket: Socket, event: Event) -> Ack:
        await opened.wait()
        done.set()
        return [1]

    world.chat.on("slow", slow)
    world.connect()
    world.receive('42/chat,1["slow"]', '42/chat,2["slow"]')
    await turns()
    world.session.lost(world.websocket)
    opened.set()
    await done.wait()
    await turns()
    assert world.websocket.take() == []


async def test_a_violation_behind_a_coroutine_closes_too() -> None:
    world = World()
    opened = asyncio.Event()

    async def slow(socket: Socket, event: Event) -> Ack:
        await opened.wait()
        return None

    world.chat.on("slow", slow)
    world.connect()
    world.receive('42/chat,["slow"]', '42/never,["n"]')
    assert not world.websocket.closed()
    opened.set()
    await turns()
    assert world.websocket.closed()
