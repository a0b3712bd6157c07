"""Single messages that are as expensive as we could make them (`tests.costly`), over and over."""

import asyncio
from collections.abc import Sequence

from tests.abuse.kinds import Attack, kind
from tests.abuse.target import Target
from tests.costly import LARGE, WITHIN, Catalogue, Costly

TIMES = {LARGE: 3, WITHIN: 10}
TOGETHER = 10  # messages in one kind
PAUSE_S = 0.02
ROOM = "0" * 24
NAMES = [costly.name for costly in Catalogue(WITHIN, ROOM)]


def sending(names: Sequence[str]) -> Attack:
    """Return an attack that sends each of these many times, in both sizes."""

    async def attack(target: Target) -> None:
        browser = target.browser()
        room = await browser.new_room()
        for size, times in TIMES.items():
            for costly in Catalogue(size, room):
                if costly.name in names:
                    await (
                        _frames(target, room, browser.identity, costly, times)
                        if costly.frames
                        else _posts(target, costly, times)
                    )
        browser.close()

    return attack


async def _frames(target: Target, room: str, cookie: str, costly: Costly, times: int) -> None:
    """Send frames, on a new connection whenever one is closed."""
    sent = 0
    while sent < times:
        async with target.websocket(room, cookie) as raw:
            while sent < times and not raw.reader.at_eof():
                raw.send(costly.frames)
                sent += 1
                await asyncio.sleep(PAUSE_S)


async def _posts(target: Target, costly: Costly, times: int) -> None:
    path = "/socket.io/?EIO=4&transport=polling"
    for _ in range(times):
        opened = await target.reply(target.request("GET", path))
        sid = opened.body.partition(b'"sid":"')[2].partition(b'"')[0].decode()
        reply = await target.reply(target.request("POST", f"{path}&sid={sid}", body=costly.body))
        assert reply.status in (0, 200, 400, 413, 429), (costly.name, reply)


for start in range(0, len(NAMES), TOGETHER):
    some = NAMES[start : start + TOGETHER]
    kind(f"costly messages: {some[0][:14]} … {some[-1][:14]}", group="bounds")(sending(some))
