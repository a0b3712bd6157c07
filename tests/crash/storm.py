"""Kill -9 under load, again and again: senders by socket and by POST, images, whispers, reactions, edits, deletions,
readers who drop out, and rooms that come and go.

The seed determines who says what, and at which acknowledgement and how long after it a round ends. It does not
determine the scheduling of threads and processes, which more rounds vary.
"""

import asyncio
import random
from contextlib import suppress
from pathlib import Path

from tornado.httpclient import HTTPClientError

from tests.client import GIF_PART
from tests.crash.ledger import Ledger
from tests.crash.people import Person, Way
from tests.crash.process import kill, spawn, stop
from tests.free_ports import free_port
from tests.server import Server, rows

PEOPLE = 8
ROOMS = 3
LOAD: tuple[Way, ...] = ("socket", "socket", "post", "post", "whisper", "gif")
DELETED = 0.9  # share of the rooms that nobody enters
ROUND_TIMEOUT_S = 60.0


class Storm:
    """One run over one data folder and one port."""

    def __init__(self, data: Path, seed: int) -> None:
        self.ledger = Ledger()
        self.kills = 0
        self._data = data
        self._rng = random.Random(seed)
        self._port = free_port()
        self._up = asyncio.Event()
        self._over = asyncio.Event()
        self._made: set[str] = set()  # rooms without members that nobody tried to delete
        self._deleted: set[str] = set()
        self._server: Server | None = None
        self._people = [
            Person(f"p{number}", self._port, self.ledger, random.Random(f"{seed} {number}")) for number in range(PEOPLE)
        ]

    async def run(self, rounds: int) -> None:
        """Kill the server `rounds` times, then stop it cleanly; assert all guarantees."""
        try:
            await self._start()
            await self._gather()
            async with asyncio.TaskGroup() as staying:
                stays = [staying.create_task(person.stay(self._up)) for person in self._people]
                async with asyncio.TaskGroup() as talk:
                    for person in self._people:
                        for way in LOAD:
                            talk.create_task(person.speak(way, self._over, self._people))
                        talk.create_task(person.change(self._over))
                    talk.create_task(self._make_and_delete(self._people[0]))
                    dropping = talk.create_task(self._drop_out())
                    for _ in range(rounds):
                        async with asyncio.timeout(ROUND_TIMEOUT_S):
                            await self._round()
                    self._over.set()
                    dropping.cancel()
                await self._settle()
                for stay in stays:
                    stay.cancel()
            assert self._server is not None
            await asyncio.to_thread(stop, self._server)
            self.ledger.audit(self._data)
            rooms = {str(room) for (room,) in rows(self._data, "SELECT id FROM rooms")}
            assert self._made <= rooms, "a room that was answered for is gone"
            assert not self._deleted & rooms, "a room that was deleted came back"
        finally:
            if self._server is not None and self._server.process.poll() is None:
                self._server.process.kill()
                self._server.process.wait()
            for person in self._people:
                with suppress(Exception):
                    await person.go()

    async def _gather(self) -> None:
        """Make the rooms and let everybody join two of them."""
        rooms = [await person.room(title="폭풍", max=PEOPLE) for person in self._people[:ROOMS]]
        for number, person in enumerate(self._people):
            await person.enter(*(rooms[(number + step) % ROOMS] for step in range(2)))

    async def _round(self) -> None:
        """Let them talk, kill the server at a random moment, audit what it left, and restart it."""
        await self.ledger.acknowledgements(len(self.ledger.acknowledged) + self._rng.randint(1, 150))
        await asyncio.sleep(self._rng.uniform(0, 0.02))  # the moment may be anywhere in a commit
        self._kill()
        await asyncio.to_thread(self.ledger.audit, self._data, settled=False)
        if self._rng.random() < 0.3:  # and once more while it recovers
            self._server = spawn(self._data, port=self._port)
            await asyncio.sleep(self._rng.uniform(0, 0.7))
            self._kill()
        await self._start()

    async def _start(self) -> None:
        self._server = spawn(self._data, port=self._port)
        await asyncio.to_thread(self._server.wait_until_up)
        self._up.set()

    def _kill(self) -> None:
        assert self._server is not None
        self._up.clear()
        kill(self._server)
        self.kills += 1

    async def _make_and_delete(self, person: Person) -> None:
        """Make a room, send an image there and delete the room; what a kill interrupts is left as it is."""
        while not self._over.is_set():
            await person.inside.wait()
            with suppress(OSError, HTTPClientError):
                room = await person.room(title="잠깐")
                self._made.add(room)
                assert (await person.browser.upload(f"/room/{room}/gif", GIF_PART)).status == 200
                if self._rng.random() < DELETED:
                    self._made.discard(room)
                    assert (await person.browser.ask("DELETE", f"/room/{room}")).status == 200
                    self._deleted.add(room)
            await asyncio.sleep(0)

    async def _drop_out(self) -> None:
        """Now and then disconnect somebody while the server is running."""
        while True:
            await self.ledger.acknowledgements(len(self.ledger.acknowledged) + self._rng.randint(10, 100))
            person = self._rng.choice(self._people)
            if person.socket is not None:
                await person.socket.abort()

    async def _settle(self) -> None:
        """Return when everybody has received everything that was on its way."""
        for person in self._people:
            await person.inside.wait()
            assert person.socket is not None
            await person.socket.settled()
