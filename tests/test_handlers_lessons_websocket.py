"""The lessons' bare WebSocket."""

import asyncio
import logging
import time

import pytest
from websockets.exceptions import InvalidStatus

from realtime.lessons.beats import TEXT
from realtime.lessons.service import Bounds
from tests.client import Site, StartSite, site, start_site
from tests.lessons import (
    NOWHERE,
    WAIT_S,
    closed,
    connect,
    feed,
    handshake,
    nobody,
    quick,
    received,
)

__all__ = ["quick", "site", "start_site"]


async def test_the_bare_websocket_of_the_course_answers(quick: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "gifchat.lessons")
    for path in ("", "/", "/ws"):
        caplog.clear()
        begun = time.monotonic()
        async with connect(quick, path) as socket:
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


async def test_a_request_that_is_not_a_websocket_handshake_is_served_or_refused(site: Site) -> None:
    lobby = await site.browser().get("/", {"Upgrade": "h2c", "Connection": "Upgrade"})
    assert (lobby.status, 'class="site-bar"' in lobby.text) == (200, True)
    plain = await site.browser().get("/ws", {"Accept": "application/json"})
    assert (plain.status, plain.json["error"]) == (400, "bad_request")
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade"}
    keyed = {**upgrade, "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
    for method, path, headers, status in (
        ("GET", "/ws", {}, 400),
        ("GET", "/", {"Upgrade": "websocket"}, 400),
        ("GET", "/", keyed, 426),
        ("GET", "/", {**keyed, "Sec-WebSocket-Version": "14"}, 426),
        ("GET", "/", {**upgrade, "Sec-WebSocket-Version": "13"}, 400),
        ("HEAD", "/ws", upgrade, 405),
        ("POST", "/ws", upgrade, 405),
        ("GET", "/", {**upgrade, **NOWHERE}, 403),
    ):
        assert (await site.browser().ask(method, path, headers=headers)).status == status
    await nobody(site)


async def test_a_websocket_must_be_same_origin_and_its_messages_are_bounded(site: Site) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await connect(site, **NOWHERE)
    assert refused.value.response.status_code == 403
    async with connect(site, Origin=site.url) as socket:
        cookie = socket.response.headers["Set-Cookie"].partition(";")[0]
    async with connect(site, Cookie=cookie) as socket:
        assert "Set-Cookie" not in socket.response.headers
        await socket.send("가" * (16_384 // 3))
        await socket.send("x" * 16_385)
        assert await closed(socket) == (1009, "")
    await nobody(site)


async def test_a_client_that_sends_without_pause_is_read_slowly(start_site: StartSite) -> None:
    site = await start_site("--rate", "5", bounds=Bounds(messages_a_second=100))
    begun = time.monotonic()
    async with connect(site) as socket, feed(site) as watching:
        for number in range(300):
            await socket.send(str(number))
        async with asyncio.timeout(WAIT_S):
            while (await watching.counts())["websocket"]["received"] < 250:
                pass
        assert time.monotonic() - begun > 0.4  # 200 at once, the others 100 a second


async def test_a_client_that_sends_pings_without_pause_is_read_slowly(start_site: StartSite) -> None:
    site = await start_site("--rate", "5", bounds=Bounds(messages_a_second=100))
    begun = time.monotonic()
    async with connect(site) as socket, feed(site) as watching:
        for _ in range(250):
            await socket.ping()
        await socket.send("the last")
        async with asyncio.timeout(WAIT_S):
            while (await watching.counts())["websocket"]["received"] < 1:
                pass
        assert time.monotonic() - begun > 0.4


async def test_a_client_that_does_not_answer_pings_is_closed(start_site: StartSite) -> None:
    site = await start_site(bounds=Bounds(ping_s=0.05))
    reader, writer = await site.raw(handshake(site, "/"))
    await reader.readuntil(b"\r\n\r\n")
    async with asyncio.timeout(WAIT_S):
        ping, close = await reader.readexactly(2), await reader.readexactly(4)
    assert (ping, close[0], close[2:]) == (b"\x89\x00", 0x88, (1008).to_bytes(2))
    writer.close()
    await nobody(site)
