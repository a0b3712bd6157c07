"""A real gifchat.py in its own process and a visitor to it, for black-box tests.

    with running(tmp_path) as server:
        visitor = server.visitor()
        assert visitor.get("/").status_code == 200

At the end of the block the server is stopped with SIGTERM; it must exit with 0 and have a clean log.

The time limits here only catch hangs. On a busy machine a process may stall for seconds at any moment, and a limit that
is not reached costs nothing.
"""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import requests

from tests.conftest import ROOT
from tests.free_ports import free_port

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 20.0
REQUEST_TIMEOUT_S = 60.0
_POLL_S = 0.02

_TROUBLE = re.compile(r"^Traceback|\b(WARNING|ERROR|CRITICAL)\b|\b\w+Warning:")
_BUSY = re.compile(r"WARNING asyncio: Executing .* took ")  # asyncio's debug mode, on a machine that does much else


def environment(**further: str) -> dict[str, str]:
    """Return this process's environment without gifchat's variables, plus `further`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIFCHAT_")}
    for name in ("PORT", "COOKIE_SECRET"):
        kept.pop(name, None)
    return {**kept, "PYTHONUNBUFFERED": "1", **further}


class Visitor(requests.Session):
    """A session with its own cookies: requests by path, redirects not followed by default."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.trust_env = False

    def request(self, method: str, path: str, **options: object) -> requests.Response:  # type: ignore[override]
        # The override narrows requests' own signature: a path instead of a URL, and other defaults.
        options = {"allow_redirects": False, "timeout": REQUEST_TIMEOUT_S, **options}
        return super().request(method, self.url + path, **options)  # type: ignore[arg-type]

    def get(self, path: str, **options: object) -> requests.Response:  # type: ignore[override]  # as `request`
        return self.request("GET", path, **options)

    def json(self, method: str, path: str, **options: object) -> tuple[int, dict[str, object]]:
        """Ask for JSON; return the status and the answer's object."""
        answer = self.request(method, path, headers={"Accept": "application/json"}, **options)
        body = answer.json()
        assert isinstance(body, dict), body
        return answer.status_code, body

    def room(self, title: str = "방", **form: object) -> str:
        """Make a room, which admits this visitor to it, and return its id."""
        status, room = self.json("POST", "/room", json={"title": title, **form})
        assert status == 201, room
        return str(room["_id"])

    def identity(self) -> str:
        """Return this visitor's cookie as a header value, visiting first if necessary."""
        if not self.cookies:
            self.get("/")
        return next(f"{cookie.name}={cookie.value}" for cookie in self.cookies if cookie.name.startswith("gifchat-"))


class Server:
    """A running gifchat.py. `stdout` and `stderr` are its output so far.

    `trust` is the certificate of the authority, if the server uses HTTPS.
    """

    def __init__(
        self, process: subprocess.Popen[bytes], port: int, data: Path, logs: Path, *, trust: Path | None = None
    ) -> None:
        self.process = process
        self.port = port
        self.data = data
        self.url = f"http{'s' if trust else ''}://127.0.0.1:{port}"
        self._trust = trust
        self._logs = logs
        self._visitors: list[Visitor] = []

    @property
    def stdout(self) -> str:
        return (self._logs / "stdout").read_text(encoding="utf-8")

    @property
    def stderr(self) -> str:
        return (self._logs / "stderr").read_text(encoding="utf-8")

    def visitor(self) -> Visitor:
        """Return a new visitor with no cookies and no identity yet."""
        visitor = Visitor(self.url)
        visitor.verify = str(self._trust) if self._trust else True
        self._visitors.append(visitor)
        return visitor

    def wait_until_up(self) -> None:
        """Return when the server answers; fail if it exits or does not answer in time."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    break
            except OSError:
                time.sleep(_POLL_S)  # there is no event for another process beginning to listen
        health = None if self.process.poll() is not None else self.visitor().get("/healthz")
        assert health is not None and health.status_code == 200, (
            f"the server did not start:\n{self.stdout}{self.stderr}"
        )

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop the server as its operator would; fail unless it exits with 0 in time."""
        for visitor in self._visitors:
            visitor.close()
        assert self.process.poll() is None, f"the server had ended by itself:\n{self.stderr}"
        self.process.send_signal(how)
        status = self.process.wait(STOP_TIMEOUT_S)
        assert status == 0, f"exit status {status}:\n{self.stderr}"
        self.assert_clean_log()

    def assert_clean_log(self) -> None:
        """Assert that the server logged no warnings or errors."""
        lines = [line for line in self.stderr.splitlines() if _TROUBLE.search(line) and not _BUSY.search(line)]
        assert not lines, self.stderr


def start(
    data: Path,
    *options: str,
    env: Mapping[str, str] | None = None,
    port: int | None = None,
    trust: Path | None = None,
) -> Server:
    """Start a gifchat.py with its data in `data` and wait until it answers; the caller stops it.

    It listens on 127.0.0.1 unless `options` or `env` say otherwise.
    """
    port = port or free_port()
    logs = data.with_name(f"{data.name}-logs")
    logs.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-X", "dev", str(ROOT / "gifchat.py"), "--data", str(data)]
    command += ["--host", "127.0.0.1", "--port", str(port), *options]
    with (logs / "stdout").open("wb") as stdout, (logs / "stderr").open("wb") as stderr:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            cwd=logs,
            env=environment(**(env or {})),
        )
    server = Server(process, port, data, logs, trust=trust)
    try:
        server.wait_until_up()
    except BaseException:
        process.kill()
        process.wait()
        raise
    return server


@contextmanager
def running(
    data: Path,
    *options: str,
    env: Mapping[str, str] | None = None,
    port: int | None = None,
    trust: Path | None = None,
) -> Iterator[Server]:
    """Run a gifchat.py with its data in `data` for the length of the block."""
    server = start(data, *options, env=env, port=port, trust=trust)
    try:
        yield server
    except BaseException:
        server.process.kill()
        server.process.wait()
        print(server.stderr, file=sys.stderr)
        raise
    if server.process.poll() is None:
        server.stop()


def gifchat(*arguments: str | int | Path, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """Run gifchat.py until it exits."""
    return subprocess.run(
        [sys.executable, str(ROOT / "gifchat.py"), *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        cwd=cwd,
        env=environment(**env),
        check=False,
    )


def assert_one_line(ended: subprocess.CompletedProcess[str], *statuses: int) -> str:
    """Assert that a start failed with exactly one line on stderr and one of `statuses`; return the line."""
    assert ended.returncode in statuses, (ended.returncode, ended.stdout, ended.stderr)
    assert ended.stdout == ""
    assert ended.stderr.endswith("\n")
    assert len(ended.stderr.splitlines()) == 1, ended.stderr
    assert "usage" not in ended.stderr.lower()
    assert "Traceback" not in ended.stderr
    return ended.stderr.strip()


def rows(data: Path, query: str, *values: object) -> list[tuple[object, ...]]:
    """Query the database of a stopped server without changing it."""
    with closing(sqlite3.connect(f"{(data / 'gifchat.db').as_uri()}?mode=ro", uri=True)) as database:
        return list(database.execute(query, values))


def uploads(data: Path) -> list[str]:
    """Return the names of all files under uploads/, including half-written ones."""
    return sorted(
        file.relative_to(data / "uploads").as_posix() for file in (data / "uploads").rglob("*") if file.is_file()
    )


def assert_nothing_kept(data: Path) -> None:
    """Assert that refused input left nothing: rooms made by `Visitor.room`, but no message and no image."""
    assert {title for (title,) in rows(data, "SELECT title FROM rooms")} <= {"방"}
    assert rows(data, "SELECT chat, gif FROM chats WHERE event IS NULL") == []
    assert rows(data, "SELECT name FROM images") == []
    assert uploads(data) == []


def assert_listens(process: subprocess.Popen[bytes], port: int) -> None:
    """Wait until `process` listens on `port`."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(_POLL_S)  # as above
    raise AssertionError(f"nothing listens on port {port}")
