"""The heads of requests that are read without Tornado, as long as they are simple: `handlers.direct`."""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from tornado.httputil import HTTPHeaders, HTTPInputError, RequestStartLine

from handlers.exchange import Sender, read_sender

MOST_HEAD_BYTES: Final = 64 * 1024
"""As Tornado's. A longer head is Tornado's to refuse; as much is read ahead while a request waits for its answer."""
REMEMBERED_HEAD_BYTES: Final = 4 * 1024
END: Final = b"\r\n\r\n"
ENDS_IN_LF: Final = re.compile(rb"\n\r?\n")
_START_LINE: Final = re.compile(rb"(GET|POST) (/[!-~]*) HTTP/1\.1\r\n")
_LENGTH: Final = re.compile(r"[0-9]{1,9}", re.ASCII)
_NOT_SIMPLE: Final = ("Transfer-Encoding", "Expect")


class _Fields(NamedTuple):
    """A head without its first line."""

    headers: HTTPHeaders
    sender: Sender
    length: int
    """Of the body, in bytes."""


class Head(NamedTuple):
    """A simple head."""

    method: str
    target: str
    headers: HTTPHeaders
    sender: Sender
    length: int
    """Of the body, in bytes."""


def read_head(raw: bytes) -> Head | None:
    """Return what a head says; None if it is not simple enough."""
    line = _START_LINE.match(raw)
    fields = _read_fields(raw[line.end() :]) if line is not None else None
    return Head(line[1].decode("ascii"), line[2].decode("ascii"), *fields) if line is not None and fields else None


def simple_head(start_line: RequestStartLine, headers: HTTPHeaders) -> bytes | None:
    """Return a GET's head, which Tornado has read, as bytes that are simple enough; None if there are none."""
    if start_line.method != "GET" or start_line.version != "HTTP/1.1" or "Upgrade" in headers:
        return None
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers.get_all()])
    raw = f"GET {start_line.path} HTTP/1.1\r\n{lines}\r\n".encode("latin-1")
    # What is taken from Tornado and not handled without it would go back, and be taken again.
    head = read_head(raw)
    return raw if head is not None and not head.length else None


def _read_fields(raw: bytes) -> _Fields | None:
    return (_remembered if len(raw) <= REMEMBERED_HEAD_BYTES else _parsed)(raw)


def _parsed(raw: bytes) -> _Fields | None:
    try:
        headers = HTTPHeaders.parse(raw.decode("latin-1"))
    except HTTPInputError:
        return None
    length = headers.get("Content-Length", "0")
    simple = (
        _LENGTH.fullmatch(length)
        and len(headers.get_list("Host")) == 1
        and headers.get("Connection", "keep-alive").lower() in ("keep-alive", "upgrade", "keep-alive, upgrade")
        and not any(name in headers for name in _NOT_SIMPLE)
    )
    # A line that ends in LF alone would end the head earlier for Tornado than for us.
    simple = simple and raw.count(b"\n") == raw.count(b"\r\n")
    return _Fields(headers, read_sender(headers, secure=None), int(length)) if simple else None


_remembered: Final = lru_cache(maxsize=512)(_parsed)
"""A client's requests differ in their first lines."""
