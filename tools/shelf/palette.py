"""The colours of the shelf. They are the icon's: a blue speech bubble with a coral, a yellow and a green dot."""

from typing import NamedTuple

Colour = str

INK = "#1e2a63"
WHITE = "#ffffff"

BLUE = "#5b8cff"  # the mascot
BLUE_DEEP = "#3a66dd"  # what of it is turned away from the light
BLUE_LIGHT = "#8fb2ff"
BLUE_LID = "#7aa2ff"

CORAL = "#ff8a7a"
CORAL_DEEP = "#e85d5a"
CORAL_LIGHT = "#ffb5a8"
YELLOW = "#ffd75e"
YELLOW_DEEP = "#f5a93b"
GREEN = "#7fe0a6"
GREEN_DEEP = "#35b57c"
PINK = "#ffb9c9"
MOUTH = "#7a2348"
WOOD = "#c98a5a"
WATER = "#9be1ff"
PALE = "#dfe7fb"
PALE_DEEP = "#b9c6e8"


class Ground(NamedTuple):
    """What the mascot stands before: a plain colour, a lighter round in it, a darker shadow."""

    plain: Colour
    round: Colour
    shadow: Colour


SUN = Ground("#ffe08a", "#ffedb8", "#f2c65c")
MINT = Ground("#a9ecc7", "#cbf6de", "#7fd3a6")
PEACH = Ground("#ffc2b3", "#ffdacf", "#f29e8c")
LILAC = Ground("#d3ccff", "#e7e2ff", "#b1a7ee")
SKY = Ground("#bfe4ff", "#dcf1ff", "#94c8ee")
CREAM = Ground("#fff0d2", "#fff9ea", "#eed7a8")
NIGHT = Ground("#2c3a7d", "#3c4c98", "#1f2b63")
GLOOM = Ground("#a9b9d8", "#c3cfe6", "#8799c0")
