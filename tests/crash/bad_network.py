"""The real socket.io-client behind a bad network: WebSocket, long-polling and the change from one to the other."""

from collections import Counter
from pathlib import Path

from tests.crash.crowd import TRANSPORTS, Visitor, crowd
from tests.crash.ledger import Ledger
from tests.crash.process import serving
from tests.crash.proxy import Fault, Proxy

PATIENCE_S = 3.0


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
            visitors = [Visitor(f"n{number}", proxy.port, TRANSPORTS[number % 3]) for number in range(people)]
            async with crowd(self._node, self.ledger, [visitors], pace_ms=pace_ms, patience_s=PATIENCE_S) as talking:
                await talking.go_on(seconds)
                await talking.until(
                    lambda: len(self.ledger.acknowledged) >= acknowledged and set(proxy.faults) == set(Fault)
                )
                proxy.calm()
                self.faults = proxy.faults
                await talking.stop()
        self.ledger.audit(self._data)
