"""Clients who ask for much and read nothing."""

import asyncio
import json
from contextlib import AsyncExitStack

from bench.crowd import masked
from tests.abuse.kinds import kind
from tests.abuse.target import Target
from tests.client import Browser

MOST_MIB = 400.0
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
        for _ in range(10):
            raw = await stack.enter_async_context(target.websocket(room, owner.identity))
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
