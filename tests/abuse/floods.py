"""As much as possible of one thing: packets (`bench.attacker`), and requests."""

import asyncio
import sys

from bench.attacker import KINDS
from tests.abuse.kinds import Attack, kind
from tests.abuse.target import Target
from tests.conftest import ROOT

CONNECTIONS = 20
SECONDS = 5.0
BEGUN_WITHIN_S = 60.0
PIPELINED = 20


def of_packets(what: str) -> Attack:
    """Return an attack by packets of one kind, 2 MB/s in all."""

    async def attack(target: Target) -> None:
        browser = target.browser()
        room = await browser.new_room(max=100)
        browser.close()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.attacker", what, "--port", str(target.port), "--room", room),
            *("--connections", str(CONNECTIONS), "--seconds", str(BEGUN_WITHIN_S + SECONDS)),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        try:
            async with asyncio.timeout(BEGUN_WITHIN_S):
                assert await process.stdout.readline() == b"begun\n", "the attackers did not get in"
            await asyncio.sleep(SECONDS)
        finally:
            process.kill()
            await process.wait()

    return attack


def of_requests(path: str) -> Attack:
    """Return an attack by requests for one path, where ROOM is a room's id."""

    async def attack(target: Target) -> None:
        browser = target.browser()
        room = await browser.new_room()
        for number in range(8):
            await browser.post(f"/room/{room}/chat", {"chat": f"{number} " + "abc " * 400})
        request = target.request("GET", path.replace("ROOM", room), f"Cookie: {browser.identity}")
        browser.close()
        until = asyncio.get_running_loop().time() + SECONDS

        async def ask() -> None:
            while asyncio.get_running_loop().time() < until:
                async with target.connection() as raw:
                    raw.send(request * PIPELINED)
                    for _ in range(PIPELINED):
                        if not (await raw.reply()).status:
                            break

        await asyncio.gather(*(ask() for _ in range(CONNECTIONS)))

    return attack


for name in KINDS:
    kind(f"a flood of {name}", group="floods")(of_packets(name))
PATHS = ("/", "/room", "/room/ROOM", "/room/ROOM/chats?limit=200", "/room/ROOM/search?q=abcd", "/healthz", "/lessons")
for path in PATHS:
    kind(f"requests for {path}", group="floods")(of_requests(path))
