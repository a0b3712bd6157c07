"""A visitor's face and handle, as static/js/faces/look.js gives them. Pure.

A saved conversation has no script, so its faces and handles are made here; tests/test_export_look.py compares the two.
"""

import math
from typing import Final, NamedTuple

BODIES: Final = ("bubble", "round", "square", "wavy")
ANIMALS: Final = (
    *("whale", "rabbit", "bear", "cat", "deer", "sheep", "snail", "chick", "unicorn", "dinosaur", "hedgehog"),
    *("mouse", "puppy", "cow", "lion", "shark", "crab", "rooster", "squid", "panda", "peacock"),
)
EYES: Final = ("open", "dots", "happy", "sleepy", "wink", "shades")
MOUTHS: Final = ("smile", "grin", "cat", "round", "flat", "tongue")
INKS: Final = ("#1e2a63", "#ffffff")

_KNUTH: Final = 0x9E3779B1
_LOW, _HIGH = 43, 58  # lightness in percent: dark below the one, light from the other
_BLACK_BELOW, _WHITE_ABOVE = 12, 88  # lightness in percent
_GREY_BELOW: Final = 12  # saturation in percent
_DULL: Final = 43  # saturation in percent below which reds to yellows have duller names
_WORDS: Final = (
    (15, "maroon", "red", "salmon"),
    (40, "brown", "orange", "apricot"),
    (68, "olive", "yellow", "lemon"),
    (100, "moss", "lime", "lime"),
    (150, "forest", "green", "light_green"),
    (185, "teal", "jade", "mint"),
    (205, "teal", "aqua", "sky"),
    (245, "navy", "blue", "light_blue"),
    (272, "indigo", "violet", "lavender"),
    (305, "purple", "purple", "lilac"),
    (345, "plum", "magenta", "pink"),
    (360, "maroon", "red", "salmon"),
)
_DULL_WORDS: Final = (
    (15, "maroon", "brick", "rose"),
    (40, "brown", "tan", "beige"),
    (68, "olive", "khaki", "beige"),
    (360, "maroon", "brick", "rose"),
)


class Look(NamedTuple):
    """The parts of a face, as templates/partials/faces.html names them."""

    body: str
    animal: str
    eyes: str
    mouth: str

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of its parts, from back to front."""
        return (
            f"animal-{self.animal}",
            f"body-{self.body}",
            "shine",
            f"over-{self.animal}",
            f"eyes-{self.eyes}",
            f"mouth-{self.mouth}",
        )


def look_of(colour: str) -> Look:
    """Return the face of a visitor."""
    hue, saturation, lightness = hsl(colour)
    value = int(colour[1:], 16)
    mixed = ((value ^ (value >> 11)) * _KNUTH & 0xFFFFFFFF) >> 8
    return Look(
        body=BODIES[mixed // (len(EYES) * len(MOUTHS)) % len(BODIES)],
        animal=ANIMALS[(8 * hue + 3 * saturation + 2 * lightness) % len(ANIMALS)],
        eyes=EYES[mixed % len(EYES)],
        mouth=MOUTHS[mixed // len(EYES) % len(MOUTHS)],
    )


def colour_word(colour: str) -> str:
    """Return the key of the colour's name."""
    hue, saturation, lightness = hsl(colour)
    if lightness < _BLACK_BELOW:
        return "black"
    if lightness > _WHITE_ABOVE:
        return "white"
    if saturation < _GREY_BELOW:
        return "grey"
    dull = saturation < _DULL and (hue < _DULL_WORDS[2][0] or hue >= _WORDS[-2][0])
    _, dark, medium, light = next(words for words in (_DULL_WORDS if dull else _WORDS) if hue < words[0])
    return dark if lightness < _LOW else medium if lightness < _HIGH else light


def ink_on(colour: str) -> str:
    """Return the colour in which eyes and mouth are drawn."""
    return max(INKS, key=lambda ink: _contrast(colour, ink))


def hsl(colour: str) -> tuple[int, int, int]:
    """Return hue, saturation and lightness, in degrees and percent."""
    r, g, b = _rgb(colour)
    most = max(r, g, b)
    spread = most - min(r, g, b)
    total = 2 * most - spread
    if not spread:
        return 0, 0, _rounded(total / 5.1)
    sixth = (g - b) / spread if most == r else (b - r) / spread + 2 if most == g else (r - g) / spread + 4
    saturation = _rounded(100 * spread / min(total, 510 - total))
    return _rounded(60 * sixth + 360) % 360, saturation, _rounded(total / 5.1)


def _contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2)."""
    low, high = sorted(map(_luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    r, g, b = (
        value / 3294.6 if value <= 10.31475 else ((value / 255 + 0.055) / 1.055) ** 2.4  # noqa: PLR2004  IEC 61966-2-1
        for value in _rgb(colour)
    )
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def _rgb(colour: str) -> tuple[int, int, int]:
    value = int(colour[1:], 16)
    return value >> 16, value >> 8 & 255, value & 255


def _rounded(value: float) -> int:
    return math.floor(value + 0.5)
