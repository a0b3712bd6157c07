"""Time: `t` goes from 0 to 1 and begins again. What is at 1 is what was at 0, so that a loop has no seam."""

import math
from collections.abc import Callable, Sequence

Ease = Callable[[float], float]


def wave(t: float, times: float = 1, ahead: float = 0) -> float:
    """Return a swing between -1 and 1, so many times in a loop, `ahead` of the others by a part of one swing."""
    return math.sin(2 * math.pi * (t * times + ahead))


def hop(t: float, times: int = 1, ahead: float = 0) -> float:
    """Return the height, 0 to 1, of something thrown up and caught again and again."""
    u = (t * times + ahead) % 1
    return 4 * u * (1 - u)


def part(t: float, start: float, end: float) -> float:
    """Return how much of a stretch of time is over, 0 to 1."""
    return min(1.0, max(0.0, (t - start) / (end - start)))


def smooth(u: float) -> float:
    """Begin and end slowly."""
    return u * u * (3 - 2 * u)


def slow_end(u: float) -> float:
    """Arrive gently."""
    return 1 - (1 - u) ** 3


def slow_start(u: float) -> float:
    """Leave gently."""
    return u**3


def spring(u: float) -> float:
    """Go a little too far, and come back."""
    return 1 + 2.7 * (u - 1) ** 3 + 1.7 * (u - 1) ** 2


def track(t: float, keys: Sequence[tuple[float, float]], ease: Ease = smooth) -> float:
    """Return a value on its way through `keys` (time, value), the first of them at 0, and back to the first."""
    t %= 1
    for (start, before), (end, after) in zip(keys, [*keys[1:], (1.0, keys[0][1])], strict=True):
        if t < end:
            return before + (after - before) * ease((t - start) / (end - start))
    return keys[0][1]


def mix(a: float, b: float, u: float) -> float:
    """Return what lies between two numbers."""
    return a + (b - a) * u
