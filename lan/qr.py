"""An address as a QR code, which a phone's camera opens."""

import io
import os
import sys
from typing import TextIO

import segno

# White on black whatever the terminal's own colours are: segno draws the light modules with ink, on a dark ground.
COLOURS, DEFAULT_COLOURS = "\x1b[38;5;231;48;5;16m", "\x1b[0m"
BLOCKS = "▀▄█"


def terminal(text: str) -> str:
    """Return a code of `text` for a terminal, two modules to a character's height."""
    drawn = io.StringIO()
    segno.make_qr(text).terminal(drawn, compact=True)
    return "".join(f"  {COLOURS}{line}{DEFAULT_COLOURS}\n" for line in drawn.getvalue().splitlines())


def svg(text: str) -> str:
    """Return a code of `text` as an SVG element, without style or script."""
    return segno.make_qr(text).svg_inline(omitsize=True, svgclass=None, lineclass=None, light="#fff")


def can_show(stream: TextIO) -> bool:
    """Return whether `stream` is a terminal that a code can be drawn on."""
    if not stream.isatty() or os.environ.get("TERM") == "dumb":
        return False
    try:
        BLOCKS.encode(stream.encoding)
    except UnicodeEncodeError:
        return False
    if sys.platform == "win32":
        os.system("")  # has the console of older Windows obey the colours
    return True
