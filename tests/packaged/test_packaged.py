import contextlib
import os
import re
import resource
import socket
import subprocess
import time
import zipfile
from pathlib import Path

import pytest

import options
from tests.conftest import ROOT
from tests.images import encoded
from tests.packaged.conftest import BINARY, ZIPAPP, Running, command, start
from tests.server import Server
from tools.package.zipapp import VERSIONS

MIB = 1024 * 1024
GIF = encoded("GIF", frames=2)


def ended(built: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the built program until it exits, with an empty environment."""
    return subprocess.run(
        [*command(built), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        cwd=folder,
        env={"SHIV_ROOT": str(folder.with_name("unpacked"))} if built == "zipapp" else {},
        check=False,
    )


def post_gif(server: Server, room: str) -> dict[str, object]:
    """Send a GIF as a member; return the record."""
    visitor = server.visitor()
    visitor.get(f"/room/{room}")
    status, record = visitor.json("POST", f"/room/{room}/gif", files={"gif": ("cat.gif", GIF, "image/gif")})
    assert status == 200, record
    return record


def test_version_shows_the_version_and_the_kind_of_build(built: str, empty: Path) -> None:
    result = ended(built, empty, "--version")
    assert (result.returncode, result.stderr) == (0, "")
    assert re.fullmatch(
        rf"gifchat {re.escape(options.VERSION)} \({built}, Python 3\.\d+\.\d+, \S+ \S+\)\n", result.stdout
    )


def test_help_lists_every_option_and_the_data_folder(built: str, empty: Path) -> None:
    result = ended(built, empty, "--help")
    assert (result.returncode, result.stderr) == (0, "")
    for option in options.OPTIONS:
        assert f"--{option.name}" in result.stdout
    assert "(default: gifchat-data)" in result.stdout
    assert list(empty.iterdir()) == []


def test_a_bad_option_prints_one_line(built: str, empty: Path) -> None:
    result = ended(built, empty, "--port", "eight")
    assert (result.returncode, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == 1


def test_every_page_and_static_file_is_served(running: Running) -> None:
    with running() as server:
        visitor = server.visitor()
        for path in ("/", "/room", "/join", "/lessons", "/healthz", "/metrics", "/favicon.ico"):
            assert visitor.get(path).status_code == 200, path
        for file in (ROOT / "static").rglob("*"):
            if file.is_file():
                assert visitor.get(f"/{file.relative_to(ROOT)}").content == file.read_bytes(), file
        client = ROOT / "node_modules" / "socket.io-client" / "dist" / "socket.io.js"
        assert visitor.get("/socket.io/socket.io.js").content == client.read_bytes()


def test_images_are_examined_and_data_survives_a_restart(running: Running, empty: Path) -> None:
    with running("--grace", "30") as server:
        owner = server.visitor()
        room = owner.room("시작")
        record = post_gif(server, room)
        assert str(record["poster"]).endswith(".poster.webp")  # made by its worker process
        assert server.visitor().get(f"/gif/{record['poster']}").status_code == 200
        bad = owner.json("POST", f"/room/{room}/gif", files={"gif": ("cat.gif", GIF[:100], "image/gif")})
        assert (bad[0], bad[1]["error"]) == (415, "not_a_gif")
    assert {path.name for path in empty.iterdir()} == {"gifchat-data"}
    with running("--grace", "30") as server:
        status, page = server.visitor().json("GET", f"/room/{room}")
        assert (status, page["room"]["title"]) == (200, "시작")  # type: ignore[index]  # JSON
        assert server.visitor().get(f"/gif/{record['gif']}").content == GIF


def test_the_licences_of_all_bundled_works_are_included(running: Running, built: str) -> None:
    with running() as server:
        answer = server.visitor().get("/static/THIRD-PARTY.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    works = {work.split()[0].lower() for work in re.findall(r"={100}\n(.+)\n={100}", answer.text)}
    packages = set(re.findall(r"^([\w-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    packages -= {"pycparser" if built == "binary" else "uvloop"}  # the one it does not contain
    needed = {*packages, "socket.io-client", "engine.io-client"} | (
        {"python", "pyinstaller"} if built == "binary" else {"shiv"}
    )
    assert needed <= {work.replace("_", "-") for work in works}


# --- the binary alone


def test_the_binary_is_small() -> None:
    command("binary")
    assert BINARY.stat().st_size < 60 * MIB


def test_the_binary_starts_quickly(empty: Path) -> None:
    server = start(empty, command("binary"))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        server.wait_until_up()
    finally:
        server.stop()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Processor time, since wall time depends on the machine's load. It includes stopping.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 3


def test_the_binary_leaves_nothing_behind(empty: Path, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    server = start(empty, command("binary"), env={"TMPDIR": str(temporary)})
    server.wait_until_up()
    assert any(temporary.iterdir())
    server.stop()
    assert list(temporary.iterdir()) == []


def test_a_killed_binary_releases_its_port_and_data_folder(empty: Path, tmp_path: Path) -> None:
    server = start(empty, command("binary"), env={"TMPDIR": str(tmp_path)})  # its unpacked files stay there
    server.wait_until_up()
    server.process.kill()  # the one of its two processes that is known
    server.process.wait()
    deadline = time.monotonic() + 60
    while listens(server.port):
        assert time.monotonic() < deadline, "the server is still running"
        time.sleep(0.05)  # the other process is not our child, so it cannot be waited for
    again = start(empty, command("binary"), port=server.port)
    again.wait_until_up()
    again.stop()


def listens(port: int) -> bool:
    with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), timeout=30):
        return True
    return False


@pytest.mark.skipif(os.name != "posix", reason="only on POSIX is the library path an environment variable")
def test_the_binary_does_not_pass_its_library_path_to_the_browser(empty: Path, tmp_path: Path) -> None:
    browser, seen = tmp_path / "browser", tmp_path / "seen"
    browser.write_text(f'#!/bin/sh\necho "path=$LD_LIBRARY_PATH" > {seen}.part; mv {seen}.part {seen}\n')
    browser.chmod(0o755)
    env = {"BROWSER": f"{browser} %s", "PATH": os.environ["PATH"], "LD_LIBRARY_PATH": "/usr/own"}
    server = start(empty, command("binary"), "--open", env=env)
    server.wait_until_up()
    deadline = time.monotonic() + 60
    while not seen.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    server.stop()
    assert seen.read_text() == "path=/usr/own\n"


# --- the zipapp alone


@pytest.mark.parametrize("version", VERSIONS)
def test_the_zipapp_supports_every_python_version(version: str) -> None:
    command("zipapp")
    names = zipfile.ZipFile(ZIPAPP).namelist()
    tag = f"cpython-{version.replace('.', '')}"
    for module in ("PIL/_imaging", "PIL/_webp", "msgspec/_core", "markupsafe/_speedups", "_cffi_backend"):
        assert any(name.startswith(f"site-packages/{module}.{tag}") for name in names), module
    assert not any(name.startswith("site-packages/uvloop") for name in names)  # it would be most of the file's size
