"""WebSocket frames (RFC 6455), server side. Pure: bytes in, messages out, and back.

Tornado does the handshake; this reads what follows. Tornado's own reader passes each frame through half a dozen futures
and the event loop's selector, which costs more than all other handling of a chat message. Outgoing frames are encoded
once for all receivers (`packet.Frames`), unmasked: a server never masks (section 5.1). No extensions are negotiated, so
the reserved bits must be zero.
"""

import struct
import sys
from collections.abc import Iterator
from typing import Final

import msgspec

from realtime.errors import ProtocolError

# Section 5.2: a frame begins with FIN and the opcode, then MASKED and the length.
OP_CONTINUATION, OP_TEXT, OP_BINARY, OP_CLOSE, OP_PING, OP_PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
FIN: Final = 0x80
RESERVED: Final = 0x70
OPCODE: Final = 0x0F
MASKED: Final = 0x80

# A length below 126 stands in the second byte; 126 and 127 there announce a longer field.
_LENGTH_16: Final = 126
_LENGTH_64: Final = 127
_SHORT: Final = struct.Struct("!BB")
_MEDIUM: Final = struct.Struct("!BBH")
_LONG: Final = struct.Struct("!BBQ")
_SHORTEST: Final = _SHORT.size

# Section 7.4.1, and the registry that it establishes
NORMAL, GOING_AWAY, PROTOCOL_VIOLATION, NOT_UTF8 = 1000, 1001, 1002, 1007
POLICY_VIOLATION, TOO_BIG, TRY_AGAIN_LATER = 1008, 1009, 1013
ERRORS: Final = range(1002, 3000)
"""The codes by which a peer gives up on a connection: section 7.4."""
DEFINED: Final = frozenset((1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014))
"""Those that a close frame may have: 1004 has no meaning yet, and 1005, 1006 and 1015 are for use inside a program."""
FOR_LIBRARIES_AND_APPLICATIONS: Final = range(3000, 5000)
_CODE: Final = struct.Struct("!H")

MAX_FRAMES: Final = 1_000
"""Of one message, with the control frames between them. Browsers send a message of the maximum size in eight."""


class FrameError(ProtocolError):
    """A peer violated RFC 6455; `code` is the code its connection is closed with."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Control(msgspec.Struct, frozen=True):
    """A frame of OP_CLOSE, OP_PING or OP_PONG, with its payload of at most 125 bytes."""

    opcode: int
    payload: bytes


Received = str | bytes | Control
"""A complete message, or a control frame, which may arrive between the fragments of one."""


class FrameReader:
    """One connection's incoming frames. It cannot be used after a FrameError."""

    __slots__ = ("_at", "_frames", "_kind", "_most_bytes", "_part", "_parts", "_unread", "_wanted")

    def __init__(self, most_bytes: int) -> None:
        """Read messages of up to `most_bytes`."""
        self._most_bytes = most_bytes
        self._unread = b""  # from `_at` on
        self._at = 0
        self._part: bytearray | None = None  # an incomplete frame
        self._wanted = 0  # its length when it is worth parsing again
        self._kind = OP_CONTINUATION  # the opcode of the message whose fragments are in `_parts`
        self._parts: bytearray | None = None
        self._frames = 0  # while there are `_parts`: how many frames came since the first

    @property
    def pending_bytes(self) -> int:
        """How much memory is kept: for what is not complete, and for what `next` was not asked for."""
        part, parts = self._part, self._parts
        if part is None and parts is None:
            return len(self._unread) if self._at < len(self._unread) else 0
        return len(self._unread) + sum(sys.getsizeof(one) for one in (part, parts) if one is not None)

    def feed(self, data: bytes) -> list[Received]:
        """Return what `data` completes, in order; raises FrameError even if a valid message came before the error."""
        self.add(data)
        messages: list[Received] = []
        while self.more:
            message = self.next()
            if message is not None:
                messages.append(message)
        return messages

    def add(self, data: bytes) -> None:
        """Take what was received."""
        if self._part is not None:
            self._part += data
            if len(self._part) < self._wanted:
                return
            data, self._part, self._wanted = bytes(self._part), None, 0
        self._unread, self._at = self._unread[self._at :] + data if self.more else data, 0

    @property
    def more(self) -> bool:
        """Whether there is something to read for `next`."""
        return self._at < len(self._unread)

    def next(self) -> Received | None:
        """Read one frame if it is complete; return the message it completes, if any. Raises FrameError."""
        data, at, end = self._unread, self._at, len(self._unread)
        if end - at < _SHORTEST:
            self._wait(0)
            return None
        head, length = data[at], data[at + 1]
        # Section 5.1: "a server MUST close the connection upon receiving a frame that is not masked".
        if not length & MASKED:
            raise FrameError(PROTOCOL_VIOLATION, "an unmasked frame")
        length &= ~MASKED
        mask_at = at + _SHORTEST
        if length >= _LENGTH_16:
            form = _MEDIUM if length == _LENGTH_16 else _LONG
            mask_at = at + form.size
            if mask_at > end:
                self._wait(0)
                return None
            length = form.unpack_from(data, at)[2]
        self._check(head, length)
        payload_at = mask_at + 4
        stop = payload_at + length
        if stop > end:
            self._wait(stop - at)
            return None
        self._at = stop
        if stop == end:
            self._unread, self._at = b"", 0
        return self._take(head, _unmask(data[payload_at:stop], data[mask_at:payload_at]))

    def _wait(self, wanted: int) -> None:
        self._part, self._wanted = bytearray(self._unread[self._at :]), wanted
        self._unread, self._at = b"", 0

    def _check(self, head: int, length: int) -> None:
        """Check a frame's header before its payload has arrived."""
        opcode = head & OPCODE
        if head & RESERVED:
            raise FrameError(PROTOCOL_VIOLATION, "a reserved bit")
        if opcode >= OP_CLOSE:
            # Section 5.5: control frames "MUST have a payload length of 125 bytes or less and MUST NOT be fragmented".
            if opcode > OP_PONG or length >= _LENGTH_16 or not head & FIN:
                raise FrameError(PROTOCOL_VIOLATION, "an invalid control frame")
            return
        parts = self._parts
        if opcode > OP_BINARY or (opcode == OP_CONTINUATION) is (parts is None):
            raise FrameError(PROTOCOL_VIOLATION, "an unexpected opcode")
        if (length if parts is None else len(parts) + length) > self._most_bytes:
            raise FrameError(TOO_BIG, "a message over the limit")

    def _take(self, head: int, payload: bytes) -> Received | None:
        opcode = head & OPCODE
        if self._parts is not None:
            self._frames += 1
            if self._frames > MAX_FRAMES:
                raise FrameError(POLICY_VIOLATION, "a message in too many frames")
        if opcode >= OP_CLOSE:
            if opcode == OP_CLOSE:
                _check_close(payload)
            return Control(opcode, payload)
        if self._parts is None:
            if head & FIN:
                return _message(opcode, payload)
            self._kind, self._parts, self._frames = opcode, bytearray(), 1
        self._parts += payload
        if not head & FIN:
            return None
        whole, self._parts = bytes(self._parts), None
        return _message(self._kind, whole)


def _message(opcode: int, payload: bytes) -> str | bytes:
    if opcode == OP_BINARY:
        return payload
    try:
        return payload.decode()
    except UnicodeDecodeError as error:
        raise FrameError(NOT_UTF8, "text that is not UTF-8") from error


def _check_close(payload: bytes) -> None:
    """Check a close frame's payload, if it has one: a code, and a reason for people."""
    code = close_code(payload)
    # Section 7.4.2: 0 to 999 are not used, 1000 to 2999 only as defined, and those reserved "MUST NOT be set".
    if code is not None and (
        len(payload) < _CODE.size or not (code in DEFINED or code in FOR_LIBRARIES_AND_APPLICATIONS)
    ):
        raise FrameError(PROTOCOL_VIOLATION, "an invalid close code")
    _message(OP_TEXT, payload[_CODE.size :])


def _unmask(data: bytes, mask: bytes) -> bytes:
    """Undo the masking of section 5.3: each octet XOR the mask's, over and over."""
    size = len(data)
    keys = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(data, "little") ^ int.from_bytes(keys, "little")).to_bytes(size, "little")


def header(opcode: int, length: int) -> bytes:
    """Return the header for a payload of `length` bytes."""
    if length < _LENGTH_16:
        return _SHORT.pack(FIN | opcode, length)
    if length < 1 << 16:
        return _MEDIUM.pack(FIN | opcode, _LENGTH_16, length)
    return _LONG.pack(FIN | opcode, _LENGTH_64, length)


def split(wire: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Yield the opcode, the payload and the end position of each of our own frames."""
    at = 0
    while at < len(wire):
        opcode, length, start = wire[at] & OPCODE, wire[at + 1], at + _SHORTEST
        if length >= _LENGTH_16:
            form = _MEDIUM if length == _LENGTH_16 else _LONG
            length, start = form.unpack_from(wire, at)[2], at + form.size
        at = start + length
        yield opcode, wire[start:at], at


def closing(code: int, why: str = "") -> bytes:
    """Return the close frame that ends a connection with `code`, and `why` in few words for people (section 5.5.1)."""
    said = why.encode()
    return header(OP_CLOSE, _CODE.size + len(said)) + _CODE.pack(code) + said


def pong(payload: bytes) -> bytes:
    """Return the answer to a ping."""
    return header(OP_PONG, len(payload)) + payload


def close_code(payload: bytes) -> int | None:
    """Return the code in a close frame, None for one without."""
    return int.from_bytes(payload[:2], "big") if payload else None
