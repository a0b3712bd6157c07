"""The server as a process that can be killed, traced and disturbed on purpose."""

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
"""No throttling, and a grace time longer than any absence in these tests."""

PROGRAM = (str(ROOT / "gifchat.py"),)
IMPATIENT = ("-m", "tests.crash.impatient")
"""The program to run: the product, or the same with a heartbeat of seconds."""


def spawn(
    data: Path,
    *options: str,
    port: int | None = None,
    prefix: Sequence[str] = (),
    program: Sequence[str] = PROGRAM,
    usual: Sequence[str] = OPTIONS,
) -> Server:
    """Start a `program`, as an argument of the command `prefix` if given, and do not wait for it."""
    port = port or free_port()
    logs = data.with_name(f"{data.name}-logs")
    logs.mkdir(parents=True, exist_ok=True)
    command = [*prefix, sys.executable, *program, "--data", str(data), "--host", "127.0.0.1"]
    with (logs / "stdout").open("wb") as stdout, (logs / "stderr").open("wb") as stderr:
        process = subprocess.Popen(
            [*command, "--port", str(port), *usual, *options],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            cwd=logs,
            env=environment(PYTHONPATH=str(ROOT)),
        )
    return Server(process, port, data, logs)


def kill(server: Server, expected: str | None = None) -> None:
    """Kill it as a crash would; its log must be clean up to then, except for what is `expected`."""
    server.process.kill()
    server.process.wait()
    assert_log(server, expected)


def stop(server: Server, expected: str | None = None) -> None:
    """Stop it as its operator would; every log line of trouble must match `expected`, and at least one must."""
    server.process.send_signal(signal.SIGTERM)
    status = server.process.wait(STOP_TIMEOUT_S)
    assert status == 0, f"exit status {status}:\n{server.stderr}"
    assert_log(server, expected)


def assert_log(server: Server, expected: str | None = None) -> None:
    """Assert that every warning in the log matches `expected`, and that there is one if it is given."""
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
    """Run a server for the length of the block, unless the block kills it; for `expected` see `stop`."""
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
