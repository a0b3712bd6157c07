"""Identity: a random session id in a signed cookie, and the colour others see, each visitor's own."""

import hashlib
import logging
import secrets
from dataclasses import dataclass
from functools import partial

from colorhash import ColorHash

from realtime.chat.model import StoredVisitor, Visitor
from realtime.chat.names import Name, key_of
from realtime.chat.newcomers import Newcomer, Newcomers
from realtime.chat.ports import VisitorStore
from realtime.clock import Calendar, Clock
from realtime.deferred import Deferred
from realtime.errors import Storage

log = logging.getLogger("gifchat.visitors")

DAY_MS = 24 * 3600 * 1000
FORGET_AFTER_MS = 30 * DAY_MS
SEEN_EVERY_MS = DAY_MS // 24

# colorhash's three lightness and three saturation values give 3,225 colours. If a colour is taken, 13 of each are
# tried: the same 359 hues in about 60,000 colours, all readable on white and on black.
FINER = tuple(0.3 + 0.03 * step for step in range(13))
FINER_SATURATION = tuple(0.35 + 0.05 * step for step in range(13))
FINER_TRIES = 20  # then any of the 16 million colours is used: a program must be creating visitors


@dataclass(slots=True, eq=False)
class _Known:
    visitor: Visitor
    session: str  # its SHA-256, as stored
    seen_at: int


class Visitors:
    """Every known visitor, by session and by colour: those who are stored, and newcomers."""

    def __init__(self, store: VisitorStore, clock: Clock) -> None:
        self._store = store
        self._calendar = Calendar()
        self._by_session: dict[str, _Known] = {}
        self._by_user: dict[str, _Known] = {}
        self._by_id: dict[int, _Known] = {}
        self.newcomers = Newcomers(clock)
        self._names: dict[int, Name] = {}
        self._saving: dict[int, Deferred[bool]] = {}
        self._last_id = 0

    async def start(self) -> None:
        """Forget visitors not seen for 30 days, and load the others."""
        await self.forget()
        for stored in await self._store.load():
            self._remember(stored)
        self._last_id = await self._store.last_id()

    @property
    def last_id(self) -> int:
        """The id given last: those of later visitors are higher."""
        return self._last_id

    def __len__(self) -> int:
        """Return how many are stored."""
        return len(self._by_id)

    def by_user(self, user: str) -> Visitor | None:
        """Return the stored visitor who has this colour."""
        known = self._by_user.get(user)
        return known.visitor if known else None

    def by_id(self, visitor_id: int) -> Visitor | None:
        """Return the stored visitor with this id."""
        known = self._by_id.get(visitor_id)
        return known.visitor if known else None

    def name_of(self, visitor_id: int) -> Name | None:
        """Return the name that the visitor has given themself."""
        return self._names.get(visitor_id)

    async def rename(self, who: Visitor, name: Name | None) -> None:
        """Store a stored visitor's name, or that they have none. Raises Storage."""
        await self._store.rename(who.id, name.text if name else None)
        self._call(who.id, name)

    def identify(self, session: str | None) -> tuple[Visitor, str | None]:
        """Return the visitor of a session id; if it is missing, a new visitor, and their session id.

        Nobody is stored here: who has a session but is not known is a `Newcomer`, until `saved`.
        """
        given = None if session is not None else secrets.token_hex(15)  # python-socketio would quote quotes twice
        session = session if session is not None else given or ""
        digest = _digest(session)
        known = self._by_session.get(digest)
        if known is not None:
            self._note_seen(known)
            return known.visitor, given
        newcomer = self.newcomers.get(digest)
        if newcomer is None:
            self._last_id += 1
            newcomer = Newcomer(self._last_id, self._free_colour(session), digest)
            self.newcomers.add(newcomer)
        return newcomer, given

    async def saved(self, who: Visitor) -> None:
        """Return when the visitor is stored. Nothing may be stored about them before. Raises Storage or TooFast."""
        newcomer = self.newcomer(who)
        if newcomer is not None:
            await self._save(newcomer)

    def is_being_saved(self, who: Visitor) -> bool:
        """Return whether the visitor is being stored for the first time."""
        return who.id in self._saving

    def check_saved(self, who: Visitor) -> None:
        """Raise Storage unless the visitor is stored."""
        if self.newcomer(who) is not None:
            raise Storage

    def newcomer(self, who: Visitor) -> Newcomer | None:
        """Return the visitor if nothing of them is stored."""
        return who if isinstance(who, Newcomer) and who.session not in self._by_session else None

    def _save(self, newcomer: Newcomer) -> Deferred[bool]:
        """Store a newcomer. Raises Storage or TooFast, also when it settles."""
        if newcomer.id not in self._saving:
            stored = StoredVisitor(newcomer.id, newcomer.session, newcomer.user, self._calendar.now_ms())
            saving = self._saving[newcomer.id] = self._store.add(stored)
            saving.add_done_callback(partial(self._ended, newcomer, stored))
        return self._saving[newcomer.id]

    def _ended(self, newcomer: Newcomer, stored: StoredVisitor, saving: Deferred[bool]) -> None:
        del self._saving[newcomer.id]
        if saving.exception() is None:
            self.newcomers.remove(newcomer)
            self._remember(stored)

    async def forget(self) -> None:
        """Forget visitors not seen for 30 days who are in no room. Must be called regularly.

        After the clock was set, the age of earlier visits is unknown, so nobody is forgotten for 30 days.
        """
        if self._calendar.steady_for(FORGET_AFTER_MS / 1000):
            for visitor_id in await self._store.forget(self._calendar.now_ms() - FORGET_AFTER_MS):
                self._forget(visitor_id)

    def _note_seen(self, known: _Known) -> None:
        now = self._calendar.now_ms()
        if abs(now - known.seen_at) > SEEN_EVERY_MS:
            known.seen_at = now
            self._store.seen(known.visitor.id, now).add_done_callback(_log_failure)

    def _remember(self, stored: StoredVisitor) -> None:
        known = _Known(Visitor(stored.id, stored.user), stored.session, stored.seen_at)
        self._by_session[known.session] = self._by_user[stored.user] = self._by_id[stored.id] = known
        self._call(stored.id, Name(stored.name, key_of(stored.name)) if stored.name is not None else None)

    def _call(self, visitor_id: int, name: Name | None) -> None:
        if name is None:
            self._names.pop(visitor_id, None)
        else:
            self._names[visitor_id] = name

    def _forget(self, visitor_id: int) -> None:
        known = self._by_id.pop(visitor_id, None)
        if known is not None:
            del self._by_user[known.visitor.user]
            del self._by_session[known.session]
            self._call(visitor_id, None)

    def _free_colour(self, session: str) -> str:
        colour = str(ColorHash(session).hex)
        attempt = 0
        while colour in self._by_user or self.newcomers.has_colour(colour):
            attempt += 1
            if attempt <= FINER_TRIES:
                colour = str(ColorHash(f"{session}{attempt}", lightness=FINER, saturation=FINER_SATURATION).hex)
            else:
                colour = f"#{_digest(f'{session}{attempt}')[:6]}"
        return colour


def _digest(session: str) -> str:
    return hashlib.sha256(session.encode("utf-8", "surrogatepass")).hexdigest()


def _log_failure(noted: Deferred[bool]) -> None:
    if noted.exception() is not None:
        log.warning("a visitor's last visit was not stored: %s", noted.exception())
