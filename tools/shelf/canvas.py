"""A canvas that draws four times as large and is then reduced, so that every edge is smooth.

A picture is 200 units wide and high, y downwards, however many pixels that are. Places go through the transform in
force; the width of a line does not: it is the same in the whole picture, however the thing it goes around is squashed.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from PIL import Image, ImageDraw

from tools.shelf.palette import INK, Colour
from tools.shelf.paths import Path, Point, ellipse

UNITS = 200
SIZE = 160  # pixels
FINER = 4
SCALE = SIZE * FINER / UNITS
LINE = 3.4  # the width of the ink around everything


class Canvas:
    """One frame in the making."""

    def __init__(self, ground: Colour) -> None:
        self.colours = {ground: None}
        """The colours that were used, in the order of their first use."""
        self._image = Image.new("RGB", (SIZE * FINER, SIZE * FINER), ground)
        self._draw = ImageDraw.Draw(self._image)
        self._matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)  # a b c d e f: x' = ax + cy + e, y' = bx + dy + f

    def finished(self) -> Image.Image:
        """Return the frame in its own size."""
        return self._image.reduce(FINER)

    @contextmanager
    def placed(self, at: Point = (0, 0), *, turn: float = 0, scale: tuple[float, float] = (1, 1)) -> Iterator[None]:
        """Draw what follows scaled, then turned (degrees, clockwise), then moved by `at`."""
        cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        a, b, c, d = cos * scale[0], sin * scale[0], -sin * scale[1], cos * scale[1]
        before = self._matrix
        oa, ob, oc, od, oe, of = before
        x, y = oa * at[0] + oc * at[1] + oe, ob * at[0] + od * at[1] + of
        self._matrix = (oa * a + oc * b, ob * a + od * b, oa * c + oc * d, ob * c + od * d, x, y)
        yield
        self._matrix = before

    @contextmanager
    def clipped(self, path: Path) -> Iterator[None]:
        """Draw what follows only inside a closed path."""
        before, self._image = self._image, self._image.copy()
        self._draw = ImageDraw.Draw(self._image)
        mask = Image.new("1", before.size)
        ImageDraw.Draw(mask).polygon(self._pixels(path), fill=1)
        yield
        before.paste(self._image, mask=mask)
        self._image = before
        self._draw = ImageDraw.Draw(before)

    def shape(self, *paths: Path, fill: Colour, ink: Colour | None = INK, width: float = LINE) -> None:
        """Fill closed paths, with one line around all of them together."""
        outlines = [self._pixels(path) for path in paths]
        if ink is not None:
            for outline in outlines:
                self._trace([*outline, outline[0]], ink, 2 * width * SCALE)
        self.colours[fill] = None
        for outline in outlines:  # over the inner half of the line
            self._draw.polygon(outline, fill=fill)

    def dot(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float | None = None,
        *,
        fill: Colour,
        ink: Colour | None = INK,
        width: float = LINE,
    ) -> None:
        """Draw a circle, or with a second radius an ellipse."""
        self.shape(ellipse(x, y, rx, rx if ry is None else ry), fill=fill, ink=ink, width=width)

    def line(self, path: Path, colour: Colour = INK, width: float = LINE) -> None:
        """Draw an open path with round ends."""
        self._trace(self._pixels(path), colour, width * SCALE)

    def tube(self, *paths: Path, fill: Colour, width: float, ink: Colour = INK, line: float = LINE) -> None:
        """Draw open paths as one round thing with a line around it: a limb, a handle, a letter."""
        traces = [self._pixels(path) for path in paths]
        for pixels in traces:
            self._trace(pixels, ink, (width + 2 * line) * SCALE)
        for pixels in traces:
            self._trace(pixels, fill, width * SCALE)

    def _trace(self, pixels: Sequence[Point], colour: Colour, width: float) -> None:
        self.colours[colour] = None
        self._draw.line(pixels, fill=colour, width=max(1, round(width)))
        r = width / 2
        for x, y in pixels:
            self._draw.ellipse((x - r, y - r, x + r, y + r), fill=colour)

    def _pixels(self, path: Iterable[Point]) -> list[Point]:
        a, b, c, d, e, f = self._matrix
        # A sixteenth of a pixel: what two computers' sines differ by is gone.
        return [(_snap(a * x + c * y + e), _snap(b * x + d * y + f)) for x, y in path]


def _snap(place: float) -> float:
    return round(place * SCALE * 16) / 16
