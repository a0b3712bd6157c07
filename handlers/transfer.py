"""Content-Transfer-Encoding (RFC 2045, section 6), decoded as it arrives.

python-multipart's decoders read invalid content differently, depending on where the network cut it.
"""

import binascii
import re
from typing import Final, Protocol

from python_multipart.exceptions import DecodeError


class TransferDecoder(Protocol):
    """Writes what it decodes into a bytearray. Both methods raise DecodeError."""

    def write(self, data: bytes) -> None: ...

    def finalize(self) -> None: ...


class Plain:
    """Content as it is."""

    def __init__(self, into: bytearray) -> None:
        self._into = into

    def write(self, data: bytes) -> None:
        self._into += data

    def finalize(self) -> None:
        """Do nothing: it is all there."""


class Base64:
    """Section 6.8: all "characters not found in Table 1 must be ignored", and "=" may be taken for the end."""

    LETTERS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    OTHERS: Final = bytes(set(range(256)).difference(LETTERS))

    def __init__(self, into: bytearray) -> None:
        self._into = into
        self._letters = b""  # fewer than four: not yet decoded
        self._ended = False

    def write(self, data: bytes) -> None:
        if self._ended:
            return
        letters, padding, _ = data.partition(b"=")
        self._ended = bool(padding)
        came = self._letters + letters.translate(None, self.OTHERS)
        whole = len(came) // 4 * 4
        self._into += binascii.a2b_base64(came[:whole])
        self._letters = came[whole:]

    def finalize(self) -> None:
        """Decode the last two or three letters, which are padded."""
        if len(self._letters) == 1 or bool(self._letters) is not self._ended:
            raise DecodeError("incomplete base64")
        if self._letters:
            self._into += binascii.a2b_base64(self._letters + b"==")


class QuotedPrintable:
    """Section 6.7. An "=" that begins neither an octet nor a soft line break stands for itself."""

    _ESCAPE: Final = re.compile(rb"=(?:\r?\n|([0-9A-Fa-f]{2}))")
    _LONGEST: Final = 3

    def __init__(self, into: bytearray) -> None:
        self._into = into
        self._rest = b""  # perhaps the beginning of an escape

    def write(self, data: bytes) -> None:
        came = self._rest + data
        cut = came.find(b"=", max(0, len(came) - self._LONGEST + 1))
        if cut < 0:
            cut = len(came)
        self._into += self._decoded(came[:cut])
        self._rest = came[cut:]

    def finalize(self) -> None:
        """Decode what may have been the beginning of an escape."""
        self._into += self._decoded(self._rest)

    def _decoded(self, data: bytes) -> bytes:
        return self._ESCAPE.sub(lambda escape: binascii.unhexlify(escape[1]) if escape[1] else b"", data)
