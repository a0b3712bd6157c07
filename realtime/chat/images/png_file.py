"""A parsed PNG, and its encoder. Pure."""

import struct
import zlib
from collections.abc import Mapping, Sequence
from itertools import count
from typing import NamedTuple

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOUR_AT = 9  # in IHDR
INDEXED = 3  # the colour type with a palette (PNG section 11.2.1)


class Picture(NamedTuple):
    """The pixels of a still image, of a frame, or of a default image that is not part of the animation."""

    control: bytes  # fcTL without its sequence number; empty if it is not a frame
    data: Sequence[bytes]  # the chunks' data, which together are one zlib stream

    def place(self, png: "Png") -> tuple[int, int, int, int]:
        """Return left, top, width and height on the canvas."""
        if not self.control:
            return 0, 0, png.width, png.height
        width, height, left, top = struct.unpack_from(">4I", self.control)
        return left, top, width, height


class Png(NamedTuple):
    """The parts of a PNG that are kept."""

    header: bytes
    chunks: Mapping[bytes, bytes]  # those that precede and describe the pixels, by name
    pictures: Sequence[Picture]  # the first in IDAT
    plays: int | None  # 0: forever; None: it is not animated

    @property
    def width(self) -> int:
        return int.from_bytes(self.header[:4])

    @property
    def height(self) -> int:
        return int.from_bytes(self.header[4:8])

    @property
    def colour(self) -> int:
        """The colour type."""
        return self.header[COLOUR_AT]

    @property
    def frames(self) -> int:
        """How many of the pictures are shown."""
        return len(self.pictures) if self.plays is None else sum(bool(picture.control) for picture in self.pictures)

    def encoded(self) -> bytes:
        """Return the file."""
        parts = [SIGNATURE, _chunk(b"IHDR", self.header)]
        parts += (_chunk(name, body) for name, body in self.chunks.items())
        if self.plays is not None:
            parts.append(_chunk(b"acTL", struct.pack(">II", self.frames, self.plays)))
        numbers = count()
        for index, picture in enumerate(self.pictures):
            if picture.control:
                parts.append(_chunk(b"fcTL", _uint32(next(numbers)) + picture.control))
            for data in picture.data:
                parts.append(_chunk(b"fdAT", _uint32(next(numbers)) + data) if index else _chunk(b"IDAT", data))
        return b"".join([*parts, _chunk(b"IEND", b"")])


def _chunk(name: bytes, body: bytes) -> bytes:
    return _uint32(len(body)) + name + body + _uint32(zlib.crc32(name + body))


def _uint32(number: int) -> bytes:
    return struct.pack(">I", number)
