"""An in-memory implementation of the chat's ports, for tests of the chat that do not need a database.

`Memory` is the disk: committed data is there for the next stores made on it. Changes take effect some turns of the loop
later, as with any disk. Images are real files, since the worker process reads them.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from db.uploads import Uploads
from realtime.chat.model import Role, RoomRules, StoredRoom, StoredVisitor, SystemEvent
from realtime.chat.ports import RECORD_BYTES, StoredRecord, Stores
from realtime.chat.records import Said, SystemLine, Whisper
from realtime.deferred import Deferred
from realtime.errors import BadRequest, DomainError, NoSuchRoom, Storage
from realtime.unicode import folded
from tests.ports.memory_desk import DeskMemory, MemoryDesk
from tests.ports.memory_images import ImageMemory, MemoryImages
from tests.ports.memory_seats import MemorySeats, SeatMemory

log = logging.getLogger("gifchat.db")

RESERVED = 1000
TURNS = 2  # of the loop that a write takes


@dataclass
class Memory:
    """The stored data."""

    rooms: dict[int, StoredRoom] = field(default_factory=dict)
    records: dict[int, dict[int, StoredRecord]] = field(default_factory=dict)  # by room, by seq
    grants: set[tuple[int, int]] = field(default_factory=set)  # room, visitor
    members: dict[tuple[int, int], tuple[int, Role | None]] = field(default_factory=dict)  # the seq of the join, role
    lingering: set[tuple[int, int]] = field(default_factory=set)
    bans: dict[tuple[int, int], str] = field(default_factory=dict)
    visitors: dict[int, StoredVisitor] = field(default_factory=dict)
    images: ImageMemory = field(default_factory=ImageMemory)
    desk: DeskMemory = field(default_factory=DeskMemory)
    seats: SeatMemory = field(default_factory=SeatMemory)
    epoch: str = field(default_factory=lambda: secrets.token_hex(8))
    last_room = 0
    last_visitor = 0
    used_seq = 0
    full = False  # it refuses writes
    closed = False
    under_way = 0

    def commit(self, work: Callable[[], bool | None]) -> Deferred[bool]:
        """Do `work` in a later turn; the result settles the returned Deferred. Raises Storage if closed."""
        if self.closed:
            raise Storage
        done: Deferred[bool] = Deferred()

        def run() -> None:
            self.under_way -= 1
            try:
                self.check_full()
                result = work()
            except DomainError as error:
                done.set_exception(error)
            else:
                done.set_result(result is not False)

        self.under_way += 1
        loop = asyncio.get_running_loop()
        loop.call_soon(loop.call_soon, run)
        return done

    async def turn(self, *, changes: bool = True) -> None:
        """Return when it is the call's turn. Raises Storage if closed, or if `changes` and full."""
        for _ in range(TURNS):
            if self.closed:
                raise Storage
            await asyncio.sleep(0)
        if changes:
            self.check_full()

    def check_full(self) -> None:
        """Raise Storage if the disk is full."""
        if self.full:
            log.error("storage: the memory is full")
            raise Storage

    def room(self, key: int) -> StoredRoom:
        """Return a room. Raises NoSuchRoom."""
        if key not in self.rooms:
            raise NoSuchRoom
        return self.rooms[key]

    def recorded(self, room: int, name: str) -> int:
        """Return an image's number of uses in a room; in an ephemeral one, without records, it is kept as it was."""
        if self.room(room).ephemeral:
            return self.images.uses[room, name]
        said = (one for one in self.records[room].values() if isinstance(one, Said))
        recorded = sum(one.image is not None and one.image.name == name for one in said)
        return recorded + self.desk.count(room, name)

    def looked_at(self, name: str, *, flashes: bool) -> None:
        """Note in the records of an image whether it flashes."""
        for records in self.records.values():
            for seq, record in records.items():
                if isinstance(record, Said) and record.image is not None and record.image.name == name:
                    records[seq] = replace(record, image=replace(record.image, flashes=flashes))

    def drop(self, record: StoredRecord) -> None:
        """Delete a record and its use of an image."""
        self.used_seq = max(self.used_seq, record.position)
        del self.records[record.room][record.seq]
        if isinstance(record, Said) and record.image is not None:
            self.images.give_back(record.room, record.image.name)

    def stores(self, uploads: Uploads) -> Stores:
        """Return stores on this data, as at a start of the server."""
        return Stores(
            visitors=MemoryVisitors(self),
            rooms=MemoryRooms(self),
            records=MemoryRecords(self),
            images=MemoryImages(self, uploads),
            desk=MemoryDesk(self),
            seats=MemorySeats(self),
        )


class MemoryRecords:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._last_seq = self._reserved = 0

    async def start(self) -> dict[int, int]:
        await self._memory.turn(changes=False)
        last_seqs = {
            room: max(one.position for one in records.values())
            for room, records in self._memory.records.items()
            if records
        }
        self._last_seq = max(self._memory.used_seq, *last_seqs.values(), 0)
        return last_seqs

    async def check(self) -> None:
        await self._memory.turn()

    def next(self) -> tuple[int, int]:
        self._last_seq += 1
        return self._last_seq, int(time.time() * 1000)

    @property
    def epoch(self) -> str:
        return self._memory.epoch

    @property
    def last_seq(self) -> int:
        return self._last_seq

    @property
    def reserve_due(self) -> bool:
        return self._last_seq + RESERVED // 2 > self._reserved

    async def reserve(self) -> None:
        await self._memory.turn()
        self._reserved = self._memory.used_seq = max(self._memory.used_seq, self._last_seq + RESERVED)

    @property
    def busy(self) -> bool:
        return False

    async def used_bytes(self, room: int | None) -> int:
        await self._memory.turn(changes=False)
        chosen = self._memory.records.values() if room is None else [self._memory.records.get(room, {})]
        all_records = [record for records in chosen for record in records.values()]
        return sum(RECORD_BYTES + len((record.row().chat or "").encode()) for record in all_records)

    def append(self, record: StoredRecord) -> Deferred[bool]:
        return self._memory.commit(lambda: self._append(record))

    def _append(self, record: StoredRecord) -> bool:
        memory = self._memory
        room = memory.room(record.room)
        try:
            (record.chat or "").encode()
        except UnicodeEncodeError as error:
            raise BadRequest from error
        if isinstance(record, Said) and record.nonce is not None:
            said = (one for one in memory.records[record.room].values() if isinstance(one, Said))
            if any((one.visitor_id, one.nonce) == (record.visitor_id, record.nonce) for one in said):
                return False
        memory.records[record.room][record.seq] = record
        if isinstance(record, Said) and record.nonce is not None:
            memory.desk.shown(record.room, record.visitor_id, record.nonce)
        if isinstance(record, SystemLine):
            self._make_true(record.event, record)
            if room.ephemeral or room.read_only:
                memory.drop(record)
        elif record.image is not None:
            memory.images.sent(record.room, record.visitor_id, record.image.name, record.seq)
        return True

    def change(self, record: StoredRecord) -> Deferred[bool]:
        return self._memory.commit(lambda: self._change(record))

    def _change(self, record: StoredRecord) -> bool:
        memory = self._memory
        memory.room(record.room)
        before = memory.records[record.room].get(record.seq)
        if before is None:
            return False
        memory.records[record.room][record.seq] = record.quoting(None)
        taken_out = isinstance(before, Said) and isinstance(record, Said) and before.image and not record.image
        if isinstance(before, Said) and before.image is not None and taken_out:
            memory.images.give_back(record.room, before.image.name)
        return True

    async def get(self, room: int, seq: int) -> StoredRecord | None:
        return next((one for one in await self._all(room) if one.seq == seq), None)

    async def replies_to(self, room: int, seq: int) -> list[StoredRecord]:
        return [one for one in await self._all(room) if one.quoted_seq == seq]

    def _make_true(self, event: SystemEvent, line: SystemLine) -> None:
        """Apply the effect of a system line."""
        memory, who = self._memory, (line.room, line.visitor_id)
        if event == "join":
            if line.role is None:
                memory.grants.add(who)
            memory.members.setdefault(who, (line.seq, line.role))
            memory.lingering.discard(who)
        elif event == "exit":
            memory.members.pop(who, None)
            if line.lingers:
                memory.lingering.add(who)
        elif event == "owner":
            memory.rooms[line.room] = memory.rooms[line.room]._replace(owner_id=line.visitor_id, owner=line.user)
        elif event == "kick":
            memory.members.pop(who, None)
            memory.grants.discard(who)
            memory.lingering.discard(who)
            memory.bans.setdefault(who, line.user)

    async def by_nonce(self, room: int, visitor_id: int, nonce: str) -> StoredRecord | None:
        for record in await self._all(room):
            if isinstance(record, Said) and (record.visitor_id, record.nonce) == (visitor_id, nonce):
                return record
        return None

    async def before(self, room: int, reader_id: int, before: int | None, limit: int) -> list[StoredRecord]:
        records = await self._all(room)
        seen = [one for one in records if one.visible_to(reader_id) and (before is None or one.seq < before)]
        return seen[-limit:]

    async def public(self, room: int, after: int, limit: int) -> list[StoredRecord]:
        return [one for one in await self._all(room) if one.seq > after and not isinstance(one, Whisper)][:limit]

    async def after(self, room: int, reader_id: int, after: int, limit: int) -> list[StoredRecord]:
        records = await self._all(room)
        later = [one for one in records if one.visible_to(reader_id) and one.position > after]
        return sorted(later, key=lambda one: one.position)[:limit]

    async def search(  # noqa: PLR0913  the port's
        self, room: int, reader_id: int, text: str, *, before: int | None, limit: int
    ) -> tuple[list[StoredRecord], int | None]:
        found: list[StoredRecord] = [
            one
            for one in await self.before(room, reader_id, before, 2**31)
            if isinstance(one, Said) and folded(text) in folded(one.chat or "")
        ]
        return (found[-limit:], found[-limit].seq) if len(found) >= limit else (found, None)

    async def expire(self, room: int, before_ms: int) -> None:
        await self._memory.turn()
        for record in list(self._memory.records.get(room, {}).values())[:-1]:
            if record.created_at < before_ms:
                self._memory.drop(record)

    async def _all(self, room: int) -> list[StoredRecord]:
        await self._memory.turn(changes=False)
        records = self._memory.records.get(room, {})
        return [record.quoting(records.get(record.quoted_seq or 0)) for _, record in sorted(records.items())]


class MemoryRooms:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def load(self) -> list[StoredRoom]:
        await self._memory.turn(changes=False)
        return list(self._memory.rooms.values())

    async def grants(self) -> list[tuple[int, int]]:
        await self._memory.turn(changes=False)
        return list(self._memory.grants)

    async def members(self) -> list[tuple[int, int, Role | None]]:
        await self._memory.turn(changes=False)
        members = sorted(self._memory.members.items(), key=lambda member: member[1][0])
        return [(room, visitor_id, role) for (room, visitor_id), (_, role) in members]

    def stand(self, key: int, visitor_id: int, role: Role | None) -> Deferred[bool]:
        def work() -> None:
            member = self._memory.members.get((key, visitor_id))
            if member is not None:
                self._memory.members[key, visitor_id] = member[0], role

        return self._memory.commit(work)

    async def lingering(self) -> list[tuple[int, int]]:
        await self._memory.turn(changes=False)
        return list(self._memory.lingering)

    async def bans(self) -> list[tuple[int, int, str]]:
        await self._memory.turn(changes=False)
        return [(room, visitor_id, user) for (room, visitor_id), user in self._memory.bans.items()]

    async def add(self, room: StoredRoom) -> int:
        await self._memory.turn()
        self._memory.last_room = key = self._memory.last_room + 1
        frozen = room.frozen or self._memory.desk.settings.get("frozen") is True
        self._memory.rooms[key] = room._replace(key=key, frozen=frozen)
        self._memory.records[key] = {}
        self._memory.grants.add((key, room.owner_id))
        return key

    async def change(self, key: int, title: str, max_members: int, password_hash: str | None, kept: bool) -> None:
        await self._memory.turn()
        if key in self._memory.rooms:
            self._memory.rooms[key] = self._memory.rooms[key]._replace(
                title=title, max=max_members, password_hash=password_hash, kept=kept
            )

    async def rule(self, key: int, rules: RoomRules) -> None:
        await self._memory.turn()
        if key in self._memory.rooms:
            self._memory.rooms[key] = self._memory.rooms[key]._replace(**rules._asdict())

    async def order(self, keys: Sequence[int]) -> None:
        await self._memory.turn()
        places = {key: place for place, key in enumerate(keys, 1)}
        rooms = self._memory.rooms
        rooms.update({key: room._replace(position=places.get(key)) for key, room in rooms.items()})

    def grant(self, key: int, visitor_id: int) -> Deferred[bool]:
        def work() -> None:
            self._memory.room(key)
            self._memory.grants.add((key, visitor_id))

        return self._memory.commit(work)

    def end_lingering(self, key: int, visitor_id: int) -> Deferred[bool]:
        return self._memory.commit(lambda: self._memory.lingering.discard((key, visitor_id)))

    async def readmit(self, key: int, visitor_id: int) -> None:
        await self._memory.turn()
        self._memory.bans.pop((key, visitor_id), None)

    async def remove(self, key: int) -> None:
        await self._memory.turn()
        memory = self._memory
        for record in list(memory.records.pop(key, {}).values()):
            memory.used_seq = max(memory.used_seq, record.position)
        memory.images.leave(key)
        memory.rooms.pop(key, None)
        memory.desk.leave(key)
        memory.grants = {who for who in memory.grants if who[0] != key}
        memory.lingering = {who for who in memory.lingering if who[0] != key}
        memory.members = {who: since for who, since in memory.members.items() if who[0] != key}
        memory.bans = {who: user for who, user in memory.bans.items() if who[0] != key}


class MemoryVisitors:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def load(self) -> list[StoredVisitor]:
        await self._memory.turn(changes=False)
        return list(self._memory.visitors.values())

    async def last_id(self) -> int:
        await self._memory.turn(changes=False)
        return self._memory.last_visitor

    def add(self, visitor: StoredVisitor) -> Deferred[bool]:
        def work() -> None:
            self._memory.visitors[visitor.id] = visitor
            self._memory.last_visitor = max(self._memory.last_visitor, visitor.id)

        return self._memory.commit(work)

    def seen(self, visitor_id: int, at_ms: int) -> Deferred[bool]:
        def work() -> None:
            if visitor_id in self._memory.visitors:
                self._memory.visitors[visitor_id] = self._memory.visitors[visitor_id]._replace(seen_at=at_ms)

        return self._memory.commit(work)

    async def rename(self, visitor_id: int, name: str | None) -> None:
        await self._memory.turn()
        if visitor_id in self._memory.visitors:
            self._memory.visitors[visitor_id] = self._memory.visitors[visitor_id]._replace(name=name)

    async def forget(self, before_ms: int) -> list[int]:
        await self._memory.turn()
        memory = self._memory
        needed = {who for _, who in memory.members} | {room.owner_id for room in memory.rooms.values()}
        gone = [one.id for one in memory.visitors.values() if one.seen_at < before_ms and one.id not in needed]
        for visitor_id in gone:
            del memory.visitors[visitor_id]
            memory.images.forget(visitor_id)
            memory.desk.forget(visitor_id)
            memory.seats.forget(visitor_id)
        return gone
