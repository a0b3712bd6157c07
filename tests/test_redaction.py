"""How a packet appears in the log, and what is redacted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.chat.wire_forms import Record
from realtime.redaction import redacted
from realtime.socketio.packet import MAX_LINE, Ack, Connect, ConnectError, Disconnect, Event, SocketPacket
from tests.examples.blocks import blocks

ROOM = "0123456789abcdef01234567"
TIME = "2026-01-02T03:04:05.678Z"
RECORD = Record(id=ROOM, seq=3, room=ROOM, user="#a1b2c3", created_at=TIME, chat="hi")


@pytest.mark.parametrize(
    ("packet", "line"),
    [
        (Connect("/chat"), "CONNECT /chat"),
        (Connect("/", {"sid": "pQ_-1"}), 'CONNECT / {"sid":"pQ_-1"}'),
        (Connect("/", {"token": "s3cret"}), 'CONNECT / {"token":…6}'),
        (Disconnect("/chat"), "DISCONNECT /chat"),
        (
            ConnectError("/x", {"message": "no", "data": {"error": "kicked"}}),
            'CONNECT_ERROR /x {"message":…2,"data":{"error":"kicked"}}',
        ),
        (Event("/chat", "join", (ROOM,), 7), f'EVENT /chat 7["join","{ROOM}"]'),
        (Event("/", "reply", ("hello",)), 'EVENT / ["reply",…5]'),
        (Event("/", 5), "EVENT / [5]"),
        (
            Event("/chat", "chat", ({"room": ROOM, "chat": "안녕하세요", "nonce": "a-1"},), 12),
            f'EVENT /chat 12["chat",{{"room":"{ROOM}","chat":…5,"nonce":"a-1"}}]',
        ),
        (
            Event("/chat", "join", ({"room": ROOM, "password": "open sesame", "after": 31},)),
            f'EVENT /chat ["join",{{"room":"{ROOM}","password":…,"after":31}}]',
        ),
        (
            Event("/chat", "chat", (RECORD,)),
            f'EVENT /chat ["chat",{{"_id":"{ROOM}","seq":3,"room":"{ROOM}","user":"#a1b2c3",'
            f'"createdAt":"{TIME}","chat":…2}}]',
        ),
        (
            Ack("/chat", ({"ok": False, "error": "too_fast", "message": "느리게", "retry_after": 0.5},), 7),
            'ACK /chat 7[{"ok":false,"error":"too_fast","message":…3,"retry_after":0.5}]',
        ),
        (
            Ack("/chat", ({"members": ["#a1b2c3", "#000000"]}, [None, b"\0\1"]), 0),
            'ACK /chat 0[{"members":["#a1b2c3","#000000"]},[null,…2 bytes]]',
        ),
    ],
)
def test_a_packet_is_logged_as_one_line(packet: SocketPacket, line: str) -> None:
    assert str(packet) == line


SECRET = "open sesame 8317"
SHORT = "sesame"
MISPLACED = [
    Event("/chat", SECRET),
    Event("/chat", "chat", (SECRET,)),
    Event("/chat", "chat", ([SECRET], {"chat": {"room": [SECRET]}})),
    Event("/chat", "join", ({"room": SHORT, "to": SHORT, "user": SHORT, "_id": SHORT, "createdAt": SHORT},)),
    Event("/chat", "join", ({"password": ROOM.replace("0", "8317")}, {"chat": "#831700"}, {"gif": f"{ROOM}8317"})),
    Event("/chat", "chat", ({SECRET: 1, "chat": 8317, "password": 8317.5, "room": 8317},)),
    Event("/chat", "name", ({"name": SHORT},)),
    Event("/chat", "chat", ({"names": {"#a1b2c3": SHORT}, "re": {"name": SHORT}},)),
    Event(f"/{SECRET}", "chat"),
    Event("/chat\n", "chat\n", ({"nonce": "a\n8317"},)),
    Ack("/chat", (SECRET, 8317), 1),
    ConnectError("/chat", SECRET),
]


@pytest.mark.parametrize("packet", MISPLACED)
def test_user_texts_are_redacted_wherever_they_appear(packet: SocketPacket) -> None:
    line = str(packet)
    assert not any(secret in line for secret in ("sesame", "8317", "\n")), line


def test_the_example_log_lines_in_the_docs_are_real() -> None:
    chat = Event("/chat", "chat", ({"room": ROOM, "chat": "안녕하세요"},), 12)
    said = "89abcdef0123456789abcdef"
    record = Record(id=said, seq=7, room=ROOM, user="#a1b2c3", created_at=TIME, chat="안녕하세요")
    ack = Ack("/chat", ({"ok": True, "_id": said, "seq": 7},), 12)
    (block,) = blocks("log")
    received, emitted, acknowledged, _ = block.code.splitlines()
    assert received == f"< {chat} from k3Jd9a"
    assert emitted == f"> {Event('/chat', 'chat', (record,))} to room {ROOM}"
    assert acknowledged == f"> {ack} to k3Jd9a"


def test_the_length_of_a_password_is_hidden() -> None:
    assert redacted({"password": "1234"}) == redacted({"password": "a long one"})


def test_a_long_line_is_cut() -> None:
    assert len(str(Event("/chat", "many", ([True] * 100_000,)))) == MAX_LINE + 1


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["room", "chat", "x"]) | st.text(), inner)
    ),
    max_leaves=8,
)


@given(st.text(min_size=1), st.lists(_JSON, max_size=3).map(tuple))
def test_any_event_is_logged_in_printable_characters(name: str, args: tuple[object, ...]) -> None:
    assert str(Event("/chat", name, args)).isprintable()
