"""The multipart body of an upload, taken apart as it comes: nothing of it is held but its short texts."""

import logging
from typing import NamedTuple

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from realtime.errors import BadRequest, ChatTooLong, DomainError, NoFile

PARTS = 16

# What else is in the form, how many bytes of it are read, and what a longer one is: wrong by far, and told so.
TEXTS: dict[str, tuple[int, type[DomainError]]] = {
    "nonce": (1024, BadRequest),
    "name": (1024, BadRequest),
    "chat": (64 * 1024, ChatTooLong),
}

# The parser warns of every malformed body; that is the sender's affair, and answered.
QUIET = logging.getLogger("gifchat.multipart")
QUIET.disabled = True


class Texts(NamedTuple):
    """The texts of a form; `has_file` is whether there was a file besides."""

    nonce: str | None
    name: str | None
    chat: str | None
    has_file: bool


class ImageForm:
    """A form with the file `gif`, and perhaps texts, before or after it. Other parts are passed over."""

    def __init__(self, content_type: str) -> None:
        """Raise NoFile when the body is no multipart form, BadRequest when it has no usable boundary."""
        media_type, options = parse_options_header(content_type)
        if media_type != b"multipart/form-data":
            raise NoFile
        if not options.get(b"boundary"):
            raise BadRequest
        self._texts: dict[str, bytearray] = {}
        self._has_file = False
        self._ended = False
        self._parts = 0
        self._header = bytearray()
        self._value = bytearray()
        self._disposition = b""
        self._into: bytearray | None = None
        self._name = ""
        self._file = bytearray()
        try:
            self._parser = MultipartParser(
                options[b"boundary"],
                {
                    "on_part_begin": self._part_begins,
                    "on_header_field": lambda data, start, end: self._header.extend(data[start:end]),
                    "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
                    "on_header_end": self._header_ends,
                    "on_headers_finished": self._headers_end,
                    "on_part_data": self._part_continues,
                    "on_part_end": self._part_ends,
                    "on_end": self._form_ends,
                },
            )
        except FormParserError as error:
            raise BadRequest from error
        self._parser.logger = QUIET

    def feed(self, chunk: bytes) -> bytes:
        """Return those of the next bytes that are the file's. Raises BadRequest when they make no form."""
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise BadRequest from error
        found = bytes(self._file)
        self._file.clear()
        return found

    def end(self) -> Texts:
        """Return the texts. Raises BadRequest when the form was cut short, or a text is none."""
        if not self._ended:
            raise BadRequest
        try:
            texts = {name: text.decode() for name, text in self._texts.items()}
        except UnicodeDecodeError as error:
            raise BadRequest from error
        chat = texts.get("chat")
        if chat is not None:
            chat = chat.replace("\r\n", "\n")  # a browser's form ends lines so, whatever was written (HTML, 4.10.21.8)
        return Texts(texts.get("nonce"), texts.get("name"), chat, self._has_file)

    def _part_begins(self) -> None:
        self._parts += 1
        if self._parts > PARTS:
            raise BadRequest
        self._disposition = b""

    def _header_ends(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def _headers_end(self) -> None:
        _, options = parse_options_header(self._disposition)
        name = options.get(b"name")
        if name == b"gif" and b"filename" in options and not self._has_file:
            self._has_file = True
            self._into = self._file
            return
        text = (name or b"").decode("latin-1")
        if text in TEXTS and text not in self._texts:
            self._name = text
            self._texts[text] = self._into = bytearray()

    def _part_continues(self, data: bytes, start: int, end: int) -> None:
        if self._into is not None:
            self._into += data[start:end]
            if self._into is not self._file and len(self._into) > TEXTS[self._name][0]:
                raise TEXTS[self._name][1]

    def _part_ends(self) -> None:
        self._into = None

    def _form_ends(self) -> None:
        self._ended = True
