"""The face: two big eyes, a mouth, cheeks and brows, each of a few kinds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from tools.shelf.canvas import Canvas
from tools.shelf.palette import BLUE_LID, CORAL, CORAL_DEEP, INK, MOUTH, WHITE, YELLOW, Colour
from tools.shelf.paths import Path, Point, arc, curve, ellipse, star

Eyes = Literal["open", "happy", "closed", "shut", "flat", "star", "blank", "wink"]
Mouth = Literal[
    "smile", "grin", "cat", "o", "frown", "flat", "skew", "smirk", "wavy", "wail", "teeth", "none"
]  # fmt: skip

APART = 20.0  # of each eye from the middle
EYE = (12.5, 15.0)
THICK = 3.6  # the line of a mouth
BOLD = 4.6  # of an eye that is a line


@dataclass(frozen=True)
class Face:
    """What a face says. `turn` moves it over the body as a head turns; `look` is where the pupils go, -1 to 1."""

    eyes: Eyes = "open"
    look: Point = (0, 0)
    lids: float = 0  # how far the upper lids are down, 0 to 1
    wide: float = 1  # how big the eyes are
    mouth: Mouth = "smile"
    gape: float = 1  # how far an open mouth is open
    brows: float | None = None  # degrees; positive is angry, negative is sad
    lift: float = 0  # of the brows
    blush: float = 1
    turn: Point = (0, 0)
    flat: float = 1  # less than 1 for a face that is bent down
    cheek: Colour = CORAL


def draw_face(canvas: Canvas, face: Face) -> None:
    """Draw it in the middle of the body."""
    with canvas.placed(face.turn, scale=(1, face.flat)):
        for side in (-1, 1):
            canvas.dot(side * 34, 13, 7.2 * face.blush, 4.6 * face.blush, fill=face.cheek, ink=None)
        with canvas.placed((0, 11)):
            MOUTHS[face.mouth](canvas, face.gape)
        for side in (-1, 1):
            with canvas.placed((side * APART, -4)):
                _eye(canvas, face, side)
            if face.brows is not None:
                with canvas.placed((side * APART, -24 - face.lift), turn=-face.brows * side):
                    canvas.line(curve((-8, 1), (0, -1.5), (8, 1)), INK, 4)


def _eye(canvas: Canvas, face: Face, side: int) -> None:
    kind = face.eyes
    if kind == "wink":
        kind = "happy" if side > 0 else "open"
    if kind == "open":
        _open_eye(canvas, face)
    elif kind == "blank":
        canvas.dot(0, 0, *EYE, fill=WHITE, width=2.6)
    elif kind == "star":
        points = star((0, 1), 15.5 * face.wide, 7.4 * face.wide, turn=face.look[0] * 10)
        canvas.shape(points, fill=YELLOW, width=3)
    else:
        canvas.line(LINES[kind](side), INK, BOLD)


# Eyes that are one line; what is to the right of a left eye is to the left of a right one.
LINES: Mapping[Eyes, Callable[[int], Path]] = {
    "happy": lambda side: arc((0, 5), (10, 12), 200, 340),
    "closed": lambda side: arc((0, -3), (10, 9), 20, 160),
    "shut": lambda side: [(8 * side, -7), (-6 * side, 0), (8 * side, 7)],  # with all one's might
    "flat": lambda side: [(-9, 1), (9, 1)],
}


def _open_eye(canvas: Canvas, face: Face) -> None:
    rx, ry = EYE[0] * face.wide, EYE[1] * face.wide
    white = ellipse(0, 0, rx, ry)
    canvas.shape(white, fill=WHITE, width=2.6)
    with canvas.clipped(white):
        px, py = face.look[0] * 4.2, face.look[1] * 5
        size = min(1, 1 / face.wide)  # the wider the eye, the smaller its pupil
        canvas.dot(px, py + 1, 8.2 * size, 10.2 * size, fill=INK, ink=None)
        canvas.dot(px - 2.6 * size, py - 3 * size, 3.3 * size, 3.8 * size, fill=WHITE, ink=None)
        canvas.dot(px + 3 * size, py + 5 * size, 1.8 * size, fill=WHITE, ink=None)
    if face.lids > 0:
        y = -ry + 2 * ry * face.lids
        with canvas.clipped(ellipse(0, 0, rx + 0.6, ry + 0.6)):
            canvas.shape([(-20, -24), (20, -24), (20, y), (-20, y)], fill=BLUE_LID, ink=None)
        half = rx * (1 - (y / ry) ** 2) ** 0.5
        canvas.line([(-half, y), (half, y)], INK, 3.4)


def _line(*parts: Path) -> Callable[[Canvas, float], None]:
    path = [point for part in parts for point in part]

    def draw(canvas: Canvas, gape: float) -> None:
        canvas.line(path, INK, THICK)

    return draw


def _grin(canvas: Canvas, gape: float) -> None:
    deep = 3 + 12 * gape
    jaws = [(-12.0, -2.0), *arc((0, -2), (12, deep), 180, 0), (12.0, -2.0)]
    canvas.shape(jaws, fill=MOUTH, width=2.8)
    with canvas.clipped(jaws):
        canvas.dot(0, deep + 1, 8.6, deep * 0.55, fill=CORAL, ink=None)


def _round(canvas: Canvas, gape: float) -> None:
    canvas.dot(0, 4, 4.5 + 1.5 * gape, 4 + 4 * gape, fill=CORAL_DEEP, width=2.8)


def _wail(canvas: Canvas, gape: float) -> None:
    deep = 7 + 6 * gape
    low = 4 + deep * 0.35
    jaws = [*arc((0, low + 2), (12, deep), 180, 360), *curve((12, low + 4), (0, low), (-12, low + 4))]
    canvas.shape(jaws, fill=MOUTH, width=2.8)
    with canvas.clipped(jaws):
        canvas.dot(0, low + 4, 7, 6, fill=CORAL, ink=None)


def _teeth(canvas: Canvas, gape: float) -> None:
    canvas.shape([*arc((-9, 3), (5, 5), 90, 270), *arc((9, 3), (5, 5), 270, 450)], fill=WHITE, width=2.8)
    canvas.line([(-12, 3), (12, 3)], INK, 2.2)
    for x in (-5, 0, 5):
        canvas.line([(x, -1), (x, 7)], INK, 2.2)


def _none(canvas: Canvas, gape: float) -> None:
    """Something is before it."""


MOUTHS: Mapping[Mouth, Callable[[Canvas, float], None]] = {
    "smile": _line(arc((0, -3), (7.5, 7), 20, 160)),
    "grin": _grin,
    "cat": _line(arc((-4.5, -1), (4.5, 4.5), 180, 10), arc((4.5, -1), (4.5, 4.5), 170, 0)),
    "o": _round,
    "frown": _line(arc((0, 9), (8, 7), 205, 335)),
    "flat": _line([(-6, 3), (6, 3)]),
    "skew": _line(curve((-6, 5), (0, 4), (7, 0))),
    "smirk": _line(curve((-6, 3), (3, 5), (10, -3))),
    "wavy": _line(*(arc((x, 3), (3.5, 3), 180, end) for x, end in ((-7, 360), (0, 0), (7, 360)))),
    "wail": _wail,
    "teeth": _teeth,
    "none": _none,
}
