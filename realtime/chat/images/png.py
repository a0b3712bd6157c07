"""A PNG's chunks, including animations (PNG, third edition). Pure.

Only the pixels, the palette, the colour information and the animation are kept. Texts, EXIF, times and unknown chunks
are removed. So are optional chunks that are damaged, repeated, of an invalid size, or after the pixels they describe;
browsers ignore those, too.
"""

import struct
import zlib
from collections.abc import Iterator

from realtime.chat.images import exif, icc
from realtime.chat.images.model import UPRIGHT, Scan
from realtime.chat.images.png_animation import Animation
from realtime.chat.images.png_file import COLOUR_AT, INDEXED, SIGNATURE, Png
from realtime.errors import NotAGif

CHUNK_OVERHEAD_BYTES = 12  # a chunk's length, name and checksum
HEADER_BYTES = 13

# Sizes of chunks with colour information, in bytes (PNG section 11.3), some by colour type.
SIZES = {b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"cICP": 4, b"pHYs": 9, b"mDCV": 24, b"cLLI": 8}
SIZES_BY_COLOUR = {
    b"tRNS": {0: 2, 2: 6},
    b"sBIT": {0: 1, 2: 3, 3: 3, 4: 2, 6: 4},
    b"bKGD": {0: 2, 2: 6, 3: 1, 4: 2, 6: 6},
}
MAX_ALPHAS = 256  # of a palette
CRITICAL = frozenset((b"IHDR", b"PLTE", b"IDAT", b"IEND"))
PIXELS = frozenset((b"IDAT", b"fdAT"))
ANCILLARY = 0x20  # in the first letter of a name (PNG section 5.4)
PALETTE_BYTES = 3 * 256
PROFILE_BYTES = 1024 * 1024  # inflated: Pillow's maximum
PROFILE_NAME_BYTES = 80
PROFILE_NAME = b"ICC Profile"  # of those that are kept: a profile is named by whoever makes it


def scan(data: bytes) -> Scan:
    """Parse the chunks up to IEND, which may be missing.

    Raises NotAGif when they are invalid. Missing pixels are only found when they are inflated.
    """
    found = _read(data)
    png = found.png()
    pictures = len(png.pictures)
    hidden = pictures - png.frames  # a default image that is not part of the animation
    still = hidden if png.frames > 1 else None
    return Scan(
        "png",
        png.width,
        png.height,
        pictures,
        png.encoded(),
        still=still,
        orientation=found.orientation,
        repeats=png.plays not in (None, 1),
    )


def parse(kept: bytes) -> Png:
    """Parse a PNG that `scan` returned."""
    return _read(kept).png()


def _read(data: bytes) -> "_Found":
    found = _Found()
    for name, body in _chunks(data):
        found.take(name, body)
    return found


class _Found:
    """The chunks read so far."""

    def __init__(self) -> None:
        self._orientation: int | None = None
        self._header = b""
        self._chunks: dict[bytes, bytes] = {}
        self._has_profile = False  # or an invalid one
        self._pixels: list[bytes] = []  # of IDAT
        self._animation: Animation | None = None
        self._previous = b""
        self._ended = False

    @property
    def orientation(self) -> int:
        """The EXIF orientation."""
        return self._orientation or UPRIGHT

    def take(self, name: bytes, body: bytes) -> None:
        """Keep or drop a chunk. Raises NotAGif if it makes the image invalid."""
        previous, self._previous = self._previous, name
        # There is one header, which is the first chunk (PNG section 5.6).
        if (name == b"IHDR") != (not previous):
            raise NotAGif(reason="damaged")
        if self._animation is None:
            if len(body) != HEADER_BYTES:
                raise NotAGif(reason="damaged")
            self._header = body
            self._animation = Animation(*struct.unpack_from(">II", body))
        elif name == b"IDAT":
            # IDAT chunks must be consecutive; browsers ignore a second run.
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
        """Return the parts to keep. Raises NotAGif if they are not an image."""
        if self._animation is None or not self._pixels:
            raise NotAGif(reason="damaged")
        png = Png(self._header, self._chunks, *self._animation.end(self._pixels, has_iend=self._ended))
        if not png.width or not png.height or (png.colour == INDEXED and b"PLTE" not in self._chunks):
            raise NotAGif(reason="damaged")
        return png

    def _describe(self, animation: Animation, name: bytes, body: bytes) -> None:
        """Handle a chunk that describes the pixels. Of two, the first counts."""
        colour = self._header[COLOUR_AT]
        if name == b"acTL":
            animation.declare(body)
        elif name == b"eXIf":
            self._orientation = self._orientation or exif.orientation(body)
        elif name == b"PLTE":
            if name in self._chunks:  # which of the two is right is unknown
                raise NotAGif(reason="damaged")
            if colour == INDEXED:  # else it is only a suggestion for screens with few colours
                self._chunks[name] = body[: min(len(body) // 3 * 3, PALETTE_BYTES)]
        elif name == b"iCCP":
            if not self._has_profile and (profile := _profile(body)):
                self._chunks[name] = profile
            self._has_profile = True
        elif _is_colour_information(name, body, colour, has_palette=b"PLTE" in self._chunks):
            self._chunks.setdefault(name, body)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the name and data of each chunk, up to IEND or the last complete one.

    Damaged optional chunks are skipped. A critical chunk that is damaged or unknown raises NotAGif before the pixels
    and ends the file after them; the data of a damaged chunk of pixels are still yielded.
    """
    at, name, pixels = len(SIGNATURE), b"", False
    while name != b"IEND" and at + CHUNK_OVERHEAD_BYTES - 4 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + CHUNK_OVERHEAD_BYTES + length
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


def _is_colour_information(name: bytes, body: bytes, colour: int, *, has_palette: bool) -> bool:
    """Return whether a chunk is colour information of the right size."""
    if name == b"tRNS" and colour == INDEXED:
        return has_palette and len(body) <= MAX_ALPHAS
    return len(body) == (SIZES_BY_COLOUR[name].get(colour) if name in SIZES_BY_COLOUR else SIZES.get(name))


def _profile(body: bytes) -> bytes:
    """Return an iCCP chunk with only the colour profile, or an empty string if it has none."""
    name, _, compressed = body.partition(b"\x00")
    inflate = zlib.decompressobj()
    try:
        inflated = inflate.decompress(compressed[1:], PROFILE_BYTES)
    except zlib.error:
        return b""
    profile = icc.profile(inflated)
    if not (0 < len(profile) <= PROFILE_BYTES and inflate.eof and compressed[:1] == b"\x00"):
        return b""
    if not 0 < len(name) < PROFILE_NAME_BYTES:
        return b""
    if name == PROFILE_NAME and profile == inflated and not inflate.unused_data:
        return body
    return PROFILE_NAME + b"\x00\x00" + zlib.compress(profile)
