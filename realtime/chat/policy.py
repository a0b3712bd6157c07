"""The chat's rules: valid titles, passwords and texts, and rate limits.

Pure: times are seconds of a monotonic clock, passed in.
"""

import functools
import re
from dataclasses import dataclass, field

import msgspec

from realtime.chat.text import normalised
from realtime.errors import BadRequest, ChatTooLong, EmptyChat, InvalidRoom, NotFound, TooFast

TITLE_LENGTH = 60
PASSWORD_LENGTH = 128
CHAT_LENGTH = 2000
DEFAULT_MAX = 10
EDITABLE_S = 15 * 60.0  # how long a text can be edited
MAX_KEPT_ROOMS = 5  # per owner
MAX_JOINED = 50  # rooms of one visitor at the same time: nobody keeps hundreds of rooms alive
HISTORY_LIMIT = 50
MAX_HISTORY_LIMIT = 200
SEARCH_STEPS = 40  # of one search, each a call of `RecordStore.search`
CATCH_UP_LIMIT = 200  # 500 long messages took 9 ms to send

NONCE = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
ROOM_ID = re.compile(r"[0-9a-f]{24}", re.ASCII)


@dataclass(frozen=True)
class Limits:
    """The server's configured limits. Times in seconds."""

    rate: float = 5  # messages a second per visitor; 0: no throttling at all
    per_address: float = 100  # visitors expected behind one address; 0: no limits for an address (allowances.py)
    grace_s: float = 2
    linger_s: float = 900  # how long a room waits for disconnected members, and a disconnected owner stays the owner
    unentered_s: float = 60  # how long a new room waits for its owner or anyone, and after a restart for its members
    max_occupancy: int = 1000
    max_rooms: int = 1000
    quota_bytes: int = 2048 * 1024 * 1024


class RoomForm(msgspec.Struct, frozen=True):
    """A request to create a room."""

    title: str
    max: int = DEFAULT_MAX
    password: str | None = None
    ephemeral: bool = False


class RoomPatch(msgspec.Struct, frozen=True):
    """A change of a room's settings; UNSET changes nothing, a `password` of None removes it.

    A `kept` room stays when it is empty.
    """

    title: str | msgspec.UnsetType = msgspec.UNSET
    max: int | msgspec.UnsetType = msgspec.UNSET
    password: str | msgspec.UnsetType | None = msgspec.UNSET
    kept: bool | msgspec.UnsetType = msgspec.UNSET


def check_title(title: str) -> str:
    """Return the normalised title. Raises InvalidRoom."""
    title = normalised(title)
    if not 1 <= len(title) <= TITLE_LENGTH:
        raise InvalidRoom(field="title")
    return title


def check_max(value: int, limit: int) -> int:
    """Return a room's size limit. Raises InvalidRoom unless it is from 2 to `limit`."""
    if not 2 <= value <= limit:  # noqa: PLR2004  a chat needs two people
        raise InvalidRoom(field="max")
    return value


def check_password(password: str | None) -> str | None:
    """Return the password, None for an empty one. Raises InvalidRoom."""
    if not password:
        return None
    if not is_password(password):
        raise InvalidRoom(field="password")
    return password


def is_password(password: str) -> bool:
    """Return whether this is a valid password; passwords are not normalised."""
    return 1 <= len(password) <= PASSWORD_LENGTH and "\0" not in password


def check_chat(chat: str) -> str:
    """Return the normalised text. Raises EmptyChat or ChatTooLong."""
    chat = normalised(chat)
    if not chat:
        raise EmptyChat
    if len(chat) > CHAT_LENGTH:
        raise ChatTooLong
    return chat


def check_caption(caption: str | None) -> str | None:
    """Return the normalised caption, None for an empty one. Raises ChatTooLong."""
    return check_chat(caption) if caption is not None and normalised(caption) else None


def check_query(text: str) -> str:
    """Return the normalised search text. Raises BadRequest when it is empty or longer than a message can be."""
    text = normalised(text)
    if not 1 <= len(text) <= CHAT_LENGTH:
        raise BadRequest
    return text


def check_nonce(nonce: str | None) -> str | None:
    """Return the nonce. Raises BadRequest unless it is 1–64 of A-Za-z0-9_-."""
    if nonce is not None and not NONCE.fullmatch(nonce):
        raise BadRequest
    return nonce


def check_emoji(text: str) -> str:
    """Return the emoji. Raises BadRequest unless it is exactly one of Unicode's RGI set."""
    if text not in emoji():
        raise BadRequest
    return text


@functools.cache
def emoji() -> frozenset[str]:
    """Return the emoji recommended for general interchange (UTS 51), with skin tones: the fully qualified ones.

    The first call takes 200 ms.
    """
    # Imported on the first reaction: the package's data takes 5 MiB.
    from emoji import EMOJI_DATA, STATUS  # noqa: PLC0415

    return frozenset(text for text, data in EMOJI_DATA.items() if data["status"] == STATUS["fully_qualified"])


def is_emoji_known() -> bool:
    """Return whether `emoji` has been called."""
    return emoji.cache_info().currsize > 0


def check_record_id(text: str) -> int:
    """Return the seq in a record's `_id`. Raises NotFound for an invalid `_id`."""
    seq = int(text[8:], 16) if ROOM_ID.fullmatch(text) else 0
    if not 0 < seq < 2**53:
        raise NotFound
    return seq


class RateLimiter:
    """A token bucket for each key: bursts of `burst`, at least one, then `rate` a second. A rate of 0 is no limit."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = max(burst, 1.0)
        self._full_at: dict[int, float] = {}  # when each key's bucket is full again; full ones are removed
        self._swept_at = 0.0

    def take(self, key: int, now: float, tokens: float = 1.0) -> None:
        """Take one token, or a fraction of one. Raises TooFast with the seconds to wait."""
        if self._rate:
            self._sweep(now)
            self._full_at[key] = self._after(tokens, key, now)

    def check(self, key: int, now: float) -> None:
        """Raise TooFast with the seconds to wait if there is no token."""
        if self._rate:
            self._after(1.0, key, now)

    def _after(self, tokens: float, key: int, now: float) -> float:
        full_at = max(self._full_at.get(key, now), now) + tokens / self._rate
        wait = full_at - now - self._burst / self._rate
        if wait > 1e-9:  # noqa: PLR2004  a smaller one is a rounding error
            raise TooFast(retry_after=round(wait, 3))
        return full_at

    def _sweep(self, now: float) -> None:
        period = self._burst / self._rate
        if now - self._swept_at > period:
            self._swept_at = now
            self._full_at = {key: full_at for key, full_at in self._full_at.items() if full_at > now}


@dataclass(slots=True)
class _Guesses:
    wrong: int = 0
    free_at: float = 0.0
    last_at: float = 0.0


@dataclass
class GuessThrottle:
    """Exponential backoff for wrong passwords: a few are free, then each doubles the wait, up to ten minutes.

    A guess counts as wrong before it is checked and is forgiven if it was correct, so concurrent guesses gain nothing.
    It is by visitor alone: an address has a pool instead (allowances.py), which nobody can close for others for long.
    A `first_s` of 0 turns it off.
    """

    free: int = 5
    forget_s: float = 3600
    first_s: float = 5
    longest_s: float = 600
    _guesses: dict[int, _Guesses] = field(default_factory=dict)

    def check(self, visitor: int, now: float) -> None:
        """Raise TooFast while the visitor has to wait."""
        guesses = self._guesses.get(visitor)
        if guesses is not None and guesses.free_at > now:
            raise TooFast(retry_after=round(guesses.free_at - now, 3))

    def begin(self, visitor: int, now: float) -> None:
        """Count a guess that is about to be checked. Raises TooFast while the visitor has to wait."""
        if not self.first_s:
            return
        self.check(visitor, now)
        self._sweep(now)
        guesses = self._guesses.setdefault(visitor, _Guesses())
        if now - guesses.last_at > self.forget_s:
            guesses.wrong = 0
        guesses.wrong += 1
        guesses.last_at = now
        if guesses.wrong >= self.free:
            guesses.free_at = now + min(self.first_s * 2.0 ** (guesses.wrong - self.free), self.longest_s)

    def forgive(self, visitor: int) -> None:
        """Take back the last guess: the password was correct."""
        guesses = self._guesses.get(visitor)
        if guesses is not None:
            guesses.wrong -= 1
            guesses.free_at = 0.0

    def _sweep(self, now: float) -> None:
        if len(self._guesses) > 10_000:  # noqa: PLR2004  a bound on memory
            self._guesses = {k: g for k, g in self._guesses.items() if now - g.last_at < self.forget_s}
