"""What the chat needs kept: one port for each kind of thing, with its promises.

`db` fulfils them with SQLite and a folder; tests/ports/ measures every fulfilment by what is written here. What holds
for all of them:

- *On the disk.* What a call changes is committed, and outlives a crash, when the call returns or its Deferred is
  settled.
- *Whole or not at all.* One call is one transaction, unless it says that it goes in steps; of one that raises, nothing
  stays. What follows from a change (a ban from a kick, the end of an image from that of its last record) is part of it.
- *In order.* What one method of a port was given is committed in the order of the calls, and answered in that order.
- *Errors.* Any call raises Storage when the disk or the database fails and after the store was closed, and whatever
  changes something in a room NoSuchRoom when the room is not there, unless it says that nothing happens then. Those
  that return a Deferred raise at once TooFast (the disk does not keep up) and Storage (closed); they settle with all
  else.
- *Steps.* Between two steps of a call that goes in steps, the chat goes on.

A `room` is a room's key (`StoredRoom.key`). Times are milliseconds since the epoch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from realtime.chat.model import Image, StoredRoom, StoredVisitor
from realtime.chat.records import RecordRow, StoredRecord
from realtime.deferred import Deferred

__all__ = [
    "LISTED",
    "Content",
    "Draft",
    "ImageStore",
    "RecordRow",  # with StoredRecord: what is kept is a port's matter, wherever it is written down
    "RecordStore",
    "RoomStore",
    "StoredRecord",
    "Stores",
    "VisitorStore",
]

LISTED = 24  # images, to be sent again


class RecordStore(Protocol):
    """The records of all rooms. It gives out `seq`, in one order for the whole server, each number once.

    A number does not go back: not when records are deleted, not with a room, and not over a restart.
    """

    async def start(self) -> dict[int, int]:
        """Find the last number given out; return the seq of the last record of each room that has records, by room.

        To be called once, before all else.
        """
        ...

    async def check(self) -> None:
        """Return if what is kept can be reached. Raises Storage."""
        ...

    def next(self) -> tuple[int, int]:
        """Return a new record's seq, and its time."""
        ...

    @property
    def epoch(self) -> str:
        """A random word; with it, a number names the same record for ever.

        It stays over a restart, a crash too, and is another one when what is kept is new, or older than it was: then
        numbers are given out that may have been given before. A store that was set back without seeing it has the old
        one, and perhaps a `last_seq` under a number that somebody has. Known from `start` on.
        """
        ...

    @property
    def last_seq(self) -> int:
        """The last number given out."""
        ...

    @property
    def reserve_due(self) -> bool:
        """Whether the numbers kept for records that are not stored are about to run out."""
        ...

    async def reserve(self) -> None:
        """Keep numbers for records that are not stored, so that no restart gives them again.

        To be called before any is given to such a record, and again when `reserve_due`.
        """
        ...

    @property
    def busy(self) -> bool:
        """Whether the disk does not keep up with what is said."""
        ...

    def append(self, record: StoredRecord) -> Deferred[bool]:
        """Store a record; what is returned tells whether it was stored, or its nonce was used before.

        A nonce is used once by a visitor in a room: the same again stores nothing and changes nothing.

        A system record and what it tells of are true together:

        - `join`: the subject is granted the room and holds a place there since this seq, unless they hold one already;
          they are lingered for no longer.
        - `exit`: they hold no place; with `lingers` the room waits for them.
        - `owner`: they own the room.
        - `kick`: they hold no place, no grant, are not waited for, and are banned.

        A record with an image makes it the latest of its room and of its sender (`ImageStore.recent`, `sent_by`), and
        takes over one showing of it: when the record goes, so does that use.

        Of an ephemeral room's system record all of this stays but the line itself, whose number counts as given; what
        visitors say there is not to be appended.

        Settles with NoSuchRoom, Storage, or BadRequest when a text cannot be stored.
        """
        ...

    def change(self, record: StoredRecord) -> Deferred[bool]:
        """Store the whole state of a record that was changed, with its new `rev`; of the one before, nothing stays.

        What is returned tells whether it was stored, or the record is gone. Changes and new records are committed in
        one order, that of the calls. An image that is taken out of its record goes with its last use.
        """
        ...

    async def get(self, room: int, seq: int) -> StoredRecord | None:
        """Return a record; like all that are read, with what it answers (`Said.quoted`), as that is now."""
        ...

    async def answers_to(self, room: int, seq: int) -> list[StoredRecord]:
        """Return the records that answer this one, oldest first."""
        ...

    async def by_nonce(self, room: int, visitor_id: int, nonce: str) -> StoredRecord | None:
        """Return what the visitor said in the room under `nonce`."""
        ...

    async def before(self, room: int, reader_id: int, before: int | None, limit: int) -> list[StoredRecord]:
        """Return at most `limit` records, the last of those before seq `before` or of all, oldest first.

        Whispers are only given to a reader who sent or got them; so it is in `after` and `search`.
        """
        ...

    async def after(self, room: int, reader_id: int, after: int, limit: int) -> list[StoredRecord]:
        """Return at most `limit` records, the first of those said or changed after `after`, by their `position`."""
        ...

    async def search(  # noqa: PLR0913  who asks for what, where, and how much
        self, room: int, reader_id: int, text: str, *, before: int | None, limit: int
    ) -> tuple[list[StoredRecord], int | None]:
        """Return at most `limit` records with `text` in them, oldest first, and the seq to search on before.

        That is None at the room's beginning. It goes in steps and ends after a bounded number of records: it may find
        nothing and still have to go on. Texts match that `folded` makes one; system records are not searched.
        """
        ...

    async def expire(self, room: int, before_ms: int) -> None:
        """Delete a room's records older than `before_ms`, in steps. The last record stays, whatever its age."""
        ...


class RoomStore(Protocol):
    """Rooms, with their grants, places and bans, all of which go when they go.

    Places, owners and bans are written with the records that tell of them: `RecordStore.append`.
    """

    async def load(self) -> list[StoredRoom]:
        """Return every room, the oldest first."""
        ...

    async def grants(self) -> Sequence[tuple[int, int]]:
        """Return all grants, as (room, visitor id). A ban holds against a grant that was written at the same time."""
        ...

    async def members(self) -> Sequence[tuple[int, int]]:
        """Return who holds a place, as (room, visitor id), those there longest first."""
        ...

    async def lingering(self) -> Sequence[tuple[int, int]]:
        """Return for whom a room waits, as (room, visitor id)."""
        ...

    async def bans(self) -> Sequence[tuple[int, int, str]]:
        """Return all bans, as (room, visitor id, colour)."""
        ...

    async def add(self, room: StoredRoom) -> int:
        """Store a new room with its owner's grant; return its key, never given before. `room.key` is not used."""
        ...

    async def change(self, key: int, title: str, max_members: int, password_hash: str | None, kept: bool) -> None:
        """Store what the owner changed. Nothing happens when the room is not there."""
        ...

    def grant(self, key: int, visitor_id: int) -> Deferred[bool]:
        """Store that the visitor is admitted; nothing changes for one who is."""
        ...

    def wait_no_longer(self, key: int, visitor_id: int) -> Deferred[bool]:
        """Store that the room does not wait for the visitor any more; nothing changes if it did not, or is gone."""
        ...

    async def readmit(self, key: int, visitor_id: int) -> None:
        """Lift the visitor's ban. Nothing happens when there is none."""
        ...

    async def remove(self, key: int) -> None:
        """Delete the room and all in it, in steps, but the files of its images (`ImageStore.clear`).

        Its records go first and the room itself last, in one step with its grants, places and bans. After a failure it
        can be called again. Nothing happens when the room is not there.
        """
        ...


class VisitorStore(Protocol):
    """Visitors. An id is given once, also when its visitor was forgotten: records keep it."""

    async def load(self) -> list[StoredVisitor]:
        """Return every known visitor."""
        ...

    async def last_id(self) -> int:
        """Return the highest id ever stored, 0 when there was none."""
        ...

    def add(self, visitor: StoredVisitor) -> Deferred[bool]:
        """Store a new visitor. Their session and their colour are nobody else's."""
        ...

    def seen(self, visitor_id: int, at_ms: int) -> Deferred[bool]:
        """Note when the visitor was last here; nothing happens for one who is not known."""
        ...

    async def forget(self, before_ms: int) -> list[int]:
        """Delete visitors unseen since `before_ms` who hold no place and own no room; return their ids.

        What they sent stays, and is no longer listed as theirs.
        """
        ...


class Content(Protocol):
    """What a draft was found to hold; `poster_bytes` is None when it does not move."""

    @property
    def extension(self) -> str: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def size_bytes(self) -> int: ...
    @property
    def sha256(self) -> bytes: ...
    @property
    def poster_bytes(self) -> int | None: ...


class Draft(Protocol):
    """One image being received: `ImageStore.store` makes it an image, `discard` leaves no trace of what is not one."""

    size_bytes: int
    """What was written to it so far."""

    async def write(self, data: bytes) -> None:
        """Append `data`. Raises Storage when the disk refuses it, or all drafts together would take too much."""
        ...

    async def copy(self, source: Path) -> None:
        """Take over what is in the file `source`. Raises NotFound when there is none, Storage."""
        ...

    async def written(self) -> Path:
        """Return the file, once all that was written is in it: it is whole, and is not written to any more."""
        ...

    async def keep(self, extension: str, *, moving: bool) -> str:
        """Make the file, and its poster if it is `moving`, an image; return its name once the disk has it for good.

        For `ImageStore.store`. Raises Storage, and then nothing is left of it.
        """
        ...

    def discard(self) -> None:
        """Delete what is still temporary: all of it, unless it was kept. May be called again, and from a thread."""
        ...


class ImageStore(Protocol):
    """Images, each stored once by its content, for as long as it is in any room.

    To show an image in a room is to count it there *before* its record is written: from then on it goes only if the
    room does. The record takes that count over (`RecordStore.append`); of one that is not written, `release` gives it
    back. An image is gone with its last count, or with the last of its rooms. A row that is there has its files, and
    files without a row are deleted: by `clear`, or at the next start.

    All images together take at most the quota, those of one room a quarter of it, each image counted in full in every
    room. What would take more raises Storage with the reason `quota`.
    """

    @property
    def folder(self) -> Path:
        """Where the files of images stand, each under its name."""
        ...

    async def start(self, quota_bytes: int) -> None:
        """Begin with the images that have records, and those of ephemeral rooms, and no others; and with this quota.

        A quota below what is there deletes nothing. To be called once, before all else of this port.
        """
        ...

    def draft(self) -> Draft:
        """Begin to receive an image."""
        ...

    async def show(self, room: int, *, name: str | None = None, sha256: bytes | None = None) -> Image | None:
        """Show an image that is there, found by its name or its content; None when there is none.

        One that lost its files is not there.
        """
        ...

    async def store(self, room: int, draft: Draft, content: Content) -> Image:
        """Show what `draft` holds: the image with this content that is there, else a new one, made of the draft.

        The new one's name is random and given once; its files are on the disk before its row is.
        """
        ...

    async def release(self, room: int, name: str) -> None:
        """Take back a showing whose record was not written. Raises nothing: what cannot be done now is done later."""
        ...

    async def clear(self) -> None:
        """Delete the files of images that are in no room any more. Raises nothing, as `release`."""
        ...

    async def free(self, room: int) -> None:
        """Delete the files that are in no other room than this one, which is over, before their rows are deleted.

        For a disk so full that the rows cannot be.
        """
        ...

    async def recent(self, room: int) -> list[Image]:
        """Return the last `LISTED` images sent in a room, the latest first, each once."""
        ...

    async def sent_by(self, visitor_id: int) -> list[Image]:
        """Return the last `LISTED` images a visitor has sent in any room, the latest first, each once."""
        ...


@dataclass(frozen=True)
class Stores:
    """All that is kept."""

    visitors: VisitorStore
    rooms: RoomStore
    records: RecordStore
    images: ImageStore
