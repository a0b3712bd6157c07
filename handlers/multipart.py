"""The multipart body of an upload, parsed as it arrives: only its short texts are kept in memory."""

from typing import NamedTuple

from python_multipart.multipart import parse_options_header

from handlers.parts import MEDIA_TYPE, Parts
from realtime.errors import BadRequest, ChatTooLong, DomainError, NoFile
from realtime.unicode import from_utf8

PARTS = 16

# The form's texts: how many bytes of each are read, and the error for a longer one.
TEXTS: dict[str, tuple[int, type[DomainError]]] = {
    "nonce": (1024, BadRequest),
    "name": (1024, BadRequest),
    "re": (1024, BadRequest),
    "chat": (64 * 1024, ChatTooLong),
}


class Texts(NamedTuple):
    """The texts of a form; `has_file` says whether it also had a file."""

    nonce: str | None
    name: str | None
    chat: str | None
    has_file: bool
    re: str | None = None


class ImageForm:
    """A form with the file `gif` and optional texts before or after it. Other parts are ignored."""

    def __init__(self, content_type: str) -> None:
        """Raise NoFile when the body is no multipart form, BadRequest when it has no usable boundary."""
        if parse_options_header(content_type)[0] != MEDIA_TYPE:
            raise NoFile
        self._parts = Parts(content_type, self._take, most=PARTS)
        self._texts: dict[str, bytearray] = {}
        self._has_file = False
        self._file = bytearray()

    def feed(self, chunk: bytes) -> bytes:
        """Parse the next bytes; return the file's part of them. Raises BadRequest for a malformed form."""
        self._parts.feed(chunk)
        for name, text in self._texts.items():
            most, error = TEXTS[name]
            if len(text) > most:
                raise error
        found = bytes(self._file)
        self._file.clear()
        return found

    def end(self) -> Texts:
        """Return the texts. Raises BadRequest when the form is incomplete or a text is invalid."""
        self._parts.end()
        try:
            texts = {name: from_utf8(bytes(text)) for name, text in self._texts.items()}
        except UnicodeDecodeError as error:
            raise BadRequest from error
        return Texts(texts.get("nonce"), texts.get("name"), texts.get("chat"), self._has_file, texts.get("re"))

    def _take(self, name: str, is_file: bool) -> bytearray | None:
        if name == "gif" and is_file and not self._has_file:
            self._has_file = True
            return self._file
        if name in TEXTS and name not in self._texts:
            self._texts[name] = bytearray()
            return self._texts[name]
        return None
