"""How much one message may hold, counted before it is decoded. Pure.

Decoding makes an object of each value: 900 KB of empty lists take a hundred times as long as 900 KB of text. Counting
makes none, and each of its steps is one call into C: any message is counted in about the time its UTF-8 takes.
"""

import enum
import re
from typing import Final

import msgspec

_SPACE_FOR_A_VALUE: Final = 64
"""How many characters outside of strings each value may have, for numbers, white space and punctuation."""
_BRACKETS: Final = re.compile(r"[\[\]{}]")


class Excess(enum.Enum):
    """What a message has too much of."""

    LENGTH = enum.auto()
    """Characters: one of its texts is too long, or several are."""
    VALUES = enum.auto()
    """Values, levels of nesting, or digits."""
    ATTACHMENTS = enum.auto()


class JsonBounds(msgspec.Struct, frozen=True):
    """The most that a message of JSON may hold; by default, enough for our own."""

    characters: int = 64 * 1024
    """Of JSON. A text of 2,000 emoji takes 24,000, as escapes."""
    values: int = 100
    depth: int = 16
    attachments: int = 0

    def excess(self, text: str) -> Excess | None:
        """Return what `text`, JSON or not, has too much of."""
        length = len(text)
        head = text if length <= self.characters else text[: self.characters]
        brackets = head.count("[") + head.count("{")
        # Most texts hold less than this even if all of it counts that is inside strings.
        if (
            brackets > self.depth
            or (length > self.values and brackets + head.count(",") > self.values)
            or length > self.values * _SPACE_FOR_A_VALUE
        ) and self._is_structure_over(head):
            return Excess.VALUES
        return Excess.LENGTH if length > self.characters else None

    def _is_structure_over(self, text: str) -> bool:
        # Each value may be a string and have a key; each of these has two quotes.
        most_quotes = 4 * (self.values + 1)
        parts = text.replace("\\\\", "").replace('\\"', "").split('"', most_quotes + 1)
        structure = "".join(parts[::2])
        opening = structure.count("[") + structure.count("{")
        closing = structure.count("]") + structure.count("}")
        # A value comes after a comma, or first in a list or an object.
        return (
            len(parts) > most_quotes + 1
            or len(structure) > self.values * _SPACE_FOR_A_VALUE
            or max(opening + structure.count(","), closing) > self.values
            or (opening > self.depth and _depth(structure) > self.depth)
        )


NOTHING: Final = JsonBounds(characters=0)
"""For a message that nobody will look into."""


def _depth(structure: str) -> int:
    depth = deepest = 0
    for bracket in _BRACKETS.findall(structure):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest
