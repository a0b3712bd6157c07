"""A live room: what the server knows of it now. All of it is also in the database, but for timers and sockets."""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from realtime.chat.model import RoomView, StoredRoom, Visitor, timestamp
from realtime.chat.ownership import Ownership
from realtime.chat.passwords import RoomPassword
from realtime.chat.records import Record, Said, StoredRecord
from realtime.clock import Timer
from realtime.deferred import Deferred
from realtime.occupancy import Occupancy

REMEMBERED_NONCES = 1000
RECENT = 200  # records kept in memory; of an ephemeral room all that can be changed and quoted (docs/protocol.md)

Undo = Callable[[], None]
"""Takes a change back whose storing failed."""


@dataclass(slots=True, eq=False)
class Seat:
    """A socket's visitor, where they connect from, and the rooms this socket is in."""

    who: Visitor
    address: str
    rooms: set[str] = field(default_factory=set)


class CatchUp:
    """A socket that reads what it missed: records committed meanwhile are kept for it, so that none falls between."""

    __slots__ = ("reader_id", "records")

    def __init__(self, reader_id: int) -> None:
        self.reader_id = reader_id
        self.records: list[StoredRecord] = []

    def after(self, rows: list[StoredRecord], position: int) -> list[StoredRecord]:
        """Return `rows`, which were read, and what came meanwhile behind the last of them: each record once, as it is.

        Behind `position`, if there are none.
        """
        read_to = rows[-1].position if rows else position
        latest = {record.seq: record for record in rows}
        for record in self.records:
            if record.position > read_to:
                latest[record.seq] = record
        return sorted(latest.values(), key=lambda record: record.position)


class Settings(NamedTuple):
    """What an owner can change of a room."""

    title: str
    max: int
    password: RoomPassword | None
    kept: bool


class Room:
    """One room. Its state is read from anywhere and changed by its own methods only.

    - Nobody is both in `grants` (who may post and read) and in `bans` (who was kicked, id → colour).
    - Who has a place in `occupancy` is in `grants`; with their join record under way, they are in `joining`.
    - A socket in `catching_up` gets nothing live: what is committed meanwhile is kept for it.
    - `recent` holds the last records as they are now, in the order of their commits, and so all that answer them. Of a
      stored room's records it holds only what was said.
    - `last_seq` is that of the last record, or change of one, that was committed or relayed, and never goes back.
    - Once `gone`, a room has no timer, and never comes back.
    """

    __slots__ = (
        "bans",
        "catching_up",
        "changing",
        "created_at",
        "ephemeral",
        "gone",
        "grants",
        "id",
        "joining",
        "key",
        "last_seq",
        "occupancy",
        "ownership",
        "recent",
        "relayed",
        "settings",
        "timer",
    )

    def __init__(self, stored: StoredRoom, unentered_until: float) -> None:
        password = RoomPassword(stored.password_hash) if stored.password_hash else None
        self.key = stored.key
        self.id = stored.id
        self.ephemeral = stored.ephemeral
        self.created_at = stored.created_at
        self.settings = Settings(stored.title, stored.max, password, stored.kept)
        self.ownership = Ownership(Visitor(stored.owner_id, stored.owner), unentered_until)
        self.occupancy = Occupancy(stored.max, unentered_until)
        self.grants = {stored.owner_id}
        self.bans: dict[int, str] = {}
        self.last_seq = 0
        self.gone = False
        self.changing = asyncio.Lock()  # held while the owner's change is stored, so that it can be taken back
        self.timer: Timer | None = None
        self.joining: dict[int, Deferred[Record]] = {}  # join records under way, by visitor
        self.catching_up: dict[str, CatchUp] = {}  # by socket id
        self.recent: OrderedDict[int, StoredRecord] = OrderedDict()  # by seq
        self.relayed: OrderedDict[tuple[int, str], Record] = OrderedDict()  # an ephemeral room's nonces

    @property
    def owner(self) -> Visitor:
        """Who owns the room."""
        return self.ownership.owner

    @property
    def password(self) -> RoomPassword | None:
        """What it takes to be admitted."""
        return self.settings.password

    @property
    def kept(self) -> bool:
        """Whether it stays when it is empty."""
        return self.settings.kept

    def view(self) -> RoomView:
        """Return what anybody may know of the room."""
        return RoomView(
            id=self.id,
            title=self.settings.title,
            max=self.settings.max,
            owner=self.owner.user,
            password=self.password is not None,
            ephemeral=self.ephemeral,
            kept=self.kept,
            members=len(self.occupancy),
            created_at=timestamp(self.created_at),
        )

    # Who may be here

    def admit(self, visitor_id: int) -> None:
        """Let a visitor post and read, who was not kicked."""
        assert visitor_id not in self.bans
        self.grants.add(visitor_id)

    def ban(self, who: Visitor) -> Undo:
        """Let a visitor, who was not kicked before, post and read no longer, and not come in again."""
        assert who.id not in self.bans
        granted = who.id in self.grants
        self.bans[who.id] = who.user
        self.grants.discard(who.id)

        def undo() -> None:
            self.readmit(who.id)
            if granted:
                self.admit(who.id)

        return undo

    def readmit(self, visitor_id: int) -> None:
        """Let a visitor who was kicked come in again; what they may is to be asked anew."""
        self.bans.pop(visitor_id, None)

    def has_known(self, visitor_id: int) -> bool:
        """Return whether the visitor was ever admitted here."""
        return visitor_id in self.grants or visitor_id in self.bans

    # Coming in

    def begin_join(self, visitor_id: int, joined: Deferred[Record]) -> None:
        """Take note that a visitor's join record is being written, for the place they have just taken."""
        self.joining[visitor_id] = joined

    def end_join(self, visitor_id: int, joined: Deferred[Record]) -> bool:
        """Take note of its end; return False if they went meanwhile and came again, which has a record of its own."""
        if self.joining.get(visitor_id) is not joined:
            return False
        del self.joining[visitor_id]
        return True

    @contextlib.contextmanager
    def catch_up(self, sid: str, reader_id: int) -> Iterator[CatchUp]:
        """Keep for a socket what is committed inside the block."""
        self.catching_up[sid] = missed = CatchUp(reader_id)
        try:
            yield missed
        finally:
            self.catching_up.pop(sid, None)

    # What is said

    def restore(self, last_seq: int) -> None:
        """Go on from the last record of before a restart."""
        self.last_seq = last_seq

    def committed(self, record: StoredRecord) -> None:
        """Take note of a record or of its new state, and keep it for those who catch up and may see it."""
        self.last_seq = record.position
        if (self.ephemeral or isinstance(record, Said)) and (record.rev is None or record.seq in self.recent):
            self.recent[record.seq] = record
            if len(self.recent) > RECENT:
                self.recent.popitem(last=False)
        for reader in self.catching_up.values():
            if record.visible_to(reader.reader_id):
                reader.records.append(record)

    def remember_relayed(self, visitor_id: int, nonce: str, record: Record) -> None:
        """Keep the answer to a nonce of a record that is not stored; the oldest is let go."""
        self.relayed[visitor_id, nonce] = record
        if len(self.relayed) > REMEMBERED_NONCES:
            self.relayed.popitem(last=False)

    # What becomes of it

    def change(self, settings: Settings) -> Undo:
        """Give the room other settings; its size is never under the number of its members."""
        assert settings.max >= len(self.occupancy)
        before = self.settings
        self.settings, self.occupancy.limit = settings, settings.max

        def undo() -> None:
            self.settings, self.occupancy.limit = before, before.max

        return undo

    def schedule(self, timer: Timer | None) -> None:
        """Have the room looked at again at another time, or not at all."""
        if self.timer is not None:
            self.timer.cancel()
        self.timer = timer

    def retire(self) -> None:
        """End the room: whatever is still under way finds it gone."""
        self.gone = True
        self.schedule(None)
