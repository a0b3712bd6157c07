"""What the desk's pages get (docs/protocol.md). Pure."""

import msgspec

from realtime.chat.desk.house import Switches
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


class Silenced(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Somebody who is muted, in a room or, with None, in all; `seat` is the label of their card."""

    user: str
    room: str | None
    until: str
    name: str | None = None
    seat: str | None = None


class ShutOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody who is banned, by the colour of then."""

    user: str
    name: str | None = None
    seat: str | None = None


class DeskSettings(msgspec.Struct, frozen=True):
    """What has been decided, but for what each room tells itself. `people`: `Crowd.people`."""

    switches: Switches
    frozen: bool
    words: int
    people: int
    bans: list[ShutOut]
    mutes: list[Silenced]


class MutedView(msgspec.Struct, frozen=True):
    """What a muted visitor is told: until when, None if it is over, in a room or, with None, in all."""

    room: str | None
    until: str | None
