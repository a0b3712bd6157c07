"""The wall clock is set, by hours and by years, while people chat: nothing but the dates may notice.

The clock of the server alone is set, by libfaketime; its monotonic clocks are left as they are, as on a real machine.
"""

import asyncio
import shutil
import subprocess
import time
from pathlib import Path

from tests.client import Browser
from tests.crash.ledger import Ledger
from tests.crash.people import Person, company, settled
from tests.crash.process import IMPATIENT, serving
from tests.server import rows

HOUR_S, YEAR_S = 3_600, 365 * 86_400
SHIFTS_S = (0, HOUR_S, -HOUR_S, 3 * YEAR_S, -3 * YEAR_S, 0)
"""What the clock is ahead by, one after another; that of a machine without a battery begins years ago."""
NEWS = 100  # messages that must be acknowledged after each
DATE_TOLERANCE_S = 10.0
GRACE_S = 1.0


class Faketime:
    """The wall clock of one process; `prefix` is the command that runs it under this clock."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("faketime")
        if program is None:
            raise SystemExit("clock jumps need the program faketime (libfaketime): run it by 'make soak'")
        shown = subprocess.run([program, "-f", "+0", "env"], capture_output=True, text=True, check=True).stdout
        [library] = [line for line in shown.splitlines() if line.startswith("LD_PRELOAD=")]
        self._file = folder / "clock"
        self.set(0)
        settings = (f"FAKETIME_TIMESTAMP_FILE={self._file}", "FAKETIME_NO_CACHE=1", "DONT_FAKE_MONOTONIC=1")
        self.prefix = ("env", library, *settings)

    def set(self, ahead_s: int) -> None:
        """Set the clock so many seconds ahead of this machine's."""
        written = self._file.with_suffix(".new")
        written.write_text(f"{ahead_s:+d}\n")
        written.replace(self._file)


class ClockJumps:
    """One run. `jumps` counts them."""

    def __init__(self, data: Path) -> None:
        self.ledger = Ledger()
        self.jumps = 0
        self._data = data
        self._over = asyncio.Event()
        self._probes: list[tuple[int, float]] = []  # a record's seq, and the date that it must have

    async def run(self, seconds: float) -> None:
        """Let people talk for `seconds` after each jump, several heartbeats; assert all guarantees."""
        clock, up = Faketime(self._data.parent), asyncio.Event()
        up.set()
        options = ("--grace", str(GRACE_S), "--keep-days", "30")
        async with (
            serving(self._data, *options, prefix=clock.prefix, program=IMPATIENT) as server,
            company(server.port, self.ledger, "one", "two", "three") as talking,
            company(server.port, Ledger(), "asleep") as [asleep],
        ):
            room = await talking[0].room(title="시계")
            for person in talking:
                await person.enter(room)
            alone = await asleep.room(title="잠")
            await asleep.enter(alone)
            await asleep.go()
            async with asyncio.TaskGroup() as tasks:
                stays = [tasks.create_task(person.stay(up)) for person in talking]
                speeches = [tasks.create_task(person.speak("socket", self._over)) for person in talking]
                speeches.append(tasks.create_task(talking[0].change(self._over)))
                said = await self._probe(talking[1], room, 0)
                for ahead_s in SHIFTS_S[1:]:
                    clock.set(ahead_s)
                    self.jumps += 1
                    await self._talk(seconds)
                    await self._edit(talking[1], room, said)
                    said = await self._probe(talking[1], room, ahead_s)
                    assert alone in await listed(talking[1]), "a lost member's room is gone before its time"
                self._over.set()
                await asyncio.wait(speeches)
                await self._come_back(talking[2], server.port)
                await settled(*talking)
                for stay in stays:
                    stay.cancel()
            assert [person.losses for person in talking] == [0, 0, 0], "a connection was lost"
        self._audit(room, [person.user for person in talking])

    async def _talk(self, seconds: float) -> None:
        due = len(self.ledger.acknowledged) + NEWS
        await asyncio.sleep(seconds)  # the heartbeats that the jump must not disturb
        await self.ledger.acknowledgements(due)

    async def _probe(self, person: Person, room: str, ahead_s: int) -> str:
        """Say something now; return its id."""
        answer = await person.deliver(person.compose(room, "socket"))
        assert isinstance(answer["seq"], int)
        self._probes.append((answer["seq"], time.time() + ahead_s))
        return str(answer["_id"])

    async def _edit(self, person: Person, room: str, record: str) -> None:
        """Edit a message of before the jump, which is seconds old."""
        assert person.socket is not None
        answer = await person.socket.ask("edit", {"room": room, "_id": record, "chat": f"changed {record}"})
        assert answer["ok"], answer

    async def _come_back(self, person: Person, port: int) -> None:
        """With the cookie of the beginning one is still the same."""
        browser = Browser(f"http://127.0.0.1:{port}", {"Accept": "application/json"})
        browser.cookies.update(person.browser.cookies)
        answer = await browser.get(f"/room/{person.rooms[0]}/chats?limit=1")
        browser.close()
        assert answer.status == 200, answer.body

    def _audit(self, room: str, talking: list[str]) -> None:
        stored = self.ledger.audit(self._data)
        dates = {row.seq: row.created_at / 1000 for row in stored}
        for seq, due_s in self._probes:
            assert abs(dates[seq] - due_s) < DATE_TOLERANCE_S, "a date is not that of the wall clock"
        lines = [(row.event, row.user) for row in stored if row.event is not None and row.room == room]
        assert sorted(lines) == sorted(("join", user) for user in talking), "somebody lost their place"
        known = {user for (user,) in rows(self._data, "SELECT user FROM visitors")}
        assert known >= set(talking), "a visitor was forgotten"


async def listed(person: Person) -> set[str]:
    """Return the ids of the rooms in the lobby."""
    rooms = (await person.browser.get("/")).json["rooms"]
    assert isinstance(rooms, list)
    return {room["_id"] for room in rooms}
