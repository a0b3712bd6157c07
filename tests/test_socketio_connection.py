"""A connection's namespaces, its events, its acks, its deadlines."""

import asyncio

import pytest

from realtime.engineio.server import HandshakeRequest
from realtime.errors import ConnectionRefused
from realtime.hub import AckArgs, Socket
from realtime.reason import Reason
from realtime.socketio.packet import Event
from tests.conftest import ExpectLog
from tests.connections import CONNECTED, World, turns

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


def test_a_connect_without_auth_has_none() -> None:
    assert World().connect().handshake.auth is None


def test_the_oldest_session_that_nothing_follows_gives_way_to_a_new_one() -> None:
    """Sessions that are connected, or closed, do not count."""
    world = World(most_unconnected=2)
    world.connect()
    handshake = HandshakeRequest("another", "10.0.0.8", None, {})
    sessions = [world.server.open(handshake)[0] for _ in range(3)]
    assert [one in list(world.server) for one in sessions] == [False, True, True]
    assert world.session in list(world.server)
    sessions[1].abort(Reason.SHUTDOWN)
    sessions.append(world.server.open(handshake)[0])
    assert [one in list(world.server) for one in sessions] == [False, False, True, True]


def test_an_unknown_namespace_is_refused_and_the_connection_stays_open() -> None:
    world = World()
    assert world.receive("40/random") == ['44/random,{"message":"Invalid namespace"}']
    world.connect()


def test_middlewares_run_in_order_and_can_refuse_a_socket() -> None:
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


async def test_a_middleware_can_be_asynchronous() -> None:
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
    # Packets after CONNECT wait for it.
    assert world.receive("40/chat,", '42/chat,1["n",5]') == []
    let_in.set()
    await turns()
    connected, answer = world.websocket.take()
    assert connected.startswith(CONNECTED)
    assert answer == "43/chat,1[5]"
    world.receive("41/chat,", '40/chat,{"no":1}')
    await turns()
    assert world.websocket.take() == ['44/chat,{"message":"no"}']


async def test_a_peer_lost_during_a_middleware_is_not_connected() -> None:
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


def test_a_failing_middleware_is_logged_and_refuses_the_socket(expect_log: ExpectLog) -> None:
    expect_log("realtime.socketio.connection", "middleware of /chat")
    world = World()

    def fail(_: Socket) -> None:
        raise KeyError("secret")

    world.chat.use(fail)
    assert world.receive("40/chat,") == ['44/chat,{"message":"Internal server error"}']


def test_failing_callbacks_are_logged(expect_log: ExpectLog) -> None:
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


def test_a_peer_that_joins_no_namespace_is_closed() -> None:
    world = World()
    world.receive("40/random")
    world.clock.advance(10)
    assert world.websocket.closed()


def test_a_peer_that_has_connected_once_is_not_closed() -> None:
    world = World()
    world.connect()
    world.receive("41/chat,")
    world.clock.advance(100)
    assert not world.websocket.closed()


# Disconnecting.


def test_a_peer_can_disconnect_and_connect_again() -> None:
    world = World()
    first = world.connect()
    first.join("a")
    assert world.receive("41/chat,") == []
    assert world.gone == ["client namespace disconnect"]
    assert world.chat.rooms.sizes() == {}
    assert not first.connected
    assert world.connect() is not first


def test_packets_in_flight_when_we_disconnect_are_ignored() -> None:
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
def test_queued_events_are_sent_before_we_close(how: str) -> None:
    world = World()
    lobby = world.hub.of("/room")

    def say(socket: Socket, event: Event) -> AckArgs:
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
def test_a_protocol_violation_closes_the_connection(frame: str | bytes) -> None:
    world = World()
    world.connect()
    world.receive(frame)
    assert world.websocket.closed()
    assert world.gone == ["parse error"]


# Events.


def test_events_are_handled_and_acknowledged() -> None:
    world = World()
    heard: list[Event] = []

    def handler(socket: Socket, event: Event) -> AckArgs:
        heard.append(event)
        return [event.name, *event.args]

    world.chat.on("n", handler)
    world.chat.on("silent", lambda socket, event: None)
    world.connect()
    assert world.receive('42/chat,["n",1]') == []
    assert world.receive('42/chat,7["n",2]') == ['43/chat,7["n",2]']
    assert world.receive('42/chat,8["silent"]') == ["43/chat,8[]"]
    assert world.receive('42/chat,9["nobody handles this"]', '42/chat,10[5,"nor this"]') == []
    assert heard == [Event("/chat", "n", (1,)), Event("/chat", "n", (2,), 7)]


def test_binary_works_in_both_directions() -> None:
    world = World()
    world.chat.on("n", lambda socket, event: event.args)
    world.connect()
    assert world.receive('452-/chat,7["n",{"_placeholder":true,"num":1}]', b"\x00", b"\x01") == [
        '461-/chat,7[{"_placeholder":true,"num":0}]',
        "bAQ==",
    ]


def test_missing_attachments_close_the_connection() -> None:
    world = World()
    world.connect()
    world.receive('452-/chat,["n"]', b"\x00")
    world.clock.advance(9.9)
    assert not world.websocket.closed()
    world.clock.advance(0.2)
    assert world.websocket.closed()


def test_attachments_in_time_cancel_their_deadline() -> None:
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

    def fail(*_: object) -> AckArgs:
        raise KeyError

    world.chat.on("n", fail)
    world.chat.on("bad", lambda socket, event: [object()])
    world.connect()
    assert world.receive('42/chat,1["n"]') == []
    expect_log("realtime.socketio.connection", "handler of 'bad' in /chat failed")
    assert world.receive('42/chat,1["bad"]') == []
    assert not world.websocket.closed()
