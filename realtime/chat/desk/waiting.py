"""The forms of what is held, and the line in which it waits in one room. Pure."""

from typing import Final

import msgspec

from realtime.chat.desk.ports import HeldRow
from realtime.chat.records import StoredRecord
from realtime.chat.room import Room
from realtime.chat.wire_forms import HeldRecord, Quote, Record
from realtime.deferred import Deferred
from realtime.errors import TooFast

HELD_EACH: Final = 10
"""How much of one visitor's may wait in a room."""
HELD_IN_ROOM: Final = 300
RETRY_S: Final = 10.0


class HeldAnswer(msgspec.Struct, frozen=True):
    """What the sender is answered."""

    id: str
    held: bool = True


class Flag(HeldRecord, frozen=True, kw_only=True, omit_defaults=True):
    """What the desk sees of it; `seat` is the label of its sender's card."""

    word: str | None = None
    seat: str | None = None


class DoneView(msgspec.Struct, frozen=True):
    """What the sender is told when it is decided."""

    room: str
    held: str
    shown: bool
    nonce: str


Nonce = tuple[int, str]
"""A visitor's."""


class HeldMessage(msgspec.Struct, frozen=True, eq=False):
    """What is held, in its room; `re` says which record it answers."""

    row: HeldRow
    room: Room
    re: Quote | None

    @property
    def nonce(self) -> Nonce:
        """The nonce of its record."""
        return self.row.visitor_id, self.row.nonce


class HeldLine:
    """What waits in one room, and the answers of all that waits or is being stored there."""

    __slots__ = ("answers", "waiting")

    def __init__(self) -> None:
        self.waiting: dict[str, HeldMessage] = {}  # by id
        self.answers: dict[Nonce, Deferred[Record | HeldAnswer]] = {}

    def check_space(self, visitor_id: int) -> None:
        """Raise TooFast if too much waits, of all or of one visitor."""
        each = sum(one == visitor_id for one, _ in self.answers)
        if len(self.answers) >= HELD_IN_ROOM or each >= HELD_EACH:
            raise TooFast(retry_after=RETRY_S)


def quote_of(quoted: StoredRecord | None) -> Quote | None:
    """Return which record is answered, without what it says: that may be deleted meanwhile."""
    if quoted is None:
        return None
    return Quote(quoted.id, quoted.seq, quoted.quote(excerpt=False).user, name=quoted.name)
