"""Reading text that comes from outside. Pure.

JavaScript cuts strings between the two halves of a character (UTF-16's surrogates), and some encoders send the half.
UTF-8 has no form for it; as a decoder of text does, we put U+FFFD, by whichever way it comes.
"""

import re
from typing import Final

import msgspec

HALF: Final = "\ufffd"

_ESCAPE: Final = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
_from_json: Final = msgspec.json.Decoder().decode


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
