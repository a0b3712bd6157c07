"""Visitors who have done nothing yet: they have a cookie and a colour, and cost a little memory for a limited time."""

from collections import OrderedDict
from typing import Final
from weakref import WeakValueDictionary

import msgspec

from realtime.chat.model import Visitor
from realtime.clock import Clock
from realtime.errors import Storage

MOST: Final = 10_000
KEPT_S: Final = 3600.0
"""How long someone is remembered of whom nothing more is heard, by a page or a handshake."""
MOST_OPENED: Final = 8
"""In how many rooms a newcomer is admitted without being stored."""


class Newcomer(Visitor, frozen=True, weakref=True):
    """A visitor of whom nothing is stored. Their first act stores them, with this id and this colour."""

    session: str  # its SHA-256, as stored
    opened: list[str] = msgspec.field(default_factory=list)
    """The open rooms that they are admitted to by their page."""

    def open(self, room_id: str) -> None:
        """Admit them to a room. Raises Storage if there are too many of these."""
        if room_id not in self.opened:
            if self.curious:
                raise Storage
            self.opened.append(room_id)

    def close(self, room_id: str) -> None:
        """Forget that they were admitted: it is stored now, or the room is gone."""
        if room_id in self.opened:
            self.opened.remove(room_id)

    @property
    def curious(self) -> bool:
        """Whether they have opened as many rooms as a newcomer can."""
        return len(self.opened) >= MOST_OPENED


class Newcomers:
    """Newcomers by session and by colour: the last `MOST` of the last `KEPT_S` seconds.

    Also those that something refers to, which is what their connections do: as long as a page of theirs is connected,
    nobody else gets the colour that it shows. So the references here are weak but for those in `_recent`.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._by_session: WeakValueDictionary[str, Newcomer] = WeakValueDictionary()
        self._by_user: WeakValueDictionary[str, Newcomer] = WeakValueDictionary()
        self._recent: OrderedDict[str, tuple[Newcomer, float]] = OrderedDict()  # by session; until when

    def __len__(self) -> int:
        return len(self._by_session)

    def get(self, session: str) -> Newcomer | None:
        """Return the newcomer with this session, who was just heard of."""
        newcomer = self._by_session.get(session)
        if newcomer is not None:
            self._remember(newcomer)
        return newcomer

    def has_colour(self, user: str) -> bool:
        """Return whether a newcomer has this colour."""
        return user in self._by_user

    def add(self, newcomer: Newcomer) -> None:
        """Add someone with a session and a colour that no other visitor has."""
        self._by_session[newcomer.session] = self._by_user[newcomer.user] = newcomer
        self._remember(newcomer)

    def remove(self, newcomer: Newcomer) -> None:
        """Remove someone who is stored now."""
        self._recent.pop(newcomer.session, None)
        self._by_session.pop(newcomer.session, None)
        self._by_user.pop(newcomer.user, None)

    def _remember(self, newcomer: Newcomer) -> None:
        now = self._clock.time()
        self._recent[newcomer.session] = newcomer, now + KEPT_S
        self._recent.move_to_end(newcomer.session)
        while len(self._recent) > MOST or next(iter(self._recent.values()))[1] <= now:
            self._recent.popitem(last=False)
