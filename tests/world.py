"""The real service over the real hub, with a manual clock and peers that record what they receive.

Only the network is missing: a `Peer` takes the place of a connection and gets exactly the packets it would send.
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import msgspec
import pytest
from tornado.ioloop import IOLoop

from db.connection import Database
from realtime.chat.desk.waiting import HeldAnswer
from realtime.chat.events import ChatEvents
from realtime.chat.images.examiner import Examiner
from realtime.chat.model import RoomView, Visitor
from realtime.chat.policy import Limits, RoomForm
from realtime.chat.room import Seat
from realtime.chat.service import ChatService
from realtime.chat.visitors import Visitors
from realtime.chat.wire_forms import JoinAnswer, Position, Record
from realtime.engineio.packet import Frames
from realtime.hub import Handshake, Hub, Socket
from realtime.reason import Reason
from tests.conftest import ROOT
from tests.consistency import IMAGES, WRONG, assert_consistent
from tests.doubles import ManualClock, ManualTimer
from tests.ports.implementations import Implementation, InMemory, SQLite

GRACE_S = 2.0
LINGER_S = 900.0

Json = dict[str, object]


def not_held(answer: Record | HeldAnswer) -> Record:
    """Return the record of what was said, and was not held."""
    assert isinstance(answer, Record)
    return answer


class WorldClock(ManualClock):
    """A clock that stands still until it is advanced; `call_soon` goes to the real loop."""

    def call_soon(self, callback: Callable[[], object], /) -> ManualTimer:
        asyncio.get_running_loop().call_soon(callback)
        return ManualTimer(self.time(), callback)


class Peer:
    """One connected socket of a visitor on `/chat` or `/room`."""

    def __init__(self, world: "World", who: Visitor, namespace: str = "/chat") -> None:
        self.world = world
        self.who = who
        self.heard: list[tuple[str, object]] = []
        self.closed_for: str | None = None
        self._namespace = world.hub.of(namespace)
        self.socket = Socket(self._namespace, self, Handshake(who, f"10.0.0.{who.id}", None, {}, {}))
        self._namespace.add(self.socket)
        self._namespace.on_connect(self.socket)

    def send(self, frames: Frames) -> None:
        for packet in frames.payload.split(b"\x1e"):
            if b"[" in packet:  # or else it is a disconnect
                name, *args = json.loads(packet[packet.index(b"[") :])
                self.heard.append((name, args[0]))

    def close(self, reason: str) -> None:
        self.closed_for = reason
        self.drop()

    def drop(self) -> None:
        """Lose the connection without a close frame."""
        self._namespace.remove(self.socket, Reason.TRANSPORT_CLOSE)

    def close_tab(self) -> None:
        """Disconnect as a closed or reloaded page does, with a WebSocket close frame."""
        self._namespace.remove(self.socket, Reason.CLIENT_CLOSE)

    async def join(
        self, room: RoomView, after: int | Position | None = None, password: str | None = None
    ) -> JoinAnswer:
        seat = cast(Seat, self.socket.data)
        return await self.world.service.joining.join(self.socket, seat, room.id, password, after)

    def leave(self, room: RoomView, *, keep: bool = False) -> None:
        self.world.service.joining.leave(self.socket, cast(Seat, self.socket.data), room.id, keep=keep)

    async def say(self, room: RoomView, chat: str, nonce: str | None = None) -> Record:
        return not_held(await self.world.service.post(self.who, room.id, chat, nonce))

    async def post(self, room: RoomView, chat: str, *, re: Record) -> Record:
        """Reply to a record."""
        quoted = await self.world.service.records.quotable(self.who, room.id, re.id)
        return not_held(await self.world.service.post(self.who, room.id, chat, None, quoted))

    def type(self, room: RoomView) -> None:
        self.world.service.typing(self.socket, cast(Seat, self.socket.data), room.id)

    def events(self, name: str) -> list[Json]:
        """Return the arguments of the `name` events received so far."""
        return [cast(Json, argument) for event, argument in self.heard if event == name]

    def seqs(self) -> list[int]:
        """Return the seqs of the records received so far."""
        return [cast(int, cast(Json, argument)["seq"]) for _, argument in self.heard if "seq" in cast(Json, argument)]


class World:
    """A server without its network."""

    def __init__(self, folder: Path, limits: Limits, kept: Callable[[Path], Implementation] = InMemory) -> None:
        """Store images in `folder`, and the rest in memory, or in SQLite if `kept` says so."""
        self.folder = folder
        self.limits = limits
        self.kept = kept(folder)

    async def start(self) -> "World":
        """Start on what is stored, as after a restart."""
        self.clock = WorldClock()
        self.hub = Hub(self.clock)
        await self.kept.open()
        self.stores = self.kept.stores
        self.visitors = Visitors(self.stores.visitors, self.clock)
        self.examiner = Examiner(self.folder / "uploads")
        self.service = ChatService(
            self.limits,
            self.hub,
            self.visitors,
            self.stores,
            examiner=self.examiner,
            shelf=ROOT / "static" / "shelf",
        )
        await self.visitors.start()
        await self.service.start()
        ChatEvents(self.service, self.hub)
        self.service.serve_desk(self.hub)
        return self

    async def stop(self) -> None:
        """Stop as the server does."""
        await self.service.stop()
        await self.examiner.close()
        await self.kept.close()

    async def restart(self) -> None:
        """Stop and start again, which disconnects everybody."""
        await self.stop()
        await self.start()

    async def visitor(self) -> Visitor:
        """Return a new visitor, who is stored."""
        who, _ = self.visitors.identify(None)
        await self.visitors.saved(who)
        return who

    async def peer(self, who: Visitor | None = None, namespace: str = "/chat") -> Peer:
        """Return a new socket of `who`, or of a new visitor."""
        return Peer(self, who or await self.visitor(), namespace)

    async def room(self, owner: Visitor | None = None, **form: object) -> RoomView:
        """Make a room."""
        wanted = msgspec.convert({"title": "방", **form}, RoomForm)
        return await self.service.create(owner or await self.visitor(), wanted)

    async def pass_time(self, seconds: float) -> None:
        """Let time pass, and wait until everything that follows from it is written and sent."""
        self.clock.advance(seconds)
        await self.settle()

    async def settle(self) -> None:
        """Wait until all writes are done."""
        for _ in range(5):
            await self.kept.flushed()
            await self.service.settled()
            await asyncio.sleep(0)

    async def stored(self, table: str) -> int:
        """Return the number of rows in `table`."""
        return await self.kept.count(table)

    @property
    def database(self) -> Database:
        """The database of a world over SQLite."""
        assert isinstance(self.kept, SQLite)
        return self.kept.database

    async def send_image(self, who: Visitor, room: RoomView, content: bytes, nonce: str | None = None) -> Record:
        """Send an image that is not held."""
        return not_held(await self.upload(who, room, content, nonce))

    async def upload(
        self, who: Visitor, room: RoomView, content: bytes, nonce: str | None = None, chat: str | None = None
    ) -> Record | HeldAnswer:
        """Send an image as the handler does."""
        draft = self.stores.images.draft()
        try:
            await draft.write(content)
            return await self.service.gallery.post(who, room.id, draft, chat, nonce)
        finally:
            draft.discard()

    def files(self) -> list[str]:
        """Return the names of all files in uploads/."""
        return sorted(path.name for path in (self.folder / "uploads").iterdir())

    async def assert_consistent(self) -> None:
        """Wait until nothing is under way, then check that the image rows match each other and the files."""
        await self.settle()
        found = {name: await self.database.run(query) for name, query in WRONG.items()}
        assert_consistent(found, await self.database.run(IMAGES), self.folder / "uploads")


@pytest.fixture
def world(request: pytest.FixtureRequest, io_loop: IOLoop, tmp_path: Path) -> Iterator[World]:
    """Return a server without its network, and without throttling.

    A test or module marked `sqlite` gets a database that it can query; the others run without one.
    """
    kept = SQLite if request.node.get_closest_marker("sqlite") else InMemory
    made = World(tmp_path, Limits(rate=0, grace_s=GRACE_S, linger_s=LINGER_S), kept)
    io_loop.run_sync(made.start)
    yield made
    io_loop.run_sync(made.stop)
