"""The headers of every answer, whoever writes it: a handler, Engine.IO, the files' own way, Tornado's parser."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Final

# base-uri, form-action and frame-ancestors do not follow default-src.
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)

FIXED_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
"""Of every response."""

BARE_HEADERS: Final[Mapping[str, str]] = {
    **FIXED_HEADERS,
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
"""Of responses that no browser shows as a page, and that no cache keeps."""

PERMISSIONS_POLICY: Final = "camera=(), display-capture=(), geolocation=(), microphone=(), midi=(), payment=(), usb=()"
"""Of pages: ours use no device."""


def lines(headers: Iterable[tuple[str, str]]) -> bytes:
    """Return headers as they are sent."""
    return "".join([f"{name}: {value}\r\n" for name, value in headers]).encode("latin-1")


def refusal(text: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> bytes:
    """Return a whole answer to what is no request; the connection is closed after it."""
    body = text.encode()
    head = {**BARE_HEADERS, "Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body))}
    start = f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode("ascii")
    return b"%b%bConnection: close\r\n\r\n%b" % (start, lines(head.items()), body)
