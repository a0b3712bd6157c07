"""People come and go for minutes, rooms begin and end, and then the server takes up as much as before."""

import asyncio
import random
import time
from pathlib import Path

from tests.client import Browser
from tests.crash.footprint import Footprint, at_rest
from tests.crash.ledger import Json
from tests.crash.people import EMOJI, PICTURES
from tests.crash.polling import Polling
from tests.crash.process import serving
from tests.crash.wire import Socket

WORKERS = 12
WARM_UP_S = 30.0  # until modules, caches and the allocator are as large as they get in this load
MESSAGES = 5
MEMORY_FACTOR = 1.15
OPTIONS = ("--grace", "0.5", "--linger", "1")
WATCHED = ("-m", "tests.crash.watched")


class Churn:
    """One run. `rooms`, `messages`: how many there were in all; `before` and `after`: the server's footprint."""

    def __init__(self, data: Path, seed: int) -> None:
        self.rooms = self.messages = 0
        self.before: Footprint | None = None
        self.after: Footprint | None = None
        self._data = data
        self._seed = seed

    async def run(self, seconds: float) -> None:
        """Compare the footprint after a warm-up with that `seconds` later; nobody is there at either."""
        async with serving(self._data, *OPTIONS, program=WATCHED) as server:
            people = [[Browser(server.url, {"Accept": "application/json"}) for _ in range(2)] for _ in range(WORKERS)]
            for browser in sum(people, []):
                await browser.get("/")
            await self._go_on(people, server.port, min(WARM_UP_S, seconds))
            before = await at_rest(server)
            await self._go_on(people, server.port, seconds)
            after = await at_rest(server)
            for browser in sum(people, []):
                browser.close()
        self.before, self.after = before, after
        assert after.counts == before.counts, f"before: {before}; after: {after}"
        assert after.memory_mib <= before.memory_mib * MEMORY_FACTOR, f"before: {before}; after: {after}"

    async def _go_on(self, people: list[list[Browser]], port: int, seconds: float) -> None:
        until = time.monotonic() + seconds
        async with asyncio.TaskGroup() as tasks:
            for number, [owner, guest] in enumerate(people):
                tasks.create_task(self._work(owner, guest, port, random.Random(f"{self._seed} {number}"), until))

    async def _work(  # noqa: PLR0913  two people, where and how long
        self, owner: Browser, guest: Browser, port: int, rng: random.Random, until: float
    ) -> None:
        while time.monotonic() < until:
            room = await owner.new_room(ephemeral=rng.random() < 0.2)
            self.rooms += 1
            socket = await Socket.open(port, owner.identity, _nothing)
            assert (await socket.ask("join", room))["ok"]
            polling = await Polling.open(guest)
            assert (await polling.ask("join", {"room": room}))["ok"]
            for number in range(MESSAGES):
                await self._say(room, socket, polling, rng, number)
            image = rng.choice(PICTURES)
            answer = await guest.upload(f"/room/{room}/gif", ("gif", image, "cat.gif"))
            assert answer.status == 200, answer.body
            assert (await owner.get(f"/room/{room}/search?q=1")).status == 200
            assert (await guest.get(f"/room/{room}")).status == 200
            await self._end(room, owner, socket, polling, rng)

    async def _say(self, room: str, socket: Socket, polling: Polling, rng: random.Random, number: int) -> None:
        self.messages += 2
        said = await socket.ask("chat", {"room": room, "chat": f"{number} " + "가" * rng.randint(1, 500)})
        record = {"room": room, "_id": said["_id"]}
        assert (await polling.ask("react", {**record, "emoji": rng.choice(EMOJI), "on": True}))["ok"]
        assert (await polling.ask("chat", {"room": room, "chat": f"{number}", "re": said["_id"]}))["ok"]
        change: tuple[str, Json] = ("delete", record) if number % 2 else ("edit", {**record, "chat": "changed"})
        assert (await socket.ask(*change))["ok"]

    async def _end(  # noqa: PLR0913  all that there is of the room
        self, room: str, owner: Browser, socket: Socket, polling: Polling, rng: random.Random
    ) -> None:
        """End the room in one of the ways by which rooms end."""
        match rng.choice(["deleted", "left", "closed", "lost"]):
            case "deleted":
                assert (await owner.ask("DELETE", f"/room/{room}")).status == 200
                await socket.close()
            case "left":
                assert (await polling.ask("leave", {"room": room}))["ok"]
                assert (await socket.ask("leave", {"room": room}))["ok"]
                await socket.abort()
            case "closed":
                await socket.close()
            case "lost":
                await socket.abort()
        await polling.close()


def _nothing(event: str, argument: Json) -> None:
    """Hear nothing: what is delivered is for other tests to check."""
