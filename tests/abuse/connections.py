"""Connections that do nothing, or not enough."""

import asyncio
import socket
import struct
from contextlib import AsyncExitStack

from tests.abuse.bystanders import new_room, visitor
from tests.abuse.kinds import kind
from tests.abuse.target import UPGRADE, Target

RESET = struct.pack("ii", 1, 0)
HANDSHAKE = "/socket.io/?EIO=4&transport=polling"
MANY = 2_000
HEAD_WITHIN_S, CONNECT_WITHIN_S = 60.0, 20.0


async def newcomer(target: Target) -> None:
    """Fail unless somebody at the bystanders' address can come in and make a room."""
    cookie = await asyncio.to_thread(visitor, target.port)
    assert await asyncio.to_thread(new_room, target.port, cookie)


@kind(f"{MANY} connections that say nothing")
async def silent(target: Target) -> None:
    target.allow(MANY + 500)
    async with AsyncExitStack() as stack:
        for _ in range(MANY):
            await stack.enter_async_context(target.connection())
        await newcomer(target)


@kind("heads that come byte by byte")
async def slow_heads(target: Target) -> None:
    async with AsyncExitStack() as stack:
        raws = [await stack.enter_async_context(target.connection()) for _ in range(100)]

        async def drip() -> None:
            for byte in target.request("GET", "/", "X: " + "x" * 1_000):
                for raw in raws:
                    raw.send(bytes([byte]))
                await asyncio.sleep(0.5)

        dripping = asyncio.create_task(drip())
        await asyncio.gather(*(raw.closed(HEAD_WITHIN_S) for raw in raws))
        dripping.cancel()


@kind("10,000 connections opened and reset")
async def reset(target: Target) -> None:
    for _ in range(100):
        for _ in range(100):
            with socket.create_connection(("127.0.0.1", target.port)) as sock:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        await asyncio.sleep(0)


@kind("500 handshakes without a CONNECT")
async def without_connect(target: Target) -> None:
    request = target.request("GET", HANDSHAKE.replace("polling", "websocket"), *UPGRADE)
    async with AsyncExitStack() as stack:
        raws = [await stack.enter_async_context(target.connection()) for _ in range(500)]
        for raw in raws:
            raw.send(request)
        await newcomer(target)
        await asyncio.gather(*(raw.closed(CONNECT_WITHIN_S) for raw in raws))


@kind("1,000 lessons, streams and WebSockets")
async def lessons(target: Target) -> None:
    target.allow(MANY)
    requests = (target.request("GET", "/lessons/events?ms=100"), target.request("GET", "/ws?ms=100", *UPGRADE))
    async with AsyncExitStack() as stack:
        for number in range(1_000):
            raw = await stack.enter_async_context(target.connection())
            raw.send(requests[number % 2])
        await asyncio.sleep(5)
        await newcomer(target)


@kind("3,000 sessions by polling that are forgotten")
async def forgotten_sessions(target: Target) -> None:
    async with target.connection() as raw:
        for _ in range(3_000):
            raw.send(target.request("GET", HANDSHAKE))
            if not (await raw.reply()).status:
                return


@kind("frames without an end, one connection each")
async def endless_frames(target: Target) -> None:
    async with AsyncExitStack() as stack:
        raws = [await stack.enter_async_context(target.websocket()) for _ in range(50)]
        for raw in raws:
            raw.send(b"\x82\xff" + struct.pack("!Q", 1 << 40) + bytes(4) + bytes(100_000))
        await asyncio.gather(*(raw.closed(CONNECT_WITHIN_S) for raw in raws))


@kind("attachments announced and never sent")
async def missing_attachments(target: Target) -> None:
    packet = b'452-/chat,["x",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]'
    async with AsyncExitStack() as stack:
        raws = [await stack.enter_async_context(target.websocket()) for _ in range(50)]
        for raw in raws:
            raw.send(bytes([0x81, 0x80 | len(packet)]) + bytes(4) + packet)
        await asyncio.gather(*(raw.closed(CONNECT_WITHIN_S) for raw in raws))
