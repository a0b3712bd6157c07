"""The teacher's desk's part of tests/ports/memory.py."""

from dataclasses import dataclass, field
from typing import Protocol

from realtime.chat.desk.ports import DeskBan, HeldRow, JsonValue, LogEntry, Mute, Subject
from realtime.chat.model import StoredRoom
from realtime.errors import NoSuchRoom
from tests.ports.memory_images import ImageMemory


@dataclass
class DeskMemory:
    """The rows."""

    settings: dict[str, JsonValue] = field(default_factory=dict)
    mutes: list[Mute] = field(default_factory=list)
    bans: dict[Subject, str] = field(default_factory=dict)
    held: dict[str, HeldRow] = field(default_factory=dict)
    log: list[LogEntry] = field(default_factory=list)

    def leave(self, room: int) -> None:
        """Delete what belongs to a room that is gone."""
        self.mutes = [mute for mute in self.mutes if mute.room != room]
        self.held = {one: row for one, row in self.held.items() if row.room != room}

    def shown(self, room: int, visitor_id: int, nonce: str) -> None:
        """Delete what was held, which was said now under its nonce."""
        key = room, visitor_id, nonce
        self.held = {one: row for one, row in self.held.items() if (row.room, row.visitor_id, row.nonce) != key}

    def count(self, room: int, image: str) -> int:
        """Return how often an image waits in a room."""
        return sum((row.room, row.gif) == (room, image) for row in self.held.values())

    def forget(self, visitor_id: int) -> None:
        """Delete what belongs to a visitor who was forgotten."""
        self.mutes = [mute for mute in self.mutes if mute.subject.visitor_id != visitor_id]


class DeskDisk(Protocol):
    """Where it is."""

    rooms: dict[int, StoredRoom]
    desk: DeskMemory
    images: ImageMemory

    async def turn(self, *, changes: bool = True) -> None: ...


class MemoryDesk:
    def __init__(self, memory: DeskDisk) -> None:
        self._memory = memory

    async def settings(self) -> dict[str, JsonValue]:
        return dict((await self._read()).settings)

    async def set(self, key: str, value: JsonValue) -> None:
        await self._memory.turn()
        self._memory.desk.settings[key] = value

    async def freeze_all(self, on: bool) -> None:
        await self.set("frozen", on)
        rooms = self._memory.rooms
        rooms.update({key: room._replace(frozen=on) for key, room in rooms.items()})

    async def mutes(self) -> list[Mute]:
        return list((await self._read()).mutes)

    async def mute(self, mute: Mute) -> None:
        await self._memory.turn()
        if mute.room is not None and mute.room not in self._memory.rooms:
            raise NoSuchRoom
        desk = self._memory.desk
        desk.mutes = [one for one in desk.mutes if one[:2] != mute[:2]] + [mute]

    async def unmute(self, subject: Subject, room: int | None) -> None:
        await self._memory.turn()
        desk = self._memory.desk
        desk.mutes = [one for one in desk.mutes if one.subject != subject or room not in (None, one.room)]

    async def end_mutes(self, now_ms: int) -> None:
        await self._memory.turn()
        self._memory.desk.mutes = [one for one in self._memory.desk.mutes if one.until_ms > now_ms]

    async def bans(self) -> list[DeskBan]:
        return [DeskBan(*ban) for ban in (await self._read()).bans.items()]

    async def ban(self, ban: DeskBan) -> None:
        await self._memory.turn()
        self._memory.desk.bans.setdefault(ban.subject, ban.user)

    async def unban(self, subject: Subject) -> None:
        await self._memory.turn()
        self._memory.desk.bans.pop(subject, None)

    async def held(self) -> list[HeldRow]:
        return sorted((await self._read()).held.values(), key=lambda row: (row.created_at, row.id))

    async def hold(self, row: HeldRow) -> None:
        await self._memory.turn()
        if row.room not in self._memory.rooms:
            raise NoSuchRoom
        self._memory.desk.held[row.id] = row

    async def drop(self, held_id: str) -> None:
        await self._memory.turn()
        row = self._memory.desk.held.pop(held_id, None)
        if row is not None and row.gif is not None:
            self._memory.images.give_back(row.room, row.gif)

    async def note(self, entry: LogEntry) -> None:
        await self._memory.turn()
        self._memory.desk.log = [*self._memory.desk.log, entry]

    async def log(self, limit: int) -> list[LogEntry]:
        return (await self._read()).log[::-1][:limit]

    async def _read(self) -> DeskMemory:
        await self._memory.turn(changes=False)
        return self._memory.desk
