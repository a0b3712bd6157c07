"""A live room: its state in memory. Except for timers and sockets, all of it is also in the database."""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from realtime.chat.model import RoomRules, RoomView, StoredRoom, Visitor, timestamp
from realtime.chat.names import RoomNames
from realtime.chat.newcomers import Newcomer
from realtime.chat.occupancy import Occupancy
from realtime.chat.ownership import Ownership
from realtime.chat.passwords import RoomPassword
from realtime.chat.records import Said, StoredRecord
from realtime.chat.slow import SlowMode
from realtime.chat.wire_forms import Record
from realtime.clock import Timer
from realtime.deferred import Deferred

REMEMBERED_NONCES = 1000
RECENT = 200  # records in memory; in an ephemeral room, the only ones that can be changed or quoted (docs/protocol.md)

Undo = Callable[[], None]
"""Undoes a change that could not be stored."""


@dataclass(slots=True, eq=False)
class Seat:
    """A socket's visitor, their address, the rooms the socket is in, and those where it has not caught up yet."""

    who: Visitor
    address: str
    rooms: set[str] = field(default_factory=set)
    behind: set[str] = field(default_factory=set)


class CatchUp:
    """A catch-up in progress: buffers the records committed meanwhile, so that none is lost in between."""

    __slots__ = ("reader_id", "records")

    def __init__(self, reader_id: int) -> None:
        self.reader_id = reader_id
        self.records: list[StoredRecord] = []

    def after(self, rows: list[StoredRecord], position: int) -> list[StoredRecord]:
        """Return the `rows` read after `position`, plus what was committed after the last of them.

        Each record is in it once, in its current state.
        """
        read_to = rows[-1].position if rows else position
        latest = {record.seq: record for record in rows}
        for record in self.records:
            if record.position > read_to:
                latest[record.seq] = record
        return sorted(latest.values(), key=lambda record: record.position)


class Settings(NamedTuple):
    """The settings that an owner can change."""

    title: str
    max: int
    password: RoomPassword | None
    kept: bool


class Room:
    """One room. Other modules read its state, but only its own methods change it.

    - `grants` (who may post and read) and `bans` (who was kicked, id → colour) are disjoint.
    - Everyone with a place in `occupancy` is in `grants`, and in `joining` while their join record is being written.
    - `names` has the names of those with a place.
    - A socket in `catching_up` receives no live events: records committed meanwhile are buffered.
    - `recent` holds the latest records in their current state, in commit order, so it includes all replies to them. In
      a stored room it holds no system records.
    - `last_seq` is the position of the last record or change that was committed or relayed, and never decreases.
    - It has a `pace` while it is slow.
    - A `gone` room has no timer, and stays gone.
    """

    __slots__ = (
        "_position",
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
        "names",
        "occupancy",
        "ownership",
        "read_only",
        "pace",
        "recent",
        "relayed",
        "rules",
        "settings",
        "timer",
    )

    def __init__(self, stored: StoredRoom, unentered_until: float, password: RoomPassword | None = None) -> None:
        """Create a room as it is stored; `password` is a new room's, if it has one."""
        if password is None and stored.password_hash:
            password = RoomPassword(stored.password_hash)
        self.key = stored.key
        self.id = stored.id
        self.ephemeral = stored.ephemeral
        self.read_only = stored.read_only
        self.created_at = stored.created_at
        self.settings = Settings(stored.title, stored.max, password, stored.kept)
        self._position = stored.position
        self.rules = stored.rules
        self.pace = SlowMode() if stored.slow_s else None
        self.ownership = Ownership(Visitor(stored.owner_id, stored.owner), unentered_until)
        self.occupancy = Occupancy(stored.max, unentered_until)
        self.names = RoomNames()
        self.grants = {stored.owner_id}
        self.bans: dict[int, str] = {}
        self.last_seq = 0
        self.gone = False
        self.changing = asyncio.Lock()  # held while an owner's change is stored, so that it can be undone
        self.timer: Timer | None = None
        self.joining: dict[int, Deferred[Record]] = {}  # join records being written, by visitor id
        self.catching_up: dict[str, CatchUp] = {}  # by socket id
        self.recent: OrderedDict[int, StoredRecord] = OrderedDict()  # by seq
        self.relayed: OrderedDict[tuple[int, str], Record] = OrderedDict()  # of an ephemeral room, by nonce

    @property
    def owner(self) -> Visitor:
        """Who owns the room."""
        return self.ownership.owner

    @property
    def password(self) -> RoomPassword | None:
        """The password, if there is one."""
        return self.settings.password

    @property
    def kept(self) -> bool:
        """Whether the room stays when it is empty."""
        return self.settings.kept

    @property
    def position(self) -> int | None:
        """Its place among the prepared rooms, which are all kept; None if it is none of them."""
        return self._position if self.kept else None

    def view(self) -> RoomView:
        """Return its public properties."""
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
            frozen=self.rules.frozen,
            slow=self.rules.slow_s,
            read_only=self.read_only,
            position=self.position,
        )

    # Permissions

    def admits(self, who: Visitor) -> bool:
        """Return whether the visitor may post and read: they have a grant or, as a newcomer, opened the page."""
        return who.id in self.grants or (isinstance(who, Newcomer) and self.id in who.opened)

    def admit(self, visitor_id: int) -> None:
        """Let a visitor who was not kicked post and read."""
        assert visitor_id not in self.bans
        self.grants.add(visitor_id)

    def ban(self, who: Visitor) -> Undo:
        """Stop a visitor who was not kicked before from posting, reading and entering."""
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
        """Lift a visitor's ban; they must be admitted again."""
        self.bans.pop(visitor_id, None)

    def has_known(self, visitor_id: int) -> bool:
        """Return whether the visitor was ever admitted."""
        return visitor_id in self.grants or visitor_id in self.bans

    # Joining

    def begin_join(self, visitor_id: int, joined: Deferred[Record]) -> None:
        """Note that the join record for a visitor's new place is being written."""
        self.joining[visitor_id] = joined

    def end_join(self, visitor_id: int, joined: Deferred[Record]) -> bool:
        """Note that it is done; return False if they left meanwhile and came back, which has its own join record."""
        if self.joining.get(visitor_id) is not joined:
            return False
        del self.joining[visitor_id]
        return True

    @contextlib.contextmanager
    def catch_up(self, sid: str, reader_id: int) -> Iterator[CatchUp]:
        """Buffer for a socket the records that are committed inside the block."""
        self.catching_up[sid] = missed = CatchUp(reader_id)
        try:
            yield missed
        finally:
            self.catching_up.pop(sid, None)

    # Records

    def restore(self, last_seq: int) -> None:
        """Continue after the last record from before a restart."""
        self.last_seq = last_seq

    def committed(self, record: StoredRecord) -> None:
        """Note a new record or a record's new state, also for catch-ups of those who may see it."""
        self.last_seq = record.position
        if (self.ephemeral or isinstance(record, Said)) and (record.rev is None or record.seq in self.recent):
            self.recent[record.seq] = record
            if len(self.recent) > RECENT:
                self.recent.popitem(last=False)
        for reader in self.catching_up.values():
            if record.visible_to(reader.reader_id):
                reader.records.append(record)

    def remember_relayed(self, visitor_id: int, nonce: str, record: Record) -> None:
        """Remember the record of a nonce in an ephemeral room; forget the oldest when there are too many."""
        self.relayed[visitor_id, nonce] = record
        if len(self.relayed) > REMEMBERED_NONCES:
            self.relayed.popitem(last=False)

    # Settings and end

    def change(self, settings: Settings) -> Undo:
        """Change the settings; `max` must be at least the number of members."""
        assert settings.max >= len(self.occupancy)
        before = self.settings
        self.settings, self.occupancy.limit = settings, settings.max

        def undo() -> None:
            self.settings, self.occupancy.limit = before, before.max

        return undo

    def rule(self, rules: RoomRules) -> None:
        """Change what the teacher's desk has decided."""
        self.rules = rules
        self.pace = (self.pace or SlowMode()) if rules.slow_s else None

    def place(self, position: int | None) -> None:
        """Put it in a position among the prepared rooms, or in none."""
        self._position = position

    def schedule(self, timer: Timer | None) -> None:
        """Replace the timer."""
        if self.timer is not None:
            self.timer.cancel()
        self.timer = timer

    def retire(self) -> None:
        """Mark the room as gone, which everything still in progress checks."""
        self.gone = True
        self.schedule(None)
