"""The Engine.IO 4 codec: packets, polling payloads, and encoded frames. Pure.

A packet is a type character followed by its data. A message may be binary instead: a binary frame over WebSocket, `b`
and base64 over long polling. Several packets in one poll are separated by U+001E.
https://github.com/socketio/engine.io-protocol
"""

import base64
import binascii
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Self

import msgspec

from realtime.engineio.framing import OP_BINARY, OP_TEXT, header, split
from realtime.errors import ProtocolError
from realtime.unicode import from_utf8

SEPARATOR: Final = b"\x1e"
MAX_POLLED_PACKETS: Final = 16
"""Per response to a poll: python-engineio clients accept no more."""
MAX_OPEN_LENGTH: Final = 1_000
MAX_POSTED_PACKETS: Final = 2_000
"""In one POST: at the maximum size, one for every 500 bytes."""


class Open(msgspec.Struct, frozen=True, rename="camel"):
    """The server's first packet: session id and parameters. Intervals are in milliseconds, `max_payload` in bytes."""

    sid: str
    upgrades: tuple[str, ...]
    ping_interval: int
    ping_timeout: int
    max_payload: int

    def frames(self) -> "Frames":
        """Return the encoded packet."""
        return Frames.text(b"0" + msgspec.json.encode(self))


class Close(msgspec.Struct, frozen=True):
    """The end, by either side."""


class Ping(msgspec.Struct, frozen=True):
    """From the server, to request a Pong; from a client, with `data` "probe", to test a WebSocket."""

    data: str = ""


class Pong(msgspec.Struct, frozen=True):
    """The answer to a Ping, with its data."""

    data: str = ""


class Message(msgspec.Struct, frozen=True):
    """A message: text, or bytes when it is binary."""

    data: str | bytes


class Upgrade(msgspec.Struct, frozen=True):
    """From the client, on a WebSocket it has probed: from here on this is the transport."""


class Noop(msgspec.Struct, frozen=True):
    """Does nothing but end a poll."""


EnginePacket = Open | Close | Ping | Pong | Message | Upgrade | Noop


def _read_open(data: str) -> Open:
    if len(data) > MAX_OPEN_LENGTH:
        raise ProtocolError("too long an open packet")
    try:
        return msgspec.json.decode(data, type=Open)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise ProtocolError("a malformed open packet") from error


_READERS: Final[dict[str, Callable[[str], EnginePacket]]] = {
    "0": _read_open,
    "1": lambda _: Close(),
    "2": Ping,
    "3": Pong,
    "4": Message,
    "5": lambda _: Upgrade(),
    "6": lambda _: Noop(),
}


def decode(frame: str | bytes) -> EnginePacket:
    """Return the packet of one WebSocket message; raises ProtocolError."""
    if isinstance(frame, bytes):
        return Message(frame)
    read = _READERS.get(frame[:1])
    if read is None:
        raise ProtocolError("unknown Engine.IO packet type")
    return read(frame[1:])


def decode_payload(body: bytes) -> Iterator[EnginePacket]:
    """Return the packets of one POST, in order.

    Raises ProtocolError if there are too many, and at one that is malformed.
    """
    if body.count(SEPARATOR) >= MAX_POSTED_PACKETS:
        raise ProtocolError("too many packets in a POST")
    return map(_decode_polled, body.split(SEPARATOR))


def _decode_polled(part: bytes) -> EnginePacket:
    try:
        if part[:1] == b"b":
            return Message(base64.b64decode(part[1:], validate=True))
        return decode(from_utf8(part))
    except (UnicodeDecodeError, binascii.Error) as error:
        raise ProtocolError("a packet that is neither UTF-8 nor base64") from error


class Frames:
    """One or more packets, encoded once for any number of peers.

    `wire` is the WebSocket form: complete, unmasked frames (a server never masks, RFC 6455 section 5.1), ready for
    the socket. The polling form is derived from it when the first long-polling peer needs it, and cached.
    """

    __slots__ = ("_pieces", "_polled", "wire")

    def __init__(self, wire: bytes, polled: list[bytes] | None = None) -> None:
        self.wire = wire
        self._polled = polled
        self._pieces: list[Frames] | None = None

    @classmethod
    def text(cls, packet: bytes) -> Self:
        """Frame one packet, given as UTF-8 including its type."""
        return cls(header(OP_TEXT, len(packet)) + packet)

    @classmethod
    def message(cls, text: bytes, attachments: Sequence[bytes] = ()) -> Self:
        """Frame one message and its binary attachments."""
        head = header(OP_TEXT, len(text) + 1) + b"4" + text
        if not attachments:
            return cls(head)
        return cls(head + b"".join(header(OP_BINARY, len(data)) + data for data in attachments))

    @classmethod
    def binary(cls, data: bytes) -> Self:
        """Frame one binary message."""
        return cls(header(OP_BINARY, len(data)) + data)

    @classmethod
    def join(cls, frames: Sequence["Frames"]) -> "Frames":
        """Return all `frames` as one."""
        return frames[0] if len(frames) == 1 else cls(b"".join([one.wire for one in frames]))

    @property
    def polled(self) -> list[bytes]:
        """The packets in polling form."""
        if self._polled is None:
            self._polled = [
                data if opcode == OP_TEXT else b"b" + base64.b64encode(data) for opcode, data, _ in split(self.wire)
            ]
        return self._polled

    @property
    def payload(self) -> bytes:
        """The packets as a complete response to a poll."""
        return SEPARATOR.join(self.polled)

    @property
    def pieces(self) -> list["Frames"]:
        """The packets split into parts of at most MAX_POLLED_PACKETS."""
        if self._pieces is None:
            if len(self.polled) <= MAX_POLLED_PACKETS:
                return [self]
            ends = [0, *(end for _, _, end in split(self.wire))]
            self._pieces = [
                Frames(self.wire[ends[at] : ends[min(at + MAX_POLLED_PACKETS, len(ends) - 1)]], part)
                for at, part in _parts(self.polled)
            ]
        return self._pieces


def _parts(packets: list[bytes]) -> Iterator[tuple[int, list[bytes]]]:
    for at in range(0, len(packets), MAX_POLLED_PACKETS):
        yield at, packets[at : at + MAX_POLLED_PACKETS]


PING: Final = Frames.text(b"2")
NOOP: Final = Frames.text(b"6")
CLOSE: Final = Frames.text(b"1")
PROBE_ANSWER: Final = Frames.text(b"3probe")
