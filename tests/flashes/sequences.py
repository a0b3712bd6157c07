"""Sequences of whole frames of one colour, as animations that repeat: random ones, and those by their names."""

import random
from collections.abc import Mapping
from typing import NamedTuple

Colour = tuple[int, int, int]

# Any two of a palette differ by at least 0.14 in luminance.
GREYS: tuple[Colour, ...] = tuple((grey, grey, grey) for grey in (0, 111, 155, 188, 213, 250))
REDS: tuple[Colour, ...] = ((0, 0, 0), (255, 0, 0), (0, 188, 0), (255, 255, 255))
DELAYS_MS = 20, 40, 50, 100
LONGEST_MS = 500  # of one colour


class Sequence(NamedTuple):
    """Frames of one colour each, all shown equally long."""

    colours: list[Colour]
    delay_ms: int


def drawn(seed: int) -> Sequence:
    """Return the random sequence of that number: one to eight changes in up to three seconds, most of them fast."""
    chance = random.Random(seed)
    delay_ms = chance.choice(DELAYS_MS)
    palette = chance.choice((GREYS, REDS))
    longest = chance.choice((2, 4, LONGEST_MS // delay_ms))
    colours: list[Colour] = []
    for _ in range(chance.randint(2, 9)):
        colour = chance.choice([one for one in palette if one != colours[-1]] if colours else palette)
        colours += [colour] * chance.randint(1, longest)
    return Sequence(colours, delay_ms)


def pulse(one: Colour, other: Colour, frames: int, delay_ms: int = 20) -> Sequence:
    """Return two colours in turn, each for that many frames."""
    return Sequence([one] * frames + [other] * frames, delay_ms)


BLACK, WHITE, RED = (0, 0, 0), (255, 255, 255), (255, 0, 0)

NAMED: Mapping[str, Sequence] = {
    "3.1 Hz": pulse(BLACK, WHITE, 8),
    "2.8 Hz": pulse(BLACK, WHITE, 9),
    "25 Hz": pulse(BLACK, WHITE, 1),
    "a luminance of 0.11": pulse(BLACK, (94, 94, 94), 4),
    "a luminance of 0.09": pulse(BLACK, (83, 83, 83), 4),
    "from 0.79": pulse((230, 230, 230), WHITE, 4),
    "from 0.81": pulse((232, 232, 232), WHITE, 4),
    "red and black": pulse(RED, BLACK, 4),
    "red and as bright a grey": pulse(RED, (127, 127, 127), 4),
    "red and blue": pulse((120, 0, 0), (0, 0, 255), 4),
    "green and as bright a blue": pulse((0, 84, 0), (0, 0, 255), 4),
    "a slow red": pulse(RED, BLACK, 9),
}
SEEDS = range(40)


def every() -> dict[str, Sequence]:
    """Return all sequences of which verdicts.json has a verdict, by name."""
    return {**NAMED, **{str(seed): drawn(seed) for seed in SEEDS}}
