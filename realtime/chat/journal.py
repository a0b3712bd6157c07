"""How a record is created: committed first, then sent to the room, then acknowledged; each nonce once."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from functools import partial

from realtime.chat.ages import Ages
from realtime.chat.desk.house import House
from realtime.chat.model import Image, SystemEvent, Visitor
from realtime.chat.names import Name
from realtime.chat.ports import RecordStore
from realtime.chat.records import Said, StoredRecord, SystemLine, Whisper
from realtime.chat.room import Room
from realtime.chat.watch import Watch
from realtime.chat.wire_forms import Record
from realtime.deferred import Deferred, failed
from realtime.errors import DomainError, NoSuchRoom, Storage
from realtime.hub import Namespace

log = logging.getLogger("gifchat.journal")

# The course's own lines for join and exit (docs/protocol.md); the others are worded similarly.
LINES: dict[SystemEvent, str] = {
    "join": "{user}님이 입장하셨습니다.",
    "exit": "{user}님이 퇴장하셨습니다.",
    "owner": "{user}님이 방장이 되셨습니다.",
    "kick": "{user}님이 강퇴되셨습니다.",
    "name": "{user}님이 이름을 정하셨습니다: {name}",
}
NAMELESS = "{user}님이 이름을 지우셨습니다."


class Journal:
    """Writes the records of all rooms, and sends each to those who may see it."""

    def __init__(  # noqa: PLR0913  its dependencies
        self,
        records: RecordStore,
        namespace: Namespace,
        ages: Ages,
        name_of: Callable[[int], Name | None],
        house: House,
        *,
        watch: Watch,
    ) -> None:
        """`name_of` returns the name of a visitor by their id."""
        self.ages = ages
        self._house = house
        self._name_of = name_of
        self._records = records
        self._namespace = namespace
        self._watch = watch
        self.committed = 0  # since the start
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def last_seq(self) -> int:
        """The last assigned number: a record with a greater seq is newer than this call."""
        return self._records.last_seq

    def note(self, room: Room, event: SystemEvent, subject: Visitor, *, lingers: bool = False) -> Deferred[Record]:
        """Write a system record together with its effect; resolves to the record once it is committed and sent.

        `lingers`: after this exit the room waits for the subject, also after a restart.

        In an ephemeral room only the effect is stored, not the line (schema.sql), and of a name nothing.
        """
        seq, created_at = self._records.next()
        name = self.name_in(room, subject)
        text = NAMELESS if event == "name" and name is None else LINES[event]
        line = SystemLine(
            seq=seq,
            room=room.key,
            visitor_id=subject.id,
            user=subject.user,
            created_at=created_at,
            name=name,
            event=event,
            chat=text.format(user=subject.user, name=name),
            role=self._house.role_of(subject.id),
            members=len(room.occupancy) if event in ("join", "exit") else None,
            lingers=lingers,
        )
        return self._relay(room, line) if room.ephemeral and event == "name" else self._append(room, line)

    def say(  # noqa: PLR0913  the fields of a record
        self,
        room: Room,
        sender: Visitor,
        *,
        chat: str | None = None,
        image: Image | None = None,
        to: Visitor | None = None,
        nonce: str | None = None,
        quoted: StoredRecord | None = None,
    ) -> Deferred[Record]:
        """Write what a visitor says; resolves to the record once it is committed and sent.

        A nonce that the sender used before in this room resolves to the earlier record; nothing is written or sent.
        """
        seq, created_at = self._records.next()
        self.ages.note(seq)
        said = Said(
            seq=seq,
            room=room.key,
            visitor_id=sender.id,
            user=sender.user,
            created_at=created_at,
            name=self.name_in(room, sender),
            role=self._house.role_of(sender.id),
            chat=chat,
            image=image,
            nonce=nonce,
            re=quoted.seq if quoted else None,
            quoted=quoted,
        )
        if to is not None:
            said = said.whispered(to)
        return self._relay(room, said) if room.ephemeral else self._append(room, said)

    def name_in(self, room: Room, who: Visitor) -> str | None:
        """Return what the room calls a visitor: nothing while names are not allowed."""
        return room.names.shown(who.id, self._name_of(who.id)) if self._house.switches.names else None

    def _append(self, room: Room, stored_record: StoredRecord) -> Deferred[Record]:
        try:
            stored = self._records.append(stored_record.unnamed() if room.ephemeral else stored_record)
        except DomainError as error:
            return failed(error)
        answer: Deferred[Record] = Deferred()
        stored.add_done_callback(partial(self._settle, room, stored_record, answer))
        return answer

    def _settle(
        self, room: Room, stored_record: StoredRecord, answer: Deferred[Record], stored: Deferred[bool]
    ) -> None:
        error = stored.exception()
        if error is not None:
            answer.set_exception(error)
            return
        if not stored.result():
            assert isinstance(stored_record, Said)
            self._spawn(self._answer_again(room, stored_record, answer))
            return
        self.committed += 1
        if room.ephemeral:  # relayed messages have overtaken it meanwhile
            stored_record = stored_record.at(*self._records.next())
        try:
            record = self._send(room, stored_record)
        except Exception:  # it is stored all the same, so it must be acknowledged
            log.exception("record %d is stored, but was not sent", stored_record.seq)
            record = stored_record.wire(room.id, stored_record.visitor_id)
        answer.set_result(record)

    async def _answer_again(self, room: Room, said: Said, answer: Deferred[Record]) -> None:
        """Resolve `answer` to the earlier record with the same nonce."""
        try:
            first = await self._records.by_nonce(said.room, said.visitor_id, said.nonce or "")
            if first is None:
                raise NoSuchRoom
        except Exception as error:  # any error must reach the sender
            answer.set_exception(error)
        else:
            answer.set_result(first.wire(room.id, said.visitor_id))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _reserve(self) -> None:
        with contextlib.suppress(Storage):  # already logged; the next record retries, long before they run out
            await self._records.reserve()

    def _relay(self, room: Room, relayed: StoredRecord) -> Deferred[Record]:
        answer: Deferred[Record] = Deferred()
        nonce = relayed.nonce if isinstance(relayed, Said) else None
        first = room.relayed.get((relayed.visitor_id, nonce)) if nonce is not None else None
        record = first or self._send(room, relayed)
        if self._records.reserve_due:
            self._spawn(self._reserve())
        if nonce is not None:
            room.remember_relayed(relayed.visitor_id, nonce, record)
        answer.set_result(record)
        return answer

    def _send(self, room: Room, stored_record: StoredRecord) -> Record:
        """Send a record to the sockets that may see it; return it as its sender sees it."""
        room.committed(stored_record)
        self._watch.by.said(room, stored_record)
        record = stored_record.wire(room.id)
        if isinstance(stored_record, SystemLine):
            self._namespace.to(room.id).emit(stored_record.sent_as, record)
            return record
        own_record = record if stored_record.nonce is None else stored_record.wire(room.id, stored_record.visitor_id)
        if isinstance(stored_record, Whisper):
            own = self.live(room, stored_record.visitor_id)
            for sids, one in ((self.live(room, stored_record.to.id) - own, record), (own, own_record)):
                if sids:
                    self._namespace.to(*sids).emit(stored_record.sent_as, one)
            return own_record
        own = self.live(room, stored_record.visitor_id) if own_record is not record else frozenset()
        everyone = self._namespace.to(room.id)
        (everyone.instead(own, own_record) if own else everyone).emit(stored_record.sent_as, record)
        return own_record

    def send_update(self, room: Room, changed: StoredRecord) -> None:
        """Send a record's new state to all who may see it, personalised for its sender and those who reacted."""
        room.committed(changed)
        self._watch.by.said(room, changed)
        own: dict[tuple[str, ...], set[str]] = {}
        records: dict[tuple[str, ...], Record] = {}
        readers = {changed.visitor_id} if isinstance(changed, Said) and changed.nonce is not None else set()
        readers |= {one.id for givers in changed.changed.reactions.values() for one in givers}
        for reader_id in readers:
            live = self.live(room, reader_id)
            if live:
                record = changed.wire(room.id, reader_id)
                key = (record.nonce or "", *(record.mine or ()))
                records[key] = record
                own.setdefault(key, set()).update(live)
        common = changed.wire(room.id)
        everyone = self._namespace.to(room.id)
        if isinstance(changed, Whisper):
            both = self.live(room, changed.visitor_id) | self.live(room, changed.to.id)
            if not both:
                return
            everyone = self._namespace.to(*both)
        for key, sids in own.items():
            everyone = everyone.instead(sids, records[key])
        everyone.emit("update", common)

    def live(self, room: Room, visitor_id: int) -> frozenset[str]:
        """Return the visitor's sockets that are in the room and not catching up."""
        sockets = self._namespace.sockets
        return frozenset(s for s in room.occupancy.sids(visitor_id) if s in sockets and room.id in sockets[s].rooms)
