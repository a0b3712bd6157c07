"""`make bench`: compares gifchat, which stores everything, with two minimal servers that store nothing.

python -m bench [WORKLOAD …] [--rounds N]

The server has one core, the client another. Absolute figures depend on the machine; the guarantees are ratios
(docs/performance.md). Machines are noisy, so each workload is measured in several rounds. Ratios are computed within a
round, and the median counts.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

from bench import disk, kernel
from bench.server import CLIENT_CORE, ROOT, SERVER_CORE

HERE = ROOT / "bench"
PORTS = {"gifchat": 8805, "node": 8806, "python-socketio": 8807}

# python-socketio gets smaller workloads: it queues a burst for so long that its own heartbeat disconnects the members,
# and it does not accept 10,000 joins in time. Only gifchat has lessons.
EXTRA_ARGUMENTS = {
    ("python-socketio", "burst"): ("--messages", "64"),
    ("python-socketio", "members"): ("--messages", "1000"),
    ("gifchat", "lessons"): ("--lessons", "500"),
}

GIFCHAT_ONLY = ("changes",)  # the other servers have no such feature

# The floors of each workload: a figure, its bound, and whether that is relative to Node's figure or absolute.
FLOORS: dict[str, list[tuple[str, str, float, str]]] = {
    "burst": [("deliveries_per_s", ">=", 15, "× Node")],
    "lone": [("cpu_us_per_delivery", "<=", 0.95, "× Node"), ("p50_ms", "<=", 1, "ms")],
    "classroom": [("cpu_share", "<=", 1, "× Node"), ("p99_ms", "<=", 1.5, "× Node")],
    "members": [("kib_per_member", "<=", 16, "KiB"), ("join_cpu_ms", "<=", 1, "× Node")],
    "arrivals": [("arrival_cpu_ms", "<=", 0.8, "× Node")],
    "polling": [("deliveries_per_s", ">=", 0.25, "× Node")],
    "polling32": [("deliveries_per_s", ">=", 0.5, "× Node")],
    "changes": [(f"{kind}_to_message", "<=", 1.3, "×") for kind in ("edit", "reaction", "storm")],
    "lessons": [("p50_ms_beside", "<=", 1, "ms"), ("p99_beside_to_alone", "<=", 1.5, "×")],
}


@contextmanager
def serving(name: str, workload: str) -> Iterator[int]:
    """Run a server on its core; yields its process id."""
    port = str(PORTS[name])
    joins = ["--joins"] if workload in ("arrivals", "members") else []
    with tempfile.TemporaryDirectory() as data:
        command = {
            "gifchat": [
                *(sys.executable, "gifchat.py", "--host", "127.0.0.1", "--port", port, "--data", data),
                *("--rate", "0", "--max-occupancy", "20000"),
            ],
            "node": ["node", str(HERE / "node_server.js"), port, *joins],
            "python-socketio": [sys.executable, str(HERE / "python_socketio_server.py"), port, *joins],
        }[name]
        process = subprocess.Popen(
            ["taskset", "-c", str(SERVER_CORE), *command],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL if workload == "lessons" else None,  # a line for each connection
        )
        try:
            wait_for(int(port), process)
            yield process.pid
        finally:
            process.kill()
            process.wait()


def wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Return when the server answers."""
    for _ in range(100):
        if process.poll() is not None:
            raise SystemExit(f"a server exited at startup: {process.args!r}")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/socket.io/?EIO=4&transport=polling").read()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("a server did not start in 10 s")


def rooms_for(name: str, count: int) -> list[str]:
    """Return the ids of `count` rooms, creating them if the server requires it."""
    if name != "gifchat":
        return [f"{number:024x}" for number in range(count)]
    made = []
    for number in range(count):
        request = urllib.request.Request(
            f"http://127.0.0.1:{PORTS[name]}/room",
            json.dumps({"title": f"room {number}", "max": 20_000}).encode(),
            {"Content-Type": "application/json", "Accept": "application/json"},
        )
        made.append(json.load(urllib.request.urlopen(request))["_id"])
    return made


def measure(name: str, workload: str) -> dict[str, float]:
    """Return the figures of one server under one workload."""
    with serving(name, workload) as pid:
        rooms = rooms_for(name, {"arrivals": 51, "classroom": 30, "members": 300}.get(workload, 1))
        client = subprocess.run(
            [
                *("taskset", "-c", str(CLIENT_CORE), sys.executable, "-m", "bench.client", workload),
                *("--port", str(PORTS[name]), "--pid", str(pid), "--rooms", ",".join(rooms)),
                *EXTRA_ARGUMENTS.get((name, workload), ()),
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if client.returncode:
            raise SystemExit(f"{name}, {workload}: {client.stderr.strip().splitlines()[-1]}")
        return {key: float(value) for key, value in json.loads(client.stdout).items()}


Run = dict[str, dict[str, float]]
"""The figures of one round, by server and name."""


def measure_all(workload: str, names: list[str], rounds: int) -> list[Run]:
    """Measure the servers one after the other, `rounds` times; every other round in reverse order."""
    return [
        {name: measure(name, workload) for name in (names if number % 2 == 0 else reversed(names))}
        for number in range(rounds)
    ]


def to_node(runs: list[Run], key: str) -> list[float]:
    """Return a figure's ratios to Node's, one per round, sorted."""
    return sorted(run["gifchat"][key] / run["node"][key] for run in runs if run["node"][key])


def show(workload: str, names: list[str], runs: list[Run]) -> None:
    """Print a workload's table: medians, and the range of the ratios."""
    print(f"\n{workload}")
    print(f"  {'':22}" + "".join(f"{name:>18}" for name in names) + f"{'gifchat / node':>24}")
    for key in runs[0][names[0]]:
        values = [median(run[name][key] for run in runs) for name in names]
        ratios = to_node(runs, key) if len(names) > 1 else []
        ratio = f"{median(ratios):.2f} ({ratios[0]:.2f}-{ratios[-1]:.2f})" if ratios else ""
        print(f"  {key:22}" + "".join(f"{value:18,.2f}" for value in values) + f"{ratio:>24}", flush=True)


def floors_met(workload: str, runs: list[Run]) -> bool:
    """Print which floors of a workload are met; return whether all are."""
    all_met = True
    for key, sign, bound, unit in FLOORS[workload]:
        value = median(to_node(runs, key) if unit == "× Node" else [run["gifchat"][key] for run in runs])
        met = value >= bound if sign == ">=" else value <= bound
        all_met &= met
        print(f"  {'met' if met else 'MISSED'}: {key} {sign} {bound:g} {unit} (is {value:.2f})", flush=True)
    return all_met


def main() -> None:
    """Run the workloads and print their tables; exit with 1 when a floor is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=f"some of: {', '.join(FLOORS)}")
    parser.add_argument("--only", choices=list(PORTS), help="measure one server, without ratios")
    parser.add_argument("--rounds", type=int, default=3, help="how often to measure each; medians count")
    options = parser.parse_args()
    if (os.cpu_count() or 1) < 2:
        raise SystemExit("a benchmark needs two cores, one for the server and one for the client")
    names = [options.only] if options.only else list(PORTS)
    missed = False
    disk.show()
    for workload in options.workloads or FLOORS:
        if workload == "lone":
            kernel.show()
        measured = ["gifchat"] if workload in GIFCHAT_ONLY and "gifchat" in names else names
        runs = measure_all(workload, measured, options.rounds)
        show(workload, measured, runs)
        if not options.only:
            missed |= not floors_met(workload, runs)
    raise SystemExit(1 if missed else 0)


if __name__ == "__main__":
    main()
