"""Taking a room's conversation home: what everybody in it may see, from its beginning.

No whisper, and nothing of what was deleted. A room can be large, so it is read page by page, and again for each pass.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Final

import msgspec

from realtime.chat.desk.ports import DeskStore, JsonValue
from realtime.chat.gallery import ImageExaminer
from realtime.chat.life import Rooms
from realtime.chat.model import SYSTEM, RoomView, Visitor, timestamp
from realtime.chat.permissions import Act
from realtime.chat.ports import RecordStore
from realtime.chat.room import Room
from realtime.chat.turns import TurnRules, Turns
from realtime.chat.wire_forms import Quote, Record
from realtime.errors import DomainError, NotAllowed

PAGE: Final = 100  # records; between two pages the chat continues
LOG_LENGTH: Final = 10_000
"""All that is kept."""
THUMB_SIDE: Final = 320
"""In pixels: of an image in the index, on a high-density screen."""
EXPORTING: Final = TurnRules(at_once=64, each=0, in_all=0, most_gives_way=False)
"""One for each visitor, and nobody waits: an export lasts as long as its reader takes."""


class Conversation:
    """One room's conversation up to when it was opened."""

    def __init__(
        self, allowed: Callable[[], Room], records: RecordStore, desk: DeskStore | None = None, *, names: bool
    ) -> None:
        """`allowed` returns the room, or raises if the reader may not read it any more; it is asked for each page.

        Without `names`, no record tells how anybody is called. `desk`: for whom may read its log.
        """
        room = allowed()
        self.room: RoomView = room.view()
        self._until = room.last_seq
        self._allowed = allowed
        self._records = records
        self._names = names
        self._desk = desk

    async def pages(self) -> AsyncIterator[list[Record]]:
        """Yield the records, oldest first. Raises what `allowed` raises, and Storage."""
        after = 0
        while True:
            room = self._allowed()
            rows = await self._records.public(room.key, after, PAGE)
            told = [row.wire(room.id) for row in rows if row.seq <= self._until]
            yield [
                told_to_all(record) if self._names else nameless(told_to_all(record))
                for record in told
                if self._names or record.event != "name"
            ]
            if len(rows) < PAGE or rows[-1].seq > self._until:
                return
            after = rows[-1].seq

    async def log(self) -> list[dict[str, JsonValue]]:
        """Return what the desk did in this room, and in all rooms while there was this one, oldest first.

        Empty for whom may not read that. A seat's label may be somebody's name, and is left out. Raises Storage.
        """
        room = self._allowed()
        entries = await self._desk.log(LOG_LENGTH) if self._desk is not None else []
        return [
            {"at": timestamp(one.at_ms), **{key: value for key, value in one.entry.items() if key != "seat"}}
            for one in reversed(entries)
            if "room" in one.entry
            and (one.entry["room"] == room.id or (one.entry["room"] is None and one.at_ms >= room.created_at))
        ]


class Exports:
    """The conversations of all rooms, for who may take them home."""

    def __init__(self, rooms: Rooms, records: RecordStore, desk: DeskStore, examiner: ImageExaminer) -> None:
        self._rooms = rooms
        self._records = records
        self._desk = desk
        self._examiner = examiner
        self.turns = Turns(EXPORTING)
        """An owner who takes a conversation home takes one of these first."""
        self.turns_at_desk = Turns(EXPORTING)
        """The teacher, one of these: owners cannot use them up."""
        self.making = asyncio.Lock()
        """Held while a piece of a file is made, not while it is sent: all exports together are no more than one."""

    async def thumbnail(self, name: str) -> bytes | None:
        """Return a stored still image as a small WebP; None if it cannot be made now."""
        with contextlib.suppress(DomainError):
            return await self._examiner.shrink(name, THUMB_SIDE)
        return None

    def of_owner(self, who: Visitor, room_id: str, *, names: bool) -> Conversation:
        """Return a room's conversation for its owner. Raises NoSuchRoom, NotOwner, or NotAllowed to the teacher."""
        _check_seen(who, self._rooms.where(who, Act.EXPORT, room_id))
        return Conversation(lambda: self._rooms.where(who, Act.EXPORT, room_id), self._records, names=names)

    def of_teacher(self, who: Visitor, room_id: str, *, names: bool) -> Conversation:
        """Return a room's conversation, with what the desk did. Raises NoSuchRoom or NotAllowed."""
        _check_seen(who, self._rooms.of(room_id))
        return Conversation(lambda: self._rooms.of(room_id), self._records, self._desk, names=names)


def _check_seen(who: Visitor, room: Room) -> None:
    """Nobody is watched in secret: a teacher reads a locked room of others only where its people see them."""
    if room.password and who.id != room.owner.id and who.id not in room.occupancy:
        raise NotAllowed(reason="unseen")


def told_to_all(record: Record) -> Record:
    """Return a record without a quote of which others are told nothing: a whisper's."""
    quote = record.re
    is_told = quote is None or quote.chat is not None or quote.gif is not None or quote.deleted is not None
    return record if is_told else msgspec.structs.replace(record, re=None)


def nameless(record: Record) -> Record:
    """Return a record without names. What people wrote stays as it is."""
    return msgspec.structs.replace(record, name=None, re=record.re and _nameless_quote(record.re))


def _nameless_quote(quote: Quote) -> Quote | None:
    """Return a quote without names; None for one of a system line, which may tell one."""
    return None if quote.user == SYSTEM else msgspec.structs.replace(quote, name=None)
