"""Text that comes from outside: how it is read, and what it is found by. Pure.

JavaScript cuts strings between the two halves of a character (UTF-16's surrogates), and some encoders send the half.
UTF-8 has no form for it; as a decoder of text does, we put U+FFFD, by whichever way it comes.
"""

import re
import string
import unicodedata
from typing import Final

import msgspec

HALF: Final = "\ufffd"

_ESCAPE: Final = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
_from_json: Final = msgspec.json.Decoder().decode

ASCII_LOWER: Final = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)

# Of all that may be a mark this leaves out letters and digits, white space, Latin, and the symbols and pictures that do
# stand in long rows.
MARKS: Final = re.compile(
    r"[^\w\s\x00-\u02ff\u2000-\u20cf\u2100-\u2bff\u3000-\u3029\ufe00-\ufe0f\uff00-\uffef\U0001f000-\U0001faff]+"
)
MOST_MARKS: Final = 30  # on one letter: more has no language (UAX #15, section 13, Stream-Safe Text Format)


def whole(text: str) -> str:
    """Return `text` with its two halves put together, and U+FFFD for each that is alone."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def from_utf8(data: bytes) -> str:
    """Return the text that `data` is, or would be but for halves. Raises UnicodeDecodeError."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return whole(data.decode("utf-8", "surrogatepass"))


def from_json(text: str) -> object:
    """Return what the JSON says. Raises msgspec.DecodeError, and RecursionError when it is nested too deeply."""
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
    """Return what `text` is searched as: canonically equal texts are one, and so are ASCII's two cases."""
    return composed(text).translate(ASCII_LOWER)


def composed(text: str) -> str:
    """Return `text` in Normalization Form C.

    Marks that follow each other without end are left as they are: to put 2,000 in order takes 5 ms, and a search looks
    at 10,000 texts.
    """
    if unicodedata.is_normalized("NFC", text) or max(map(len, MARKS.findall(text)), default=0) > MOST_MARKS:
        return text
    return unicodedata.normalize("NFC", text)
