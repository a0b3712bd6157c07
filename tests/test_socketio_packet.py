"""The Socket.IO codec: what it accepts, and that it raises nothing but protocol errors."""

import json
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.bounds import Excess, JsonBounds
from realtime.errors import ProtocolError
from realtime.socketio.packet import (
    MAX_NAME_LENGTH,
    MAX_NAMESPACE_LENGTH,
    RESERVED_EVENTS,
    Ack,
    Connect,
    ConnectError,
    Decoded,
    Decoder,
    Disconnect,
    Event,
    Overlarge,
    SocketPacket,
    encode,
    frames,
)

PLACEHOLDER = '{"_placeholder":true,"num":%d}'


def wide(_: str) -> JsonBounds:
    """Return bounds that only the tests of bounds reach."""
    return JsonBounds(characters=1_000_000, values=2_000, depth=128, attachments=10)


def narrow(_: str) -> JsonBounds:
    """Return the usual bounds."""
    return JsonBounds()


def decode(*messages: str | bytes, bounds: Callable[[str], JsonBounds] = wide) -> Decoded:
    """Feed messages, of which the last completes a packet, and return the packet."""
    decoder = Decoder(bounds)
    for message in messages[:-1]:
        assert decoder.feed(message) is None
        assert decoder.partial
    packet = decoder.feed(messages[-1])
    assert packet is not None
    assert not decoder.partial
    return packet


@pytest.mark.parametrize(
    ("text", "packet"),
    [
        ("0", Connect()),
        ("0/chat", Connect("/chat")),
        ("0/chat,", Connect("/chat")),
        ('0/chat,{"token":"1"}', Connect("/chat", {"token": "1"})),
        ('0{"token":"1,2"}', Connect("/", {"token": "1,2"})),
        ("1", Disconnect()),
        ("1/chat,", Disconnect("/chat")),
        ('2["a"]', Event("/", "a")),
        ('2[5,"a"]', Event("/", 5, ("a",))),
        ("2[-1.5]", Event("/", -1.5)),
        ('2/chat,12["a",1,"b",[null]]', Event("/chat", "a", (1, "b", [None]), 12)),
        (
            '2["a",{"_placeholder":true,"num":0}]',
            Event("/", "a", ({"_placeholder": True, "num": 0},)),
        ),
        ("312[]", Ack("/", (), 12)),
        ('3/chat,0["ok"]', Ack("/chat", ("ok",), 0)),
        ('4/chat,{"message":"no"}', ConnectError("/chat", {"message": "no"})),
        ('29999999999999999["a"]', Event("/", "a", (), 9999999999999999)),
    ],
)
def test_a_text_packet_is_decoded(text: str, packet: SocketPacket) -> None:
    assert decode(text) == packet


def test_attachments_replace_their_placeholders() -> None:
    text = f'52-/chat,7["a",{PLACEHOLDER % 1},{{"x":[{PLACEHOLDER % 0},{PLACEHOLDER % 1}]}}]'
    assert decode(text, b"\x00", b"\x01") == Event("/chat", "a", (b"\x01", {"x": [b"\x00", b"\x01"]}), 7)
    assert decode(f"61-7[{PLACEHOLDER % 0}]", b"") == Ack("/", (b"",), 7)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        "abc",
        "9[]",
        # CONNECT and DISCONNECT
        "0[]",
        "0null",
        '0"text"',
        "0/chat,[]",
        "01",
        '1{"a":1}',
        "1/chat,1",
        # the event's name
        "2",
        "2{}",
        "2[]",
        '2"a"',
        "2[null]",
        "2[true]",
        "2[false]",
        "2[{}]",
        "2[[]]",
        '2[["a"]]',
        *(f'2["{name}"]' for name in sorted(RESERVED_EVENTS)),
        # acks
        "3[]",
        "31{}",
        "31",
        '2abc["a"]',
        '212345678901234567["a"]',
        '2-1["a"]',
        # attachments
        '50-["a"]',
        '511-["a"]',
        '5["a"]',
        '51["a"]',
        '5-["a"]',
        '51.5-["a"]',
        '51000000000000000000000-["a"]',
        '21-["a"]',
        "61-[]",
        f'51-["a",{PLACEHOLDER % 1}]',
        f'51-["a",{PLACEHOLDER % -1}]',
        '51-["a",{"_placeholder":true,"num":"0"}]',
        '51-["a",{"_placeholder":true,"num":0.0}]',
        '51-["a",{"_placeholder":true,"num":true}]',
        '51-["a",{"_placeholder":true}]',
        # JSON
        '2["a"',
        '2["a",]',
        '2["a",NaN]',
        '2["a",Infinity]',
        '2["a"] ["b"]',
        "2['a']",
        '2["a","\\x"]',
        '2["a","\t"]',
        '2["a",' + "[" * 100,
        '2["a",' + '{"a":' * 100,
        '2["a","' + '\\"' * 100_000 + "[" * 200,
        # too large as well
        "2" + "x" * 2_000_000,
        "2{" + "[]," * 5_000,
        '2["connect",' + "[]," * 5_000,
        "1[" + "[]," * 5_000,
        "3[" + "[]," * 5_000,
        f"0/{'x' * MAX_NAMESPACE_LENGTH}",
    ],
)
def test_an_invalid_packet_is_refused(text: str) -> None:
    with pytest.raises(ProtocolError):
        Decoder(wide).feed(text)


def test_an_unannounced_attachment_is_refused() -> None:
    with pytest.raises(ProtocolError):
        Decoder(wide).feed(b"\x00")


def test_text_in_place_of_an_attachment_is_refused() -> None:
    decoder = Decoder(wide)
    decoder.feed(f'51-["a",{PLACEHOLDER % 0}]')
    with pytest.raises(ProtocolError):
        decoder.feed('2["a"]')


def test_resetting_the_decoder_discards_a_partial_packet() -> None:
    decoder = Decoder(wide)
    decoder.feed('52-["a"]')
    decoder.feed(b"\x00")
    decoder.reset()
    assert decoder.feed('2["b"]') == Event("/", "b")


@pytest.mark.parametrize(
    ("text", "packet", "excess"),
    [
        (f'2/chat,7["a",{"[]," * 100}0]', Event("/chat", "a", (), 7), Excess.VALUES),
        (f'2["a",{"[" * 16}{"]" * 16}]', Event("/", "a"), Excess.VALUES),
        (f'2["a",{"7" * 6_500}]', Event("/", "a"), Excess.VALUES),
        (f'2["a",{"7" * 5_000}]', Event("/", "a"), Excess.VALUES),
        ('2["a",1e999]', Event("/", "a"), Excess.VALUES),
        (f'2["a","{"x" * 65_536}"]', Event("/", "a"), Excess.LENGTH),
        (f'2["a","{"x" * 65_536}",{"[]," * 100}0]', Event("/", "a"), Excess.LENGTH),
        (f'2["{"x" * MAX_NAME_LENGTH}",{"[]," * 100}0]', Event("/", "x" * MAX_NAME_LENGTH), Excess.VALUES),
        (f'2["{"x" * MAX_NAME_LENGTH}x",{"[]," * 100}0]', Event("/", ""), Excess.VALUES),
        (f"2[[],{'[],' * 100}0]", Event("/", ""), Excess.VALUES),
        ("0/chat,{" + '"a":0,' * 101 + "}", Connect("/chat", {}), Excess.VALUES),
        ("4{" + '"a":0,' * 101 + "}", ConnectError("/", {}), Excess.VALUES),
    ],
    ids=lambda given: repr(given)[:30],
)
def test_a_packet_over_its_bounds_is_not_decoded(text: str, packet: SocketPacket, excess: Excess) -> None:
    assert decode(text, bounds=narrow) == Overlarge(packet, excess)


def test_the_attachments_of_a_packet_over_its_bounds_are_dropped() -> None:
    text = f'52-/chat,7["a",{PLACEHOLDER % 1},{PLACEHOLDER % 0}]'
    event = Event("/chat", "a", ({"_placeholder": True, "num": 1}, {"_placeholder": True, "num": 0}), 7)
    assert decode(text, b"\x00", b"\x01", bounds=narrow) == Overlarge(event, Excess.ATTACHMENTS)
    lists = decode(f"61-7[{'[],' * 200}0]", b"", bounds=narrow)
    assert isinstance(lists, Overlarge)
    assert isinstance(lists.packet, Ack)


def test_each_namespace_has_its_own_bounds() -> None:
    decoder = Decoder(lambda name: wide(name) if name == "/wide" else JsonBounds(characters=0))
    assert isinstance(decoder.feed('2/wide,["a"]'), Event)
    assert isinstance(decoder.feed('2/narrow,["a"]'), Overlarge)
    assert decoder.feed("0/narrow,") == Connect("/narrow")


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        (r"\ud800", "\ufffd"),
        (r"a\udfffb", "a\ufffdb"),
        (r"\uD83D\uDE00\uD83D", "😀\ufffd"),
        (r"\ud800\u0041", "\ufffdA"),
        (r"\\ud800\ud800", "\\ud800\ufffd"),
    ],
)
def test_a_lone_surrogate_becomes_a_replacement_character(escaped: str, text: str) -> None:
    assert decode(f'2["a","{escaped}"]') == Event("/", "a", (text,))


def test_an_outgoing_lone_surrogate_is_sent_as_an_escape() -> None:
    text, _ = encode(Event("/", "a", ({"\ud800": ["\ud800"]},)))
    assert json.loads(text[1:]) == ["a", {"\ud800": ["\ud800"]}]


class Point(msgspec.Struct):
    """A type of the application's."""

    x: int


def test_packets_are_encoded() -> None:
    assert encode(Connect("/", {"sid": "x"})) == (b'0{"sid":"x"}', [])
    assert encode(Disconnect("/chat")) == (b"1/chat,", [])
    assert encode(Event("/chat", "a", (Point(1),), 3)) == (b'2/chat,3["a",{"x":1}]', [])
    assert encode(Ack("/", (), 3)) == (b"33[]", [])
    assert encode(ConnectError("/x", {"message": "no"})) == (b'4/x,{"message":"no"}', [])
    assert encode(Event("/", "a", ({"b": (b"\x01", bytearray(b"\x02"))}, memoryview(b"\x03")))) == (
        f'53-["a",{{"b":[{PLACEHOLDER % 0},{PLACEHOLDER % 1}]}},{PLACEHOLDER % 2}]'.encode(),
        [b"\x01", b"\x02", b"\x03"],
    )
    assert encode(Ack("/", (b"",), 1)) == (f"61-1[{PLACEHOLDER % 0}]".encode(), [b""])


def test_encoding_an_unserialisable_value_raises_type_error() -> None:
    with pytest.raises(TypeError):
        encode(Event("/", "a", (object(),)))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
_DATA = st.recursive(
    st.none() | st.text() | st.binary(max_size=20),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=6,
)
_NAMESPACES = st.text(st.characters(exclude_characters=",", exclude_categories=["Cs"]), max_size=10).map(
    lambda name: f"/{name}"
)
_NAMES = st.text().filter(lambda name: name not in RESERVED_EVENTS)
_IDS = st.none() | st.integers(0, 10**16 - 1)
_ARGS = st.lists(_JSON | _DATA, max_size=4).map(tuple)
_PACKETS: st.SearchStrategy[SocketPacket] = st.one_of(
    st.builds(Connect, _NAMESPACES, st.none() | st.dictionaries(st.text(), _JSON)),
    st.builds(Disconnect, _NAMESPACES),
    st.builds(Event, _NAMESPACES, _NAMES, _ARGS, _IDS),
    st.builds(Ack, _NAMESPACES, _ARGS, st.integers(0, 10**16 - 1)),
    st.builds(ConnectError, _NAMESPACES, st.text() | st.dictionaries(st.text(), _JSON)),
)


@given(_PACKETS)
def test_an_encoded_packet_decodes_to_itself(packet: SocketPacket) -> None:
    text, attachments = encode(packet)
    if len(attachments) <= 10:
        assert decode(text.decode(), *attachments) == packet


@given(_PACKETS)
def test_frames_contain_the_text_and_attachments(packet: SocketPacket) -> None:
    text, attachments = encode(packet)
    assert frames(packet).payload.count(b"\x1eb") >= len(attachments)
    assert frames(packet).payload.startswith(b"4" + text.partition(b"\x1e")[0])


@given(st.lists(st.text() | st.binary(max_size=10), max_size=4))
def test_any_messages_decode_or_raise_a_protocol_error(messages: list[str | bytes]) -> None:
    decoder = Decoder(wide)
    for message in messages:
        try:
            decoder.feed(message)
        except ProtocolError:
            return


@given(
    st.from_regex(
        r'[0-6]([0-9]{1,2}-)?(/[a-z]*,)?([0-9]{0,17})(\[("[a-z]*"|[0-9]|null|,|\{|\}|\[|\]|\\u[dD]8..){0,12})?'
    )
)
def test_text_like_a_packet_decodes_or_raises_a_protocol_error(text: str) -> None:
    try:
        Decoder(wide).feed(text)
    except ProtocolError:
        return
