"""What visitors change of what was said: reactions, edits, deletions; and what they may answer.

Who may is asked when it is asked for, and again when its turn comes: much may happen in between.
"""

import time

from realtime.chat import policy
from realtime.chat.changes import Change, Changes
from realtime.chat.life import Rooms
from realtime.chat.model import Visitor
from realtime.chat.permissions import Act, may
from realtime.chat.policy import RateLimiter
from realtime.chat.records import Said, StoredRecord
from realtime.chat.room import Room
from realtime.clock import Clock
from realtime.deferred import Deferred
from realtime.errors import NotFound, NotYours, TooLate

A_REACTION = 1 / 3  # of a message, for the rate


class RecordService:
    """Changes records for visitors; `rate` is that of what they say."""

    def __init__(self, rooms: Rooms, changes: Changes, rate: RateLimiter, clock: Clock) -> None:
        self._rooms = rooms
        self._changes = changes
        self._rate = rate
        self._clock = clock

    async def quotable(self, who: Visitor, room_id: str, record_id: str) -> StoredRecord:
        """Return a record that the visitor may see, and so answer.

        Raises NoSuchRoom, Kicked, NotAdmitted, NotFound or Storage.
        """
        room = self._rooms.where(who, Act.SAY, room_id)
        record = await self._changes.load(room, policy.check_record_id(record_id))
        _check_visible(record, record_id, who)
        return record

    def react(self, who: Visitor, room_id: str, record_id: str, emoji: str, *, on: bool) -> Deferred[int]:
        """Give a reaction, or take it back; what is returned gives the `rev` of the record in which it is so.

        Raises NoSuchRoom, Kicked, NotAdmitted, BadRequest, NotFound or TooFast; later perhaps NotFound,
        TooManyReactions or Storage.
        """
        room, seq = self._rooms.where(who, Act.SAY, room_id), policy.check_record_id(record_id)
        policy.check_emoji(emoji)
        self._rate.take(who.id, self._clock.time(), A_REACTION)

        def reacted(record: StoredRecord) -> StoredRecord:
            _check_visible(record, record_id, who)
            if record.changed.deleted is not None:
                raise NotFound
            return record.reacted(who, emoji, on)

        return self._changes.make(room, seq, self._while_admitted(who, room, reacted))

    def edit(self, who: Visitor, room_id: str, record_id: str, chat: str) -> Deferred[int]:
        """Change one's own text or caption; what is returned gives the new `rev`.

        Raises as `post` does, and NotFound; later perhaps NotFound, NotYours, TooLate or Storage.
        """
        room, seq = self._rooms.where(who, Act.SAY, room_id), policy.check_record_id(record_id)
        chat = policy.check_chat(chat)
        self._rate.take(who.id, self._clock.time())

        def edited(record: StoredRecord) -> StoredRecord:
            _check_visible(record, record_id, who)
            if not isinstance(record, Said) or record.visitor_id != who.id:
                raise NotYours
            if record.changed.deleted is not None:
                raise NotFound
            now_ms = int(time.time() * 1000)
            if now_ms - record.created_at > policy.EDITABLE_MS:
                raise TooLate
            return record.edited(chat, now_ms)

        return self._changes.make(room, seq, self._while_admitted(who, room, edited))

    def delete(self, who: Visitor, room_id: str, record_id: str) -> Deferred[int]:
        """Delete one's own record, or any as the owner; what is returned gives the `rev` of what is left.

        Raises NoSuchRoom, Kicked, NotAdmitted, NotFound or TooFast; later perhaps NotFound, NotYours or Storage.
        """
        room, seq = self._rooms.where(who, Act.SAY, room_id), policy.check_record_id(record_id)
        self._rate.take(who.id, self._clock.time(), A_REACTION)

        def deleted(record: StoredRecord) -> StoredRecord:
            _check_visible(record, record_id, who)
            own = record.visitor_id == who.id
            if not isinstance(record, Said) or not (own or room.owner.id == who.id):
                raise NotYours
            return record if record.changed.deleted is not None else record.deleted("sender" if own else "owner")

        return self._changes.make(room, seq, self._while_admitted(who, room, deleted))

    def _while_admitted(self, who: Visitor, room: Room, change: Change) -> Change:
        """Return `change`, made only if the visitor still may when its turn comes."""

        def checked(record: StoredRecord) -> StoredRecord:
            may(who, Act.SAY, room)
            return change(record)

        return checked


def _check_visible(record: StoredRecord, record_id: str, who: Visitor) -> None:
    """Raise NotFound unless this is the record's `_id`, and the visitor may see it."""
    if record.id != record_id or not record.visible_to(who.id):
        raise NotFound
