"""The namespace /desk: who gets in, what they are told, and their events."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Final

import msgspec

from realtime.bounds import JsonBounds
from realtime.chat.answers import (
    ChangeAck,
    PersonRequest,
    RecordRequest,
    RoomRequest,
    SaidAck,
    argument,
    awaited,
    failed,
)
from realtime.chat.desk.desks import Desks
from realtime.chat.desk.feed import DeskFeed
from realtime.chat.desk.flags import Flags
from realtime.chat.desk.said import Sayings
from realtime.chat.desk.service import DeskService, Switch
from realtime.chat.life import Rooms
from realtime.chat.model import RoomView, Visitor
from realtime.chat.ports import RecordStore
from realtime.chat.room import Room
from realtime.chat.visitors import Visitors
from realtime.errors import BadRequest, ConnectionRefused, NotTeacher
from realtime.hub import AckArgs, Handler, Hub, Namespace, Socket
from realtime.reason import Reason
from realtime.socketio.packet import Event

NAME: Final = "/desk"
BOUNDS: Final = JsonBounds(characters=900_000, values=60_000)
"""Enough for a word list of 50,000 lines."""


class FreezeRequest(msgspec.Struct, frozen=True):
    room: str | None
    on: bool


class SwitchRequest(msgspec.Struct, frozen=True):
    room: str
    on: bool


class SlowRequest(msgspec.Struct, frozen=True):
    room: str
    seconds: int


class AnnounceRequest(msgspec.Struct, frozen=True):
    room: str | None
    chat: str


class MuteRequest(msgspec.Struct, frozen=True):
    user: str
    room: str | None
    minutes: int


class BanRequest(msgspec.Struct, frozen=True):
    user: str


class NamesRequest(msgspec.Struct, frozen=True):
    """`{on}`, or `{user, name: null}`."""

    on: bool | None = None
    user: str | None = None
    name: None = None


class PrepareRequest(msgspec.Struct, frozen=True):
    title: str
    max: int | None = None
    password: str | None = None
    first: str | None = None


class ArrangeRequest(msgspec.Struct, frozen=True):
    rooms: list[str]


class RoomAck(msgspec.Struct, frozen=True):
    """The ack of a prepared room."""

    room: RoomView
    ok: bool = True


class AllowRequest(msgspec.Struct, frozen=True):
    what: Switch
    on: bool


class PeopleRequest(msgspec.Struct, frozen=True):
    count: int


class SayingsRequest(msgspec.Struct, frozen=True):
    user: str
    before: Annotated[int, msgspec.Meta(ge=0)] | None = None


class HeldRequest(msgspec.Struct, frozen=True):
    room: str
    held: str


class WordsRequest(msgspec.Struct, frozen=True):
    """The whole list; without one, the list is asked for."""

    words: list[str] | None = None


class WordsAck(msgspec.Struct, frozen=True):
    """The ack of the list, or of how many words it has now."""

    words: list[str] | int
    ok: bool = True


class SaidIn(msgspec.Struct, frozen=True):
    """A record, and its room."""

    room: str
    id: str = msgspec.field(name="_id")


class AnnouncedAck(msgspec.Struct, frozen=True):
    """The ack of an announcement to all rooms."""

    records: list[SaidIn]
    ok: bool = True


_Act = Callable[[Visitor, Event], Awaitable[object]]


def serve(hub: Hub, desk: DeskService, rooms: Rooms, visitors: Visitors, records: RecordStore) -> None:
    """Serve the desk in its namespace, which is not there before."""
    namespace = hub.of(NAME, BOUNDS, private=True)
    desks = Desks(namespace)
    feed = DeskFeed(desks, rooms, visitors, records, clock=hub.clock)
    feed.held_in = desk.held.count
    DeskEvents(desk, feed, Sayings(rooms, visitors, records), namespace, desks)


class DeskEvents:
    """Connects the desk to the hub."""

    def __init__(self, desk: DeskService, feed: DeskFeed, sayings: Sayings, namespace: Namespace, desks: Desks) -> None:
        self._desk = desk
        self._feed = feed
        self._sayings = sayings
        self._desks = desks
        self._flags = Flags(desk.held, namespace.clock)
        namespace.use(self._check)
        namespace.on_connect = self._connected
        namespace.on_disconnect = self._disconnected
        desk.on_settings = feed.on_unmuted = self._settings_changed
        desk.log.on_entry = lambda entry: desks.emit("log", entry)
        desk.seating.on_taken = lambda taken: desks.emit("seat", taken)
        desk.seating.on_change = self._reseated
        desk.held.on_held, desk.held.on_decided = self._held, self._decided
        acts: dict[str, _Act] = {
            "freeze": self._freeze,
            "slow": self._slow,
            "announce": self._announce,
            "mute": self._mute,
            "kick": self._kick,
            "readmit": self._readmit,
            "delete": self._delete,
            "close": self._close,
            "ban": self._ban,
            "unban": self._unban,
            "keep": self._keep,
            "names": self._names,
            "allow": self._allow,
            "people": self._people,
            "prepare": self._prepare,
            "arrange": self._arrange,
            "said": self._said,
            "approve": self._approve,
            "show": self._show,
            "drop": self._drop,
            "words": self._words,
        }
        for name, act in acts.items():
            namespace.on(name, self._answering(act))

    # Coming and going

    def _check(self, socket: Socket) -> None:
        try:
            self._desks.pass_of(socket)
        except NotTeacher as error:
            raise ConnectionRefused(str(error), error.body()) from error

    async def _connected(self, socket: Socket) -> None:
        """Tell a new desk everything so far; from then on it gets what happens."""
        self._desks.open(socket)
        await self._feed.load()
        if socket.connected:
            socket.emit("settings", self._desk.settings())
            socket.emit("rooms", self._feed.rooms())
            self._desks.begin(socket)
            self._flags.open(socket)

    def _disconnected(self, socket: Socket, reason: Reason) -> None:
        self._desks.close(socket)
        self._flags.close(socket)
        if not self._desks:
            self._feed.end()

    def _settings_changed(self) -> None:
        if self._desks:
            self._desks.emit("settings", self._desk.settings())
            self._feed.judged()

    def _reseated(self) -> None:
        if self._desks:
            self._desks.emit("settings", self._desk.settings())  # whose mutes and bans are a seat's
            self._feed.reseated()

    def _held(self, room: Room, held_id: str) -> None:
        if self._desks:
            self._flags.add(held_id)
            self._feed.touched(room)

    def _decided(self, room: Room, held_id: str) -> None:
        if self._desks:
            self._desks.emit("unflag", {"held": held_id})
            self._feed.touched(room)

    # Events

    def _answering(self, act: _Act) -> Handler:
        """Return a handler that acknowledges what `act` returns, or its domain error."""

        def handle(socket: Socket, event: Event) -> AckArgs | Coroutine[object, object, AckArgs]:
            try:
                who = self._desks.at(socket)
            except NotTeacher as error:
                return failed(socket, event, error)
            return awaited(socket, event, act(who, event))

        return handle

    async def _freeze(self, who: Visitor, event: Event) -> object:
        request = argument(event, FreezeRequest)
        await self._desk.freeze(who, request.room, request.on)
        return None

    async def _slow(self, who: Visitor, event: Event) -> object:
        request = argument(event, SlowRequest)
        await self._desk.slow(who, request.room, request.seconds)
        return None

    async def _announce(self, who: Visitor, event: Event) -> object:
        request = argument(event, AnnounceRequest)
        said = await self._desk.announce(who, request.room, request.chat)
        if request.room is not None:
            return SaidAck(id=said[0].id, seq=said[0].seq)
        return AnnouncedAck([SaidIn(record.room, record.id) for record in said])

    async def _mute(self, who: Visitor, event: Event) -> object:
        request = argument(event, MuteRequest)
        await self._desk.mute(who, request.user, request.room, request.minutes)
        return None

    async def _kick(self, who: Visitor, event: Event) -> object:
        request = argument(event, PersonRequest)
        await self._desk.kick(who, request.room, request.user)
        return None

    async def _readmit(self, who: Visitor, event: Event) -> object:
        request = argument(event, PersonRequest)
        await self._desk.readmit(who, request.room, request.user)
        return None

    async def _delete(self, who: Visitor, event: Event) -> object:
        request = argument(event, RecordRequest)
        return ChangeAck(rev=await self._desk.delete(who, request.room, request.id))

    async def _close(self, who: Visitor, event: Event) -> object:
        await self._desk.close(who, argument(event, RoomRequest).room)
        return None

    async def _ban(self, who: Visitor, event: Event) -> object:
        await self._desk.ban(who, argument(event, BanRequest).user)
        return None

    async def _unban(self, who: Visitor, event: Event) -> object:
        await self._desk.unban(who, argument(event, BanRequest).user)
        return None

    async def _keep(self, who: Visitor, event: Event) -> object:
        request = argument(event, SwitchRequest)
        await self._desk.keep(who, request.room, request.on)
        return None

    async def _names(self, who: Visitor, event: Event) -> object:
        request = argument(event, NamesRequest)
        if (request.on is None) == (request.user is None):
            raise BadRequest
        if request.on is not None:
            await self._desk.names(who, request.on)
        elif request.user is not None:
            await self._desk.take_name(who, request.user)
        return None

    async def _allow(self, who: Visitor, event: Event) -> object:
        request = argument(event, AllowRequest)
        await self._desk.allow(who, request.what, request.on)
        return None

    async def _people(self, who: Visitor, event: Event) -> object:
        await self._desk.people(who, argument(event, PeopleRequest).count)
        return None

    async def _prepare(self, who: Visitor, event: Event) -> object:
        request = argument(event, PrepareRequest)
        room = await self._desk.preparing.prepare(
            who, request.title, request.max, password=request.password, first=request.first
        )
        await self._desk.log.note(who, "prepare", room=room.id, title=room.title)
        return RoomAck(room)

    async def _arrange(self, who: Visitor, event: Event) -> object:
        await self._desk.preparing.arrange(argument(event, ArrangeRequest).rooms)
        await self._desk.log.note(who, "arrange")
        return None

    async def _said(self, _: Visitor, event: Event) -> object:
        request = argument(event, SayingsRequest)
        return await self._sayings.of(request.user, request.before)

    async def _approve(self, who: Visitor, event: Event) -> object:
        request = argument(event, SwitchRequest)
        await self._desk.approve(who, request.room, request.on)
        return None

    async def _show(self, who: Visitor, event: Event) -> object:
        request = argument(event, HeldRequest)
        record = await self._desk.show(who, request.room, request.held)
        return SaidAck(id=record.id, seq=record.seq)

    async def _drop(self, who: Visitor, event: Event) -> object:
        request = argument(event, HeldRequest)
        await self._desk.drop(who, request.room, request.held)
        return None

    async def _words(self, who: Visitor, event: Event) -> object:
        words = argument(event, WordsRequest).words
        return WordsAck(self._desk.listed() if words is None else await self._desk.words(who, words))
