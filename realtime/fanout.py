"""Coalesced broadcast: what is emitted in one turn of the event loop leaves in one piece per member.

Sending costs a system call per member, however little is sent, so what goes to a room in one turn is kept and flushed
together in the next. A member sees the emits to its room in the order of the calls. For that:

- entering or leaving a room flushes it first: who enters gets nothing from before, who leaves gets all from before;
- what goes to a socket alone (an ack, a whisper) waits behind what its room is to get, and leaves with it. In several
  rooms, one of which may be flushed before the other, or with very much that waits, they are flushed first;
- what goes to the whole namespace and what goes to a room are never held at the same time.

Nothing of ours runs during a flush but `Link.send`, which calls nobody back; so membership cannot change under it.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Final, Generic, Protocol, TypeVar

from realtime.clock import Clock
from realtime.engineio.packet import Frames
from realtime.membership import Membership
from realtime.reason import Reason

MOST_IN_A_BATCH: Final = 128
"""What goes to one member alone is put behind no more: a flush looks through the batch for each such member."""


class Link(Protocol):
    """A connection, as the hub sees it."""

    def send(self, frames: Frames) -> None:
        """Send, or queue within bounds. Never blocks, never raises, calls nobody back."""

    def close(self, reason: Reason) -> None: ...


class Member(Protocol):
    """What can be in a room."""

    @property
    def link(self) -> Link: ...

    def __hash__(self) -> int: ...


M = TypeVar("M", bound=Member)

Apart = Mapping[M, Frames | None]
"""The members that do not get what all the others get, and what they get instead."""


class Fanout(Generic[M]):
    """The emits of one namespace that have not left yet."""

    __slots__ = ("_clock", "_everybody", "_members", "_pending", "_scheduled")

    def __init__(self, clock: Clock, everybody: Mapping[str, M], members: Membership[M]) -> None:
        self._clock = clock
        self._everybody = everybody
        self._members = members
        self._pending: dict[str | None, list[tuple[Frames | None, Apart[M]]]] = {}
        self._scheduled = False

    def add(self, room: str | None, frames: Frames, apart: Apart[M]) -> None:
        """Send `frames` to `room`, or with None to everybody, by the end of this turn."""
        pending = self._pending
        if pending and (room is None or None in pending) and room not in pending:
            self.flush()
        batch = pending.get(room)
        if batch is None:
            batch = pending[room] = []
            if not self._scheduled:
                self._scheduled = True
                self._clock.call_soon(self._turn)
        batch.append((frames, apart))

    def send(self, member: M, frames: Frames) -> None:
        """Send to `member` alone, after what was emitted to its rooms."""
        pending = self._pending
        if pending:
            rooms = (None,) if None in pending else self._members.rooms(member)
            batch = pending.get(rooms[0]) if len(rooms) == 1 else None
            if batch is not None and len(batch) < MOST_IN_A_BATCH:
                batch.append((None, {member: frames}))
                return
            self.flush_for(member)
        member.link.send(frames)

    def flush_for(self, member: M) -> None:
        """Send what was emitted to the rooms of `member`, to all in them."""
        if self._pending:
            self.flush_room(None)
            for room in self._members.rooms(member):
                self.flush_room(room)

    def flush_room(self, room: str | None) -> None:
        """Send what was emitted to `room`."""
        batch = self._pending.pop(room, None)
        if batch is not None:
            _deliver(batch, self._everybody.values() if room is None else self._members.members(room))

    def flush(self) -> None:
        """Send everything, room after room in the order in which they were first emitted to."""
        while self._pending:
            self.flush_room(next(iter(self._pending)))

    def _turn(self) -> None:
        self._scheduled = False
        self.flush()


def _deliver(batch: list[tuple[Frames | None, Apart[M]]], members: Collection[M]) -> None:
    named = {member for _, apart in batch for member in apart}
    common = Frames.join([frames for frames, _ in batch if frames is not None])
    if not named:
        for member in members:
            member.link.send(common)
        return
    for member in members:
        if member in named:
            _deliver_apart(batch, member)
        else:
            member.link.send(common)


def _deliver_apart(batch: Iterable[tuple[Frames | None, Apart[M]]], member: M) -> None:
    own = [chosen for frames, apart in batch if (chosen := apart.get(member, frames)) is not None]
    if own:
        member.link.send(Frames.join(own))
