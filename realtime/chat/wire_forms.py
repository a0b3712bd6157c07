"""What programs get of records: RECORD, and the answers that contain records (docs/protocol.md). Pure."""

from typing import Annotated, Literal

import msgspec

from realtime.chat.model import HeldWhy, Role, RoomView, SystemEvent

Deleter = Literal["sender", "owner", "teacher"]


class Quote(msgspec.Struct, frozen=True, omit_defaults=True):
    """The quoted record in a reply's RECORD; `chat` is truncated, and `deleted` replaces deleted content."""

    id: str = msgspec.field(name="_id")
    seq: int
    user: str
    chat: str | None = None
    gif: str | None = None
    deleted: Deleter | None = None
    name: str | None = None


class Reaction(msgspec.Struct, frozen=True):
    """How many visitors gave a reaction, and the first of them."""

    count: int
    users: list[str]


Seq = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]


class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """The protocol's RECORD: a message, a whisper or a system line. Fields without a value are omitted."""

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
    flashes: bool = False
    to: str | None = None
    event: SystemEvent | None = None
    subject: str | None = None
    members: int | None = None
    nonce: str | None = None
    rev: int | None = None
    edited_at: str | None = msgspec.field(name="editedAt", default=None)
    deleted: Deleter | None = None
    re: Quote | None = None
    reactions: dict[str, Reaction] | None = None
    mine: list[str] | None = None
    name: str | None = None
    role: Role | None = None


class HouseView(msgspec.Struct, frozen=True):
    """What the teacher allows. `private`: rooms with a password; `rooms`: rooms of one's own."""

    whispers: bool = True
    private: bool = True
    rooms: bool = True
    names: bool = True


ALL_ALLOWED = HouseView()


class HeldRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The protocol's HELD: what waits for the teacher, as its sender sees it. `re` says nothing of the text."""

    held: str
    room: str
    user: str
    created_at: str = msgspec.field(name="createdAt")
    why: HeldWhy
    name: str | None = None
    chat: str | None = None
    gif: str | None = None
    width: int | None = None
    height: int | None = None
    poster: str | None = None
    flashes: bool = False
    re: Quote | None = None
    nonce: str | None = None


class Page(msgspec.Struct, frozen=True):
    """A page of a room's history, oldest first; `more`: there are older records. It is current up to `seq`."""

    chats: list[Record]
    more: bool
    seq: int


class Position(msgspec.Struct, frozen=True):
    """A place in the order of all records, valid in one epoch (`RecordStore.epoch`)."""

    epoch: str
    seq: Seq


class JoinAnswer(msgspec.Struct, frozen=True):
    """The ack of `join`."""

    room: RoomView
    user: str
    members: list[str]
    names: dict[str, str]
    seq: int
    missed: list[Record]
    more: bool
    epoch: str
    roles: dict[str, Role]
    house: HouseView | msgspec.UnsetType = msgspec.UNSET
    """Absent if all is allowed."""
    held: list[HeldRecord] | msgspec.UnsetType = msgspec.UNSET
    """What of one's own waits; absent if nothing does."""
    ok: bool = True
