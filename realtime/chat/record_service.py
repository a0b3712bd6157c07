"""What visitors do with existing records: react, edit, delete, reply.

Permissions are checked when a change is requested, and again when it is applied.
"""

import time

from realtime.chat import policy
from realtime.chat.changes import Change, Changes
from realtime.chat.desk.log import DeskLog
from realtime.chat.life import Rooms
from realtime.chat.model import Visitor
from realtime.chat.permissions import Act, may, may_delete, may_edit
from realtime.chat.rates import RateLimiter
from realtime.chat.records import StoredRecord, Whisper
from realtime.chat.room import Room
from realtime.chat.text_space import TextSpace
from realtime.clock import Clock
from realtime.deferred import Deferred
from realtime.errors import Held, NotFound, TooLate

REACTION_TOKENS = 1 / 3  # a reaction or deletion counts as a third of a message


class RecordService:
    """Changes records for visitors; `rate` is shared with their messages."""

    def __init__(  # noqa: PLR0913  its dependencies
        self, rooms: Rooms, changes: Changes, rate: RateLimiter, space: TextSpace, *, log: DeskLog, clock: Clock
    ) -> None:
        self._rooms = rooms
        self._changes = changes
        self._rate = rate
        self._space = space
        self._log = log
        self._clock = clock

    async def quotable(self, who: Visitor, room_id: str, record_id: str) -> StoredRecord:
        """Return a record that the visitor can see, and so reply to.

        Raises NoSuchRoom, Kicked, NotAdmitted, NotFound or Storage.
        """
        room = self._rooms.where(who, Act.SAY, room_id)
        record = await self._changes.load(room, policy.check_record_id(record_id))
        _check_visible(record, record_id, who)
        return record

    def react(self, who: Visitor, room_id: str, record_id: str, emoji: str, *, on: bool) -> Deferred[int]:
        """Add or remove a reaction; resolves to the `rev` of the state that includes the change.

        Raises NoSuchRoom, Kicked, NotAdmitted, BadRequest, NotFound or TooFast; the Deferred can fail with NotFound,
        TooManyReactions or Storage.
        """
        room, seq = self._rooms.where(who, Act.SAY, room_id), policy.check_record_id(record_id)
        policy.check_emoji(emoji)
        self._rate.take(who.id, self._clock.time(), REACTION_TOKENS)

        def reacted(record: StoredRecord) -> StoredRecord:
            _check_visible(record, record_id, who)
            self._check_whisper(who, record)
            if record.changed.deleted is not None:
                raise NotFound
            return record.reacted(who, emoji, on)

        return self._changes.make(room, seq, self._while_allowed(who, Act.SAY, room, reacted))

    def edit(self, who: Visitor, room_id: str, record_id: str, chat: str) -> Deferred[int]:
        """Change the visitor's own text or caption; resolves to the new `rev`.

        Raises what `post` raises, and NotFound; the Deferred can fail with NotFound, NotYours, TooLate, Held or
        Storage.
        """
        room, seq = self._rooms.where(who, Act.SAY, room_id), policy.check_record_id(record_id)
        chat = policy.check_chat(chat)
        self._rate.take(who.id, self._clock.time())
        self._space.take(room, len(chat))

        def edited(record: StoredRecord) -> StoredRecord:
            _check_visible(record, record_id, who)
            self._check_whisper(who, record)
            own = may_edit(who, record)
            if record.changed.deleted is not None:
                raise NotFound
            if not self._rooms.journal.ages.is_within(record):
                raise TooLate
            if not isinstance(record, Whisper) and self._rooms.filter.reason(who, room, chat) is not None:
                raise Held
            return own.edited(chat, int(time.time() * 1000))

        return self._changes.make(room, seq, self._while_allowed(who, Act.SAY, room, edited))

    def delete(self, who: Visitor, room_id: str, record_id: str) -> Deferred[int]:
        """Delete the visitor's own record, or any as the owner or a teacher; resolves to the `rev` of what is left.

        Raises NoSuchRoom, Kicked, NotAdmitted, NotFound or TooFast; the Deferred can fail with NotFound, NotYours or
        Storage.
        """
        room, seq = self._rooms.where(who, Act.ERASE, room_id), policy.check_record_id(record_id)
        self._rate.take(who.id, self._clock.time(), REACTION_TOKENS)

        def deleted(record: StoredRecord) -> StoredRecord:
            _check_visible(record, record_id, who)
            said, by = may_delete(who, record, room, self._rooms.house)
            if said.changed.deleted is not None:
                return said
            if by == "teacher":
                changing.add_done_callback(noted)
            return said.deleted(by)

        def noted(changed: Deferred[int]) -> None:
            if changed.exception() is None:
                self._log.note_soon(who, "delete", room=room_id, record=record_id)

        changing = self._changes.make(room, seq, self._while_allowed(who, Act.ERASE, room, deleted))
        return changing

    def _check_whisper(self, who: Visitor, record: StoredRecord) -> None:
        """Raise NotAllowed for a whisper while there may be none."""
        if isinstance(record, Whisper):
            self._rooms.house.check_allowed(who, "whispers")

    def _while_allowed(self, who: Visitor, act: Act, room: Room, change: Change) -> Change:
        """Return `change` with a permission check for when it is applied."""

        def checked(record: StoredRecord) -> StoredRecord:
            may(who, act, room, self._rooms.house)
            return change(record)

        return checked


def _check_visible(record: StoredRecord, record_id: str, who: Visitor) -> None:
    """Raise NotFound unless this is the record's `_id` and the visitor can see it."""
    if record.id != record_id or not record.visible_to(who.id):
        raise NotFound
