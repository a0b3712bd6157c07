"""The Socket.IO 5 codec. Pure: text and bytes in, checked packets out, and back.

    <type>[<number of attachments>-][<namespace>,][<ack id>][<JSON>]

Decoded packets are fully checked, so no other code needs to: an event has a name, which is a string and not reserved,
or a number (as in the reference server; none of our events has one); an ack has an id; all declared attachments have
arrived. Everything else raises ProtocolError. Only a packet that is merely too large does not: it is not decoded, and
becomes an Overlarge, which can be answered.

`str` of a packet is one line for a log, without what people wrote (`realtime.redaction`).
https://github.com/socketio/socket.io-protocol
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import Final, Self

import msgspec
from msgspec.structs import replace

from realtime.bounds import Excess, JsonBounds
from realtime.engineio.packet import Frames
from realtime.errors import ProtocolError
from realtime.redaction import event_name, namespace_name, redacted
from realtime.unicode import from_json

MAX_ATTACHMENTS: Final = 10
MAX_ACK_ID_DIGITS: Final = 16
MAX_NAMESPACE_LENGTH: Final = 256
MAX_NAME_LENGTH: Final = 64
"""Of an event that is not decoded: the name of a longer one is not known."""
MAX_LINE: Final = 1_000
"""The maximum length of a packet in a log."""
RESERVED_EVENTS: Final = frozenset(
    ("connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener")
)


Args = tuple[object, ...]
"""The arguments of an event or an ack: decoded JSON, with `bytes` in place of the placeholders."""


class Connect(msgspec.Struct, frozen=True):
    """A peer requests a namespace with its `auth`, or is accepted with its socket's `sid`."""

    namespace: str = "/"
    data: dict[str, object] | None = None

    def __str__(self) -> str:
        return _line("CONNECT", self.namespace, "" if self.data is None else redacted(self.data))

    @classmethod
    def read(cls, namespace: str, data: object, ack_id: int | None) -> Self | None:
        """Return the packet; None if the protocol does not allow this `data` (UNSET for none) or `ack_id`."""
        if ack_id is not None or not (data is msgspec.UNSET or isinstance(data, dict)):
            return None
        return cls(namespace, data if isinstance(data, dict) else None)


class Disconnect(msgspec.Struct, frozen=True):
    """Either side leaves a namespace."""

    namespace: str = "/"

    def __str__(self) -> str:
        return _line("DISCONNECT", self.namespace)

    @classmethod
    def read(cls, namespace: str, data: object, ack_id: int | None) -> Self | None:
        """As `Connect.read`."""
        return cls(namespace) if data is msgspec.UNSET and ack_id is None else None


class Event(msgspec.Struct, frozen=True):
    """An event, binary or not; with an `id`, it must be answered by the Ack of that id."""

    namespace: str
    name: str | float
    args: Args = ()
    id: int | None = None

    @property
    def wants_ack(self) -> bool:
        """Whether its sender waits for an ack."""
        return self.id is not None

    def __str__(self) -> str:
        items = ",".join([event_name(self.name), *[redacted(arg) for arg in self.args]])
        return _line("EVENT", self.namespace, f"{'' if self.id is None else self.id}[{items}]")

    @classmethod
    def read(cls, namespace: str, data: object, ack_id: int | None) -> Self | None:
        """As `Connect.read`."""
        if not isinstance(data, list) or not data:
            return None
        name = data[0]
        if name in RESERVED_EVENTS if type(name) is str else type(name) not in (int, float):
            return None
        return cls(namespace, name, tuple(data[1:]), ack_id)


class Ack(msgspec.Struct, frozen=True):
    """The ack of an event, binary or not."""

    namespace: str
    args: Args
    id: int

    def __str__(self) -> str:
        return _line("ACK", self.namespace, f"{self.id}{redacted(self.args)}")

    @classmethod
    def read(cls, namespace: str, data: object, ack_id: int | None) -> Self | None:
        """As `Connect.read`."""
        return cls(namespace, tuple(data), ack_id) if isinstance(data, list) and ack_id is not None else None


class ConnectError(msgspec.Struct, frozen=True):
    """A peer is refused a namespace."""

    namespace: str
    data: dict[str, object] | str

    def __str__(self) -> str:
        return _line("CONNECT_ERROR", self.namespace, redacted(self.data))

    @classmethod
    def read(cls, namespace: str, data: object, ack_id: int | None) -> Self | None:
        """As `Connect.read`."""
        return cls(namespace, data) if isinstance(data, (dict, str)) and ack_id is None else None


def _line(kind: str, namespace: str, data: str = "") -> str:
    line = f"{kind} {namespace_name(namespace)} {data}".rstrip()
    return line if len(line) <= MAX_LINE else f"{line[:MAX_LINE]}…"


SocketPacket = Connect | Disconnect | Event | Ack | ConnectError


class Overlarge(msgspec.Struct, frozen=True):
    """A packet over the bounds of its namespace. Of what was not decoded, `packet` has only an event's name."""

    packet: SocketPacket
    excess: Excess

    def __str__(self) -> str:
        return f"{self.packet} (too large: {self.excess.name})"


Decoded = SocketPacket | Overlarge

_HEAD: Final = re.compile(r"([0-6])(?:([0-9]{1,9})-)?(?:(/[^,]*)(?:,|\Z))?([0-9]+)?(.*)", re.DOTALL)
_NAME: Final = re.compile(rf'\[\s*"([^"\\]{{1,{MAX_NAME_LENGTH}}})"')
_KINDS: Final[dict[str, type[SocketPacket]]] = {
    "0": Connect,
    "1": Disconnect,
    "2": Event,
    "3": Ack,
    "4": ConnectError,
    "5": Event,
    "6": Ack,
}
_BINARY: Final = ("5", "6")
_to_json: Final = msgspec.json.Encoder().encode


class Decoder:
    """Decodes one connection's packets; a binary one arrives in several messages."""

    __slots__ = ("_attachments", "_bounds", "_missing", "_packet")

    def __init__(self, bounds: Callable[[str], JsonBounds]) -> None:
        """`bounds` returns those of a namespace."""
        self._bounds = bounds
        self._packet: Event | Ack | Overlarge | None = None  # its placeholders are not yet replaced
        self._attachments: list[bytes] = []
        self._missing = 0

    @property
    def partial(self) -> bool:
        """Whether a packet's attachments are still incomplete."""
        return self._packet is not None

    def feed(self, message: str | bytes) -> Decoded | None:
        """Decode an Engine.IO message; return the packet it completes, if any. Raises ProtocolError."""
        if isinstance(message, bytes):
            return self._attach(message)
        if self._packet is not None:
            raise ProtocolError("text instead of an attachment")
        packet, self._missing = _decode(message, self._bounds)
        if self._missing:
            assert isinstance(packet, (Event, Ack, Overlarge))
            self._packet = packet
            return None
        return packet

    def reset(self) -> None:
        """Drop an incomplete packet."""
        self._packet = None
        self._attachments = []

    def _attach(self, data: bytes) -> Decoded | None:
        packet = self._packet
        if packet is None:
            raise ProtocolError("an unexpected attachment")
        if not isinstance(packet, Overlarge):
            self._attachments.append(data)
        self._missing -= 1
        if self._missing:
            return None
        attachments = self._attachments
        self.reset()
        if isinstance(packet, Overlarge):
            return packet
        return replace(packet, args=tuple([_restore(arg, attachments) for arg in packet.args]))


def _decode(text: str, bounds: Callable[[str], JsonBounds]) -> tuple[Decoded, int]:
    """Return the packet of `text`, its placeholders not yet replaced, and its number of attachments."""
    match = _HEAD.match(text)
    if match is None:
        raise ProtocolError("unknown Socket.IO packet type")
    digit, count, namespace, ack_id, payload = match.groups("")
    if len(ack_id) > MAX_ACK_ID_DIGITS:
        raise ProtocolError("too long an ack id")
    if len(namespace) > MAX_NAMESPACE_LENGTH:
        raise ProtocolError("too long a namespace")
    attachments = _attachments(digit, count) if count or digit in _BINARY else 0
    namespace = namespace or "/"
    most = bounds(namespace)
    data, excess = _load(payload, most) if payload else (msgspec.UNSET, None)
    kind = _KINDS[digit]
    packet = kind.read(namespace, data, int(ack_id) if ack_id else None)
    if packet is None:
        raise ProtocolError(f"a malformed {kind.__name__} packet")
    if attachments > most.attachments:
        excess = excess or Excess.ATTACHMENTS
    if excess is not None:
        return Overlarge(packet, excess), attachments
    if attachments:
        _check_placeholders(data, attachments)
    return packet, attachments


def _attachments(digit: str, count: str) -> int:
    if digit not in _BINARY:
        raise ProtocolError("attachments in a packet that cannot have any")
    attachments = int(count) if count else 0
    if not 1 <= attachments <= MAX_ATTACHMENTS:
        raise ProtocolError("an invalid number of attachments")
    return attachments


def _load(payload: str, most: JsonBounds) -> tuple[object, Excess | None]:
    """Return the decoded JSON; of too much of it only a beginning, and what there is too much of."""
    excess = most.excess(payload)
    if excess is None:
        try:
            return from_json(payload), None
        except msgspec.ValidationError:  # without a type to validate, only for a number out of range
            excess = Excess.VALUES
        except msgspec.DecodeError as error:
            raise ProtocolError("malformed JSON") from error
    if payload[0] == "{":
        return {}, excess
    name = _NAME.match(payload)
    return [name[1] if name is not None else ""] if payload[0] == "[" else None, excess


def _check_placeholders(data: object, attachments: int) -> None:
    if isinstance(data, list):
        for item in data:
            _check_placeholders(item, attachments)
    elif isinstance(data, dict):
        if data.get("_placeholder") is True:
            number = data.get("num")
            if type(number) is not int or not 0 <= number < attachments:
                raise ProtocolError("a placeholder without an attachment")
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


def encode(packet: SocketPacket) -> tuple[bytes, list[bytes]]:
    """Return the packet's text, UTF-8, and its attachments.

    Its data may be anything that msgspec encodes. `bytes`, `bytearray` and `memoryview` in lists, tuples and dicts of
    an event or an ack become attachments; Structs cannot have any. Raises TypeError for data without a JSON form.
    """
    match packet:
        case Event():
            return _encode_args(b"2", b"5", packet.namespace, packet.id, (packet.name, *packet.args))
        case Ack():
            return _encode_args(b"3", b"6", packet.namespace, packet.id, packet.args)
        case Connect():
            digit, data = b"0", b"" if packet.data is None else _dump(packet.data)
        case Disconnect():
            digit, data = b"1", b""
        case ConnectError():
            digit, data = b"4", _dump(packet.data)
    return digit + _prefix(packet.namespace) + data, []


def _encode_args(
    digit: bytes, binary_digit: bytes, namespace: str, ack_id: int | None, args: Args
) -> tuple[bytes, list[bytes]]:
    attachments: list[bytes] = []
    data: object = args
    if _has_binary(args):
        data = _extract(args, attachments)
        digit = b"%b%d-" % (binary_digit, len(attachments))
    head = digit + _prefix(namespace)
    if ack_id is not None:
        head += b"%d" % ack_id
    return head + _dump(data), attachments


def _prefix(namespace: str) -> bytes:
    return b"" if namespace == "/" else namespace.encode() + b","


def frames(packet: SocketPacket) -> Frames:
    """Return the encoded packet."""
    text, attachments = encode(packet)
    return Frames.message(text, attachments)


def _dump(data: object) -> bytes:
    try:
        return _to_json(data)
    except UnicodeEncodeError:
        # A lone surrogate, which a JSON escape can express but UTF-8 cannot.
        return json.dumps(msgspec.to_builtins(data), separators=(",", ":")).encode()


def _has_binary(data: object) -> bool:
    kind = type(data)
    if kind is str or kind is int or isinstance(data, msgspec.Struct):  # nearly all data, and checked for every packet
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
