"""What the chat is made of, as values: visitors, rooms as others see them, and records."""

import datetime
import functools
from typing import Literal, NamedTuple

import msgspec

SYSTEM = "system"

SystemEvent = Literal["join", "exit", "owner", "kick"]

# As regular expressions: an image, and what may stand beside it under /gif/.
IMAGE_NAME = r"[0-9a-f]{32}\.(?:gif|webp|png|jpg)"
IMAGE_FILE = rf"{IMAGE_NAME}|[0-9a-f]{{32}}\.poster\.webp"


class Visitor(msgspec.Struct, frozen=True):
    """Somebody with an identity cookie. `id` decides everything, `user` (a colour, `#a1b2c3`) is what others see."""

    id: int
    user: str


class RoomView(msgspec.Struct, frozen=True):
    """ROOM of the wire: what anybody may know of a room."""

    id: str = msgspec.field(name="_id")
    title: str
    max: int
    owner: str
    password: bool
    ephemeral: bool
    kept: bool
    members: int
    created_at: str = msgspec.field(name="createdAt")


def timestamp(milliseconds: int) -> str:
    """Return `milliseconds` since the epoch as ISO 8601, UTC, with milliseconds and `Z`."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{_second(seconds)}.{rest:03}Z"


@functools.lru_cache(maxsize=256)  # many records have the same second
def _second(seconds: int) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S")


def record_id(seq: int, milliseconds: int) -> str:
    """Return the `_id` of record `seq`: 24 hex digits, eight of its second and sixteen of `seq`.

    That is MongoDB's ObjectId in shape and in order, and needs no column of its own. A clock that is wrong by
    a lifetime changes the order, not the shape.
    """
    return f"{milliseconds // 1000 % 2**32:08x}{seq:016x}"


class Image(msgspec.Struct, frozen=True, omit_defaults=True):
    """GIF of the wire: an image that stands in uploads/ under `name`, its size in pixels; `poster` only if it moves."""

    name: str
    width: int
    height: int
    poster: str | None = None


def poster_name(image: str) -> str:
    """Return the name of the still frame of the moving image `image`."""
    return f"{image.partition('.')[0]}.poster.webp"


class Gifs(msgspec.Struct, frozen=True):
    """What may be sent again without an upload, the newest first: what was sent in a room, and what by a visitor."""

    recent: list[Image]
    mine: list[Image]


class StoredRoom(NamedTuple):
    """A room as it is kept. `key` is given by the store, never twice, and no client sees it."""

    key: int
    id: str
    title: str
    max: int
    owner_id: int
    owner: str
    password_hash: str | None
    ephemeral: bool
    created_at: int  # milliseconds since the epoch
    kept: bool = False


class StoredVisitor(NamedTuple):
    """A visitor as they are kept, their session by its hash alone: who reads what is kept can pose as nobody."""

    id: int
    session: str  # SHA-256 in hex
    user: str
    seen_at: int  # milliseconds since the epoch
