"""A live room: what the server knows of it now. All of it is also in the database, but for timers and sockets."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field

from db.chats import StoredRecord
from db.rooms import StoredRoom
from realtime.chat.model import Record, RoomView, Visitor, timestamp
from realtime.chat.passwords import RoomPassword
from realtime.clock import Timer
from realtime.deferred import Deferred
from realtime.errors import Kicked, NotAdmitted
from realtime.occupancy import Occupancy

REMEMBERED_NONCES = 1000


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


class Room:
    """One room. `occupancy` is who is here, `grants` who may post and read, `bans` (id → colour) who was kicked."""

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
        "kept",
        "key",
        "last_seq",
        "occupancy",
        "owner",
        "owner_expected_until",
        "owners_due",
        "password",
        "relayed",
        "stored_owner",
        "timer",
        "title",
    )

    def __init__(self, stored: StoredRoom, unentered_until: float) -> None:
        self.key = stored.key
        self.id = stored.id
        self.title = stored.title
        self.owner = self.stored_owner = Visitor(stored.owner_id, stored.owner)
        self.owners_due = 0  # owner records under way
        self.password = RoomPassword(stored.password_hash) if stored.password_hash else None
        self.ephemeral = stored.ephemeral
        self.created_at = stored.created_at
        self.kept = stored.kept
        self.occupancy = Occupancy(stored.max, unentered_until)
        self.owner_expected_until: float | None = unentered_until
        self.grants = {stored.owner_id}
        self.bans: dict[int, str] = {}
        self.last_seq = 0  # of the last record committed, or relayed
        self.gone = False
        self.changing = asyncio.Lock()  # held while the owner's change is stored, so that it can be taken back
        self.timer: Timer | None = None
        self.joining: dict[int, Deferred[Record]] = {}  # join records under way, by visitor
        self.catching_up: dict[str, CatchUp] = {}  # by socket id
        self.relayed: OrderedDict[tuple[int, str], Record] = OrderedDict()  # an ephemeral room's nonces

    def view(self) -> RoomView:
        """Return what anybody may know of the room."""
        return RoomView(
            id=self.id,
            title=self.title,
            max=self.occupancy.limit,
            owner=self.owner.user,
            password=self.password is not None,
            ephemeral=self.ephemeral,
            kept=self.kept,
            members=len(self.occupancy),
            created_at=timestamp(self.created_at),
        )

    def check_admitted(self, visitor_id: int) -> None:
        """Raise Kicked or NotAdmitted unless the visitor may post and read here."""
        if visitor_id in self.bans:
            raise Kicked
        if visitor_id not in self.grants:
            raise NotAdmitted

    def remember_relayed(self, visitor_id: int, nonce: str, record: Record) -> None:
        """Keep the answer to a nonce of a record that is not stored; the oldest is let go."""
        self.relayed[visitor_id, nonce] = record
        if len(self.relayed) > REMEMBERED_NONCES:
            self.relayed.popitem(last=False)
