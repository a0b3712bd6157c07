"""How a record changes: reactions, edits, deletions.

Changes of one record are applied in batches, one at a time. Changes requested while a batch is in progress, or within a
quarter of a second of the last one, go into the next: one state, one `rev`, one commit, one `update`. So `update` is
sent at most four times a second per record, however many react to it, and always has the latest state.

A change is written by the same statement as new records (`RecordStore.change`) and numbered in the same turn of the
event loop, so changes and records are committed and sent in the order of their numbers.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial

from realtime.chat.image_ports import ImageStore
from realtime.chat.journal import Journal
from realtime.chat.ports import RecordStore
from realtime.chat.records import Said, StoredRecord
from realtime.chat.room import Room
from realtime.clock import Clock
from realtime.deferred import Deferred
from realtime.errors import DomainError, Internal, NotFound

log = logging.getLogger("gifchat.changes")

UPDATE_EVERY_S = 0.25  # a record's update at most four times a second (docs/protocol.md)

Change = Callable[[StoredRecord], StoredRecord]
"""Returns a record's next state, or the same record if nothing changes. Raises DomainError."""


@dataclass(slots=True, eq=False)
class _Pending:
    """One record's requested changes; the next batch starts at `next_at`, or when the current one is done."""

    waiting: list[tuple[Change, Deferred[int]]] = field(default_factory=list)
    next_at: float = 0.0


class Changes:
    """Applies changes to the records of all rooms."""

    def __init__(self, records: RecordStore, images: ImageStore, journal: Journal, clock: Clock) -> None:
        self._records = records
        self._images = images
        self._journal = journal
        self._clock = clock
        self._pending: dict[tuple[int, int], _Pending] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def make(self, room: Room, seq: int, change: Change) -> Deferred[int]:
        """Change a record; resolves to the position of the state that includes the change.

        The Deferred fails with what `change` raises, NotFound when the record is gone, or Storage.
        """
        result: Deferred[int] = Deferred()
        pending = self._pending.get((room.key, seq))
        if pending is None:
            pending = self._pending[room.key, seq] = _Pending()
            self._spawn(self._next(room, seq, pending))
        pending.waiting.append((change, result))
        return result

    async def load(self, room: Room, seq: int) -> StoredRecord:
        """Return a record in its current state. Raises NotFound or Storage."""
        # From memory if possible: a round trip to SQLite's thread costs a fifth of a message. Replies are always read
        # again, because the record they quote may have expired.
        record = room.recent.get(seq)
        if not room.ephemeral and (record is None or record.quoted_seq is not None):
            record = await self._records.get(room.key, seq)
        if record is None:
            raise NotFound
        return record

    async def settled(self) -> None:
        """Wait until all requested changes are done."""
        await asyncio.gather(*self._tasks)

    async def stop(self) -> None:
        """Cancel pending changes. Those not committed by now are never acknowledged."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _next(self, room: Room, seq: int, pending: _Pending) -> None:
        """Apply the next batch, and schedule the one after it."""
        batch, pending.waiting = pending.waiting, []
        try:
            await self._apply(room, seq, batch, pending)
        except Exception:  # a bug of ours must not leave requests unanswered
            log.exception("the changes of record %d failed", seq)
            for _, result in batch:
                if not result.done():
                    result.set_exception(Internal())
        finally:
            self._clock.call_at(pending.next_at, lambda: self._continue(room, seq, pending))

    def _continue(self, room: Room, seq: int, pending: _Pending) -> None:
        if pending.waiting:
            self._spawn(self._next(room, seq, pending))
        else:
            del self._pending[room.key, seq]

    async def _apply(self, room: Room, seq: int, batch: list[tuple[Change, Deferred[int]]], pending: _Pending) -> None:
        """Apply a batch, store the new state and send it."""
        try:
            record = await self.load(room, seq)
        except DomainError as error:
            for _, result in batch:
                result.set_exception(error)
            return
        state, applied = record, []
        for change, result in batch:
            try:
                state = change(state)
                applied.append(result)
            except DomainError as error:
                result.set_exception(error)
            except Exception:  # a bug in one change must not leave the rest of the batch unanswered
                log.exception("a change of record %d failed", seq)
                result.set_exception(Internal())
        if state is record or room.gone:
            for result in applied:
                _settle(result, record.position, NotFound() if room.gone else None)
            return
        pending.next_at = self._clock.time() + UPDATE_EVERY_S
        state = state.revised(self._records.next()[0])
        if room.ephemeral:
            self._changed(room, record, state, applied)
            return
        try:
            stored = self._records.change(state)
        except DomainError as error:
            for result in applied:
                result.set_exception(error)
            return
        # A callback runs in the turn that reports the commit, so later commits are sent later.
        stored.add_done_callback(partial(self._stored, room, record, state, applied))
        await _settled(stored)

    def _stored(
        self,
        room: Room,
        before: StoredRecord,
        state: StoredRecord,
        applied: list[Deferred[int]],
        stored: Deferred[bool],
    ) -> None:
        error = stored.exception() or (None if stored.result() else NotFound())
        if error is not None:
            for result in applied:
                result.set_exception(error)
        else:
            self._changed(room, before, state, applied)

    def _changed(self, room: Room, before: StoredRecord, state: StoredRecord, applied: list[Deferred[int]]) -> None:
        try:
            self._journal.send_update(room, state)
        except Exception:  # the change is made all the same
            log.exception("record %d was changed, but its update was not sent", state.seq)
        for result in applied:
            result.set_result(state.position)
        if isinstance(before, Said) and isinstance(state, Said):
            if (before.chat, before.image) != (state.chat, state.image):
                self._update_replies(room, state)
            if before.image is not None and state.image is None and not room.ephemeral:
                self._spawn(self._images.clear())

    def _update_replies(self, room: Room, changed: Said) -> None:
        """Update all records that quote a changed one."""
        if changed.seq in room.recent:
            self._requote(room, changed, list(room.recent.values()))
        elif not room.ephemeral:
            self._spawn(self._update_stored_replies(room, changed))

    async def _update_stored_replies(self, room: Room, changed: Said) -> None:
        self._requote(room, changed, await self._records.replies_to(room.key, changed.seq))

    def _requote(self, room: Room, changed: Said, records: list[StoredRecord]) -> None:
        for record in records:
            if record.quoted_seq == changed.seq:
                self.make(room, record.seq, lambda one: one.quoting(changed))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None and not isinstance(error, DomainError):
            log.error("a background task of a change failed", exc_info=error)


def _settle(result: Deferred[int], position: int, error: DomainError | None) -> None:
    if error is not None:
        result.set_exception(error)
    else:
        result.set_result(position)


async def _settled(stored: Deferred[bool]) -> None:
    """Wait until it has succeeded or failed."""
    with contextlib.suppress(DomainError):
        await stored
