"""An animation as browsers play it: composes its frames, and looks at them for flashes.

Transparent pixels show the page, which is dark or bright. So it is looked at over black and over white.

Large images are composed as small as a screen shows them, which bounds the time and the memory. Colour profiles are not
applied: only the two colours of a flash matter, and a profile that hid one would have to be made for it.
"""

import copy
from typing import Final

from PIL import Image

from realtime.chat.images.flashes import LINEAR, SECOND_MS, Flashes, cells, scale
from realtime.chat.images.model import Frame, Scan
from realtime.chat.images.turn import as_rgb

TOO_SHORT_MS: Final = 10
"""Chromium, Firefox and Safari take a delay of up to this for none given."""
DEFAULT_MS: Final = 100

OPAQUE: Final = 255
CLEAR: Final = (0, 0, 0, 0)
PAGES: Final = (0, 0, 0), (255, 255, 255)


class Film:
    """Plays one animation."""

    def __init__(self, found: Scan) -> None:
        """Begin with an empty canvas."""
        self._repeats = found.repeats
        self._reduced = max(1, int(1 / scale(found.width, found.height)))
        self._cells = cells(found.width, found.height)
        width, height = self._place(found.width, found.height)
        self._canvas = Image.new("RGBA", (max(1, width), max(1, height)), CLEAR)
        self._eyes = [Flashes()]  # one a page, once there is transparency
        self._begin: list[tuple[int, list[Image.Image]]] = []  # the first second
        self._at_ms = 0

    def show(self, frame: Frame, image: Image.Image) -> None:
        """Show the next frame, which was decoded to `image`."""
        if any(eye.found for eye in self._eyes):
            return
        before = self._canvas.copy() if frame.disposal == "previous" else self._canvas
        place = self._place(frame.left, frame.top)
        size = self._put(frame, image, place)
        if (
            len(self._eyes) == 1
            and self._canvas.getchannel("A").histogram()[OPAQUE] < self._canvas.width * self._canvas.height
        ):
            self._eyes.append(copy.deepcopy(self._eyes[0]))
            self._begin = [(at_ms, shown * 2) for at_ms, shown in self._begin]
        shown = [self._over(page) for page, _ in zip(PAGES, self._eyes, strict=False)]
        self._see(shown, self._at_ms)
        if self._at_ms < SECOND_MS:
            self._begin.append((self._at_ms, shown))
        self._at_ms += DEFAULT_MS if frame.delay_ms <= TOO_SHORT_MS else frame.delay_ms
        if frame.disposal == "background":
            self._canvas.paste(CLEAR, (*place, place[0] + size[0], place[1] + size[1]))
        self._canvas = before

    def flashes(self) -> bool:
        """Return whether it must not play by itself, once all frames were shown."""
        first, length_ms = 0, self._at_ms
        while self._repeats and first < SECOND_MS and not any(eye.found for eye in self._eyes):
            for at_ms, shown in self._begin:
                self._see(shown, length_ms + first + at_ms)
            first += length_ms
        return any(eye.found for eye in self._eyes)

    def _put(self, frame: Frame, image: Image.Image, place: tuple[int, int]) -> tuple[int, int]:
        """Draw a frame on the canvas; return its size there."""
        drawn = as_rgb(image)
        if not all(drawn.size):
            return 0, 0
        if self._reduced > 1:
            drawn = drawn.reduce(self._reduced)
        if drawn.mode == "RGBA" and frame.blends:
            self._canvas.alpha_composite(drawn, place)
        else:
            self._canvas.paste(drawn, place)
        return drawn.size

    def _over(self, page: tuple[int, int, int]) -> Image.Image:
        """Return the canvas on a page of that colour, as cells in linear RGB."""
        shown = Image.new("RGB", self._canvas.size, page)
        shown.paste(self._canvas, mask=self._canvas)
        return shown.point(3 * LINEAR).resize(self._cells, Image.Resampling.BOX)

    def _see(self, shown: list[Image.Image], at_ms: int) -> None:
        for eye, frame in zip(self._eyes, shown, strict=True):
            eye.see(frame, at_ms)

    def _place(self, across: int, down: int) -> tuple[int, int]:
        return across // self._reduced, down // self._reduced
