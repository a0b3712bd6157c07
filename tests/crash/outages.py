"""Outages of the network for one, half or all members of a room, or of the server: a lost connection is not a leave.

Checked throughout: the rooms and their history survive, owners stay owners, nobody else can kick, and texts and images
sent meanwhile reach everybody once. A member away for longer than the heartbeat and the grace time gets one exit and
one join line; there are no other lines.
"""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from enum import StrEnum
from pathlib import Path
from typing import Literal

from tests.client import Browser
from tests.crash.crowd import FOREVER_S, TRANSPORTS, Crowd, Visitor, crowd
from tests.crash.ledger import Ledger, Stored
from tests.crash.process import IMPATIENT, PROGRAM, kill, spawn, stop
from tests.crash.proxy import Proxy
from tests.free_ports import free_port
from tests.server import Server, rows

ROOMS = 2  # of each company; their owners are its first two members
POLL_S = 0.1
STAYS_S, GONE_S = 15.0, 50.0
"""With the product's heartbeat: in an outage as short nobody loses their place, in one as long everybody does.

In between it is a matter of when the last ping was.
"""
NEWS = 30  # messages that must be acknowledged after an outage

Lost = Literal["one", "half", "all"]
LOST: tuple[Lost, ...] = ("one", "half", "all")


class Harm(StrEnum):
    """What is done to a server."""

    FREEZE = "freeze"
    KILL = "kill"
    RESTART = "restart"


class Company:
    """Visitors of one or two rooms, of whom an outage hits the first, half or all; `resets`: it ends with resets."""

    def __init__(self, name: str, proxies: Sequence[Proxy], lost: Lost, *, resets: bool, first_transport: int) -> None:
        count = {"one": 1, "half": len(proxies) // 2, "all": len(proxies)}[lost]
        self.resets = resets
        self.visitors = [
            Visitor(f"{name}{number}", proxy.port, TRANSPORTS[(first_transport + number) % len(TRANSPORTS)])
            for number, proxy in enumerate(proxies)
        ]
        self.names = {visitor.name for visitor in self.visitors}
        self.lost = {visitor.name for visitor in self.visitors[:count]}
        self.proxies = proxies[:count]


class Outages:
    """One run on one data folder. `back_s`: how long it took after each outage until everybody was back."""

    def __init__(self, data: Path, node: str, *, grace_s: float, impatient: bool = False) -> None:
        self.ledger = Ledger()
        self.back_s: list[float] = []
        self._data = data
        self._node = node
        self._options = ("--grace", str(grace_s))
        self._program = IMPATIENT if impatient else PROGRAM
        self._port = free_port()
        self._companies: list[Company] = []
        self._away: set[str] = set()  # those who have lost their place
        self._perhaps_away: set[str] = set()

    async def of_network(
        self, lost: Sequence[Lost] = LOST, seconds: float | None = None, *, people: int = 4, pace_ms: int = 300
    ) -> None:
        """Take the network down for that many seconds; None: until the places of lost members expire."""
        kinds = [(who, resets) for who in lost for resets in (False, True)]
        async with self._running(kinds, people, pace_ms) as talking:
            await self._network_outage(talking, seconds)
        self._audit(talking)

    async def of_server(
        self, harms: Sequence[Harm], seconds: float = 0, *, people: int = 4, pace_ms: int = 300
    ) -> None:
        """Stall, kill or restart the server for that many seconds, and until everybody has noticed."""
        async with self._running([("all", False)], people, pace_ms) as talking:
            for harm in harms:
                await self._server_outage(talking, harm, seconds)
        self._audit(talking)

    @asynccontextmanager
    async def _running(self, kinds: Sequence[tuple[Lost, bool]], people: int, pace_ms: int) -> AsyncIterator[Crowd]:
        async with AsyncExitStack() as stack:
            stack.callback(self._end)
            await self._start()
            for number, (lost, resets) in enumerate(kinds):
                proxies = [await stack.enter_async_context(Proxy(self._port)) for _ in range(people)]
                company = Company(f"{lost}-{number}-", proxies, lost, resets=resets, first_transport=number)
                self._companies.append(company)
            visitors = [company.visitors for company in self._companies]
            talking = await stack.enter_async_context(
                crowd(self._node, self.ledger, visitors, pace_ms=pace_ms, patience_s=FOREVER_S)
            )
            await self._back(talking)
            self.back_s.clear()
            yield talking
            await talking.stop()
            await asyncio.to_thread(stop, self._server)

    async def _start(self) -> None:
        self._server: Server = spawn(self._data, *self._options, port=self._port, program=self._program)
        await asyncio.to_thread(self._server.wait_until_up)

    def _end(self) -> None:
        if self._server.process.poll() is None:
            self._server.process.kill()
            self._server.process.wait()

    async def _back(self, talking: Crowd) -> None:
        """Return when everybody is in their rooms and being heard."""
        began = time.monotonic()
        everybody = set.union(*(company.names for company in self._companies))
        await talking.until(lambda: talking.inside == everybody)
        await self._members({company.visitors[0].name: len(company.names) for company in self._companies}, talking)
        self.back_s.append(time.monotonic() - began)
        heard = len(self.ledger.acknowledged) + NEWS
        await talking.until(lambda: len(self.ledger.acknowledged) >= heard)

    async def _members(self, expected: dict[str, int], talking: Crowd) -> None:
        """Return when the rooms have the expected numbers of members."""
        browser = Browser(f"http://127.0.0.1:{self._port}", {"Accept": "application/json"})
        due = {room: count for name, count in expected.items() for room in talking.rooms[name]}
        while True:
            rooms = (await browser.get("/")).json["rooms"]
            assert isinstance(rooms, list)
            found = {room["_id"]: room["members"] for room in rooms if room["_id"] in due}
            assert found.keys() == due.keys(), "a room is gone"
            if found == due:
                break
            await talking.go_on(POLL_S)
        browser.close()

    async def _network_outage(self, talking: Crowd, seconds: float | None) -> None:
        for company in self._companies:
            for proxy in company.proxies:
                proxy.begin_outage()
        present = {company.visitors[0].name: len(company.names) - len(company.lost) for company in self._companies}
        await talking.go_on(seconds or 0)
        if seconds is None or seconds >= GONE_S:
            await self._members(present, talking)
            self._away.update(*(company.lost for company in self._companies))
        elif seconds > STAYS_S:
            self._perhaps_away.update(*(company.lost for company in self._companies))
        kicks = len(talking.kicks) + sum(present.values())
        talking.send("kick")
        await talking.until(lambda: len(talking.kicks) >= kicks)
        for company in self._companies:
            for proxy in company.proxies:
                proxy.end_outage(resets=company.resets)
        await self._back(talking)

    async def _server_outage(self, talking: Crowd, harm: Harm, seconds: float) -> None:
        if harm is Harm.FREEZE:
            self._server.process.send_signal(signal.SIGSTOP)
        elif harm is Harm.KILL:
            kill(self._server)
        else:
            await asyncio.to_thread(stop, self._server)
        await talking.go_on(seconds)
        if seconds == 0 or seconds >= GONE_S:
            await talking.until(lambda: not talking.inside)
        if harm is Harm.FREEZE:
            self._server.process.send_signal(signal.SIGCONT)
        else:
            await self._start()
        await self._back(talking)

    def _audit(self, talking: Crowd) -> None:
        stored = self.ledger.audit(self._data)
        owners: dict[object, object] = {
            room: talking.users[company.visitors[number].name]
            for company in self._companies
            for number, room in enumerate(talking.rooms[company.visitors[0].name])
        }
        stored_owners = rows(self._data, "SELECT id, owner FROM rooms")
        assert {room: owner for room, owner in stored_owners if room in owners} == owners
        assert set(talking.kicks) <= {"not_owner"}, Counter(talking.kicks)
        self._audit_lines(talking, stored)

    def _audit_lines(self, talking: Crowd, stored: list[Stored]) -> None:
        lines = Counter((row.room, row.user, row.event) for row in stored if row.event is not None)
        due: Counter[tuple[str, str, str]] = Counter()
        for name, inside in talking.rooms.items():
            for room in inside:
                user = talking.users[name]
                gone = name in self._away or (name in self._perhaps_away and lines[room, user, "exit"] > 0)
                due[room, user, "join"] = 1 + gone
                due[room, user, "exit"] = int(gone)
        assert lines == due, (lines - due, due - lines)
