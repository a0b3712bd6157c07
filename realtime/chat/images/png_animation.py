"""The frames of an animated PNG, in the order in which its chunks come (PNG section 11.3.7). Pure.

Browsers end an animation before the first frame that is none, and at as many frames as were announced. A number of
frames that is none at all, as ffmpeg writes into a pipe, announces nothing.
"""

import struct

from realtime.chat.images.png_file import Picture
from realtime.errors import NotAGif

ANNOUNCED_BYTES = 8  # of acTL
CONTROL_BYTES = 26  # of fcTL
LARGEST = 2**31 - 1  # of the numbers in a PNG (section 7.1)
DISPOSALS, BLENDS = 3, 2


class Animation:
    """What was found so far."""

    def __init__(self, width: int, height: int) -> None:
        self._size = width, height
        self._announced: tuple[int, int] | None = None  # frames and plays
        self._frames: list[tuple[bytes, list[bytes]]] = []  # fcTL without its number, and what fdAT says
        self._in_idat = False  # the first frame is the picture that others see
        self._sequence = 0
        self._over = self._broken = False

    def announce(self, body: bytes) -> None:
        """Take an acTL. The first one counts."""
        if len(body) == ANNOUNCED_BYTES and self._announced is None:
            frames, plays = struct.unpack(">II", body)
            if 0 < frames <= LARGEST and plays <= LARGEST:
                self._announced = frames, plays

    def control(self, body: bytes, *, is_first: bool) -> None:
        """Take an fcTL: the next frame begins, in the picture's own pixels if it `is_first`."""
        if self._over:
            return
        if not self._is_good(body, is_first=is_first):
            self._over, self._broken = True, is_first
            return
        self._sequence += 1
        if self._is_open(idat_has_come=not is_first):  # of two for one frame the second counts
            self._frames.pop()
        self._in_idat |= is_first
        self._frames.append((body[4:], []))

    def data(self, body: bytes) -> None:
        """Take an fdAT: pixels of this frame."""
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
            self._frames[-1][1].append(b"")  # it has come without its pixels: whoever counts them will see

    def end(self, pixels: list[bytes], *, told: bool) -> tuple[list[Picture], int | None]:
        """Return all pictures, the first of which has these pixels, and how often they are played; None for a still.

        `told`: the file has its end mark. Raises NotAGif when browsers show nothing, or frames are missing.
        """
        still = [Picture(b"", pixels)], None
        if self._announced is None:
            return still
        announced, plays = self._announced
        if self._is_open(idat_has_come=True):
            self._frames.pop()
        frames = [Picture(control, data) for control, data in self._frames[:announced]]
        if self._broken or (len(frames) < announced and not told):
            raise NotAGif(reason="damaged")
        if self._in_idat:
            frames[0] = frames[0]._replace(data=pixels)
            return (frames, plays) if len(frames) > 1 else still
        return ([Picture(b"", pixels), *frames], plays) if frames else still

    def _is_good(self, body: bytes, *, is_first: bool) -> bool:
        if len(body) != CONTROL_BYTES:
            return False
        number, width, height, left, top = struct.unpack_from(">5I", body)
        fits = 0 < width <= self._size[0] - left and 0 < height <= self._size[1] - top
        known = body[-2] < DISPOSALS and body[-1] < BLENDS
        return number == self._sequence and fits and known and (not is_first or (width, height) == self._size)

    def _is_open(self, *, idat_has_come: bool) -> bool:
        """Return whether the last frame still waits for its pixels."""
        in_idat = self._in_idat and len(self._frames) == 1
        return bool(self._frames) and not self._frames[-1][1] and not (in_idat and idat_has_come)
