"""What waits for the teacher's decision before it is said: held messages.

    hold ──► waiting ──► show: it is said, as a record of that moment
                    └──► drop: it is gone; its sender is told

Only its sender and the desk see it. It is stored until it is decided, or in an ephemeral room kept in memory, and an
image in it keeps the use that was counted for it. When it is said, its record is stored under its nonce, which deletes
what was held in the same transaction; so everything held has a nonce. Deciding takes it out of the memory at once: of
two desks, one decides.

Somebody who is kicked or banned says nothing more, so what they have waiting is dropped. A room that ends takes all
with it.
"""

import asyncio
import itertools
import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from typing import Final

import msgspec

from realtime.chat.changes import Changes
from realtime.chat.desk.ports import HeldRow
from realtime.chat.desk.waiting import DoneView, Flag, HeldAnswer, HeldLine, HeldMessage, Nonce, quote_of
from realtime.chat.life import Rooms
from realtime.chat.model import Image, Visitor, timestamp
from realtime.chat.ports import Stores
from realtime.chat.records import StoredRecord
from realtime.chat.room import Room
from realtime.chat.wire_forms import HeldRecord, Record
from realtime.deferred import Deferred
from realtime.errors import Banned, DomainError, Internal, Kicked, NoSuchRoom, NotFound, Storage
from realtime.hub import Hub, Socket

log = logging.getLogger("gifchat.desk")

REMEMBERED: Final = 1000


class HeldMessages:
    """What waits in all rooms."""

    def __init__(self, rooms: Rooms, changes: Changes, stores: Stores, hub: Hub) -> None:
        self.on_held: Callable[[Room, str], object] = lambda *_: None
        """Called with the id of something that is held."""
        self.on_decided: Callable[[Room, str], object] = lambda *_: None
        """Called with the id of something that does not wait any longer."""
        self._rooms = rooms
        self._changes = changes
        self._stores = stores
        self._namespace = hub.of("/chat")
        self._waiting: dict[str, HeldMessage] = {}  # by id
        self._lines: dict[int, HeldLine] = {}  # of those rooms where something waits or is being stored, by key
        self._dropped: OrderedDict[tuple[int, Nonce], HeldAnswer] = OrderedDict()  # by room key and nonce
        self._count = itertools.count()
        self._tasks: set[asyncio.Task[None]] = set()
        rooms.on_end = self.end
        rooms.on_out = self.silence

    async def start(self) -> None:
        """Load what is stored, when the rooms are there. Raises Storage."""
        rooms = {room.key: room for room in self._rooms.newest_first()}
        for row in await self._stores.desk.held():
            room = rooms[row.room]
            quoted = await self._stores.records.get(row.room, row.re) if row.re is not None else None
            waiting = HeldMessage(row, room, quote_of(quoted))
            if self._refusal(room, row.visitor_id) is None:
                self._put(waiting)
            else:
                await self._discard(waiting)

    async def settled(self) -> None:
        """Wait until nothing is being stored or deleted."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def expire(self, before_ms: int) -> None:
        """Drop what has waited since before then, milliseconds since the epoch. Raises Storage."""
        for waiting in [one for one in self._waiting.values() if one.row.created_at < before_ms]:
            await self.drop(waiting.room.id, waiting.row.id)

    # Holding

    def instead(  # noqa: PLR0913  the fields of a record
        self,
        room: Room,
        who: Visitor,
        *,
        chat: str | None,
        nonce: str | None,
        quoted: StoredRecord | None,
        image: Image | None = None,
    ) -> Deferred[Record | HeldAnswer] | None:
        """Hold what somebody says to the room if the teacher must see it first; otherwise return None: it may be said.

        A nonce that was used before resolves to its first answer. The Deferred takes over a counted use of the image,
        and releases it if nothing is held. Raises TooFast if too much is waiting; the Deferred can fail with
        NoSuchRoom, Kicked, Banned or Storage.
        """
        first = self.first_answer(room, who, nonce)
        reason = self._rooms.filter.reason(who, room, chat) if first is None else None
        if first is None and reason is None:
            return None
        answer: Deferred[Record | HeldAnswer] = Deferred()
        if first is not None:
            self._spawn(self._again(room, image, first), answer)
        elif reason is not None:
            now_ms = int(time.time() * 1000)
            held_id = f"{now_ms:012x}{next(self._count) % 0x10000:04x}{secrets.token_hex(4)}"  # in order
            row = HeldRow(
                id=held_id,
                room=room.key,
                visitor_id=who.id,
                user=who.user,
                created_at=now_ms,
                chat=chat,
                gif=image.name if image else None,
                width=image.width if image else None,
                height=image.height if image else None,
                moving=1 if image and image.poster else None,
                flashes=1 if image and image.flashes else None,
                re=quoted.seq if quoted else None,
                nonce=nonce or f"held-{held_id}",
                why=reason.why,
                word=reason.word,
            )
            waiting = HeldMessage(row, room, quote_of(quoted))
            line = self._lines.setdefault(room.key, HeldLine())
            line.check_space(who.id)
            line.answers[waiting.nonce] = answer
            self._spawn(self._hold(waiting, new=nonce is None), answer)
        return answer

    def first_answer(self, room: Room, who: Visitor, nonce: str | None) -> Deferred[Record | HeldAnswer] | None:
        """Return the answer of what was held under a nonce, or is now; None if nothing was."""
        if nonce is None:
            return None
        dropped = self._dropped.get((room.key, (who.id, nonce))) if self._dropped else None
        if dropped is not None:
            return _settled(dropped)
        line = self._lines.get(room.key)
        return line.answers.get((who.id, nonce)) if line is not None else None

    async def _again(
        self, room: Room, image: Image | None, first: Deferred[Record | HeldAnswer]
    ) -> Record | HeldAnswer:
        try:
            return await first
        finally:
            if image is not None:
                await self._stores.images.release(room.key, image.name)

    async def _hold(self, waiting: HeldMessage, *, new: bool) -> Record | HeldAnswer:
        row, room = waiting.row, waiting.room
        try:
            said = None if new else await self._said(room, row)
            if said is None and not room.ephemeral:
                await self._stores.desk.hold(row)
        except BaseException:
            await self._let_go(waiting)
            raise
        if said is not None:
            await self._let_go(waiting)
            return said
        out = self._refusal(room, row.visitor_id)
        if out is not None:
            self._end_answer(waiting)
            if not room.gone:
                await self._discard(waiting)
            raise out
        self._put(waiting)
        for socket in self._senders(waiting):
            socket.emit("held", self._to_sender(waiting))
        self.on_held(room, row.id)
        return HeldAnswer(row.id)

    async def _let_go(self, waiting: HeldMessage) -> None:
        """Give up holding something that is not stored."""
        self._end_answer(waiting)
        if waiting.row.gif is not None:
            await self._stores.images.release(waiting.row.room, waiting.row.gif)

    async def _said(self, room: Room, row: HeldRow) -> Record | None:
        """Return what was said under this nonce before."""
        if room.ephemeral:
            return room.relayed.get((row.visitor_id, row.nonce))
        said = await self._stores.records.by_nonce(row.room, row.visitor_id, row.nonce)
        return None if said is None else said.wire(room.id, row.visitor_id)

    def _refusal(self, room: Room, visitor_id: int) -> DomainError | None:
        if room.gone:
            return NoSuchRoom()
        if visitor_id in room.bans:
            return Kicked()
        return Banned() if self._rooms.house.is_banned(visitor_id) else None

    # Deciding

    async def show(self, room_id: str, held_id: str) -> Record:
        """Say what was held, and return the record, which is of now.

        Its reply is kept if what it quotes is still there. Raises NotFound if it is decided already, or Storage.
        """
        waiting = self._take(room_id, held_id)
        row, room = waiting.row, waiting.room
        sender = Visitor(row.visitor_id, row.user)
        try:
            quoted = await self._quoted(waiting)
            if room.gone:
                raise NotFound
            record = await self._rooms.journal.say(
                room, sender, chat=row.chat, image=row.image, nonce=row.nonce, quoted=quoted
            )
        except BaseException:
            self._give_back(waiting)
            raise
        self._decided(waiting, shown=True)
        return record

    async def drop(self, room_id: str, held_id: str) -> Visitor:
        """Delete what was held; return its sender, who is told.

        Raises NotFound if it is decided already, or Storage.
        """
        waiting = self._take(room_id, held_id)
        await self._discard(waiting)
        self._dropped[waiting.room.key, waiting.nonce] = HeldAnswer(held_id)
        if len(self._dropped) > REMEMBERED:
            self._dropped.popitem(last=False)
        self._decided(waiting, shown=False)
        return Visitor(waiting.row.visitor_id, waiting.row.user)

    def silence(self, who: Visitor, room: Room | None = None) -> None:
        """Drop what somebody has waiting in a room or, with None, in all: they are out."""
        for waiting in list(self._waiting.values()):
            if waiting.row.visitor_id == who.id and room in (None, waiting.room):
                self._forget(self._take(waiting.room.id, waiting.row.id))
                self._spawn(self._discard(waiting))

    def end(self, room: Room) -> None:
        """Forget what waits in a room that is gone."""
        line = self._lines.get(room.key)
        for held_id in list(line.waiting) if line is not None else ():
            self._forget(self._take(room.id, held_id))

    # What is seen of it

    def ids(self) -> list[str]:
        """Return the ids of what waits in all rooms, the oldest first."""
        return [waiting.row.id for waiting in _in_order(self._waiting)]

    def flag(self, held_id: str) -> Flag | None:
        """Return something that waits as the desk sees it; None if it is decided."""
        waiting = self._waiting.get(held_id)
        return self._flag(waiting) if waiting is not None else None

    def count(self, room: Room) -> int:
        """Return how much waits in a room."""
        line = self._lines.get(room.key)
        return len(line.waiting) if line is not None else 0

    def of(self, room: Room, who: Visitor) -> list[HeldRecord]:
        """Return what of a visitor's waits in a room, the oldest first."""
        line = self._lines.get(room.key)
        if line is None:
            return []
        return [self._to_sender(one) for one in _in_order(line.waiting) if one.row.visitor_id == who.id]

    # Internals

    def _put(self, waiting: HeldMessage) -> None:
        self._waiting[waiting.row.id] = waiting
        line = self._lines.setdefault(waiting.room.key, HeldLine())
        line.waiting[waiting.row.id] = waiting
        if waiting.nonce not in line.answers:
            line.answers[waiting.nonce] = _settled(HeldAnswer(waiting.row.id))

    def _end_answer(self, waiting: HeldMessage) -> None:
        line = self._lines.get(waiting.room.key)
        if line is not None:
            line.answers.pop(waiting.nonce, None)
            if not line.answers:
                del self._lines[waiting.room.key]

    def _take(self, room_id: str, held_id: str) -> HeldMessage:
        """Take out something that is decided now. Raises NotFound."""
        waiting = self._waiting.get(held_id)
        if waiting is None or waiting.room.id != room_id:
            raise NotFound
        del self._lines[waiting.room.key].waiting[held_id]
        return self._waiting.pop(held_id)

    def _give_back(self, waiting: HeldMessage) -> None:
        """Let wait again what could not be decided."""
        if self._refusal(waiting.room, waiting.row.visitor_id) is None:
            self._put(waiting)
        else:
            self._forget(waiting)

    async def _discard(self, waiting: HeldMessage) -> None:
        """Delete what was taken out, and the file of its image if nothing else uses it. Raises Storage."""
        row = waiting.row
        if waiting.room.ephemeral:
            if row.gif is not None:
                await self._stores.images.release(row.room, row.gif)
            return
        try:
            await self._stores.desk.drop(row.id)
        except Storage:
            self._give_back(waiting)
            raise
        if row.gif is not None:
            await self._stores.images.clear()

    async def _quoted(self, waiting: HeldMessage) -> StoredRecord | None:
        if waiting.re is None:
            return None
        try:
            quoted = await self._changes.load(waiting.room, waiting.re.seq)
        except NotFound:
            return None
        return quoted if quoted.changed.deleted is None else None

    def _decided(self, waiting: HeldMessage, *, shown: bool) -> None:
        row = waiting.row
        self._forget(waiting)
        for socket in self._senders(waiting):
            socket.emit("heldDone", DoneView(waiting.room.id, row.id, shown, row.nonce))

    def _forget(self, waiting: HeldMessage) -> None:
        self._end_answer(waiting)
        self.on_decided(waiting.room, waiting.row.id)

    def _senders(self, waiting: HeldMessage) -> list[Socket]:
        """Return the sender's sockets in the room."""
        live = self._rooms.journal.live(waiting.room, waiting.row.visitor_id)
        return [self._namespace.sockets[sid] for sid in live]

    def _to_sender(self, waiting: HeldMessage) -> HeldRecord:
        row, image = waiting.row, waiting.row.image
        return HeldRecord(
            held=row.id,
            room=waiting.room.id,
            user=row.user,
            created_at=timestamp(row.created_at),
            why=row.why,
            name=self._rooms.journal.name_in(waiting.room, Visitor(row.visitor_id, row.user)),
            chat=row.chat,
            gif=image.name if image else None,
            width=image.width if image else None,
            height=image.height if image else None,
            poster=image.poster if image else None,
            flashes=image is not None and image.flashes,
            re=waiting.re,
            nonce=row.nonce,
        )

    def _flag(self, waiting: HeldMessage) -> Flag:
        house, row = self._rooms.house, waiting.row
        seat = house.seat_of(row.visitor_id)
        fields = {**msgspec.structs.asdict(self._to_sender(waiting)), "nonce": None}
        return Flag(**fields, word=row.word, seat=None if seat is None else house.labels.get(seat))

    def _spawn(
        self,
        work: Coroutine[object, object, Record | HeldAnswer | None],
        answer: Deferred[Record | HeldAnswer] | None = None,
    ) -> None:
        async def settle() -> None:
            try:
                result = await work
            except DomainError as error:
                if answer is not None:
                    answer.set_exception(error)
            except Exception:  # a bug of ours must not leave anybody unanswered
                log.exception("a held message failed")
                if answer is not None:
                    answer.set_exception(Internal())
            else:
                if answer is not None and result is not None:
                    answer.set_result(result)

        task = asyncio.create_task(settle())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _settled(answer: HeldAnswer) -> Deferred[Record | HeldAnswer]:
    settled: Deferred[Record | HeldAnswer] = Deferred()
    settled.set_result(answer)
    return settled


def _in_order(waiting: dict[str, HeldMessage]) -> list[HeldMessage]:
    return sorted(waiting.values(), key=lambda one: (one.row.created_at, one.row.id))
