"""The assertions of the official Engine.IO 4 suite, and the other error answers, on both echo servers."""

import asyncio
import json

import pytest

from realtime.engineio.server import Options
from tests.conformance.peers import Peer, binary, closed, opening, text

OPEN = {"pingInterval": 1_000_000, "pingTimeout": 1_000_000, "maxPayload": 1_000_000}

beating = pytest.mark.parametrize("options", [Options(ping_interval_s=0.1, ping_timeout_s=1000)], ids=[""])
"""For a test that waits for pings."""

impatient = pytest.mark.parametrize("options", [Options(ping_interval_s=0.1, ping_timeout_s=0.1)], ids=[""])
"""For a test that does not answer them."""


# Handshake.


async def test_polling_opens_a_session(peer: Peer) -> None:
    answer = await peer.request("GET", "?EIO=4&transport=polling")
    assert answer.code == 200
    assert answer.headers["Content-Type"] == "text/plain; charset=UTF-8"
    contents = opening(answer.body.decode())
    assert contents == {**OPEN, "sid": contents["sid"], "upgrades": ["websocket"]}
    assert isinstance(contents["sid"], str)


async def test_a_websocket_opens_a_session(peer: Peer) -> None:
    async with peer.websocket() as websocket:
        contents = opening(await text(websocket))
    assert contents == {**OPEN, "sid": contents["sid"], "upgrades": []}


REFUSALS = [
    ("GET", "?transport=polling", 5, "Unsupported protocol version"),
    ("GET", "?EIO=abc&transport=polling", 5, "Unsupported protocol version"),
    ("GET", "?EIO=3&transport=polling", 5, "Unsupported protocol version"),
    ("GET", "?EIO=4", 0, "Transport unknown"),
    ("GET", "?EIO=4&transport=abc", 0, "Transport unknown"),
    ("GET", "?EIO=4&transport=polling&sid=abc", 1, "Session ID unknown"),
    ("POST", "?EIO=4&transport=polling&sid=abc", 1, "Session ID unknown"),
    ("POST", "?EIO=4&transport=polling", 2, "Bad handshake method"),
    ("PUT", "?EIO=4&transport=polling", 2, "Bad handshake method"),
    ("DELETE", "?EIO=4&transport=polling", 2, "Bad handshake method"),
    ("OPTIONS", "?EIO=4&transport=polling", 2, "Bad handshake method"),
    ("GET", "?EIO=4&transport=websocket", 3, "Bad request"),
    ("GET", "?EIO=4&transport=websocket&sid=abc", 1, "Session ID unknown"),
]


@pytest.mark.parametrize(("method", "query", "code", "message"), REFUSALS)
async def test_an_invalid_polling_request_is_refused(
    peer: Peer, method: str, query: str, code: int, message: str
) -> None:
    answer = await peer.request(method, query, b"" if method in ("POST", "PUT") else None)
    assert answer.code == 400
    assert answer.headers["Content-Type"].startswith("application/json")
    assert json.loads(answer.body) == {"code": code, "message": message}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("?transport=websocket", 5),
        ("?EIO=abc&transport=websocket", 5),
        ("?EIO=4", 0),
        ("?EIO=4&transport=abc", 0),
        ("?EIO=4&transport=websocket&sid=abc", 1),
        ("?EIO=4&transport=polling", 3),
    ],
)
async def test_an_invalid_websocket_request_is_refused(peer: Peer, query: str, code: int) -> None:
    status, body = await peer.refused(query)
    assert (status, body["code"]) == (400, code)


async def test_an_unsupported_method_on_a_session_is_refused(peer: Peer) -> None:
    sid = await peer.sid()
    answer = await peer.request("PUT", f"?EIO=4&transport=polling&sid={sid}", b"4hello")
    assert (answer.code, json.loads(answer.body)["code"]) == (400, 3)
    head = await peer.request("HEAD", f"?EIO=4&transport=polling&sid={sid}")
    assert (head.code, head.body) == (400, b"")


# Messages.


@pytest.mark.parametrize("payload", ["4hello", "4test1\x1e4test2\x1e4test3", "4hello\x1ebAQIDBA==", "4안녕 😀"])
async def test_polling_carries_messages_both_ways(engine: Peer, payload: str) -> None:
    sid = await engine.sid()
    assert await engine.post(sid, payload) == (200, "ok")
    assert await engine.poll(sid) == (200, payload)


@pytest.mark.parametrize("payload", [b"abc", b"", b"4a\x1e", b"b*", b"4\xff"])
async def test_a_malformed_payload_ends_the_session(engine: Peer, payload: bytes) -> None:
    sid = await engine.sid()
    assert (await engine.post(sid, payload))[0] == 400
    assert (await engine.poll(sid))[0] == 400


async def test_a_second_poll_ends_the_session(peer: Peer) -> None:
    sid = await peer.sid()
    first = await peer.waiting(sid)
    second = await peer.poll(sid)
    assert await first == (200, "1")
    assert second[0] == 400
    assert (await peer.poll(sid))[0] == 400


async def test_a_cancelled_poll_ends_the_session(peer: Peer) -> None:
    sid = await peer.sid()
    reader, writer = await asyncio.open_connection("127.0.0.1", peer.port)
    query = f"GET {peer.path}/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nHost: x\r\n\r\n"
    writer.write(query.encode())
    await peer.polled(sid)
    writer.close()
    await writer.wait_closed()
    await peer.forgotten()
    assert (await peer.poll(sid))[0] == 400


async def test_a_websocket_carries_text_and_binary(engine: Peer) -> None:
    async with engine.session() as websocket:
        await websocket.send("4hello")
        assert await text(websocket) == "4hello"
        await websocket.send(b"\x01\x02\x03\x04")
        assert await binary(websocket) == b"\x01\x02\x03\x04"


async def test_a_malformed_packet_closes_the_websocket(peer: Peer) -> None:
    async with peer.session() as websocket:
        await websocket.send("abc")
        assert await closed(websocket) == []


# Heartbeat.


@beating
async def test_polling_is_pinged(peer: Peer) -> None:
    sid = await peer.sid()
    for _ in range(3):
        assert await peer.poll(sid) == (200, "2")
        assert await peer.post(sid, "3") == (200, "ok")


@beating
async def test_a_websocket_is_pinged(peer: Peer) -> None:
    async with peer.websocket() as websocket:
        opening(await text(websocket))
        for _ in range(3):
            assert await text(websocket) == "2"
            await websocket.send("3")


@impatient
async def test_a_polling_peer_without_pong_is_dropped(peer: Peer) -> None:
    sid = await peer.sid()
    await peer.forgotten()
    assert (await peer.poll(sid))[0] == 400


@impatient
async def test_a_websocket_without_pong_is_closed(peer: Peer) -> None:
    async with peer.session() as websocket:
        assert await closed(websocket) == ["2"]


# Close.


async def test_a_polling_peer_can_close_the_session(peer: Peer) -> None:
    sid = await peer.sid()
    waiting = await peer.waiting(sid)
    assert await peer.post(sid, "1") == (200, "ok")
    assert await waiting == (200, "6")
    assert (await peer.poll(sid))[0] == 400


async def test_a_websocket_peer_can_close_the_session(peer: Peer) -> None:
    async with peer.session() as websocket:
        await websocket.send("1")
        assert await closed(websocket) == []


# Upgrade.


async def test_a_polling_session_upgrades_to_a_websocket(engine: Peer) -> None:
    sid = await engine.sid()
    async with engine.websocket(f"?EIO=4&transport=websocket&sid={sid}") as websocket:
        await websocket.send("2probe")
        assert await text(websocket) == "3probe"
        assert await engine.poll(sid) == (200, "6")
        await websocket.send("5")
        await websocket.send("4hello")
        assert await text(websocket) == "4hello"


async def test_the_probe_ends_a_waiting_poll(engine: Peer) -> None:
    sid = await engine.sid()
    waiting = await engine.waiting(sid)
    async with engine.websocket(f"?EIO=4&transport=websocket&sid={sid}") as websocket:
        await websocket.send("2probe")
        assert await waiting == (200, "6")


@beating
async def test_after_the_upgrade_other_transports_are_refused(peer: Peer) -> None:
    sid = await peer.sid()
    upgrade = f"?EIO=4&transport=websocket&sid={sid}"
    async with peer.websocket(upgrade) as websocket:
        await websocket.send("2probe")
        await websocket.send("5")
        assert await text(websocket) == "3probe"
        assert (await peer.poll(sid))[0] == 400
        assert (await peer.post(sid, "4hello"))[0] == 400
        async with peer.websocket(upgrade) as second:
            assert await closed(second) == []
        assert await text(websocket) == "2"


async def test_a_failed_probe_leaves_the_session_polling(engine: Peer) -> None:
    sid = await engine.sid()
    for said in ([], ["2probe"], ["4hello"]):
        async with engine.websocket(f"?EIO=4&transport=websocket&sid={sid}") as websocket:
            for frame in said:
                await websocket.send(frame)
    assert await engine.post(sid, "4still here") == (200, "ok")
    assert await engine.poll(sid) == (200, "4still here")
