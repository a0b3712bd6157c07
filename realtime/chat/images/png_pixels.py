"""The compressed rows of a PNG: checks that they are complete and contain nothing else. Pure.

Decoders accept missing rows and ignore extra data.
"""

import struct
import zlib
from collections.abc import Iterator, Sequence

from realtime.chat.images.model import Disposal, Frame
from realtime.chat.images.png_file import Picture, Png
from realtime.errors import NotAGif

SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type (PNG section 11.2.1)
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
EIGHT_BITS = 8
DISPOSALS: tuple[Disposal, ...] = ("keep", "background", "previous")
BLEND_OVER = 1
INFLATED_BYTES = 1024 * 1024  # per step
ZLIB_BYTES, WINDOW, DICTIONARY = 2, 7, 0x20  # the zlib header's size, its largest window and a flag (RFC 1950)


def repaired(png: Png) -> Png:
    """Return the PNG with exactly its rows in each picture. Raises NotAGif when some are missing.

    A stream with extra data, a wrong checksum or a missing end is compressed again. A damaged default image that is not
    part of the animation, and so never shown, becomes blank (Pillow writes them too small).
    """
    depth, colour, _, _, interlaced = png.header[8:]
    if colour not in SAMPLES:
        raise NotAGif(reason="damaged")
    bits = depth * SAMPLES[colour]
    pictures = []
    for picture in png.pictures:
        _, _, width, height = picture.place(png)
        raw_bytes = _raw_bytes(width, height, bits, bool(interlaced))
        try:
            data = _repaired(picture.data, raw_bytes)
        except NotAGif:
            if picture.control or png.plays is None:
                raise
            data = [zlib.compress(bytes(raw_bytes))]
        pictures.append(picture._replace(data=data))
    return png._replace(pictures=pictures)


def frames(png: Png) -> Iterator[Frame]:
    """Yield each picture as a PNG, with transparent greys as eight bits, which is how Pillow compares them."""
    chunks, depth = dict(png.chunks), png.header[8]
    if b"tRNS" in chunks and png.colour == 0 and 0 < depth < EIGHT_BITS:
        chunks[b"tRNS"] = struct.pack(">H", struct.unpack(">H", chunks[b"tRNS"])[0] * 255 // (2**depth - 1) & 0xFF)
    for picture in png.pictures:
        left, top, width, height = picture.place(png)
        header = struct.pack(">II", width, height) + png.header[8:]
        still = Png(header, chunks, [Picture(b"", picture.data)], None).encoded()
        yield Frame(left, top, width, height, still, *_shown(picture.control))


def _repaired(data: Sequence[bytes], raw_bytes: int) -> Sequence[bytes]:
    stream = _Stream(b"".join(data), raw_bytes)
    for _ in stream.rows():
        pass
    if stream.is_exact:
        return data
    deflate = zlib.compressobj()
    return [b"".join([*map(deflate.compress, stream.rows()), deflate.flush()])]


def _shown(control: bytes) -> tuple[int, Disposal, bool]:
    """Return how long a frame is shown, in milliseconds, its disposal, and whether it blends (PNG section 11.3.6.2)."""
    if not control:
        return 0, "keep", True
    delay, parts, disposal, blend = struct.unpack_from(">HHBB", control, 16)
    return round(1000 * delay / (parts or 100)), DISPOSALS[disposal], blend == BLEND_OVER


class _Stream:
    """A zlib stream (RFC 1950) that should contain `raw_bytes` bytes."""

    def __init__(self, stream: bytes, raw_bytes: int) -> None:
        method, flags = stream[:ZLIB_BYTES].ljust(ZLIB_BYTES, b"\xff")
        if (method << 8 | flags) % 31 or method & 15 != zlib.DEFLATED or method >> 4 > WINDOW or flags & DICTIONARY:
            raise NotAGif(reason="damaged")
        self.is_exact = False  # set once all rows were read
        self._deflated = stream[ZLIB_BYTES:]
        self._raw_bytes = raw_bytes

    def rows(self) -> Iterator[bytes]:
        """Yield the bytes in pieces. Raises NotAGif when there are too few."""
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        data, missing, checksum = self._deflated, self._raw_bytes, 1
        try:
            while missing:
                rows = inflate.decompress(data, min(missing, INFLATED_BYTES))
                if not rows:
                    raise NotAGif(reason="damaged")
                yield rows
                data, missing, checksum = inflate.unconsumed_tail, missing - len(rows), zlib.adler32(rows, checksum)
        except zlib.error as error:
            raise NotAGif(reason="damaged") from error
        try:
            more = inflate.decompress(data, 1)
        except zlib.error:
            return
        self.is_exact = not more and inflate.unused_data == struct.pack(">I", checksum) and inflate.eof


def _raw_bytes(width: int, height: int, bits: int, interlaced: bool) -> int:
    """Return the size of all rows, including their filter bytes (PNG sections 7.2 and 8)."""
    total = 0
    for left, top, right, down in ADAM7 if interlaced else ((0, 0, 1, 1),):
        columns, rows = -(-(width - left) // right), -(-(height - top) // down)
        total += rows * (1 + (columns * bits + 7) // 8) if columns else 0
    return total
