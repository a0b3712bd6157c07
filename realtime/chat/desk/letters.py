"""What of a text is compared with the word list: its letters, in one form however they are written. Pure.

Korean letters that stand alone (ㅅㅂ) are kept apart from syllables. NFKC would make syllables of some of them
(ㅂㅠㅠ is 뷰ㅠ); `composed` makes syllables of all, as a keyboard does, so a text is looked at in both ways.
"""

import re
import unicodedata
from typing import Final

INITIALS: Final = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS: Final = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
FINALS: Final = "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
LOOSE: Final = "ㄱ-ㅣ"
"""Korean letters that stand alone, as a regular expression's range."""
HANGUL: Final = f"가-힣{LOOSE}"
LAUGHS: Final = "ㅋㅎㅠㅜㅡ"
FIRST_SYLLABLE: Final = ord("가")

_CLUSTERS: Final = dict(
    zip("ㄳㄵㄶㄺㄻㄼㄽㄾㄿㅀㅄ", re.findall("..", "ㄱㅅㄴㅈㄴㅎㄹㄱㄹㅁㄹㅂㄹㅅㄹㅌㄹㅍㄹㅎㅂㅅ"), strict=True)
)
_DIPHTHONGS: Final = dict(zip(re.findall("..", "ㅗㅏㅗㅐㅗㅣㅜㅓㅜㅔㅜㅣㅡㅣ"), "ㅘㅙㅚㅝㅞㅟㅢ", strict=True))

_SET_ASIDE: Final = 0xFFF00 - ord("ㄱ")  # in a private use area, which NFKC leaves alone
_LOOSE_ASIDE: Final = {code: code + _SET_ASIDE for code in range(ord("ㄱ"), ord("ㅣ") + 1)}
_BEFORE_NFKC: Final = {**_LOOSE_ASIDE, 0xFDFA: ord(" ")}  # that is eighteen letters in NFKC
_AS_LOOSE: Final[dict[int, str | None]] = {
    **{to: _CLUSTERS.get(chr(code), chr(code)) for code, to in _LOOSE_ASIDE.items()},
    **{0x1100 + at: letter for at, letter in enumerate(INITIALS)},
    **{0x1161 + at: letter for at, letter in enumerate(VOWELS)},
    **{0x11A8 + at: _CLUSTERS.get(letter, letter) for at, letter in enumerate(FINALS)},
}

# Default_Ignorable_Code_Point, and the marks that are put on any letter: what NFKC has not made a letter of.
_UNSEEN: Final = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    r"\ufeff\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff"
    r"\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)

_SPLIT_VOWEL: Final = re.compile("|".join(_DIPHTHONGS))
_SPLIT_SYLLABLE: Final = re.compile(f"([{INITIALS}])([{VOWELS}])")
_SPLIT_FINAL: Final = re.compile(
    rf"([가-힣])([{FINALS}])(?!\2)"
)  # a doubled one is a laugh or an answer: 가ㅋㅋ, 네ㅇㅇ
_DRAWN_OUT: Final = re.compile(r"([가-힣])([아애야얘어에여예오와왜외요우워웨위유으의이])\2+")
_LONG_RUN: Final = re.compile(rf"([^\W\d_{LAUGHS}])\1\1+")
_DOUBLED: Final = re.compile(r"(?<![^\W_])(?:([^\W\d_])\1++){2,}+(?![^\W_])")
_RUN: Final = re.compile(r"(.)\1+")


def letters_of(text: str) -> str:
    """Return `text` in NFKC without case, and without what is not seen; Korean letters that stand alone stay alone."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKC", text.translate(_BEFORE_NFKC)).casefold()
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).translate(_AS_LOOSE)


def composed(text: str) -> str:
    """Return `text` with syllables made of the Korean letters that stand alone: ㅂㅏㅂㅗ, 조ㄴ나."""
    text = _SPLIT_VOWEL.sub(lambda split: _DIPHTHONGS[split[0]], text)
    text = _SPLIT_SYLLABLE.sub(
        lambda split: chr(FIRST_SYLLABLE + 28 * (21 * INITIALS.index(split[1]) + VOWELS.index(split[2]))), text
    )
    return _SPLIT_FINAL.sub(_with_final, text)


def shortened(text: str, to: int) -> str:
    """Return `text` with what is drawn out made short: 바아아보, and a letter three times or more is there `to` times.

    No word has a letter three times in a row; many have it twice (good is not god), but none each of its letters.
    """
    text = _DOUBLED.sub(lambda word: _RUN.sub(r"\1", word[0]), _DRAWN_OUT.sub(_short, text))
    return _LONG_RUN.sub(lambda run: run[1] * to, text)


def ways_to_read(text: str) -> dict[str, None]:
    """Return the forms of `text`, of `letters_of`, in which a word may be hidden; the text itself is the first."""
    joined = composed(text) if re.search(f"[{LOOSE}]", text) else text
    ways = {text: None, joined: None}
    if _LONG_RUN.search(text) or _DRAWN_OUT.search(joined) or _DOUBLED.search(text):
        ways |= dict.fromkeys(
            [shortened(text, 1), composed(shortened(text, 1)), shortened(joined, 1), shortened(joined, 2)]
        )
    return ways


def _with_final(split: re.Match[str]) -> str:
    syllable, final = split[1], split[2]
    if (ord(syllable) - FIRST_SYLLABLE) % 28:
        return split[0]
    return chr(ord(syllable) + FINALS.index(final) + 1)


def _short(drawn: re.Match[str]) -> str:
    syllable, vowel = (ord(one) - FIRST_SYLLABLE for one in (drawn[1], drawn[2]))
    same = syllable % 28 == 0 and syllable // 28 % 21 == vowel // 28 % 21
    return drawn[1] if same and len(drawn[0]) > 2 else drawn[0]  # noqa: PLR2004  씨이발 may be two words
