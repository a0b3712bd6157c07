"""The last pixels of a JPEG without an end marker: whether they are complete, and where they end. Uses Pillow.

A decoder silently fills in pixels after the end of the data. But pixels that are present do not depend on what is
appended, so decoding with different appended bits shows whether any are missing.
"""

import io
import re
from bisect import bisect_left

from PIL import JpegImagePlugin

from realtime.errors import NotAGif

EOI = b"\xff\xd9"
RESTART = re.compile(rb"\xff[\xd0-\xd7]")
RESTARTS = 8

# Bit patterns that continue differently whatever the Huffman codes are: only one of them can be the end of a block.
BITS = tuple(bytes([pattern]) * 16 for pattern in (0b10110101, 0b01010101, 0b11011011, 0b00110011))
LAST_BYTES = 4  # that may contain no pixel data


def terminated(kept: bytes, open_at: int) -> bytes:
    """Return the JPEG, whose last pixel data start at `open_at`, cut off where these end.

    Raises NotAGif when pixels are missing.
    """
    head, data = kept[:open_at], kept[open_at : -len(EOI)]
    shown = _pixels(head + data + EOI)
    in_parts = RESTART.search(data) is not None

    def is_enough(length: int, patterns: int = len(BITS)) -> bool:
        begun = head + data[:length]
        # If there are restart intervals, the whole next one may be missing.
        mark = bytes([0xFF, 0xD0 + len(RESTART.findall(data, 0, length)) % RESTARTS])
        ways = [more + bits for bits in BITS[:patterns] for more in ((b"", mark) if in_parts else (b"",))]
        return all(_pixels(begun + way + EOI) == shown for way in ways)

    enough = next((length for length in (len(data.rstrip(b"\x00")), len(data)) if is_enough(length)), None)
    if enough is None:
        raise NotAGif(reason="damaged")
    if enough > LAST_BYTES and is_enough(enough - LAST_BYTES):
        enough = bisect_left(range(enough), True, key=lambda length: is_enough(length, 1))
        while not is_enough(enough):
            enough += 1
    return head + data[:enough] + EOI


def _pixels(jpeg: bytes) -> bytes:
    with JpegImagePlugin.JpegImageFile(io.BytesIO(jpeg)) as image:
        return image.tobytes()
