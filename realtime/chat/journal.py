"""How a record comes about: committed first, then sent to the room, then acknowledged; each nonce once."""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from functools import partial

from realtime.chat.model import Image, Record, StoredRecord, SystemEvent, Visitor
from realtime.chat.ports import RecordStore
from realtime.chat.room import Room
from realtime.deferred import Deferred, failed
from realtime.errors import DomainError, NoSuchRoom, Storage
from realtime.hub import Namespace

log = logging.getLogger("gifchat.journal")

# The course's own lines for join and exit (docs/protocol.md); owner and kick are worded alike.
LINES: dict[SystemEvent, str] = {
    "join": "{user}님이 입장하셨습니다.",
    "exit": "{user}님이 퇴장하셨습니다.",
    "owner": "{user}님이 방장이 되셨습니다.",
    "kick": "{user}님이 강퇴되셨습니다.",
}


class Journal:
    """Writes the records of all rooms and sends each to those who may see it."""

    def __init__(self, records: RecordStore, namespace: Namespace) -> None:
        self._records = records
        self._namespace = namespace
        self.committed = 0  # since the start
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def last_seq(self) -> int:
        """The last number given to a record: a record with a greater one was written after now."""
        return self._records.last_seq

    def note(self, room: Room, event: SystemEvent, subject: Visitor, *, lingers: bool = False) -> Deferred[Record]:
        """Write a system record, and with it what it tells of; what is returned gives it once it is committed.

        `lingers`: the room waits for whose exit this is, also after a restart.

        Of an ephemeral room only what it tells of is stored, not the line (schema.sql).
        """
        seq, created_at = self._records.next()
        return self._append(
            room,
            StoredRecord(
                seq=seq,
                room=room.key,
                visitor_id=subject.id,
                user=subject.user,
                created_at=created_at,
                chat=LINES[event].format(user=subject.user),
                event=event,
                members=len(room.occupancy) if event in ("join", "exit") else None,
                lingers=1 if lingers else None,
            ),
        )

    def say(  # noqa: PLR0913  the fields of a record
        self,
        room: Room,
        sender: Visitor,
        *,
        chat: str | None = None,
        image: Image | None = None,
        to: Visitor | None = None,
        nonce: str | None = None,
    ) -> Deferred[Record]:
        """Write what a visitor says; what is returned gives the record once it is committed and sent.

        A nonce the sender used before in this room gives the record of then, and nothing is written or sent.
        """
        seq, created_at = self._records.next()
        row = StoredRecord(
            seq=seq,
            room=room.key,
            visitor_id=sender.id,
            user=sender.user,
            created_at=created_at,
            chat=chat,
            gif=image.name if image else None,
            width=image.width if image else None,
            height=image.height if image else None,
            moving=1 if image and image.poster else None,
            to_id=to.id if to else None,
            to_user=to.user if to else None,
            nonce=nonce,
        )
        return self._relay(room, row) if room.ephemeral else self._append(room, row)

    def _append(self, room: Room, row: StoredRecord) -> Deferred[Record]:
        try:
            stored = self._records.append(row)
        except DomainError as error:
            return failed(error)
        answer: Deferred[Record] = Deferred()
        stored.add_done_callback(partial(self._settle, room, row, answer))
        return answer

    def _settle(self, room: Room, row: StoredRecord, answer: Deferred[Record], stored: Deferred[bool]) -> None:
        error = stored.exception()
        if error is not None:
            answer.set_exception(error)
            return
        if not stored.result():
            self._spawn(self._answer_again(room, row, answer))
            return
        self.committed += 1
        if room.ephemeral:  # what was said meanwhile was only relayed, and has overtaken it
            seq, created_at = self._records.next()
            row = row._replace(seq=seq, created_at=created_at)
        try:
            record = self._send(room, row)
        except Exception:  # it is stored all the same, and what comes of this record goes by that
            log.exception("record %d is stored, but was not sent", row.seq)
            record = row.record(room.id, row.visitor_id)
        answer.set_result(record)

    async def _answer_again(self, room: Room, row: StoredRecord, answer: Deferred[Record]) -> None:
        """Answer what was said before under the same nonce."""
        try:
            first = await self._records.by_nonce(row.room, row.visitor_id, row.nonce or "")
            if first is None:
                raise NoSuchRoom
        except Exception as error:  # whatever it is, who asked hears of it
            answer.set_exception(error)
        else:
            answer.set_result(first.record(room.id, row.visitor_id))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _reserve(self) -> None:
        with contextlib.suppress(Storage):  # it has been logged; the next record tries again, long before they run out
            await self._records.reserve()

    def _relay(self, room: Room, row: StoredRecord) -> Deferred[Record]:
        answer: Deferred[Record] = Deferred()
        first = room.relayed.get((row.visitor_id, row.nonce)) if row.nonce is not None else None
        record = first or self._send(room, row)
        if self._records.reserve_due:
            self._spawn(self._reserve())
        if row.nonce is not None:
            room.remember_relayed(row.visitor_id, row.nonce, record)
        answer.set_result(record)
        return answer

    def _send(self, room: Room, row: StoredRecord) -> Record:
        """Send a record to the sockets that may see it; return it as its own sender sees it."""
        room.committed(row)
        record = row.record(room.id)
        own_record = record if row.nonce is None else row.record(room.id, row.visitor_id)
        own = self._live(room, row.visitor_id) if own_record is not record or row.to_id is not None else frozenset()
        if row.to_id is not None:
            others = self._live(room, row.to_id) - own
            if others:
                self._namespace.to(*others).emit("whisper", record)
            if own:
                self._namespace.to(*own).emit("whisper", own_record)
        else:
            everyone = self._namespace.to(room.id)
            (everyone.instead(own, own_record) if own else everyone).emit(row.event or "chat", record)
        return own_record

    def _live(self, room: Room, visitor_id: int) -> frozenset[str]:
        """Return the visitor's sockets that had their join ack."""
        sockets = self._namespace.sockets
        return frozenset(s for s in room.occupancy.sids(visitor_id) if s in sockets and room.id in sockets[s].rooms)
