"""What --debug logs of the wire: every packet and why each connection closed, but no user texts."""

import asyncio
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from realtime.engineio.packet import Frames
from realtime.engineio.session import Session
from realtime.reason import Reason
from tests.connections import World as Connected
from tests.crash.wire import Socket
from tests.doubles import RecordingWebSocket
from tests.server import Server, running
from tests.sessions import World
from tests.transports import World as OverSockets
from tests.transports import until, world

__all__ = ["world"]

WORDS = {
    "title": "title-5521",
    "password": "password-8317",
    "wrong": "wrong-3308",
    "chat": "chat-4711",
    "whisper": "whisper-9902",
    "posted": "posted-6604",
    "search": "search-7710",
    "strange": "strange-2046",
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path / "data", "--debug", "--rate", "0") as server:
        yield server


Lines = Callable[[Session], list[str]]


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Lines:
    """Turn on the wire log, and return a function for its lines so far, with the session's label replaced by ID."""
    caplog.set_level(logging.DEBUG, "gifchat.wire")
    return lambda session: [
        record.getMessage().replace(str(session), "ID") for record in caplog.records if record.name == "gifchat.wire"
    ]


async def logged(server: Server, pattern: str) -> None:
    """Return when the server's log has a matching line."""
    async with asyncio.timeout(60):
        while not re.search(pattern, server.stderr, re.MULTILINE):
            await asyncio.sleep(0.02)  # there is no event for another process having written


async def test_debug_logs_packets_and_reasons_but_no_user_texts(server: Server) -> None:
    owner = server.visitor()
    room = await asyncio.to_thread(owner.room, WORDS["title"], password=WORDS["password"])
    first = await Socket.open(server.port, owner.identity(), lambda name, said: None)
    second = await Socket.open(server.port, "", lambda name, said: None)
    user = str((await first.ask("join", room))["user"])
    assert (await second.ask("join", {"room": room, "password": WORDS["wrong"]}))["error"] == "wrong_password"
    assert (await second.ask("join", {"room": room, "password": WORDS["password"]}))["ok"]
    assert (await first.ask("chat", {"room": room, "chat": WORDS["chat"], "nonce": "n-1"}))["ok"]
    assert (await second.ask("whisper", {"room": room, "to": user, "chat": WORDS["whisper"]}))["ok"]
    for odd in ({"room": WORDS["strange"]}, WORDS["strange"], {WORDS["strange"]: [WORDS["strange"]]}):
        assert not (await second.ask("chat", odd))["ok"]
    posted = await asyncio.to_thread(owner.json, "POST", f"/room/{room}/chat", json={"chat": WORDS["posted"]})
    assert posted[0] == 200
    await asyncio.to_thread(owner.json, "GET", f"/room/{room}/search?q={WORDS['search']}")
    await second.ask("leave", room)
    await second.close()
    await first.abort()
    await logged(server, "closed: transport close")
    log = server.stderr
    assert [word for word in WORDS.values() if word in log] == []
    said = rf'\["chat",{{"_id":"\w+","seq":\d+,"room":"{room}","user":"{user}","createdAt":"[^"]+","chat":…9'
    for pattern in (
        r"> OPEN to [\w-]{6} at 127\.0\.0\.1",
        r"< CONNECT /chat \{\} from [\w-]{6}",
        r'> CONNECT /chat \{"sid":"[\w-]+"\} to [\w-]{6}',
        rf'< EVENT /chat 0\["join","{room}"\] from [\w-]{{6}}',
        rf'< EVENT /chat 1\["join",{{"room":"{room}","password":…}}\] from [\w-]{{6}}',
        r'> ACK /chat 0\[\{"ok":false,"error":"wrong_password","message":…\d+\}\] to [\w-]{6}',
        rf"> EVENT /chat {said}\}}\] to room {room}",
        rf'> EVENT /chat {said},"nonce":"n-1"\}}\] to [\w-]{{6}}',
        r"[\w-]{6} left /chat: client close",
        r"[\w-]{6} left /chat: transport close",
        r"[\w-]{6} closed: client close",
    ):
        assert re.search(rf"DEBUG gifchat\.wire: {pattern}$", log, re.MULTILINE), (pattern, log)


def test_without_debug_no_wire_log_lines_are_built(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    world = Connected()
    for module in ("hub", "socketio.connection"):
        monkeypatch.delattr(f"realtime.{module}.wire")
    world.connect()
    world.chat.on("n", lambda socket, event: ("ok",))
    assert world.receive('42/chat,7["n"]') == ['43/chat,7["ok"]']
    world.chat.emit("news")
    world.session.abort(Reason.PING_TIMEOUT)
    assert caplog.records == []


def test_the_heartbeat_is_logged(lines: Lines) -> None:
    websocket = RecordingWebSocket()
    world = World(websocket)
    world.clock.advance(25)
    world.session.frame(websocket, "3")
    world.clock.advance(45)
    assert lines(world.session) == [
        "> OPEN to ID at 10.0.0.7",
        "> PING to ID",
        "< PONG from ID",
        "> PING to ID",
        "ID closed: ping timeout",
    ]


def test_an_upgrade_is_logged(lines: Lines) -> None:
    world = World()
    candidate = RecordingWebSocket()
    world.poll()
    world.session.upgrade(candidate)
    world.session.frame(candidate, "2probe")
    world.session.frame(candidate, "5")
    assert lines(world.session)[1:] == ["< PING from ID", "> PONG to ID", "> NOOP to ID", "< UPGRADE from ID"]


def test_a_protocol_error_is_logged_without_the_offending_text(lines: Lines) -> None:
    world = Connected()
    world.connect()
    world.receive('42/chat,7["n","my words"')
    assert lines(world.session)[-2:] == ["ID closed: parse error (malformed JSON)", "ID left /chat: parse error"]


async def test_a_broken_websocket_frame_is_logged(world: OverSockets, lines: Lines) -> None:
    async with world.peer.session() as websocket:
        websocket.transport.write(b"\x81\x01a")
        await until(lambda: world.reasons == [Reason.TRANSPORT_ERROR])
    assert lines(world.sessions[0])[-1] == "ID closed: transport error (an unmasked frame)"


async def test_a_slow_reader_is_logged_as_the_reason(world: OverSockets, lines: Lines) -> None:
    piece = Frames.message(bytes(65_536))
    async with world.peer.session() as websocket:
        websocket.transport.pause_reading()
        while not world.reasons:
            world.sessions[0].send(piece)
            await asyncio.sleep(0)
        websocket.transport.abort()
    assert lines(world.sessions[0])[-1] == "ID closed: transport error (it reads too slowly)"
