"""The real socket.io-client behind a bad network: WebSocket, long-polling and the upgrade between them."""

from collections import Counter
from pathlib import Path

from tests.crash.crowd import TRANSPORTS, Visitor, crowd
from tests.crash.ledger import Ledger
from tests.crash.process import serving
from tests.crash.proxy import Fault, Proxy

PATIENCE_S = 3.0


class BadNetwork:
    """One run: `people` talk through a faulty proxy, then without faults until everything is acknowledged."""

    def __init__(self, data: Path, node: str, seed: int) -> None:
        self.ledger = Ledger()
        self.faults: Counter[Fault] = Counter()
        self._data = data
        self._node = node
        self._seed = seed

    async def run(self, seconds: float, *, acknowledged: int = 0, people: int = 6, pace_ms: int = 10) -> None:
        """Assert all guarantees.

        Faults last for `seconds`, and on a slow machine until that many messages are `acknowledged` and every kind of
        fault has occurred.
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
