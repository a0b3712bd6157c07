"""Messages that are meant to cost more to read than to send, and what each costs.

    python -m tests.costly        a table: how long one such message occupies the server

Each is made in two sizes: as large as a message may be, and just within the bounds of an event. `test_costly.py`
asserts what becomes of them; times are for people to compare, on a machine that does nothing else.
"""

import asyncio
import base64
import contextlib
import logging
import math
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from websockets.frames import Frame, Opcode

from handlers.connections import Accepted, Connections
from handlers.peer import READ_BYTES, Peer, Peers
from realtime.chat.policy import Limits
from realtime.engineio.framing import OP_PONG, split
from realtime.engineio.packet import Frames
from realtime.engineio.server import HandshakeRequest, Options, Server
from realtime.engineio.session import Session
from realtime.errors import BadRequest, ProtocolError
from realtime.lessons.service import Bounds, LessonService
from realtime.socketio.connection import acceptor
from tests.world import World

LARGE: Final = 900_000
WITHIN: Final = 64_000
REPEATED: Final = 5

BAD_REQUEST, CHAT_TOO_LONG, IGNORED, CLOSED = "bad_request", "chat_too_long", "ignored", "closed"
INVALID_NAMESPACE: Final = "Invalid namespace"
NOT_UNDERSTOOD: Final = BadRequest.text


class Costly(NamedTuple):
    """One message: the masked frames it is sent in, or the body of a POST."""

    name: str
    outcome: str
    """What becomes of it when it is LARGE."""
    frames: bytes = b""
    body: bytes = b""


def text(name: str, outcome: str, packet: str) -> Costly:
    """Return a message of one frame."""
    return Costly(name, outcome, frame(Opcode.TEXT, packet.encode()))


def frame(opcode: Opcode, data: bytes, fin: bool = True) -> bytes:
    """Return a masked frame."""
    return Frame(opcode, data, fin).serialize(mask=True)


def fragmented(piece: bytes, count: int, between: bytes = b"") -> bytes:
    """Return a message in so many fragments, each followed by a frame."""
    inner = frame(Opcode.CONT, piece, False) + between
    return frame(Opcode.TEXT, b"3", False) + inner * count + frame(Opcode.CONT, b"")


@dataclass(frozen=True)
class Catalogue:
    """All kinds that we thought of, of `size` bytes, for a room."""

    size: int
    room: str

    def __iter__(self) -> Iterator[Costly]:
        """Yield one of each kind."""
        yield from self._structures()
        yield from self._numbers()
        yield from self._texts()
        yield from self._packets()
        yield from self._attachments()
        yield from self._frames()
        yield from self._posts()

    def _filled(self, head: str, piece: str, tail: str, joint: str = ",") -> str:
        """Return `head`, as many pieces as there is room for, and `tail`."""
        count = (self.size - len(head) - len(tail)) // len((piece + joint).encode())
        return head + joint.join([piece] * count) + tail

    def _event(self, piece: str, joint: str = ",", event: str = "chat", brackets: str = "[]") -> str:
        head = f'42/chat,1["{event}",{{"room":"{self.room}","chat":{brackets[0]}'
        return self._filled(head, piece, f"{brackets[1]}}}]", joint)

    def _long(self, piece: str, event: str = "chat", field: str = "chat") -> str:
        """Return an event with one long text."""
        fields = {"room": self.room, "_id": self.room, "emoji": "x", "to": "#123456"}
        given = "".join([f'"{name}":"{value}",' for name, value in fields.items() if name != field])
        return self._filled(f'42/chat,1["{event}",{{{given}"on":true,"{field}":"', piece, '"}]', "")

    def _structures(self) -> Iterator[Costly]:
        deep = self.size // 2 - 100
        names = ",".join([f'"k{number:06}":0' for number in range(self.size // 13)])
        for name, packet in (
            ("empty lists", self._event("[]")),
            ("empty objects", self._event("{}")),
            ("empty strings", self._event('""')),
            ("backslashes and quotes", self._event(r'"\\"')),
            ("nulls as arguments", self._filled('42/chat,1["chat",', "null", "]")),
            ("keys of one object", f'42/chat,1["chat",{{"room":"{self.room}",{names}}}]'),
            ("the same key again and again", self._event('"k":0', brackets="{}")),
            ("objects, each inside a hundred others", self._event('{"a":' * 100 + "0" + "}" * 100)),
            ("a deep list", self._event("[" * deep + "]" * deep)),
            ("lists that are never closed", '42/chat,1["chat",' + "[" * self.size),
            ("closing brackets", '42/chat,1["chat"' + "]" * self.size),
            ("white space", self._filled('42/chat,1["chat",', " ", "{}]", "")),
        ):
            yield text(name, BAD_REQUEST, packet)

    def _numbers(self) -> Iterator[Costly]:
        for name, packet in (
            ("digits", self._event("1")),
            ("fractions", self._event("0.1e-9")),
            ("an integer of 300,000 digits", self._event("7" * min(300_000, self.size), "")),
            ("an exponent of 300,000 digits", self._event("1e" + "7" * min(300_000, self.size - 500), "")),
            ("a fraction of all its bytes", self._event("7", "", brackets=("0.", ""))),  # type: ignore[arg-type]
            ("integers of 4,000 digits", self._event("7" * 4_000)),
            ("integers of 20 digits", self._event("7" * 20)),
            ("a number out of range", '42/chat,1["chat",1e999]'),
        ):
            yield text(name, BAD_REQUEST, packet)

    def _texts(self) -> Iterator[Costly]:
        for name, piece in (
            ("letters", "x"),
            ("Hangul", "가"),
            ("emoji", "😀"),
            ("spaces", " "),
            ("invisible characters", "\u2060"),
            ("combining marks", "\u0323\u0301"),
            ("letters to be composed", "e\u0301"),
            ("commas", ","),
            ("brackets", "[{"),
            ("NULs", r"\u0000"),
            ("line ends", r"\r\n"),
            ("escaped quotes", r"\""),
            ("escaped letters", r"\u0041"),
            ("escaped pairs of surrogates", r"\ud83d\ude00"),
            ("escaped lone surrogates", r"\ud800"),
        ):
            yield text(f"a text of {name}", CHAT_TOO_LONG, self._long(piece))
        for event, field in (
            ("edit", "chat"),
            ("whisper", "chat"),
            ("react", "emoji"),
            ("join", "password"),
            ("typing", "room"),
        ):
            outcome = CHAT_TOO_LONG if field == "chat" else BAD_REQUEST
            yield text(f"{event} with a long {field}", outcome, self._long("e\u0301", event, field))
            yield text(f"{event} with lists", BAD_REQUEST, self._event("[]", event=event))

    def _packets(self) -> Iterator[Costly]:
        for name, outcome, packet in (
            ("an event that does not exist", BAD_REQUEST, self._filled('42/chat,1["nothing",', "[]", "]")),
            ("a long name of an event", BAD_REQUEST, self._filled('42/chat,1["', "x", '"]', "")),
            ("a long number as a name", BAD_REQUEST, self._filled("42/chat,1[", "7", "]", "")),
            ("an event of a namespace that does not exist", CLOSED, self._filled('42/none,1["x",', "[]", "]")),
            ("a long namespace", CLOSED, self._filled("40/", "x", ",", "")),
            ("a namespace without an end", CLOSED, self._filled("40/", "x", "", "")),
            ("a long ack id", CLOSED, self._filled("42/chat,", "7", '["x"]', "")),
            ("a long number of attachments", CLOSED, self._filled("45", "7", '-/chat,["x"]', "")),
            ("an ack", IGNORED, self._filled("43/chat,1[", "[]", "]")),
            ("auth", NOT_UNDERSTOOD, self._filled('40/lessons,{"a":[', "[]", "]}")),
            ("auth for a namespace that does not exist", INVALID_NAMESPACE, self._filled('40/x,{"a":[', "[]", "]}")),
            ("a refusal from a client", CLOSED, self._filled('44/chat,{"a":[', "[]", "]}")),
            ("leaving with lists", CLOSED, self._filled("41/chat,[", "[]", "]")),
            ("a reply of chapter 3, of lists", BAD_REQUEST, self._filled('421["reply",', "[]", "]")),
            ("a reply of chapter 3, of letters", BAD_REQUEST, self._filled('421["reply","', "x", '"]', "")),
            ("lists to the lobby", BAD_REQUEST, self._filled('42/room,1["x",', "[]", "]")),
            ("an opening from a client", CLOSED, self._filled('0{"sid":"', "x", '"}', "")),
            ("an opening with lists", CLOSED, self._filled('0{"x":[', "[]", "]}")),
            ("a pong", IGNORED, self._filled("3", "x", "", "")),
        ):
            yield text(name, outcome, packet)

    def _attachments(self) -> Iterator[Costly]:
        placeholder = '{"_placeholder":true,"num":0}'
        ten = frame(Opcode.BINARY, b"x") * 10
        many = text("placeholders", BAD_REQUEST, self._filled('4510-/chat,1["chat",', placeholder, "]"))
        yield many._replace(frames=many.frames + ten)
        lists = text("lists and attachments", BAD_REQUEST, self._filled('4510-/chat,1["chat",', "[]", "]"))
        yield lists._replace(frames=lists.frames + ten)
        one = text("an attachment", BAD_REQUEST, f'451-/chat,1["chat",{{"room":"{self.room}","chat":{placeholder}}}]')
        yield one._replace(frames=one.frames + frame(Opcode.BINARY, bytes(self.size)))
        yield Costly("an attachment that was not announced", CLOSED, frame(Opcode.BINARY, bytes(self.size)))

    def _frames(self) -> Iterator[Costly]:
        count = self.size // 9
        yield Costly("fragments of a byte", CLOSED, fragmented(b"x", count))
        yield Costly("empty fragments", CLOSED, fragmented(b"", count))
        yield Costly("pings between fragments", CLOSED, fragmented(b"", count // 2, frame(Opcode.PING, b"")))
        yield Costly("pongs between fragments", CLOSED, fragmented(b"", count // 2, frame(Opcode.PONG, b"")))

    def _posts(self) -> Iterator[Costly]:
        def posted(name: str, outcome: str, body: bytes) -> Costly:
            return Costly(f"a POST of {name}", outcome, body=body)

        yield posted("noops", CLOSED, b"\x1e".join([b"6"] * (self.size // 2)))
        yield posted("nothing, again and again", CLOSED, b"\x1e" * self.size)
        yield posted("empty binary messages", CLOSED, b"\x1e".join([b"b"] * (self.size // 2)))
        yield posted("short events", CLOSED, b"\x1e".join([b'42/chat,["x"]'] * (self.size // 14)))
        yield posted("lists", BAD_REQUEST, self._event("[]").encode())
        yield posted("lone surrogates", CLOSED, self._long("\0").encode().replace(b"\0", b"\xed\xa0\x80")[: self.size])
        yield posted("a binary message", CLOSED, b"b" + base64.b64encode(bytes(self.size * 3 // 4)))


class FramesOnly(Peer):
    """A WebSocket's peer without its socket."""

    def __init__(self, server: Server) -> None:
        super().__init__(Peers(), server, Accepted(Connections(server.buffers), "10.0.0.7"))
        self.sent: list[Frames] = []

    def send(self, frames: Frames) -> None:
        self.sent.append(frames)

    def measure(self) -> None: ...

    def cut(self) -> None: ...

    def hold(self) -> None: ...

    def release(self) -> None: ...

    def end_sending(self) -> None: ...

    def finish(self) -> None: ...

    def take(self) -> str:
        """Return what was sent since the last time, and was no answer to a ping."""
        taken = b"\n".join([data for one in self.sent for opcode, data, _ in split(one.wire) if opcode != OP_PONG])
        self.sent.clear()
        return taken.decode(errors="replace")


class Listener:
    """A session of a visitor who is in a room, over a WebSocket or long polling, and what it is answered."""

    def __init__(self, world: World, server: Server, handshake: HandshakeRequest, polling: bool) -> None:
        self.peer = FramesOnly(server)
        self.polled = ""
        self.session: Session
        self.session, _ = server.open(handshake, None if polling else self.peer)
        self.peer.session = None if polling else self.session
        self._polling = polling

    def answer(self, payload: bytes) -> None:
        """Take the answer to a poll."""
        self.polled += payload.decode()

    def hand(self, costly: Costly) -> float:
        """Hand a message to the session as its transport does; return the milliseconds this took."""
        pieces = [costly.frames[at : at + READ_BYTES] for at in range(0, len(costly.frames), READ_BYTES)]
        began = time.perf_counter()
        for piece in pieces:
            self.peer.feed(piece)
        while self.peer.work(math.inf)[0]:  # what would wait for later turns
            pass
        if self._polling:
            with contextlib.suppress(ProtocolError):
                list(self.session.post(costly.body))
        return (time.perf_counter() - began) * 1000

    async def heard(self) -> str:
        """Return what was answered."""
        for _ in range(5):
            await asyncio.sleep(0)
        if self._polling and self.session.state.name == "POLLING":
            self.session.poll(self)
        taken, self.polled = self.polled + self.peer.take(), ""
        return taken


class Door:
    """A server without its network, which the messages are handed to."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder, Limits(rate=0))

    async def start(self) -> None:
        """Start it, with one room."""
        await self.world.start()
        self.lessons = LessonService(self.world.hub, Bounds(connections=10_000), self.world.service.view)
        self.server = Server(acceptor(self.world.hub), options=Options(rates=None), clock=self.world.clock)
        self.room = (await self.world.room(max=1000)).id

    async def stop(self) -> None:
        """Stop it."""
        await self.world.stop()

    async def open(self, costly: Costly) -> Listener:
        """Return a new visitor's session for this message."""
        handshake = HandshakeRequest(await self.world.visitor(), "10.0.0.7", None, {})
        listener = Listener(self.world, self.server, handshake, polling=bool(costly.body))
        for packet in ("0/", "0/room", "0/chat,{}", f'2/chat,["join","{self.room}"]'):
            listener.session.receiver.message(packet)
        await self.world.settle()
        await listener.heard()
        return listener


async def main() -> None:
    """Print the table."""
    logging.disable()
    with tempfile.TemporaryDirectory() as folder:
        door = Door(Path(folder))
        await door.start()
        print(f"{'ms':>7} {'ms':>7}  {LARGE:,} bytes, and {WITHIN:,}, of")
        for large, within in zip(Catalogue(LARGE, door.room), Catalogue(WITHIN, door.room), strict=True):
            best = [min([(await door.open(one)).hand(one) for _ in range(REPEATED)]) for one in (large, within)]
            print(f"{best[0]:7.1f} {best[1]:7.1f}  {large.name}", flush=True)
        await door.stop()


if __name__ == "__main__":
    asyncio.run(main())
