"""The last pixels of a JPEG without its end mark: whether they are there, and where they end; by Pillow.

A decoder goes on with nothing where the data end, and tells nobody. But pixels that are there do not change with what
one puts behind them.
"""

import io
import re
from bisect import bisect_left

from PIL import JpegImagePlugin

from realtime.errors import NotAGif

EOI = b"\xff\xd9"
RESTART = re.compile(rb"\xff[\xd0-\xd7]")
RESTARTS = 8

# Bits that go on in all four ways, whatever the Huffman codes are: only one of them can be the end of a block.
BITS = tuple(bytes([pattern]) * 16 for pattern in (0b10110101, 0b01010101, 0b11011011, 0b00110011))
LAST_BYTES = 4  # which may be there and say nothing


def closed(kept: bytes, open_at: int) -> bytes:
    """Return the JPEG whose last pixels begin at `open_at`, with these and nothing that followed them.

    Raises NotAGif when they are not all there.
    """
    head, data = kept[:open_at], kept[open_at : -len(EOI)]
    shown = _pixels(head + data + EOI)
    in_parts = RESTART.search(data) is not None

    def is_enough(length: int, patterns: int = len(BITS)) -> bool:
        begun = head + data[:length]
        # Where the data are in parts, the next one may be missing as a whole.
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
