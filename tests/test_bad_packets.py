"""Invalid input over sockets, against a running gifchat.py; over HTTP: test_bad_input.py.

A refused event is answered to its sender; a connection that violates the protocol is closed, and no other is affected.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.server import Server, Visitor, assert_nothing_kept, running

MIB = 1024 * 1024
WAIT_S = 30
UNKNOWN_ROOM = "0123456789abcdef01234567"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server for all these tests, without throttling, so that each refusal has its own reason."""
    with running(tmp_path_factory.mktemp("bad") / "data", "--rate", "0") as server:
        yield server
        server.stop()
        assert_nothing_kept(server.data)


@pytest.fixture
def visitor(server: Server) -> Iterator[Visitor]:
    """Return a visitor, and check after the test that the server still answers."""
    yield server.visitor()
    assert server.visitor().get("/").status_code == 200


@pytest.fixture
def room(visitor: Visitor) -> str:
    """Return a room to which the visitor is admitted."""
    return visitor.room()


def websocket_url(server: Server) -> str:
    return f"ws://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket"


@contextmanager
def opened(server: Server) -> Iterator[ClientConnection]:
    """Yield a WebSocket after its handshake and its CONNECT to /chat."""
    with connect(websocket_url(server)) as websocket:
        assert str(websocket.recv(WAIT_S)).startswith("0{")
        websocket.send("40/chat,")
        assert str(websocket.recv(WAIT_S)).startswith("40/chat,{")
        yield websocket


def test_an_invalid_referer_joins_no_room(server: Server, visitor: Visitor) -> None:
    with connect(websocket_url(server), additional_headers={"Referer": "http://["}) as websocket:
        assert str(websocket.recv(WAIT_S)).startswith("0{")
        websocket.send("40/chat,")
        assert str(websocket.recv(WAIT_S)).startswith("40/chat,{")


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        "x",
        "9",
        "4",
        "4x",
        "48",
        "42/chat,",
        "42/chat,{}",
        "42/chat,[]",
        "42/chat,[7]",
        "42/chat,[null]",
        '42/chat,["connect"]',
        '42/chat,["disconnecting"]',
        '42/chat,["join"',
        '42/chat,7["no such event",{}]',
        "42/chat," + "[" * 50_000,
        '42/chat,99999999999999999999999["join"]',
        '451-/chat,["chat"]',
        '45999999999-/chat,["chat",{"_placeholder":true,"num":0}]',
        '451-/chat,["chat",{"_placeholder":true,"num":7}]',
        "43/chat,7[]",
        "40/chat,{",
        '{"json": true}',
        b"",
        b"\x00\xff",
        b"an attachment that nobody announced",
        "\ud7ff￿",
    ],
    ids=lambda garbage: repr(garbage)[:40],
)
def test_a_garbage_packet_does_not_disturb_other_connections(server: Server, garbage: str | bytes) -> None:
    """The sender's connection may be closed; others must not be affected."""
    with opened(server) as bystander, opened(server) as sender:
        try:
            sender.send(garbage)
            sender.send("41/chat,")
            for _ in range(10):
                sender.recv(0.2)
        except (ConnectionClosed, TimeoutError):
            pass
        bystander.send('42/chat,5["join","nowhere"]')
        assert answer_to(bystander, "43/chat,5")["error"] == "no_such_room"


def answer_to(websocket: ClientConnection, prefix: str) -> dict[str, object]:
    """Return the ack that begins with `prefix`."""
    while True:
        packet = str(websocket.recv(WAIT_S))
        if packet.startswith(prefix):
            (body,) = json.loads(packet.removeprefix(prefix))
            assert isinstance(body, dict)
            return body


@pytest.mark.parametrize(
    ("event", "argument", "code"),
    [
        ("join", UNKNOWN_ROOM, "no_such_room"),
        ("join", {"room": UNKNOWN_ROOM}, "no_such_room"),
        ("join", None, "bad_request"),
        ("join", 7, "bad_request"),
        ("join", {}, "bad_request"),
        ("join", {"room": ["a"]}, "bad_request"),
        ("join", {"room": UNKNOWN_ROOM, "after": "x"}, "bad_request"),
        ("chat", "안녕", "bad_request"),
        ("chat", {"chat": "안녕"}, "bad_request"),
        ("chat", {"room": UNKNOWN_ROOM, "chat": "안녕"}, "no_such_room"),
        ("chat", {"room": UNKNOWN_ROOM, "chat": 7}, "bad_request"),
        ("leave", {}, "bad_request"),
    ],
)
def test_a_bad_event_is_refused_in_its_ack(server: Server, event: str, argument: object, code: str) -> None:
    with opened(server) as websocket:
        websocket.send(f"42/chat,1{json.dumps([event, argument])}")
        body = answer_to(websocket, "43/chat,1")
        assert (body["ok"], body["error"]) == (False, code)
        assert body["message"]


def test_a_bad_event_without_an_ack_is_answered_with_a_problem_event(server: Server) -> None:
    with opened(server) as websocket:
        websocket.send(f'42/chat,["join","{UNKNOWN_ROOM}"]')
        event, body = json.loads(str(websocket.recv(WAIT_S)).removeprefix("42/chat,"))
        assert (event, body["ok"], body["error"]) == ("problem", False, "no_such_room")


@pytest.mark.parametrize(("chat", "code"), [("", "empty_chat"), (" \n", "empty_chat"), ("가" * 2001, "chat_too_long")])
def test_a_bad_chat_on_a_socket_is_refused(server: Server, visitor: Visitor, room: str, chat: str, code: str) -> None:
    with connect(websocket_url(server), additional_headers={"Cookie": visitor.identity()}) as websocket:
        websocket.send("40/chat,{}")
        websocket.send(f"42/chat,1{json.dumps(['chat', {'room': room, 'chat': chat}])}")
        assert answer_to(websocket, "43/chat,1")["error"] == code


def test_a_chat_of_a_megabyte_closes_the_socket(server: Server, visitor: Visitor, room: str) -> None:
    """It exceeds maxPayload, so Engine.IO closes the connection."""
    with connect(websocket_url(server), additional_headers={"Cookie": visitor.identity()}) as websocket:
        websocket.send("40/chat,{}")
        with pytest.raises(ConnectionClosed):
            websocket.send(f"42/chat,1{json.dumps(['chat', {'room': room, 'chat': 'c' * MIB}])}")
            while True:
                websocket.recv(WAIT_S)


def test_posting_on_a_socket_to_a_room_not_entered_is_refused(server: Server, room: str) -> None:
    with opened(server) as websocket:
        websocket.send(f"42/chat,1{json.dumps(['chat', {'room': room, 'chat': '안녕'}])}")
        assert answer_to(websocket, "43/chat,1")["error"] == "not_admitted"


# --- the handshake


def test_an_invalid_cookie_on_a_socket_makes_a_new_visitor(server: Server, visitor: Visitor) -> None:
    name = visitor.identity().partition("=")[0]
    with connect(websocket_url(server), additional_headers={"Cookie": f"{name}=forged"}) as websocket:
        assert websocket.response is not None
        assert websocket.response.headers["Set-Cookie"].startswith(f"{name}=")
        assert str(websocket.recv(WAIT_S)).startswith("0{")


def test_a_socket_of_another_site_is_refused(server: Server, visitor: Visitor) -> None:
    answer = visitor.get(
        "/socket.io/?EIO=4&transport=websocket",
        headers={
            "Origin": "http://evil.example",
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        },
    )
    assert 400 <= answer.status_code < 500
