"""Decoding text from clients, and folding it for searches. Pure.

JavaScript can cut strings between UTF-16 surrogates, and some encoders send lone surrogates. UTF-8 cannot represent
them; like text decoders, we replace them with U+FFFD, however they arrive.
"""

import re
import string
import unicodedata
from typing import Final

import msgspec

HALF: Final = "\ufffd"
MOST_MENDED_BYTES: Final = 16 * 1024
"""The longest UTF-8 in which lone surrogates are replaced, which takes 130 ns each: a text of 2,000 emoji in CESU-8."""

_ESCAPE: Final = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
_from_json: Final = msgspec.json.Decoder().decode

ASCII_LOWER: Final = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)

# Possible marks: everything except letters and digits, white space, Latin, and symbols and pictures, which do occur in
# long runs.
MARKS: Final = re.compile(
    r"[^\w\s\x00-\u02ff\u2000-\u20cf\u2100-\u2bff\u3000-\u3029\ufe00-\ufe0f\uff00-\uffef\U0001f000-\U0001faff]+"
)
MAX_MARKS: Final = 30  # on one letter: no language has more (UAX #15, section 13, Stream-Safe Text Format)


def whole(text: str) -> str:
    """Return `text` with surrogate pairs joined, and U+FFFD for each lone surrogate."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def from_utf8(data: bytes) -> str:
    """Return `data` as text, allowing lone surrogates unless it is long. Raises UnicodeDecodeError."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        if len(data) > MOST_MENDED_BYTES:
            raise
        return whole(data.decode("utf-8", "surrogatepass"))


def from_json(text: str) -> object:
    """Return the decoded JSON. Raises msgspec.DecodeError, and RecursionError when it is nested too deeply."""
    try:
        return _from_json(text)
    except msgspec.DecodeError:
        mended = text
        if "\\ud" in text or "\\uD" in text:
            mended = _ESCAPE.sub(lambda escape: r"\ufffd" if escape[1] else escape[0], text)
        if mended == text:
            raise
        return _from_json(mended)


def folded(text: str) -> str:
    """Return `text` folded for searching: canonically equivalent texts, and ASCII letter cases, become equal."""
    return composed(text).translate(ASCII_LOWER)


def composed(text: str) -> str:
    """Return `text` in Normalization Form C.

    Very long runs of marks are left alone: sorting 2,000 takes 5 ms, and a search scans 10,000 texts.
    """
    if unicodedata.is_normalized("NFC", text) or max(map(len, MARKS.findall(text)), default=0) > MAX_MARKS:
        return text
    return unicodedata.normalize("NFC", text)
