"""A JPEG's segments (ITU-T T.81, annex B). Pure.

Only what decoding needs, the colour information (JFIF, Adobe, ICC) and the pixels are kept. EXIF, XMP, comments,
thumbnails and camera data are removed, and so is what phones append after the image: a second picture (MPO, Ultra HDR),
a video (motion photos), metadata.
"""

import re
import struct

from realtime.chat.images import exif, icc
from realtime.chat.images.model import UPRIGHT, Scan
from realtime.errors import NotAGif

SIGNATURE = b"\xff\xd8\xff"

SOI_BYTES, EOI_BYTES = b"\xff\xd8", b"\xff\xd9"
LENGTH_BYTES = 2  # a segment's length counts itself

SOF_BASELINE, SOF_EXTENDED, SOF_PROGRESSIVE = 0xC0, 0xC1, 0xC2
DHT, EOI, SOS, DQT, DNL, DRI = 0xC4, 0xD9, 0xDA, 0xDB, 0xDC, 0xDD
APP0, APP1, APP2, APP14, APP15, COM = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE

FRAMES = frozenset((SOF_BASELINE, SOF_EXTENDED, SOF_PROGRESSIVE))  # those that browsers support
TABLES = frozenset((DHT, DQT, DRI))
PRECISION = 8
COMPONENTS = (1, 3, 4)
COEFFICIENTS = 64  # per block
MAX_SCANS = 100  # decoding a scan visits all pixels; common encoders write about ten

STANDALONE = frozenset((0x01, *range(0xD0, 0xD8)))  # TEM and restart markers: no length follows them

# In entropy-coded data, a zero follows each 0xFF that is not a marker, and restart markers are part of the data.
MARKER = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")
ANY_MARKER = re.compile(rb"\xff([^\x00\xff])")

JFIF, ADOBE, EXIF, ICC = b"JFIF\x00", b"Adobe", b"Exif\x00", b"ICC_PROFILE\x00"
EXIF_BYTES = 6  # including a padding byte
PIECE_BYTES = 65_519  # the maximum per segment of a profile
JFIF_BYTES = 14  # without the thumbnail
ADOBE_BYTES = 12


class _Segments:
    """The segments read so far."""

    def __init__(self) -> None:
        self.parts = [SOI_BYTES]
        self.size: tuple[int, int] | None = None
        self.orientation: int | None = None
        self.scans = 0
        self._components = 0
        self._missing: dict[int, list[int]] = {}  # by component: the missing bits of each coefficient
        self._profile: dict[int, bytes] = {}  # its pieces, by number
        self._profile_pieces = 0  # the declared count
        self._profile_at = 0
        self._pixels_at = 0  # the index of the latest pixel data in `parts`

    @property
    def is_complete(self) -> bool:
        """Whether the scans so far include every bit of every coefficient."""
        return 0 < self._components == len(self._missing) and not any(map(any, self._missing.values()))

    def take(self, marker: int, body: bytes) -> None:
        """Handle a segment: keep all of it, a part, or nothing."""
        if marker in FRAMES:
            if self.size is not None:
                raise NotAGif(reason="damaged")
            precision, height, width, self._components = struct.unpack_from(">BHHB", body)
            if precision != PRECISION or self._components not in COMPONENTS or not width or not height:
                raise NotAGif(reason="damaged")
            self.size = width, height
            self._keep(marker, body)
        elif marker in TABLES:
            self._keep(marker, body)
        elif marker == SOS:
            self.scans += 1
            if self.size is None or self.scans > MAX_SCANS:
                raise NotAGif(reason="damaged")
            self._refine(body)
            self._keep(marker, body)
        elif APP0 <= marker <= APP15:
            self._take_application(marker, body)
        elif marker not in (COM, DNL):
            raise NotAGif(reason="damaged")

    def take_pixels(self, data: bytes) -> None:
        """Keep the entropy-coded data after an SOS."""
        self._pixels_at = len(self.parts)
        self.parts.append(data)

    def kept(self) -> bytes:
        """Return the file as it is to be stored."""
        numbers = range(1, self._profile_pieces + 1)
        profile = icc.profile(b"".join(self._profile.get(number, b"") for number in numbers))
        if all(number in self._profile for number in numbers):
            pieces = [profile[at : at + PIECE_BYTES] for at in range(0, len(profile), PIECE_BYTES)]
            self.parts[self._profile_at : self._profile_at] = (
                _segment(APP2, ICC + bytes((number, len(pieces))) + piece)
                for number, piece in enumerate(pieces, start=1)
            )
        return b"".join([*self.parts, EOI_BYTES])

    def close(self) -> int:
        """End the file, which has no end marker, after its last pixel data; return the size of these in bytes."""
        del self.parts[self._pixels_at + 1 :]
        self.parts[-1] = self.parts[-1].rstrip(b"\xff")  # half a marker
        return len(self.parts[-1])

    def _refine(self, body: bytes) -> None:
        """Note which coefficient bits a scan contains, according to its header (B.2.3)."""
        count = body[0]
        first, last, bits = struct.unpack_from("BBB", body, 1 + 2 * count)
        for component in body[1 : 1 + 2 * count : 2]:
            missing = self._missing.setdefault(component, [PRECISION] * COEFFICIENTS)
            for at in range(first, min(last + 1, COEFFICIENTS)):
                if bits >> 4 in (0, missing[at]):  # the first scan of these bits, or the next refinement
                    missing[at] = bits & 0xF

    def _take_application(self, marker: int, body: bytes) -> None:
        if marker == APP0 and body.startswith(JFIF) and len(body) >= JFIF_BYTES:
            self._keep(marker, body[: JFIF_BYTES - 2] + b"\x00\x00")
        elif marker == APP14 and body.startswith(ADOBE) and len(body) >= ADOBE_BYTES:
            self._keep(marker, body[:ADOBE_BYTES])
        elif marker == APP1 and body.startswith(EXIF) and len(body) > EXIF_BYTES and self.orientation is None:
            self.orientation = exif.orientation(body[EXIF_BYTES:])
        elif marker == APP2 and body.startswith(ICC) and len(body) > len(ICC) + 2:
            number, pieces = body[len(ICC) : len(ICC) + 2]
            if not self._profile_at:
                self._profile_at, self._profile_pieces = len(self.parts), pieces
            if pieces == self._profile_pieces:  # else it belongs to another profile
                self._profile.setdefault(number, body[len(ICC) + 2 :])

    def _keep(self, marker: int, body: bytes) -> None:
        self.parts.append(_segment(marker, body))


def scan(data: bytes) -> Scan:
    """Parse the segments up to the end of the first image. Raises NotAGif when they are invalid.

    The end marker may be missing once the scans are complete. Whether the last pixels are missing too is only found
    when they are decoded.
    """
    found = _Segments()
    open_bytes = None
    try:
        _read(data, found)
    except (NotAGif, struct.error, IndexError):
        if not found.is_complete:
            raise
        open_bytes = found.close()
    if found.size is None or not 0 < found.scans <= MAX_SCANS:
        raise NotAGif(reason="damaged")
    kept = found.kept()
    open_at = None if open_bytes is None else len(kept) - len(EOI_BYTES) - open_bytes
    return Scan("jpg", *found.size, 1, kept, orientation=found.orientation or UPRIGHT, open_at=open_at)


def _read(data: bytes, found: _Segments) -> None:
    """Read all segments up to the end marker. Raises NotAGif, struct.error or IndexError if it is missing."""
    marker, at = _marker(data, len(SOI_BYTES))
    while marker != EOI:
        if marker not in STANDALONE:
            (length,) = struct.unpack_from(">H", data, at)
            if length < LENGTH_BYTES or at + length > len(data):
                raise NotAGif(reason="damaged")
            found.take(marker, data[at + LENGTH_BYTES : at + length])
            at += length
        if marker == SOS:
            end = MARKER.search(data, at)
            found.take_pixels(data[at : end.start()] if end else data[at:])
            at = end.start() if end else len(data)
        marker, at = _marker(data, at)


def _marker(data: bytes, at: int) -> tuple[int, int]:
    """Return the next marker at or after `at`, and where it ends. Decoders skip anything before it."""
    found = ANY_MARKER.search(data, at)
    if found is None:
        raise NotAGif(reason="damaged")
    return found[1][0], found.end()


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body
