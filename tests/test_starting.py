"""Starting and stopping gifchat.py: addresses, files, refusals, signals."""

import contextlib
import errno
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import venv
from pathlib import Path

import pytest
from websockets.sync.client import connect

from handlers.listening import listen
from realtime.errors import StartError
from tests.conftest import ROOT
from tests.free_ports import free_port
from tests.server import (
    START_TIMEOUT_S,
    STOP_TIMEOUT_S,
    Server,
    assert_one_line,
    environment,
    gifchat,
    running,
    start,
)

# --- addresses


def test_start_up_prints_the_address(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        pass  # it may answer before it has printed the address
    assert f"http://127.0.0.1:{server.port}" in server.stdout


def test_start_up_on_all_addresses_prints_those_others_can_open(tmp_path: Path) -> None:
    with running(tmp_path / "data", "--host", "0.0.0.0") as server:
        deadline = time.monotonic() + START_TIMEOUT_S
        while not (printed := re.findall(r"http://([^\s:/]+):(\d+)\b.*\n", server.stdout)):
            assert time.monotonic() < deadline
            time.sleep(0.02)  # it answers before it prints, and there is no event for the printing
        assert {port for _, port in printed} == {str(server.port)}
        assert "0.0.0.0" not in {host for host, _ in printed}
        for host, _ in printed:
            with socket.create_connection((host, server.port), timeout=30):
                pass


# --- files


def test_the_data_folder_is_created_and_holds_everything(tmp_path: Path) -> None:
    data = tmp_path / "a" / "new folder"
    with running(data) as server:
        server.visitor().get("/")
    assert {"gifchat.db", "uploads", "secret.key", "desk.key"} <= {file.name for file in data.iterdir()}
    for name, length in (("secret.key", 32), ("desk.key", 20)):
        assert (data / name).stat().st_mode & 0o777 == 0o600
        assert len((data / name).read_bytes().strip()) >= length
    token = (data / "desk.key").read_text().strip()
    assert f"/desk?token={token}\n" in server.stdout
    assert token not in server.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_a_key_file_that_others_could_read_is_restricted(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("very secret")
    (tmp_path / "secret.key").chmod(0o644)
    with running(tmp_path):
        assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600


def test_a_visitor_is_the_same_after_a_restart(tmp_path: Path) -> None:
    with running(tmp_path / "data") as first:
        cookie = first.visitor().identity()
    secret = (tmp_path / "data" / "secret.key").read_bytes()
    with running(tmp_path / "data") as second:
        visitor = second.visitor()
        visitor.get("/", headers={"Cookie": cookie})
        assert not visitor.cookies
    assert (tmp_path / "data" / "secret.key").read_bytes() == secret


def test_two_servers_on_one_host_do_not_share_cookies(tmp_path: Path) -> None:
    """Cookies do not depend on the port, so the names must differ."""
    with running(tmp_path / "one") as one, running(tmp_path / "other") as other:
        visitor = one.visitor()
        room = visitor.room()
        visitor.url = other.url
        other_room = visitor.room()
        assert len(visitor.cookies) == 2
        assert visitor.request("DELETE", f"/room/{other_room}").status_code == 200
        visitor.url = one.url
        assert visitor.request("DELETE", f"/room/{room}").status_code == 200


def test_with_a_cookie_secret_no_key_file_is_created(tmp_path: Path) -> None:
    with running(tmp_path / "data", env={"COOKIE_SECRET": "course"}) as server:
        server.visitor().identity()
    assert not (tmp_path / "data" / "secret.key").exists()


def test_a_cookie_secret_may_be_any_bytes(tmp_path: Path) -> None:
    with running(tmp_path / "data", env={"COOKIE_SECRET": os.fsdecode(b"\xff\xfe")}) as server:
        visitor = server.visitor()
        visitor.identity()
        assert "Set-Cookie" not in visitor.get("/").headers


# --- refusals


def test_a_port_in_use_prints_one_line_and_the_first_server_keeps_running(tmp_path: Path) -> None:
    with running(tmp_path / "first") as first:
        options = ["--host", "127.0.0.1", "--port", str(first.port), "--data", str(tmp_path / "second")]
        assert str(first.port) in assert_one_line(gifchat(*options), 1)
        assert first.visitor().get("/").status_code == 200


def test_a_port_in_use_is_refused_when_listening_on_all_addresses(tmp_path: Path) -> None:
    with running(tmp_path / "first", "--host", "0.0.0.0") as first:
        options = ["--host", "0.0.0.0", "--port", str(first.port), "--data", str(tmp_path / "second")]
        assert_one_line(gifchat(*options), 1)


def test_a_data_folder_in_use_prints_one_line_and_the_first_server_keeps_running(tmp_path: Path) -> None:
    with running(tmp_path / "data") as first:
        ended = gifchat("--host", "127.0.0.1", "--port", free_port(), "--data", tmp_path / "data")
        assert str(tmp_path / "data") in assert_one_line(ended, 1)
        assert first.visitor().get("/").status_code == 200


def test_a_killed_server_leaves_its_data_folder_unlocked(tmp_path: Path) -> None:
    server = start(tmp_path / "data")
    room = server.visitor().room()
    server.process.kill()
    server.process.wait(STOP_TIMEOUT_S)
    with running(tmp_path / "data") as second:
        _, lobby = second.visitor().json("GET", "/")
        assert room in str(lobby)


def test_a_missing_word_list_prints_one_line(tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    assert str(words) in assert_one_line(gifchat("--port", "0", "--data", tmp_path, "--word-list", words), 1)


def test_an_address_of_another_machine_prints_one_line(tmp_path: Path) -> None:
    # 192.0.2.0/24 is reserved for documentation: no machine has it.
    options = ["--host", "192.0.2.1", "--port", str(free_port()), "--data", str(tmp_path / "data")]
    assert_one_line(gifchat(*options), 1, 2)


def test_an_unsupported_address_family_prints_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(family: int, *_: object) -> socket.socket:
        raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")

    monkeypatch.setattr(socket, "socket", unknown)
    with pytest.raises(StartError, match="cannot listen on ::1 port 0"):
        listen("::1", 0)


def test_a_data_folder_below_a_file_prints_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    ended = gifchat("--port", free_port(), "--data", tmp_path / "file" / "data")
    assert str(tmp_path / "file") in assert_one_line(ended, 1, 2)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00k"])
def test_an_invalid_key_file_prints_one_line_and_is_left_alone(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_bytes(content)
    assert "secret.key" in assert_one_line(gifchat("--port", free_port(), "--data", tmp_path), 1)
    assert (tmp_path / "secret.key").read_bytes() == content


def test_a_data_folder_that_is_a_file_prints_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert_one_line(gifchat("--port", free_port(), "--data", tmp_path / "file"), 1, 2)
    assert (tmp_path / "file").read_text() == "not a folder"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a /proc, where nobody may write, root neither")
def test_an_unwritable_data_folder_prints_one_line() -> None:
    assert_one_line(gifchat("--port", free_port(), "--data", "/proc/gifchat"), 1, 2)
    assert_one_line(gifchat("--port", free_port(), "--data", "/proc"), 1, 2)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a /proc, where nobody may write, root neither")
def test_an_unwritable_image_folder_prints_one_line(tmp_path: Path) -> None:
    (tmp_path / "uploads").symlink_to("/proc/self")
    line = assert_one_line(gifchat("--port", free_port(), "--data", tmp_path), 1)
    assert f"cannot write to the folder {tmp_path / 'uploads'}" in line


def test_a_database_of_a_newer_gifchat_is_refused_and_left_alone(tmp_path: Path) -> None:
    with running(tmp_path / "data"):
        pass
    database = tmp_path / "data" / "gifchat.db"
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA user_version = 9999")
        connection.commit()
    before = database.read_bytes()
    line = assert_one_line(gifchat("--port", free_port(), "--data", tmp_path / "data"), 1, 2)
    assert "gifchat.db" in line
    assert database.read_bytes() == before


def test_a_database_without_a_version_prints_one_line(tmp_path: Path) -> None:
    with running(tmp_path / "data"):
        pass
    with contextlib.closing(sqlite3.connect(tmp_path / "data" / "gifchat.db")) as connection:
        connection.execute("PRAGMA user_version = 0")
        connection.commit()
    assert "gifchat.db" in assert_one_line(gifchat("--port", free_port(), "--data", tmp_path / "data"), 1)


def test_a_file_that_is_not_a_database_prints_one_line_and_is_left_alone(tmp_path: Path) -> None:
    database = tmp_path / "gifchat.db"
    database.write_text("not a database " * 1000)
    assert_one_line(gifchat("--port", free_port(), "--data", tmp_path), 1, 2)
    assert database.read_text() == "not a database " * 1000


def test_missing_dependencies_are_reported_with_how_to_install_them(tmp_path: Path) -> None:
    venv.create(tmp_path / "empty", with_pip=False)
    python = tmp_path / "empty" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    ended = subprocess.run(
        [python, ROOT / "gifchat.py"], capture_output=True, text=True, timeout=60, env=environment(), check=False
    )
    line = assert_one_line(ended, 1, 2)
    assert "make setup" in line or "requirements.txt" in line


# --- stopping


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=lambda how: how.name)
def test_a_signal_stops_the_server_with_status_0(how: signal.Signals, tmp_path: Path) -> None:
    start(tmp_path / "data").stop(how)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=lambda how: how.name)
def test_a_signal_stops_a_busy_server(how: signal.Signals, tmp_path: Path) -> None:
    server = start(tmp_path / "data")
    with (
        contextlib.closing(idle_connection(server)),
        contextlib.closing(half_a_request(server)),
        connect(f"ws://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket") as websocket,
    ):
        websocket.recv()
        websocket.send("40/chat,")
        assert str(websocket.recv()).startswith("40/chat,")
        server.stop(how)


def test_a_waiting_poll_is_answered_when_the_server_stops(tmp_path: Path) -> None:
    server = start(tmp_path / "data")
    visitor = server.visitor()
    polls = "/socket.io/?EIO=4&transport=polling"
    opening = json.loads(visitor.get(polls).text.removeprefix("0"))
    with contextlib.closing(idle_connection(server)) as sock:
        sock.sendall(f"GET {polls}&sid={opening['sid']} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
        visitor.get("/healthz")  # this takes longer than the poll takes to arrive
        server.stop()
        answer = sock.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"\r\n\r\n6")


def idle_connection(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=30)


def half_a_request(server: Server) -> socket.socket:
    sock = idle_connection(server)
    sock.sendall(b"POST /room HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\ntitle=")
    return sock
