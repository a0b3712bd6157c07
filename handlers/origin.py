"""For whom a request is and from whose page it comes: decided in one place, for pages, polls and WebSockets alike.

What is compared is parsed: one origin has many spellings, and `http://Host:80` is `http://host` (RFC 6454, section 4).
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
"""What Sec-Fetch-Site says of a request that no other site's page makes."""


def same_origin(headers: HTTPHeaders, *, secure: bool) -> bool:
    """Say whether a request with these headers comes from one of our own pages, or from no browser at all.

    `secure` is whether it is known to have come by HTTPS. If it is not, it may have all the same, to a proxy that does
    not tell. What cannot be understood is not ours.
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
    """Return the start line with its target in the form that all else expects, and set Host to whom the request is for.

    That is the host of a target in absolute form, whatever Host says (RFC 9112, section 3.2.2), and above it the
    X-Forwarded-Host of a proxy that is trusted: of several, the last, which is that proxy's own.
    Raises HTTPInputError when such a target, or a Host beside it, is none.
    """
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
    # "A server MUST respond with a 400 to any HTTP/1.1 request message that lacks a Host header field and to any
    # request message that contains more than one" (RFC 9112, section 3.2): here too, where its value does not count.
    hosts = headers.get_list("Host")
    if not _HOST.fullmatch(target["authority"]) or len(hosts) > 1 or (not hosts and start_line.version != "HTTP/1.0"):
        raise HTTPInputError("Invalid request target or Host header")
    headers["Host"] = target["authority"]
    rest = target["rest"]
    return start_line._replace(path=rest if rest.startswith("/") else f"/{rest}")


def is_secure(connection: HTTP1Connection) -> bool:
    """Return whether the request on `connection` is known to have come by HTTPS: our own, or a trusted proxy's."""
    return getattr(connection.context, "protocol", "") == "https"


class OwnPagesOnly(RequestHandler):
    """A handler that refuses unsafe requests of other sites' pages, by `same_origin`.

    Its application has the settings `cross_origin_protection` and `xsrf_cookies`. The first, Tornado's own check of
    origins, compares texts: it asks `check_trusted_origin` only where they differ, and fails on an Origin that is no
    URL. The second has `same_origin` asked before that, in the place of a check of cookies; no cookie comes of it.
    """

    def check_xsrf_cookie(self) -> None:
        """Check an unsafe request. Raises HTTPError."""
        if not self.is_from_own_page():
            raise HTTPError(HTTPStatus.FORBIDDEN)

    def check_trusted_origin(self, origin: str) -> bool:
        """Say whether a request is ours whose Origin is not spelled as its Host."""
        return self.is_from_own_page()

    def is_from_own_page(self) -> bool:
        """Say whether no other site's page has made this request."""
        return same_origin(self.request.headers, secure=self.request.protocol == "https")
