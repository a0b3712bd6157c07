"""The cookie that opens the teacher's desk, for twelve hours.

Its key is made of the server's, of the token and of the database's epoch: so it opens no other server, not even one
with the same COOKIE_SECRET and token, is no other cookie, and ends when the token is changed.

A cookie's age is measured by elapsed time from the moment it is first seen, so setting the clock neither ends nor
prolongs it. Before that moment, if the server was restarted since, only the clock tells its age.
"""

import email.utils
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from typing import Final

import tornado.web
from tornado.httputil import HTTPHeaders

from handlers.identity import Headers, cookies_of, decoded, signed_at
from realtime.chat.desk.passes import DeskPass
from realtime.clock import elapsed_s

NAME: Final = "gifchat_desk"
LASTS_S: Final = 12 * 3600
AHEAD_S: Final = 300
"""How far in the future a cookie may have been signed: a clock is corrected gradually."""
REMEMBERED: Final = 10_000
"""Cookies, those that have ended too."""


class DeskCookie:
    """Reads and makes the cookie."""

    def __init__(
        self,
        secret: str | bytes,
        token: str,
        epoch: str,
        *,
        now: Callable[[], float] = time.time,
        elapsed: Callable[[], float] = elapsed_s,
    ) -> None:
        key = secret.encode() if isinstance(secret, str) else secret
        parts = [hashlib.sha256(part.encode("utf-8", "surrogatepass")).digest() for part in (token, epoch)]
        self._key = hmac.digest(key, b"the teacher's desk" + b"".join(parts), hashlib.sha256)
        self._now = now
        self._elapsed = elapsed
        self._until: dict[str, float] = {}  # by the id in each

    def read(self, headers: HTTPHeaders) -> DeskPass | None:
        """Return what a request's cookie grants; None if it has none that is valid."""
        cookies = cookies_of(headers)
        number = decoded(self._key, cookies, NAME)
        if number is None:
            return None
        until = self._until.get(number)
        if until is None:
            age_s = self._now() - signed_at(cookies[NAME])
            if not -AHEAD_S <= age_s < LASTS_S:
                return None
            until = self._remember(number, LASTS_S - max(age_s, 0))
        return DeskPass(until) if self._elapsed() < until else None

    def given(self, *, secure: bool) -> Headers:
        """Return the headers that set a new cookie; `secure`: the request came by HTTPS."""
        number = secrets.token_hex(16)
        self._remember(number, LASTS_S)
        signed = tornado.web.create_signed_value(self._key, NAME, number, clock=self._now).decode("latin-1")
        expires = email.utils.formatdate(self._now() + LASTS_S, usegmt=True)
        # To the whole site: the teacher is known in rooms and on their sockets, too.
        cookie = f"{NAME}={signed}; expires={expires}; HttpOnly; Max-Age={LASTS_S}; Path=/; SameSite=Strict"
        return [("Set-Cookie", f"{cookie}; Secure" if secure else cookie)]

    def _remember(self, number: str, lasts_s: float) -> float:
        if len(self._until) >= REMEMBERED:
            del self._until[next(iter(self._until))]
        until = self._until[number] = self._elapsed() + lasts_s
        return until
