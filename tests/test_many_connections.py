"""As many connections as the descriptor limit allows, and those beyond it."""

import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.free_ports import free_port
from tests.server import STOP_TIMEOUT_S, Visitor, assert_listens, environment

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")


@contextlib.contextmanager
def limited(tmp_path: Path, limit: str) -> Iterator[tuple[int, Path]]:
    """Run gifchat.py under a shell's `ulimit` of open files; yield its port and its log."""
    port, log = free_port(), tmp_path / "log"
    command = ["sh", "-c", f'ulimit {limit} && exec "$@"', "sh", sys.executable, str(ROOT / "gifchat.py")]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port), "--data", str(tmp_path / "data")],
            env=environment(),
            stdout=output,
            stderr=output,
        )
    try:
        assert_listens(process, port)
        yield port, log
    finally:
        process.terminate()
        assert process.wait(STOP_TIMEOUT_S) == 0


def open_ones(sockets: list[socket.socket]) -> list[socket.socket]:
    """Return the sockets that the server answers; it closes the others."""
    found = []
    for one in sockets:
        with contextlib.suppress(ConnectionError):
            one.sendall(b"HEAD /static/css/base.css HTTP/1.1\r\nHost: here\r\n\r\n")
            if one.recv(64 * 1024).startswith(b"HTTP/1.1 200"):
                found.append(one)
    return found


def test_the_server_raises_its_soft_limit_of_open_files(tmp_path: Path) -> None:
    with limited(tmp_path, "-S -n 100") as (port, log), contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_connection(("127.0.0.1", port), 30)) for _ in range(150)]
        assert open_ones(sockets) == sockets
        assert "WARNING" not in log.read_text()


def test_beyond_the_descriptor_limit_newcomers_replace_the_idlest_and_others_are_unaffected(tmp_path: Path) -> None:
    with limited(tmp_path, "-n 128") as (port, log):
        with contextlib.ExitStack() as stack:
            sockets = [stack.enter_context(socket.create_connection(("127.0.0.1", port), 30)) for _ in range(150)]
            assert open_ones(sockets[-1:]) == sockets[-1:]  # accepted last, so all have been
            there = open_ones(sockets)
            assert 20 < len(there) < 64
            assert there == sockets[-len(there) :]
        logged = [line for line in log.read_text().splitlines() if "WARNING" in line or "Traceback" in line]
        assert len(logged) == 1
        assert "too many connections" in logged[0]
        with Visitor(f"http://127.0.0.1:{port}") as visitor:
            assert visitor.get("/healthz").status_code == 200
