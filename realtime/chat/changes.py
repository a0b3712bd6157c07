"""How a record changes: reactions, edits, deletions.

Changes of one record are made one batch after the other. Whatever is asked while a batch is under way, or within a
quarter of a second of the last one, goes into the next: one state, one `rev`, one commit, one `update`. So a record is
told of at most four times a second, however many react to it, and what is told is always its last state.

A change is written by the statement that writes records (`RecordStore.change`), numbered in the same turn, so that
changes and records are committed, and sent, in the order of their numbers.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial

from realtime.chat.journal import Journal
from realtime.chat.ports import ImageStore, RecordStore
from realtime.chat.records import Said, StoredRecord
from realtime.chat.room import Room
from realtime.clock import Clock
from realtime.deferred import Deferred
from realtime.errors import DomainError, Internal, NotFound

log = logging.getLogger("gifchat.changes")

EVERY_S = 0.25  # a record's update at most four times a second (docs/protocol.md)

Change = Callable[[StoredRecord], StoredRecord]
"""Makes a record's next state of its present one, or returns that if it changes nothing. Raises DomainError."""


@dataclass(slots=True, eq=False)
class _Pending:
    """What is asked of one record; its next batch begins at `free_at`, or when the one under way is over."""

    waiting: list[tuple[Change, Deferred[int]]] = field(default_factory=list)
    free_at: float = 0.0


class Changes:
    """Changes the records of all rooms."""

    def __init__(self, records: RecordStore, images: ImageStore, journal: Journal, clock: Clock) -> None:
        self._records = records
        self._images = images
        self._journal = journal
        self._clock = clock
        self._pending: dict[tuple[int, int], _Pending] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def make(self, room: Room, seq: int, change: Change) -> Deferred[int]:
        """Change a record; what is returned gives the `rev` (or position) of the state in which the change is.

        It settles with what `change` raises, NotFound when the record is gone, or Storage.
        """
        asked: Deferred[int] = Deferred()
        pending = self._pending.get((room.key, seq))
        if pending is None:
            pending = self._pending[room.key, seq] = _Pending()
            self._spawn(self._next(room, seq, pending))
        pending.waiting.append((change, asked))
        return asked

    async def load(self, room: Room, seq: int) -> StoredRecord:
        """Return a record as it is now. Raises NotFound or Storage."""
        # From memory if it can be: a way to SQLite's thread and back costs a fifth of a message. What a record answers
        # may have expired meanwhile.
        record = room.recent.get(seq)
        if not room.ephemeral and (record is None or record.answered is not None):
            record = await self._records.get(room.key, seq)
        if record is None:
            raise NotFound
        return record

    async def settled(self) -> None:
        """Return when nothing that was asked is under way."""
        await asyncio.gather(*self._tasks)

    async def stop(self) -> None:
        """End what is under way: what is not committed by now was not done, and its sender is not told otherwise."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _next(self, room: Room, seq: int, pending: _Pending) -> None:
        """Make the next batch, and look again when the one after it may begin."""
        batch, pending.waiting = pending.waiting, []
        try:
            await self._make(room, seq, batch, pending)
        except Exception:  # a defect of ours: whoever asked is not left waiting
            log.exception("the changes of record %d failed", seq)
            for _, asked in batch:
                if not asked.done():
                    asked.set_exception(Internal())
        finally:
            self._clock.call_at(pending.free_at, lambda: self._look(room, seq, pending))

    def _look(self, room: Room, seq: int, pending: _Pending) -> None:
        if pending.waiting:
            self._spawn(self._next(room, seq, pending))
        else:
            del self._pending[room.key, seq]

    async def _make(self, room: Room, seq: int, batch: list[tuple[Change, Deferred[int]]], pending: _Pending) -> None:
        """Make one state of all that is asked, write it and send it."""
        try:
            record = await self.load(room, seq)
        except DomainError as error:
            for _, asked in batch:
                asked.set_exception(error)
            return
        state, made = record, []
        for change, asked in batch:
            try:
                state = change(state)
                made.append(asked)
            except DomainError as error:
                asked.set_exception(error)
            except Exception:  # a defect in one change must not keep the others of its batch without an answer
                log.exception("a change of record %d failed", seq)
                asked.set_exception(Internal())
        if state is record or room.gone:
            for asked in made:
                _settle(asked, record.position, NotFound() if room.gone else None)
            return
        pending.free_at = self._clock.time() + EVERY_S
        state = state.revised(self._records.next()[0])
        if room.ephemeral:
            self._changed(room, record, state, made)
            return
        try:
            stored = self._records.change(state)
        except DomainError as error:
            for asked in made:
                asked.set_exception(error)
            return
        # At once, in the turn in which its commit is told of: what is committed after it is sent after it.
        stored.add_done_callback(partial(self._stored, room, record, state, made))
        await _ended(stored)

    def _stored(
        self,
        room: Room,
        before: StoredRecord,
        state: StoredRecord,
        made: list[Deferred[int]],
        stored: Deferred[bool],
    ) -> None:
        error = stored.exception() or (None if stored.result() else NotFound())
        if error is not None:
            for asked in made:
                asked.set_exception(error)
        else:
            self._changed(room, before, state, made)

    def _changed(self, room: Room, before: StoredRecord, state: StoredRecord, made: list[Deferred[int]]) -> None:
        try:
            self._journal.send_update(room, state)
        except Exception:  # it is made all the same
            log.exception("record %d was changed, and nobody told", state.seq)
        for asked in made:
            asked.set_result(state.position)
        if isinstance(before, Said) and isinstance(state, Said):
            if (before.chat, before.image) != (state.chat, state.image):
                self._touch_answers(room, state)
            if before.image is not None and state.image is None and not room.ephemeral:
                self._spawn(self._images.clear())

    def _touch_answers(self, room: Room, changed: Said) -> None:
        """Have all that quote a record told anew: what they quote has changed."""
        if changed.seq in room.recent:
            self._quote_anew(room, changed, list(room.recent.values()))
        elif not room.ephemeral:
            self._spawn(self._touch_stored_answers(room, changed))

    async def _touch_stored_answers(self, room: Room, changed: Said) -> None:
        self._quote_anew(room, changed, await self._records.answers_to(room.key, changed.seq))

    def _quote_anew(self, room: Room, changed: Said, records: list[StoredRecord]) -> None:
        for record in records:
            if record.answered == changed.seq:
                self.make(room, record.seq, lambda one: one.quoting(changed))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None and not isinstance(error, DomainError):
            log.error("a change was not carried on", exc_info=error)


def _settle(asked: Deferred[int], position: int, error: DomainError | None) -> None:
    if error is not None:
        asked.set_exception(error)
    else:
        asked.set_result(position)


async def _ended(stored: Deferred[bool]) -> None:
    """Return when it is settled, however."""
    with contextlib.suppress(DomainError):
        await stored
