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
from realtime.chat.life import Rooms
from realtime.chat.model import Image, Visitor, timestamp
from realtime.chat.ports import Stores
from realtime.chat.records import StoredRecord
from realtime.chat.room import Room
from realtime.chat.wire_forms import HeldRecord, Quote, Record
from realtime.deferred import Deferred
from realtime.errors import Banned, DomainError, Internal, Kicked, NoSuchRoom, NotFound, Storage, TooFast
from realtime.hub import Hub, Socket

log = logging.getLogger("gifchat.desk")

HELD_EACH: Final = 10
"""How much of one visitor's may wait in a room."""
HELD_IN_ROOM: Final = 300
RETRY_S: Final = 10.0
REMEMBERED: Final = 1000


class HeldAnswer(msgspec.Struct, frozen=True):
    """What the sender is answered."""

    id: str
    held: bool = True


class Flag(HeldRecord, frozen=True, kw_only=True, omit_defaults=True):
    """What the desk sees of it; `seat` is the label of its sender's card."""

    word: str | None = None
    seat: str | None = None


class DoneView(msgspec.Struct, frozen=True):
    """What the sender is told when it is decided."""

    room: str
    held: str
    shown: bool
    nonce: str


_Nonce = tuple[int, int, str]
"""A nonce of a visitor in a room."""


class _Waiting(msgspec.Struct, frozen=True, eq=False):
    row: HeldRow
    room: Room
    re: Quote | None

    @property
    def nonce(self) -> _Nonce:
        return self.row.room, self.row.visitor_id, self.row.nonce


class HeldMessages:
    """What waits in all rooms."""

    def __init__(self, rooms: Rooms, changes: Changes, stores: Stores, hub: Hub) -> None:
        self.on_held: Callable[[Room, Flag], object] = lambda *_: None
        """Called when something is held."""
        self.on_decided: Callable[[Room, str], object] = lambda *_: None
        """Called with the id of something that does not wait any longer."""
        self._rooms = rooms
        self._changes = changes
        self._stores = stores
        self._namespace = hub.of("/chat")
        self._waiting: dict[str, _Waiting] = {}
        self._answers: dict[_Nonce, Deferred[Record | HeldAnswer]] = {}  # of all that waits or is being stored
        self._dropped: OrderedDict[_Nonce, HeldAnswer] = OrderedDict()
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
            waiting = _Waiting(row, room, _quote(quoted))
            if self._refusal(room, row.visitor_id) is None:
                self._add(waiting)
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
        known = (room.key, who.id, nonce) if nonce is not None else None
        first = self._first_answer(known) if known is not None and (self._answers or self._dropped) else None
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
                flashes=None,
                re=quoted.seq if quoted else None,
                nonce=nonce or f"held-{held_id}",
                why=reason.why,
                word=reason.word,
            )
            waiting = _Waiting(row, room, _quote(quoted))
            self._check_space(room, who)
            self._answers[waiting.nonce] = answer
            self._spawn(self._hold(waiting, new=nonce is None), answer)
        return answer

    def _first_answer(self, nonce: _Nonce) -> Deferred[Record | HeldAnswer] | None:
        dropped = self._dropped.get(nonce)
        if dropped is None:
            return self._answers.get(nonce)
        answer: Deferred[Record | HeldAnswer] = Deferred()
        answer.set_result(dropped)
        return answer

    async def _again(
        self, room: Room, image: Image | None, first: Deferred[Record | HeldAnswer]
    ) -> Record | HeldAnswer:
        try:
            return await first
        finally:
            if image is not None:
                await self._stores.images.release(room.key, image.name)

    async def _hold(self, waiting: _Waiting, *, new: bool) -> Record | HeldAnswer:
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
            del self._answers[waiting.nonce]
            if not room.gone:
                await self._discard(waiting)
            raise out
        self._waiting[row.id] = waiting
        for socket in self._senders(waiting):
            socket.emit("held", self._to_sender(waiting))
        self.on_held(room, self._flag(waiting))
        return HeldAnswer(row.id)

    async def _let_go(self, waiting: _Waiting) -> None:
        """Give up holding something that is not stored."""
        del self._answers[waiting.nonce]
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

    def _check_space(self, room: Room, who: Visitor) -> None:
        """Raise TooFast if too much is waiting in the room, of all or of one visitor."""
        senders = [visitor_id for key, visitor_id, _ in self._answers if key == room.key]
        if len(senders) >= HELD_IN_ROOM or senders.count(who.id) >= HELD_EACH:
            raise TooFast(retry_after=RETRY_S)

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
        self._dropped[waiting.nonce] = HeldAnswer(held_id)
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
        for waiting in [one for one in self._waiting.values() if one.room is room]:
            self._forget(self._take(room.id, waiting.row.id))

    # What is seen of it

    def flags(self) -> list[Flag]:
        """Return what waits in all rooms, as the desk sees it, the oldest first."""
        return [self._flag(waiting) for waiting in self._in_order()]

    def count(self, room: Room) -> int:
        """Return how much waits in a room."""
        return sum(waiting.room is room for waiting in self._waiting.values())

    def of(self, room: Room, who: Visitor) -> list[HeldRecord]:
        """Return what of a visitor's waits in a room, the oldest first."""
        if not self._waiting:
            return []
        return [
            self._to_sender(waiting)
            for waiting in self._in_order()
            if waiting.room is room and waiting.row.visitor_id == who.id
        ]

    # Internals

    def _add(self, waiting: _Waiting) -> None:
        self._waiting[waiting.row.id] = waiting
        answer: Deferred[Record | HeldAnswer] = Deferred()
        answer.set_result(HeldAnswer(waiting.row.id))
        self._answers[waiting.nonce] = answer

    def _in_order(self) -> list[_Waiting]:
        return sorted(self._waiting.values(), key=lambda one: (one.row.created_at, one.row.id))

    def _take(self, room_id: str, held_id: str) -> _Waiting:
        """Take out something that is decided now. Raises NotFound."""
        waiting = self._waiting.get(held_id)
        if waiting is None or waiting.room.id != room_id:
            raise NotFound
        return self._waiting.pop(held_id)

    def _give_back(self, waiting: _Waiting) -> None:
        """Let wait again what could not be decided."""
        if self._refusal(waiting.room, waiting.row.visitor_id) is None:
            self._waiting[waiting.row.id] = waiting
        else:
            self._forget(waiting)

    async def _discard(self, waiting: _Waiting) -> None:
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

    async def _quoted(self, waiting: _Waiting) -> StoredRecord | None:
        if waiting.re is None:
            return None
        try:
            quoted = await self._changes.load(waiting.room, waiting.re.seq)
        except NotFound:
            return None
        return quoted if quoted.changed.deleted is None else None

    def _decided(self, waiting: _Waiting, *, shown: bool) -> None:
        row = waiting.row
        self._forget(waiting)
        for socket in self._senders(waiting):
            socket.emit("heldDone", DoneView(waiting.room.id, row.id, shown, row.nonce))

    def _forget(self, waiting: _Waiting) -> None:
        self._answers.pop(waiting.nonce, None)
        self.on_decided(waiting.room, waiting.row.id)

    def _senders(self, waiting: _Waiting) -> list[Socket]:
        """Return the sender's sockets in the room."""
        live = self._rooms.journal.live(waiting.room, waiting.row.visitor_id)
        return [self._namespace.sockets[sid] for sid in live]

    def _to_sender(self, waiting: _Waiting) -> HeldRecord:
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
            re=waiting.re,
            nonce=row.nonce,
        )

    def _flag(self, waiting: _Waiting) -> Flag:
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


def _quote(quoted: StoredRecord | None) -> Quote | None:
    """Return which record is answered, without what it says: that may be deleted meanwhile."""
    if quoted is None:
        return None
    return Quote(quoted.id, quoted.seq, quoted.quote(excerpt=False).user, name=quoted.name)
