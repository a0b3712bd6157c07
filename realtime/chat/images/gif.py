"""A GIF's blocks (GIF89a). Pure.

Kept are the screen, the frames, their timing and the loop. Comments, XMP and other applications' data, and plain text
(which no browser draws) go; so does what follows the trailer, or stands where a block should begin: browsers end there.
"""

import re
import struct
from collections.abc import Iterator

from realtime.chat.images.model import Frame, Scan
from realtime.errors import NotAGif

SIGNATURES = (b"GIF87a", b"GIF89a")
SCREEN_BYTES = 13  # signature and logical screen descriptor
DESCRIPTOR_BYTES = 10  # of an image
CONTROL_BYTES = 8  # a graphic control extension, all of it

CODE_BITS = range(1, 9)  # the LZW minimum code size: 2 to 8, and 1 from some programs for two colours

IMAGE, EXTENSION, TRAILER = b",!;"
CONTROL, APPLICATION = b"\xf9", b"\xff"
LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
REPEAT = re.compile(rb"\x03\x01..(?=.)", re.DOTALL)  # a sub-block of three bytes: how often


def scan(data: bytes) -> Scan:
    """Follow the blocks to the trailer, or to where they end without one.

    The first frame makes the screen larger where it lies beyond it, as in every browser; later ones are clipped there.
    Of several loops the last counts, wherever it stands. Raises NotAGif where the blocks lead nowhere; whether the
    pixels of the last frame are all there is seen when they are decoded.
    """
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    at = SCREEN_BYTES + _colours(flags)
    head = data[10:at]
    parts: list[bytes] = []
    frames, frame_pixels, control, loop = 0, 0, b"", b""
    while at < len(data) and data[at] in (IMAGE, EXTENSION):
        begin = at
        if data[at] == IMAGE:
            left, top, frame_width, frame_height, flags = struct.unpack_from("<HHHHB", data, at + 1)
            if not frames:
                width, height = max(width, left + frame_width), max(height, top + frame_height)
            frame_pixels = max(frame_pixels, frame_width * frame_height)
            pixels = at + DESCRIPTOR_BYTES + _colours(flags) + 1
            if data[pixels - 1] not in CODE_BITS:
                raise NotAGif(reason="damaged")
            blocks, at = _blocks(data, pixels)
            parts += (control, data[begin:pixels], blocks)
            frames, control = frames + 1, b""
            continue
        label = data[at + 1 : at + 2]
        try:
            at = _after_blocks(data, at + 2)
        except IndexError:
            if label == CONTROL:  # a frame was to follow
                raise
            break
        if label == CONTROL and at - begin == CONTROL_BYTES:
            control = data[begin:at]
        elif label == APPLICATION and data[begin + 3 : begin + 14] in LOOPS:
            loop = _loop(data[begin:at]) or loop
    if not (width and height and frame_pixels) or (control and at >= len(data)):
        raise NotAGif(reason="damaged")
    kept = b"".join([data[:6], struct.pack("<HH", width, height), head, loop, *parts, b";"])
    return Scan("gif", width, height, frames, kept, still=0 if frames > 1 else None, frame_pixels=frame_pixels)


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
            yield Frame(left, top, width, height, b"".join(still) if width and height else b"")
            control = b""
        else:
            at = _after_blocks(kept, at + 2)
            control = kept[begin:at] if kept[begin + 1 : begin + 2] == CONTROL else control


def _colours(flags: int) -> int:
    """Return the size in bytes of the colour table that these flags announce."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _blocks(data: bytes, at: int) -> tuple[bytes, int]:
    """Return the chain of sub-blocks that begins at `at`, ended where `data` is cut short, and where it has ended."""
    begin = last = at
    while at < len(data) and data[at]:
        last, at = at, at + 1 + data[at]
    if at < len(data):
        return data[begin : at + 1], at + 1
    rest = data[last + 1 :]
    return data[begin:last] + (bytes([len(rest)]) + rest if rest else b"") + b"\x00", len(data)


def _after_blocks(data: bytes, at: int) -> int:
    """Return where the chain of sub-blocks that begins at `at` has ended; IndexError when it does not."""
    while length := data[at]:
        at += 1 + length
    return at + 1


def _loop(extension: bytes) -> bytes:
    """Return an extension that says how often to repeat, and only that; nothing when it does not say."""
    found = REPEAT.match(extension, 14)
    return extension[: found.end()] + b"\x00" if found else b""
