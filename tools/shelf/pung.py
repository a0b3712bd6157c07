"""Pung, the mascot: a speech bubble (말풍선) come alive, with the icon's three dots on its head.

A pose is all that a scene says; how it looks is decided here. Places on the body count from its middle.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from tools.shelf.canvas import LINE, Canvas
from tools.shelf.face import Face, draw_face
from tools.shelf.palette import BLUE, BLUE_DEEP, BLUE_LIGHT, CORAL, GREEN, INK, WHITE, YELLOW, Colour
from tools.shelf.paths import Path, Point, curve, ellipse, squircle

WIDTH, HEIGHT = 50.0, 43.0  # half of the body's
BASE = 58.0  # from the body's middle down to the ground

SHOULDER = (47.0, 14.0)
LIMB = 11.0
DOTS = ((-42, 21.0, 6.6, CORAL), (0, 24.5, 7.4, YELLOW), (42, 21.0, 6.6, GREEN))  # degrees, length, size


@dataclass(frozen=True)
class Arm:
    """Where a hand is, and how the arm gets there: `bend` is how far its middle goes outwards."""

    hand: Point
    bend: float = 8
    mitt: str = "round"  # or "thumb", "fist", "open", "palm", "stop"
    turn: float = 0  # of the hand, in degrees
    front: bool = True  # before the body, or behind it
    limb: bool = True  # none is seen of an arm that points at the viewer
    size: float = 1  # of the hand


AT_REST = 57.0, 25.0


@dataclass(frozen=True)
class Pose:
    """How Pung stands at one moment."""

    at: Point = (100, 172)  # where the ground is that it stands on
    squash: float = 0  # flatter and wider; negative: longer and thinner
    lean: float = 0  # degrees, about the ground
    size: float = 1
    face: Face = field(default_factory=Face)
    left: Arm | None = field(default_factory=lambda: Arm((-AT_REST[0], AT_REST[1]), bend=3, front=False))
    right: Arm | None = field(default_factory=lambda: Arm(AT_REST, bend=3, front=False))
    feet: tuple[Point, ...] = ((-19, 0), (19, 0))  # from the middle of the ground
    dots: bool = True
    sway: float = 0  # of the dots on the head, in degrees: they are late for every move
    spring: tuple[float, float, float] = (0, 0, 0)  # how far each of the dots is off the head
    bow: float = 0  # how far the head is bent towards the viewer, 0 to 1
    wears: Callable[[Canvas], None] | None = None  # draws what is worn, over the face and under the hands
    body: Colour = BLUE
    shade: Colour = BLUE_DEEP
    light: Colour = BLUE_LIGHT


def draw_pung(canvas: Canvas, pose: Pose) -> None:
    """Draw it, but for its shadow."""
    scale = (pose.size * (1 + 0.8 * pose.squash), pose.size * (1 - pose.squash))
    arms = [(arm, side) for arm, side in ((pose.left, -1), (pose.right, 1)) if arm is not None]
    with canvas.placed(pose.at, turn=pose.lean, scale=scale), canvas.placed((0, -BASE)):
        for arm, side in arms:
            if not arm.front:
                _arm(canvas, arm, side, pose)
        for foot in pose.feet:
            _foot(canvas, foot, pose)
        if pose.dots and pose.bow <= 0.3:
            _dots(canvas, pose)
        _body(canvas, pose)
        if pose.dots and pose.bow > 0.3:
            _dots(canvas, pose)
        draw_face(canvas, pose.face)
        if pose.wears:
            pose.wears(canvas)
        for arm, side in arms:
            if arm.front:
                _arm(canvas, arm, side, pose)


def edge() -> Path:
    """Return the body's outline: fuller below than above."""
    return [(x * (1 + 0.07 * y / HEIGHT), y) for x, y in squircle(0, 0, WIDTH, HEIGHT, 2.45)]


def _body(canvas: Canvas, pose: Pose) -> None:
    body = edge()
    tail = [
        *curve((-50, 10), (-49, 28), (-53, 39), (-61, 47)),
        *curve((-61, 47), (-46, 49), (-36, 45), (-22, 36)),
    ]
    canvas.shape(tail, body, fill=pose.body)
    with canvas.clipped(body):
        crescent = [(60.0, -20.0), (70.0, 60.0), (-60.0, 60.0), *curve((-50, 34), (-10, 46), (44, 40), (51, -22))]
        canvas.shape(crescent, fill=pose.shade, ink=None)
    canvas.shape(ellipse(-25, -29, 9, 4.4, -34), fill=pose.light, ink=None)
    canvas.shape(ellipse(-38, -17, 3, 2.6, -60), fill=pose.light, ink=None)


def _dots(canvas: Canvas, pose: Pose) -> None:
    angle = math.radians(pose.sway)
    for (turn, length, r, colour), spring in zip(DOTS, pose.spring, strict=True):
        with canvas.placed((0, -HEIGHT + 6 + 20 * pose.bow), turn=turn * (1 + pose.bow * 0.5)):
            far = (length + spring) * (1 - 0.45 * pose.bow)
            x, y = far * math.sin(angle), -far * math.cos(angle)
            canvas.line(curve((0, 4), (0, -far * 0.6), (x, y)), INK, LINE * 1.15)
            canvas.dot(x, y, r, fill=colour)
            canvas.shape(ellipse(x - r * 0.3, y - r * 0.35, r * 0.3, r * 0.22, -30), fill=WHITE, ink=None)


def _foot(canvas: Canvas, foot: Point, pose: Pose) -> None:
    x, y = foot[0], foot[1] + BASE - 7
    canvas.tube([(x * 0.9, HEIGHT - 12), (x, y - 2)], fill=pose.shade, width=LIMB - 1)
    canvas.shape(ellipse(x + math.copysign(3, x), y + 1, 12, 7), fill=pose.shade)


def _arm(canvas: Canvas, arm: Arm, side: int, pose: Pose) -> None:
    if not arm.limb:
        _mitt(canvas, arm, side, pose)
        return
    sx, sy = SHOULDER[0] * side, SHOULDER[1]
    hx, hy = arm.hand
    hangs = 0.4 if hy > sy - 20 else 0.0
    middle = (sx + hx) / 2 + arm.bend * side, (sy + hy) / 2 + abs(arm.bend) * hangs
    limb = curve((sx, sy), middle, (hx, hy))
    canvas.tube(limb, fill=pose.body, width=LIMB)
    _mitt(canvas, arm, side, pose)
    # The limb grows out of the body: no line between the two.
    canvas.line([(sx - 3 * side, sy), limb[3]], pose.body, LIMB)


def _mitt(canvas: Canvas, arm: Arm, side: int, pose: Pose) -> None:
    with canvas.placed(arm.hand, turn=arm.turn, scale=(arm.size, arm.size)):
        if arm.mitt == "thumb":
            thumb = [(-5 * side, -4), (-6 * side, -19)]
            canvas.tube(thumb, fill=pose.body, width=9 * arm.size)
            canvas.shape(squircle(0, 0, 13, 11, 3), fill=pose.body)
            canvas.line(thumb, pose.body, 9 * arm.size)
            for dy in (-3, 4):
                canvas.line([(4 * side, dy), (12 * side, dy)], INK, 2.4)
        elif arm.mitt == "open":
            thumb = [(0, 0), (-10 * side, -5)]
            canvas.tube(thumb, fill=pose.body, width=7)
            canvas.shape(ellipse(0, -3, 10, 12), fill=pose.body)
            canvas.line(thumb, pose.body, 7)
        elif arm.mitt == "stop":
            fingers = [[(0, 0), (x, y)] for x, y in ((-9 * side, -7), (-5, -15), (0, -17), (5, -15))]
            canvas.tube(*fingers, fill=pose.body, width=6 * arm.size)
            canvas.shape(ellipse(0, 0, 9.5, 9), fill=pose.body)
            for finger in fingers:
                canvas.line(finger, pose.body, 6 * arm.size)
            for x in (-2.6, 2.6):
                canvas.line([(x, -9), (x * 1.15, -15)], INK, 1.8)
        elif arm.mitt == "palm":
            canvas.shape(ellipse(0, 0, 7, 12.5), fill=pose.body)
        else:
            canvas.dot(0, 0, 9.5, fill=pose.body)
            if arm.mitt == "fist":
                canvas.line(curve((-5 * side, -2), (-1 * side, 5), (6 * side, 0)), INK, 2.4)
