"""A GIF's blocks (GIF89a). Pure.

Only the screen, the frames, their timing and the loop are kept. Comments, XMP and other application data, and plain
text (which no browser draws) are removed. So is everything after the trailer or an invalid block, where browsers stop.
"""

import re
import struct
from collections.abc import Iterator, Mapping

from realtime.chat.images.model import Disposal, Frame, Scan
from realtime.errors import NotAGif

SIGNATURES = (b"GIF87a", b"GIF89a")
SCREEN_BYTES = 13  # signature and logical screen descriptor
DESCRIPTOR_BYTES = 10  # an image descriptor
CONTROL_BYTES = 8  # a graphic control extension

CODE_BITS = range(1, 9)  # the LZW minimum code size: 2 to 8, but some programs write 1 for two colours

IMAGE, EXTENSION, TRAILER = b",!;"
CONTROL, APPLICATION = b"\xf9", b"\xff"
LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
DISPOSALS: Mapping[int, Disposal] = {2: "background", 3: "previous", 4: "previous"}  # 4: as browsers do
REPEAT = re.compile(rb"\x03\x01..(?=.)", re.DOTALL)  # a three-byte sub-block with the loop count


def scan(data: bytes) -> Scan:
    """Parse the blocks up to the trailer, which may be missing.

    As in browsers, the first frame enlarges the screen if it does not fit, and later frames are clipped; of several
    loops, the last counts. Raises NotAGif when the blocks are invalid. Missing pixels of the last frame are only found
    when they are decoded.
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
            if label == CONTROL:  # its frame is missing
                raise
            break
        if label == CONTROL and at - begin == CONTROL_BYTES:
            control = data[begin:at]
        elif label == APPLICATION and data[begin + 3 : begin + 14] in LOOPS:
            loop = _loop(data[begin:at]) or loop
    if not (width and height and frame_pixels) or (control and at >= len(data)):
        raise NotAGif(reason="damaged")
    kept = b"".join([data[:6], struct.pack("<HH", width, height), head, loop, *parts, b";"])
    still = 0 if frames > 1 else None
    return Scan("gif", width, height, frames, kept, still=still, frame_pixels=frame_pixels, repeats=bool(loop))


def frames(kept: bytes) -> Iterator[Frame]:
    """Yield the frames of a GIF that `scan` returned, each with exactly its own data."""
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
            yield Frame(left, top, width, height, b"".join(still) if width and height else b"", *_shown(control))
            control = b""
        else:
            at = _after_blocks(kept, at + 2)
            control = kept[begin:at] if kept[begin + 1 : begin + 2] == CONTROL else control


def _colours(flags: int) -> int:
    """Return the size in bytes of the colour table declared by these flags."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _blocks(data: bytes, at: int) -> tuple[bytes, int]:
    """Return the sub-blocks at `at`, terminated if `data` is truncated, and where they end."""
    begin = last = at
    while at < len(data) and data[at]:
        last, at = at, at + 1 + data[at]
    if at < len(data):
        return data[begin : at + 1], at + 1
    rest = data[last + 1 :]
    return data[begin:last] + (bytes([len(rest)]) + rest if rest else b"") + b"\x00", len(data)


def _after_blocks(data: bytes, at: int) -> int:
    """Return where the sub-blocks at `at` end. Raises IndexError if `data` is truncated."""
    while length := data[at]:
        at += 1 + length
    return at + 1


def _shown(control: bytes) -> tuple[int, Disposal]:
    """Return how long a frame is shown, in milliseconds, and its disposal, from its graphic control extension."""
    if not control:
        return 0, "keep"
    flags, hundredths = struct.unpack_from("<BH", control, 3)
    return 10 * hundredths, DISPOSALS.get(flags >> 2 & 7, "keep")


def _loop(extension: bytes) -> bytes:
    """Return a looping extension with only the loop count, or an empty string if it has none."""
    found = REPEAT.match(extension, 14)
    return extension[: found.end()] + b"\x00" if found else b""
