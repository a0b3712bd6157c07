"""The command line of gifchat.py: options, environment, `.env`, and which of them decides."""

import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from options import read_config
from tests.conftest import ROOT
from tests.free_ports import free_port
from tests.server import (
    STOP_TIMEOUT_S,
    assert_listens,
    assert_one_line,
    environment,
    gifchat,
    running,
)

OPTIONS = [
    "--host",
    "--port",
    "--data",
    "--lang",
    "--rate",
    "--per-address",
    "--grace",
    "--linger",
    "--max-occupancy",
    "--desk-token",
    "--name",
    "--max-rooms",
    "--max-lessons",
    "--max-connections",
    "--max-buffer",
    "--max-upload",
    "--quota",
    "--keep-days",
    "--word-list",
    "--rooms",
    "--trust-proxy",
    "--tls-cert",
    "--tls-key",
    "--open",
    "--metrics-open",
    "--log-format",
    "--debug",
]


# --- help and options


def test_help_lists_every_option_and_the_environment_variables() -> None:
    ended = gifchat("--help")
    assert ended.returncode == 0
    assert ended.stderr == ""
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", ended.stdout)) == {*OPTIONS, "--help", "--version"}
    for word in ("GIFCHAT_", "PORT", "COOKIE_SECRET", ".env", "8005"):
        assert word in ended.stdout, word


def test_version_prints_the_version() -> None:
    ended = gifchat("--version")
    assert ended.returncode == 0
    assert re.fullmatch(r"gifchat \d+\.\d+\.\d+\S*\n", ended.stdout)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--port", "eight"],
        ["--port", "-1"],
        ["--port", "65536"],
        ["--port"],
        ["--lang", "fr"],
        ["--log-format", "xml"],
        ["--rate", "-1"],
        ["--rate", "fast"],
        ["--rate", "nan"],
        ["--quota", "1e308"],
        ["--grace", "-1"],
        ["--grace", "inf"],
        ["--max-occupancy", "1"],
        ["--max-occupancy", "many"],
        ["--max-rooms", "0"],
        ["--max-upload", "-1"],
        ["--quota", "-5"],
        ["--keep-days", "-1"],
        ["--keep-days", "9" * 20],
        ["--tls-cert", "cert.pem"],
        ["--tls-key", "key.pem"],
        ["--no-such-option"],
        ["--no\nsuch option"],
        ["stray"],
    ],
    ids=lambda arguments: " ".join(arguments).replace("\n", "\\n"),
)
def test_a_bad_option_prints_one_line_and_exits_with_status_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:  # parsing alone; the next test runs the whole program
        read_config(arguments, {})
    assert isinstance(ended.value.code, int)
    assert_one_line(subprocess.CompletedProcess(arguments, ended.value.code, *capsys.readouterr()), 2)


def test_a_bad_option_stops_the_whole_program() -> None:
    assert_one_line(gifchat("--port", "eight"), 2)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("GIFCHAT_PORT", "eight"), ("PORT", "eight"), ("GIFCHAT_LANG", "fr"), ("GIFCHAT_DEBUG", "perhaps")],
)
def test_a_bad_environment_variable_is_named_in_one_line(variable: str, value: str, tmp_path: Path) -> None:
    ended = gifchat("--data", tmp_path / "data", cwd=tmp_path, **{variable: value})
    assert variable in assert_one_line(ended, 2)


def test_a_missing_certificate_prints_one_line_naming_both_files(tmp_path: Path) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    ended = gifchat("--data", tmp_path / "data", "--port", free_port(), "--tls-cert", certificate, "--tls-key", key)
    line = assert_one_line(ended, 1, 2)
    assert "cert.pem" in line
    assert "key.pem" in line


# --- precedence


@contextlib.contextmanager
def configured(tmp_path: Path, *arguments: str, dotenv: str = "", **env: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run gifchat.py in a folder with the given `.env` and no options but `arguments`."""
    (tmp_path / ".env").write_text(dotenv, encoding="utf-8")
    command = [sys.executable, str(ROOT / "gifchat.py"), "--data", str(tmp_path / "data"), *arguments]
    with (tmp_path / "output").open("wb") as output:
        process = subprocess.Popen(command, cwd=tmp_path, env=environment(**env), stdout=output, stderr=output)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(STOP_TIMEOUT_S)


@pytest.mark.parametrize("variable", ["PORT", "GIFCHAT_PORT"])
def test_the_port_is_read_from_dotenv(variable: str, tmp_path: Path) -> None:
    port = free_port()
    with configured(tmp_path, dotenv=f"{variable}={port}\n") as process:
        assert_listens(process, port)


def test_a_dotenv_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    port = free_port()
    with configured(tmp_path, dotenv=f"\ufeffPORT={port}\n") as process:
        assert_listens(process, port)


@pytest.mark.parametrize(
    ("dotenv", "line"),
    [
        ("PORT=0\nour very secret words\n", 2),
        ("\n# a comment\n\n\nCOOKIE_SECRET='very secret\nPORT=0\n", 5),
        ("\ufeffPORT=0\r\n=very secret", 2),
    ],
)
def test_an_invalid_line_in_dotenv_is_reported_by_its_number(dotenv: str, line: int, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(dotenv, encoding="utf-8", newline="")
    message = assert_one_line(gifchat("--data", tmp_path / "data", cwd=tmp_path), 2)
    assert f".env, line {line}:" in message
    assert "secret" not in message
    assert not (tmp_path / "data").exists()


def test_a_folder_named_dotenv_is_ignored(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    assert gifchat("--version", cwd=tmp_path).returncode == 0
    assert_one_line(gifchat("--port", "eight", cwd=tmp_path), 2)


@pytest.mark.parametrize("variable", ["PORT", "GIFCHAT_PORT"])
def test_the_environment_overrides_dotenv(variable: str, tmp_path: Path) -> None:
    port, other = free_port(), free_port()
    with configured(tmp_path, dotenv=f"{variable}={other}\n", **{variable: str(port)}) as process:
        assert_listens(process, port)


def test_the_command_line_overrides_the_environment(tmp_path: Path) -> None:
    port, other = free_port(), free_port()
    environment_ = {"PORT": str(other), "GIFCHAT_PORT": str(other)}
    with configured(tmp_path, "--port", str(port), dotenv=f"PORT={other}\n", **environment_) as process:
        assert_listens(process, port)


def test_the_environments_port_overrides_dotenvs_under_either_name(tmp_path: Path) -> None:
    port, other = free_port(), free_port()
    with configured(tmp_path, dotenv=f"GIFCHAT_PORT={other}\n", PORT=str(port)) as process:
        assert_listens(process, port)


def test_an_option_can_be_set_in_the_environment(tmp_path: Path) -> None:
    with running(tmp_path / "data", env={"GIFCHAT_MAX_OCCUPANCY": "3"}) as server:
        visitor = server.visitor()
        status, problem = visitor.json("POST", "/room", json={"title": "방", "max": 4})
        assert (status, problem["error"], problem["field"]) == (400, "invalid_room", "max")
        visitor.room(max=3)
