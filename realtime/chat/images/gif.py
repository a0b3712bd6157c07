"""A GIF's blocks (GIF89a). Pure.

Kept are the screen, the frames, their timing and the loop. Comments, XMP and other applications' data, and plain text
(which no browser draws) go; so do zero bytes between blocks, which some programs leave there.
"""

import re
import struct
from collections.abc import Iterator
from typing import NamedTuple

from realtime.chat.images.model import Scan
from realtime.errors import NotAGif

SIGNATURES = (b"GIF87a", b"GIF89a")
SCREEN_BYTES = 13  # signature and logical screen descriptor
DESCRIPTOR_BYTES = 10  # of an image
CONTROL_BYTES = 8  # a graphic control extension, all of it

CODE_BITS = range(1, 9)  # the LZW minimum code size: 2 to 8, and 1 from some programs for two colours

IMAGE, EXTENSION, TRAILER = b",!;"
CONTROL, APPLICATION = b"\xf9\xff"
LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
REPEAT = re.compile(rb"\x03\x01..(?=.)", re.DOTALL)  # a sub-block of three bytes: how often


def scan(data: bytes) -> Scan:
    """Follow the blocks to the trailer.

    Raises NotAGif where they lead nowhere, and when anything follows the trailer. A frame that lies outside the screen
    makes the screen larger, as decoders do: what is kept says so from its start, and everybody sees the same.
    """
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    if not width or not height:
        raise NotAGif(reason="damaged")
    at = SCREEN_BYTES + _colours(flags)
    parts = [data[10:at]]
    frames, control, looped = 0, b"", False
    while (introducer := data[at]) != TRAILER:
        begin = at
        if introducer == IMAGE:
            right, bottom, flags = _frame(data, at)
            width, height = max(width, right), max(height, bottom)
            at += DESCRIPTOR_BYTES + _colours(flags)
            if data[at] not in CODE_BITS:
                raise NotAGif(reason="damaged")
            at = _after_blocks(data, at + 1)
            parts += (control, data[begin:at])
            frames, control = frames + 1, b""
        elif introducer == EXTENSION:
            label = data[at + 1]
            at = _after_blocks(data, at + 2)
            if label == CONTROL and at - begin == CONTROL_BYTES:
                control = data[begin:at]
            elif label == APPLICATION and not looped and data[begin + 3 : begin + 14] in LOOPS:
                loop = _loop(data[begin:at])
                parts.append(loop)
                looped = bool(loop)
        elif introducer == 0:
            at += 1
        else:
            raise NotAGif(reason="damaged")
    if at + 1 != len(data):
        raise NotAGif(reason="trailing")
    if not frames:
        raise NotAGif(reason="damaged")
    kept = b"".join([data[:6], struct.pack("<HH", width, height), *parts, b";"])
    return Scan("gif", width, height, frames, kept, still=0 if frames > 1 else None)


class Frame(NamedTuple):
    """One frame, and where it lies on the screen."""

    left: int
    top: int
    still: bytes  # a GIF of its own, as large as the frame


def frames(kept: bytes) -> Iterator[Frame]:
    """Take a GIF apart, one that `scan` has put together. Each frame has exactly its own data."""
    flags = kept[10]
    at = SCREEN_BYTES + _colours(flags)
    head = kept[10:at]
    control = b""
    while kept[at] != TRAILER:
        begin = at
        if kept[at] == IMAGE:
            left, top, width, height, local = struct.unpack_from("<HHHHB", kept, at + 1)
            at = _after_blocks(kept, at + DESCRIPTOR_BYTES + _colours(local) + 1)
            size = struct.pack("<HH", width, height)
            still = (b"GIF89a", size, head, control, b",\0\0\0\0", size, kept[begin + 9 : at], b";")
            yield Frame(left, top, b"".join(still))
            control = b""
        else:
            at = _after_blocks(kept, at + 2)
            control = kept[begin:at] if kept[begin + 1] == CONTROL else control


def _colours(flags: int) -> int:
    """Return the size in bytes of the colour table that these flags announce."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _frame(data: bytes, at: int) -> tuple[int, int, int]:
    """Return where the frame whose descriptor begins at `at` ends on the screen, and its flags."""
    left, top, width, height, flags = struct.unpack_from("<HHHHB", data, at + 1)
    if not width or not height:
        raise NotAGif(reason="damaged")
    return left + width, top + height, flags


def _after_blocks(data: bytes, at: int) -> int:
    """Return where the chain of sub-blocks that begins at `at` has ended; IndexError when it does not."""
    while length := data[at]:
        at += 1 + length
    return at + 1


def _loop(extension: bytes) -> bytes:
    """Return an extension that says how often to repeat, and only that; nothing when it does not say."""
    found = REPEAT.match(extension, 14)
    return extension[: found.end()] + b"\x00" if found else b""
