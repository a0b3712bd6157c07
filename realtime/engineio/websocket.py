"""Reading WebSocket frames (RFC 6455), as a server does. Pure: bytes in, messages out.

Tornado shakes hands; this reads what follows. Its own reader takes a frame through half a dozen futures, and the loop's
selector to and fro, which is more than all the rest of what a chat message costs. Frames to send need no writer: they
are made once for everybody (`packet.Frames`). No extension is ever agreed on, so the reserved bits must be zero.
"""

import struct
from typing import Final

import msgspec

from realtime.errors import ProtocolError

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
FIN: Final = 0x80
MASKED: Final = 0x80

# RFC 6455, section 7.4.1
NORMAL, PROTOCOL_VIOLATION, NOT_UTF8, TOO_BIG = 1000, 1002, 1007, 1009
ERRORS: Final = range(1002, 3000)
"""The codes by which a peer gives up on a connection: RFC 6455, section 7.4, and the registry that it founds."""

_SHORT: Final = 126
_LONG: Final = 127
_UINT16: Final = struct.Struct("!H")
_UINT64: Final = struct.Struct("!Q")


class FrameError(ProtocolError):
    """A peer broke RFC 6455; `code` is what its connection is closed with."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Control(msgspec.Struct, frozen=True):
    """A control frame: CLOSE, PING or PONG, with its payload of 125 bytes at most."""

    opcode: int
    payload: bytes


Message = str | bytes | Control


class FrameReader:
    """One connection's incoming frames. After a FrameError it is of no more use."""

    __slots__ = ("_buffer", "_kind", "_most_bytes", "_parts", "_wanted")

    def __init__(self, most_bytes: int) -> None:
        """Read messages of up to `most_bytes`."""
        self._most_bytes = most_bytes
        self._buffer: bytearray | None = None  # an incomplete frame
        self._wanted = 0  # how much of it must be there before it is worth looking at again
        self._kind = CONTINUATION  # the opcode of the message whose fragments are in `_parts`
        self._parts: bytearray | None = None

    def feed(self, data: bytes) -> list[Message]:
        """Return what `data` completes, in order; raises FrameError, also for what came after a good message."""
        if self._buffer is not None:
            self._buffer += data
            if len(self._buffer) < self._wanted:
                return []
            data, self._buffer, self._wanted = bytes(self._buffer), None, 0
        messages: list[Message] = []
        at, end = 0, len(data)
        while end - at >= 2:  # noqa: PLR2004  the shortest header
            head, length = data[at], data[at + 1]
            # Section 5.1: "a server MUST close the connection upon receiving a frame that is not masked".
            if not length & MASKED:
                raise FrameError(PROTOCOL_VIOLATION, "a frame that is not masked")
            length &= ~MASKED
            start = at + 2
            if length == _SHORT:
                if end - at < 4:  # noqa: PLR2004  two bytes more
                    break
                length, start = _UINT16.unpack_from(data, start)[0], start + 2
            elif length == _LONG:
                if end - at < 10:  # noqa: PLR2004  eight bytes more
                    break
                length, start = _UINT64.unpack_from(data, start)[0], start + 8
            self._check(head, length)
            stop = start + 4 + length
            if stop > end:
                self._wanted = stop - at
                break
            message = self._take(head, _unmask(data[start + 4 : stop], data[start : start + 4]))
            if message is not None:
                messages.append(message)
            at = stop
        if at < end:
            self._buffer = bytearray(data[at:])
        return messages

    def _check(self, head: int, length: int) -> None:
        """Judge a frame by its header, before its payload has come."""
        opcode = head & 0x0F
        if head & 0x70:
            raise FrameError(PROTOCOL_VIOLATION, "a reserved bit")
        if opcode >= CLOSE:
            # Section 5.5: control frames "MUST have a payload length of 125 bytes or less and MUST NOT be fragmented".
            if opcode > PONG or length >= _SHORT or not head & FIN:
                raise FrameError(PROTOCOL_VIOLATION, "a control frame that is none")
            return
        parts = self._parts
        if opcode > BINARY or (opcode == CONTINUATION) is (parts is None):
            raise FrameError(PROTOCOL_VIOLATION, "an opcode that cannot come here")
        if (length if parts is None else len(parts) + length) > self._most_bytes:
            raise FrameError(TOO_BIG, "a message over the limit")

    def _take(self, head: int, payload: bytes) -> Message | None:
        opcode = head & 0x0F
        if opcode >= CLOSE:
            return Control(opcode, payload)
        if self._parts is None:
            if head & FIN:
                return _message(opcode, payload)
            self._kind, self._parts = opcode, bytearray()
        self._parts += payload
        if not head & FIN:
            return None
        whole, self._parts = bytes(self._parts), None
        return _message(self._kind, whole)


def _message(opcode: int, payload: bytes) -> str | bytes:
    if opcode == BINARY:
        return payload
    try:
        return payload.decode()
    except UnicodeDecodeError as error:
        raise FrameError(NOT_UTF8, "a text that is not UTF-8") from error


def _unmask(data: bytes, mask: bytes) -> bytes:
    """Undo the masking of section 5.3: each octet XOR the mask's, over and over."""
    size = len(data)
    keys = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(data, "little") ^ int.from_bytes(keys, "little")).to_bytes(size, "little")


def close_code(payload: bytes) -> int | None:
    """Return the code in a close frame, None for one without."""
    return int.from_bytes(payload[:2], "big") if payload else None


def closing(code: int) -> bytes:
    """Return the close frame that ends a connection with `code`."""
    return bytes((FIN | CLOSE, 2)) + _UINT16.pack(code)


def pong(payload: bytes) -> bytes:
    """Return the answer to a ping."""
    return bytes((FIN | PONG, len(payload))) + payload
