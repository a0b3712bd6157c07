"""The Engine.IO codec, tested with byte literals."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.engineio.packet import (
    CLOSE,
    MAX_POSTED_PACKETS,
    NOOP,
    PING,
    PROBE_ANSWER,
    Close,
    EnginePacket,
    Frames,
    Message,
    Noop,
    Open,
    Ping,
    Pong,
    Upgrade,
    decode,
    decode_payload,
)
from realtime.errors import ProtocolError


@pytest.mark.parametrize(
    ("frame", "packet"),
    [
        (
            '0{"sid":"abc","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}',
            Open("abc", (), 25_000, 20_000, 1_000_000),
        ),
        ("1", Close()),
        ("2probe", Ping("probe")),
        ("3", Pong()),
        ("4hello", Message("hello")),
        ("5", Upgrade()),
        ("6", Noop()),
        (b"\x01\x02", Message(b"\x01\x02")),
        (b"", Message(b"")),
    ],
)
def test_a_websocket_message_is_one_packet(frame: str | bytes, packet: EnginePacket) -> None:
    assert decode(frame) == packet


@pytest.mark.parametrize("frame", ["", "7", "abc", "b", " 4", "٤", "0", "0{}", '0{"sid":"\ud800"}'])
def test_an_invalid_packet_is_refused(frame: str) -> None:
    with pytest.raises(ProtocolError):
        decode(frame)


def test_a_long_opening_packet_is_refused() -> None:
    opening = '0{"sid":"%s","upgrades":[],"pingInterval":1,"pingTimeout":1,"maxPayload":1}'
    assert isinstance(decode(opening % "x"), Open)
    with pytest.raises(ProtocolError):
        decode(opening % ("x" * 1_000))


def test_a_payload_is_split_at_the_separator() -> None:
    assert list(decode_payload("4안녕\x1ebAQIDBA==\x1e3".encode())) == [
        Message("안녕"),
        Message(b"\x01\x02\x03\x04"),
        Pong(),
    ]
    assert list(decode_payload(b"4a\xed\xa0\xbd")) == [Message("a\ufffd")]  # a lone surrogate


@pytest.mark.parametrize(
    "body", [b"", b"abc", b"4a\x1e", b"\x1e4a", b"bAQI", b"b!!!!", b"b\xff", b"4\xff\xfe", b"4a\x1e\x1e4b"]
)
def test_a_payload_with_one_bad_packet_is_refused(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        list(decode_payload(body))


def test_the_packets_of_one_payload_are_bounded() -> None:
    assert list(decode_payload(b"\x1e".join([b"6"] * MAX_POSTED_PACKETS))) == [Noop()] * MAX_POSTED_PACKETS
    with pytest.raises(ProtocolError, match="too many"):
        decode_payload(b"\x1e".join([b"6"] * (MAX_POSTED_PACKETS + 1)))


@pytest.mark.parametrize(
    ("length", "head"),
    [
        (0, b"\x81\x01"),
        (124, b"\x81\x7d"),
        (125, b"\x81\x7e\x00\x7e"),
        (65534, b"\x81\x7e\xff\xff"),
        (65535, b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"),
    ],
)
def test_a_message_is_framed_according_to_its_length(length: int, head: bytes) -> None:
    text = b"x" * length
    assert Frames.message(text).wire == head + b"4" + text
    assert Frames.message(text).payload == b"4" + text


def test_attachments_follow_their_message() -> None:
    frames = Frames.message(b"51-", [b"\x01\x02", b""])
    assert frames.wire == b"\x81\x04451-\x82\x02\x01\x02\x82\x00"
    assert frames.payload == b"451-\x1ebAQI=\x1eb"


def test_frames_are_joined_in_order() -> None:
    joined = Frames.join([PING, Frames.binary(b"\xff"), CLOSE])
    assert joined.wire == b"\x81\x012\x82\x01\xff\x81\x011"
    assert joined.payload == b"2\x1eb/w==\x1e1"
    assert Frames.join([NOOP]) is NOOP


def test_the_fixed_packets_are_encoded() -> None:
    assert [one.payload for one in (CLOSE, PING, PROBE_ANSWER, NOOP)] == [b"1", b"2", b"3probe", b"6"]


def test_the_open_packet_has_the_fields_of_the_protocol() -> None:
    payload = Open("abc", ("websocket",), 25_000, 20_000, 1_000_000).frames().payload
    assert payload[:1] == b"0"
    assert json.loads(payload[1:]) == {
        "sid": "abc",
        "upgrades": ["websocket"],
        "pingInterval": 25000,
        "pingTimeout": 20000,
        "maxPayload": 1000000,
    }


@given(st.lists(st.one_of(st.text().filter(lambda text: "\x1e" not in text), st.binary(max_size=200)), min_size=1))
def test_an_encoded_payload_decodes_to_the_same_messages(messages: list[str | bytes]) -> None:
    frames = Frames.join(
        [Frames.binary(one) if isinstance(one, bytes) else Frames.message(one.encode()) for one in messages]
    )
    assert list(decode_payload(frames.payload)) == [Message(one) for one in messages]


@given(st.binary())
def test_any_body_decodes_to_packets_or_raises_a_protocol_error(body: bytes) -> None:
    try:
        packets = list(decode_payload(body))
    except ProtocolError:
        return
    assert len(packets) == body.count(b"\x1e") + 1


@given(st.text())
def test_any_text_decodes_to_a_packet_or_raises_a_protocol_error(text: str) -> None:
    try:
        packet = decode(text)
    except ProtocolError:
        assert text[:1] not in set("123456")
        return
    assert type(packet) is {"1": Close, "2": Ping, "3": Pong, "4": Message, "5": Upgrade, "6": Noop}[text[0]]
    assert not isinstance(packet, (Ping, Pong, Message)) or packet.data == text[1:]


@given(st.binary())
def test_binary_is_base64_in_polling_and_raw_on_a_websocket(data: bytes) -> None:
    frames = Frames.binary(data)
    assert frames.wire.endswith(data)
    assert frames.payload == b"b" + base64.b64encode(data)
