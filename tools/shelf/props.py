"""What stands, falls and floats around the mascot."""

import math
from collections.abc import Mapping, Sequence

from tools.shelf.canvas import LINE, Canvas
from tools.shelf.palette import (
    CORAL_DEEP,
    GREEN,
    INK,
    WATER,
    WHITE,
    YELLOW,
    Colour,
    Ground,
)
from tools.shelf.paths import Path, Point, arc, curve, drop, ellipse, heart, star

# Letters as strokes, in a square from -1 to 1: no font is asked.
LETTERS: Mapping[str, Sequence[Path]] = {
    "ㅋ": ([(-0.8, -0.85), (0.7, -0.85), *curve((0.72, -0.7), (0.75, 0.1), (0.5, 0.95))], [(-0.8, 0.0), (0.6, -0.08)]),
    "ㅊ": (
        [(-0.22, -1.1), (0.22, -1.1)],
        [(-0.8, -0.55), (0.8, -0.55)],
        curve((0.05, -0.5), (0, 0.35), (-0.95, 0.95)),
        curve((0.0, 0.05), (0.3, 0.6), (0.95, 0.95)),
    ),
    "?": (
        [*arc((0, -0.45), (0.62, 0.6), 190, 380), *curve((0.58, -0.25), (0.4, 0.05), (0, 0.1), (0, 0.42))],
        [(0, 0.98), (0, 1.0)],
    ),
    "!": ([(0, -1.0), (0, 0.3)], [(0, 0.95), (0, 0.97)]),
    "Z": ([(-0.7, -0.8), (0.7, -0.8), (-0.7, 0.8), (0.7, 0.8)],),
    "O": ([*ellipse(0, 0, 0.85, 0.95), (0.85, 0)],),
    "K": ([(-0.65, -0.95), (-0.65, 0.95)], [(0.7, -0.95), (-0.6, 0.15)], [(-0.2, -0.1), (0.75, 0.95)]),
    "X": ([(-0.8, -0.8), (0.8, 0.8)], [(0.8, -0.8), (-0.8, 0.8)]),
}


def stage(canvas: Canvas, ground: Ground, *, x: float = 100, air: float = 0, wide: float = 44) -> None:
    """Draw what is behind everything: the round, and the shadow of something that is `air` above the ground."""
    canvas.dot(100, 103, 90, fill=ground.round, ink=None)
    far = max(0.35, 1 - air / 70)
    canvas.dot(x, 173, wide * far, 7 * far, fill=ground.shadow, ink=None)


def letter(
    canvas: Canvas, sign: str, x: float, y: float, size: float, fill: Colour, *, turn: float = 0, thick: float = 0.42
) -> None:
    """Draw a letter, `size` being half of its height."""
    if size <= 0.5:
        return
    with canvas.placed((x, y), turn=turn):
        strokes = [[(px * size, py * size) for px, py in stroke] for stroke in LETTERS[sign]]
        canvas.tube(*strokes, fill=fill, width=thick * size, line=min(LINE, size * 0.24))


def small_heart(canvas: Canvas, x: float, y: float, size: float, fill: Colour = CORAL_DEEP, turn: float = 0) -> None:
    """Draw a heart with a light in it, unless it is too small to be one."""
    if size < 1.5:
        return
    with canvas.placed((x, y), turn=turn):
        canvas.shape(heart(0, 0, size), fill=fill, width=min(LINE, 1 + size * 0.2))
        if size > 6:
            canvas.shape(ellipse(-size * 0.5, -size * 0.38, size * 0.2, size * 0.14, -35), fill=WHITE, ink=None)


def sparkle(canvas: Canvas, x: float, y: float, size: float, fill: Colour = WHITE) -> None:
    """Draw a glint of four points."""
    if size < 1:
        return
    path: list[Point] = []
    for angle in (0, 90, 180, 270):
        path += curve(*(_round(point, angle) for point in ((0, -1), (0.16, -0.16), (1, 0))))
    canvas.shape([(x + size * px, y + size * py) for px, py in path], fill=fill, width=min(2.4, 1 + size * 0.15))


def _round(point: Point, degrees: float) -> Point:
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return (point[0] * cos - point[1] * sin, point[0] * sin + point[1] * cos)


def rays(
    canvas: Canvas,
    at: Point,
    near: float,
    far: float,
    angles: Sequence[float],
    colour: Colour = INK,
    width: float = LINE,
) -> None:
    """Draw short lines that go out from a place; degrees clockwise from the right."""
    if far - near < 1:
        return
    for angle in angles:
        cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        canvas.line([(at[0] + near * cos, at[1] + near * sin), (at[0] + far * cos, at[1] + far * sin)], colour, width)


def water(canvas: Canvas, x: float, y: float, size: float, turn: float = 0) -> None:
    """Draw a drop: sweat, a tear."""
    if size < 1.2:
        return
    with canvas.placed((x, y), turn=turn):
        canvas.shape(drop(0, 0, size), fill=WATER, width=min(2.8, 1 + size * 0.2))


def paper(canvas: Canvas, number: int, x: float, y: float, turn: float) -> None:
    """Draw a bit of confetti, of one of a few kinds."""
    with canvas.placed((x, y), turn=turn):
        bit = ellipse(0, 0, 3.6, 3.6) if number % 3 == 0 else [(-4.4, -2.6), (4.4, -2.6), (4.4, 2.6), (-4.4, 2.6)]
        canvas.shape(bit, fill=(CORAL_DEEP, YELLOW, GREEN, WHITE)[number % 4], width=1.6)


def confetti(canvas: Canvas, t: float, bits: int = 12) -> None:
    """Draw bits of paper that fall, each in its own way, for ever."""
    for number in range(bits):
        x = 8 + 184 * (number * 0.7549 % 1) + 5 * math.sin(2 * math.pi * (t + number / 5))
        y = -10 + 220 * ((t + number * 0.5698) % 1)
        paper(canvas, number, x, y, 360 * t * (1 if number % 2 else -1) + number * 50)


def note(canvas: Canvas, x: float, y: float, size: float, fill: Colour, turn: float = 0) -> None:
    """Draw a quaver."""
    if size < 2:
        return
    with canvas.placed((x, y), turn=turn, scale=(size / 10, size / 10)):
        canvas.line([(4, 7), (4, -11), (11, -6), (11, -2)], INK, 3.4)
        canvas.shape(ellipse(-1, 8, 6.4, 5, -20), fill=fill, width=2.6)


def puff(canvas: Canvas, x: float, y: float, size: float, fill: Colour = WHITE) -> None:
    """Draw a little cloud."""
    if size < 1.5:
        return
    lumps = [ellipse(x, y - size * 0.25, size * 0.75, size * 0.7)]
    lumps += [ellipse(x + side * size * 0.7, y + size * 0.15, size * 0.6, size * 0.5) for side in (-1, 1)]
    canvas.shape(*lumps, fill=fill, width=min(2.8, size * 0.35))


def small_star(canvas: Canvas, x: float, y: float, size: float, fill: Colour = YELLOW, turn: float = 0) -> None:
    """Draw a star of five points."""
    if size < 1.5:
        return
    canvas.shape(star((x, y), size, size * 0.5, turn=turn), fill=fill, width=min(2.8, 0.8 + size * 0.2))
