"""The word list of the teacher's desk, and whether a text has one of its words. Pure.

A word of the list is found however its letters are written (`desk.letters`), and when they are put apart. It is not
found inside an innocent word. What that means depends on the script:

- *Letters* (Latin and others that put spaces between words): the whole word, so "ass" is not in "class". Put apart,
  each letter stands alone ("a s s", "a.s.s"), or there are signs in it that no word has ("a*ss"): "pen is" are two
  words. A digit is a letter only between letters ("sh1t"): an A55 is a phone.
- *Korean*, where particles follow a word: what precedes decides, and what follows. A word of two syllables begins a
  word, or comes after an interjection ("아씨발"), and only what can follow a noun or a verb follows it: 시발 is not in
  다시발견, nor in 시발역. One of one syllable is a word by itself, with a particle at most. Longer ones are found
  anywhere: chance does not make them. Letters that stand alone (ㅅㅂ) match only such, and all that stand together:
  not ㄱㅅㅂㅂ.
- *Scripts without spaces* (Chinese, Japanese, Thai and others): anywhere.

A star at a word's beginning or end allows more letters there: "fuck*" is in "fucking", "존나*" in 존나웃겨.

Finding whole words needs no more than a dict, which takes as long for 50,000 as for ten. An automaton (Aho-Corasick)
finds strings anywhere in a text, nearly all of them to be thrown away by the rules above, and it is built in one call
that keeps the event loop waiting.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import accumulate, chain
from typing import Final, NamedTuple

from realtime.chat.desk.letters import HANGUL, LAUGHS, LOOSE, composed, letters_of, ways_to_read

MAX_WORDS: Final = 50_000
WORD_LENGTH: Final = 100
LEAST_LETTERS: Final = 3
"""Fewer letters that stand apart are initials, and fewer with a star are the beginning of too many words."""
FARTHEST: Final = 10
"""So many signs may stand between two letters of a word that is put apart."""
CERTAIN: Final = 3
"""So many syllables are no coincidence."""

UNSPACED: Final = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3007\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    r"\U00020000-\U0003ffff"
)
MARKS: Final = r"\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0dff"  # vowel signs and the like, which \w is not
LETTER: Final = rf"(?:[^\W_{HANGUL}{UNSPACED}]|[{MARKS}])"
SIGN: Final = rf"[^\w\s{HANGUL}{UNSPACED}{MARKS}]|_"

_TOKEN: Final = re.compile(rf"[{HANGUL}]+|[{UNSPACED}]+|{LETTER}+")
_WORD: Final = re.compile(rf"{LETTER}+")
_NO_LETTER_BEFORE: Final = re.compile(rf"(?<!{LETTER})")
_NO_LETTER: Final = re.compile(rf"(?!{LETTER})")
_GAP: Final = re.compile(rf"(?:{SIGN}|\s)+")
_NO_HANGUL: Final = re.compile(f"[^{HANGUL}]+")
_IS_HANGUL: Final = re.compile(f"[{HANGUL}]")

# Letters with signs between them, and letters that are apart, with white space too. Each begins where letters begin.
_JOINED: Final = re.compile(rf"(?<!{LETTER}){LETTER}++(?:(?:{SIGN}){{1,{FARTHEST}}}{LETTER}++)+")
_JOINED_HANGUL: Final = re.compile(rf"(?<![{HANGUL}\d])[{HANGUL}]++(?:(?:(?:{SIGN}){{1,{FARTHEST}}}|\d)[{HANGUL}]++)+")
_APART: Final = re.compile(rf"(?<!{LETTER}){LETTER}(?:(?:{SIGN}|\s){{1,{FARTHEST}}}{LETTER}(?!{LETTER}))+")
_APART_HANGUL: Final = re.compile(
    rf"(?<![{HANGUL}])[{HANGUL}](?:(?:{SIGN}|\s){{1,{FARTHEST}}}[{HANGUL}](?![{HANGUL}]))+"
)
_APART_UNSPACED: Final = re.compile(rf"[{UNSPACED}](?:(?:{SIGN}|\s){{1,{FARTHEST}}}[{UNSPACED}])+")
_STRANGE: Final = re.compile(r"[*~^|`•·°]")
_LONE_WORD: Final = frozenset("aiu")
_DISGUISED: Final = re.compile(r"(?<![^\W_])[a-z]++(?:[0134578@$!]{1,2}[a-z]++)+(?![^\W_])")
_DISGUISES: Final = [str.maketrans("0134578@$!", f"o{one}eastbasi") for one in "il"]

_LOOSE_RUN: Final = re.compile(f"[{LOOSE}]+")
_AMONG_LOOSE: Final = re.compile(rf"(?<![{HANGUL}])[{LOOSE}](?:(?:{SIGN}|\s){{1,{FARTHEST}}}[{LOOSE}](?![{HANGUL}]))+")
_LONGEST_AGAIN: Final = 40
_AGAIN: Final = re.compile(r"(.+?)\1*")

# What comes before a word without a space: interjections, pronouns, what makes a word stronger. A word may also begin
# after a particle that ends few words by chance. A number before it belongs to it (3시발 버스).
_OTHERS: Final = (
    "에이|아이|어휴|아오|아니|야이|이런|그런|저런|그냥|그래|그만|존나|졸라|진짜|완전|미친|넌|난|걘|얜|쟨|이|그|저|니|너|네|내|나"
    "|아|야|오|우|와|헐|흥|개|쌍|씨|왕|참"
)
_BEFORE: Final = frozenset(_OTHERS.split("|"))
_LONGEST_BEFORE: Final = max(map(len, _BEFORE))
_AFTER_OTHERS: Final = re.compile(rf"(?<![{HANGUL}\d])(?:{_OTHERS})+")
_BEGINS: Final = re.compile(
    rf"(?<![{HANGUL}\d])(?=[{HANGUL}])|(?<=[은는을를의])(?=[{HANGUL}])"
    rf"|(?<=[가-힣])(?=[{LOOSE}])|(?<=[{LOOSE}])(?=[가-힣])"
)
# What follows: particles, endings, 하다 and 되다, and words that are commonly put behind one.
_AFTER: Final = re.compile(
    r"(?![가-힣])|[은는이가을를의에께도만와과랑로으아야여요란네냐니임입였예들님놈년던뿐스됐된될됨되돼다]|라(?!인)|나(?!무)|인(?!간)"
    "|하|한|할|합|했|해|함|까지|부터|처럼|보다|같|답|지(?:만|요|는|도|마|네)|것|거|걸|게(?![가-힣])|게도|고(?![가-힣])|고요|고도|며|면"
    "|든|밖에|대로|마저|조차|투성|새끼|새키|색|자식|짓|소리|진짜|존나|왜|뭐|너|버"
)
_ONLY_PARTICLES: Final = re.compile(
    "(?:들|님)?(?:은|는|이|가|을|를|의|에게|한테|과|이랑|아|야|이야|이다|입니다|이네|같[가-힣]*)?(?![가-힣])"
)


def words_of(lines: Iterable[str]) -> list[str]:
    """Return the words of a list, one a line, each once; lines that are empty or begin with # are none.

    Raises ValueError, which says what is wrong, for a line that is too long, or too many.
    """
    words: dict[str, None] = {}
    for number, line in enumerate(lines, 1):
        word = " ".join(line.split())
        if len(word) > WORD_LENGTH:
            raise ValueError(f"line {number} has more than {WORD_LENGTH} characters")
        if word and not word.startswith("#"):
            words[word] = None
    if len(words) > MAX_WORDS:
        raise ValueError(f"more than {MAX_WORDS} words")
    return list(words)


class Listed(NamedTuple):
    """One word of the list, as it was written, and whether it may be a part of a longer one."""

    text: str
    any_before: bool
    any_after: bool


class WordList:
    """Words that are looked for in texts."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        """Take words, those of `words_of`."""
        self._words: dict[str, Listed] = {}  # of one script each, by their letters; those that may be parts are apart
        self._parts: dict[str, Listed] = {}
        self._signs: dict[str, str] = {}
        self._phrases: dict[str, list[tuple[list[str], Listed]]] = {}  # by their first word
        self._lengths: dict[str, set[int]] = {}  # of the words, by their first letter
        self._part_lengths: dict[str, set[int]] = {}  # of the parts, by their first letters, two or one
        self._has_short_parts = False  # of one letter
        self.add(words)

    def add(self, words: Iterable[str]) -> None:
        """Take more words. A thousand take about five milliseconds."""
        for word in words:
            self._add(word)

    def find(self, text: str) -> str | None:
        """Return a word found in a text, as it is in the list, or None."""
        if not (self._words or self._parts or self._signs):
            return None
        letters = letters_of(text)
        signs = (word for sign, word in self._signs.items() if sign in letters)
        words = (found.text for way in ways_to_read(letters) for found in self._found(way))
        return next(chain(signs, words), None)

    def _add(self, word: str) -> None:
        folded = letters_of(word.strip("*"))
        tokens = _TOKEN.findall(folded)
        key = "".join(tokens)
        is_hangul, is_word = _IS_HANGUL.search(key) is not None, all(map(_WORD.fullmatch, tokens))
        if not key and any(unicodedata.category(sign) == "So" for sign in folded):  # emoji
            self._signs[folded] = word
        if not key or (is_word and len(key) < (LEAST_LETTERS if key != folded else 2)):
            return
        long = len(key) >= LEAST_LETTERS or not is_word
        listed = Listed(word, long and word.startswith("*"), long and word.endswith("*"))
        is_certain = is_hangul and len(composed(key)) >= CERTAIN and not _LOOSE_RUN.fullmatch(key)
        if is_certain or not (is_hangul or is_word):
            listed = Listed(word, any_before=True, any_after=True)
        for form in {key, composed(key) if is_hangul else key}:
            if listed.any_before or listed.any_after:
                self._parts.setdefault(form, listed)
                self._part_lengths.setdefault(form[:2], set()).add(len(form))
                self._has_short_parts |= len(form) == 1
            else:
                self._words.setdefault(form, listed)
                self._lengths.setdefault(form[0], set()).add(len(form))
        if len(tokens) > 1:
            self._phrases.setdefault(tokens[0], []).append((tokens, listed))

    def _found(self, text: str) -> Iterator[Listed]:
        """Return what is found in a text in one of its forms."""
        yield from self._as_written(text)
        for disguised in _DISGUISED.findall(text):
            for disguise in _DISGUISES:
                yield from self._as_written(disguised.translate(disguise))
        if self._phrases:
            yield from self._in_order(_TOKEN.findall(text))
        for joined in _JOINED.findall(text):
            pieces = _GAP.split(joined)
            if _STRANGE.search(joined) or any(len(piece) == 1 and piece not in _LONE_WORD for piece in pieces):
                yield from self._as_written("".join(pieces))
        for joined in _JOINED_HANGUL.findall(text):
            pieces = _NO_HANGUL.split(joined)
            yield from self._as_written("".join(pieces), accumulate(map(len, pieces)))
        for apart in _APART.findall(text):
            spelled = _GAP.sub("", apart)
            for word in (spelled, spelled[1:]) if spelled[0] in _LONE_WORD else (spelled,):
                if len(word) >= LEAST_LETTERS:
                    yield from self._as_written(word)
        for apart in _APART_HANGUL.findall(text):
            spelled = _GAP.sub("", apart)
            for word in {spelled, composed(spelled)}:
                yield from self._as_written(word)
        for apart in _APART_UNSPACED.findall(text):
            yield from self._as_written(_GAP.sub("", apart))

    def _as_written(self, text: str, starts: Iterable[int] = ()) -> Iterator[Listed]:
        """Return what is found in a text without looking for letters put apart. Korean also begins at `starts`."""
        words = self._words
        if not words.keys().isdisjoint(_WORD.findall(text)):
            yield from (words[word] for word in _WORD.findall(text) if word in words)
        starts = {*starts, *(begins.start() for begins in _BEGINS.finditer(text))}
        for others in _AFTER_OTHERS.finditer(text):
            starts |= _after_others(others)
        yield from self._in_hangul(text, starts)
        for start in (2, 1):
            yield from self._parts_of(text, starts, start)

    def _parts_of(self, text: str, starts: set[int], letters: int) -> Iterator[Listed]:
        """Return the parts whose lengths are known by so many letters."""
        lengths = self._part_lengths
        if not lengths or (letters == 1 and not self._has_short_parts):
            return
        for at in [at for at in range(len(text)) if text[at : at + letters] in lengths]:
            for length in lengths[text[at : at + letters]]:
                listed = self._parts.get(text[at : at + length])
                if listed is not None and _is_part(text, at, at + length, starts, listed):
                    yield listed

    def _in_hangul(self, text: str, starts: set[int]) -> Iterator[Listed]:
        words, lengths = self._words, self._lengths
        for at in starts:
            for length in lengths.get(text[at : at + 1], ()):
                word = text[at : at + length]
                if word in words and not _LOOSE_RUN.fullmatch(word) and _may_be_there(text, at, at + length):
                    yield words[word]
        among: set[int] | None = None
        for run in _LOOSE_RUN.finditer(text):
            core = run[0].strip(LAUGHS)
            again = _AGAIN.fullmatch(core[:_LONGEST_AGAIN])
            listed = words.get(run[0]) or words.get(core) or (words.get(again[1]) if again else None)
            if listed is not None:
                if among is None:
                    among = {at for letters in _AMONG_LOOSE.finditer(text) for at in range(*letters.span())}
                if run.start() not in among:
                    yield listed

    def _in_order(self, tokens: list[str]) -> Iterator[Listed]:
        for at, token in enumerate(tokens):
            for phrase, listed in self._phrases.get(token, ()):
                *before, last = tokens[at : at + len(phrase)]
                if before == phrase[:-1] and last.startswith(phrase[-1]):
                    end = len(phrase[-1])
                    if end == len(last) or (_IS_HANGUL.match(last) and _AFTER.match(last, end)):
                        yield listed


def _after_others(others: re.Match[str]) -> set[int]:
    """Return where a word may begin after others that words are put behind."""
    reached = {others.start()}
    waiting = list(reached)
    while waiting:
        at = waiting.pop()
        for length in range(1, _LONGEST_BEFORE + 1):
            if others.string[at : at + length] in _BEFORE and at + length not in reached:
                reached.add(at + length)
                waiting.append(at + length)
    return reached


def _may_be_there(text: str, start: int, end: int) -> bool:
    """Return whether Korean that begins at `start` may be a word, by what follows."""
    if end - start == 1:
        return not _IS_HANGUL.match(text[start - 1 : start]) and _ONLY_PARTICLES.match(text, end) is not None
    return _AFTER.match(text, end) is not None


def _is_part(text: str, start: int, end: int, starts: set[int], listed: Listed) -> bool:
    """Return whether a word that may be a part of others is one here."""
    if _IS_HANGUL.match(text, start):
        before, after = start in starts, _AFTER.match(text, end) is not None
    else:
        before, after = _NO_LETTER_BEFORE.match(text, start) is not None, _NO_LETTER.match(text, end) is not None
    return (listed.any_before or before) and (listed.any_after or after)
