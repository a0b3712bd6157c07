"""The multipart body of an upload, taken apart as it comes: nothing of it is held but the nonce."""

import logging

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from realtime.errors import BadRequest, NoFile

PARTS = 16
NONCE_BYTES = 1024  # any longer one is wrong by far, and is told so

# The parser warns of every malformed body; that is the sender's affair, and answered.
QUIET = logging.getLogger("gifchat.multipart")
QUIET.disabled = True


class ImageForm:
    """A form with the file `gif` and perhaps the text `nonce`, before or after it. Other parts are passed over."""

    def __init__(self, content_type: str) -> None:
        """Raise NoFile when the body is no multipart form, BadRequest when it has no usable boundary."""
        media_type, options = parse_options_header(content_type)
        if media_type != b"multipart/form-data":
            raise NoFile
        if not options.get(b"boundary"):
            raise BadRequest
        self._nonce: bytearray | None = None
        self._has_file = False
        self._ended = False
        self._parts = 0
        self._header = bytearray()
        self._value = bytearray()
        self._disposition = b""
        self._into: bytearray | None = None
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

    def end(self) -> str | None:
        """Return the nonce. Raises BadRequest when the form was cut short and NoFile when it had no file."""
        if not self._ended:
            raise BadRequest
        if not self._has_file:
            raise NoFile
        return None if self._nonce is None else self._nonce.decode("utf-8", "replace")

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
        elif name == b"nonce" and self._nonce is None:
            self._nonce = self._into = bytearray()

    def _part_continues(self, data: bytes, start: int, end: int) -> None:
        if self._into is not None:
            self._into += data[start:end]
        if self._nonce is not None and len(self._nonce) > NONCE_BYTES:
            raise BadRequest

    def _part_ends(self) -> None:
        self._into = None

    def _form_ends(self) -> None:
        self._ended = True
