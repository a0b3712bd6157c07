"""The visitors of `proxy_people.js`: the real socket.io-client under Node.js, each behind a proxy."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.conftest import ROOT
from tests.crash.ledger import Ledger, Said
from tests.server import environment

SCRIPT = Path(__file__).with_name("proxy_people.js")
TRANSPORTS = (["websocket"], ["polling", "websocket"], ["polling"])
LINE_BYTES = 1 << 20
FINISH_TIMEOUT_S = 60.0
FOREVER_S = 86_400.0
"""Patient ones: only the heartbeat tells them that the connection is lost."""


class Visitor(NamedTuple):
    """A visitor: the port of the proxy (or server) they connect to, and the transports they may use."""

    name: str
    port: int
    transports: list[str]


class Crowd:
    """The visitors of one process. By name: `users` are their colours, `rooms` the ids of their rooms.

    `inside`: those who are in all of their rooms, as far as they know. `kicks`: the server's answer to each attempt.
    """

    def __init__(self, ledger: Ledger, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.users: dict[str, str] = {}
        self.rooms: dict[str, list[str]] = {}
        self.inside: set[str] = set()
        self.kicks: list[str] = []
        self._ledger = ledger
        self._last: dict[str, Any] = {}
        self._reported = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    async def until(self, condition: Callable[[], bool]) -> None:
        """Return when `condition` holds, checked at each of their reports; fail if their process ends."""
        while not condition():
            self._reported.clear()
            reported = asyncio.create_task(self._reported.wait())
            await asyncio.wait([reported, self._reading], return_when=asyncio.FIRST_COMPLETED)
            reported.cancel()
            self._assert_going_on()

    async def go_on(self, seconds: float) -> None:
        """Let time pass; fail if their process ends."""
        await asyncio.wait([self._reading], timeout=seconds)
        self._assert_going_on()

    def _assert_going_on(self) -> None:
        if self._reading.done():
            self._reading.result()
            raise AssertionError(self._last)

    def send(self, line: str) -> None:
        """Send them the command "kick" or "stop"."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())

    async def stop(self) -> None:
        """Return when they have sent everything and received everything."""
        self.send("stop")
        async with asyncio.timeout(FINISH_TIMEOUT_S):
            await self._reading
            assert await self.process.wait() == 0, self._last
        assert self._last == {"type": "done"}, self._last

    async def _read(self) -> None:
        """Write their reports into the ledger."""
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self._last = json.loads(line)
            self._note(self._last)
            self._reported.set()

    def _note(self, entry: dict[str, Any]) -> None:
        match entry["type"]:
            case "began":
                self.users[entry["name"]] = entry["user"]
                self.rooms.setdefault(entry["name"], []).append(entry["room"])
                self._ledger.begin(entry["user"], entry["room"], entry["seq"])
            case "inside":
                self.inside.add(entry["name"])
            case "away":
                self.inside.discard(entry["name"])
            case "sent":
                self._ledger.send(Said(entry["user"], entry["room"], entry["nonce"]))
            case "acknowledged":
                self._ledger.acknowledge(Said(entry["user"], entry["room"], entry["nonce"]), entry["answer"])
            case "heard":
                self._ledger.hear(entry["user"], entry["record"])
            case "kick":
                self.kicks.append(entry["error"])


@asynccontextmanager
async def crowd(
    node: str, ledger: Ledger, companies: Sequence[Sequence[Visitor]], *, pace_ms: int, patience_s: float
) -> AsyncIterator[Crowd]:
    """Start the visitors, each of `companies` in its own rooms, and let them talk."""
    described = [
        [{"name": name, "url": f"http://127.0.0.1:{port}", "transports": ways} for name, port, ways in people]
        for people in companies
    ]
    process = await asyncio.create_subprocess_exec(
        *(node, str(SCRIPT), json.dumps(described), str(pace_ms), str(round(1000 * patience_s))),
        cwd=ROOT,
        env=environment(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LINE_BYTES,
    )
    try:
        yield Crowd(ledger, process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
