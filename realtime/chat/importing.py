"""Reading a saved conversation (realtime/chat/saved.py) that may come from anywhere: every line is checked.

The records get new numbers, in their order, and their people ids that no visitor has: who they are is known by colour
only. What they quote is kept where it is in the file. Nothing here writes.
"""

import binascii
import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Final, NamedTuple, TypeVar

import msgspec

from realtime.chat import policy
from realtime.chat.model import IMAGE_NAME, SYSTEM, RoomView, Visitor
from realtime.chat.names import check_name
from realtime.chat.ports import RECORD_BYTES, RecordRow
from realtime.chat.records import LISTED_USERS, MAX_REACTIONS, Changed
from realtime.chat.saved import Closing, Counts, Opening
from realtime.chat.wire_forms import Record
from realtime.errors import DomainError, StartError

LINE_BYTES: Final = 64 * 1024 * 1024
"""More than any line with an image: a longer one is no line of ours."""
MOST_RECORDS: Final = 1_000_000
MOST_GIVERS: Final = 10_000
"""Of one reaction: nobody is in a room with more."""
READERS: Final = 40
"""How many can read at least: a class, also what a small group of it said."""
MISSING: Final = "🖼"
"""What is shown of an image that was gone when the file was written, and had no caption."""

_COLOUR: Final = re.compile(r"#[0-9a-f]{6}", re.ASCII)
_IMAGE: Final = re.compile(IMAGE_NAME, re.ASCII)
_UNLISTED: Final = Visitor(-1, "#000000")
_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)

T = TypeVar("T")


class ImageLine(NamedTuple):
    """A line with an image's file."""

    name: str
    content: bytes


class LogLine(NamedTuple):
    """A line of the desk's log, which is not imported."""


class SkippedImage(NamedTuple):
    """A line with an image that was not asked for."""


SavedLine = Opening | ImageLine | SkippedImage | LogLine | Record | Closing


class SavedFile:
    """A file that is read from its beginning, line by line."""

    def __init__(self, file: BinaryIO) -> None:
        self.number = 0
        """Of the line that was read last."""
        self._file = file

    def lines(self, *, images: bool) -> Iterator[SavedLine]:
        """Yield all lines, in the order that they must have; without `images` those are skipped. Raises StartError."""
        self._file.seek(0)
        self.number = records = images_found = 0
        closing: Closing | None = None
        while raw := self._file.readline(LINE_BYTES + 1):
            self.number += 1
            if closing is not None:
                raise self.wrong("there is something after the end")
            line = self._line(raw, images=images)
            if isinstance(line, Opening) is not (self.number == 1):
                raise self.wrong("the first line, and only that, must be the room's")
            records += isinstance(line, Record)
            images_found += isinstance(line, ImageLine | SkippedImage)
            if records > MOST_RECORDS:
                raise self.wrong(f"there are more than {MOST_RECORDS} messages")
            if isinstance(line, Closing):
                closing = line
                if closing.end != Counts(records, images_found):
                    raise self.wrong("the numbers of messages and images are not those of the file")
            yield line
        if closing is None:
            self.number += 1
            raise self.wrong("the file is cut: its last line is missing")

    def wrong(self, what: str) -> StartError:
        """Return the error for the line that was read last."""
        return StartError(f"line {self.number}: {what}")

    def _line(self, raw: bytes, *, images: bool) -> SavedLine:
        if not raw.endswith(b"\n"):
            raise self.wrong("the file is cut" if len(raw) <= LINE_BYTES else "the line is too long")
        fields = self._decoded(raw, dict[str, msgspec.Raw])
        if "gifchat" in fields:
            if bytes(fields["gifchat"]) != b"1":
                raise self.wrong("this gifchat does not know this version of the format")
            return self._decoded(raw, Opening)
        if "end" in fields:
            return self._decoded(raw, Closing)
        if "log" in fields:
            return LogLine()
        if "image" not in fields:
            return self._decoded(raw, Record)
        return self._image(fields) if images else SkippedImage()

    def _image(self, fields: Mapping[str, msgspec.Raw]) -> ImageLine:
        name = self._decoded(bytes(fields["image"]), str)
        if not _IMAGE.fullmatch(name):
            raise self.wrong("this is no name of an image")
        try:
            encoded = self._decoded(bytes(fields.get("data", b"null")), str)
            return ImageLine(name, binascii.a2b_base64(encoded, strict_mode=True))
        except (binascii.Error, ValueError) as error:
            raise self.wrong("the image is not in base64") from error

    def _decoded(self, raw: bytes, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(raw, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise self.wrong(str(error)) from error


class StoredImage(NamedTuple):
    """An image of the file as it is stored here."""

    name: str
    width: int
    height: int
    moving: bool
    flashes: bool = False


@dataclass
class Renumbering:
    """Makes rows of records: `first` is the seq of the first of them, `first_rev` the first number of a change."""

    first: int = 1
    first_rev: int = 1
    space_bytes: float = float("inf")
    images: dict[str, StoredImage] = field(default_factory=dict)
    _seqs: dict[int, int] = field(default_factory=dict)
    _people: dict[str, Visitor] = field(default_factory=dict)
    _last: int = 0
    _revs: int = 0

    @property
    def count(self) -> int:
        """How many records there were."""
        return len(self._seqs)

    def row(self, record: Record) -> RecordRow:
        """Return the next record's row; its room is 0. Raises ValueError with what is wrong, or a DomainError."""
        _require(record.to is None, "a whisper cannot be imported")
        _require(record.seq > self._last, "the messages are not in order")
        self._last = record.seq
        seq = self._seqs[record.seq] = self.first + len(self._seqs)
        is_system = record.user == SYSTEM
        who = self._person(record.subject or "" if is_system else record.user)
        row = RecordRow(
            seq,
            0,
            who.id,
            who.user,
            _milliseconds(record.created_at),
            name=check_name(record.name).text if record.name is not None else None,
        )
        row = self._system(row, record) if is_system else self._said(row, record)
        changed = self._changed(record)
        self.space_bytes -= RECORD_BYTES + len((row.chat or "").encode())
        _require(self.space_bytes >= 0, "there is more text than a room may have (--quota)")
        if record.rev is None and changed == Changed():
            return row
        self._revs += 1
        return row._replace(rev=self.first_rev + self._revs - 1, changed=msgspec.json.encode(changed).decode())

    def _system(self, row: RecordRow, record: Record) -> RecordRow:
        _require(record.event is not None and record.gif is None and record.deleted is None, "this is no system record")
        members = record.members
        _require(members is None or 0 <= members < 2**53, "this is no number of people")
        return row._replace(event=record.event, members=members, chat=policy.check_chat(record.chat or ""))

    def _said(self, row: RecordRow, record: Record) -> RecordRow:
        _require(record.event is None, "only the system has events")
        row = row._replace(role=record.role)
        if record.deleted is not None:
            _require(record.chat is None and record.gif is None, "a deleted message has no content")
            return row
        _require(record.chat is not None or record.gif is not None, "the message is empty")
        row = row._replace(re=self._seqs.get(record.re.seq) if record.re is not None else None)
        chat = policy.check_chat(record.chat) if record.chat is not None else None
        if record.gif is None:
            return row._replace(chat=chat)
        image = self.images.get(record.gif)
        if image is None:
            return row._replace(chat=chat or MISSING)
        return row._replace(
            chat=chat,
            gif=image.name,
            width=image.width,
            height=image.height,
            moving=1 if image.moving else None,
            flashes=1 if image.flashes else None,
        )

    def _changed(self, record: Record) -> Changed:
        given = {} if record.deleted is not None else record.reactions or {}
        _require(len(given) <= MAX_REACTIONS, "there are too many reactions")
        return Changed(
            edited_at=_milliseconds(record.edited_at) if record.edited_at is not None else None,
            deleted=record.deleted,
            reactions={
                policy.check_emoji(emoji): self._givers(reaction.users, reaction.count)
                for emoji, reaction in given.items()
            },
        )

    def _givers(self, users: list[str], count: int) -> tuple[Visitor, ...]:
        _require(len(set(users)) == len(users) <= min(count, LISTED_USERS), "this is no reaction")
        _require(
            1 <= count <= MOST_GIVERS and (count == len(users) or len(users) == LISTED_USERS), "this is no reaction"
        )
        unlisted = (
            Visitor(_UNLISTED.id - MOST_RECORDS - number, _UNLISTED.user) for number in range(count - len(users))
        )
        return (*map(self._person, users), *unlisted)

    def _person(self, user: str) -> Visitor:
        _require(_COLOUR.fullmatch(user) is not None, "this is no colour of a person")
        return self._people.setdefault(user, Visitor(-1 - len(self._people), user))


def check_room(room: RoomView, most: int) -> tuple[str, int, int]:
    """Return a room's title, size and time of making. Raises a DomainError, or ValueError with what is wrong."""
    return policy.check_title(room.title), min(max(room.max, READERS), most), _milliseconds(room.created_at)


def _milliseconds(iso: str) -> int:
    try:
        moment = datetime.datetime.fromisoformat(iso)
    except ValueError:
        raise ValueError("this is no time") from None
    _require(moment.tzinfo is not None, "this is no time")
    passed = (moment - _EPOCH) // datetime.timedelta(milliseconds=1)
    _require(passed >= 0, "this is no time")
    return passed


def _require(condition: bool, what: str) -> None:
    if not condition:
        raise ValueError(what)


def told(error: Exception) -> str:
    """Return what is wrong with a record, in English: a domain error's text is for visitors."""
    return error.code.replace("_", " ") if isinstance(error, DomainError) else str(error)
