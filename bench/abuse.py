"""What one connection at full speed does to a member of another room, who has nothing to do with it.

python -m bench.abuse [KIND …] [--connections 1 50] [--rate 2e6] [--only gifchat|node] [--tree FOLDER] [--seconds 8]

A connection, or fifty that share its speed, sends 2 MB/s of one kind of packet (`bench.attacker`). Meanwhile eight
members of another room say four messages a second each, and each message's time to each of them is measured. The server
has one core, the clients another. Of gifchat's figures, p99 counts, as a multiple of p99 alone; every message must
arrive, and none of the eight may be disconnected. `--tree` measures another checkout of gifchat.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bench.attacker import KINDS
from bench.crowd import BUFFER, SENT_AT, Crowd, Member, chat, percentile
from bench.server import CLIENT_CORE, ROOT, process_of

PORT = 8809
MEMBERS = 8
GAP_S = 1 / 32
"""Between two messages: each member says four a second, under the default rate of five."""
PATIENCE_S = 10
BOUND = 5
NEVER_NS = 10**15


class Figures(NamedTuple):
    """What the bystanders saw, in milliseconds, and what became of the attacker."""

    p50: float
    p99: float
    missing: int
    ends: str


@contextmanager
def serving(name: str, tree: Path, options: Sequence[str]) -> Iterator[None]:
    """Run a server during the block."""
    with tempfile.TemporaryDirectory() as data:
        gifchat = [sys.executable, str(tree / "gifchat.py"), "--host", "127.0.0.1", "--port", str(PORT)]
        node = ["node", str(ROOT / "bench" / "node_server.js"), str(PORT)]
        with process_of([*gifchat, "--data", data, *options] if name == "gifchat" else node):
            yield


def new_room(name: str, number: int) -> str:
    """Return the id of a room."""
    if name != "gifchat":
        return f"{number:024x}"
    request = urllib.request.Request(
        f"http://127.0.0.1:{PORT}/room",
        json.dumps({"title": f"room {number}", "max": 100}).encode(),
        {"Content-Type": "application/json", "Accept": "application/json"},
    )
    return str(json.load(urllib.request.urlopen(request))["_id"])


def talk(crowd: Crowd, seconds: float) -> tuple[list[int], int]:
    """Let the members talk; return the times of the deliveries in nanoseconds, and how many are missing."""
    times: list[int] = []

    def on_data(member: Member, n: int, _: int) -> None:
        now = time.perf_counter_ns()
        times.extend(now - int(found) for found in SENT_AT.findall(BUFFER, 0, n))

    members = list(crowd.members.values())
    start, sent = time.perf_counter(), 0
    while sent * GAP_S < seconds:
        crowd.read_until(start + sent * GAP_S, on_data)
        member = members[sent % MEMBERS]
        member.sock.sendall(chat(member.room, sent + 1))
        sent += 1
    due, patient_until = sent * MEMBERS, time.monotonic() + PATIENCE_S
    crowd.pump(lambda: len(times) >= due or time.monotonic() > patient_until, on_data, PATIENCE_S * 2)
    return times, due - len(times)


class Target(NamedTuple):
    """A server to be attacked: `gifchat` of a tree, with options, or `node`; for how long, and by how much a second."""

    name: str
    tree: Path
    options: Sequence[str]
    seconds: float
    rate: float


def measure(target: Target, kind: str | None = None, connections: int = 0) -> Figures:
    """Return what the bystanders saw beside an attack of this kind, or beside none."""
    with serving(target.name, target.tree, target.options):
        room, attacked = new_room(target.name, 1), new_room(target.name, 2)
        crowd = Crowd(PORT)
        crowd.join([room] * MEMBERS)
        crowd.drain()
        talk(crowd, 1)
        attacker = attack(kind, attacked, connections, target) if kind is not None else None
        try:
            times, missing = talk(crowd, target.seconds)
            trouble = ""
        except (SystemExit, OSError) as error:
            times, missing, trouble = [], 0, f"A BYSTANDER: {error}  "
        ends = ""
        if attacker is not None:
            attacker.terminate()
            ends = attacker.communicate()[0].strip()
        times += [NEVER_NS] * max(missing, not times)
        return Figures(percentile(times, 0.5), percentile(times, 0.99), missing, trouble + ends)


def attack(kind: str, room: str, connections: int, target: Target) -> "subprocess.Popen[str]":
    """Begin an attack."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "bench.attacker", kind, "--port", str(PORT), "--room", room),
            *("--connections", str(connections), "--seconds", str(target.seconds + PATIENCE_S)),
            *("--rate", str(target.rate)),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process


def row(alone: Figures, found: Figures) -> str:
    """Return the figures as text."""
    p50, p99 = ("    never   " if ms * 1e6 >= NEVER_NS else f"{ms:9.2f} ms" for ms in (found.p50, found.p99))
    ratio = found.p99 / alone.p99
    times = f"p50 {p50}   p99 {p99} {f'{ratio:9.1f} × alone' if found.p99 * 1e6 < NEVER_NS else ''}"
    return f"{times}  {found.missing} missing  {found.ends}"


def main() -> None:
    """Measure each kind; exit with 1 when a bystander waited too long or missed a message."""
    parser = argparse.ArgumentParser(prog="python -m bench.abuse")
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"some of: {', '.join(KINDS)}")
    parser.add_argument("--connections", nargs="+", type=int, default=[1, 50])
    parser.add_argument("--only", choices=["gifchat", "node"])
    parser.add_argument("--tree", type=Path, default=ROOT, help="the gifchat to measure")
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--rate", type=float, default=2e6, help="bytes a second, of all connections together")
    parser.add_argument("--options", default="", help="further options of gifchat's, as one argument")
    given = parser.parse_args()
    os.sched_setaffinity(0, {CLIENT_CORE})
    missed = False
    for name in [given.only] if given.only else ["gifchat", "node"]:
        target = Target(name, given.tree.resolve(), given.options.split(), given.seconds, given.rate)
        alone = measure(target)
        print(f"\n{name}\n  {'alone':24} {row(alone, alone)}", flush=True)
        for kind in given.kinds or KINDS:
            for connections in given.connections:
                found = measure(target, kind, connections)
                print(f"  {kind:18} × {connections:<3} {row(alone, found)}", flush=True)
                missed |= name == "gifchat" and (found.p99 > BOUND * alone.p99 or found.missing != 0)
    raise SystemExit(1 if missed else 0)


if __name__ == "__main__":
    main()
