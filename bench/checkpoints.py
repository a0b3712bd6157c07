"""Whether checkpoints of the write-ahead log delay messages: the classroom with other rules for them.

python -m bench.checkpoints [--rounds N]  prints how long deliveries took under each rule, as shares of all.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from statistics import median

from bench import disk
from bench.__main__ import PORTS, rooms_for
from bench.server import CLIENT_CORE, ROOT, process_of

AUTOMATIC_PAGES = 1000  # SQLite's own default
RULES = {
    "every 1,000 pages": AUTOMATIC_PAGES,
    "every 100 pages": 100,
    "none": 0,
    "after 1 ms without a message": 4 * AUTOMATIC_PAGES,
}
QUIET_RULE = "after 1 ms without a message"
QUIET_S = 0.001


def serve(rule: str) -> None:
    """Run gifchat with a rule; its arguments follow."""
    sys.path.insert(0, str(ROOT))
    import gifchat  # noqa: PLC0415  after its folder is known
    from db import connection  # noqa: PLC0415

    connection.PRAGMAS += f"PRAGMA wal_autocheckpoint = {RULES[rule]};\n"
    if rule == QUIET_RULE:
        _checkpoint_when_quiet()
    gifchat.main()


def _checkpoint_when_quiet() -> None:
    from db.writer import Writer  # noqa: PLC0415  see above

    commits, next_commit = 0, Writer._commit_next

    def look(writer: Writer) -> None:
        nonlocal commits
        if commits >= AUTOMATIC_PAGES // 2 and writer.quiet_s >= QUIET_S:
            commits = 0
            writer._database.call(lambda sqlite: sqlite.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall())

    def commit_next(writer: Writer) -> None:
        nonlocal commits
        commits += 1
        next_commit(writer)
        asyncio.get_running_loop().call_later(2 * QUIET_S, partial(look, writer))

    Writer._commit_next = commit_next  # type: ignore[assignment]  # as a server would that does so


def measure(rule: str) -> dict[str, float]:
    """Return the classroom's figures under a rule."""
    port = PORTS["gifchat"]
    with tempfile.TemporaryDirectory() as data:
        command = [sys.executable, "-m", "bench.checkpoints", "--serve", rule, "--", "--host", "127.0.0.1"]
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
    parser.add_argument("--serve", choices=list(RULES), help=argparse.SUPPRESS)
    options, rest = parser.parse_known_args()
    if options.serve:
        sys.argv[1:] = [argument for argument in rest if argument != "--"]
        serve(options.serve)
        return
    disk.show()
    runs = [{rule: measure(rule) for rule in RULES} for _ in range(options.rounds)]
    print(f"{'':14}" + "".join(f"{rule:>30}" for rule in RULES))
    for key in runs[0]["none"]:
        print(f"{key:14}" + "".join(f"{median(run[rule][key] for run in runs):30,.4f}" for rule in RULES), flush=True)


if __name__ == "__main__":
    main()
