"""A streaming parser for multipart/form-data (RFC 7578), from browsers and other programs."""

import email.utils
import logging
import re
from collections.abc import Callable
from email.message import Message

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from handlers.transfer import Base64, Plain, QuotedPrintable, TransferDecoder
from realtime.errors import BadRequest

MEDIA_TYPE = b"multipart/form-data"
PADDING_BYTES = 64
"""White space accepted after the first boundary: "transport padding" in RFC 2046, section 5.1.1."""

# The parser logs a warning for every malformed body; the sender gets an error instead.
QUIET = logging.getLogger("gifchat.multipart")
QUIET.disabled = True

Take = Callable[[str, bool], bytearray | None]
"""Chooses where the content of a part goes, by its name and whether it is a file; None ignores it."""


class Parts:
    """The parts of a form, each passed to `take` as it begins. Only the header of one part is kept in memory."""

    def __init__(self, content_type: str, take: Take, *, most: int) -> None:
        """Raise BadRequest when the type has no usable boundary; `most` is the maximum number of parts."""
        boundary = parse_options_header(content_type)[1].get(b"boundary", b"").rstrip(b" ")
        if not boundary:
            raise BadRequest
        self._take = take
        self._most = most
        self._count = 0
        self._ended = False
        self._field = bytearray()
        self._value = bytearray()
        self._head: Message[str, str] = Message()
        self._into: TransferDecoder | None = None
        # The parser rejects a preamble and padding after the first boundary (RFC 2046, section 5.1.1), so they are
        # removed. Bytes that may be the beginning of that boundary wait here.
        self._delimiter = b"--" + boundary
        self._first = re.compile(rb"\n" + re.escape(self._delimiter) + rb"[ \t]*(?=\r\n|--)")
        self._before: bytearray | None = bytearray(b"\n")
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._part_begins,
                    "on_header_field": lambda data, start, end: self._field.extend(data[start:end]),
                    "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
                    "on_header_end": self._header_ends,
                    "on_headers_finished": self._head_ends,
                    "on_part_data": self._part_continues,
                    "on_part_end": self._part_ends,
                    "on_end": self._form_ends,
                },
            )
        except FormParserError as error:
            raise BadRequest from error
        self._parser.logger = QUIET

    def feed(self, chunk: bytes) -> None:
        """Parse the next bytes. Raises BadRequest for a malformed form, and whatever `take` raises."""
        try:
            self._parser.write(chunk if self._before is None else self._behind_preamble(chunk))
        except FormParserError as error:
            raise BadRequest from error

    def end(self) -> None:
        """Raise BadRequest when the form is incomplete."""
        if not self._ended:
            raise BadRequest

    def _behind_preamble(self, chunk: bytes) -> bytes:
        assert self._before is not None
        self._before += chunk
        found = self._first.search(self._before)
        if found is None:
            del self._before[: -(len(self._delimiter) + PADDING_BYTES)]
            return b""
        rest = self._delimiter + self._before[found.end() :]
        self._before = None
        return rest

    def _part_begins(self) -> None:
        self._count += 1
        if self._count > self._most:
            raise BadRequest
        self._head = Message()

    def _header_ends(self) -> None:
        self._head[self._field.decode("latin-1")] = self._value.decode("latin-1")
        self._field.clear()
        self._value.clear()

    def _head_ends(self) -> None:
        head = self._head
        try:
            name = email.utils.collapse_rfc2231_value(head.get_param("name", "", "content-disposition") or "")
            kind = head.get_content_type()
            # Some programs give a file no name, but tell what it is.
            is_file = head.get_filename() is not None or kind.startswith("image/") or kind == "application/octet-stream"
        except ValueError as error:
            raise BadRequest from error
        into = self._take(name, is_file) if name else None
        if into is None:
            return
        match head.get("Content-Transfer-Encoding", "").strip().lower():
            case "base64":
                self._into = Base64(into)
            case "quoted-printable":
                self._into = QuotedPrintable(into)
            case _:
                self._into = Plain(into)

    def _part_continues(self, data: bytes, start: int, end: int) -> None:
        if self._into is not None:
            self._into.write(data[start:end])

    def _part_ends(self) -> None:
        if self._into is not None:
            self._into.finalize()
        self._into = None

    def _form_ends(self) -> None:
        self._ended = True
