"""What the teacher's desk needs kept. For the guarantees of all stores, see realtime.chat.ports."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from realtime.chat.model import HeldWhy, Image, poster_name

JsonValue = bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"] | None


class Subject(NamedTuple):
    """Whom a mute or ban concerns: a seat, whoever has its card, or else a visitor. One of the two is None."""

    visitor_id: int | None = None
    seat: int | None = None


class Mute(NamedTuple):
    """Somebody who can only read, in one room or, with None, in all; `until_ms` since the epoch."""

    subject: Subject
    room: int | None
    until_ms: int


class DeskBan(NamedTuple):
    """Somebody who is kept out of all rooms; `user` is the colour that they had then."""

    subject: Subject
    user: str


class LogEntry(NamedTuple):
    """Something that the desk did; `at_ms` since the epoch."""

    at_ms: int
    entry: Mapping[str, JsonValue]


class HeldRow(NamedTuple):
    """What waits to be said, in the order of the columns of `held`; `re` is the seq of what it answers.

    `why`: all is seen first in this room, or `word` was found in it.
    """

    id: str
    room: int
    visitor_id: int
    user: str
    created_at: int
    chat: str | None
    gif: str | None
    width: int | None
    height: int | None
    moving: int | None
    flashes: int | None
    re: int | None
    nonce: str
    why: HeldWhy
    word: str | None

    @property
    def image(self) -> Image | None:
        """Its image."""
        if self.gif is None or self.width is None or self.height is None:
            return None
        poster = poster_name(self.gif) if self.moving else None
        return Image(self.gif, self.width, self.height, poster, flashes=self.flashes is not None)


class DeskStore(Protocol):
    """What the desk has decided about the whole server and about people, and its log.

    What it has decided about a room is stored with the room (`RoomStore.rule`).
    """

    async def settings(self) -> dict[str, JsonValue]:
        """Return the stored settings by key; `frozen` is what `freeze_all` stored."""
        ...

    async def set(self, key: str, value: JsonValue) -> None:
        """Store a setting other than `frozen`."""
        ...

    async def freeze_all(self, on: bool) -> None:
        """Freeze or unfreeze every room, and store whether new rooms begin frozen."""
        ...

    async def mutes(self) -> list[Mute]:
        """Return all mutes, also those that are over."""
        ...

    async def mute(self, mute: Mute) -> None:
        """Store a mute, instead of one of the same subject in the same room. Raises NoSuchRoom.

        A room's mutes are deleted with it.
        """
        ...

    async def unmute(self, subject: Subject, room: int | None) -> None:
        """Delete the subject's mute in a room or, with None, all of theirs. Nothing happens if there is none."""
        ...

    async def end_mutes(self, now_ms: int) -> None:
        """Delete the mutes that are over by then."""
        ...

    async def bans(self) -> list[DeskBan]:
        """Return all bans from all rooms, the oldest first."""
        ...

    async def ban(self, ban: DeskBan) -> None:
        """Store a ban. Nothing happens if there is one of the same subject."""
        ...

    async def unban(self, subject: Subject) -> None:
        """Delete a ban. Nothing happens if there is none."""
        ...

    async def held(self) -> list[HeldRow]:
        """Return what waits in all rooms, the oldest first."""
        ...

    async def hold(self, row: HeldRow) -> None:
        """Store what waits. Raises NoSuchRoom; never for an ephemeral room, which stores none.

        It takes over one use of its image (`ImageStore.show`). It is deleted with its room, by `drop`, which ends that
        use, and by the record with its nonce (`RecordStore.append`), which takes the use over.
        """
        ...

    async def drop(self, held_id: str) -> None:
        """Delete what waits. Nothing happens if there is no such."""
        ...

    async def note(self, entry: LogEntry) -> None:
        """Add an entry to the log, of which the last 10,000 are kept."""
        ...

    async def log(self, limit: int) -> list[LogEntry]:
        """Return the last `limit` entries of the log, newest first."""
        ...


class StoredSeat(NamedTuple):
    """A seat: its label, the random word that its card's code is made of, and who has it.

    The store assigns `number`, which is 0 in a new seat, and never reuses it.
    """

    number: int
    label: str
    word: str
    visitor_id: int | None = None


class SeatStore(Protocol):
    """The seats, in an order. Of two, neither label, word nor visitor is equal."""

    async def seats(self) -> list[StoredSeat]:
        """Return all seats, in the order of the last `arrange`."""
        ...

    async def arrange(self, seats: Sequence[StoredSeat]) -> None:
        """Store these seats, and delete all others."""
        ...

    async def take(self, number: int, visitor_id: int) -> None:
        """Give a visitor this seat, instead of the one they had. Nothing happens if there is no such seat."""
        ...
