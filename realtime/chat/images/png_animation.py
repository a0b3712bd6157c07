"""The frames of an animated PNG, built from its chunks in order (PNG section 11.3.7). Pure.

As in browsers, an animation ends before the first invalid frame or at the declared number of frames. An invalid number
of frames, as ffmpeg writes into a pipe, is ignored.
"""

import struct

from realtime.chat.images.png_file import Picture
from realtime.errors import NotAGif

ACTL_BYTES = 8
FCTL_BYTES = 26
MAX_INTEGER = 2**31 - 1  # in a PNG (section 7.1)
DISPOSALS, BLENDS = 3, 2


class Animation:
    """The animation read so far."""

    def __init__(self, width: int, height: int) -> None:
        self._size = width, height
        self._declared: tuple[int, int] | None = None  # frames and plays
        self._frames: list[tuple[bytes, list[bytes]]] = []  # fcTL without its sequence number, and the data of fdATs
        self._in_idat = False  # whether the default image is the first frame
        self._sequence = 0
        self._over = self._broken = False

    def declare(self, body: bytes) -> None:
        """Handle an acTL. The first valid one counts."""
        if len(body) == ACTL_BYTES and self._declared is None:
            frames, plays = struct.unpack(">II", body)
            if 0 < frames <= MAX_INTEGER and plays <= MAX_INTEGER:
                self._declared = frames, plays

    def control(self, body: bytes, *, is_first: bool) -> None:
        """Handle an fcTL, which starts a frame; if it `is_first`, the default image is that frame."""
        if self._over:
            return
        if not self._is_good(body, is_first=is_first):
            self._over, self._broken = True, is_first
            return
        self._sequence += 1
        if self._is_open(idat_has_come=not is_first):  # of two for one frame, the second counts
            self._frames.pop()
        self._in_idat |= is_first
        self._frames.append((body[4:], []))

    def data(self, body: bytes) -> None:
        """Handle an fdAT: pixel data of the current frame."""
        if self._over:
            return
        (number,) = struct.unpack_from(">I", body)
        is_frames = bool(self._frames) and not (self._in_idat and len(self._frames) == 1)
        if is_frames and number == self._sequence:
            self._sequence += 1
            self._frames[-1][1].append(body[4:])
            return
        self._over = True
        if self._is_open(idat_has_come=True):
            self._frames[-1][1].append(b"")  # a frame without pixels, which `png_pixels` rejects

    def end(self, pixels: list[bytes], *, has_iend: bool) -> tuple[list[Picture], int | None]:
        """Return all pictures, the first of which has these pixels, and the number of plays, None for a still image.

        Raises NotAGif if browsers show nothing, or frames are missing.
        """
        still = [Picture(b"", pixels)], None
        if self._declared is None:
            return still
        declared, plays = self._declared
        if self._is_open(idat_has_come=True):
            self._frames.pop()
        frames = [Picture(control, data) for control, data in self._frames[:declared]]
        if self._broken or (len(frames) < declared and not has_iend):
            raise NotAGif(reason="damaged")
        if self._in_idat:
            frames[0] = frames[0]._replace(data=pixels)
            return (frames, plays) if len(frames) > 1 else still
        return ([Picture(b"", pixels), *frames], plays) if frames else still

    def _is_good(self, body: bytes, *, is_first: bool) -> bool:
        if len(body) != FCTL_BYTES:
            return False
        number, width, height, left, top = struct.unpack_from(">5I", body)
        fits = 0 < width <= self._size[0] - left and 0 < height <= self._size[1] - top
        known = body[-2] < DISPOSALS and body[-1] < BLENDS
        return number == self._sequence and fits and known and (not is_first or (width, height) == self._size)

    def _is_open(self, *, idat_has_come: bool) -> bool:
        """Return whether the last frame has no pixels yet."""
        in_idat = self._in_idat and len(self._frames) == 1
        return bool(self._frames) and not self._frames[-1][1] and not (in_idat and idat_has_come)
