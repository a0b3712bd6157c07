"""Paths: lists of places close enough together to be drawn as curves."""

import math
from collections.abc import Sequence

Point = tuple[float, float]
Path = Sequence[Point]


def ellipse(x: float, y: float, rx: float, ry: float, turn: float = 0) -> list[Point]:
    """Return an ellipse, turned by degrees clockwise."""
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    count = 24 if max(rx, ry) < 12 else 56
    around = [(rx * math.cos(angle), ry * math.sin(angle)) for angle in _angles(count)]
    return [(x + cos * px - sin * py, y + sin * px + cos * py) for px, py in around]


def squircle(x: float, y: float, rx: float, ry: float, power: float = 2.5) -> list[Point]:
    """Return an ellipse with fuller corners."""

    def side(value: float) -> float:
        return math.copysign(abs(value) ** (2 / power), value)

    return [(x + rx * side(math.cos(angle)), y + ry * side(math.sin(angle))) for angle in _angles(72)]


def arc(middle: Point, radii: Point, start: float, end: float) -> list[Point]:
    """Return part of an ellipse; degrees clockwise from the right."""
    steps = 20
    angles = (math.radians(start + (end - start) * step / steps) for step in range(steps + 1))
    return [(middle[0] + radii[0] * math.cos(angle), middle[1] + radii[1] * math.sin(angle)) for angle in angles]


def curve(*points: Point) -> list[Point]:
    """Return the Bézier curve of three or four points."""
    steps = 18
    return [_bezier(points, step / steps) for step in range(steps + 1)]


def smooth(*points: Point, closed: bool = True) -> list[Point]:
    """Return a smooth path through all the points (Catmull-Rom)."""
    count = len(points)
    path: list[Point] = []
    for index in range(count if closed else count - 1):
        if closed:
            p0, p1, p2, p3 = (points[(index + offset) % count] for offset in (-1, 0, 1, 2))
        else:
            p0, p1, p2, p3 = (points[min(max(index + offset, 0), count - 1)] for offset in (-1, 0, 1, 2))
        for step in range(8):
            path.append(_catmull_rom(p0, p1, p2, p3, step / 8))
    return path if closed else [*path, points[-1]]


def rounded(x: float, y: float, width: float, height: float, radius: float) -> list[Point]:
    """Return a rectangle with round corners; `x`, `y` is its middle."""
    w, h = width / 2 - radius, height / 2 - radius
    corners = ((w, h, 0), (-w, h, 90), (-w, -h, 180), (w, -h, 270))
    return [
        point for dx, dy, start in corners for point in arc((x + dx, y + dy), (radius, radius), start, start + 90)[::4]
    ]


def star(middle: Point, outer: float, inner: float, turn: float = 0) -> list[Point]:
    """Return a star of five points, one of them up."""
    path = []
    for index in range(10):
        angle = math.radians(turn - 90 + index * 36)
        r = inner if index % 2 else outer
        path.append((middle[0] + r * math.cos(angle), middle[1] + r * math.sin(angle)))
    return path


def heart(x: float, y: float, size: float) -> list[Point]:
    """Return a heart as wide as twice its size, its middle at `x`, `y`."""
    half = [
        *curve((0, 0.95), (-0.35, 0.62), (-1.02, 0.25), (-1.0, -0.28)),
        *curve((-1.0, -0.28), (-0.98, -0.98), (-0.16, -1.02), (0, -0.42)),
    ]
    outline = half + [(-px, py) for px, py in reversed(half)]
    return [(x + size * px, y + size * py) for px, py in outline]


def drop(x: float, y: float, size: float) -> list[Point]:
    """Return a drop of water that points up."""
    left = curve((0, -1.5), (-0.25, -0.8), (-1, -0.3), (-0.98, 0.25))
    below = arc((0, 0.25), (0.98, 0.95), 180, 0)
    return [(x + size * px, y + size * py) for px, py in [*left, *below, *((-px, py) for px, py in reversed(left))]]


def _angles(count: int) -> list[float]:
    return [2 * math.pi * index / count for index in range(count)]


def _bezier(points: Sequence[Point], t: float) -> Point:
    if len(points) == 1:
        return points[0]
    (x0, y0), (x1, y1) = _bezier(points[:-1], t), _bezier(points[1:], t)
    return (x0 + (x1 - x0) * t, y0 + (y1 - y0) * t)


def _catmull_rom(p0: Point, p1: Point, p2: Point, p3: Point, t: float) -> Point:
    def along(a: float, b: float, c: float, d: float) -> float:
        return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)

    return along(p0[0], p1[0], p2[0], p3[0]), along(p0[1], p1[1], p2[1], p3[1])
