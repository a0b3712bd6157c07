"""What the desk's pages get (docs/protocol.md). Pure."""

import msgspec

from realtime.chat.model import Role, RoomView
from realtime.chat.wire_forms import Record


class PersonView(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody in a room; `seat` is the label of their card. Not `present`: their place is held."""

    user: str
    present: bool
    name: str | None = None
    seat: str | None = None
    muted: bool = False
    role: Role | None = None


class DeskRoom(RoomView, frozen=True, kw_only=True, omit_defaults=True):
    """DESKROOM: ROOM, and what only the desk sees of it.

    `rate`: messages in the last minute; `held`: how many wait to be shown; `last`: what was said last.
    """

    rate: int
    held: int
    hands: list[str]
    people: list[PersonView]
    last: list[Record]
    approve: bool = False
