"""Free ports for servers whose port is set by the test."""

import itertools
import os
import random
import socket
from collections.abc import Iterator
from contextlib import closing

# Below the ephemeral ports (Linux: from 32768, others: from 49152), one of which an outgoing connection could take
# before the server has started or while it restarts. Above 10080, the last port that browsers block.
_RANGE = range(11_000, 32_768)
_WORKERS = 16


def _candidates() -> Iterator[int]:
    """Cycle through this test process's share of the ports, in an order that differs between runs."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    mine = list(_RANGE[worker % _WORKERS :: _WORKERS])
    random.SystemRandom().shuffle(mine)
    return itertools.cycle(mine)


_CANDIDATES = _candidates()


def free_port() -> int:
    """Return a TCP port that nobody listens on and that no other test of this run gets."""
    for port in _CANDIDATES:
        with closing(socket.socket()) as sock:
            try:
                sock.bind(("0.0.0.0", port))
            except OSError:
                continue
            return port
    raise AssertionError("there are always more")
