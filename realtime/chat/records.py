"""The kinds of records: of each, what it holds, its row at rest, and its RECORD of the wire. Pure.

    Kept             what all of them have
     ├── Said        what a visitor said: a text, an image, or an image with a caption
     │    └── Whisper    the same for one other visitor, whom nobody but the two sees
     └── SystemLine  what happened in the room, told as a line

A record keeps its place, its `seq`. What changes of it gives it a `rev`, from the same counter, and it is always the
whole state that is kept and sent: of two states of one record the one with the higher `rev` holds. `position` is where
its latest state stands in the order of all that was said or changed.

A new field of a kind is added here, in `RecordRow` or, if it comes by a change, in `Changed`.
"""

from typing import Annotated, ClassVar, Literal, NamedTuple, Self

import msgspec

from realtime.chat.model import SYSTEM, Image, RoomView, SystemEvent, Visitor, poster_name, record_id, timestamp
from realtime.errors import TooManyReactions

MOST_REACTIONS = 20  # different ones on a record
LISTED_USERS = 50  # of a reaction
QUOTED_LENGTH = 140

Deleter = Literal["sender", "owner", "teacher"]


class Quote(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a record answers, as the wire has it; `chat` is cut, and `deleted` stands instead of what is gone."""

    id: str = msgspec.field(name="_id")
    seq: int
    user: str
    chat: str | None = None
    gif: str | None = None
    deleted: Deleter | None = None


class Reaction(msgspec.Struct, frozen=True):
    """How many gave a reaction, and the first of them in the order given."""

    count: int
    users: list[str]


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
    rev: int | None = None
    edited_at: str | None = msgspec.field(name="editedAt", default=None)
    deleted: Deleter | None = None
    re: Quote | None = None
    reactions: dict[str, Reaction] | None = None
    mine: list[str] | None = None


class Changed(msgspec.Struct, frozen=True, omit_defaults=True):
    """What only a changed record has. `reactions`: who gave each, in the order given; `edited_at` in milliseconds."""

    edited_at: int | None = None
    deleted: Deleter | None = None
    reactions: dict[str, tuple[Visitor, ...]] = {}


NEVER_CHANGED = Changed()


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
    rev: int | None = None
    re: int | None = None  # the seq of what it answers
    changed: str | None = None  # a Changed as JSON

    def record(self) -> "StoredRecord":
        """Return the record that this is the row of."""
        seq, room, visitor_id, user, created_at = self[:5]
        rev, re = self.rev, self.re
        changed = msgspec.json.decode(self.changed, type=Changed) if self.changed is not None else NEVER_CHANGED
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
                rev=rev,
                changed=changed,
            )
        image = None
        if self.gif is not None and self.width is not None and self.height is not None:
            image = Image(self.gif, self.width, self.height, poster_name(self.gif) if self.moving else None)
        said = Said(
            seq=seq,
            room=room,
            visitor_id=visitor_id,
            user=user,
            created_at=created_at,
            chat=self.chat,
            image=image,
            nonce=self.nonce,
            re=re,
            rev=rev,
            changed=changed,
        )
        if self.to_id is not None and self.to_user is not None:
            return said.whispered(Visitor(self.to_id, self.to_user))
        return said


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What every record has. `room` is the room's key, `user` its visitor's colour, `created_at` in milliseconds."""

    seq: int
    room: int
    visitor_id: int
    user: str
    created_at: int
    rev: int | None = None
    changed: Changed = NEVER_CHANGED

    @property
    def id(self) -> str:
        """Its `_id` on the wire."""
        return record_id(self.seq, self.created_at)

    @property
    def position(self) -> int:
        """Where its latest state stands in the order of all that was said or changed."""
        return self.seq if self.rev is None else self.rev

    @property
    def answered(self) -> int | None:
        """The seq of what it answers."""
        return None

    def quoting(self, quoted: "StoredRecord | None") -> Self:
        """Return the same with what it answers."""
        return self

    def visible_to(self, reader_id: int) -> bool:
        """Return whether a visitor who may read the room may see this record."""
        return True

    def at(self, seq: int, created_at: int) -> Self:
        """Return the same with another place in the order."""
        return msgspec.structs.replace(self, seq=seq, created_at=created_at)

    def revised(self, rev: int) -> Self:
        """Return the same as the state number `rev`."""
        return msgspec.structs.replace(self, rev=rev)

    def reacted(self, who: Visitor, emoji: str, on: bool) -> Self:
        """Return it with a reaction, or without it; itself if that changes nothing. Raises TooManyReactions."""
        given = self.changed.reactions.get(emoji, ())
        if on == (who in given):
            return self
        if on and not given and len(self.changed.reactions) >= MOST_REACTIONS:
            raise TooManyReactions
        now = (*given, who) if on else tuple(one for one in given if one != who)
        reactions = {**self.changed.reactions, emoji: now}
        if not now:
            del reactions[emoji]
        return self._with(msgspec.structs.replace(self.changed, reactions=reactions))

    def _with(self, changed: Changed) -> Self:
        return msgspec.structs.replace(self, changed=changed)

    def _row(self, row: "RecordRow") -> "RecordRow":
        """Return `row` with what every kind may have."""
        if self.rev is None:
            return row
        changed = None if self.changed == NEVER_CHANGED else msgspec.json.encode(self.changed).decode()
        return row._replace(rev=self.rev, changed=changed)

    def _wire(self, record: Record, reader_id: int | None) -> Record:
        """Return `record` with what every kind may have, as the reader sees it."""
        if self.rev is None:
            return record
        changed, given = self.changed, self.changed.reactions
        mine = [emoji for emoji, givers in given.items() if any(one.id == reader_id for one in givers)]
        return msgspec.structs.replace(
            record,
            rev=self.rev,
            edited_at=timestamp(changed.edited_at) if changed.edited_at is not None else None,
            deleted=changed.deleted,
            reactions={
                emoji: Reaction(len(givers), [one.user for one in givers[:LISTED_USERS]])
                for emoji, givers in given.items()
            }
            or None,
            mine=mine or None,
        )


class Said(Kept, frozen=True, kw_only=True):
    """What a visitor said to the room. There is a text, an image, or both."""

    sent_as: ClassVar[str] = "chat"

    chat: str | None = None
    image: Image | None = None
    nonce: str | None = None
    re: int | None = None
    quoted: "StoredRecord | None" = None
    """What it answers, as it is now: not kept with it, but read beside it. None when that has expired."""

    def whispered(self, to: Visitor) -> "Whisper":
        """Return the same said to one visitor alone."""
        return Whisper(**msgspec.structs.asdict(self), to=to)

    @property
    def answered(self) -> int | None:
        """The seq of what it answers."""
        return self.re

    def quoting(self, quoted: "StoredRecord | None") -> Self:
        """Return the same with what it answers."""
        return msgspec.structs.replace(self, quoted=quoted)

    def edited(self, chat: str, at_ms: int) -> Self:
        """Return it with another text, or caption."""
        changed = msgspec.structs.replace(self.changed, edited_at=at_ms)
        return msgspec.structs.replace(self, chat=chat, changed=changed)

    def deleted(self, by: Deleter) -> Self:
        """Return it without anything that was said in it."""
        gone = Changed(deleted=by)
        return msgspec.structs.replace(self, chat=None, image=None, re=None, quoted=None, changed=gone)

    def quote(self, *, excerpt: bool) -> Quote:
        """Return it as what another record answers; without an `excerpt`, only where that is."""
        if not excerpt:
            return Quote(self.id, self.seq, self.user)
        chat = self.chat[:QUOTED_LENGTH] if self.chat is not None else None
        return Quote(self.id, self.seq, self.user, chat, self.image.name if self.image else None, self.changed.deleted)

    def _answers(self) -> Quote | None:
        quoted = self.quoted
        return quoted.quote(excerpt=not isinstance(quoted, Whisper)) if quoted is not None else None

    def row(self) -> RecordRow:
        """Return it as it is kept."""
        image = self.image
        row = RecordRow(
            self.seq,
            self.room,
            self.visitor_id,
            self.user,
            self.created_at,
            self.chat,
            image.name if image else None,
            image.width if image else None,
            image.height if image else None,
            None,
            None,
            None,
            None,
            self.nonce,
            1 if image and image.poster else None,
            None,
            None,
            self.re,
        )
        return self._row(row)

    def wire(self, room_id: str, reader_id: int | None = None) -> Record:
        """Return the RECORD of the wire; only its own sender is shown the nonce."""
        image = self.image
        record = Record(
            id=self.id,
            seq=self.seq,
            room=room_id,
            user=self.user,
            created_at=timestamp(self.created_at),
            chat=self.chat,
            gif=image.name if image else None,
            width=image.width if image else None,
            height=image.height if image else None,
            poster=image.poster if image else None,
            nonce=self.nonce if reader_id == self.visitor_id and self.changed.deleted is None else None,
            re=self._answers(),
        )
        return self._wire(record, reader_id)


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

    def _answers(self) -> Quote | None:
        quoted = self.quoted
        both = quoted is not None and quoted.visible_to(self.to.id) and quoted.visible_to(self.visitor_id)
        return quoted.quote(excerpt=both) if quoted is not None else None


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
        row = RecordRow(
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
        return self._row(row)

    def wire(self, room_id: str, reader_id: int | None = None) -> Record:
        """Return the RECORD of the wire."""
        record = Record(
            id=self.id,
            seq=self.seq,
            room=room_id,
            user=SYSTEM,
            created_at=timestamp(self.created_at),
            chat=self.chat,
            event=self.event,
            subject=self.user,
            members=self.members,
        )
        return self._wire(record, reader_id)

    def quote(self, *, excerpt: bool) -> Quote:
        """Return it as what another record answers."""
        return Quote(self.id, self.seq, SYSTEM, self.chat[:QUOTED_LENGTH])


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
