"""The chat's value types: visitors, rooms as others see them, images."""

import datetime
import functools
from typing import Literal, NamedTuple

import msgspec

SYSTEM = "system"

Role = Literal["teacher"]
"""What somebody is besides a visitor."""

HeldWhy = Literal["approve", "word"]
"""Why a message waits for the teacher: all of a room do, or it has a word of the list."""

SystemEvent = Literal["join", "exit", "owner", "kick", "name"]

# Regular expressions for the names of images, and of all files under /gif/. Those of images from the shelf begin with
# their names there, so that pages can say what they show.
IMAGE_STEM = r"(?:[a-z-]+-)?[0-9a-f]{32}"
IMAGE_NAME = rf"{IMAGE_STEM}\.(?:gif|webp|png|jpg)"
IMAGE_FILE = rf"{IMAGE_NAME}|{IMAGE_STEM}\.poster\.webp"


class Visitor(msgspec.Struct, frozen=True, eq=False):
    """Someone with an identity cookie. `id` identifies them; `user` (a colour, `#a1b2c3`) is what others see."""

    id: int
    user: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Visitor) and other.id == self.id

    def __ne__(self, other: object) -> bool:
        return not self == other  # msgspec's own would compare the objects

    def __hash__(self) -> int:
        return hash(self.id)


OWNERLESS = Visitor(0, "#000000")
"""The owner of rooms that the server made: nobody is this visitor, so only a teacher may change such a room."""


class RoomRules(NamedTuple):
    """What the teacher's desk has decided for a room; `slow_s`: each visitor one message in that time, 0 for none."""

    frozen: bool = False
    slow_s: int = 0
    approve: bool = False


class RoomView(msgspec.Struct, frozen=True, omit_defaults=True):
    """The protocol's ROOM: the public properties of a room. Only those with a default can be absent."""

    id: str = msgspec.field(name="_id")
    title: str
    max: int
    owner: str
    password: bool
    ephemeral: bool
    kept: bool
    members: int
    created_at: str = msgspec.field(name="createdAt")
    frozen: bool = False
    slow: int = 0
    read_only: bool = msgspec.field(name="readOnly", default=False)
    position: int | None = None


def timestamp(milliseconds: int) -> str:
    """Return `milliseconds` since the epoch as ISO 8601, UTC, with milliseconds and `Z`."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{_second(seconds)}.{rest:03}Z"


@functools.lru_cache(maxsize=256)  # many records share a second
def _second(seconds: int) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S")


def record_id(seq: int, milliseconds: int) -> str:
    """Return the `_id` of record `seq`: 24 hex digits, eight for the time in seconds and sixteen for `seq`.

    It looks and sorts like MongoDB's ObjectId, and needs no column of its own. A clock that is decades off changes
    the order, not the format.
    """
    return f"{milliseconds // 1000 % 2**32:08x}{seq:016x}"


class Image(msgspec.Struct, frozen=True, omit_defaults=True):
    """The protocol's GIF: a file in uploads/, its size in pixels, and the name of its poster if it is animated.

    `flashes`: it must not play by itself (`realtime.chat.images.flashes`), or is not known not to flash.
    """

    name: str
    width: int
    height: int
    poster: str | None = None
    flashes: bool = False


def poster_name(image: str) -> str:
    """Return the name of the still frame of the animated image `image`."""
    return f"{image.partition('.')[0]}.poster.webp"


class Gifs(msgspec.Struct, frozen=True):
    """Images that can be sent again without an upload, newest first: those of the room, and those of the visitor."""

    recent: list[Image]
    mine: list[Image]


class StoredRoom(NamedTuple):
    """A stored room. The store assigns `key`, never reuses it, and no client sees it."""

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
    frozen: bool = False
    slow_s: int = 0
    approve: bool = False
    position: int | None = None  # among the prepared rooms
    read_only: bool = False

    @property
    def rules(self) -> RoomRules:
        """What the desk has decided for it."""
        return RoomRules(self.frozen, self.slow_s, self.approve)


class StoredVisitor(NamedTuple):
    """A stored visitor. Only the session's hash is stored, so a leaked database lets no one impersonate a visitor."""

    id: int
    session: str  # SHA-256 in hex
    user: str
    seen_at: int  # milliseconds since the epoch
    name: str | None = None
