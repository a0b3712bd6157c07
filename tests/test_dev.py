"""`make dev`, on a copy of the source that the test edits."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from tests.conftest import ROOT
from tests.free_ports import free_port
from tests.server import STOP_TIMEOUT_S, Server, environment

MODULES = [path.name for path in ROOT.glob("*.py")]
COPIED = (
    *MODULES,
    "schema.sql",
    "db",
    "handlers",
    "lan",
    "realtime",
    "terminal",
    "static",
    "templates",
    "tools/dev.py",
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return a copy of the source."""
    for name in COPIED:
        target = tmp_path / "source" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, target)
    (tmp_path / "source" / "node_modules").symlink_to(ROOT / "node_modules")
    return tmp_path / "source"


def change(file: Path, old: str, new: str, until: Callable[[], bool]) -> None:
    """Edit a file and wait. It is touched repeatedly, since a change before the watcher's first look is not seen."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    deadline = time.monotonic() + 60
    while not until():
        assert time.monotonic() < deadline
        os.utime(file)
        time.sleep(0.3)


def test_an_edit_takes_effect_at_once_and_a_syntax_error_is_waited_out(source: Path, tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "tornado.autoreload", "--until-success", "tools/dev.py"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--data", str(tmp_path / "data")]
    with (tmp_path / "stdout").open("wb") as stdout, (tmp_path / "stderr").open("wb") as stderr:
        process = subprocess.Popen(command, cwd=source, env=environment(), stdout=stdout, stderr=stderr)
    server = Server(process, port, tmp_path / "data", tmp_path)

    def version() -> object:
        try:
            return requests.get(f"{server.url}/healthz", timeout=30).json()["version"]
        except (requests.ConnectionError, requests.Timeout):
            return None

    try:
        server.wait_until_up()
        options, ops = source / "options.py", source / "handlers" / "ops.py"
        change(options, 'VERSION = "', 'VERSION = "new.', until=lambda: str(version()).startswith("new."))
        change(ops, "class Health", "class class Health", until=lambda: "SyntaxError" in server.stderr)
        assert version() is None
        change(ops, "class class Health", "class Health", until=lambda: version() is not None)
        assert "DEBUG" in server.stderr  # every request and query
        process.send_signal(signal.SIGINT)
        assert process.wait(STOP_TIMEOUT_S) == 0
    finally:
        process.kill()
        process.wait()
