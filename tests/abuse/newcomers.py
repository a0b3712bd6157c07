"""A new cookie for each request, all from one address: to the server, everybody is somebody else.

How much may pass is three quarters of what an address may do at once, for the hundred people that are expected there,
and what comes back meanwhile (docs/protocol.md, "Limits"); a slow machine gives it time.
"""

import json
from collections import Counter

from tests.abuse.kinds import kind
from tests.abuse.target import Raw, Target

JSON = ("Accept: application/json", "Content-Type: application/json")


async def post(raw: Raw, target: Target, path: str, cookie: str = "", **fields: str) -> int:
    """Send a form as JSON; return the status."""
    headers = (*JSON, f"Cookie: {cookie}") if cookie else JSON
    raw.send(target.request("POST", path, *headers, body=json.dumps(fields).encode()))
    return (await raw.reply()).status


@kind("1,000 rooms with a new cookie each")
async def rooms(target: Target) -> None:
    known = target.browser()
    room = await known.new_room()
    assert (await known.post(f"/room/{room}/chat", {"chat": "hello"})).status == 200
    async with target.connection() as raw:
        statuses = Counter([await post(raw, target, "/room", title="x") for _ in range(1_000)])
    assert statuses[201] < 300 and statuses[201] + statuses[429] == 1_000, statuses
    assert (await known.post(f"/room/{room}/chat", {"chat": "still here"})).status == 200
    known.close()


@kind("1,000 messages with a new cookie each")
async def messages(target: Target) -> None:
    owner = target.browser()
    room = await owner.new_room(max=1000)
    statuses: Counter[int] = Counter()
    async with target.connection() as raw:
        for _ in range(1_000):
            raw.send(target.request("GET", f"/room/{room}", *JSON))
            reply = await raw.reply()
            cookie = reply.head.partition(b"Set-Cookie: ")[2].partition(b";")[0].decode("latin-1")
            statuses[await post(raw, target, f"/room/{room}/chat", cookie, chat="x" * 2000)] += 1
    assert statuses[200] < 700, statuses
    assert (await owner.post(f"/room/{room}/chat", {"chat": "hello"})).status == 200
    owner.close()


@kind("1,000 guesses with a new cookie each, and 32 who know")
async def guesses(target: Target) -> None:
    owner = target.browser()
    room = await owner.new_room(max=100, password="correct")
    async with target.connection() as raw:
        wrong = Counter([await post(raw, target, f"/room/{room}/enter", password=f"{n}") for n in range(1_000)])
        right = Counter([await post(raw, target, f"/room/{room}/enter", password="correct") for _ in range(32)])
    assert wrong[403] < 500 and wrong[403] + wrong[429] == 1_000, wrong
    assert right == {302: 32}, right
    owner.close()


@kind("3,000 handshakes with a new cookie each")
async def handshakes(target: Target) -> None:
    statuses: Counter[int] = Counter()
    async with target.connection() as raw:
        for _ in range(3_000):
            raw.send(target.request("GET", "/socket.io/?EIO=4&transport=polling"))
            statuses[(await raw.reply()).status] += 1
    assert statuses[200] + statuses[429] == 3_000 and statuses[429] > 500, statuses
