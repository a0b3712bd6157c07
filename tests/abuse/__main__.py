"""Runs the catalogue and prints what held; exits with 1 if something did not.

python -m tests.abuse [--of GROUP …] [--name TEXT]
"""

import argparse
import asyncio
import importlib
import json
import logging
import sys
import tempfile
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from tests.abuse.bystanders import Report
from tests.abuse.kinds import CATALOGUE, Kind
from tests.abuse.target import Target
from tests.conftest import ROOT
from tests.crash.process import assert_log, spawn
from tests.server import STOP_TIMEOUT_S, Server, environment

GROUPS = (
    "floods",
    "bounds",
    "buffers",
    "connections",
    "identity",
    "newcomers",
    "names",
    "parsing",
    "images",
    "storage",
    "kills",
)
KIND_TIMEOUT_S = 120.0
ALONE_S = 5.0
ALONE = "nobody attacks"
NAME_WIDTH = 55


class Seen(NamedTuple):
    """What became of one kind: what did not hold, if anything, the bystanders' waiting times, the server's memory."""

    trouble: str
    p50_ms: float = 0
    p99_ms: float = 0
    peak_mib: float = 0


async def run(kind: Kind) -> Seen:
    """Run one kind against a server of its own."""
    with tempfile.TemporaryDirectory() as folder:
        server = spawn(Path(folder) / "data", usual=())
        try:
            await asyncio.to_thread(server.wait_until_up)
            return await _run(kind, Target(server))
        except Exception as error:
            traceback.print_exc()
            return Seen(f"{type(error).__name__}: {str(error)[:200]}")
        finally:
            if server.process.poll() is None:
                server.process.kill()
                server.process.wait()


async def _run(kind: Kind, target: Target) -> Seen:
    async with _bystanders(target, kind.bystanders) as chatting:
        async with asyncio.timeout(KIND_TIMEOUT_S):
            await kind.attack(target)
        peak = target.peak_mib() if target.server.process.poll() is None else 0
        if target.server.process.poll() is None:
            await target.alive()
    if target.server.process.poll() is None:
        await asyncio.to_thread(_stop, target.server)
    _check_log(target.server, kind.expected)
    trouble = f"bystanders: {', '.join(sorted(set(chatting.problems)))}" if chatting.problems else ""
    return Seen(trouble, chatting.p50_ms, chatting.p99_ms, peak)


@asynccontextmanager
async def _bystanders(target: Target, present: bool) -> AsyncIterator[Report]:
    """Let bystanders chat during the block; what they saw is in the yielded report afterwards."""
    seen = Report()
    if not present:
        yield seen
        return
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.abuse.bystanders", str(target.port)),
        cwd=ROOT,
        env=environment(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        assert await process.stdout.readline() == b"begun\n", "the bystanders did not get in"
        yield seen
        process.stdin.write(b"\n")
        for field, value in json.loads(await process.stdout.readline()).items():
            setattr(seen, field, value)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def _stop(server: Server) -> None:
    server.process.terminate()
    status = server.process.wait(STOP_TIMEOUT_S)
    assert status == 0, f"exit status {status}"


def _check_log(server: Server, expected: str | None) -> None:
    """Fail on an error in the log that was not expected; what is expected need not be there."""
    try:
        assert_log(server, expected)
    except AssertionError as error:
        if "not logged" not in str(error):
            raise


def main() -> None:
    """Run all, or some."""
    parser = argparse.ArgumentParser(prog="python -m tests.abuse")
    parser.add_argument("--of", nargs="+", choices=GROUPS, default=GROUPS, metavar="GROUP", help=", ".join(GROUPS))
    parser.add_argument("--name", default="", help="only kinds whose name contains this")
    options = parser.parse_args()
    logging.disable(logging.ERROR)  # of our own connections, which are cut on purpose
    for group in options.of:
        importlib.import_module(f"tests.abuse.{group}")
    kinds = [kind for kind in CATALOGUE if options.name in kind.name]
    alone = Kind("", ALONE, lambda _: asyncio.sleep(ALONE_S), None, True)
    failed = []
    print(f"{'':14} {'kind':{NAME_WIDTH}} {'held':14} {'p50 ms':>8} {'p99 ms':>8} {'MiB':>5}", flush=True)
    for kind in [alone, *kinds]:
        seen = asyncio.run(run(kind))
        held = "DID NOT HOLD" if seen.trouble else "held"
        times = f"{seen.p50_ms:8.1f} {seen.p99_ms:8.1f}" if kind.bystanders else f"{'':17}"
        print(
            f"{kind.group:14} {kind.name:{NAME_WIDTH}} {held:14} {times} {seen.peak_mib:5.0f} {seen.trouble}".rstrip(),
            flush=True,
        )
        failed += [kind.name] if seen.trouble else []
    print(f"{len(kinds) + 1 - len(failed)} of {len(kinds) + 1} held", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
