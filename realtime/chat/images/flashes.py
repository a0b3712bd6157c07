"""Whether a moving image flashes so that it could cause a seizure: WCAG 2.2, success criterion 2.3.1. Pure.

The rule (https://www.w3.org/TR/WCAG22/#dfn-general-flash-and-red-flash-thresholds): no more than three general flashes,
and no more than three red ones, in any second, unless together they cover no more than a quarter of any 10 degrees of
view.

- A flash is a pair of opposing transitions. Three of them end as they began (technique G19), so it is the seventh
  transition within one second that is too many; at exactly 3 Hz there are six.
- A general transition changes the relative luminance, 0 to 1, by 0.1 or more, and the darker state is below 0.8.
- A red transition changes (R - G - B) x 320 by more than 20, where R / (R + G + B) is at least 0.8 in one of its
  states: the definition until WCAG 2.1. That of 2.2, a distance of 0.2 in the CIE 1976 UCS diagram, lets more pass:
  all reds that differ in brightness only. What it counts and this one does not is darker than R = 20/320, almost black.
- 10 degrees of view are a rectangle of 341 x 256 pixels on a screen of 1024 x 768, a third of its sides.

How large an image is, our own page decides. It is the largest in the viewer, which fits it into the window but enlarges
it at most four times (static/js/room/pictures/file.js), and in the projector view, where every picture is as high as
45 % of the window (static/css/screen.css).

An image is looked at in cells of 16 such pixels, half a degree; each one's mean counts. That also makes the exception
of the rule: in a fine balanced pattern of squares below 0.1 degree, such as noise, nothing changes but the squares.

A cell's transition is part of a flash if cells that change the same way together cover more than a quarter of a field:
at once, or within 50 ms, because a flash may begin slowly. Otherwise the outlines of whatever moves would be flashes,
one cell after the other. In an alternating pattern, the cells that rise and those that fall each count.
"""

import functools
from collections import deque
from collections.abc import Iterable, Sequence

from PIL import Image, ImageChops, ImageFilter

SCREEN = 1024, 768
ENLARGED = 4.0
PROJECTED = 0.45
FIELD = SCREEN[0] / 3, SCREEN[1] / 3
QUARTER = 0.25
CELL = 16

SECOND_MS = 1000
AT_ONCE_MS = 50
TRANSITIONS = 6  # three flashes

WHITE = 255
LUMINANCE = (0.2126, 0.7152, 0.0722, 0)
CHANGE = 25  # of 255: 0.1, less the rounding of two values
BRIGHT = round(0.8 * WHITE)
RED_CHANGE = 16  # of 255: 20/320
SATURATED = 4  # times the other two: R / (R + G + B) is 0.8


def _linear(value: float) -> float:
    """Return the linear value of one in sRGB, both from 0 to 1 (WCAG's definition of relative luminance)."""
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4  # noqa: PLR2004  IEC 61966-2-1


LINEAR = [round(WHITE * _linear(byte / WHITE)) for byte in range(256)]

IS_SET = [0] + 255 * [1]
IS_TOO_OFTEN = [WHITE if count > TRANSITIONS else 0 for count in range(256)]
IS_NONE = [WHITE] + 255 * [0]
AS_SATURATED = [min(WHITE, SATURATED * others) for others in range(256)]


def scale(width: int, height: int) -> float:
    """Return how much an image is enlarged where it is shown the largest."""
    return min(SCREEN[0] / width, SCREEN[1] / height, max(ENLARGED, PROJECTED * SCREEN[1] / height))


def cells(width: int, height: int) -> tuple[int, int]:
    """Return how many cells an image has there in each direction."""
    side = CELL / scale(width, height)
    return max(1, round(width / side)), max(1, round(height / side))


class Flashes:
    """Looks at the frames of one image, each as its cells in linear RGB, in the order in which they are shown."""

    def __init__(self) -> None:
        """Nothing was shown yet."""
        self.found = False
        self._general: _Transitions | None = None
        self._red: _Transitions | None = None

    def see(self, frame: Image.Image, at_ms: int) -> None:
        """Add the frame shown from `at_ms` on; `found` is set once there were too many flashes."""
        if self.found:
            return
        luminance, red = frame.convert("L", LUMINANCE), _red(frame)
        if self._general is None:
            self._general = _Transitions(luminance, CHANGE, BRIGHT)
        if self._red is None and red.getbbox() is not None:
            # Until now there was none.
            self._red = _Transitions(red if at_ms == 0 else Image.new("L", red.size), RED_CHANGE, WHITE)
        self.found = self._general.too_many(luminance, at_ms) or (
            self._red is not None and self._red.too_many(red, at_ms)
        )


class _Transitions:
    """The transitions of one value, cell by cell. All masks are 255 where they hold."""

    def __init__(self, first: Image.Image, change: int, bright: int) -> None:
        """Begin with the values of the first frame."""
        self._change = [WHITE if step >= change else 0 for step in range(256)]
        self._is_dark = [WHITE if value < bright else 0 for value in range(256)]
        self._highest, self._lowest = first.copy(), first.copy()  # since the last transition
        nowhere = Image.new("L", first.size)
        self._rose = self._fell = nowhere  # which way the last one went
        self._rising, self._falling = _Together(), _Together()
        self._counted: deque[tuple[int, Image.Image]] = deque()  # in the last second
        self._count = nowhere

    def too_many(self, value: Image.Image, at_ms: int) -> bool:
        """Add the next value of each cell; return whether too large an area has flashed in the second until now."""
        self._highest = ImageChops.lighter(self._highest, value)
        self._lowest = ImageChops.darker(self._lowest, value)
        fall, rise = ImageChops.subtract(self._highest, value), ImageChops.subtract(value, self._lowest)
        falls = _all(fall.point(self._change), value.point(self._is_dark), ImageChops.invert(self._fell))
        rises = _all(rise.point(self._change), self._lowest.point(self._is_dark), ImageChops.invert(self._rose))
        self._lowest.paste(value, mask=falls)
        self._highest.paste(value, mask=rises)
        self._fell = ImageChops.lighter(ImageChops.subtract(self._fell, rises), falls)
        self._rose = ImageChops.lighter(ImageChops.subtract(self._rose, falls), rises)
        together = [*self._falling.add(falls, at_ms), *self._rising.add(rises, at_ms)]
        return bool(together) and self._add(_any(together), at_ms)

    def _add(self, turned: Image.Image, at_ms: int) -> bool:
        ones = turned.point(IS_SET)
        self._counted.append((at_ms, ones))
        self._count = ImageChops.add(self._count, ones)
        while at_ms - self._counted[0][0] >= SECOND_MS:
            self._count = ImageChops.subtract(self._count, self._counted.popleft()[1])
        return _is_large(self._count.point(IS_TOO_OFTEN))


class _Together:
    """The latest transitions in one direction."""

    def __init__(self) -> None:
        self._latest: deque[tuple[int, Image.Image]] = deque()
        self._are_counted = 0  # how many of them

    def add(self, turned: Image.Image, at_ms: int) -> list[Image.Image]:
        """Add those of a frame; return those that now turn out to be part of a flash."""
        while self._latest and at_ms - self._latest[0][0] >= AT_ONCE_MS:
            self._latest.popleft()
            self._are_counted = max(0, self._are_counted - 1)
        if turned.getbbox() is None:
            return []
        self._latest.append((at_ms, turned))
        masks = [mask for _, mask in self._latest]
        if not _is_large(_any(masks)):
            return []
        new, self._are_counted = masks[self._are_counted :], len(masks)
        return new


def _red(frame: Image.Image) -> Image.Image:
    """Return R - G - B where red is saturated, else 0."""
    red, green, blue = frame.split()
    others = ImageChops.add(green, blue)
    saturated = ImageChops.subtract(others.point(AS_SATURATED), red).point(IS_NONE)
    return _all(ImageChops.subtract(red, others), saturated)


def _any(masks: Sequence[Image.Image]) -> Image.Image:
    return functools.reduce(ImageChops.lighter, masks)


def _all(first: Image.Image, *others: Image.Image) -> Image.Image:
    """Return `first` where all other masks hold."""
    for other in others:
        first = ImageChops.darker(first, other)
    return first


def _is_large(flashing: Image.Image) -> bool:
    """Return whether the cells cover more than a quarter of a field of view, wherever that is."""
    if flashing.histogram()[WHITE] * CELL**2 <= QUARTER * FIELD[0] * FIELD[1]:
        return False
    across, down = ((side - CELL) / (2 * CELL) for side in FIELD)  # from a cell to the field's edge
    space = int(across) + 1, int(down) + 1  # so that the field may also reach beyond the image
    around = Image.new("L", (flashing.width + 2 * space[0], flashing.height + 2 * space[1]))
    around.paste(flashing, space)
    covered = around.filter(ImageFilter.BoxBlur((across, down)))
    extremes: Iterable[float] = covered.getextrema()  # type: ignore[assignment]  # of one band
    return max(extremes) > QUARTER * WHITE
