"""A JPEG's segments (ITU-T T.81, annex B). Pure.

Kept is what decoding needs, how the colours are meant (JFIF, Adobe, ICC), and the pixels. EXIF, XMP, comments,
thumbnails and whatever cameras add go. After the end of the image phones put a great deal: a second picture (MPO, Ultra
HDR), a film (motion photos), their own notes. A photo with it is a photo; it is cut off.
"""

import re
import struct

from realtime.chat.images import exif, icc
from realtime.chat.images.model import UPRIGHT, Scan
from realtime.errors import NotAGif

SIGNATURE = b"\xff\xd8\xff"

FILL = 0xFF  # begins a marker; more of it may stand before one
LENGTH_BYTES = 2  # a segment's length counts itself

SOF_BASELINE, SOF_EXTENDED, SOF_PROGRESSIVE = 0xC0, 0xC1, 0xC2
DHT, EOI, SOS, DQT, DRI = 0xC4, 0xD9, 0xDA, 0xDB, 0xDD
APP0, APP1, APP2, APP14, APP15, COM = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE

FRAMES = frozenset((SOF_BASELINE, SOF_EXTENDED, SOF_PROGRESSIVE))  # what browsers draw
TABLES = frozenset((DHT, DQT, DRI))
PRECISION = 8
COMPONENTS = (1, 3, 4)
SCANS = 100  # each goes over all pixels; the usual programs make ten

# In the pixels a zero follows each 0xFF that is no marker, and restart markers are part of them.
MARKER = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")

JFIF, ADOBE, EXIF, ICC = b"JFIF\x00", b"Adobe", b"Exif\x00\x00", b"ICC_PROFILE\x00"
JFIF_BYTES = 14  # without the thumbnail
ADOBE_BYTES = 12


class _Segments:
    """What was found so far."""

    def __init__(self) -> None:
        self.parts = [b"\xff\xd8"]
        self.size: tuple[int, int] | None = None
        self.orientation: int | None = None
        self.scans = 0
        self._profile: dict[int, bytes] = {}  # its pieces, by their number
        self._profile_at = 0

    def take(self, marker: int, body: bytes) -> None:
        """Keep a segment, all of it, a part, or none."""
        if marker in FRAMES:
            if self.size is not None:
                raise NotAGif(reason="damaged")
            precision, height, width, components = struct.unpack_from(">BHHB", body)
            if precision != PRECISION or components not in COMPONENTS or not width or not height:
                raise NotAGif(reason="damaged")
            self.size = width, height
            self._keep(marker, body)
        elif marker in TABLES:
            self._keep(marker, body)
        elif marker == SOS:
            self.scans += 1
            if self.size is None or self.scans > SCANS:
                raise NotAGif(reason="damaged")
            self._keep(marker, body)
        elif APP0 <= marker <= APP15:
            self._take_application(marker, body)
        elif marker != COM:
            raise NotAGif(reason="damaged")

    def kept(self) -> bytes:
        """Return the file as it is to be kept."""
        pieces = [self._profile[number] for number in sorted(self._profile)]
        if pieces and icc.is_profile(b"".join(pieces)):
            count = len(pieces)
            segments = (
                _segment(APP2, ICC + bytes((number, count)) + piece) for number, piece in enumerate(pieces, start=1)
            )
            self.parts[self._profile_at : self._profile_at] = segments
        return b"".join([*self.parts, b"\xff\xd9"])

    def _take_application(self, marker: int, body: bytes) -> None:
        if marker == APP0 and body.startswith(JFIF) and len(body) >= JFIF_BYTES:
            self._keep(marker, body[: JFIF_BYTES - 2] + b"\x00\x00")
        elif marker == APP14 and body.startswith(ADOBE) and len(body) >= ADOBE_BYTES:
            self._keep(marker, body[:ADOBE_BYTES])
        elif marker == APP1 and body.startswith(EXIF) and self.orientation is None:
            self.orientation = exif.orientation(body[len(EXIF) :])
        elif marker == APP2 and body.startswith(ICC) and len(body) > len(ICC) + 2:
            self._profile_at = self._profile_at or len(self.parts)
            self._profile.setdefault(body[len(ICC)], body[len(ICC) + 2 :])

    def _keep(self, marker: int, body: bytes) -> None:
        self.parts.append(_segment(marker, body))


def scan(data: bytes) -> Scan:
    """Follow the segments to the end of the first image. Raises NotAGif where they lead nowhere."""
    found = _Segments()
    at = 2
    while True:
        marker, at = _marker(data, at)
        if marker == EOI:
            break
        (length,) = struct.unpack_from(">H", data, at)
        if length < LENGTH_BYTES or at + length > len(data):
            raise NotAGif(reason="damaged")
        found.take(marker, data[at + LENGTH_BYTES : at + length])
        at += length
        if marker == SOS:
            end = MARKER.search(data, at)
            if end is None:
                raise NotAGif(reason="damaged")
            found.parts.append(data[at : end.start()])
            at = end.start()
    if found.size is None or not found.scans:
        raise NotAGif(reason="damaged")
    return Scan("jpg", *found.size, 1, found.kept(), orientation=found.orientation or UPRIGHT)


def _marker(data: bytes, at: int) -> tuple[int, int]:
    """Return the marker that begins at `at`, and where it ends; any number of FILL may stand before it."""
    if data[at] != FILL:
        raise NotAGif(reason="damaged")
    while (marker := data[at]) == FILL:
        at += 1
    return marker, at + 1


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body
