"""The lessons over the wire: a WebSocket, server-sent events, polling and long polling. Their beat is quick here."""

import asyncio
import contextlib
import json
import logging
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import websockets
from tornado.ioloop import IOLoop
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

import gifchat
from handlers.lessons.programs import SERVER, excerpt, programs
from realtime.lessons.beats import TEXT
from realtime.lessons.board import LESSONS
from realtime.lessons.service import Bounds
from tests.client import Browser, Site, StartSite, site, start_site
from tests.conftest import ROOT

__all__ = ["site", "start_site"]

QUICK = Bounds(every_ms=60, least_every_ms=20, heartbeat_ms=70)
SLOW = "every_ms=10000"  # nothing happens while a test lasts

NOWHERE = {"Origin": "http://elsewhere.example"}


@pytest.fixture
def quick(io_loop: IOLoop, start_site: StartSite) -> Site:
    """Return a running server with a quick beat."""
    started: Site = io_loop.run_sync(lambda: start_site(bounds=QUICK))
    return started


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Return when it does."""
    async with asyncio.timeout(5):
        while not await holds():
            await asyncio.sleep(0.01)


async def open_now(site: Site) -> dict[str, int]:
    """Return how many connections each lesson has, as /metrics tells."""
    text = (await site.browser().get("/metrics")).text
    return {
        lesson: int(float(count))
        for lesson, count in re.findall(r'^gifchat_lessons\{lesson="(\w+)"\} (\S+)$', text, re.MULTILINE)
    }


async def nobody(site: Site) -> None:
    """Return when the server knows of no connection any more."""

    async def none() -> bool:
        return not any((await open_now(site)).values())

    await until(none)


async def told(browser: Browser, path: str) -> Any:
    """Return the JSON that is at `path`."""
    answer = await browser.get(path)
    assert answer.status == 200, answer.body
    return answer.json


class Stream:
    """A stream of server-sent events, read by its lines (https://html.spec.whatwg.org/#parsing-an-event-stream)."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: str) -> None:
        self.writer = writer
        self.head = head
        self.comments = 0
        self.retry: str | None = None
        self._reader = reader
        self._blocks: list[str] = []

    async def event(self) -> dict[str, str]:
        """Return the fields of the next event."""
        async with asyncio.timeout(5):
            while True:
                while self._blocks:
                    event = self._read(self._blocks.pop(0))
                    if "data" in event:
                        return event
                size = int(await self._reader.readline(), 16)  # a chunk
                assert size, "the stream has ended"
                chunk = (await self._reader.readexactly(size + 2))[:-2].decode()
                self._blocks += chunk.removesuffix("\n\n").split("\n\n")

    def _read(self, block: str) -> dict[str, str]:
        event: dict[str, str] = {}
        for line in block.split("\n"):
            name, _, value = line.partition(": ")
            if line.startswith(":"):
                self.comments += 1
            elif name == "retry":
                self.retry = value
            else:
                event[name] = value
        return event

    async def rest(self) -> bytes:
        """Return all that still comes until the connection ends."""
        async with asyncio.timeout(5):
            return await self._reader.read()


def get(site: Site, path: str, **headers: str) -> bytes:
    """Return a request; header names have _ for -."""
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"GET {path} HTTP/1.1\r\nHost: {site.url[7:]}\r\n{lines}\r\n".encode("latin-1")


def handshake(site: Site, path: str) -> bytes:
    """Return a WebSocket's request."""
    key = {"Sec_WebSocket_Version": "13", "Sec_WebSocket_Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
    return get(site, path, Upgrade="websocket", Connection="Upgrade", **key)


@asynccontextmanager
async def stream(site: Site, query: str = "", **headers: str) -> AsyncIterator[Stream]:
    """Open a stream."""
    reader, writer = await site.raw(get(site, f"/lessons/events{query}", **headers))
    try:
        yield Stream(reader, writer, (await reader.readuntil(b"\r\n\r\n")).decode())
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


def connect(site: Site, path: str = "", **headers: str) -> Any:
    return websockets.connect(f"ws://127.0.0.1:{site.port}{path}", additional_headers=headers, proxy=None)


async def received(socket: ClientConnection) -> str:
    async with asyncio.timeout(5):
        message = await socket.recv()
    assert isinstance(message, str)
    return message


async def closed(socket: ClientConnection) -> tuple[int, str]:
    """Return the code and the reason that the server closes with."""
    with pytest.raises(ConnectionClosed) as ended:
        while True:
            await received(socket)
    assert ended.value.rcvd is not None
    return ended.value.rcvd.code, ended.value.rcvd.reason


# --- the WebSocket


async def test_the_courses_websocket(quick: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "gifchat.lessons")
    for path in ("", "/", "/ws"):
        caplog.clear()
        async with connect(quick, path) as socket:
            begun = time.monotonic()
            assert [await received(socket) for _ in range(4)] == [TEXT] * 4
            assert time.monotonic() - begun > 0.15
            await socket.send("클라이언트에서 서버로 답장을 보냅니다.")
            await socket.send(b"\x00\x01")
            await received(socket)
        await nobody(quick)
        assert caplog.messages == [
            "websocket open 127.0.0.1",
            "websocket message 127.0.0.1: '클라이언트에서 서버로 답장을 보냅니다.'",
            r"websocket message 127.0.0.1: b'\x00\x01'",
            "websocket close 127.0.0.1",
        ]


async def test_what_is_no_websocket(site: Site) -> None:
    lobby = await site.browser().get("/", {"Upgrade": "h2c", "Connection": "Upgrade"})
    assert (lobby.status, 'class="site-bar"' in lobby.text) == (200, True)
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade"}
    for method, path, headers, status in (
        ("GET", "/ws", {}, 400),
        ("GET", "/", {"Upgrade": "websocket"}, 400),
        ("GET", "/", upgrade, 426),
        ("GET", "/", {**upgrade, "Sec-WebSocket-Version": "13"}, 400),
        ("HEAD", "/ws", upgrade, 405),
        ("POST", "/ws", upgrade, 405),
        ("GET", "/", {**upgrade, **NOWHERE}, 403),
    ):
        assert (await site.browser().ask(method, path, headers=headers)).status == status
    await nobody(site)


async def test_a_websocket_is_a_visitors_and_bounded(site: Site) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await connect(site, **NOWHERE)
    assert refused.value.response.status_code == 403
    async with connect(site, Origin=site.url) as socket:
        cookie = socket.response.headers["Set-Cookie"].partition(";")[0]
    async with connect(site, Cookie=cookie) as socket:
        assert "Set-Cookie" not in socket.response.headers
        await socket.send("가" * (16_384 // 3))
        await socket.send("x" * 16_385)
        assert await closed(socket) == (1009, "message too big")
    await nobody(site)


async def test_one_who_talks_without_end_is_read_slowly(start_site: StartSite) -> None:
    site = await start_site("--rate", "5", bounds=Bounds(messages_a_second=100))
    async with connect(site) as socket, feed(site) as watching:
        for number in range(300):
            await socket.send(str(number))
        begun = time.monotonic()
        async with asyncio.timeout(5):
            while (await watching.counts())["websocket"]["received"] < 250:
                pass
        assert time.monotonic() - begun > 0.4  # 200 at once, the others 100 a second


async def test_one_who_does_not_answer_pings_is_closed(start_site: StartSite) -> None:
    site = await start_site(bounds=Bounds(ping_s=0.05))
    reader, writer = await site.raw(handshake(site, "/"))
    await reader.readuntil(b"\r\n\r\n")
    async with asyncio.timeout(5):
        ping, close = await reader.readexactly(2), await reader.readexactly(2)
    assert (ping, close) == (b"\x89\x00", b"\x88\x10")
    writer.close()
    await nobody(site)


# --- events, by every way the same


async def test_all_ways_tell_of_the_same_events(quick: Site) -> None:
    async with stream(quick, "?bytes=0&every_ms=100") as sse, connect(quick, "/ws?bytes=0&every_ms=100") as socket:
        headers = await sse.event()
        assert headers["event"] == "headers"
        assert json.loads(headers["data"])["down"] == len(sse.head)
        assert set(json.loads(await received(socket))["headers"]) == {"up", "down"}
        event = await sse.event()
        by_stream = json.loads(event["data"])
        assert event["id"] == str(by_stream["id"])
        assert by_stream["text"] == TEXT
        assert 0 <= by_stream["age_ms"] < 5000
        by_socket = json.loads(await received(socket))
        while by_socket["id"] < by_stream["id"]:
            by_socket = json.loads(await received(socket))
        polled = (await told(quick.program(), f"/lessons/poll?every_ms=100&after={by_stream['id'] - 1}"))["events"][0]
        assert by_socket["id"] == polled["id"] == by_stream["id"]
        moments = [datetime.fromisoformat(each["at"]) for each in (by_stream, by_socket, polled)]
        assert max(moments) - min(moments) < timedelta(milliseconds=50)


async def test_what_may_be_asked_for(site: Site) -> None:
    program = site.program()
    for path, headers in (
        ("/lessons/poll", {}),
        ("/lessons/events", {}),
        ("/", {"Upgrade": "websocket"}),
        ("/ws", {"Upgrade": "websocket"}),
    ):
        for query in ("every_ms=soon", "bytes=1e3", "every_ms=1.5", "bytes=%00", f"bytes={'9' * 16}", "every_ms=%FF"):
            answer = await program.ask("GET", f"{path}?{query}", headers=headers)
            assert answer.refusal == (400, "bad_request"), (path, query)
    for path in ("/lessons/poll", "/lessons/events"):
        for headers in (NOWHERE, {"Sec-Fetch-Site": "cross-site"}):
            assert (await program.get(path, headers)).refusal == (403, "forbidden")
    assert (await program.get("/lessons/poll?wait=yes")).refusal == (400, "bad_request")
    # What is out of bounds is cut.
    (plain,) = (await told(program, "/lessons/poll?wait=1&every_ms=0&bytes=-5"))["events"]
    assert "pad" not in plain
    (large,) = (await told(program, "/lessons/poll?wait=1&every_ms=499&bytes=99999999"))["events"]
    assert len(json.dumps(large, ensure_ascii=False, separators=(",", ":")).encode()) == 8192


async def test_a_stream_of_events(quick: Site) -> None:
    async with stream(quick) as sse:
        assert re.search(r"^Content-Type: text/event-stream\r$", sse.head, re.MULTILINE)
        assert re.search(r"^Cache-Control: no-store\r$", sse.head, re.MULTILINE)
        events = [await sse.event() for _ in range(6)]
        assert all(set(event) == {"id", "data"} for event in events)
        ids = [int(event["id"]) for event in events]
        assert ids == list(range(ids[0], ids[0] + 6))
        assert sse.retry == "3000"
        assert sse.comments > 2
    answer = await quick.browser().ask("HEAD", "/lessons/events")
    assert (answer.status, answer.headers["Content-Type"], answer.body) == (200, "text/event-stream", b"")
    await nobody(quick)


async def test_who_comes_back_gets_what_was_missed(quick: Site) -> None:
    async with stream(quick) as sse:
        known = int((await sse.event())["id"])
    while (await told(quick.program(), "/lessons/poll"))["last"] < known + 3:
        pass
    async with stream(quick, Last_Event_ID=str(known)) as sse:
        assert [int((await sse.event())["id"]) for _ in range(4)] == [known + step for step in range(1, 5)]
    async with stream(quick, Last_Event_ID="4100") as sse:  # of a server before this one
        events = [await sse.event() for _ in range(2)]
        assert [event["id"] for event in events] == ["4101", "4102"]
        assert [json.loads(event["data"])["id"] for event in events] == [4101, 4102]
    for none in ("", "x", "-1", "1.5", "9" * 30, "0x10", "٣"):
        async with stream(quick, Last_Event_ID=none.encode().decode("latin-1")) as sse:
            assert int((await sse.event())["id"]) < 1000


async def test_of_long_ago_only_the_last_is_told(start_site: StartSite) -> None:
    site = await start_site(bounds=Bounds(least_every_ms=1))
    while (await told(site.program(), "/lessons/poll?every_ms=1"))["last"] < 150:
        pass
    async with stream(site, "?every_ms=1", Last_Event_ID="1") as sse:
        ids = [int((await sse.event())["id"]) for _ in range(100)]
        assert ids[0] > 2
        assert ids == list(range(ids[0], ids[0] + 100))


async def test_who_does_not_read_is_not_written_to_without_end(start_site: StartSite) -> None:
    site = await start_site(bounds=Bounds(least_every_ms=5, most_bytes=200_000))
    query = "?every_ms=5&bytes=200000"

    program = site.program()

    async def sent() -> int:
        async with feed(site) as watching:
            counts = await watching.counts()
        return counts["sse"]["sent"] + counts["websocket"]["sent"]

    async def twenty_beats() -> None:
        begun = (await told(program, "/lessons/poll?every_ms=5"))["last"]
        while (await told(program, "/lessons/poll?every_ms=5"))["last"] < begun + 20:
            pass

    async with (
        stream(site, query) as sse,
        websockets.connect(
            f"ws://127.0.0.1:{site.port}/ws{query}", max_size=None, max_queue=1, close_timeout=0.1, proxy=None
        ) as socket,
    ):
        before, now = -1, 0
        async with asyncio.timeout(10):
            while before != now:  # until the system's buffers are full
                before = now
                await twenty_beats()
                now = await sent()
        assert now > 2
        assert (await sse.event())["event"] == "headers"
        assert int((await sse.event())["id"]) > 0
        await received(socket)
        first = json.loads(await received(socket))["id"]
        assert [json.loads(await received(socket))["id"] for _ in range(3)] == [first + 1, first + 2, first + 3]


# --- polling


async def test_polling(quick: Site) -> None:
    program = quick.program()
    begun = time.monotonic()
    nothing = await told(program, f"/lessons/poll?{SLOW}")
    assert time.monotonic() - begun < 5
    assert (nothing["events"], nothing["last"]) == ([], 0)
    for _ in range(2):
        await told(program, "/lessons/poll?wait=1")
    latest = await told(program, "/lessons/poll")
    assert [event["id"] for event in latest["events"]] == [latest["last"]]
    all_of_them = await told(program, "/lessons/poll?after=0")
    ids = [event["id"] for event in all_of_them["events"]]
    assert ids == list(range(1, ids[-1] + 1))
    assert all_of_them["last"] == ids[-1] >= 2
    assert len((await told(program, "/lessons/poll?after=99999"))["events"]) == 1  # of a server before this one
    request = f"GET /lessons/poll HTTP/1.1\r\nHost: {quick.url[7:]}\r\n\r\n"
    reader, writer = await quick.raw(request.encode())
    head = await reader.readuntil(b"\r\n\r\n")
    size = int(re.findall(rb"Content-Length: (\d+)", head)[0])
    heads = json.loads(await reader.readexactly(size))["headers"]
    writer.close()
    assert heads == {"up": len(request), "down": len(head)}


async def test_long_polling_waits_for_the_next_event(site: Site) -> None:
    program = site.program()
    first = await told(program, "/lessons/poll?wait=1&every_ms=500&after=0")
    known = first["last"]
    second = await told(program, f"/lessons/poll?wait=1&every_ms=500&after={known}")
    assert [event["id"] for event in second["events"]] == [known + 1]
    assert second["last"] == known + 1
    third = await told(program, f"/lessons/poll?wait=1&every_ms=500&after={known}")  # at once
    assert [event["id"] for event in third["events"]][0] == known + 1
    async with feed(site) as watching:
        assert (await watching.counts())["long_polling"] == {"open": 0, "requests": 3, "sent": 3, "received": 0}


# --- bounds


async def test_there_are_only_so_many_connections(start_site: StartSite) -> None:
    site = await start_site("--max-lessons", "3", bounds=Bounds(connections_of_visitor=1))
    async with connect(site) as first, connect(site), stream(site):
        program = site.program()
        assert (await program.get("/lessons/events")).refusal == (503, "too_many_lessons")
        assert (await program.get(f"/lessons/poll?wait=1&{SLOW}")).refusal == (503, "too_many_lessons")
        assert (await program.get("/lessons/poll")).status == 200
        async with connect(site) as refused:
            assert await closed(refused) == (1013, "too_many_lessons")
        async with namespace(site, "/") as refused:
            answer = await received(refused)
            assert answer.startswith("44{")
            assert json.loads(answer[2:])["data"]["error"] == "too_many_lessons"
        await first.close()
        async with stream(site):
            expected = {"polling": 0, "long_polling": 0, "sse": 2, "websocket": 1, "socketio": 0}
            assert await open_now(site) == expected
    await nobody(site)
    async with connect(site, Cookie=f"gifchat={program.cookies['gifchat']}"):
        assert (await program.get("/lessons/events")).refusal == (503, "too_many_lessons")
        async with stream(site):
            pass


async def test_who_goes_at_once_leaves_nothing(site: Site) -> None:
    for path in ("/lessons/events", f"/lessons/poll?wait=1&{SLOW}", "/"):
        for turns in range(8):
            _, writer = await site.raw(handshake(site, path) if path == "/" else get(site, path))
            for _ in range(turns):
                await asyncio.sleep(0)
            writer.transport.abort()
    await site.browser().get("/")
    await nobody(site)


# --- the end


async def test_stopping_ends_every_lesson_at_once(io_loop: IOLoop, tmp_path: Path) -> None:
    config = gifchat.read_config(["--host", "127.0.0.1", "--port", "0", "--data", str(tmp_path / "data")], {})
    serving = gifchat.serving(config)
    site = Site((await serving.__aenter__()).port, config.data)
    async with connect(site) as socket, stream(site) as sse:
        poll = asyncio.create_task(site.program().get(f"/lessons/poll?wait=1&{SLOW}"))
        reader, writer = await site.raw(handshake(site, "/ws"))
        await reader.readuntil(b"\r\n\r\n")

        async def all_open() -> bool:
            now = await open_now(site)
            return (now["sse"], now["websocket"], now["long_polling"]) == (1, 2, 1)

        await until(all_open)
        begun = time.monotonic()
        await serving.__aexit__(None, None, None)
        assert time.monotonic() - begun < 3
        assert await closed(socket) == (1001, "")
        assert (await poll).json["events"] == []
        assert (await sse.rest()).endswith(b"0\r\n\r\n")
        assert await reader.read() == b"\x88\x02\x03\xe9"
        writer.close()
    site.close()


# --- the feed


class Watching:
    """A socket on /lessons, over a WebSocket of nobody's Socket.IO."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    async def event(self, wanted: str) -> Any:
        """Return the argument of the next event of that name."""
        while True:
            message = await received(self._socket)
            if message == "2":
                await self._socket.send("3")
            elif message.startswith("42/lessons,"):
                name, argument = json.loads(message.removeprefix("42/lessons,"))
                if name == wanted:
                    return argument

    async def counts(self) -> dict[str, dict[str, int]]:
        counts: dict[str, dict[str, int]] = await self.event("counts")
        return counts


@asynccontextmanager
async def namespace(site: Site, name: str, **headers: str) -> AsyncIterator[ClientConnection]:
    """Open a connection that asks for a namespace."""
    async with connect(site, "/socket.io/?EIO=4&transport=websocket", **headers) as socket:
        await received(socket)
        await socket.send(f"40{name}," if name != "/" else "40")
        yield socket


@asynccontextmanager
async def feed(site: Site) -> AsyncIterator[Watching]:
    """Watch."""
    async with namespace(site, "/lessons") as socket:
        yield Watching(socket)


async def test_the_class_sees_what_the_server_sees(quick: Site) -> None:
    async with feed(quick) as watching:
        assert [branch["name"] for branch in await watching.event("tree")] == ["/chat", "/room", "/", "/lessons"]
        assert set(await watching.counts()) == set(LESSONS)
        assert await watching.event("log") == []
        lines: list[dict[str, str]] = []

        async def line() -> tuple[str, str, str | None]:
            while not lines:
                lines.extend(await watching.event("log"))
            assert re.fullmatch(r"#[0-9a-f]{6}", lines[0]["user"])
            first = lines.pop(0)
            return first["lesson"], first["event"], first.get("text")

        async with connect(quick) as socket:
            await socket.send("첫째 탭")
            assert await line() == ("websocket", "open", None)
            assert await line() == ("websocket", "message", "첫째 탭")
        assert await line() == ("websocket", "close", None)
        async with namespace(quick, "/") as socket:
            assert await line() == ("socketio", "open", None)
            while not (await received(socket)).startswith('42["news"'):
                pass
            await socket.send('42["reply","둘째 탭"]')
            assert await line() == ("socketio", "message", "둘째 탭")
        assert await line() == ("socketio", "close", None)


async def test_the_tree_tells_no_locked_rooms_title(site: Site) -> None:
    maker = site.browser()
    opened, locked = await maker.new_room("열린 방"), await maker.new_room("비밀 이야기", password="열쇠")
    async with namespace(site, "/chat", Cookie=f"gifchat={maker.cookies['gifchat']}") as member:
        for number, room in enumerate((opened, locked)):
            await member.send(f'42/chat,{number}["join","{room}"]')
        while not (await received(member)).startswith("43/chat,1"):
            pass
        async with feed(site) as watching:
            (chat, *_) = await watching.event("tree")
            assert [(room["title"], room["locked"], room["count"]) for room in chat["rooms"]] == [
                ("열린 방", False, 1),
                (None, True, 1),
            ]
            assert len(chat["rooms"][0]["sockets"]) == 1
            assert chat["rooms"][1]["sockets"] == []
            await maker.ask("PATCH", f"/room/{opened}", json_body={"title": "다른 이름"})
            (chat, *_) = await watching.event("tree")
            assert chat["rooms"][0]["title"] == "다른 이름"


# --- the page and its programs


async def test_the_page_shows_every_program(site: Site) -> None:
    for lang in ("ko", "en"):
        page = await site.browser(Accept_Language=lang).get("/lessons")
        assert page.status == 200
        for part in ("new WebSocket(", "EventSource(", "async def on_message", "websocket.py", "socket.emit("):
            assert part in page.text


def test_what_is_shown_runs() -> None:
    shown = programs(ROOT)
    assert [program.lesson for program in shown] == list(LESSONS)
    for program in shown:
        assert program.browser
        assert len(program.server.splitlines()) < 60
        for name in SERVER[program.lesson][1]:
            assert f"def {name.partition('.')[2]}(" in program.server


def test_a_program_that_is_gone_is_told_at_the_start() -> None:
    with pytest.raises(LookupError):
        excerpt("class A:\n    def b(self): ...\n", "A.c")
    assert excerpt("class A:\n    def b(self): ...\n", "A.b") == "def b(self): ..."
