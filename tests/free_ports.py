"""Ports for servers that are told theirs."""

import itertools
import os
import random
import socket
from collections.abc import Iterator
from contextlib import closing

# Below what systems give to connections that go out (Linux: from 32768, others: from 49152): a port from there may be
# some connection's before the server that is to have it has started, or while it is down for a restart. Above 10080,
# the last that browsers refuse.
_RANGE = range(11_000, 32_768)
_WORKERS = 16


def _candidates() -> Iterator[int]:
    """Go round and round the ports of this one of the processes that run the tests, each run in an order of its own."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    mine = list(_RANGE[worker % _WORKERS :: _WORKERS])
    random.SystemRandom().shuffle(mine)
    return itertools.cycle(mine)


_CANDIDATES = _candidates()


def free_port() -> int:
    """Return a TCP port that nobody listens on, and that is given to no other test of this run."""
    for port in _CANDIDATES:
        with closing(socket.socket()) as sock:
            try:
                sock.bind(("0.0.0.0", port))
            except OSError:
                continue
            return port
    raise AssertionError("there are always more")
