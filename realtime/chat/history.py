"""What was said in a room: its history, page by page, and searches in it."""

from collections.abc import Callable

from realtime.chat import policy
from realtime.chat.life import Rooms
from realtime.chat.model import Visitor
from realtime.chat.permissions import Act
from realtime.chat.ports import RecordStore
from realtime.chat.records import StoredRecord
from realtime.chat.turns import READING, Turns
from realtime.chat.wire_forms import Page, Record


class History:
    """The records of all rooms, for who may read them."""

    def __init__(self, rooms: Rooms, records: RecordStore) -> None:
        self._rooms = rooms
        self._records = records
        self.turns = Turns(READING)
        """Whoever reads over HTTP takes one of these first."""

    async def page(self, who: Visitor, room_id: str, before: int | None, limit: int) -> Page:
        """Return the last `limit` records, or those before seq `before`. Raises NoSuchRoom, NotAdmitted or Kicked."""
        room = self._rooms.where(who, Act.READ, room_id)
        covered = room.last_seq
        if room.ephemeral:
            return Page(chats=[], more=False, seq=covered)
        rows = await self._records.before(room.key, who.id, before, limit + 1)
        more, rows = len(rows) > limit, rows[-limit:]
        return Page(
            chats=[row.wire(room.id, who.id) for row in rows],
            more=more,
            seq=max(covered, rows[-1].seq) if rows else covered,
        )

    async def search(  # noqa: PLR0913  who asks for what, where, how much and how long
        self,
        who: Visitor,
        room_id: str,
        text: str,
        before: int | None,
        limit: int,
        *,
        wanted: Callable[[], bool] = lambda: True,
    ) -> tuple[list[Record], int | None]:
        """Return at most `limit` records that contain `text`, oldest first, and the seq to continue with, if any.

        It goes on for `policy.SEARCH_STEPS` and while it is `wanted`. Raises NoSuchRoom, NotAdmitted, Kicked or
        BadRequest.
        """
        self._rooms.where(who, Act.READ, room_id)
        text = policy.check_query(text)
        found: list[StoredRecord] = []
        for _ in range(policy.SEARCH_STEPS):
            room = self._rooms.where(who, Act.READ, room_id)
            rows, before = await self._records.search(room.key, who.id, text, before=before, limit=limit - len(found))
            found = rows + found
            if before is None or len(found) == limit or not wanted():
                break
        return [row.wire(room_id, who.id) for row in found], before
