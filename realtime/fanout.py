"""Coalesced broadcast: everything emitted in one event loop iteration is sent in one write per member.

Sending costs a system call per member, however little is sent, so emits to a room in one iteration are buffered and
flushed together in the next. A member receives the emits to its rooms in the order of the calls. To ensure that:

- entering or leaving a room flushes it first: a new member gets nothing from before, a leaving one everything;
- an emit to a single socket (an ack, a whisper) is queued behind its room's buffered frames and sent with them. If it
  is in several rooms, which may be flushed separately, or if very much is buffered, the rooms are flushed first;
- emits to the whole namespace and emits to a room are never buffered at the same time.

A flush runs nothing but `Link.send`, which makes no callbacks, so membership cannot change during it.
"""

import time
from collections.abc import Collection, Iterable, Mapping
from typing import Final, Generic, Protocol, TypeVar

from realtime.clock import Clock
from realtime.engineio.packet import Frames
from realtime.histogram import Histogram
from realtime.membership import Membership
from realtime.reason import Reason

MAX_BATCH: Final = 128
"""The limit for frames queued to single members: a flush searches the batch for each such member."""


class Link(Protocol):
    """A connection, as the hub sees it."""

    def send(self, frames: Frames) -> None:
        """Send, or queue within bounds. Never blocks, never raises, calls nobody back."""

    def close(self, reason: Reason) -> None: ...


class Member(Protocol):
    """A member of rooms."""

    @property
    def link(self) -> Link: ...

    def __hash__(self) -> int: ...


M = TypeVar("M", bound=Member)

Apart = Mapping[M, Frames | None]
"""The members that get different frames from the others, and those frames."""


class Fanout(Generic[M]):
    """The buffered emits of one namespace."""

    __slots__ = ("_began", "_clock", "_everybody", "_members", "_pending", "_scheduled", "latency")

    def __init__(self, clock: Clock, everybody: Mapping[str, M], members: Membership[M]) -> None:
        self._clock = clock
        self._everybody = everybody
        self._members = members
        self._pending: dict[str | None, list[tuple[Frames | None, Apart[M]]]] = {}
        self._scheduled = False
        self._began = 0.0
        self.latency = Histogram()
        """From the first emit of a loop iteration to the last write, for each iteration with emits."""

    def add(self, room: str | None, frames: Frames, apart: Apart[M]) -> None:
        """Send `frames` to `room`, or to everyone if None, at the end of this loop iteration."""
        pending = self._pending
        if pending and (room is None or None in pending) and room not in pending:
            self.flush()
        batch = pending.get(room)
        if batch is None:
            batch = pending[room] = []
            if not self._scheduled:
                self._scheduled = True
                self._began = time.perf_counter()
                self._clock.call_soon(self._turn)
        batch.append((frames, apart))

    def send(self, member: M, frames: Frames) -> None:
        """Send to `member` only, after everything emitted to its rooms."""
        pending = self._pending
        if pending:
            rooms = (None,) if None in pending else self._members.rooms(member)
            batch = pending.get(rooms[0]) if len(rooms) == 1 else None
            if batch is not None and len(batch) < MAX_BATCH:
                batch.append((None, {member: frames}))
                return
            self.flush_for(member)
        member.link.send(frames)

    def flush_for(self, member: M) -> None:
        """Flush the rooms of `member`, to everyone in them."""
        if self._pending:
            self.flush_room(None)
            for room in self._members.rooms(member):
                self.flush_room(room)

    def flush_room(self, room: str | None) -> None:
        """Flush `room`."""
        batch = self._pending.pop(room, None)
        if batch is not None:
            _deliver(batch, self._everybody.values() if room is None else self._members.members(room))

    def flush(self) -> None:
        """Flush everything, room by room in the order of their first emit."""
        while self._pending:
            self.flush_room(next(iter(self._pending)))

    def _turn(self) -> None:
        self._scheduled = False
        self.flush()
        self.latency.observe(time.perf_counter() - self._began)


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
