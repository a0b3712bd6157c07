"""The cookie that identifies a visitor: a signed session id, and what they chose for their pages.

Its age does not matter: a visitor is known for as long as the server stores them. So correcting the clock, even by
years in either direction, does not turn anyone into a new visitor.
"""

import email.utils
import hashlib
import hmac
import math
import time
from collections.abc import Mapping, Sequence

import tornado.web
from tornado.httputil import HTTPHeaders, parse_cookie

from handlers.choices import USUAL, Choices, joined, parted

OLD_NAME = "gifchat"  # of earlier versions, in which two servers on one host overwrote each other's cookie
DAYS = 30
RENEWED_AFTER_DAYS = 1  # who comes back stays known: the 30 days begin again
DAY_S = 24 * 3600
# Not a year ago, as Tornado's clear_cookie says it: by our clock, that may be in the future by the browser's.
ENDED = f'{OLD_NAME}=""; expires=Fri, 01 Jan 1971 00:00:00 GMT; Max-Age=-1; Path=/'

Headers = Sequence[tuple[str, str]]
"""Names and values."""
Identity = tuple[object, Headers]
"""Who a peer is, and the headers that set its cookie, if it gets one."""


def cookie_name(secret: str | bytes) -> str:
    """Return the cookie's name. It differs between servers with different keys: all ports of a host share cookies."""
    key = secret.encode() if isinstance(secret, str) else secret
    return f"gifchat-{hmac.digest(key, b'the name of the cookie', hashlib.sha256).hex()[:8]}"


class IdentityCookie:
    """Reads and makes the identity cookie, signed with `secret`."""

    def __init__(self, secret: str | bytes) -> None:
        self.name = cookie_name(secret)
        self._secret = secret

    def read(self, headers: HTTPHeaders) -> tuple[str | None, bool]:
        """Return a request's session id, if any, and whether its cookie must be set again."""
        cookies = cookies_of(headers)
        said = decoded(self._secret, cookies, self.name)
        if said is not None:
            age_s = time.time() - signed_at(cookies[self.name])
            return parted(said)[0], abs(age_s) > RENEWED_AFTER_DAYS * DAY_S
        return decoded(self._secret, cookies, OLD_NAME), True

    def choices(self, headers: HTTPHeaders) -> Choices:
        """Return what the sender of a request has chosen."""
        said = decoded(self._secret, cookies_of(headers), self.name)
        return USUAL if said is None else parted(said)[1]

    def given(self, headers: HTTPHeaders, session: str, choices: Choices | None = None, *, secure: bool) -> Headers:
        """Return the headers that set the cookie, and replace one with the old name that this server set.

        `headers` are the request's; `secure` says whether it came by HTTPS, our own or a trusted proxy's. Without
        `choices`, those of before stay.
        """
        said = joined(session, self.choices(headers) if choices is None else choices)
        signed = tornado.web.create_signed_value(self._secret, self.name, said).decode("latin-1")
        # Where Max-Age is understood, it holds, and asks for no clocks that agree.
        expires = email.utils.formatdate(time.time() + DAYS * DAY_S, usegmt=True)
        cookie = f"{self.name}={signed}; expires={expires}; HttpOnly; Max-Age={DAYS * DAY_S}; Path=/; SameSite=Lax"
        given = [("Set-Cookie", f"{cookie}; Secure" if secure else cookie)]
        if decoded(self._secret, cookies_of(headers), OLD_NAME) is not None:
            given.append(("Set-Cookie", ENDED))
        return given


def decoded(secret: str | bytes, cookies: Mapping[str, str], name: str) -> str | None:
    """Return what a cookie says if its signature is right, however old it is."""
    if name not in cookies:
        return None
    # Not version 1 of Tornado's signatures, which we never used: Tornado logs the value of an invalid one.
    value = tornado.web.decode_signed_value(
        secret, name, cookies[name], max_age_days=0, clock=lambda: -math.inf, min_version=2
    )
    return value.decode("latin-1") if value else None


def signed_at(value: str) -> int:
    """Return when a valid cookie was signed, in seconds since the epoch.

    Tornado's second format is `2|LENGTH:KEY VERSION|LENGTH:TIMESTAMP|…`; checking the signature once is enough.
    """
    _, _, timestamp, *_ = value.split("|")
    return int(timestamp.partition(":")[2])


def cookies_of(headers: HTTPHeaders) -> dict[str, str]:
    """Return a request's cookies."""
    return parse_cookie(headers["Cookie"]) if "Cookie" in headers else {}
