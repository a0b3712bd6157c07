"""The events of `/chat`: checks the arguments, calls the service, and builds the acks."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from functools import partial
from urllib.parse import urlsplit

import msgspec

from realtime.bounds import Excess
from realtime.chat import policy
from realtime.chat.answers import (
    ChangeAck,
    PersonRequest,
    RecordRequest,
    RoomRequest,
    SaidAck,
    ack,
    argument,
    awaited,
    failed,
)
from realtime.chat.desk.waiting import HeldAnswer
from realtime.chat.model import Visitor
from realtime.chat.policy import ROOM_ID
from realtime.chat.room import Seat
from realtime.chat.service import ChatService
from realtime.chat.wire_forms import Position, Record, Seq
from realtime.deferred import Deferred
from realtime.errors import BadRequest, ChatTooLong, ConnectionRefused, DomainError, SeatNeeded, TooFast
from realtime.hub import AckArgs, Handler, Hub, Later, Socket
from realtime.reason import Reason
from realtime.socketio.packet import Event


class JoinRequest(msgspec.Struct, frozen=True):
    room: str
    password: str | None = None
    after: Seq | Position | None = None


class ChatRequest(msgspec.Struct, frozen=True):
    room: str
    chat: str
    nonce: str | None = None
    re: str | None = None


class WhisperRequest(msgspec.Struct, frozen=True):
    room: str
    to: str
    chat: str
    nonce: str | None = None
    re: str | None = None


class ReactRequest(RecordRequest, frozen=True):
    emoji: str
    on: bool


class EditRequest(RecordRequest, frozen=True):
    chat: str


class LeaveRequest(msgspec.Struct, frozen=True):
    room: str
    keep: bool | None = None


class NameRequest(msgspec.Struct, frozen=True):
    name: str | None


class HeldAck(msgspec.Struct, frozen=True, kw_only=True):
    """The ack of a message that is held."""

    ok: bool = True
    held: bool = True
    id: str


class NameAck(msgspec.Struct, frozen=True):
    """The ack of a name, as it is shown; None when it was given up."""

    name: str | None
    ok: bool = True


CLOSED_WITHOUT_SEAT = ("/", "/room", "/lessons")
"""The namespaces that do not let in who needs a seat card; in `/chat`, each event is refused instead."""

TEXTS = ("chat", "whisper", "edit")
"""The events that carry a text: one over the bounds by its length is too long a chat."""

_Handler = Callable[[Socket, Seat, Event], object]


class ChatEvents:
    """Connects the service to the hub."""

    def __init__(self, service: ChatService, hub: Hub) -> None:
        self._service = service
        chat = hub.of("/chat")
        chat.on_connect = self._connected
        chat.on_disconnect = self._disconnected
        chat.too_large = _too_large
        comings: dict[str, _Handler] = {
            "join": self._join,
            "leave": self._leave,
            "typing": self._typing,
        }
        acts: dict[str, _Handler] = {
            "chat": self._chat,
            "whisper": self._whisper,
            "react": self._react,
            "edit": self._edit,
            "delete": self._delete,
            "kick": self._kick,
            "handover": self._hand_over,
            "readmit": self._readmit,
            "name": self._name,
        }
        for name, handler in comings.items():
            chat.on(name, self._answering(handler))
        for name, handler in acts.items():
            chat.on(name, self._storing(self._answering(handler)))

    def _connected(self, socket: Socket) -> "Coroutine[object, object, AckArgs] | None":
        visitor = socket.handshake.identity
        assert isinstance(visitor, Visitor)
        socket.data = seat = Seat(visitor, socket.handshake.address)
        for muted in self._service.desk.mutes_of(visitor):
            socket.emit("muted", muted)
        room_id = _room_of_page(socket.handshake.referer)
        if socket.handshake.auth is not None or room_id is None:
            return None
        event = Event("/chat", "join", (room_id,))
        return awaited(socket, event, self._join(socket, seat, event))

    def _disconnected(self, socket: Socket, reason: Reason) -> None:
        if isinstance(socket.data, Seat):
            self._service.joining.disconnected(socket, socket.data, goodbye=reason.goodbye)

    def _answering(self, handler: _Handler) -> Handler:
        """Return a handler that converts the result of `handler`, or its domain error, into an ack."""

        def handle(socket: Socket, event: Event) -> "AckArgs | Coroutine[object, object, AckArgs] | Later":
            assert isinstance(socket.data, Seat)
            try:
                if self._service.house.needs_seat(socket.data.who):
                    raise SeatNeeded
                answer = handler(socket, socket.data, event)
            except Exception as error:  # a bug of ours must not leave the event unanswered either
                return failed(socket, event, error)
            if isinstance(answer, Deferred):
                return Later(answer, partial(_settled, socket, event))
            if asyncio.iscoroutine(answer):
                return awaited(socket, event, answer)
            return ack(event, answer)

        return handle

    def _storing(self, handle: Handler) -> Handler:
        """Return a handler that first stores a newcomer who may act in a room."""

        async def stored(socket: Socket, seat: Seat, event: Event) -> AckArgs:
            try:
                await self._service.store(seat.who)
            except DomainError as error:
                return failed(socket, event, error)
            answer = handle(socket, event)
            if isinstance(answer, Later):
                with contextlib.suppress(Exception):  # the answer tells of it
                    await answer.result
                return answer.answer(answer.result)
            return await answer if asyncio.iscoroutine(answer) else answer

        def handle_stored(socket: Socket, event: Event) -> "AckArgs | Coroutine[object, object, AckArgs] | Later":
            assert isinstance(socket.data, Seat)
            guest = self._service.is_guest(socket.data.who)
            return stored(socket, socket.data, event) if guest else handle(socket, event)

        return handle_stored

    async def _join(self, socket: Socket, seat: Seat, event: Event) -> object:
        given = event.args[0] if event.args else None
        request = JoinRequest(given) if isinstance(given, str) else argument(event, JoinRequest)
        return await self._service.joining.join(socket, seat, request.room, request.password, request.after)

    def _leave(self, socket: Socket, seat: Seat, event: Event) -> object:
        given = event.args[0] if event.args else None
        request = LeaveRequest(given) if isinstance(given, str) else argument(event, LeaveRequest)
        self._service.joining.leave(socket, seat, request.room, keep=bool(request.keep))
        return None

    def _chat(self, socket: Socket, seat: Seat, event: Event) -> object:
        request = argument(event, ChatRequest)
        if request.re is not None:
            return self._answer(seat, request)
        return self._service.post(seat.who, request.room, request.chat, request.nonce)

    def _whisper(self, socket: Socket, seat: Seat, event: Event) -> object:
        request = argument(event, WhisperRequest)
        if request.re is not None:
            return self._answer(seat, request)
        return self._service.whisper(seat.who, request.room, request.to, request.chat, request.nonce)

    async def _answer(self, seat: Seat, request: ChatRequest | WhisperRequest) -> SaidAck | HeldAck:
        """Say something in reply to a record, which is loaded first."""
        quoted = await self._service.records.quotable(seat.who, request.room, request.re or "")
        who, room, chat, nonce = seat.who, request.room, request.chat, request.nonce
        if isinstance(request, WhisperRequest):
            return _said(await self._service.whisper(who, room, request.to, chat, nonce, quoted=quoted))
        return _said(await self._service.post(who, room, chat, nonce, quoted))

    def _react(self, socket: Socket, seat: Seat, event: Event) -> object:
        request = argument(event, ReactRequest)
        if not policy.is_emoji_known():
            return self._first_reaction(seat, request)
        return self._service.records.react(seat.who, request.room, request.id, request.emoji, on=request.on)

    async def _first_reaction(self, seat: Seat, request: ReactRequest) -> ChangeAck:
        """React when the emoji are known; the loop does not stand still meanwhile."""
        await asyncio.to_thread(policy.emoji)
        react = self._service.records.react
        return ChangeAck(rev=await react(seat.who, request.room, request.id, request.emoji, on=request.on))

    def _edit(self, socket: Socket, seat: Seat, event: Event) -> object:
        request = argument(event, EditRequest)
        return self._service.records.edit(seat.who, request.room, request.id, request.chat)

    def _delete(self, socket: Socket, seat: Seat, event: Event) -> object:
        request = argument(event, RecordRequest)
        return self._service.records.delete(seat.who, request.room, request.id)

    def _typing(self, socket: Socket, seat: Seat, event: Event) -> object:
        self._service.typing(socket, seat, argument(event, RoomRequest).room)
        return None

    async def _kick(self, socket: Socket, seat: Seat, event: Event) -> object:
        request = argument(event, PersonRequest)
        await self._service.owner.kick(seat.who, request.room, request.user)
        return None

    async def _hand_over(self, socket: Socket, seat: Seat, event: Event) -> object:
        request = argument(event, PersonRequest)
        await self._service.owner.hand_over(seat.who, request.room, request.user)
        return None

    async def _readmit(self, socket: Socket, seat: Seat, event: Event) -> object:
        request = argument(event, PersonRequest)
        await self._service.owner.readmit(seat.who, request.room, request.user)
        return None

    async def _name(self, socket: Socket, seat: Seat, event: Event) -> object:
        request = NameRequest(None) if event.args == (None,) else argument(event, NameRequest)
        return NameAck(await self._service.naming.name(seat.who, request.name))


def limited(hub: Hub, service: ChatService) -> Hub:
    """Return the hub, having limited who connects to the namespaces it has by now, and how often."""

    def check(socket: Socket) -> None:
        visitor = socket.handshake.identity
        assert isinstance(visitor, Visitor)
        try:
            if socket.namespace.name in CLOSED_WITHOUT_SEAT and service.house.needs_seat(visitor):
                raise SeatNeeded
            service.connect(visitor, socket.handshake.address)
        except (SeatNeeded, TooFast) as error:
            socket.namespace.refusals[error.code] += 1
            raise ConnectionRefused(str(error), error.body()) from error

    for namespace in hub.namespaces.values():
        namespace.use(check)
    return hub


def _too_large(excess: Excess, event: Event) -> DomainError:
    return ChatTooLong() if excess is Excess.LENGTH and event.name in TEXTS else BadRequest()


def _said(said: Record | HeldAnswer) -> SaidAck | HeldAck:
    return HeldAck(id=said.id) if isinstance(said, HeldAnswer) else SaidAck(id=said.id, seq=said.seq)


def _settled(
    socket: Socket, event: Event, done: Deferred[Record] | Deferred[Record | HeldAnswer] | Deferred[int]
) -> AckArgs:
    """Return the ack of a message or a change once it has settled."""
    error = done.exception()
    if error is not None:
        return failed(socket, event, error)
    result = done.result()
    return ack(event, ChangeAck(rev=result) if isinstance(result, int) else _said(result))


def _room_of_page(referer: str | None) -> str | None:
    """Return the room id in a page's address: the course's first version joins by the Referer alone."""
    try:
        path = urlsplit(referer or "").path
    except ValueError:  # an invalid URL
        return None
    prefix, _, room_id = path.rstrip("/").rpartition("/")
    return room_id if prefix == "/room" and ROOM_ID.fullmatch(room_id) else None
