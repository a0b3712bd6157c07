"""The door of the teacher's desk: its token, its cookie, and how fast one may knock."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from typing import Final

from tornado.httputil import HTTPHeaders

from handlers.desk.cookie import DeskCookie
from realtime.address import network_of
from realtime.chat.desk.passes import DeskPass
from realtime.chat.model import Visitor
from realtime.chat.rates import GuessThrottle
from realtime.clock import Clock
from realtime.errors import TooFast, WrongToken

GUESSES_OF_ADDRESS: Final = 20
"""Free ones. Cookies cost nothing, so an address has its own; but pupils behind the teacher's must not lock it."""
INVITED_S: Final = 120
INVITATIONS: Final = 5
"""Those that may be open; the oldest is given up for another."""


class DeskDoor:
    """The desk's token and cookie. `admitted` is called with each visitor who comes with the cookie."""

    def __init__(
        self, token: str, cookie: DeskCookie, clock: Clock, admitted: Callable[[Visitor, DeskPass], object]
    ) -> None:
        self.cookie = cookie
        self._token = _digest(token)
        self._clock = clock
        self._admitted = admitted
        self._of_visitors = GuessThrottle()
        self._of_addresses = GuessThrottle(free=GUESSES_OF_ADDRESS)
        self._invitations: dict[bytes, float] = {}  # until when, by digest

    def invite(self) -> str:
        """Return a token for another device of the teacher's: it opens the desk once, in the next two minutes."""
        invitation = secrets.token_urlsafe(16)
        while len(self._invitations) >= INVITATIONS:
            del self._invitations[next(iter(self._invitations))]
        self._invitations[_digest(invitation)] = self._clock.elapsed() + INVITED_S
        return invitation

    def knock(self, who: Visitor, address: str, token: str) -> None:
        """Return if the token is right. Raises WrongToken, or TooFast after too many guesses.

        This limit is never off: a token may be chosen by a person. But nobody guesses an invitation, so it is good
        whatever others behind the same address do.
        """
        digest = _digest(token)
        if self._clock.elapsed() < self._invitations.pop(digest, 0.0):
            return
        now, network = self._clock.time(), network_of(address)
        self._of_addresses.begin(network, now)
        try:
            self._of_visitors.begin(who.id, now)
        except TooFast:
            self._of_addresses.forgive(network)
            raise
        if not hmac.compare_digest(self._token, digest):
            raise WrongToken
        self._of_visitors.forgive(who.id)
        self._of_addresses.forgive(network)

    def notice(self, who: Visitor, headers: HTTPHeaders) -> None:
        """Tell of a visitor if they come with the cookie."""
        shown = self.cookie.read(headers)
        if shown is not None:
            self._admitted(who, shown)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
