"""What a message's text consists of, as static/js/room/text_pieces.js and text_url.js divide it. Pure, in linear time.

A saved conversation has no script, so its links and code are found here; tests/test_export_text.py compares the two.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

_MARK: Final = re.compile(r"`+|https?://", re.IGNORECASE)
_WITHIN_WORD: Final = re.compile(r"[a-z0-9]", re.IGNORECASE)
_BLOCK_TICKS: Final = 3
_LANGUAGE: Final = re.compile(r"[ \t]*([a-z0-9+#.-]{0,20})[ \t]*\n", re.IGNORECASE)
_LANGUAGE_LENGTH: Final = 64

_IPV6: Final = re.compile(r"\[[0-9a-f:.]{2,45}\]", re.IGNORECASE)
_PORT: Final = re.compile(r":(\d{1,5})(?!\d)", re.ASCII)
_MOST_PORT: Final = 65535
_OUTSIDE: Final = frozenset('<>"`\\^|“”‘’「」『』《》〈〉【】〔〕（）［］｛｝、。，．！？：；…·')
_OPENING, _CLOSING = "([{", ")]}"
_TRAILING: Final = frozenset(".,:;!?'*~([{")
_NEXT: Final = re.compile(r"[,;]https?:", re.IGNORECASE)
_LATIN: Final = re.compile(r"[a-z0-9_-]+", re.IGNORECASE | re.ASCII)
_LONGEST_PARTICLE: Final = 6
_PARTICLE: Final = re.compile(
    "|".join(
        (
            "(?:에서|에게서|에게|에|으로|로|까지|부터|처럼|보다|마다|이랑|랑|하고|대로|만|과|와)?(?:은|는|도|만|의|요)?",
            "을|를|이|가|이나|나|이든|든|이라도|라도|조차|밖에|쪽|쪽으로|등|등등|및",
            "(?:에서|으로|로)?(?:입니다|이에요|예요|이야|야|이고|고|이며|며|인데|인데요|이죠|죠|임|인가요|이라고|라고|이라는|라는)",
        )
    )
)

_EMOJI_ALONE: Final = 24  # characters at most


class Piece(NamedTuple):
    """A part of a text, without the marks around it; a link's text is its address."""

    kind: Literal["plain", "link", "code", "block"]
    text: str


def pieces_of(text: str) -> list[Piece]:
    """Return the pieces of a text, in order."""
    if "`" not in text and "://" not in text:
        return [Piece("plain", text)]
    return list(_pieces(text))


def is_emoji_alone(text: str) -> bool:
    """Return whether a text consists of a few symbols alone, which are then shown large."""
    if len(text) > _EMOJI_ALONE:
        return False
    categories = {unicodedata.category(character) for character in text if not character.isspace()}
    return "So" in categories and categories <= {"So", "Sk", "Mn", "Me", "Cf"}


def _pieces(text: str) -> Iterator[Piece]:
    closers = _Closers(text)
    plain = at = 0
    while (mark := _MARK.search(text, at)) is not None:
        start = mark.start()
        at = mark.end()
        if mark[0].startswith("`"):
            close = closers.after(start, len(mark[0]))
            code = None if close < 0 else _code(text, plain, start, close, len(mark[0]))
            if code is None:
                continue
            piece, start, at = code
        elif start and _WITHIN_WORD.match(text[start - 1]):
            continue
        else:
            at, is_link = _address(text, start)
            if not is_link:
                continue
            piece = Piece("link", text[start:at])
        if start > plain:
            yield Piece("plain", text[plain:start])
        yield piece
        plain = at
    if plain < len(text):
        yield Piece("plain", text[plain:])


def _code(text: str, first: int, start: int, close: int, ticks: int) -> tuple[Piece, int, int] | None:
    """Return the code between marks, and where it begins and ends with them; `first` is where it can begin."""
    inside = text[start + ticks : close]
    if not inside.strip():
        return None
    if ticks < _BLOCK_TICKS:
        return None if "\n" in inside else (Piece("code", inside), start, close + ticks)
    head = _LANGUAGE.match(inside[:_LANGUAGE_LENGTH])
    code = inside[head.end() if head else 0 :].rstrip()
    if not code:
        return None
    begins = start - 1 if start > first and text[start - 1] == "\n" else start
    ends = close + ticks + (text[close + ticks : close + ticks + 1] == "\n")
    return Piece("block", code), begins, ends


class _Closers:
    """The runs of backticks by their length, each looked at once."""

    def __init__(self, text: str) -> None:
        self._runs: dict[int, list[int]] = {}
        for run in reversed(list(re.finditer("`+", text))):
            self._runs.setdefault(len(run[0]), []).append(run.start())

    def after(self, start: int, length: int) -> int:
        """Return where the next run of this length begins, or -1; `start` is later than in earlier calls."""
        left = self._runs.get(length, [])
        while left and left[-1] <= start:
            left.pop()
        return left[-1] if left else -1


def _address(text: str, start: int) -> tuple[int, bool]:
    """Return where the address that begins at `start` ends, and whether it is one that leads where it seems to."""
    host = text.index("//", start) + 2
    authority = host
    while authority < len(text) and text[authority] not in "/?#" and not _is_outside(text[authority]):
        authority += 1
    after_host = _host_end(text, host, authority)
    if "@" in text[host:authority] or after_host == host or text.startswith("://", after_host):
        return authority, False
    port = _PORT.match(text, after_host)
    if port is not None and int(port[1]) > _MOST_PORT:
        return authority, False
    after_port = port.end() if port is not None else after_host
    return (after_port if after_port < authority else _path_end(text, authority)), True


def _is_outside(character: str) -> bool:
    return character.isspace() or character in _OUTSIDE or unicodedata.category(character) == "Cc"


def _is_of_host(character: str) -> bool:
    # A script sees a character beyond the basic plane as two halves, of which it takes any for letters.
    return character in "._-" or character > "\uffff" or unicodedata.category(character)[0] in "LMN"


def _host_end(text: str, start: int, most: int) -> int:
    numeric = _IPV6.match(text, start, min(most, start + 47))
    if numeric is not None:
        return numeric.end()
    end = start
    while end < most and _is_of_host(text[end]):
        end += 1
    while end > start and text[end - 1] in "._-":
        end -= 1
    last = start + text[start:end].rfind(".") + 1
    # The last name is in one script: "a.kr에서" is a host and a particle. That of "도메인.한국에서" has two syllables.
    latin = _LATIN.match(text, last, end)
    if latin is not None:
        return latin.end()
    for at in range(max(last + 2, end - _LONGEST_PARTICLE), end):
        if _PARTICLE.fullmatch(text, at, end):
            return at
    return end


def _path_end(text: str, start: int) -> int:
    is_open = [0, 0, 0]
    end = start
    while end < len(text) and not _is_outside(text[end]):
        if text[end] in _OPENING:
            is_open[_OPENING.index(text[end])] += 1
        if text[end] in _CLOSING:
            closing = _CLOSING.index(text[end])
            if not is_open[closing]:
                break  # it was opened before the address
            is_open[closing] -= 1
        if _NEXT.match(text, end):
            break
        end += 1
    return _without_trailing(text, start, _without_particle(text, start, _without_trailing(text, start, end)))


def _without_trailing(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1] in _TRAILING:
        end -= 1
    return end


def _without_particle(text: str, start: int, end: int) -> int:
    """Return `end` before a particle. A word that only ends like one stays, as does what is the value of a query."""
    at = end
    while at > start and end - at <= _LONGEST_PARTICLE and "\uac00" <= text[at - 1] <= "\ud7a3":
        at -= 1
    return at if text[at - 1] != "=" and _PARTICLE.fullmatch(text, at, end) else end
