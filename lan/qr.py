"""QR codes of addresses, for phone cameras."""

import io
import os
import sys
from functools import lru_cache
from typing import TextIO

import segno

# Always white on black, whatever the terminal's colours: segno draws the light modules, on a dark background.
COLOURS, DEFAULT_COLOURS = "\x1b[38;5;231;48;5;16m", "\x1b[0m"
BLOCKS = "▀▄█"


def terminal(text: str) -> str:
    """Return a QR code of `text` for a terminal, two modules per line."""
    drawn = io.StringIO()
    segno.make_qr(text).terminal(drawn, compact=True)
    return "".join(f"  {COLOURS}{line}{DEFAULT_COLOURS}\n" for line in drawn.getvalue().splitlines())


def svg(text: str) -> str:
    """Return a QR code of `text` as an SVG element, without style or script."""
    return segno.make_qr(text).svg_inline(omitsize=True, svgclass=None, lineclass=None, light="#fff")


@lru_cache(maxsize=64)  # a whole class asks for the same
def image(text: str) -> str:
    """Return a QR code of `text` as the address of an SVG image, which contains it."""
    return segno.make_qr(text).svg_data_uri(omitsize=True, svgclass=None, lineclass=None, light="#fff")


def can_show(stream: TextIO) -> bool:
    """Return whether `stream` is a terminal that can display a QR code."""
    if not stream.isatty() or os.environ.get("TERM") == "dumb":
        return False
    try:
        BLOCKS.encode(stream.encoding)
    except UnicodeEncodeError:
        return False
    if sys.platform == "win32":
        os.system("")  # enables colours in the console of older Windows
    return True
