"""Our own files, sent without the overhead of a `RequestHandler`: a page of ours asks for several of them.

What is small is kept in memory, as it is and compressed. The routes serve the same files, and answer what is out of the
ordinary: a range, a date, another method, a file that is not there or not small.
"""

import functools
import gzip
import hashlib
import re
import time
from collections.abc import Callable, Mapping, Sequence
from email.utils import formatdate
from http import HTTPStatus
from pathlib import Path
from typing import Final, NamedTuple

from tornado.http1connection import HTTP1Connection
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    HTTPServerConnectionDelegate,
    RequestStartLine,
    ResponseStartLine,
)

from handlers.base import COMPRESSED_FROM_BYTES
from handlers.encoding import accepts
from handlers.files import LASTING, compressible, content_type
from handlers.headers import FIXED_HEADERS, lines

SMALL_BYTES: Final = 512 * 1024
ENCODINGS: Final = (("br", ".br"), ("gzip", ".gz"))  # the smaller first

PREFIXES: Final = ("/static/", "/fragments/", "/socket.io/")
"""What all paths begin with that are answered here, so that others need no look."""

_LEFT: Final = ("If-Match", "If-Unmodified-Since")
"""Headers with which a request is left to the routes."""

_OF_CONTENT: Final = ("Content-Encoding", "Content-Length", "Content-Type")
"""Headers that a "304 Not Modified" has none of."""

_NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*")
_ETAG: Final = re.compile(r'\*|(?:W/)?"[^"]*"')


class Folder(NamedTuple):
    """Files that are served under `prefix`: all in `path`, or those whose names match `names`.

    They are compressed if they vary by Accept-Encoding. `lasting` ones never change under their address.
    """

    prefix: str
    path: Path
    caching: str
    names: re.Pattern[str] = _NAME
    lasting: bool = False
    compressed: bool = True


class _Copy(NamedTuple):
    """A file's bytes in one encoding, and the headers that go with them."""

    body: bytes
    etag: str
    headers: HTTPHeaders
    head: bytes
    """The status line and the headers of a usual answer, but for the date."""


class _Asset(NamedTuple):
    copies: Mapping[str, _Copy]  # by encoding, "" without one
    version: tuple[int, int]  # when and how large it was read


class Assets(HTTPServerConnectionDelegate):
    """Serves the files of `folders` and what lies in memory: `made`, of text by path, which never changes.

    `answered` is told the status of each answer, and what it answered. Of two folders with a file of one address, the
    earlier counts.
    """

    def __init__(
        self,
        folders: Sequence[Folder],
        made: Mapping[str, bytes],
        answered: Callable[["Exchange", HTTPStatus], None],
    ) -> None:
        self.answered = answered
        self._folders = folders
        self._known: dict[str, _Asset] = {}
        self._made = {
            path: _Asset(_compressed(body, {"Content-Type": content_type(path), "Cache-Control": LASTING}, {}), (0, 0))
            for path, body in made.items()
        }

    def takes(self, start_line: RequestStartLine, headers: HTTPHeaders) -> bool:
        """Return whether a request is answered here."""
        target = start_line.path
        if not target.startswith(PREFIXES) or start_line.method not in ("GET", "HEAD"):
            return False
        if any(name in headers for name in _LEFT):
            return False
        if "If-Modified-Since" in headers and "If-None-Match" not in headers:
            return False
        # With If-Range, all of it is a right answer, too; and this one may come in another encoding than the part had.
        if "Range" in headers and "If-Range" not in headers:
            return False
        return self.asset(target) is not None

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        assert isinstance(request_conn, HTTP1Connection)
        return Exchange(self, request_conn)

    def asset(self, target: str) -> _Asset | None:
        """Return the file at `target`, if it is one of ours and small."""
        path = target.partition("?")[0]
        if path in self._made:
            return self._made[path]
        known = self._known.get(path)
        folder = next((folder for folder in self._folders if path.startswith(folder.prefix)), None)
        if known is not None and folder is not None and folder.lasting:
            return known
        name = path[len(folder.prefix) :] if folder is not None else ""
        if folder is None or not folder.names.fullmatch(name):
            return None
        file = folder.path / name
        try:
            status = file.stat()
            version = (status.st_mtime_ns, status.st_size)
            if known is None or known.version != version:
                if status.st_size > SMALL_BYTES or not file.is_file():
                    return None
                known = self._known[path] = _Asset(_read(file, folder), version)
        except OSError:
            return None
        return known


def _read(file: Path, folder: Folder) -> dict[str, _Copy]:
    headers = {
        "Content-Type": content_type(file.name),
        "Cache-Control": folder.caching,
        "Accept-Ranges": "bytes",
        "Last-Modified": formatdate(int(file.stat().st_mtime), usegmt=True),
    }
    if not folder.compressed or not compressible(headers["Content-Type"]):
        return _copies({"": file.read_bytes()}, headers)
    siblings = {encoding: file.with_name(file.name + suffix) for encoding, suffix in ENCODINGS}
    made = {encoding: sibling.read_bytes() for encoding, sibling in siblings.items() if sibling.is_file()}
    return _compressed(file.read_bytes(), headers, made)


def _compressed(body: bytes, headers: Mapping[str, str], made: Mapping[str, bytes]) -> dict[str, _Copy]:
    """Return the copies of `body`, some of which are `made` already."""
    encoded = {"": body, **made}
    if len(body) >= COMPRESSED_FROM_BYTES:
        encoded.setdefault("gzip", gzip.compress(body, 9, mtime=0))
    return _copies(encoded, {**headers, "Vary": "Accept-Encoding"})


def _copies(encoded: Mapping[str, bytes], headers: Mapping[str, str]) -> dict[str, _Copy]:
    digest = hashlib.sha512(encoded[""]).hexdigest()  # as Tornado's own, with which a range is answered
    fixed = {**FIXED_HEADERS, **headers}
    return {encoding: _copy(encoding, content, digest, fixed) for encoding, content in encoded.items()}


def _copy(encoding: str, body: bytes, digest: str, fixed: Mapping[str, str]) -> _Copy:
    # A strong tag stands for certain bytes (RFC 9110, section 8.8.1), so each encoding has its own.
    etag = f'"{digest}-{encoding}"' if encoding else f'"{digest}"'
    headers = {**fixed, "Etag": etag, "Content-Length": str(len(body))}
    if encoding:
        headers["Content-Encoding"] = encoding
    return _Copy(body, etag, HTTPHeaders(headers), b"HTTP/1.1 200 OK\r\n" + lines(headers.items()))


class Exchange(HTTPMessageDelegate):
    """One request, and its answer."""

    method = path = ""

    def __init__(self, assets: Assets, connection: HTTP1Connection) -> None:
        self.began = time.monotonic()
        self.address: str = getattr(connection.context, "remote_ip", "")
        self.connection = connection
        self._assets = assets

    def headers_received(self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders) -> None:
        assert isinstance(start_line, RequestStartLine)
        self.method, self.path = start_line.method, start_line.path
        self._request_headers = headers
        stays = headers.get("Connection", "keep-alive").lower() == "keep-alive"
        self._usual = self.method == "GET" and start_line.version == "HTTP/1.1" and stays

    def finish(self) -> None:
        asset = self._assets.asset(self.path)
        if asset is None:  # deleted while this request's body came
            self._write(HTTPStatus.NOT_FOUND, HTTPHeaders({**FIXED_HEADERS, "Content-Length": "0"}), b"")
            return
        copy = asset.copies[""]
        if len(asset.copies) > 1:
            accepted = accepts(self._request_headers.get("Accept-Encoding", ""))
            copy = next((asset.copies[name] for name, _ in ENCODINGS if name in asset.copies and accepted(name)), copy)
        if _is_among(self._request_headers.get("If-None-Match", ""), copy.etag):
            kept = {name: value for name, value in copy.headers.get_all() if name not in _OF_CONTENT}
            self._write(HTTPStatus.NOT_MODIFIED, HTTPHeaders(kept), b"")
        elif self._usual:
            # To check and encode all headers each time would take longer than the rest. Tornado still allows to write
            # them by `write`, as it says there.
            date = _date(int(time.time())).encode()
            self.connection.write(b"%bDate: %b\r\n\r\n%b" % (copy.head, date, copy.body))
            self.connection.finish()
            self._assets.answered(self, HTTPStatus.OK)
        else:
            self._write(HTTPStatus.OK, copy.headers, copy.body if self.method != "HEAD" else b"")

    def _write(self, status: HTTPStatus, headers: HTTPHeaders, body: bytes) -> None:
        # Those of a copy are used again and again: making them anew would take as long as writing them.
        headers.pop("Connection", None)  # which Tornado adds for some requests
        headers["Date"] = _date(int(time.time()))
        self.connection.write_headers(ResponseStartLine("", status.value, status.phrase), headers, body)
        self.connection.finish()
        self._assets.answered(self, status)


@functools.lru_cache(maxsize=1)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)


def _is_among(if_none_match: str, etag: str) -> bool:
    """Return whether `etag` is named, by weak comparison (RFC 9110, section 13.1.2)."""
    return bool(if_none_match) and any(
        named == "*" or named.removeprefix("W/") == etag for named in _ETAG.findall(if_none_match)
    )
