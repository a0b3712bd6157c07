"""The host a request is for and the origin it comes from, decided in one place for pages, polls and WebSockets.

Origins are parsed before they are compared: `http://Host:80` is `http://host` (RFC 6454, section 4).
"""

import re
from http import HTTPStatus
from typing import Final

from tornado.http1connection import HTTP1Connection
from tornado.httputil import HTTPHeaders, HTTPInputError, RequestStartLine
from tornado.web import HTTPError, RequestHandler

from lan.names import read_authority

_ORIGIN: Final = re.compile(r"(?:http|ws)(?P<secure>s)?://(?P<authority>[^/]*)(?:/.*)?", re.IGNORECASE)
_ABSOLUTE: Final = re.compile(r"(?:http|ws)s?://(?P<authority>[^/?#]*)(?P<rest>.*)", re.IGNORECASE)

_SCHEMES: Final = ("X-Scheme", "X-Forwarded-Proto")
"""With which a proxy tells the scheme, the first before the second, as Tornado reads them."""
_OF_NO_OTHER_SITE: Final = (None, "same-origin", "none")
"""The values of Sec-Fetch-Site for requests that are not made by another site's page."""


def same_origin(headers: HTTPHeaders, *, secure: bool | None) -> bool:
    """Return whether a request with these headers comes from one of our own pages, or from no browser at all.

    `secure` says whether it came by HTTPS, None where nobody knows: a plain port may have a proxy before it that does
    not say. What cannot be read is no origin of ours.
    """
    origin = headers.get("Origin")
    if origin is None:
        return headers.get("Sec-Fetch-Site") in _OF_NO_OTHER_SITE
    page, own = _ORIGIN.fullmatch(origin), read_authority(headers.get("Host", ""))
    authority = read_authority(page["authority"]) if page is not None else None
    if page is None or authority is None or own is None:
        return False
    its_secure = page["secure"] is not None
    usual_port = 443 if its_secure else 80
    same = own.host == authority.host and (own.port or usual_port) == (authority.port or usual_port)
    return same and secure in (None, its_secure)


def asked_for_by_another_site(headers: HTTPHeaders) -> bool:
    """Return whether another site's page asks for a part of itself: a picture, a script, a frame, a fetch.

    Following its link, or its redirect, is a navigation of a whole tab (Fetch Metadata, section 2).
    """
    if headers.get("Sec-Fetch-Site") in _OF_NO_OTHER_SITE:
        return False
    return headers.get("Sec-Fetch-Mode") != "navigate" or headers.get("Sec-Fetch-Dest", "document") != "document"


def addressed(start_line: RequestStartLine, headers: HTTPHeaders, *, trust_proxy: bool) -> RequestStartLine:
    """Return the start line with its target in origin form, and set Host to the host that the request is for.

    The host of an absolute-form target overrides Host (RFC 9112, section 3.2.2), and a trusted proxy's
    X-Forwarded-Host overrides both; of several values the last counts, which that proxy added.
    A scheme that an untrusted proxy tells is dropped.
    Raises HTTPInputError when a host cannot be read, or Host is missing or there twice.
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
    else:
        for name in _SCHEMES:
            headers.pop(name, None)
    # "… or a Host header field with an invalid field value" (the same section).
    if "Host" in headers and read_authority(headers["Host"]) is None:
        raise HTTPInputError("Invalid host")
    return start_line


def _in_origin_form(start_line: RequestStartLine, headers: HTTPHeaders) -> RequestStartLine:
    target = _ABSOLUTE.fullmatch(start_line.path)
    if target is None:
        return start_line
    headers["Host"] = target["authority"]
    rest = target["rest"]
    return start_line._replace(path=rest if rest.startswith("/") else f"/{rest}")


def is_secure(connection: HTTP1Connection, headers: HTTPHeaders) -> bool | None:
    """Return whether the request on `connection` came by HTTPS, None if nobody knows.

    Our own TLS says so, or a trusted proxy: see `addressed`, which `headers` have passed.
    """
    if getattr(connection.context, "protocol", "") == "https":
        return True
    told = next((headers[name] for name in _SCHEMES if name in headers), "")
    return False if told.rpartition(",")[2].strip() == "http" else None


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
        assert isinstance(self.request.connection, HTTP1Connection)
        return same_origin(self.request.headers, secure=is_secure(self.request.connection, self.request.headers))
