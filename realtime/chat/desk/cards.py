"""Seat cards: the codes on them, the labels, and which seats stay when the teacher changes the list. Pure.

A card's code is a signature, by the server's key, of a random word that is stored with the seat: neither alone gives
the code, and it says neither the label nor who has the seat. With another word the old code is void.

A code is ten characters of Crockford's Base32 (https://www.crockford.com/base32.html), 50 bits: in a QR code that a
phone reads off paper, and typed by a child. Who guesses a million times a day finds one of 200 in 15,000 years.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from typing import Final, NamedTuple

from realtime.chat.names import is_visible
from realtime.chat.text import normalised
from realtime.errors import BadRequest

MAX_SEATS: Final = 200
LABEL_LENGTH: Final = 40
CODE_LENGTH: Final = 10
SYMBOLS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MISREAD: Final = str.maketrans("OIL", "011")
GAPS: Final = re.compile(r"[\s\u2010-\u2015-]+")
SPACES: Final = re.compile(r"\s+")


class Card(NamedTuple):
    """A seat's card: its label, and the code that is printed on it."""

    label: str
    code: str


def new_word() -> str:
    """Return a word for a card that there was not before."""
    return secrets.token_hex(16)


def code_of(word: str, key: bytes) -> str:
    """Return the code of the card with this word, for the server with this key."""
    digest = hmac.digest(key, b"the code of a seat card: " + word.encode(), hashlib.sha256)
    number = int.from_bytes(digest)
    return "".join(SYMBOLS[number >> 5 * place & 31] for place in range(CODE_LENGTH))


def read_code(text: str) -> str:
    """Return a code as `code_of` writes it, of one that somebody typed: in small letters, with gaps, misread."""
    return GAPS.sub("", text[: 4 * CODE_LENGTH]).upper().translate(MISREAD)


def spelled(code: str) -> str:
    """Return a code for people to read and type, in two groups."""
    return f"{code[: CODE_LENGTH // 2]}-{code[CODE_LENGTH // 2 :]}"


def labels_of(count: int, given: Sequence[str]) -> list[str]:
    """Return the labels of `count` cards, or of as many as are given: a card without one has its number.

    Two cards have no equal label: the second becomes `label (2)`. Raises BadRequest for more cards than MAX_SEATS, or
    for a label that is too long or contains what cannot be seen.
    """
    given = [check_label(label) for label in given]
    while given and not given[-1]:
        given.pop()
    if count < 0 or max(count, len(given)) > MAX_SEATS:
        raise BadRequest(field="count")
    count = max(count, len(given))
    labels: dict[str, None] = {}
    for place in range(count):
        wanted = (given[place] if place < len(given) else "") or str(place + 1)
        label, times = wanted, 1
        while label in labels:
            times += 1
            label = f"{wanted} ({times})"
        labels[label] = None
    return list(labels)


def check_label(text: str) -> str:
    """Return a label, trimmed and on one line; it may be empty. Raises BadRequest."""
    label = SPACES.sub(" ", normalised(text))
    if len(label) > LABEL_LENGTH or not all(map(is_visible, label)):
        raise BadRequest(field="labels")
    return label


def matched(before: Sequence[str], after: Sequence[str]) -> list[int | None]:
    """Return for each label of a new list the place of its seat in the list before, None for a new seat.

    A label that was there keeps its seat, wherever it stands now: somebody joined the class, or the list was sorted.
    What remains is renamed in its place, as when numbered cards get names.
    """
    places = {label: place for place, label in enumerate(before)}
    renamed = set(places.values()) - {places[label] for label in after if label in places}
    return [places.get(label, place if place in renamed else None) for place, label in enumerate(after)]
