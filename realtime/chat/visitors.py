"""Identity: a random session id in a signed cookie, and the colour others see, each visitor's own."""

import hashlib
import logging
import secrets
from dataclasses import dataclass

from colorhash import ColorHash

from realtime.chat.model import StoredVisitor, Visitor
from realtime.chat.ports import VisitorStore
from realtime.clock import Calendar
from realtime.deferred import Deferred, failed
from realtime.errors import DomainError, Storage, TooFast

log = logging.getLogger("gifchat.visitors")

DAY_MS = 24 * 3600 * 1000
FORGET_AFTER_MS = 30 * DAY_MS
SEEN_EVERY_MS = DAY_MS // 24
MAX_UNSAVED = 1000

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
    """Every known visitor, by session and by colour."""

    def __init__(self, store: VisitorStore) -> None:
        self._store = store
        self._calendar = Calendar()
        self._by_session: dict[str, _Known] = {}
        self._by_user: dict[str, _Known] = {}
        self._by_id: dict[int, _Known] = {}
        self._unsaved: dict[int, StoredVisitor] = {}  # whom the disk had no room for
        self._saving: dict[int, Deferred[Exception | None]] = {}
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
        return len(self._by_id)

    def by_user(self, user: str) -> Visitor | None:
        """Return the visitor who has this colour."""
        known = self._by_user.get(user)
        return known.visitor if known else None

    def by_id(self, visitor_id: int) -> Visitor | None:
        """Return the visitor with this id."""
        known = self._by_id.get(visitor_id)
        return known.visitor if known else None

    def identify(self, session: str | None) -> Deferred[tuple[Visitor, str | None]]:
        """Return the visitor of a session id, or a new visitor and session id if it is missing or unknown.

        A known visitor is returned at once, a new one once they are committed. On a full disk or a locked database new
        ones are known all the same, up to a limit, until the server stops, and can read; see `saved`. Beyond it the
        result is Storage.
        """
        answer: Deferred[tuple[Visitor, str | None]] = Deferred()
        known = self._by_session.get(_digest(session)) if session else None
        if known is not None and known.visitor.id in self._unsaved:
            visitor = known.visitor
            self._save(visitor.id).add_done_callback(lambda _: answer.set_result((visitor, None)))
            return answer
        if known is not None:
            self._note_seen(known)
            answer.set_result((known.visitor, None))
            return answer
        session = secrets.token_hex(15)  # needs no quotes in the cookie: python-socketio would quote it twice
        self._last_id += 1
        stored = StoredVisitor(self._last_id, _digest(session), self._free_colour(session), self._calendar.now_ms())
        visitor = self._remember(stored)

        def saved(ended: Deferred[Exception | None]) -> None:
            error = ended.result()
            if error is None or (isinstance(error, Storage | TooFast) and len(self._unsaved) <= MAX_UNSAVED):
                answer.set_result((visitor, session))
            else:
                del self._unsaved[stored.id]
                self._forget(stored.id)
                answer.set_exception(error)

        self._unsaved[stored.id] = stored
        self._save(stored.id).add_done_callback(saved)
        return answer

    async def saved(self, who: Visitor) -> None:
        """Return when the visitor is stored. Nothing may be stored about them before. Raises what `identify` does."""
        if who.id in self._unsaved:
            error = await self._save(who.id)
            if error is not None:
                raise error

    def check_saved(self, who: Visitor) -> None:
        """Raise Storage unless the visitor is stored; it is tried again."""
        if who.id in self._unsaved:
            self._save(who.id)
            raise Storage

    def _save(self, visitor_id: int) -> Deferred[Exception | None]:
        """Store an unsaved visitor; resolves to the error, if any. Once that works, store all others, too."""
        if visitor_id in self._saving:
            return self._saving[visitor_id]
        ended = self._saving[visitor_id] = Deferred()

        def added(stored: Deferred[bool]) -> None:
            del self._saving[visitor_id]
            if stored.exception() is None:
                self._unsaved.pop(visitor_id, None)
            ended.set_result(stored.exception())
            if stored.exception() is None:
                for other in list(self._unsaved):
                    self._save(other)

        try:
            self._store.add(self._unsaved[visitor_id]).add_done_callback(added)
        except DomainError as error:
            added(failed(error))
        return ended

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

    def _remember(self, stored: StoredVisitor) -> Visitor:
        known = _Known(Visitor(stored.id, stored.user), stored.session, stored.seen_at)
        self._by_session[known.session] = self._by_user[stored.user] = self._by_id[stored.id] = known
        return known.visitor

    def _forget(self, visitor_id: int) -> None:
        known = self._by_id.pop(visitor_id, None)
        if known is not None:
            del self._by_user[known.visitor.user]
            del self._by_session[known.session]

    def _free_colour(self, session: str) -> str:
        colour = str(ColorHash(session).hex)
        attempt = 0
        while colour in self._by_user:
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
