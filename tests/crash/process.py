"""The server as a process that may be killed, traced, and troubled on purpose."""

import asyncio
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tests.conftest import ROOT
from tests.free_ports import free_port
from tests.server import STOP_TIMEOUT_S, Server, environment

_TROUBLE = re.compile(r"^Traceback|\b(WARNING|ERROR|CRITICAL)\b|\b\w+Warning:|never retrieved")

OPTIONS = ("--rate", "0", "--grace", "30")
"""No throttling, and a place is kept for longer than any of these tests keeps somebody away."""

PROGRAM = (str(ROOT / "gifchat.py"),)
IMPATIENT = ("-m", "tests.crash.impatient")
"""What Python runs: the product, or the same with a heartbeat of seconds."""


def spawn(
    data: Path,
    *options: str,
    port: int | None = None,
    prefix: Sequence[str] = (),
    program: Sequence[str] = PROGRAM,
) -> Server:
    """Start a `program`, as an argument of the command `prefix` if there is one, and do not wait for it."""
    port = port or free_port()
    logs = data.with_name(f"{data.name}-logs")
    logs.mkdir(parents=True, exist_ok=True)
    command = [*prefix, sys.executable, *program, "--data", str(data), "--host", "127.0.0.1"]
    with (logs / "stdout").open("wb") as stdout, (logs / "stderr").open("wb") as stderr:
        process = subprocess.Popen(
            [*command, "--port", str(port), *OPTIONS, *options],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            cwd=logs,
            env=environment(PYTHONPATH=str(ROOT)),
        )
    return Server(process, port, data, logs)


def kill(server: Server, expected: str | None = None) -> None:
    """End it as a crash would; its log must be clean up to there, but for what is `expected`."""
    server.process.kill()
    server.process.wait()
    assert_log(server, expected)


def stop(server: Server, expected: str | None = None) -> None:
    """End it as its operator would; `expected` is found in all that it had to complain about, and in something."""
    server.process.send_signal(signal.SIGTERM)
    status = server.process.wait(STOP_TIMEOUT_S)
    assert status == 0, f"exit status {status}:\n{server.stderr}"
    assert_log(server, expected)


def assert_log(server: Server, expected: str | None = None) -> None:
    """Assert that the log holds no trouble but what is `expected`, and that."""
    lines = [line for line in server.stderr.splitlines() if _TROUBLE.search(line)]
    surprises = [line for line in lines if expected is None or not re.search(expected, line)]
    assert not surprises, server.stderr
    assert expected is None or lines, f"not logged: {expected}"


@asynccontextmanager
async def serving(
    data: Path,
    *options: str,
    port: int | None = None,
    expected: str | None = None,
    prefix: Sequence[str] = (),
    program: Sequence[str] = PROGRAM,
) -> AsyncIterator[Server]:
    """Run a server for the length of the block, unless that kills it; `expected` is its log's trouble (see `stop`)."""
    server = spawn(data, *options, port=port, prefix=prefix, program=program)
    try:
        await asyncio.to_thread(server.wait_until_up)
        yield server
        if server.process.poll() is None:
            await asyncio.to_thread(stop, server, expected)
    except BaseException:
        print(server.stderr, file=sys.stderr)
        raise
    finally:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait()
