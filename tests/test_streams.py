"""gifchat.py with standard streams that are closed or do not accept its output."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path

import pytest

from tests.client import GIF
from tests.conftest import ROOT
from tests.free_ports import free_port
from tests.server import Server, environment

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no descriptors to close")

CLOSED = [numbers for count in (1, 2, 3) for numbers in combinations(range(3), count)]


@contextmanager
def started(folder: Path, redirections: str, *options: str, stdout: int | None = None) -> Iterator[Server]:
    """Run gifchat.py with its streams redirected by a shell; at the end it must stop cleanly."""
    port = free_port()
    command = [sys.executable, str(ROOT / "gifchat.py"), "--data", str(folder / "data"), "--port", str(port), *options]
    with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as log:
        process = subprocess.Popen(
            ["sh", "-c", f'exec "$@" {redirections}', "sh", *command, "--host", "127.0.0.1"],
            stdin=subprocess.DEVNULL,
            stdout=out if stdout is None else stdout,
            stderr=log,
            cwd=folder,
            env=environment(PYTHONUNBUFFERED=""),
        )
    server = Server(process, port, folder / "data", folder)
    try:
        server.wait_until_up()
        yield server
        server.stop()
    finally:
        process.kill()
        process.wait()


def use(server: Server) -> None:
    """Make a room and send an image, which the worker process examines."""
    visitor = server.visitor()
    room = visitor.room()
    assert visitor.request("POST", f"/room/{room}/gif", files={"gif": GIF}).status_code == 200


@pytest.mark.parametrize("closed", CLOSED, ids=str)
def test_a_closed_standard_stream_is_replaced_by_dev_null(closed: tuple[int, ...], tmp_path: Path) -> None:
    """No other file may get its descriptor, since output would be written to it."""
    with started(tmp_path, " ".join(f"{number}>&-" for number in closed), "--debug") as server:
        use(server)
        if sys.platform == "linux":
            for number in closed:
                assert os.readlink(f"/proc/{server.process.pid}/fd/{number}") == os.devnull
        server.visitor().get("/")
    assert server.stdout == "" if 1 in closed else f":{server.port}" in server.stdout
    assert server.stderr == "" if 2 in closed else "GET /" in server.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no device that is always full")
def test_stdout_on_a_full_disk_is_reported_and_the_server_keeps_running(tmp_path: Path) -> None:
    with started(tmp_path, ">/dev/full") as server:
        use(server)
    assert server.stderr == "gifchat: cannot write to stdout: No space left on device\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no device that is always full")
def test_stderr_on_a_full_disk_does_not_stop_the_server(tmp_path: Path) -> None:
    with started(tmp_path, "2>/dev/full", "--debug") as server:
        use(server)
    assert f":{server.port}" in server.stdout


@pytest.mark.parametrize("redirections", ["", "2>&1"])
def test_a_broken_output_pipe_does_not_stop_the_server(redirections: str, tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with started(tmp_path, redirections, "--debug", stdout=writer) as server:
        os.close(writer)
        use(server)
    if not redirections:
        assert server.stderr.count("gifchat: cannot write to stdout: Broken pipe\n") == 1


def test_unencodable_output_does_not_stop_the_server(tmp_path: Path) -> None:
    """On Windows an adapter, whose name is printed with its address, may be called 이더넷."""
    script = "from terminal import streams; streams.prepare(); print('이더넷')"
    env = environment(PYTHONIOENCODING="ascii")
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=env, capture_output=True, check=True)
    assert (ended.stdout, ended.stderr) == (rb"\uc774\ub354\ub137" + b"\n", b"")


# --- an incomplete copy


def run_without(gone: str, tmp_path: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a copy of gifchat in which one module is missing."""
    for name in (*(path.name for path in ROOT.glob("*.py")), "db", "handlers", "lan", "realtime", "terminal"):
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, tmp_path / name)
    victim = tmp_path / gone
    shutil.rmtree(victim) if victim.is_dir() else victim.unlink()
    return subprocess.run(
        [sys.executable, "-B", *command], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("gone", "message"),
    [
        ("realtime/chat/policy.py", "'realtime.chat.policy'"),
        ("handlers/resources.py", "'resources' from 'handlers'"),
        ("lan", "'lan'"),
        ("terminal", "'terminal'"),
        ("options.py", "'options'"),
        ("composition.py", "'composition'"),
    ],
)
def test_a_missing_module_of_ours_is_reported_as_an_incomplete_copy(gone: str, message: str, tmp_path: Path) -> None:
    ended = run_without(gone, tmp_path, "gifchat.py")
    assert (ended.returncode, ended.stdout) == (1, "")
    (line,) = ended.stderr.splitlines()
    assert line.startswith("gifchat: this copy of gifchat is incomplete: ")
    assert message in line and "setup" not in line


def test_a_missing_module_of_the_image_worker_is_reported_in_one_line(tmp_path: Path) -> None:
    ended = run_without("realtime/chat/images/turn.py", tmp_path, "-m", "realtime.chat.images.worker")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "gifchat: images cannot be examined: No module named 'realtime.chat.images.turn'\n"
