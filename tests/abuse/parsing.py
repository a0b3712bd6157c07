"""Bytes that are no request, no frame, no packet."""

import random

from tests.abuse.kinds import kind
from tests.abuse.target import Target
from tests.fuzz import engineio_packets, request_heads, socketio_packets, websocket_frames
from tests.fuzz.mutations import mutated
from tests.fuzz.pieces import stream_of

TIMES = 300
CLOSED_WITHIN_S = 30.0


@kind("random bytes")
async def random_bytes(target: Target) -> None:
    rng = random.Random(1)
    for _ in range(TIMES):
        async with target.connection() as raw:
            raw.send(rng.randbytes(rng.randint(1, 2_000)) + b"\r\n\r\n")
            await raw.reply()


@kind("other protocols")
async def other_protocols(target: Target) -> None:
    for hello in (
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),  # TLS
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(64),
        b"SSH-2.0-x\r\n\r\n",
        b"GET /\r\n\r\n",
        b"\x00" * 5_000 + b"\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET / HTTP/1.1\nHost: 127.0.0.1\n\n",
    ):
        for _ in range(20):
            reply = await target.reply(hello)
            assert reply.status in (0, 200, 400, 505), (hello[:30], reply)


@kind("heads like ours, with mistakes")
async def mutated_heads(target: Target) -> None:
    rng = random.Random(2)
    for number in range(TIMES):
        first, _, rest = request_heads.SEEDS[number % len(request_heads.SEEDS)].partition(b"\n")
        async with target.connection() as raw:
            raw.send(mutated(b"GET " + first + b" HTTP/1.1\r\n" + rest, rng) + b"\r\n\r\n")
            await raw.reply()


@kind("frames like a client's, with mistakes")
async def mutated_frames(target: Target) -> None:
    rng = random.Random(3)
    for number in range(TIMES):
        stream = stream_of(websocket_frames.SEEDS[number % len(websocket_frames.SEEDS)])
        async with target.websocket() as raw:
            for _ in range(20):
                raw.send(mutated(stream, rng))
            await raw.sent()


@kind("packets like a client's, with mistakes")
async def mutated_packets(target: Target) -> None:
    rng = random.Random(4)
    seeds = [*socketio_packets.SEEDS, *engineio_packets.SEEDS]
    for number in range(TIMES):
        path = "/socket.io/?EIO=4&transport=polling"
        async with target.connection() as raw:
            raw.send(target.request("GET", path))
            reply = await raw.reply()
            sid = reply.body.partition(b'"sid":"')[2].partition(b'"')[0].decode()
            for body in (b"40/chat,", b"4" + mutated(seeds[number % len(seeds)], rng)):
                raw.send(target.request("POST", f"{path}&sid={sid}", body=body))
                assert (await raw.reply()).status in (0, 200, 400, 413, 429)


@kind("chunks that do not add up")
async def chunks(target: Target) -> None:
    for body in (
        b"ffffffffffffffffff\r\n",
        b"-1\r\nx\r\n",
        b"5\r\nabc\r\n0\r\n\r\n",
        b"x\r\n",
        b"1" * 100_000,
        b"0x5\r\nabcde\r\n",
    ):
        for _ in range(20):
            async with target.connection() as raw:
                raw.send(target.request("POST", "/room", "Transfer-Encoding: chunked") + body)
                raw.writer.write_eof()
                await raw.closed(CLOSED_WITHIN_S)
