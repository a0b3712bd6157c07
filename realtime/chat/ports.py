"""The chat's storage: one port for each kind of data, with its guarantees.

`db` implements them with SQLite and a folder; tests/ports/ tests every implementation. Guarantees of all of them:

- *Durable.* When a call returns, or its Deferred is settled, its changes are committed and survive a crash.
- *Atomic.* One call is one transaction unless its docstring says that it works in steps; a call that raises changes
  nothing. Consequences (a kick bans; deleting an image's last record deletes the image) are part of the transaction.
- *Ordered.* Calls of one method are committed, and their results delivered, in the order of the calls.
- *Errors.* Any call raises Storage when the disk or the database fails and after the store was closed. A call that
  changes something in a room raises NoSuchRoom if there is no such room, unless its docstring says that nothing happens
  then. Calls that return a Deferred raise TooFast (the disk does not keep up) and Storage (closed) immediately; other
  errors settle the Deferred.
- *Steps.* Other calls run between the steps of a call that works in steps.

A `room` is a room's key (`StoredRoom.key`). Times are milliseconds since the epoch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from realtime.chat.desk.ports import DeskStore, SeatStore
from realtime.chat.image_ports import ImageStore
from realtime.chat.model import Role, RoomRules, StoredRoom, StoredVisitor
from realtime.chat.records import RecordRow, StoredRecord
from realtime.deferred import Deferred

__all__ = [
    "RecordRow",  # re-exported, like StoredRecord, so that `db` imports them from the ports
    "RecordStore",
    "RoomStore",
    "StoredRecord",
    "Stores",
    "VisitorStore",
]

RECORD_BYTES = 200
"""What a record takes besides its text, with its entries in indexes."""


class RecordStore(Protocol):
    """The records of all rooms. It assigns `seq`, one sequence for the whole server, each number once.

    No number is assigned again: not after records or rooms are deleted, and not after a restart.
    """

    async def start(self) -> dict[int, int]:
        """Load the last assigned number; return the seq of the last record of each room that has records, by room.

        Must be called once, before anything else.
        """
        ...

    async def check(self) -> None:
        """Return if the storage can be written and read, without changing or adding anything.

        Raises Storage, caused by the error for the operator; it may also do so for some seconds after a write failed.
        """
        ...

    def next(self) -> tuple[int, int]:
        """Return a new record's seq, and its time."""
        ...

    @property
    def epoch(self) -> str:
        """A random word; within one epoch, a number identifies the same record forever.

        It survives restarts and crashes, and changes when the data is new or an older copy was restored: numbers may
        then be assigned again. After an undetected restore it is unchanged, and `last_seq` may be below a number that
        a client has. Known from `start` on.
        """
        ...

    @property
    def last_seq(self) -> int:
        """The last assigned number."""
        ...

    @property
    def reserve_due(self) -> bool:
        """Whether the numbers reserved for unstored records are about to run out."""
        ...

    async def reserve(self) -> None:
        """Reserve numbers for records that are not stored, so that they are not assigned again after a restart.

        Must be called before the first such record, and again when `reserve_due`.
        """
        ...

    @property
    def busy(self) -> bool:
        """Whether the disk does not keep up with the messages."""
        ...

    def append(self, record: StoredRecord) -> Deferred[bool]:
        """Store a record; resolves to True if it was stored, False if its nonce was used before.

        A visitor can use a nonce once per room: a repeated one stores and changes nothing.

        A system record and its effect are stored together:

        - `join`: the subject is granted the room and holds a place there since this seq, unless they hold one already;
          they no longer linger. One with a role is granted nothing, and is beside the places.
        - `exit`: they hold no place; with `lingers` they linger.
        - `owner`: they own the room.
        - `kick`: they hold no place and no grant, do not linger, and are banned.

        A record with an image makes it the latest of its room and of its sender (`ImageStore.recent`, `sent_by`), and
        takes over one use of it (`ImageStore.show`): deleting the record ends that use.

        - `name`: none; the visitor's name itself is stored by `VisitorStore.rename`.

        For a system record of an ephemeral or a read-only room only the effect is stored, not the line; its number
        counts as assigned. Visitors' messages there must not be appended.

        Fails with NoSuchRoom, Storage, or BadRequest when a text cannot be stored.
        """
        ...

    def change(self, record: StoredRecord) -> Deferred[bool]:
        """Replace the stored state of a record by this one, with its new `rev`.

        Resolves to True if it was stored, False if the record is gone. Changes and new records are committed in one
        order, that of the calls. Removing an image from its record ends that use of it.
        """
        ...

    async def get(self, room: int, seq: int) -> StoredRecord | None:
        """Return a record. Every record that is read includes the current state of what it quotes (`Said.quoted`)."""
        ...

    async def replies_to(self, room: int, seq: int) -> list[StoredRecord]:
        """Return the records that quote this one, oldest first."""
        ...

    async def by_nonce(self, room: int, visitor_id: int, nonce: str) -> StoredRecord | None:
        """Return what the visitor said in the room under `nonce`."""
        ...

    async def before(self, room: int, reader_id: int, before: int | None, limit: int) -> list[StoredRecord]:
        """Return the last `limit` records, or the last `limit` before seq `before`, oldest first.

        This, `after` and `search` return a whisper only to a reader who sent or received it.
        """
        ...

    async def public(self, room: int, after: int, limit: int) -> list[StoredRecord]:
        """Return the first `limit` records after seq `after`, oldest first, without whispers."""
        ...

    async def after(self, room: int, reader_id: int, after: int, limit: int) -> list[StoredRecord]:
        """Return the first `limit` records created or changed after position `after`, ordered by `position`."""
        ...

    async def search(  # noqa: PLR0913  reader, room and the query's parameters
        self, room: int, reader_id: int, text: str, *, before: int | None, limit: int
    ) -> tuple[list[StoredRecord], int | None]:
        """Return at most `limit` records that contain `text`, oldest first, and the `before` to continue with.

        The latter is None at the room's beginning. It examines few enough records not to be noticed by others, so it
        can find nothing although there is more to search. Texts are compared after `folded`; system records are not
        searched.
        """
        ...

    async def used_bytes(self, room: int | None) -> int:
        """Return about how much space a room's records take: `RECORD_BYTES` and its text's bytes each. None: all rooms.

        In all, what else is stored may count as well; what was deleted does not.
        """
        ...

    async def expire(self, room: int, before_ms: int) -> None:
        """Delete a room's records older than `before_ms`, in steps, except its last record."""
        ...


class RoomStore(Protocol):
    """Rooms, with their grants, places and bans, which are deleted with them.

    Places, owners and bans are written by system records: `RecordStore.append`.
    """

    async def load(self) -> list[StoredRoom]:
        """Return every room, oldest first."""
        ...

    async def grants(self) -> Sequence[tuple[int, int]]:
        """Return all grants, as (room, visitor id). A ban overrides a grant that was written at the same time."""
        ...

    async def members(self) -> Sequence[tuple[int, int, Role | None]]:
        """Return who is in each room, as (room, visitor id, role), the longest there first.

        Those with a role are beside the places.
        """
        ...

    def stand(self, room: int, visitor_id: int, role: Role | None) -> Deferred[bool]:
        """Store as what somebody in a room is there; nothing happens if they are not."""
        ...

    async def lingering(self) -> Sequence[tuple[int, int]]:
        """Return the lingering visitors, as (room, visitor id)."""
        ...

    async def bans(self) -> Sequence[tuple[int, int, str]]:
        """Return all bans, as (room, visitor id, colour)."""
        ...

    async def add(self, room: StoredRoom) -> int:
        """Store a new room with its owner's grant; return its key, never used before. `room.key` is ignored.

        While all rooms are frozen (`DeskStore.freeze_all`) it begins frozen.
        """
        ...

    async def change(self, key: int, title: str, max_members: int, password_hash: str | None, kept: bool) -> None:
        """Store changed settings. Nothing happens if there is no such room."""
        ...

    async def rule(self, key: int, rules: RoomRules) -> None:
        """Store what the teacher's desk has decided for a room. Nothing happens if there is no such room."""
        ...

    async def order(self, keys: Sequence[int]) -> None:
        """Store which rooms have a position, and in which order: from 1 on. All others have none."""
        ...

    def grant(self, key: int, visitor_id: int) -> Deferred[bool]:
        """Store a grant. Nothing happens if the visitor has one."""
        ...

    def end_lingering(self, key: int, visitor_id: int) -> Deferred[bool]:
        """Store that the visitor no longer lingers. Nothing happens if they did not, or the room is gone."""
        ...

    async def readmit(self, key: int, visitor_id: int) -> None:
        """Lift the visitor's ban. Nothing happens if there is none."""
        ...

    async def remove(self, key: int) -> None:
        """Delete the room and everything in it, in steps, except the files of its images (`ImageStore.clear`).

        Its records are deleted first and the room itself last, in one step with its grants, places and bans. It can be
        repeated after a failure. Nothing happens if there is no such room.
        """
        ...


class VisitorStore(Protocol):
    """Visitors. An id is never reused, even when its visitor was forgotten, because records keep it."""

    async def load(self) -> list[StoredVisitor]:
        """Return every known visitor."""
        ...

    async def last_id(self) -> int:
        """Return the highest id ever stored, 0 when there was none."""
        ...

    def add(self, visitor: StoredVisitor) -> Deferred[bool]:
        """Store a new visitor. Their session and colour must be unique."""
        ...

    def seen(self, visitor_id: int, at_ms: int) -> Deferred[bool]:
        """Store when the visitor was last seen. Nothing happens for an unknown one."""
        ...

    async def rename(self, visitor_id: int, name: str | None) -> None:
        """Store the name that a visitor has given themself, None for none. Nothing happens for an unknown visitor."""
        ...

    async def forget(self, before_ms: int) -> list[int]:
        """Delete visitors not seen since `before_ms` who hold no place and own no room; return their ids.

        What they sent stays, but is no longer listed as theirs.
        """
        ...


@dataclass(frozen=True)
class Stores:
    """All stores."""

    visitors: VisitorStore
    rooms: RoomStore
    records: RecordStore
    images: ImageStore
    desk: DeskStore
    seats: SeatStore
