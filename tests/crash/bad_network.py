"""The real socket.io-client behind a bad network: WebSocket, long-polling and the change from one to the other."""

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from tests.crash.ledger import Ledger, Said
from tests.crash.process import serving
from tests.crash.proxy import Fault, Proxy
from tests.server import environment

SCRIPT = Path(__file__).with_name("proxy_people.js")
LINE_BYTES = 1 << 20
FINISH_TIMEOUT_S = 60.0


class BadNetwork:
    """One run: `people` talk through a proxy that harms them, then in peace until all is acknowledged."""

    def __init__(self, data: Path, node: str, seed: int) -> None:
        self.ledger = Ledger()
        self.faults: Counter[Fault] = Counter()
        self._data = data
        self._node = node
        self._seed = seed

    async def run(self, seconds: float, *, acknowledged: int = 0, people: int = 6, pace_ms: int = 10) -> None:
        """Assert everything promised.

        They are harmed for `seconds`, and on a slow machine until so many messages are `acknowledged` all the same and
        every fault has been there.
        """
        async with serving(self._data) as server, Proxy(server.port, self._seed) as proxy:
            process = await asyncio.create_subprocess_exec(
                *(self._node, str(SCRIPT), f"http://127.0.0.1:{proxy.port}", str(people), str(pace_ms)),
                cwd=ROOT,
                env=environment(),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=LINE_BYTES,
            )
            try:
                reading = asyncio.create_task(self._read(process.stdout))
                await asyncio.wait([reading], timeout=seconds)
                while len(self.ledger.acknowledged) < acknowledged or set(proxy.faults) != set(Fault):
                    assert not reading.done(), reading
                    await asyncio.sleep(0.1)
                proxy.calm()
                self.faults = proxy.faults
                assert process.stdin is not None
                process.stdin.write(b"stop\n")
                async with asyncio.timeout(FINISH_TIMEOUT_S):
                    last = await reading
                    assert await process.wait() == 0, last
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        assert last == {"type": "done"}, last
        self.ledger.audit(self._data)

    async def _read(self, stdout: asyncio.StreamReader | None) -> dict[str, Any]:
        """Enter what the clients tell into the ledger; return the last of it."""
        assert stdout is not None
        entry: dict[str, Any] = {}
        async for line in stdout:
            entry = json.loads(line)
            match entry["type"]:
                case "began":
                    self.ledger.begin(entry["user"], entry["room"], entry["seq"])
                case "sent":
                    self.ledger.send(Said(entry["user"], entry["room"], entry["nonce"]))
                case "acknowledged":
                    said = Said(entry["user"], entry["room"], entry["nonce"])
                    self.ledger.acknowledge(said, entry["answer"])
                case "heard":
                    self.ledger.hear(entry["user"], entry["record"])
        return entry
