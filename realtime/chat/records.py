"""The kinds of records: the fields of each, its database row, and its RECORD in the protocol. Pure.

    RecordBase       the fields common to all
     ├── Said        what a visitor said: a text, an image, or an image with a caption
     │    └── Whisper    the same, visible only to its sender and one other visitor
     └── SystemLine  something that happened in the room, as a line of text

A record's `seq` never changes. Each change assigns it a `rev` from the same counter, and the whole new state is stored
and sent: of two states of one record, the one with the higher `rev` is current. `position` is the place of its latest
state in the order of all records and changes.

Add new fields here, in `wire_forms.Record`, and in `RecordRow` or, for a field that only changes set, in `Changed`.
"""

from typing import ClassVar, NamedTuple, Self, TypeGuard

import msgspec

from realtime.chat.model import SYSTEM, Image, Role, SystemEvent, Visitor, poster_name, record_id, timestamp
from realtime.chat.wire_forms import Deleter, Quote, Reaction, Record
from realtime.errors import TooManyReactions

MAX_REACTIONS = 20  # different emoji per record
LISTED_USERS = 50  # per reaction
QUOTED_LENGTH = 140


class Changed(msgspec.Struct, frozen=True, omit_defaults=True):
    """The fields that only changes set. `reactions`: who gave each, in order; `edited_at` in milliseconds."""

    edited_at: int | None = None
    deleted: Deleter | None = None
    reactions: dict[str, tuple[Visitor, ...]] = {}


NEVER_CHANGED = Changed()


class RecordRow(NamedTuple):
    """A record's database row, in the order of the columns of `chats`; which of them are None determines its kind."""

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
    lingers: int | None = None  # 1: after this exit the room waits for its subject
    rev: int | None = None
    re: int | None = None  # the seq of the quoted record
    changed: str | None = None  # a Changed as JSON
    name: str | None = None
    role: Role | None = None
    flashes: int | None = None  # 1: the image must not play by itself

    def record(self) -> "StoredRecord":
        """Return the row as a record."""
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
                name=self.name,
                role=self.role,
                rev=rev,
                changed=changed,
            )
        image = None
        if self.gif is not None and self.width is not None and self.height is not None:
            poster = poster_name(self.gif) if self.moving else None
            image = Image(self.gif, self.width, self.height, poster, flashes=self.flashes is not None)
        said = Said(
            seq=seq,
            room=room,
            visitor_id=visitor_id,
            user=user,
            created_at=created_at,
            chat=self.chat,
            image=image,
            nonce=self.nonce,
            name=self.name,
            role=self.role,
            re=re,
            rev=rev,
            changed=changed,
        )
        if self.to_id is not None and self.to_user is not None:
            return said.whispered(Visitor(self.to_id, self.to_user))
        return said


class RecordBase(msgspec.Struct, frozen=True, kw_only=True):
    """The common fields. `room` is the room's key, `user` the visitor's colour, `created_at` in milliseconds.

    `name`: what the room called the visitor then; `role`: what they were besides a visitor.
    """

    seq: int
    room: int
    visitor_id: int
    user: str
    created_at: int
    name: str | None = None
    role: Role | None = None
    rev: int | None = None
    changed: Changed = NEVER_CHANGED

    @property
    def id(self) -> str:
        """Its `_id` in the protocol."""
        return record_id(self.seq, self.created_at)

    @property
    def position(self) -> int:
        """The place of its latest state in the order of all records and changes."""
        return self.seq if self.rev is None else self.rev

    @property
    def quoted_seq(self) -> int | None:
        """The seq of the quoted record."""
        return None

    def quoting(self, quoted: "StoredRecord | None") -> Self:
        """Return a copy that quotes this record."""
        return self

    def visible_to(self, reader_id: int) -> bool:
        """Return whether a visitor who can read the room can see this record."""
        return True

    def at(self, seq: int, created_at: int) -> Self:
        """Return a copy with another seq and time."""
        return msgspec.structs.replace(self, seq=seq, created_at=created_at)

    def unnamed(self) -> Self:
        """Return a copy without the visitor's name."""
        return self if self.name is None else msgspec.structs.replace(self, name=None)

    def revised(self, rev: int) -> Self:
        """Return a copy with this `rev`."""
        return msgspec.structs.replace(self, rev=rev)

    def reacted(self, who: Visitor, emoji: str, on: bool) -> Self:
        """Return a copy with or without a reaction; the record itself if nothing changes. Raises TooManyReactions."""
        given = self.changed.reactions.get(emoji, ())
        if on == (who in given):
            return self
        if on and not given and len(self.changed.reactions) >= MAX_REACTIONS:
            raise TooManyReactions
        now = (*given, who) if on else tuple(one for one in given if one != who)
        reactions = {**self.changed.reactions, emoji: now}
        if not now:
            del reactions[emoji]
        return self._with(msgspec.structs.replace(self.changed, reactions=reactions))

    def _with(self, changed: Changed) -> Self:
        return msgspec.structs.replace(self, changed=changed)

    def _row(self, row: "RecordRow") -> "RecordRow":
        """Return `row` with the fields common to all kinds."""
        if self.rev is None:
            return row
        changed = None if self.changed == NEVER_CHANGED else msgspec.json.encode(self.changed).decode()
        return row._replace(rev=self.rev, changed=changed)

    def _wire(self, record: Record, reader_id: int | None) -> Record:
        """Return `record` with the fields common to all kinds, as the reader sees it."""
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


class Said(RecordBase, frozen=True, kw_only=True):
    """What a visitor said to the room: a text, an image, or both."""

    sent_as: ClassVar[str] = "chat"

    chat: str | None = None
    image: Image | None = None
    nonce: str | None = None
    re: int | None = None
    quoted: "StoredRecord | None" = None
    """The quoted record in its current state, joined in when read. None if it has expired."""

    def whispered(self, to: Visitor) -> "Whisper":
        """Return it as a whisper to one visitor."""
        return Whisper(**msgspec.structs.asdict(self), to=to)

    @property
    def quoted_seq(self) -> int | None:
        """The seq of the quoted record."""
        return self.re

    def quoting(self, quoted: "StoredRecord | None") -> Self:
        """Return a copy that quotes this record."""
        return msgspec.structs.replace(self, quoted=quoted)

    def edited(self, chat: str, at_ms: int) -> Self:
        """Return a copy with another text or caption."""
        changed = msgspec.structs.replace(self.changed, edited_at=at_ms)
        return msgspec.structs.replace(self, chat=chat, changed=changed)

    def deleted(self, by: Deleter) -> Self:
        """Return a copy without its content."""
        gone = Changed(deleted=by)
        return msgspec.structs.replace(self, chat=None, image=None, re=None, quoted=None, changed=gone)

    def quote(self, *, excerpt: bool) -> Quote:
        """Return it as a quote; without an `excerpt`, only its id, seq and sender."""
        if not excerpt:
            return Quote(self.id, self.seq, self.user, name=self.name)
        chat, gif = (
            self.chat[:QUOTED_LENGTH] if self.chat is not None else None,
            self.image.name if self.image else None,
        )
        return Quote(self.id, self.seq, self.user, chat, gif, self.changed.deleted, self.name)

    def _answers(self) -> Quote | None:
        quoted = self.quoted
        return quoted.quote(excerpt=not isinstance(quoted, Whisper)) if quoted is not None else None

    def row(self) -> RecordRow:
        """Return its database row."""
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
            None,
            self.name,
            self.role,
            1 if image and image.flashes else None,
        )
        return self._row(row)

    def wire(self, room_id: str, reader_id: int | None = None) -> Record:
        """Return its RECORD; only the sender gets the nonce."""
        image = self.image
        record = Record(
            id=self.id,
            seq=self.seq,
            room=room_id,
            user=self.user,
            created_at=timestamp(self.created_at),
            name=self.name,
            chat=self.chat,
            gif=image.name if image else None,
            width=image.width if image else None,
            height=image.height if image else None,
            poster=image.poster if image else None,
            flashes=image is not None and image.flashes,
            nonce=self.nonce if reader_id == self.visitor_id and self.changed.deleted is None else None,
            re=self._answers(),
            role=self.role,
        )
        return self._wire(record, reader_id)


class Whisper(Said, frozen=True, kw_only=True):
    """What a visitor said to one other visitor."""

    sent_as: ClassVar[str] = "whisper"

    to: Visitor

    def visible_to(self, reader_id: int) -> bool:
        """Return whether the reader is the sender or the recipient."""
        return reader_id in (self.to.id, self.visitor_id)

    def row(self) -> RecordRow:
        """Return its database row."""
        return super().row()._replace(to_id=self.to.id, to_user=self.to.user)

    def wire(self, room_id: str, reader_id: int | None = None) -> Record:
        """Return its RECORD; only the sender gets the nonce."""
        return msgspec.structs.replace(super().wire(room_id, reader_id), to=self.to.user)

    def _answers(self) -> Quote | None:
        quoted = self.quoted
        both = quoted is not None and quoted.visible_to(self.to.id) and quoted.visible_to(self.visitor_id)
        return quoted.quote(excerpt=both) if quoted is not None else None


class SystemLine(RecordBase, frozen=True, kw_only=True):
    """Something that happened to a visitor. `members`: how many there are after a join or an exit.

    `name` is the subject's; of a `name` line, the new one, or None if they gave it up.

    `lingers`: after this exit the room waits for the visitor.
    """

    event: SystemEvent
    chat: str
    members: int | None = None
    lingers: bool = False

    @property
    def sent_as(self) -> str:
        """Its event name."""
        return self.event

    def row(self) -> RecordRow:
        """Return its database row."""
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
            name=self.name,
            role=self.role,
        )
        return self._row(row)

    def wire(self, room_id: str, reader_id: int | None = None) -> Record:
        """Return its RECORD."""
        record = Record(
            id=self.id,
            seq=self.seq,
            room=room_id,
            user=SYSTEM,
            created_at=timestamp(self.created_at),
            name=self.name,
            chat=self.chat,
            event=self.event,
            subject=self.user,
            members=self.members,
            role=self.role,
        )
        return self._wire(record, reader_id)

    def quote(self, *, excerpt: bool) -> Quote:
        """Return it as a quote."""
        return Quote(self.id, self.seq, SYSTEM, self.chat[:QUOTED_LENGTH])


StoredRecord = Said | SystemLine


def is_public(record: StoredRecord) -> TypeGuard[Said]:
    """Return whether somebody said it to the whole room."""
    return isinstance(record, Said) and not isinstance(record, Whisper)
