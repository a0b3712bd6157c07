"""The names that visitors give themselves: which are valid, which count as equal, and which a room shows. Pure.

A visitor has one name, everywhere. But a room shows each name for one person only: who enters where somebody already
has theirs goes without one there, until they come again or give themself a name while it is free.

What a visitor says carries the name that the room showed at that moment, and is stored with it: the colour stays the
identity, and what was said does not change because somebody is called otherwise today.
"""

import re
import unicodedata
from typing import Final, NamedTuple

from realtime.chat.text import ENDS, INVISIBLE
from realtime.errors import InvalidName, NameTaken
from realtime.unicode import whole

NAME_LENGTH: Final = 20
DECOMPOSED: Final = 4
"""How many characters canonical equivalence makes one of, at most (the same holds for a text as a whole: UAX #15)."""

SPACES: Final = re.compile(r"\s+")


class Name(NamedTuple):
    """A valid name. Two are equal for people if their `key` is."""

    text: str
    key: str


def key_of(text: str) -> str:
    """Return what is equal of names that look the same: by NFKC, letter case, and how wide their spaces are."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return SPACES.sub(" ", folded).strip()


RESERVED: Final = frozenset(
    key_of(word)
    for word in (
        *("teacher", "system", "server", "admin", "administrator", "gifchat"),
        *("선생님", "선생", "쌤", "교사", "시스템", "서버", "관리자", "운영자"),
    )
)
"""Words for the teacher and the system: a name like one of these would be believed."""


def check_name(text: str) -> Name:
    """Return `text`, trimmed and in NFC, as a name. Raises InvalidName, or NameTaken for a reserved word."""
    text = whole(text).strip(ENDS)
    if len(text) > NAME_LENGTH * DECOMPOSED:
        raise InvalidName
    text = unicodedata.normalize("NFC", text)
    if not 1 <= len(text) <= NAME_LENGTH or not all(map(is_visible, text)):
        raise InvalidName
    if unicodedata.category(text[0]).startswith("M"):  # a mark would join whatever is shown before the name
        raise InvalidName
    name = Name(text, key_of(text))
    if name.key in RESERVED:
        raise NameTaken
    return name


def is_visible(character: str) -> bool:
    """Return whether it is a space, or something to see that has no effect on what is around it."""
    category = unicodedata.category(character)
    return category == "Zs" or not (category in ("Cc", "Cf", "Zl", "Zp") or INVISIBLE.fullmatch(character))


class RoomNames:
    """The names of the people in a room.

    - `_names` has everybody inside who has a name; `_without`, those of them for whom it is not shown.
    - `_holders` has the same people by their names' keys. At most one of each key is not in `_without`.
    """

    __slots__ = ("_holders", "_names", "_without")

    def __init__(self) -> None:
        self._names: dict[int, Name] = {}
        self._holders: dict[str, set[int]] = {}
        self._without: set[int] = set()

    def enter(self, visitor_id: int, name: Name | None) -> bool:
        """Note that a visitor came in, or changed their name; return whether the room calls them otherwise now."""
        before = self._called(visitor_id)
        self.leave(visitor_id)
        if name is not None:
            if self.is_taken(name, visitor_id):
                self._without.add(visitor_id)
            self._names[visitor_id] = name
            self._holders.setdefault(name.key, set()).add(visitor_id)
        return self._called(visitor_id) != before

    def leave(self, visitor_id: int) -> None:
        """Note that a visitor is gone."""
        name = self._names.pop(visitor_id, None)
        if name is not None:
            self._without.discard(visitor_id)
            holders = self._holders[name.key]
            holders.remove(visitor_id)
            if not holders:
                del self._holders[name.key]

    def is_taken(self, name: Name, visitor_id: int) -> bool:
        """Return whether an equal name is shown for somebody else inside."""
        return bool(self._holders.get(name.key, frozenset()) - self._without - {visitor_id})

    def shown(self, visitor_id: int, name: Name | None) -> str | None:
        """Return what the room calls a visitor who has this name, whether they are inside or not."""
        if name is None or visitor_id in self._names:
            return self._called(visitor_id)
        return None if self.is_taken(name, visitor_id) else name.text

    def all(self) -> dict[int, str]:
        """Return the names shown of the people inside, by visitor id."""
        return {one: name.text for one, name in self._names.items() if one not in self._without}

    def _called(self, visitor_id: int) -> str | None:
        """Return what the room calls somebody inside."""
        name = self._names.get(visitor_id)
        return None if name is None or visitor_id in self._without else name.text
