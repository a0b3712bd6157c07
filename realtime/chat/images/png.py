"""A PNG's chunks, animated ones too (PNG, third edition). Pure.

Kept are the pixels, the palette, what tells how their colours are meant, and the animation. Texts, EXIF, times and
every chunk that is not known here go. So does an optional chunk that is damaged, of no size it can have, there for the
second time, or behind the pixels that it would say something of: browsers pass over those, too.
"""

import struct
import zlib
from collections.abc import Iterator

from realtime.chat.images import exif, icc
from realtime.chat.images.model import UPRIGHT, Scan
from realtime.chat.images.png_animation import Animation
from realtime.chat.images.png_file import COLOUR_AT, INDEXED, SIGNATURE, Png
from realtime.errors import NotAGif

AROUND_BYTES = 12  # a chunk's length, name and checksum
HEADER_BYTES = 13

# Of the chunks on colours, in bytes (PNG section 11.3), some by the colour type.
SIZES = {b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"cICP": 4, b"pHYs": 9, b"mDCV": 24, b"cLLI": 8}
SIZES_BY_COLOUR = {
    b"tRNS": {0: 2, 2: 6},
    b"sBIT": {0: 1, 2: 3, 3: 3, 4: 2, 6: 4},
    b"bKGD": {0: 2, 2: 6, 3: 1, 4: 2, 6: 6},
}
TRANSPARENCIES = 256  # of a palette, at most
CRITICAL = frozenset((b"IHDR", b"PLTE", b"IDAT", b"IEND"))
PIXELS = frozenset((b"IDAT", b"fdAT"))
ANCILLARY = 0x20  # in the first letter of a name (PNG section 5.4)
PALETTE_BYTES = 3 * 256
PROFILE_BYTES = 1024 * 1024  # inflated; Pillow takes no larger one
PROFILE_NAME_BYTES = 80


def scan(data: bytes) -> Scan:
    """Follow the chunks to IEND, or to where they end without it.

    Raises NotAGif where they lead nowhere; whether all pixels are there is seen when they are inflated.
    """
    found = _read(data)
    png = found.png()
    pictures = len(png.pictures)
    hidden = pictures - png.frames  # the picture for who knows no animation
    still = hidden if png.frames > 1 else None
    return Scan("png", png.width, png.height, pictures, png.encoded(), still=still, orientation=found.orientation)


def taken_apart(kept: bytes) -> Png:
    """Return what is in a PNG that `scan` has put together."""
    return _read(kept).png()


def _read(data: bytes) -> "_Found":
    found = _Found()
    for name, body in _chunks(data):
        found.take(name, body)
    return found


class _Found:
    """What was found so far."""

    def __init__(self) -> None:
        self._orientation: int | None = None
        self._header = b""
        self._chunks: dict[bytes, bytes] = {}
        self._has_profile = False  # or something in its place
        self._pixels: list[bytes] = []  # of IDAT
        self._animation: Animation | None = None
        self._previous = b""
        self._ended = False

    @property
    def orientation(self) -> int:
        """Which way up, as EXIF counts."""
        return self._orientation or UPRIGHT

    def take(self, name: bytes, body: bytes) -> None:
        """Keep a chunk, or not. Raises NotAGif when there can be no image with it."""
        previous, self._previous = self._previous, name
        # A picture has one header, the first of all (PNG section 5.6).
        if (name == b"IHDR") != (not previous):
            raise NotAGif(reason="damaged")
        if self._animation is None:
            if len(body) != HEADER_BYTES:
                raise NotAGif(reason="damaged")
            self._header = body
            self._animation = Animation(*struct.unpack_from(">II", body))
        elif name == b"IDAT":
            # A picture's pixels lie together: browsers look at no second run of them.
            if previous == name or not self._pixels:
                self._pixels.append(body)
        elif name == b"fcTL":
            self._animation.control(body, is_first=not self._pixels)
        elif name == b"fdAT":
            if not self._pixels:
                raise NotAGif(reason="damaged")
            self._animation.data(body)
        elif name == b"IEND":
            self._ended = True
        elif not self._pixels:
            self._describe(self._animation, name, body)

    def png(self) -> Png:
        """Return what is to be kept. Raises NotAGif when that is no image."""
        if self._animation is None or not self._pixels:
            raise NotAGif(reason="damaged")
        png = Png(self._header, self._chunks, *self._animation.end(self._pixels, told=self._ended))
        if not png.width or not png.height or (png.colour == INDEXED and b"PLTE" not in self._chunks):
            raise NotAGif(reason="damaged")
        return png

    def _describe(self, animation: Animation, name: bytes, body: bytes) -> None:
        """Take a chunk that says something of the pixels to come. Of two the first counts."""
        colour = self._header[COLOUR_AT]
        if name == b"acTL":
            animation.announce(body)
        elif name == b"eXIf":
            self._orientation = self._orientation or exif.orientation(body)
        elif name == b"PLTE":
            if name in self._chunks:  # there is no telling which
                raise NotAGif(reason="damaged")
            if colour == INDEXED:  # else it is a proposal, for screens of few colours
                self._chunks[name] = body[: min(len(body) // 3 * 3, PALETTE_BYTES)]
        elif name == b"iCCP":
            if not self._has_profile and (profile := _profile(body)):
                self._chunks[name] = profile
            self._has_profile = True
        elif _tells_of_colours(name, body, colour, has_palette=b"PLTE" in self._chunks):
            self._chunks.setdefault(name, body)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give name and content of each chunk, to IEND or to where there is none any more.

    Optional ones that are damaged are left out. Raises NotAGif when one that is needed is, or is not known, before the
    pixels. After them the file ends there; what the last chunk of pixels still has belongs to it.
    """
    at, name, pixels = len(SIGNATURE), b"", False
    while name != b"IEND" and at + AROUND_BYTES - 4 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + AROUND_BYTES + length
        whole = end <= len(data) and zlib.crc32(data[at + 4 : end - 4]) == int.from_bytes(data[end - 4 : end])
        good = whole and (name in CRITICAL or bool(name[0] & ANCILLARY)) and not (pixels and name == b"IHDR")
        pixels |= name == b"IDAT"
        if good or name in PIXELS:
            yield name, data[at + 8 : end - 4]
        if not good and (name in PIXELS or not name[0] & ANCILLARY):
            if not pixels:
                raise NotAGif(reason="damaged")
            return
        at = end


def _tells_of_colours(name: bytes, body: bytes, colour: int, *, has_palette: bool) -> bool:
    """Return whether a chunk says how the colours are meant, and nothing besides."""
    if name == b"tRNS" and colour == INDEXED:
        return has_palette and len(body) <= TRANSPARENCIES
    return len(body) == (SIZES_BY_COLOUR[name].get(colour) if name in SIZES_BY_COLOUR else SIZES.get(name))


def _profile(body: bytes) -> bytes:
    """Return an iCCP chunk with the colour profile in it and nothing besides; nothing when there is none."""
    name, _, compressed = body.partition(b"\x00")
    inflate = zlib.decompressobj()
    try:
        inflated = inflate.decompress(compressed[1:], PROFILE_BYTES)
    except zlib.error:
        return b""
    profile = icc.profile(inflated)
    if not (profile and inflate.eof and 0 < len(name) < PROFILE_NAME_BYTES and compressed[:1] == b"\x00"):
        return b""
    if profile == inflated and not inflate.unused_data:
        return body
    return name + b"\x00\x00" + zlib.compress(profile)
