"""The long run; fails if a guarantee is broken.

`python -m tests.crash.soak [--parts kills network outages clock frozen back churn] [--seed N] [--kills 200]
[--minutes 10] [--outages 3 60 600] [--of one half all …] [--jumps 60] [--freeze 60] [--back 5000] [--churn 10]`

Without --seed a random one is chosen and printed, so that the run can be repeated. `--parts outages --outages 60 --of
all` is one access point that is down for a minute.
"""

import argparse
import asyncio
import random
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.conftest import ROOT
from tests.crash.bad_network import BadNetwork
from tests.crash.churn import Churn
from tests.crash.clock_jumps import ClockJumps
from tests.crash.frozen import Frozen
from tests.crash.ledger import Ledger
from tests.crash.outages import LOST, Harm, Lost, Outages
from tests.crash.stampede import Stampede
from tests.crash.storm import Storm

KILLS_A_STORM = 50  # then a new data folder, since auditing an ever growing ledger would take longer and longer
PACE_MS = 100
OUTAGE_PACE_MS = 1000
BACK_WITHIN_S = 10.0


def summary(ledger: Ledger) -> str:
    """Return a summary of a ledger in numbers."""
    heard = sum(len(reading.heard) for reading in ledger.readings.values())
    return (
        f"{len(ledger.acknowledged)} messages acknowledged, and changes of {len(ledger.changes)} things, all stored; "
        f"{heard} records and updates heard, each once and in order"
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
            f"seed {seed + number}: {storm.kills} kills in {time.monotonic() - began:.0f} s: {summary(storm.ledger)}",
            flush=True,
        )


def node() -> str:
    """Return the path of Node.js."""
    found = shutil.which("node") or shutil.which(ROOT / ".venv" / "bin" / "node")
    if found is None:
        raise SystemExit("the soak needs Node.js, and there is none: run it by 'make soak'")
    return found


async def bad_network(minutes: float, seed: int) -> None:
    """Run the official client through a bad network."""
    with tempfile.TemporaryDirectory() as folder:
        network = BadNetwork(Path(folder) / "data", node(), seed)
        await network.run(60 * minutes, people=9, pace_ms=PACE_MS)
    faults = ", ".join(f"{count} {fault}" for fault, count in sorted(network.faults.items()))
    print(f"seed {seed}: {minutes:g} minutes with {faults}: {summary(network.ledger)}", flush=True)


async def outages(seconds: float, of: Sequence[str]) -> None:
    """Run network outages of one, half and all members and, in parallel, outages of servers."""
    lost = [who for who in LOST if who in of]
    async with asyncio.TaskGroup() as runs:
        if lost:
            runs.create_task(outage(seconds, lost))
        for harm in Harm:
            if harm in of:
                runs.create_task(outage(seconds, harm))


async def outage(seconds: float, of: Harm | Sequence[Lost]) -> None:
    """Run the official client through one outage."""
    with tempfile.TemporaryDirectory() as folder:
        run = Outages(Path(folder) / "data", node(), grace_s=30 if isinstance(of, Harm) else 2)
        if isinstance(of, Harm):
            await run.of_server([of], seconds, pace_ms=OUTAGE_PACE_MS)
        else:
            await run.of_network(of, seconds, pace_ms=OUTAGE_PACE_MS)
    what = f"the server ({of})" if isinstance(of, Harm) else f"the network (of {', '.join(of)})"
    print(f"{seconds:g} s without {what}: all back in {max(run.back_s):.1f} s: {summary(run.ledger)}", flush=True)


async def clock_jumps(seconds: float) -> None:
    """Set the wall clock, again and again."""
    with tempfile.TemporaryDirectory() as folder:
        run = ClockJumps(Path(folder) / "data")
        await run.run(seconds)
    print(f"the clock was set {run.jumps} times, by up to six years: {summary(run.ledger)}", flush=True)


async def frozen(seconds: float) -> None:
    """Freeze the server, then clients."""
    with tempfile.TemporaryDirectory() as folder:
        run = Frozen(Path(folder) / "data", node())
        await run.run(seconds)
    server_s, clients_s = run.back_s
    print(
        f"all have heard what was said {server_s:.1f} s after the server stood still for {seconds:g} s, and"
        f" {clients_s:.1f} s after clients did: {summary(run.ledger)}",
        flush=True,
    )


def stampede(count: int, seed: int) -> None:
    """Let everybody come back at once."""
    with tempfile.TemporaryDirectory() as folder:
        run = Stampede(Path(folder) / "data", seed)
        run.run(count, BACK_WITHIN_S)
    print(
        f"seed {seed}: {count} back {run.back_s[-1]:.1f} s after the server was, half of them after"
        f" {run.back_s[len(run.back_s) // 2]:.1f} s, the last {run.since_s:.1f} s after it went;"
        f" {run.cpu_s:.1f} s of its processor time, {run.memory_mib:.0f} MiB: {summary(run.ledger)}",
        flush=True,
    )


async def churn(minutes: float, seed: int) -> None:
    """Let people come and go."""
    with tempfile.TemporaryDirectory() as folder:
        run = Churn(Path(folder) / "data", seed)
        await run.run(60 * minutes)
    print(
        f"seed {seed}: {minutes:g} minutes, {run.rooms} rooms, {run.messages} messages and as many changes", flush=True
    )
    print(f"  before: {run.before}\n  after:  {run.after}", flush=True)


PARTS = ("kills", "network", "outages", "clock", "frozen", "back", "churn")


def main() -> None:
    """Run all parts, one after another."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash.soak")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=10, help="with a bad network")
    parser.add_argument("--outages", type=float, nargs="*", default=[3, 60, 600], metavar="SECONDS")
    parser.add_argument("--of", nargs="+", choices=[*LOST, *Harm], default=[*LOST, *Harm])
    parser.add_argument("--jumps", type=float, default=60, metavar="SECONDS", help="after each jump of the clock")
    parser.add_argument("--freeze", type=float, default=60, metavar="SECONDS")
    parser.add_argument("--back", type=int, default=5_000, metavar="SOCKETS", help="that come back after a restart")
    parser.add_argument("--churn", type=float, default=10, metavar="MINUTES")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    if "kills" in options.parts:
        asyncio.run(storms(options.kills, options.seed))
    if "network" in options.parts:
        asyncio.run(bad_network(options.minutes, options.seed))
    if "outages" in options.parts:
        for seconds in options.outages:
            asyncio.run(outages(seconds, options.of))
    if "clock" in options.parts:
        asyncio.run(clock_jumps(options.jumps))
    if "frozen" in options.parts:
        asyncio.run(frozen(options.freeze))
    if "back" in options.parts:
        stampede(options.back, options.seed)
    if "churn" in options.parts:
        asyncio.run(churn(options.churn, options.seed))


if __name__ == "__main__":
    main()
