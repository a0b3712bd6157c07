"""WebSocket frames, byte by byte; the examples of RFC 6455 section 5.7 among them."""

import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from realtime.engineio.framing import (
    MAX_FRAMES,
    NOT_UTF8,
    OP_CLOSE,
    OP_PING,
    POLICY_VIOLATION,
    PROTOCOL_VIOLATION,
    TOO_BIG,
    Control,
    FrameError,
    FrameReader,
    Received,
    closing,
    pong,
)


def masked(opcode: Opcode, data: bytes, fin: bool = True) -> bytes:
    """Return a client's frame, as the websockets library makes it."""
    return Frame(opcode, data, fin).serialize(mask=True)


def read(data: bytes, most_bytes: int = 1_000_000) -> list[Received]:
    return FrameReader(most_bytes).feed(data)


def test_the_masked_hello_of_rfc_6455_is_read() -> None:
    assert read(bytes.fromhex("8185 37fa213d 7f9f4d5158")) == ["Hello"]


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536, 1_000_000])
def test_every_form_of_payload_length_is_read(size: int) -> None:
    assert read(masked(Opcode.BINARY, b"x" * size)) == [b"x" * size]


def test_messages_are_read_in_order_however_the_stream_is_split() -> None:
    stream = b"".join(
        (
            masked(Opcode.TEXT, "안녕".encode()),
            masked(Opcode.BINARY, b"\0\xff"),
            masked(Opcode.TEXT, b"a", fin=False),
            masked(Opcode.PING, b"still there?"),
            masked(Opcode.CONT, b"b", fin=False),
            masked(Opcode.CONT, b"c"),
            masked(Opcode.CLOSE, b"\x03\xe8"),
        )
    )
    expected = ["안녕", b"\0\xff", Control(OP_PING, b"still there?"), "abc", Control(OP_CLOSE, b"\x03\xe8")]
    assert read(stream) == expected
    for size in (1, 2, 3, 7):
        reader = FrameReader(1000)
        pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
        assert [message for piece in pieces for message in reader.feed(piece)] == expected


def test_reading_a_large_message_byte_by_byte_takes_linear_time() -> None:
    frame = masked(Opcode.BINARY, bytes(1_000_000))
    reader = FrameReader(1_000_000)
    started = time.process_time()
    messages = [message for byte in frame for message in reader.feed(bytes((byte,)))]
    assert messages == [bytes(1_000_000)]
    assert time.process_time() - started < 5  # seconds; copying the buffer for each byte would move half a terabyte


def test_empty_fragments_take_no_memory() -> None:
    reader = FrameReader(1000)
    reader.feed(masked(Opcode.BINARY, b"a", fin=False))
    many = masked(Opcode.CONT, b"", fin=False) * (MAX_FRAMES // 2 - 1)
    reader.feed(many)
    tracemalloc.start()
    reader.feed(many)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < MAX_FRAMES
    assert reader.feed(masked(Opcode.CONT, b"b")) == [b"ab"]


@pytest.mark.parametrize(
    "between", [b"", masked(Opcode.PING, b"x"), masked(Opcode.PONG, b"")], ids=["nothing", "a ping", "a pong"]
)
def test_the_frames_of_one_message_are_bounded_with_those_between_them(between: bytes) -> None:
    first, last = masked(Opcode.TEXT, b"a", fin=False), masked(Opcode.CONT, b"c")
    inner = masked(Opcode.CONT, b"b", fin=False) + between
    count = (MAX_FRAMES - 2) // (2 if between else 1)
    reader = FrameReader(10_000)
    for _ in range(2):  # each message has its own count, whatever came before it
        assert reader.feed(between * 5 + first + inner * count + last)[-1] == "a" + "b" * count + "c"
    with pytest.raises(FrameError) as broken:
        reader.feed(first + inner * (count + 1) + last)
    assert broken.value.code == POLICY_VIOLATION


def test_messages_of_one_frame_are_not_counted() -> None:
    many = MAX_FRAMES * 3
    assert read(masked(Opcode.TEXT, b"a") * many + masked(Opcode.PING, b"") * many)[:many] == ["a"] * many


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\x81\x01a", PROTOCOL_VIOLATION),  # unmasked
        (b"\xc1\x80\0\0\0\0", PROTOCOL_VIOLATION),  # a reserved bit: compression was not negotiated
        (b"\x83\x80\0\0\0\0", PROTOCOL_VIOLATION),  # a reserved opcode
        (b"\x8b\x80\0\0\0\0", PROTOCOL_VIOLATION),  # a reserved control opcode
        (b"\x80\x80\0\0\0\0", PROTOCOL_VIOLATION),  # a continuation of nothing
        (b"\x09\x80\0\0\0\0", PROTOCOL_VIOLATION),  # a fragmented ping
        (b"\x89\xfe\0\x7e\0\0\0\0", PROTOCOL_VIOLATION),  # a ping of 126 bytes
        (b"\x81\x82\0\0\0\0\xc3\x28", NOT_UTF8),
        (b"\x88\x81\0\0\0\0\x03", PROTOCOL_VIOLATION),  # half a close code
        (b"\x88\x82\0\0\0\0\x03\xe7", PROTOCOL_VIOLATION),  # 999
        (b"\x88\x82\0\0\0\0\x03\xed", PROTOCOL_VIOLATION),  # 1005, for use inside a program
        (b"\x88\x82\0\0\0\0\x13\x88", PROTOCOL_VIOLATION),  # 5000
        (b"\x88\x83\0\0\0\0\x03\xe8\xff", NOT_UTF8),
        (b"\x82\xfe\x03\xe9\0\0\0\0", TOO_BIG),  # detected from the header alone
        (b"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", TOO_BIG),
    ],
)
def test_a_broken_frame_raises_with_its_close_code(frame: bytes, code: int) -> None:
    with pytest.raises(FrameError) as broken:
        read(frame, most_bytes=1000)
    assert broken.value.code == code


def test_a_new_message_inside_a_fragmented_one_is_refused() -> None:
    with pytest.raises(FrameError):
        read(masked(Opcode.TEXT, b"a", fin=False) + masked(Opcode.TEXT, b"b"))


def test_the_size_limit_counts_all_fragments_of_a_message() -> None:
    reader = FrameReader(10)
    reader.feed(masked(Opcode.TEXT, b"x" * 6, fin=False))
    with pytest.raises(FrameError) as broken:
        reader.feed(masked(Opcode.CONT, b"x" * 5))
    assert broken.value.code == TOO_BIG


@given(st.lists(st.one_of(st.text(), st.binary()), max_size=10), st.integers(1, 40))
def test_any_sequence_of_client_messages_is_read_back(sent: list[str | bytes], size: int) -> None:
    stream = b"".join(
        masked(Opcode.TEXT, one.encode()) if isinstance(one, str) else masked(Opcode.BINARY, one) for one in sent
    )
    reader = FrameReader(1_000_000)
    got = [m for at in range(0, len(stream), size) for m in reader.feed(stream[at : at + size])]
    assert got == sent


@given(st.lists(st.binary(max_size=50), max_size=5))
def test_arbitrary_bytes_raise_only_frame_errors(pieces: list[bytes]) -> None:
    reader = FrameReader(100)
    try:
        for piece in pieces:
            reader.feed(piece)
    except FrameError:
        pass


def test_close_and_pong_frames_are_encoded() -> None:
    assert closing(1000) == b"\x88\x02\x03\xe8"
    assert pong(b"hi") == b"\x8a\x02hi"
