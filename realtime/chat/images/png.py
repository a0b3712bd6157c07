"""A PNG's chunks, animated ones too (PNG, third edition). Pure.

Kept are the pixels, the palette, what tells how their colours are meant, and the animation. Texts, EXIF, times and
every chunk that is not known here go.
"""

import struct
import zlib
from collections.abc import Iterator

from realtime.chat.images import exif, icc
from realtime.chat.images.model import UPRIGHT, Scan
from realtime.errors import NotAGif

SIGNATURE = b"\x89PNG\r\n\x1a\n"
AROUND_BYTES = 12  # a chunk's length, name and checksum

COLOURS = frozenset((b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"cICP", b"sBIT", b"bKGD", b"pHYs", b"mDCV", b"cLLI"))
ANIMATION = frozenset((b"acTL", b"fcTL", b"fdAT"))
CRITICAL = frozenset((b"IHDR", b"PLTE", b"IDAT", b"IEND"))
ANCILLARY = 0x20  # in the first letter of a name (PNG section 5.4)
PROFILE_BYTES = 1024 * 1024  # inflated; Pillow takes no larger one
PROFILE_NAME_BYTES = 80

SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type (PNG section 11.2.1)
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
INFLATED_BYTES = 1024 * 1024  # at a time


class _Animation:
    """The frames of an animated PNG, in the order in which its chunks come."""

    def __init__(self, announced: int) -> None:
        self.announced = announced
        self.frames = 0
        self.hidden_picture = False  # the IDAT is only for who knows no animation
        self._sequence = 0
        self._has_data = True

    def control(self, body: bytes, width: int, height: int) -> None:
        """Take an fcTL: the next frame begins."""
        number, frame_width, frame_height, left, top = struct.unpack_from(">5I", body)
        if not (frame_width and frame_height and left + frame_width <= width and top + frame_height <= height):
            raise NotAGif(reason="damaged")
        self._next(number)
        self.end()
        self.frames += 1
        self._has_data = False

    def data(self, body: bytes) -> None:
        """Take an fdAT: pixels of this frame."""
        (number,) = struct.unpack_from(">I", body)
        self._next(number)
        if not self.frames:
            raise NotAGif(reason="damaged")
        self._has_data = True

    def picture(self) -> None:
        """Take an IDAT: the first frame's pixels, or those of no frame."""
        self.hidden_picture |= not self.frames
        self._has_data = True

    def end(self) -> None:
        """Refuse a frame that has no pixels."""
        if not self._has_data:
            raise NotAGif(reason="damaged")

    def _next(self, number: int) -> None:
        if number != self._sequence:
            raise NotAGif(reason="damaged")
        self._sequence += 1


class _Found:
    """What was found so far."""

    def __init__(self, width: int, height: int) -> None:
        self.size = width, height
        self.orientation = UPRIGHT
        self.animation: _Animation | None = None
        self.pixels = False
        self._previous = b""

    def take(self, name: bytes, body: bytes) -> bool:
        """Return whether a chunk is to be kept."""
        previous, self._previous = self._previous, name
        # A picture has one header, the first of all, and its pixels lie together (PNG section 5.6).
        if (name == b"IHDR") != (not previous) or (name == b"IDAT" and self.pixels and previous != name):
            raise NotAGif(reason="damaged")
        if name == b"IDAT":
            self.pixels = True
            if self.animation is not None:
                self.animation.picture()
        elif name in ANIMATION:
            return self._animate(name, body)
        elif name == b"eXIf":
            self.orientation = exif.orientation(body)
        elif name not in CRITICAL and not name[0] & ANCILLARY:
            raise NotAGif(reason="damaged")  # unknown, and the image cannot be understood without it
        return name in CRITICAL or name in COLOURS or (name == b"iCCP" and _is_profile(body))

    def _animate(self, name: bytes, body: bytes) -> bool:
        if name == b"acTL" and self.animation is None and not self.pixels:
            self.animation = _Animation(struct.unpack_from(">I", body)[0])
        elif name == b"acTL" or self.animation is None:  # it comes too late: it does not move
            return False
        elif name == b"fcTL":
            self.animation.control(body, *self.size)
        elif self.pixels:
            self.animation.data(body)
        else:
            raise NotAGif(reason="damaged")
        return True


def scan(data: bytes) -> Scan:
    """Follow the chunks to IEND. Raises NotAGif where they lead nowhere, and when anything follows it."""
    width, height = struct.unpack_from(">II", data, 16)
    if not width or not height:
        raise NotAGif(reason="damaged")
    found = _Found(width, height)
    kept = b"".join([SIGNATURE, *(chunk for name, body, chunk in _chunks(data) if found.take(name, body))])
    if not found.pixels:
        raise NotAGif(reason="damaged")
    animation = found.animation
    if animation is None:
        return Scan("png", width, height, 1, kept, orientation=found.orientation)
    animation.end()
    if not animation.frames or animation.frames != animation.announced:
        raise NotAGif(reason="damaged")
    first = int(animation.hidden_picture)
    return Scan("png", width, height, animation.frames + first, kept, still=first if animation.frames > 1 else None)


def check_pixels(kept: bytes) -> None:
    """Inflate the pixels of a PNG, one that `scan` has put together: each frame has its rows, and nothing besides.

    Decoders are content with less, and pass over what comes after. Raises NotAGif.
    """
    width, height, depth, colour, _, _, interlaced = struct.unpack_from(">IIBBBBB", kept, 16)
    if colour not in SAMPLES:
        raise NotAGif(reason="damaged")
    bits = depth * SAMPLES[colour]
    pixels: _Pixels | None = None
    for name, body, _ in _chunks(kept):
        if name == b"fcTL" or (name == b"IDAT" and pixels is None):
            if pixels is not None:
                pixels.end()
            columns, rows = struct.unpack_from(">II", body, 4) if name == b"fcTL" else (width, height)
            pixels = _Pixels(_raw_bytes(columns, rows, bits, bool(interlaced)))
        if pixels is not None and name in (b"IDAT", b"fdAT"):
            pixels.take(body[4:] if name == b"fdAT" else body)
    if pixels is not None:
        pixels.end()


class _Pixels:
    """The compressed rows of one frame."""

    def __init__(self, raw_bytes: int) -> None:
        self._missing = raw_bytes
        self._inflate = zlib.decompressobj()

    def take(self, data: bytes) -> None:
        while data and not self._inflate.eof:
            try:
                self._missing -= len(self._inflate.decompress(data, INFLATED_BYTES))
            except zlib.error as error:
                raise NotAGif(reason="damaged") from error
            if self._missing < 0:
                raise NotAGif(reason="trailing")
            data = self._inflate.unconsumed_tail
        if self._inflate.unused_data or (data and self._inflate.eof):
            raise NotAGif(reason="trailing")

    def end(self) -> None:
        if self._missing or not self._inflate.eof:
            raise NotAGif(reason="damaged")


def _raw_bytes(width: int, height: int, bits: int, interlaced: bool) -> int:
    """Return the size of all rows, each with its filter's byte (PNG sections 7.2 and 8)."""
    total = 0
    for left, top, right, down in ADAM7 if interlaced else ((0, 0, 1, 1),):
        columns, rows = -(-(width - left) // right), -(-(height - top) // down)
        total += rows * (1 + (columns * bits + 7) // 8) if columns else 0
    return total


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Give name, content and all bytes of each chunk up to IEND."""
    at, name = len(SIGNATURE), b""
    while name != b"IEND":
        length: int
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + AROUND_BYTES + length
        if end > len(data):
            raise NotAGif(reason="damaged")
        (checksum,) = struct.unpack_from(">I", data, end - 4)
        if zlib.crc32(data[at + 4 : end - 4]) != checksum:
            raise NotAGif(reason="damaged")
        yield name, data[at + 8 : end - 4], data[at:end]
        at = end
    if at != len(data):
        raise NotAGif(reason="trailing")


def _is_profile(body: bytes) -> bool:
    """Return whether an iCCP chunk holds a colour profile and nothing besides."""
    name, _, compressed = body.partition(b"\x00")
    inflate = zlib.decompressobj()
    try:
        profile = inflate.decompress(compressed[1:], PROFILE_BYTES)
    except zlib.error:
        return False
    whole = inflate.eof and not inflate.unused_data
    return 0 < len(name) < PROFILE_NAME_BYTES and compressed[:1] == b"\x00" and whole and icc.is_profile(profile)
