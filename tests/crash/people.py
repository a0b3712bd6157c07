"""Persistent visitors, who reconnect after every loss and resend what was not acknowledged."""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

from tornado.httpclient import HTTPClientError

from tests.client import GIF, Browser
from tests.crash.ledger import Json, Ledger, Said
from tests.crash.wire import Lost, Socket
from tests.images import encoded

Way = Literal["socket", "post", "gif", "whisper"]

WRITERS: tuple[Way, ...] = ("post", "socket", "gif")
RECORDS = frozenset({"chat", "whisper", "join", "exit", "owner", "kick", "name", "update"})
EMOJI = ("👍", "❤️", "👩🏽‍🚀")
RECENT = 20  # the latest records received, of which one is changed: few, so that changes collide
PICTURES = (GIF, encoded("GIF"), encoded("PNG"))  # few, so that most are stored already
GIVEN = 0.7  # share of reactions added; the others are removed
LETTERS = "가나다라마바사아자차카타파하 abc😀"


@dataclass(frozen=True)
class Message:
    """A message, and the way by which it is sent first."""

    room: str
    nonce: str
    way: Way
    chat: str
    to: "Person | None" = None


class Person:
    """One visitor with one socket in all of `rooms`; `inside` is set while the socket is in them."""

    def __init__(self, name: str, port: int, ledger: Ledger, rng: random.Random) -> None:
        self.name = name
        self.user = ""
        self.rooms: list[str] = []
        self.inside = asyncio.Event()
        self.browser = Browser(f"http://127.0.0.1:{port}", {"Accept": "application/json"})
        self.socket: Socket | None = None
        self.losses = 0
        self._port = port
        self._ledger = ledger
        self._rng = rng
        self._said = 0
        self._leaving = False

    async def room(self, **form: object) -> str:
        """Make a room; return its id."""
        return await self.browser.new_room(**form)  # type: ignore[arg-type]  # its title is one of the form's fields

    async def enter(self, *rooms: str) -> None:
        """Connect and join all rooms, old and new. Raises Lost."""
        self.rooms += rooms
        if not self.browser.cookies:
            await self.browser.get("/")
        self.socket = await Socket.open(self._port, self.browser.identity, self._hear)
        for room in self.rooms:
            await self._join(self.socket, room)
        self.inside.set()

    async def stay(self, up: asyncio.Event) -> None:
        """Reconnect after every loss, once the server is `up`, until `go`."""
        while not self._leaving:
            try:
                await up.wait()
                if self.socket is None:
                    await self.enter()
                assert self.socket is not None
                await self.socket.ended()
            except Lost:
                pass
            self.losses += 1
            self.inside.clear()
            self.socket = None

    async def go(self) -> None:
        """Disconnect for good, without a goodbye."""
        self._leaving = True
        if self.socket is not None:
            await self.socket.abort()
        self.browser.close()

    async def speak(
        self, way: Way, over: asyncio.Event, others: Sequence["Person"] = (), *, pause_s: float = 0
    ) -> None:
        """Send one message after another, each until it is acknowledged, until `over` is set."""
        while not over.is_set():
            to = self._rng.choice([other for other in others if other is not self]) if way == "whisper" else None
            rooms = [room for room in self.rooms if to is None or room in to.rooms]
            await self.deliver(self.compose(self._rng.choice(rooms), way, to))
            await asyncio.sleep(pause_s)

    async def change(self, over: asyncio.Event) -> None:
        """Make one change after another to recent records, each until it is acknowledged, until `over` is set."""
        while not over.is_set():
            room = self._rng.choice(self.rooms)
            recent = self._ledger.readings[self.user, room].heard[-RECENT:]
            own = [heard.id for heard in recent if heard.nonce is not None]
            if not own:
                await self.deliver(self.compose(room, "socket"))
                continue
            match self._rng.choices(["react", "edit", "delete"], [6, 2, 1]):
                case ["react"]:
                    emoji, on = self._rng.choice(EMOJI), self._rng.random() < GIVEN
                    record = self._rng.choice(recent).id
                    await self._change(room, record, f"{self.user} {emoji}", on, "react", emoji=emoji, on=on)
                case ["edit"]:
                    chat = self.compose(room, "socket").chat
                    await self._change(room, self._rng.choice(own), "chat", chat, "edit", chat=chat)
                case ["delete"]:
                    await self._change(room, self._rng.choice(own), "deleted", True, "delete")

    async def _change(  # noqa: PLR0913  what is asked for, and what comes of it
        self, room: str, record: str, aspect: str, value: object, event: str, **fields: object
    ) -> None:
        while True:
            await self.inside.wait()
            self._ledger.try_change(record, aspect, value)
            try:
                if self.socket is None:
                    raise Lost
                answer = await self.socket.ask(event, {"room": room, "_id": record, **fields})
            except Lost:
                await asyncio.sleep(0)  # `stay` has to notice it too
                continue
            self._ledger.acknowledge_change(record, aspect, answer)
            return

    def compose(self, room: str, way: Way, to: "Person | None" = None, chat: str | None = None) -> Message:
        """Return a new message."""
        self._said += 1
        nonce = f"{self.name}-{self._said:06}"
        words = "".join(self._rng.choices(LETTERS, k=self._rng.randint(1, 200)))
        return Message(room, nonce, way, chat or f"{nonce} {words}.", to)

    async def deliver(self, message: Message) -> Json:
        """Send a message until it is acknowledged; return the answer. A retry may use another way."""
        way = message.way
        while True:
            await self.inside.wait()
            if message.to is not None:
                await message.to.inside.wait()
            try:
                answer = await self.attempt(message, way)
            except Lost:
                way = self._rng.choice(["socket", "post"]) if message.way in ("socket", "post") else message.way
                await asyncio.sleep(0)  # `stay` has to notice it too
                continue
            if answer.get("error") == "not_here":
                await asyncio.sleep(0)  # the recipient has just been lost; they will come back
                continue
            assert "error" not in answer, (message, answer)
            return answer

    async def attempt(self, message: Message, way: Way | None = None) -> Json:
        """Send a message once; return the answer, even a refusal. Raises Lost."""
        self._ledger.send(Said(self.user, message.room, message.nonce))
        way = way or message.way
        answer = await (self._emit(message) if way in ("socket", "whisper") else self._post(message, way))
        if "error" not in answer:
            self._ledger.acknowledge(Said(self.user, message.room, message.nonce), answer)
        return answer

    async def _emit(self, message: Message) -> Json:
        if self.socket is None:
            raise Lost
        argument: Json = {"room": message.room, "chat": message.chat, "nonce": message.nonce}
        if message.to is not None:
            return await self.socket.ask("whisper", {**argument, "to": message.to.user})
        return await self.socket.ask("chat", argument)

    async def _post(self, message: Message, way: Way) -> Json:
        fields: Mapping[str, str] = {"chat": message.chat, "nonce": message.nonce}
        try:
            if way == "gif":
                nonce = ("nonce", message.nonce.encode(), None)
                image = ("gif", PICTURES[sum(message.nonce.encode()) % len(PICTURES)], "cat.gif")
                return (await self.browser.upload(f"/room/{message.room}/gif", nonce, image)).json
            return (await self.browser.post(f"/room/{message.room}/chat", fields)).json
        except (OSError, HTTPClientError) as error:
            raise Lost from error

    async def _join(self, socket: Socket, room: str) -> None:
        more: object = True
        while more:
            answer = await socket.ask(
                "join", {"room": room, "after": self._ledger.position(self.user, room)}, self._joined
            )
            assert answer["ok"], answer
            more = answer["more"]

    def _joined(self, answer: Json) -> None:
        """Process the answer to a join before anything that comes after it."""
        if not answer["ok"]:
            return
        room, missed, seq = answer["room"], answer["missed"], answer["seq"]
        assert isinstance(room, dict) and isinstance(missed, list) and isinstance(seq, int)
        self.user = str(answer["user"])
        if self._ledger.position(self.user, room["_id"]) is None:
            self._ledger.begin(self.user, room["_id"], seq)
        for record in missed:
            self._ledger.hear(self.user, record)

    def _hear(self, event: str, argument: Json) -> None:
        assert event != "problem", argument
        if event in RECORDS:
            self._ledger.hear(self.user, argument)


@asynccontextmanager
async def company(port: int, ledger: Ledger, *names: str) -> AsyncIterator[list[Person]]:
    """Yield visitors with these names, who leave at the end."""
    people = [Person(name, port, ledger, random.Random(name)) for name in names]
    try:
        yield people
    finally:
        for person in people:
            await person.go()


async def settled(*people: Person) -> None:
    """Return when they have received everything that was on its way."""
    for person in people:
        assert person.socket is not None
        await person.socket.settled()
