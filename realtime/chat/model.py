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


class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """RECORD of the wire: one line of a room, said by a visitor or by the system. Absent fields are left out."""

    id: str = msgspec.field(name="_id")
    seq: int
    room: str
    user: str
    created_at: str = msgspec.field(name="createdAt")
    chat: str | None = None
    gif: str | None = None
    width: int | None = None
    height: int | None = None
    poster: str | None = None
    to: str | None = None
    event: SystemEvent | None = None
    subject: str | None = None
    members: int | None = None
    nonce: str | None = None


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


class Page(msgspec.Struct, frozen=True):
    """A stretch of a room's history, oldest first; `more` lies beyond its far end, and all up to `seq` is covered."""

    chats: list[Record]
    more: bool
    seq: int


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


class JoinAnswer(msgspec.Struct, frozen=True):
    """What a socket is told that joins a room; `ok` makes it the ack of the wire."""

    room: RoomView
    user: str
    members: list[str]
    seq: int
    missed: list[Record]
    more: bool
    ok: bool = True


class StoredRecord(NamedTuple):
    """A record as it is kept. `room` is the room's key, not its id; times are milliseconds since the epoch."""

    seq: int
    room: int
    visitor_id: int
    user: str
    created_at: int
    chat: str | None = None
    gif: str | None = None
    width: int | None = None
    height: int | None = None
    to_id: int | None = None
    to_user: str | None = None
    event: SystemEvent | None = None
    members: int | None = None
    nonce: str | None = None
    moving: int | None = None  # 1: the image has a poster
    lingers: int | None = None  # 1: of an exit after which the room waits for its subject

    def record(self, room_id: str, reader_id: int | None = None) -> Record:
        """Return the RECORD of the wire; only its own sender is shown the nonce."""
        system = self.event is not None
        return Record(
            id=record_id(self.seq, self.created_at),
            seq=self.seq,
            room=room_id,
            user=SYSTEM if system else self.user,
            created_at=timestamp(self.created_at),
            chat=self.chat,
            gif=self.gif,
            width=self.width,
            height=self.height,
            poster=poster_name(self.gif) if self.moving and self.gif else None,
            to=self.to_user,
            event=self.event,
            subject=self.user if system else None,
            members=self.members,
            nonce=self.nonce if reader_id == self.visitor_id else None,
        )


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
