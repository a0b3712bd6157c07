"""The assertions of the official Socket.IO 5 suite beyond Engine.IO, and attacks by a hostile peer."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import ClientConnection

from realtime.socketio.connection import Timeouts
from tests.conformance.peers import Peer, binary, closed, silent, text

PLACEHOLDERS = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}'


@asynccontextmanager
async def connected(peer: Peer) -> AsyncIterator[ClientConnection]:
    """Connect to the main namespace."""
    async with peer.session() as websocket:
        await websocket.send("40")
        assert (await text(websocket)).startswith("40")
        assert await text(websocket) == '42["auth",{}]'
        yield websocket


@pytest.mark.parametrize(
    ("packet", "head", "event"),
    [
        ("40", "40", '42["auth",{}]'),
        ('40{"token":"123"}', "40", '42["auth",{"token":"123"}]'),
        ("40/custom,", "40/custom,", '42/custom,["auth",{}]'),
        ('40/custom,{"token":"abc"}', "40/custom,", '42/custom,["auth",{"token":"abc"}]'),
    ],
)
async def test_connect_is_answered(socketio: Peer, packet: str, head: str, event: str) -> None:
    async with socketio.session() as websocket:
        await websocket.send(packet)
        answer = await text(websocket)
        assert answer.startswith(head)
        contents = json.loads(answer[len(head) :])
        assert list(contents) == ["sid"]
        assert isinstance(contents["sid"], str)
        assert await text(websocket) == event


async def test_an_unknown_namespace_is_refused(socketio: Peer) -> None:
    async with socketio.session() as websocket:
        await websocket.send("40/random")
        assert await text(websocket) == '44/random,{"message":"Invalid namespace"}'


async def test_a_malformed_first_packet_closes_the_connection(socketio: Peer) -> None:
    async with socketio.session() as websocket:
        await websocket.send("4abc")
        assert await closed(websocket) == []


@pytest.mark.parametrize("timeouts", [Timeouts(connect_s=0.1)], ids=[""])
async def test_a_peer_that_does_not_connect_is_closed(socketio: Peer) -> None:
    async with socketio.session() as websocket:
        assert await closed(websocket) == []  # no ping either, so it was not the heartbeat


async def test_disconnecting_from_the_main_namespace_keeps_the_connection(socketio: Peer) -> None:
    async with connected(socketio) as websocket:
        await websocket.send("41")
        await websocket.send("40/custom,")
        assert (await text(websocket)).startswith("40/custom,")


async def test_disconnecting_from_one_namespace_keeps_the_other(socketio: Peer) -> None:
    async with connected(socketio) as websocket:
        await websocket.send("40/custom")
        assert (await text(websocket)).startswith("40/custom,")
        assert await text(websocket) == '42/custom,["auth",{}]'
        await websocket.send("41/custom")
        await websocket.send('42["message","message to main namespace"]')
        assert await text(websocket) == '42["message-back","message to main namespace"]'


async def test_an_event_is_echoed(socketio: Peer) -> None:
    async with connected(socketio) as websocket:
        await websocket.send('42["message",1,"2",{"3":[true]}]')
        assert await text(websocket) == '42["message-back",1,"2",{"3":[true]}]'


async def test_an_event_with_an_ack_is_acknowledged(socketio: Peer) -> None:
    async with connected(socketio) as websocket:
        await websocket.send('42456["message-with-ack",1,"2",{"3":[false]}]')
        assert await text(websocket) == '43456[1,"2",{"3":[false]}]'


@pytest.mark.parametrize(
    ("packet", "answer"),
    [
        (f'452-["message",{PLACEHOLDERS}]', f'452-["message-back",{PLACEHOLDERS}]'),
        (f'452-789["message-with-ack",{PLACEHOLDERS}]', f"462-789[{PLACEHOLDERS}]"),
    ],
)
async def test_attachments_are_echoed(socketio: Peer, packet: str, answer: str) -> None:
    async with connected(socketio) as websocket:
        await websocket.send(packet)
        await websocket.send(b"\x01\x02\x03")
        await websocket.send(b"\x04\x05\x06")
        assert await text(websocket) == answer
        assert [await binary(websocket), await binary(websocket)] == [b"\x01\x02\x03", b"\x04\x05\x06"]


async def test_attachments_are_echoed_by_polling(socketio: Peer) -> None:
    sid = await socketio.sid()
    assert await socketio.post(sid, "40") == (200, "ok")
    assert (await socketio.poll(sid))[1].startswith("40")
    assert await socketio.poll(sid) == (200, '42["auth",{}]')
    assert await socketio.post(sid, f'452-["message",{PLACEHOLDERS}]\x1ebAQID\x1ebBAUG') == (200, "ok")
    assert await socketio.poll(sid) == (200, f'452-["message-back",{PLACEHOLDERS}]\x1ebAQID\x1ebBAUG')


HOSTILE: list[list[str | bytes]] = [
    ["4abc"],
    ["42{}"],
    ['42abc["message-with-ack",1,"2",{"3":[false]}]'],
    ['42["connect"]'],
    ['42["disconnect"]'],
    ["42[true]"],
    ["42[null]"],
    ['450-["message"]'],
    ['4511-["message"]'],
    ['4599999999999-["message"]'],
    ['451-["message",{"_placeholder":true,"num":1}]'],
    ['451-["message",{"_placeholder":true,"num":-1}]'],
    ['4212345678901234567["message"]'],
    ['42["message",' + "[" * 100],
    ['42["message",NaN]'],
    [b"\x00"],
    ['451-["message",{"_placeholder":true,"num":0}]', '42["message"]'],
    ['42/never,["message"]'],
    ["2"],
    ["9"],
]


@pytest.mark.parametrize("frames", HOSTILE, ids=lambda frames: repr(frames[-1][:40]))
async def test_a_violation_closes_only_its_own_connection(socketio: Peer, frames: list[str | bytes]) -> None:
    async with connected(socketio) as neighbour, connected(socketio) as hostile:
        for frame in frames:
            await hostile.send(frame)
        assert await closed(hostile) == []
        await neighbour.send('42["message"]')
        assert await text(neighbour) == '42["message-back"]'


async def test_an_event_before_connect_closes_the_connection(socketio: Peer) -> None:
    async with socketio.session() as websocket:
        await websocket.send('42["message"]')
        assert await closed(websocket) == []


@pytest.mark.parametrize(
    "argument",
    ["[" * 100_000, "[" * 900 + "]" * 900, "1e999", "7" * 300_000, '"",' * 5_000 + "0", "[]," * 300_000 + "0"],
    ids=lambda argument: argument[:10],
)
async def test_an_event_over_the_bounds_is_refused_and_the_connection_lives(socketio: Peer, argument: str) -> None:
    async with connected(socketio) as websocket:
        await websocket.send(f'42["message-with-ack",{argument}]')
        assert (await text(websocket)).startswith('42["problem",{"ok":false,"error":"bad_request"')
        await websocket.send(f'427["message-with-ack",{argument}]')
        assert (await text(websocket)).startswith('437[{"ok":false,"error":"bad_request"')
        await websocket.send('42["message"]')
        assert await text(websocket) == '42["message-back"]'


@pytest.mark.parametrize(
    ("arguments", "back"),
    [
        (r'"\ud800"', '"\ufffd"'),
        ('"\\u0000"', '"\\u0000"'),
        ("1e30", "1e30"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ('{"__proto__":1,"":[]}', '{"__proto__":1,"":[]}'),
    ],
)
async def test_unusual_json_values_are_echoed(socketio: Peer, arguments: str, back: str) -> None:
    async with connected(socketio) as websocket:
        await websocket.send(f'42["message",{arguments}]')
        assert await text(websocket) == f'42["message-back",{back}]'


async def test_an_unexpected_ack_is_ignored(socketio: Peer) -> None:
    async with connected(socketio) as websocket:
        await websocket.send("4377[]")
        await silent(websocket)
