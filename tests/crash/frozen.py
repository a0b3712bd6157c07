"""Processes that stand still (SIGSTOP): first the server, then half of its clients, as a laptop that sleeps."""

import asyncio
import signal
import time
from pathlib import Path
from typing import Protocol

from tests.crash.crowd import FOREVER_S, TRANSPORTS, Crowd, Visitor, crowd
from tests.crash.ledger import Ledger
from tests.crash.people import Person, company, settled
from tests.crash.process import serving

SLEEPERS = 6
PAUSE_S = 0.1
NEWS = 100  # messages that must be acknowledged before and after each freeze


class Process(Protocol):
    """Of subprocess, or of asyncio."""

    def send_signal(self, signal: int, /) -> None: ...


class Frozen:
    """One run. `back_s`: how long it took after the server's freeze, and after the clients', until all were back."""

    def __init__(self, data: Path, node: str) -> None:
        self.ledger = Ledger()
        self.back_s: list[float] = []
        self._data = data
        self._node = node

    async def run(self, seconds: float) -> None:
        """Freeze each for `seconds`; assert that everybody comes back by themself, and hears everything once."""
        over, up = asyncio.Event(), asyncio.Event()
        up.set()
        async with (
            serving(self._data) as server,
            company(server.port, self.ledger, "one", "two", "three") as awake,
        ):
            visitors = [Visitor(f"n{number}", server.port, TRANSPORTS[number % 3]) for number in range(SLEEPERS)]
            async with crowd(self._node, self.ledger, [visitors], pace_ms=100, patience_s=FOREVER_S) as sleepers:
                await sleepers.until(lambda: len(sleepers.inside) == SLEEPERS)
                async with asyncio.TaskGroup() as tasks:
                    for person in awake:
                        await person.enter(*sleepers.rooms["n0"])
                    stays = [tasks.create_task(person.stay(up)) for person in awake]
                    await self._freeze(server.process, sleepers, awake[0], seconds)
                    speeches = [tasks.create_task(person.speak("socket", over, pause_s=PAUSE_S)) for person in awake]
                    await self._freeze(sleepers.process, sleepers, awake[0], seconds)
                    over.set()
                    await asyncio.wait(speeches)
                    await sleepers.stop()
                    await settled(*awake)
                    for stay in stays:
                        stay.cancel()
        self.ledger.audit(self._data)

    async def _freeze(self, process: Process, sleepers: Crowd, person: Person, seconds: float) -> None:
        """Freeze a process; return when everybody has heard what was said after it."""
        await self.ledger.acknowledgements(len(self.ledger.acknowledged) + NEWS)
        process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        process.send_signal(signal.SIGCONT)
        began = time.monotonic()
        said = [await person.deliver(person.compose(room, "socket")) for room in person.rooms]
        position = max(int(str(answer["seq"])) for answer in said)
        readings = [self.ledger.readings[user, person.rooms[-1]] for user in sleepers.users.values()]
        await sleepers.until(lambda: all(reading.position >= position for reading in readings))
        self.back_s.append(time.monotonic() - began)
        await self.ledger.acknowledgements(len(self.ledger.acknowledged) + NEWS)
