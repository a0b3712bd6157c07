"""Starting the built programs."""

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.free_ports import free_port
from tests.server import Server

DIST = ROOT / "dist"
BINARY = DIST / ("gifchat.exe" if sys.platform == "win32" else "gifchat")
ZIPAPP = DIST / "gifchat.pyz"

Running = Callable[..., AbstractContextManager[Server]]
"""`running(*options, env={})`: a server in the test's own empty folder, with nothing but `env` in its environment."""


def command(what: str) -> list[str]:
    """Return the command that starts the "binary" or the "zipapp"."""
    built = BINARY if what == "binary" else ZIPAPP
    if not built.is_file():
        pytest.fail(f"{built} has not been built: run these tests by 'make test-built'")
    return [str(built)] if what == "binary" else [sys.executable, str(built)]


@pytest.fixture(params=["binary", "zipapp"])
def built(request: pytest.FixtureRequest) -> str:
    """Return the kind of build under test."""
    return str(request.param)


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder into which the zipapp unpacks itself, once for all tests."""
    return tmp_path_factory.mktemp("unpacked")


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """Return an empty folder."""
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


@pytest.fixture
def running(empty: Path, built: str, unpacked: Path) -> Running:
    """Return a function that runs the built program."""

    @contextlib.contextmanager
    def run(*options: str, env: Mapping[str, str] | None = None) -> Iterator[Server]:
        server = start(empty, command(built), *options, env=env if built == "binary" else {"SHIV_ROOT": str(unpacked)})
        try:
            server.wait_until_up()
            yield server
        except BaseException:
            server.process.kill()
            server.process.wait()
            raise
        if server.process.poll() is None:
            server.stop()

    return run


def start(
    folder: Path,
    program: Sequence[str],
    *options: str,
    env: Mapping[str, str] | None = None,
    port: int | None = None,
) -> Server:
    """Start `program` in `folder` with its own data, and do not wait for it."""
    logs = folder.with_name("logs")
    logs.mkdir(exist_ok=True)
    port = port or free_port()
    with (logs / "stdout").open("wb") as stdout, (logs / "stderr").open("wb") as stderr:
        process = subprocess.Popen(
            [*program, "--host", "127.0.0.1", "--port", str(port), *options],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            cwd=folder,
            env=env or {},
        )
    return Server(process, port, folder / "gifchat-data", logs)
