"""The long run: `python -m tests.crash.soak [--seed N] [--kills 200] [--minutes 10]`; fails on a broken promise.

A seed that is not given is taken at random and told, for the run to be made again.
"""

import argparse
import asyncio
import random
import shutil
import tempfile
import time
from pathlib import Path

from tests.conftest import ROOT
from tests.crash.bad_network import BadNetwork
from tests.crash.ledger import Ledger
from tests.crash.storm import Storm

KILLS_A_STORM = 50  # then a new data folder: a ledger of everything since the first kill would take longer and longer
PACE_MS = 100


def told(ledger: Ledger) -> str:
    """Return what a ledger holds, in numbers."""
    heard = sum(len(reading.heard) for reading in ledger.readings.values())
    return (
        f"{len(ledger.acknowledged)} messages acknowledged, all stored; {heard} records heard, each once and in order"
    )


async def storms(kills: int, seed: int) -> None:
    """Kill the server `kills` times under load."""
    rounds = [KILLS_A_STORM] * (kills // KILLS_A_STORM) + [kills % KILLS_A_STORM] * bool(kills % KILLS_A_STORM)
    for number, count in enumerate(rounds):
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            storm = Storm(Path(folder) / "data", seed + number)
            await storm.run(count)
        print(
            f"seed {seed + number}: {storm.kills} kills in {time.monotonic() - began:.0f} s: {told(storm.ledger)}",
            flush=True,
        )


async def bad_network(minutes: float, seed: int) -> None:
    """Run the official client through a bad network."""
    node = shutil.which("node") or shutil.which(ROOT / ".venv" / "bin" / "node")
    if node is None:
        raise SystemExit("the soak needs Node.js, and there is none: run it by 'make soak'")
    with tempfile.TemporaryDirectory() as folder:
        network = BadNetwork(Path(folder) / "data", node, seed)
        await network.run(60 * minutes, people=9, pace_ms=PACE_MS)
    faults = ", ".join(f"{count} {fault}" for fault, count in sorted(network.faults.items()))
    print(f"seed {seed}: {minutes:g} minutes with {faults}: {told(network.ledger)}", flush=True)


def main() -> None:
    """Run both, one after the other."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash.soak")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=10)
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    if options.kills:
        asyncio.run(storms(options.kills, options.seed))
    if options.minutes:
        asyncio.run(bad_network(options.minutes, options.seed))


if __name__ == "__main__":
    main()
