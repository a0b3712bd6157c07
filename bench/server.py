"""Runs gifchat for benchmarks without other servers."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SERVER_CORE, CLIENT_CORE = 0, 1


@contextmanager
def serving(data: Path, port: int, *, root: Path = ROOT) -> Iterator[int]:
    """Run the server in `root` on its core during the block; yields its process id."""
    command = [sys.executable, str(root / "gifchat.py"), "--host", "127.0.0.1", "--port", str(port)]
    with process_of([*command, "--data", str(data), "--rate", "0"]) as pid:
        yield pid


@contextmanager
def process_of(command: list[str]) -> Iterator[int]:
    """Run a server, which prints its first line once it is listening, on its core; yields its process id."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    os.sched_setaffinity(process.pid, {SERVER_CORE})
    try:
        assert process.stdout is not None
        if not process.stdout.readline():
            raise SystemExit("the server did not start")
        yield process.pid
    finally:
        process.terminate()
        process.communicate()
