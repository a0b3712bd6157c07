"""The Socket.IO 5 codec. Pure: text and bytes in, checked packets out, and back.

    <type>[<number of attachments>-][<namespace>,][<ack id>][<JSON>]

What it lets through has been checked, so that nothing behind it needs to: an event has a name, which is a string and
not reserved, or a number (as the reference server has it; no event of ours has such a name), an ack has an id, the
announced attachments have all come. Everything else raises ProtocolError.
https://github.com/socketio/socket.io-protocol
"""

import enum
import json
import re
from collections.abc import Sequence
from typing import Final

import msgspec

from realtime.engineio.packet import Frames
from realtime.errors import ProtocolError
from realtime.unicode import from_json

MAX_ATTACHMENTS: Final = 10
MAX_ACK_ID_DIGITS: Final = 16
MAX_DEPTH: Final = 128
RESERVED_EVENTS: Final = frozenset(
    ("connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener")
)


class PacketType(enum.IntEnum):
    """The seven kinds of packet."""

    CONNECT = 0
    DISCONNECT = 1
    EVENT = 2
    ACK = 3
    CONNECT_ERROR = 4
    BINARY_EVENT = 5
    BINARY_ACK = 6


class Packet(msgspec.Struct, frozen=True):
    """One packet. `data` is what the JSON says, with `bytes` where the placeholders were.

    An event's data is a list that begins with its name, an ack's a list. Binary or not is a matter of the wire: here,
    a packet is of type EVENT or ACK whatever its data.
    """

    type: PacketType
    namespace: str = "/"
    data: object = None
    id: int | None = None


_HEAD: Final = re.compile(r"([0-6])(?:([0-9]{1,9})-)?(?:(/[^,]*)(?:,|\Z))?([0-9]+)?(.*)", re.DOTALL)
_BRACKET: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_TYPES: Final = tuple(PacketType)
_BINARY: Final = {PacketType.BINARY_EVENT: PacketType.EVENT, PacketType.BINARY_ACK: PacketType.ACK}
_DIGITS: Final = {
    PacketType.EVENT: (b"2", b"5"),
    PacketType.ACK: (b"3", b"6"),
}
_to_json: Final = msgspec.json.Encoder().encode


class Decoder:
    """Puts one connection's packets together; a binary one comes in several messages."""

    __slots__ = ("_attachments", "_expected", "_packet")

    def __init__(self) -> None:
        self._packet: Packet | None = None
        self._attachments: list[bytes] = []
        self._expected = 0

    @property
    def partial(self) -> bool:
        """Whether a packet has begun whose attachments have not all come."""
        return self._packet is not None

    def feed(self, message: str | bytes) -> Packet | None:
        """Take one Engine.IO message; return the packet it completes, if any. Raises ProtocolError."""
        if isinstance(message, bytes):
            return self._attach(message)
        if self._packet is not None:
            raise ProtocolError("text where an attachment was announced")
        packet, self._expected = _decode(message)
        if self._expected:
            self._packet = packet
            return None
        return packet

    def reset(self) -> None:
        """Let go of a packet that is not complete."""
        self._packet = None
        self._attachments = []

    def _attach(self, data: bytes) -> Packet | None:
        if self._packet is None:
            raise ProtocolError("an attachment that nobody announced")
        self._attachments.append(data)
        if len(self._attachments) < self._expected:
            return None
        packet, attachments = self._packet, self._attachments
        self.reset()
        return Packet(packet.type, packet.namespace, _restore(packet.data, attachments), packet.id)


def _decode(text: str) -> tuple[Packet, int]:
    """Return the packet of `text`, its placeholders still in place, and how many attachments belong to it."""
    match = _HEAD.match(text)
    if match is None:
        raise ProtocolError("unknown Socket.IO packet type")
    digit, count, namespace, ack_id, payload = match.groups()
    kind = _TYPES[int(digit)]
    attachments = 0
    if kind in _BINARY:
        kind = _BINARY[kind]
        attachments = int(count) if count else 0
        if not 1 <= attachments <= MAX_ATTACHMENTS:
            raise ProtocolError("a number of attachments that cannot be")
    elif count:
        raise ProtocolError("attachments in a packet that has none")
    if ack_id and len(ack_id) > MAX_ACK_ID_DIGITS:
        raise ProtocolError("an ack id that is too long")
    data = _load(payload) if payload else msgspec.UNSET
    _check(kind, data, ack_id)
    if attachments:
        _check_placeholders(data, attachments)
    data = None if data is msgspec.UNSET else data
    return Packet(kind, namespace or "/", data, int(ack_id) if ack_id else None), attachments


def _check(kind: PacketType, data: object, ack_id: str | None) -> None:
    """Raise ProtocolError unless `data` is what the protocol has in a packet of this kind."""
    match kind:
        case PacketType.EVENT:
            name = data[0] if isinstance(data, list) and data else None
            sound = type(name) in (int, float) or (isinstance(name, str) and name not in RESERVED_EVENTS)
        case PacketType.ACK:
            sound = isinstance(data, list) and ack_id is not None
        case PacketType.CONNECT:
            sound = (isinstance(data, dict) or data is msgspec.UNSET) and ack_id is None
        case PacketType.DISCONNECT:
            sound = data is msgspec.UNSET and ack_id is None
        case _:
            sound = isinstance(data, dict | str) and ack_id is None
    if not sound:
        raise ProtocolError(f"a malformed {kind.name} packet")


def _load(payload: str) -> object:
    # A bracket in a string counts too: that only costs the slower look.
    if payload.count("[") + payload.count("{") > MAX_DEPTH and _too_deep(payload):
        raise ProtocolError("JSON nested too deeply")
    try:
        return from_json(payload)
    except msgspec.DecodeError as error:
        raise ProtocolError("malformed JSON") from error


def _too_deep(payload: str) -> bool:
    depth = 0
    for token in _BRACKET.finditer(payload):
        match token[0]:
            case "[" | "{":
                depth += 1
                if depth > MAX_DEPTH:
                    return True
            case "]" | "}":
                depth -= 1
    return False


def _check_placeholders(data: object, attachments: int) -> None:
    if isinstance(data, list):
        for item in data:
            _check_placeholders(item, attachments)
    elif isinstance(data, dict):
        if data.get("_placeholder") is True:
            number = data.get("num")
            if type(number) is not int or not 0 <= number < attachments:
                raise ProtocolError("a placeholder for no attachment")
        else:
            for item in data.values():
                _check_placeholders(item, attachments)


def _restore(data: object, attachments: Sequence[bytes]) -> object:
    if isinstance(data, list):
        return [_restore(item, attachments) for item in data]
    if isinstance(data, dict):
        if data.get("_placeholder") is True:
            return attachments[data["num"]]
        return {key: _restore(item, attachments) for key, item in data.items()}
    return data


def encode(packet: Packet) -> tuple[bytes, list[bytes]]:
    """Return the packet's text, UTF-8, and its attachments.

    The data may be anything that msgspec encodes. `bytes`, `bytearray` and `memoryview` become attachments wherever
    they stand in lists, tuples and dicts; a Struct has none. Raises TypeError for what JSON cannot say.
    """
    attachments: list[bytes] = []
    data = packet.data
    if packet.type in _DIGITS:
        if _has_binary(data):
            data = _extract(data, attachments)
        head = _DIGITS[packet.type][bool(attachments)]
    else:
        head = b"%d" % packet.type
    if attachments:
        head += b"%d-" % len(attachments)
    if packet.namespace != "/":
        head += packet.namespace.encode() + b","
    if packet.id is not None:
        head += b"%d" % packet.id
    return (head if data is None else head + _dump(data)), attachments


def frames(packet: Packet) -> Frames:
    """Return the packet ready to be sent."""
    text, attachments = encode(packet)
    return Frames.message(text, attachments)


def _dump(data: object) -> bytes:
    try:
        return _to_json(data)
    except UnicodeEncodeError:
        # Half a character, which UTF-8 cannot say but a JSON escape can.
        return json.dumps(msgspec.to_builtins(data), separators=(",", ":")).encode()


def _has_binary(data: object) -> bool:
    kind = type(data)
    if kind is str or kind is int or isinstance(data, msgspec.Struct):  # nearly all there is, and asked of every packet
        return False
    if isinstance(data, dict):
        data = data.values()
    elif not isinstance(data, (list, tuple)):
        return isinstance(data, (bytes, bytearray, memoryview))
    for item in data:  # noqa: SIM110  a generator in `any` costs more than most packets' items
        if type(item) is not str and _has_binary(item):
            return True
    return False


def _extract(data: object, attachments: list[bytes]) -> object:
    if isinstance(data, (bytes, bytearray, memoryview)):
        attachments.append(bytes(data))
        return {"_placeholder": True, "num": len(attachments) - 1}
    if isinstance(data, (list, tuple)):
        return [_extract(item, attachments) for item in data]
    if isinstance(data, dict):
        return {key: _extract(item, attachments) for key, item in data.items()}
    return data
