"""An open desk in a `tests.world.World`: gets what the namespace /desk sends, and acts as the page does."""

import asyncio
import json
from typing import cast

import msgspec

from realtime.chat.desk.passes import DeskPass
from realtime.chat.model import Visitor
from realtime.engineio.packet import Frames
from realtime.hub import AckArgs, Handshake, Socket
from realtime.reason import Reason
from realtime.socketio.packet import Event
from tests.world import Json, World

HOURS_12_S = 12 * 3600.0


class Desk:
    """One socket of /desk. `credential` is what its handshake showed, by default a cookie that was just given."""

    def __init__(self, world: World, who: Visitor, credential: object = None) -> None:
        self.world = world
        self.who = who
        self.heard: list[tuple[str, object]] = []
        self._namespace = world.hub.of("/desk")
        shown = credential or DeskPass(world.clock.elapsed() + HOURS_12_S)
        self.socket = Socket(self._namespace, self, Handshake(who, f"10.0.0.{who.id}", None, {}, {}, shown))

    async def open(self) -> "Desk":
        """Connect as a connection does. Raises ConnectionRefused."""
        for middleware in self._namespace.middlewares:
            middleware(self.socket)
        self._namespace.add(self.socket)
        greeting = self._namespace.on_connect(self.socket)
        assert greeting is not None
        await greeting
        return self

    async def act(self, event: str, **argument: object) -> Json:
        """Send an event and return its ack."""
        body = cast(Json, json.loads(json.dumps({name.rstrip("_"): value for name, value in argument.items()})))
        return await self.send_event(event, body)

    async def send_event(self, event: str, *args: object) -> Json:
        """Send an event with any arguments and return its ack."""
        answer = self._namespace.handlers[event](self.socket, Event("/desk", event, args, 1))
        acked = cast(AckArgs, await answer if asyncio.iscoroutine(answer) else answer)
        assert acked is not None
        return cast(Json, _plain(acked[0]))

    def send(self, frames: Frames) -> None:
        for packet in frames.payload.split(b"\x1e"):
            if b"[" in packet:  # not a DISCONNECT
                name, *args = json.loads(packet[packet.index(b"[") :])
                self.heard.append((name, args[0]))

    def close(self, reason: str) -> None:
        self.leave()

    def leave(self) -> None:
        self._namespace.remove(self.socket, Reason.CLIENT_CLOSE)

    def take(self) -> list[tuple[str, object]]:
        """Return what was heard since the last call."""
        taken, self.heard = self.heard, []
        return taken

    def events(self, name: str) -> list[Json]:
        """Return the arguments of the `name` events heard so far."""
        return [cast(Json, argument) for event, argument in self.heard if event == name]


def _plain(value: object) -> object:
    return json.loads(msgspec.json.encode(value))


async def open_desk(world: World, who: Visitor | None = None) -> Desk:
    """Return an open desk of a teacher, of whom the house knows."""
    who = who or await world.visitor()
    world.service.teachers.teach(who, DeskPass(world.clock.elapsed() + HOURS_12_S))
    return await Desk(world, who).open()
