"""Whether checkpoints of the write-ahead log delay messages: the classroom with other rules for them.

python -m bench.checkpoints [--rounds N]  prints how long deliveries took under each rule, as shares of all.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from bench import disk
from bench.__main__ import PORTS, rooms_for
from bench.checkpoint_server import RULES
from bench.server import CLIENT_CORE, ROOT, process_of


def measure(rule: str) -> dict[str, float]:
    """Return the classroom's figures under a rule."""
    port = PORTS["gifchat"]
    with tempfile.TemporaryDirectory() as data:
        command = [sys.executable, "-m", "bench.checkpoint_server", rule, "--host", "127.0.0.1"]
        with process_of(
            [*command, "--port", str(port), "--data", data, "--rate", "0", "--max-occupancy", "20000"]
        ) as pid:
            client = subprocess.run(
                [
                    *("taskset", "-c", str(CLIENT_CORE), sys.executable, "-m", "bench.client", "classroom"),
                    *("--port", str(port), "--pid", str(pid), "--rooms", ",".join(rooms_for("gifchat", 30))),
                ],
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=True,
            )
            log_mib = Path(data, "gifchat.db-wal").stat().st_size / 2**20
    return {key: float(value) for key, value in json.loads(client.stdout).items()} | {"log_mib": log_mib}


def main() -> None:
    """Measure every rule, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench.checkpoints")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    disk.show()
    runs = [{rule: measure(rule) for rule in RULES} for _ in range(options.rounds)]
    print(f"{'':14}" + "".join(f"{rule:>30}" for rule in RULES))
    for key in runs[0]["none"]:
        print(f"{key:14}" + "".join(f"{median(run[rule][key] for run in runs):30,.4f}" for rule in RULES), flush=True)


if __name__ == "__main__":
    main()
