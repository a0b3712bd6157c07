"""The chat's rules: its limits, and which titles, passwords and texts are valid. Pure."""

import functools
import re
from dataclasses import dataclass

import msgspec

from realtime.chat.text import normalised
from realtime.errors import BadRequest, ChatTooLong, EmptyChat, InvalidRoom, NotFound

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
