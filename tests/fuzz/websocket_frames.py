"""WebSocket frames: read in any pieces, they are the same messages, and the same violation ends them."""

import struct
from collections.abc import Iterable

from realtime.engineio.framing import (
    FIN,
    MASKED,
    OP_BINARY,
    OP_CLOSE,
    OP_CONTINUATION,
    OP_PING,
    OP_TEXT,
    Control,
    FrameError,
    FrameReader,
    Received,
    close_code,
    closing,
    header,
    pong,
    split,
)
from tests.fuzz.pieces import pieces, planned, stream_of

MOST_BYTES = 300
MASK = b"\x01\x80\xff\x7f"


def _frame(opcode: int, payload: bytes, *, last: bool = True) -> bytes:
    first, rest = header(opcode, len(payload))[:1], header(opcode, len(payload))[1:]
    keys = (MASK * (len(payload) // 4 + 1))[: len(payload)]
    masked = bytes(one ^ key for one, key in zip(payload, keys, strict=True))
    return bytes([first[0] if last else first[0] & ~FIN, rest[0] | MASKED]) + rest[1:] + MASK + masked


SEEDS = tuple(
    planned(stream)
    for stream in (
        _frame(OP_TEXT, "4안녕".encode()) + _frame(OP_PING, b"?") + _frame(OP_BINARY, bytes(200)),
        _frame(OP_TEXT, b"4a", last=False) + _frame(OP_PING, b"") + _frame(OP_CONTINUATION, b"b"),
        _frame(OP_BINARY, bytes(MOST_BYTES)) + _frame(OP_CLOSE, closing(1001)[2:]),
        _frame(OP_BINARY, bytes(200), last=False) + _frame(OP_CONTINUATION, bytes(200)),
        _frame(OP_TEXT, b"\xff"),
        bytes([FIN | OP_BINARY, MASKED | 127]) + struct.pack("!Q", 1 << 62) + MASK,
    )
)


def check(data: bytes) -> None:
    """Read a stream at once, in pieces and byte by byte."""
    stream = stream_of(data)
    whole, ended = _read([stream])
    for arriving in (list(pieces(data)), [stream[at : at + 1] for at in range(len(stream))]):
        messages, code = _read(arriving)
        assert code == ended
        assert code is not None or messages == whole  # of an invalid stream, it is left open which messages are read
    for message in whole:
        _check_message(message)


def _read(arriving: Iterable[bytes]) -> tuple[list[Received], int | None]:
    reader, messages = FrameReader(MOST_BYTES), list[Received]()
    try:
        for data in arriving:
            messages += reader.feed(data)
    except FrameError as error:
        return messages, error.code
    return messages, None


def _check_message(message: Received) -> None:
    if isinstance(message, Control):
        assert len(message.payload) <= 125
        assert [payload for _, payload, _ in split(pong(message.payload))] == [message.payload]
        close_code(message.payload)
        return
    data = message.encode() if isinstance(message, str) else message
    assert len(data) <= MOST_BYTES
    assert [payload for _, payload, _ in split(header(OP_BINARY, len(data)) + data)] == [data]
