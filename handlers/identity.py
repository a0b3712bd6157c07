"""The cookie that identifies a visitor: a signed session id.

Its age does not matter: a visitor is known for as long as the server stores them. So correcting the clock, even by
years in either direction, does not turn anyone into a new visitor.
"""

import datetime
import hashlib
import hmac
import math
import time

import tornado.web

OLD_NAME = "gifchat"  # of earlier versions, in which two servers on one host overwrote each other's cookie
DAYS = 30
RENEWED_AFTER_DAYS = 1  # who comes back stays known: the 30 days begin again
DAY_S = 24 * 3600


def cookie_name(secret: str | bytes) -> str:
    """Return the cookie's name. It differs between servers with different keys: all ports of a host share cookies."""
    key = secret.encode() if isinstance(secret, str) else secret
    return f"gifchat-{hmac.digest(key, b'the name of the cookie', hashlib.sha256).hex()[:8]}"


class IdentityCookie:
    """Reads and sets the identity cookie, signed with `secret`."""

    def __init__(self, secret: str | bytes) -> None:
        self.name = cookie_name(secret)
        self._secret = secret

    def read(self, handler: tornado.web.RequestHandler) -> tuple[str | None, bool]:
        """Return the request's session id, if any, and whether its cookie must be set again."""
        session = self._decode(handler, self.name)
        if session is not None:
            day = RENEWED_AFTER_DAYS * DAY_S
            recent = self._decode(handler, self.name, since=time.time() - day) is not None
            of_the_future = self._decode(handler, self.name, since=time.time() + day) is not None
            return session, of_the_future or not recent
        return self._decode(handler, OLD_NAME), True

    def give(self, handler: tornado.web.RequestHandler, session: str) -> None:
        """Set the cookie on the response, replacing one with the old name that this server set."""
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
            # Not clear_cookie: its date is a year ago by our clock, which may be in the future by the browser's.
            long_ago = datetime.datetime(1971, 1, 1, tzinfo=datetime.UTC)
            handler.set_cookie(OLD_NAME, "", expires=long_ago, max_age=-1)

    def _decode(self, handler: tornado.web.RequestHandler, name: str, since: float = -math.inf) -> str | None:
        """Return what the cookie says if its signature is right and not from before `since`."""
        # Not version 1 of Tornado's signatures, which we never used: Tornado logs the value of an invalid one.
        value = tornado.web.decode_signed_value(
            self._secret, name, handler.get_cookie(name), max_age_days=0, clock=lambda: since, min_version=2
        )
        return value.decode("latin-1") if value else None
