"""Clients who ask for much and read nothing, or send much and never its end."""

import asyncio
import json
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from bench.crowd import masked
from tests.abuse.kinds import kind
from tests.abuse.target import Raw, Target
from tests.client import Browser

MOST_MIB = 400.0
HOARDERS = 1_000
HALF_BYTES = 900_000
CLOSED = "closing a connection of"
TEXT = "가" * 2_000


async def _talk(target: Target, owner: Browser, room: str, seconds: float) -> None:
    """Say long things in the room for a while, as fast as the rate allows."""
    until = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < until:
        await owner.post(f"/room/{room}/chat", {"chat": TEXT})
        await asyncio.sleep(0.05)


def _bounded(target: Target) -> None:
    assert target.peak_mib() < MOST_MIB, f"{target.peak_mib():.0f} MiB"


@kind("50 members who never read")
async def members_who_never_read(target: Target) -> None:
    owner = target.browser()
    room = await owner.new_room(max=100)
    async with AsyncExitStack() as stack:
        for _ in range(50):
            await stack.enter_async_context(target.websocket(room))
        await _talk(target, owner, room, 10)
    owner.close()
    _bounded(target)


@kind("joins that ask for everything, answers unread")
async def joins_unread(target: Target) -> None:
    owner = target.browser()
    room = await owner.new_room()
    await _talk(target, owner, room, 5)
    join = masked(f"42/chat,1{json.dumps(['join', {'room': room, 'after': 0}])}")
    async with AsyncExitStack() as stack:
        raws = [await stack.enter_async_context(target.websocket(room, owner.identity)) for _ in range(10)]
        for raw in raws:
            raw.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's transport has it
            raw.send(join * 500)
        await asyncio.sleep(8)
    owner.close()
    _bounded(target)


@kind("pages asked for in a row, answers unread")
async def pages_unread(target: Target) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(20):
            raw = await stack.enter_async_context(target.connection())
            raw.writer.transport.pause_reading()  # type: ignore[attr-defined]  # as above
            raw.send(target.request("GET", "/") * 500)
        await asyncio.sleep(8)
    _bounded(target)


@kind("polls answered and never read")
async def polls_unread(target: Target) -> None:
    owner = target.browser()
    room = await owner.new_room(max=100)
    async with AsyncExitStack() as stack:
        for _ in range(50):
            raw = await stack.enter_async_context(target.connection())
            path = "/socket.io/?EIO=4&transport=polling"
            raw.send(target.request("GET", path))
            sid = (await raw.reply()).body.partition(b'"sid":"')[2].partition(b'"')[0].decode()
            for packet in ("40/chat,", f"42/chat,0{json.dumps(['join', room])}"):
                raw.send(target.request("POST", f"{path}&sid={sid}", body=packet.encode()))
                await raw.reply()
        await _talk(target, owner, room, 10)
    owner.close()
    _bounded(target)


@kind("50 uploads that stop in the middle")
async def uploads_stopped(target: Target) -> None:
    owner = target.browser()
    room = await owner.new_room()
    head = target.request(
        "POST",
        f"/room/{room}/gif",
        f"Cookie: {owner.identity}",
        "Content-Type: multipart/form-data; boundary=x",
        "Content-Length: 4000000",
    )
    part = b'--x\r\nContent-Disposition: form-data; name="gif"; filename="a.gif"\r\n\r\nGIF89a' + bytes(900_000)
    async with AsyncExitStack() as stack:
        for _ in range(50):
            raw = await stack.enter_async_context(target.connection())
            raw.send(head + part)
        await asyncio.sleep(5)
    while list((target.server.data / "uploads").glob("*")):
        await asyncio.sleep(0.2)
    owner.close()
    _bounded(target)


# A thousand of them: near 256 MiB (`--max-buffer`), those who have waited for longest are closed.


def _binary(size_bytes: int) -> bytes:
    return b"\x82\xff" + struct.pack("!Q", size_bytes) + bytes(4)


async def _hoard(target: Target, connect: Callable[[], AbstractAsyncContextManager[Raw]], data: bytes) -> None:
    """Open connections, and have each send `data`."""
    target.allow(HOARDERS + 500)
    async with AsyncExitStack() as stack:
        for _ in range(HOARDERS):
            raw = await stack.enter_async_context(connect())
            raw.send(data)
            await raw.sent()
        await asyncio.sleep(3)
    _bounded(target)


@kind("1,000 bodies without their end", expected=CLOSED)
async def halves_of_bodies(target: Target) -> None:
    path = "/socket.io/?EIO=4&transport=polling&sid=x"
    head = target.request("POST", path, f"Content-Length: {HALF_BYTES + 1}")
    await _hoard(target, target.connection, head + bytes(HALF_BYTES))


@kind("1,000 frames without their end", expected=CLOSED)
async def halves_of_frames(target: Target) -> None:
    await _hoard(target, target.websocket, _binary(HALF_BYTES + 1) + bytes(HALF_BYTES))


@kind("1,000 packets without their last attachment", expected=CLOSED)
async def halves_of_packets(target: Target) -> None:
    places = ",".join(f'{{"_placeholder":true,"num":{number}}}' for number in range(3))
    packet = masked(f'453-/chat,["x",{places}]')
    await _hoard(target, target.websocket, packet + 2 * (_binary(HALF_BYTES) + bytes(HALF_BYTES)))


@kind("1,000 who ask for files and read nothing", expected=CLOSED)
async def files_unread(target: Target) -> None:
    requests = target.request("GET", "/socket.io/socket.io.js") * 20

    @asynccontextmanager
    async def deaf() -> AsyncIterator[Raw]:
        async with target.connection() as raw:
            raw.writer.transport.pause_reading()  # type: ignore[attr-defined]  # as above
            yield raw

    await _hoard(target, deaf, requests)
