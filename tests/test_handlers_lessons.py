"""The lessons over HTTP: server-sent events, polling and long polling, their limits and their end."""

import asyncio
import json
import re
import time
from datetime import datetime, timedelta
from pathlib import Path

import websockets
from tornado.ioloop import IOLoop

from composition import serving
from handlers.peer import CLOSING_S
from options import read_config
from realtime.lessons.beats import TEXT
from realtime.lessons.service import Bounds
from tests.client import Site, StartSite, site, start_site
from tests.lessons import (
    NOWHERE,
    SLOW,
    WAIT_S,
    closed,
    connect,
    feed,
    get,
    get_json,
    handshake,
    namespace,
    nobody,
    open_now,
    quick,
    received,
    stream,
    until,
)

__all__ = ["quick", "site", "start_site"]


# --- events, the same over every transport


async def test_every_transport_delivers_the_same_events(quick: Site) -> None:
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
        # Each transport sends the latest event when its turn comes, so on a busy machine one may skip some.
        while by_socket["id"] != by_stream["id"]:
            if by_socket["id"] < by_stream["id"]:
                by_socket = json.loads(await received(socket))
            else:
                by_stream = json.loads((await sse.event())["data"])
        polled = (await get_json(quick.program(), f"/lessons/poll?every_ms=100&after={by_stream['id'] - 1}"))["events"][
            0
        ]
        assert by_socket["id"] == polled["id"] == by_stream["id"]
        moments = [datetime.fromisoformat(each["at"]) for each in (by_stream, by_socket, polled)]
        assert max(moments) - min(moments) < timedelta(seconds=2)


async def test_parameters_are_checked_and_capped(site: Site) -> None:
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
    # Values out of bounds are capped.
    plain, *_ = (await get_json(program, "/lessons/poll?wait=1&every_ms=0&bytes=-5"))["events"]
    assert "pad" not in plain
    large, *_ = (await get_json(program, "/lessons/poll?wait=1&every_ms=499&bytes=99999999"))["events"]
    assert len(json.dumps(large, ensure_ascii=False, separators=(",", ":")).encode()) == 8192


async def test_server_sent_events_are_streamed(quick: Site) -> None:
    async with stream(quick) as sse:
        assert re.search(r"^Content-Type: text/event-stream\r$", sse.head, re.MULTILINE)
        assert re.search(r"^Cache-Control: no-store\r$", sse.head, re.MULTILINE)
        events = [await sse.event() for _ in range(6)]
        assert all(set(event) == {"id", "data"} for event in events)
        ids = [int(event["id"]) for event in events]
        assert ids == list(range(ids[0], ids[0] + 6))
        assert sse.retry == "3000"
        while sse.comments < 3:
            await sse.event()
    answer = await quick.browser().ask("HEAD", "/lessons/events")
    assert (answer.status, answer.headers["Content-Type"], answer.body) == (200, "text/event-stream", b"")
    await nobody(quick)


async def test_a_stream_resumes_after_the_last_event_id(quick: Site) -> None:
    async with stream(quick) as sse:
        known = int((await sse.event())["id"])
    while (await get_json(quick.program(), "/lessons/poll"))["last"] < known + 3:
        pass
    async with stream(quick, Last_Event_ID=str(known)) as sse:
        assert [int((await sse.event())["id"]) for _ in range(4)] == [known + step for step in range(1, 5)]
    async with stream(quick, Last_Event_ID="4100") as sse:  # from an earlier server
        events = [await sse.event() for _ in range(2)]
        assert [event["id"] for event in events] == ["4101", "4102"]
        assert [json.loads(event["data"])["id"] for event in events] == [4101, 4102]
    for none in ("", "x", "-1", "1.5", "9" * 30, "0x10", "٣"):
        async with stream(quick, Last_Event_ID=none.encode().decode("latin-1")) as sse:
            assert int((await sse.event())["id"]) < 1000


async def test_a_stream_resumed_too_late_replays_only_recent_events(start_site: StartSite) -> None:
    site = await start_site(bounds=Bounds(least_every_ms=1))
    while (await get_json(site.program(), "/lessons/poll?every_ms=1"))["last"] < 150:
        pass
    async with stream(site, "?every_ms=1", Last_Event_ID="1") as sse:
        ids = [int((await sse.event())["id"]) for _ in range(100)]
        assert ids[0] > 2
        assert ids == list(range(ids[0], ids[0] + 100))


async def test_a_stream_that_is_not_read_stops_being_written_to(start_site: StartSite) -> None:
    site = await start_site(bounds=Bounds(least_every_ms=5, most_bytes=200_000))
    query = "?every_ms=5&bytes=200000"

    program = site.program()

    async def sent() -> int:
        async with feed(site) as watching:
            counts = await watching.counts()
        return counts["sse"]["sent"] + counts["websocket"]["sent"]

    async def twenty_beats() -> None:
        begun = (await get_json(program, "/lessons/poll?every_ms=5"))["last"]
        while (await get_json(program, "/lessons/poll?every_ms=5"))["last"] < begun + 20:
            pass

    async with (
        stream(site, query) as sse,
        websockets.connect(
            f"ws://127.0.0.1:{site.port}/ws{query}", max_size=None, max_queue=1, close_timeout=0.1, proxy=None
        ) as socket,
    ):
        before, now = -1, 0
        async with asyncio.timeout(WAIT_S):
            while before != now or now <= 2:  # until the socket buffers are full
                before = now
                await twenty_beats()
                now = await sent()
        assert (await sse.event())["event"] == "headers"
        assert int((await sse.event())["id"]) > 0
        await received(socket)
        first = json.loads(await received(socket))["id"]
        assert [json.loads(await received(socket))["id"] for _ in range(3)] == [first + 1, first + 2, first + 3]


# --- polling


async def test_polling_returns_new_events(quick: Site) -> None:
    program = quick.program()
    begun = time.monotonic()
    nothing = await get_json(program, f"/lessons/poll?{SLOW}")
    assert time.monotonic() - begun < 5
    assert (nothing["events"], nothing["last"]) == ([], 0)
    for _ in range(2):
        await get_json(program, "/lessons/poll?wait=1")
    latest = await get_json(program, "/lessons/poll")
    assert [event["id"] for event in latest["events"]] == [latest["last"]]
    all_of_them = await get_json(program, "/lessons/poll?after=0")
    ids = [event["id"] for event in all_of_them["events"]]
    assert ids == list(range(1, ids[-1] + 1))
    assert all_of_them["last"] == ids[-1] >= 2
    assert len((await get_json(program, "/lessons/poll?after=99999"))["events"]) == 1  # from an earlier server
    request = f"GET /lessons/poll HTTP/1.1\r\nHost: {quick.url[7:]}\r\n\r\n"
    reader, writer = await quick.raw(request.encode())
    head = await reader.readuntil(b"\r\n\r\n")
    size = int(re.findall(rb"Content-Length: (\d+)", head)[0])
    heads = json.loads(await reader.readexactly(size))["headers"]
    writer.close()
    assert heads == {"up": len(request), "down": len(head)}


async def test_long_polling_waits_for_the_next_event(site: Site) -> None:
    program = site.program()
    first = await get_json(program, "/lessons/poll?wait=1&every_ms=500&after=0")
    known = first["last"]
    second = await get_json(program, f"/lessons/poll?wait=1&every_ms=500&after={known}")
    # One, unless the machine stalled for longer than the interval.
    assert [event["id"] for event in second["events"]] == list(range(known + 1, second["last"] + 1)) != []
    third = await get_json(program, f"/lessons/poll?wait=1&every_ms=500&after={known}")  # at once
    assert [event["id"] for event in third["events"]][0] == known + 1
    sent = sum(len(answer["events"]) for answer in (first, second, third))
    async with feed(site) as watching:
        assert (await watching.counts())["long_polling"] == {"open": 0, "requests": 3, "sent": sent, "received": 0}


# --- bounds


async def test_the_number_of_lesson_connections_is_bounded(start_site: StartSite) -> None:
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
            refusal = json.loads(answer[2:])["data"]
            assert (refusal["error"], refusal["retry_after"] > 0) == ("too_many_lessons", True)
        await first.close()
        async with stream(site):
            expected = {"polling": 0, "long_polling": 0, "sse": 2, "websocket": 1, "socketio": 0}
            assert await open_now(site) == expected
    await nobody(site)
    async with connect(site, Cookie=program.identity):
        assert (await program.get("/lessons/events")).refusal == (503, "too_many_lessons")
        async with stream(site):
            pass


async def test_a_client_that_disconnects_at_once_leaves_nothing(site: Site) -> None:
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
    config = read_config(["--host", "127.0.0.1", "--port", "0", "--data", str(tmp_path / "data")], {})
    server = serving(config)
    site = Site((await server.__aenter__()).port, config.data)
    async with connect(site) as socket, stream(site) as sse:
        poll = asyncio.create_task(site.program().get(f"/lessons/poll?wait=1&{SLOW}"))
        reader, writer = await site.raw(handshake(site, "/ws"))
        await reader.readuntil(b"\r\n\r\n")

        async def all_open() -> bool:
            now = await open_now(site)
            return (now["sse"], now["websocket"], now["long_polling"]) == (1, 2, 1)

        await until(all_open)
        begun = time.monotonic()
        await server.__aexit__(None, None, None)
        assert time.monotonic() - begun < CLOSING_S  # less than a peer is given after a normal close
        assert await closed(socket) == (1001, "")
        assert (await poll).json["events"] == []
        assert (await sse.rest()).endswith(b"0\r\n\r\n")
        assert await reader.read() == b"\x88\x02\x03\xe9"
        writer.close()
    site.close()
