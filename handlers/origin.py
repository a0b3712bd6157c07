"""The host a request is for and the origin it comes from, decided in one place for pages, polls and WebSockets.

Origins are parsed before they are compared: `http://Host:80` is `http://host` (RFC 6454, section 4).
"""

import re
from http import HTTPStatus
from ipaddress import AddressValueError, IPv6Address
from typing import Final

from tornado.http1connection import HTTP1Connection
from tornado.httputil import HTTPHeaders, HTTPInputError, RequestStartLine
from tornado.web import HTTPError, RequestHandler

_AUTHORITY: Final = r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^][@:/?#,\\\s]+)(?::(?P<port>[0-9]{0,5}))?"
_HOST: Final = re.compile(_AUTHORITY)
_ORIGIN: Final = re.compile(rf"(?:http|ws)(?P<secure>s)?://{_AUTHORITY}(?:/.*)?", re.IGNORECASE)
_ABSOLUTE: Final = re.compile(r"(?:http|ws)s?://(?P<authority>[^/?#]*)(?P<rest>.*)", re.IGNORECASE)

_OF_NO_OTHER_SITE: Final = (None, "same-origin", "none")
"""The values of Sec-Fetch-Site for requests that are not made by another site's page."""


def same_origin(headers: HTTPHeaders, *, secure: bool) -> bool:
    """Return whether a request with these headers comes from one of our own pages, or from no browser at all.

    `secure` says whether it is known to have come by HTTPS; a proxy may not have said so. Unparsable origins are
    not ours.
    """
    origin = headers.get("Origin")
    if origin is None:
        return headers.get("Sec-Fetch-Site") in _OF_NO_OTHER_SITE
    page, own = _ORIGIN.fullmatch(origin), _HOST.fullmatch(headers.get("Host", ""))
    if page is None or own is None or (secure and not page["secure"]):
        return False
    usual_port = 443 if page["secure"] else 80
    try:
        return _parsed(page, usual_port) == _parsed(own, usual_port)
    except AddressValueError:
        return False


def _parsed(authority: re.Match[str], usual_port: int) -> tuple[str | IPv6Address, int]:
    host = authority["host"].lower().removesuffix(".")  # the root of all names, which may be written (RFC 1034, 3.1)
    return IPv6Address(host[1:-1]) if host.startswith("[") else host, int(authority["port"] or usual_port)


def addressed(start_line: RequestStartLine, headers: HTTPHeaders, *, trust_proxy: bool) -> RequestStartLine:
    """Return the start line with its target in origin form, and set Host to the host that the request is for.

    The host of an absolute-form target overrides Host (RFC 9112, section 3.2.2), and a trusted proxy's
    X-Forwarded-Host overrides both; of several values the last counts, which that proxy added.
    Raises HTTPInputError when such a target is invalid, or Host is missing or there twice.
    """
    # "A server MUST respond with a 400 to any HTTP/1.1 request message that lacks a Host header field and to any
    # request message that contains more than one" (RFC 9112, section 3.2), even where its value does not count.
    hosts = headers.get_list("Host")
    if len(hosts) > 1 or (not hosts and start_line.version != "HTTP/1.0"):
        raise HTTPInputError("Missing or repeated Host header")
    if not start_line.path.startswith("/"):
        start_line = _in_origin_form(start_line, headers)
    if trust_proxy:
        forwarded = headers.get("X-Forwarded-Host", "").rpartition(",")[2].strip()
        if forwarded:
            headers["Host"] = forwarded
    return start_line


def _in_origin_form(start_line: RequestStartLine, headers: HTTPHeaders) -> RequestStartLine:
    target = _ABSOLUTE.fullmatch(start_line.path)
    if target is None:
        return start_line
    if not _HOST.fullmatch(target["authority"]):
        raise HTTPInputError("Invalid request target")
    headers["Host"] = target["authority"]
    rest = target["rest"]
    return start_line._replace(path=rest if rest.startswith("/") else f"/{rest}")


def is_secure(connection: HTTP1Connection) -> bool:
    """Return whether the request on `connection` is known to have come by HTTPS: our own, or a trusted proxy's."""
    return getattr(connection.context, "protocol", "") == "https"


class OwnPagesOnly(RequestHandler):
    """A handler that refuses unsafe requests from other sites' pages, by `same_origin`.

    Its application has the settings `cross_origin_protection` and `xsrf_cookies`. The first, Tornado's own origin
    check, compares texts: it calls `check_trusted_origin` only if they differ, and fails on an Origin that is not a
    URL. The second makes Tornado call `same_origin` before that, in place of a cookie check; it sets no cookie.
    """

    def check_xsrf_cookie(self) -> None:
        """Check an unsafe request. Raises HTTPError."""
        if not self.is_from_own_page():
            raise HTTPError(HTTPStatus.FORBIDDEN)

    def check_trusted_origin(self, origin: str) -> bool:
        """Return whether a request is same-origin although its Origin is spelled differently from its Host."""
        return self.is_from_own_page()

    def is_from_own_page(self) -> bool:
        """Return whether this request was not made by another site's page."""
        return same_origin(self.request.headers, secure=self.request.protocol == "https")
