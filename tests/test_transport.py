"""Engine.IO over real sockets: identity, origins, limits, slow readers, upgrades under load."""

import asyncio
import gc
import json
import logging
import socket
import weakref

import pytest
from tornado.httputil import HTTPHeaders
from tornado.simple_httpclient import HTTPStreamClosedError

from handlers.exchange import EngineExchange, Sender
from handlers.identity import Identity
from handlers.outdated import Outdated
from realtime.engineio.packet import Frames
from realtime.engineio.session import Session
from tests.conformance.peers import WAIT_S, binary, closed, opening, silent, text
from tests.conftest import ExpectLog
from tests.transports import MIB, World, asyncio_loop, until, world

__all__ = ["asyncio_loop", "world"]


# Identity.


async def test_a_new_peer_gets_its_cookie_with_the_answer(world: World) -> None:
    answer = await world.peer.request(
        "GET", "?EIO=4&transport=polling&t=x&v=%EC%95%88", headers={"Referer": "http://x/room/1"}
    )
    assert answer.headers["Set-Cookie"].startswith("gifchat=new")
    handshake = world.handshakes[0]
    assert (handshake.identity, handshake.address) == ("somebody", "127.0.0.1")
    assert (handshake.referer, handshake.query) == ("http://x/room/1", {"v": "안"})


@pytest.mark.parametrize("query", ["classid=3", "sidewalk=1&xsid=2"])
async def test_a_query_parameter_whose_name_ends_in_sid_is_not_the_session_id(world: World, query: str) -> None:
    answer = await world.peer.request("GET", f"?EIO=4&transport=polling&{query}")
    assert answer.code == 200, answer.body
    assert world.handshakes[0].query == dict(field.split("=") for field in query.split("&"))


async def test_a_new_peer_gets_its_cookie_with_the_101_response(world: World) -> None:
    async with world.peer.websocket() as websocket:
        assert websocket.response is not None
        assert websocket.response.headers["Set-Cookie"].startswith("gifchat=new")
        opening(await text(websocket))
    assert world.handshakes[0].identity == "somebody"
    assert world.handshakes[0].query == {}


async def test_an_upgrade_does_not_identify_the_visitor_again(world: World) -> None:
    sid = await world.peer.sid()
    async with world.peer.websocket(f"?EIO=4&transport=websocket&sid={sid}") as websocket:
        assert websocket.response is not None
        assert "Set-Cookie" not in websocket.response.headers
    assert len(world.handshakes) == 1


async def test_a_failure_to_identify_is_answered_without_details(world: World, expect_log: ExpectLog) -> None:
    def fail(headers: HTTPHeaders, secure: bool) -> Identity:
        raise KeyError("secret")

    expect_log("handlers.exchange", "failed to handle")
    world.identify = fail
    answer = await world.peer.request("GET", "?EIO=4&transport=polling")
    status, body = await world.peer.refused("?EIO=4&transport=websocket")
    assert answer.code == status == 500
    assert json.loads(answer.body) == body
    assert body["error"] == "internal"
    assert len(world.engine) == 0


# Versions.


async def test_an_outdated_client_is_refused_and_logged_once(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "handlers.outdated")
    refused = (400, {"code": 5, "message": "Unsupported protocol version"})
    for version in ("3", "2", "3", "5", "3%0a", ""):
        answer = await world.peer.request("GET", f"?EIO={version}&transport=polling")
        assert (answer.code, json.loads(answer.body)) == refused
        assert await world.peer.refused(f"?EIO={version}&transport=websocket") == refused
    (line,) = caplog.messages
    assert line.startswith("a Socket.IO client at 127.0.0.1 is too old (Engine.IO 3); it needs socket.io-client 3")


def test_many_outdated_clients_do_not_flood_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "handlers.outdated")
    outdated = Outdated()
    for number in range(2_000):
        outdated.note(f"10.0.{number // 256}.{number % 256}", "3")
    assert len(caplog.messages) == 1_000


# Origins.


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"Origin": "http://{host}"}, True),
        ({"Origin": "https://{host}"}, True),
        ({"Origin": "http://{host}", "Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "http://{host}.evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://["}, False),
        ({"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
    ],
)
async def test_only_same_origin_handshakes_are_accepted(world: World, headers: dict[str, str], allowed: bool) -> None:
    given = {key: value.format(host=f"127.0.0.1:{world.port}") for key, value in headers.items()}
    polling = await world.peer.request("GET", "?EIO=4&transport=polling", headers=given)
    if allowed:
        assert polling.code == 200
        async with world.peer.websocket(headers=given) as websocket:
            opening(await text(websocket))
    else:
        assert (polling.code, json.loads(polling.body)) == (403, {"code": 4, "message": "Forbidden"})
        assert await world.peer.refused("?EIO=4&transport=websocket", given) == (
            403,
            {"code": 4, "message": "Forbidden"},
        )
        sid = await world.peer.sid()
        post = await world.peer.request("POST", f"?EIO=4&transport=polling&sid={sid}", b"4x", given)
        assert (post.code, json.loads(post.body)["code"]) == (403, 4)


async def test_a_cross_origin_post_without_a_session_is_refused(world: World) -> None:
    answer = await world.peer.request("POST", "?EIO=4&transport=polling", b"x", {"Origin": "http://evil.example"})
    assert (answer.code, json.loads(answer.body)["code"]) == (403, 4)


# Sizes.


async def test_a_message_of_the_maximum_size_is_received_and_sent(world: World) -> None:
    message = "4" + "x" * 999_999
    async with world.peer.session() as websocket:
        await websocket.send(message)
        assert await text(websocket) == message
        await websocket.send(b"\x01" * 1_000_000)
        assert await binary(websocket) == b"\x01" * 1_000_000
    sid = await world.peer.sid()
    assert await world.peer.post(sid, message) == (200, "ok")
    assert await world.peer.poll(sid) == (200, message)


async def test_a_websocket_message_that_is_too_large_closes_the_connection(world: World) -> None:
    async with world.peer.session() as websocket:
        await websocket.send("4" + "x" * 1_000_000)
        assert await closed(websocket) == []
    await until(lambda: len(world.engine) == 0)


async def test_a_body_that_is_too_large_is_drained_and_refused(world: World) -> None:
    sid = await world.peer.sid()
    assert await world.peer.post(sid, b"4" + b"x" * 3_000_000) == (413, "")
    assert (await world.peer.poll(sid))[0] == 400
    assert world.reasons == ["transport error"]


async def test_an_enormous_body_is_cut_off(world: World) -> None:
    sid = await world.peer.sid()
    reader, writer = await asyncio.open_connection("127.0.0.1", world.port)
    head = (
        f"POST /socket.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n"
    )
    writer.write(head.encode())
    assert (await reader.read(12)) == b"HTTP/1.1 400"
    writer.close()


async def test_an_internal_error_is_answered(world: World, expect_log: ExpectLog) -> None:
    expect_log("handlers.exchange", "failed to handle a POST")
    sid = await world.peer.sid()

    def fail(data: str | bytes) -> None:
        raise KeyError("secret")

    world.sessions[0].receiver.message = fail  # type: ignore[method-assign]  # a fault, injected
    status, body = await world.peer.post(sid, "4x")
    assert (status, json.loads(body)["error"]) == (500, "internal")


# Slow readers.


async def _stuck(world: World) -> tuple[socket.socket, Session]:
    """Return the socket of a WebSocket peer that reads its open packet and then nothing more."""
    loop = asyncio.get_running_loop()
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setblocking(False)
    await loop.sock_connect(sock, ("127.0.0.1", world.port))
    await loop.sock_sendall(
        sock,
        b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\n"
        b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    )
    received = b""
    while b"maxPayload" not in received:
        received += await loop.sock_recv(sock, 4096)
    return sock, world.sessions[-1]


async def test_a_peer_that_does_not_read_is_disconnected(world: World) -> None:
    sock, session = await _stuck(world)
    piece = Frames.message(b"x" * 65_536)
    sent = 0
    while len(world.engine) and sent < 1_000:
        session.send(piece)
        sent += 1
        await asyncio.sleep(0)
    # The kernel's buffers cannot be bounded here; beyond them at most 1 MiB and one piece are queued.
    assert sent * 65_536 < 10 * MIB
    assert world.reasons == ["transport error"]
    sock.close()


async def test_a_peer_that_polls_too_slowly_finds_its_session_gone(world: World) -> None:
    sid = await world.peer.sid()
    (session,) = world.sessions
    for _ in range(3):
        session.send(Frames.message(b"x" * MIB))
    await until(lambda: world.reasons == ["transport error"])
    status, body = await world.peer.poll(sid)
    assert (status, json.loads(body)) == (400, {"code": 1, "message": "Session ID unknown"})


async def test_a_message_above_the_bound_goes_to_an_idle_peer_and_small_ones_follow(world: World) -> None:
    async with world.peer.session() as websocket:
        (session,) = world.sessions
        large = b"x" * (3 * MIB)
        session.send(Frames.message(large))
        for number in range(100):
            session.send(Frames.message(b"%d" % number))
        assert await text(websocket) == "4" + large.decode()
        assert [await text(websocket) for _ in range(100)] == [f"4{number}" for number in range(100)]
        for _ in range(3):
            session.send(Frames.message(large))
            assert len(await text(websocket)) == len(large) + 1


async def test_a_queue_that_keeps_draining_is_not_cut_off(world: World) -> None:
    async with world.peer.session() as websocket:
        (session,) = world.sessions
        piece = b"x" * 300_000
        for _ in range(40):
            for _ in range(3):
                session.send(Frames.message(piece))
            for _ in range(3):
                assert len(await text(websocket)) == len(piece) + 1


async def test_frames_sent_with_the_handshake_request_are_read_in_order(world: World) -> None:
    """A peer may send frames without waiting for the 101, so some may be read together with the request."""
    request = (
        b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\n"
        b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    for turns in range(30):
        reader, writer = await asyncio.open_connection("127.0.0.1", world.port)
        writer.write(request + b"\x81\x87\0\0\0\0" + b"4early!")
        for _ in range(turns):
            await asyncio.sleep(0)
        writer.write(b"\x81\x87\0\0\0\0" + b"4later!")
        assert (await asyncio.wait_for(reader.readuntil(b"4later!"), WAIT_S)).endswith(
            b"\x81\x074early!\x81\x074later!"
        )
        writer.close()
        await writer.wait_closed()


# Upgrades.


async def test_an_upgrade_under_load_loses_duplicates_and_reorders_nothing(world: World) -> None:
    sid = await world.peer.sid()
    (session,) = world.sessions
    said = 0
    heard: list[str] = []
    polling, paused = True, asyncio.Event()

    async def fire() -> None:
        nonlocal said
        while said < 300:
            session.send(Frames.message(b"%d" % said))
            said += 1
            await asyncio.sleep(0.001)

    async def poll() -> None:
        while polling:
            status, body = await world.peer.poll(sid)
            assert status == 200
            heard.extend(body.split("\x1e"))
        paused.set()

    firing, polls = asyncio.ensure_future(fire()), asyncio.ensure_future(poll())
    await asyncio.sleep(0.1)
    async with world.peer.websocket(f"?EIO=4&transport=websocket&sid={sid}") as websocket:
        await websocket.send("2probe")
        assert await text(websocket) == "3probe"
        polling = False
        await paused.wait()
        await websocket.send("5")
        while "4299" not in heard:
            heard.append(await text(websocket))
        await asyncio.gather(firing, polls)
        await silent(websocket)
    assert [one for one in heard if one != "6"] == [f"4{number}" for number in range(300)]


# Memory.


async def test_an_open_websocket_does_not_keep_its_request_in_memory(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchanges: list[weakref.ref[EngineExchange]] = []
    begin = EngineExchange.begin

    def remember(exchange: EngineExchange, method: str, target: str, headers: HTTPHeaders, sender: Sender) -> None:
        exchanges.append(weakref.ref(exchange))
        begin(exchange, method, target, headers, sender)

    monkeypatch.setattr(EngineExchange, "begin", remember)
    async with world.peer.session() as websocket:
        gc.collect()
        assert [exchange() for exchange in exchanges] == [None]
        await websocket.send("4still here")
        assert await text(websocket) == "4still here"
    await until(lambda: world.reasons == ["client close"])
    assert len(world.engine) == 0


async def test_stopping_the_server_closes_the_transports(world: World) -> None:
    sid = await world.peer.sid()
    polling = await world.peer.waiting(sid)
    async with world.peer.session() as websocket:
        world.engine.close()
        assert await closed(websocket) == []
        assert await polling == (200, "6")
    with pytest.raises(HTTPStreamClosedError):
        await world.peer.post(sid, "4late")
    refused = await world.peer.poll(sid)
    assert (refused[0], json.loads(refused[1])) == (400, {"code": 1, "message": "Session ID unknown"})
    assert world.reasons == ["server shutting down"] * 2
    assert (await world.peer.request("GET", "?EIO=4&transport=polling")).code == 400
