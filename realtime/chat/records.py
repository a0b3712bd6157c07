"""The kinds of records: of each, what it holds, its row at rest, and its RECORD of the wire. Pure.

    Kept             what all of them have
     ├── Said        what a visitor said: a text, an image, or an image with a caption
     │    └── Whisper    the same for one other visitor, whom nobody but the two sees
     └── SystemLine  what happened in the room, told as a line

A new field of a kind is added here, in `RecordRow`, and as a column of `chats`.
"""

from typing import Annotated, ClassVar, NamedTuple

import msgspec

from realtime.chat.model import SYSTEM, Image, RoomView, SystemEvent, Visitor, poster_name, record_id, timestamp

Seq = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]


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


class RecordRow(NamedTuple):
    """A record at rest, in the order of the columns of `chats`; which of them are None tells its kind."""

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

    def record(self) -> "StoredRecord":
        """Return the record that this is the row of."""
        seq, room, visitor_id, user, created_at = self[:5]
        if self.event is not None:
            return SystemLine(
                seq=seq,
                room=room,
                visitor_id=visitor_id,
                user=user,
                created_at=created_at,
                event=self.event,
                chat=self.chat or "",
                members=self.members,
                lingers=self.lingers is not None,
            )
        image = None
        if self.gif is not None and self.width is not None and self.height is not None:
            image = Image(self.gif, self.width, self.height, poster_name(self.gif) if self.moving else None)
        if self.to_id is not None and self.to_user is not None:
            return Whisper(
                seq=seq,
                room=room,
                visitor_id=visitor_id,
                user=user,
                created_at=created_at,
                chat=self.chat,
                image=image,
                nonce=self.nonce,
                to=Visitor(self.to_id, self.to_user),
            )
        return Said(
            seq=seq,
            room=room,
            visitor_id=visitor_id,
            user=user,
            created_at=created_at,
            chat=self.chat,
            image=image,
            nonce=self.nonce,
        )


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What every record has. `room` is the room's key, `user` its visitor's colour, `created_at` in milliseconds."""

    seq: int
    room: int
    visitor_id: int
    user: str
    created_at: int

    def visible_to(self, reader_id: int) -> bool:
        """Return whether a visitor who may read the room may see this record."""
        return True

    def at(self, seq: int, created_at: int) -> "StoredRecord":
        """Return the same with another place in the order."""
        return msgspec.structs.replace(self, seq=seq, created_at=created_at)  # type: ignore[return-value]  # a kind


class Said(Kept, frozen=True, kw_only=True):
    """What a visitor said to the room. There is a text, an image, or both."""

    sent_as: ClassVar[str] = "chat"

    chat: str | None = None
    image: Image | None = None
    nonce: str | None = None

    def whispered(self, to: Visitor) -> "Whisper":
        """Return the same said to one visitor alone."""
        return Whisper(**msgspec.structs.asdict(self), to=to)

    def row(self) -> RecordRow:
        """Return it as it is kept."""
        image = self.image
        return RecordRow(
            self.seq,
            self.room,
            self.visitor_id,
            self.user,
            self.created_at,
            self.chat,
            image.name if image else None,
            image.width if image else None,
            image.height if image else None,
            nonce=self.nonce,
            moving=1 if image and image.poster else None,
        )

    def wire(self, room_id: str, reader_id: int | None = None) -> Record:
        """Return the RECORD of the wire; only its own sender is shown the nonce."""
        image = self.image
        return Record(
            id=record_id(self.seq, self.created_at),
            seq=self.seq,
            room=room_id,
            user=self.user,
            created_at=timestamp(self.created_at),
            chat=self.chat,
            gif=image.name if image else None,
            width=image.width if image else None,
            height=image.height if image else None,
            poster=image.poster if image else None,
            nonce=self.nonce if reader_id == self.visitor_id else None,
        )


class Whisper(Said, frozen=True, kw_only=True):
    """What a visitor said to one other."""

    sent_as: ClassVar[str] = "whisper"

    to: Visitor

    def visible_to(self, reader_id: int) -> bool:
        """Return whether the reader is one of the two."""
        return reader_id in (self.to.id, self.visitor_id)

    def row(self) -> RecordRow:
        """Return it as it is kept."""
        return super().row()._replace(to_id=self.to.id, to_user=self.to.user)

    def wire(self, room_id: str, reader_id: int | None = None) -> Record:
        """Return the RECORD of the wire; only its own sender is shown the nonce."""
        return msgspec.structs.replace(super().wire(room_id, reader_id), to=self.to.user)


class SystemLine(Kept, frozen=True, kw_only=True):
    """What happened: its visitor is whom it happened to. `members` are those after a join or an exit.

    `lingers`: the room waits for whose exit this is.
    """

    event: SystemEvent
    chat: str
    members: int | None = None
    lingers: bool = False

    @property
    def sent_as(self) -> str:
        """The event of the wire."""
        return self.event

    def row(self) -> RecordRow:
        """Return it as it is kept."""
        return RecordRow(
            self.seq,
            self.room,
            self.visitor_id,
            self.user,
            self.created_at,
            self.chat,
            event=self.event,
            members=self.members,
            lingers=1 if self.lingers else None,
        )

    def wire(self, room_id: str, reader_id: int | None = None) -> Record:
        """Return the RECORD of the wire."""
        return Record(
            id=record_id(self.seq, self.created_at),
            seq=self.seq,
            room=room_id,
            user=SYSTEM,
            created_at=timestamp(self.created_at),
            chat=self.chat,
            event=self.event,
            subject=self.user,
            members=self.members,
        )


StoredRecord = Said | SystemLine


class Page(msgspec.Struct, frozen=True):
    """A stretch of a room's history, oldest first; `more` lies beyond its far end, and all up to `seq` is covered."""

    chats: list[Record]
    more: bool
    seq: int


class Position(msgspec.Struct, frozen=True):
    """A place in the order of all records, which holds for one epoch (`RecordStore.epoch`)."""

    epoch: str
    seq: Seq


class JoinAnswer(msgspec.Struct, frozen=True):
    """What a socket is told that joins a room; `ok` makes it the ack of the wire."""

    room: RoomView
    user: str
    members: list[str]
    seq: int
    missed: list[Record]
    more: bool
    epoch: str
    ok: bool = True
