"""The cookie that says who somebody is: a session id, signed.

How old it is decides nothing: a visitor is known for as long as the server keeps them. So a clock that is put right, by
years and either way, makes nobody a stranger.
"""

import datetime
import hashlib
import hmac
import math
import time

import tornado.web

OLD_NAME = "gifchat"  # of the versions before: two servers on one host overwrote each other's
DAYS = 30
RENEWED_AFTER_DAYS = 1  # who comes back stays known: the 30 days begin again
DAY_S = 24 * 3600


def cookie_name(secret: str | bytes) -> str:
    """Return the cookie's name, which tells servers with different keys apart: to a browser, all ports are one host."""
    key = secret.encode() if isinstance(secret, str) else secret
    return f"gifchat-{hmac.digest(key, b'the name of the cookie', hashlib.sha256).hex()[:8]}"


class IdentityCookie:
    """Reads and sets the cookie of those whose cookies are signed with `secret`."""

    def __init__(self, secret: str | bytes) -> None:
        self.name = cookie_name(secret)
        self._secret = secret

    def read(self, handler: tornado.web.RequestHandler) -> tuple[str | None, bool]:
        """Return the session id that the request comes with, if any, and whether its cookie is to be given again."""
        session = self._decode(handler, self.name)
        if session is not None:
            day = RENEWED_AFTER_DAYS * DAY_S
            recent = self._decode(handler, self.name, since=time.time() - day) is not None
            of_the_future = self._decode(handler, self.name, since=time.time() + day) is not None
            return session, of_the_future or not recent
        return self._decode(handler, OLD_NAME), True

    def give(self, handler: tornado.web.RequestHandler, session: str) -> None:
        """Set the cookie with the answer, in place of an old one that this server gave."""
        handler.set_cookie(
            self.name,
            tornado.web.create_signed_value(self._secret, self.name, session),
            expires_days=DAYS,
            max_age=DAYS * DAY_S,  # where it is understood, it holds, and asks for no clocks that agree
            httponly=True,
            samesite="Lax",
            secure=handler.request.protocol == "https",  # our own TLS, or that of a proxy we were told to trust
        )
        if self._decode(handler, OLD_NAME) is not None:
            # Not clear_cookie: its date is a year ago by our clock, which may still be to come by the browser's.
            long_ago = datetime.datetime(1971, 1, 1, tzinfo=datetime.UTC)
            handler.set_cookie(OLD_NAME, "", expires=long_ago, max_age=-1)

    def _decode(self, handler: tornado.web.RequestHandler, name: str, since: float = -math.inf) -> str | None:
        """Return what the cookie says if its signature is right and not from before `since`."""
        # Not Tornado's first kind of signature, which we never gave: of that, it logs the value when it is wrong.
        value = tornado.web.decode_signed_value(
            self._secret, name, handler.get_cookie(name), max_age_days=0, clock=lambda: since, min_version=2
        )
        return value.decode("latin-1") if value else None
