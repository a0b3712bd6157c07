"""What one person said, for the desk: in rooms without a password, and no whispers."""

from typing import Final

import msgspec

from realtime.chat.life import Rooms
from realtime.chat.ports import RecordStore
from realtime.chat.records import Said, is_public
from realtime.chat.room import Room
from realtime.chat.visitors import Visitors
from realtime.chat.wire_forms import Record
from realtime.errors import NotFound

NOBODY: Final = 0
"""Reads as a visitor who neither sent nor received a whisper."""
PAGE: Final = 50
STEP: Final = 250
STEPS: Final = 4
"""How far back each room is looked through, from its end or from `before`."""


class SayingsPage(msgspec.Struct, frozen=True):
    """What was said last, oldest first; `more`: there may be more before that."""

    chats: list[Record]
    more: bool
    ok: bool = True


class Sayings:
    """What people said in all rooms."""

    def __init__(self, rooms: Rooms, visitors: Visitors, records: RecordStore) -> None:
        self._rooms = rooms
        self._visitors = visitors
        self._records = records

    async def of(self, user: str, before: int | None) -> SayingsPage:
        """Return what a visitor said last, or last before a seq. Raises NotFound for an unknown colour, or Storage."""
        who = self._visitors.by_user(user)
        if who is None:
            raise NotFound
        found: list[tuple[Said, str]] = []
        more = False
        for room in self._rooms.newest_first():
            if room.password is None and room.has_known(who.id):
                said, older = await self._in_room(room, who.id, before)
                more |= older
                if room.password is None and not room.gone:
                    found += [(record, room.id) for record in said]
        found.sort(key=lambda one: one[0].seq)
        return SayingsPage([record.wire(room_id) for record, room_id in found[-PAGE:]], more or len(found) > PAGE)

    async def _in_room(self, room: Room, visitor_id: int, before: int | None) -> tuple[list[Said], bool]:
        """Return what a visitor said in a room, at least the last PAGE of it that was looked through; and if more."""
        found: list[Said] = []
        if room.ephemeral:
            rows = [row for row in room.recent.values() if before is None or row.seq < before]
            return [row for row in rows if is_public(row) and row.visitor_id == visitor_id], False
        for _ in range(STEPS):
            rows = await self._records.before(room.key, NOBODY, before, STEP)
            found = [row for row in rows if is_public(row) and row.visitor_id == visitor_id] + found
            if len(rows) < STEP:
                return found, False
            if len(found) >= PAGE:
                break
            before = rows[0].seq
        return found, True
