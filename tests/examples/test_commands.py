"""The commands in the documents: each line of a shell block is one.

A command that no test knows how to run fails. Where a command is run differently than a reader would run it, the
replacement says why that is equivalent.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.examples.blocks import SCRIPT, blocks
from tests.examples.terminal import WAIT_S, Running
from tests.free_ports import free_port
from tests.server import Visitor, environment


class Reader:
    """A reader who follows a document: their current folder and what they have cloned."""

    def __init__(self, home: Path) -> None:
        self.cwd = home

    def run(self, command: str, *arguments: str) -> None:
        """Run a command until it exits."""
        ended = subprocess.run(
            [command, *arguments],
            cwd=self.cwd,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=WAIT_S,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout


def clone(reader: Reader, folder: str) -> None:
    """Clone this repository from the disk, including uncommitted files, which a clone has once they are committed.

    It uses the packages installed here: `make test`, which runs this, has just installed them by the same rules of the
    Makefile. The test makes sure that these rules have nothing left to do, since they would install into our own.
    """
    made = reader.cwd / folder
    reader.run("git", "clone", "--quiet", "--no-checkout", str(ROOT), folder)
    files = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for file in filter(None, files.stdout.split("\0")):
        if (ROOT / file).is_file():
            (made / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, made / file)
    shutil.copytree((ROOT / "node_modules").resolve(), made / "node_modules")
    for generated in ("bundle", "emoji"):
        shutil.copytree(ROOT / "static" / generated, made / "static" / generated)
    (made / ".venv").mkdir()
    for entry in Path(sys.prefix).iterdir():
        if not entry.name.startswith("."):
            (made / ".venv" / entry.name).symlink_to(entry)
    for stamp in (".venv/.made", ".venv/.run", ".venv/.dev", "node_modules/.done"):
        (made / stamp).touch()
    for stamp in ("static/bundle/manifest.json", "static/emoji/ko.json"):
        (made / stamp).touch()
    reader.run("make", "--question", "-C", folder, "setup-dev")


def enter(reader: Reader, folder: str) -> None:
    reader.cwd /= folder
    assert reader.cwd.is_dir()


def serve(reader: Reader, command: str) -> None:
    """Start the server as in a terminal, let two visitors open it, and press Ctrl+C.

    It uses a free port: whether another program here uses the documented port says nothing about the document.
    """
    port = free_port()
    command = re.sub(r"--port \d+", f"--port {port}", command)
    with Running(["sh", "-c", f"exec {command}"], reader.cwd, GIFCHAT_PORT=str(port)) as server:
        server.until(r"^gifchat \d")
        url = server.until(rf"http://127\.0\.0\.1:{port}\b")[0]
        host, guest = Visitor(url), Visitor(url)
        room = host.room("수업")
        assert f'lang="{"en" if "--lang en" in command else "ko"}"' in guest.get("/").text
        assert guest.get(f"/room/{room}").status_code == 200
        host.close()
        guest.close()
        assert not [line for line in server.interrupt() if "Traceback" in line or "rror" in line]


def ask_make(reader: Reader, target: str, tests: str | None) -> None:
    """Only ask make what it would do: these take minutes, and .ci/run, which runs this test, also runs them."""
    assert tests is None or (ROOT / tests).is_file()
    assert target in re.findall(r"^make (.+)$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)[0].split()
    reader.run("make", "--dry-run", target)


def ask_make_to_build(reader: Reader, folder: str, target: str) -> None:
    """Only ask make what it would do: it takes a minute, and `make test-built` does it and tests the result."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert target in re.findall(r"^test-built: (.+)$", makefile, re.MULTILINE)[0].split()
    reader.run("make", "--dry-run", "-C", folder, target)


def install_python(reader: Reader, packages: str) -> None:
    """Let pip find the packages installed: the tests need them anyway, and nothing is downloaded here."""
    reader.run("sh", "-c", f"{sys.executable} -m pip install --no-index --dry-run --quiet {packages}")


def install_node(reader: Reader, package: str) -> None:
    """Provide the package as npm would: the server's own pages need it."""
    assert (ROOT / "node_modules" / package / "package.json").is_file()


COMMANDS: list[tuple[str, Callable[..., None]]] = [
    (r"git clone ADDRESS_OF_THIS_REPOSITORY (\w+)", clone),
    (r"cd (\w+)", enter),
    (r"((?:make(?: -C \w+)? (?:run|dev)|\.venv/bin/python gifchat\.py)\b.*)", serve),
    (r"make (check|test)(?: TESTS=(\S+))?", ask_make),
    (r"make -C (\w+) (binary|zipapp)", ask_make_to_build),
    (r"python3 -m pip install (.+)", install_python),
    (r"npm install ([\w.-]+)", install_node),
]


def perform(reader: Reader, command: str) -> None:
    """Run a line of a shell block."""
    known = [(run, found) for shape, run in COMMANDS if (found := re.fullmatch(shape, command))]
    assert len(known) == 1, "no test knows how to run it"
    run, found = known[0]
    run(reader, *found.groups())


def commands_of(document: str) -> list[str]:
    return [
        command
        for block in blocks("sh")
        if block.document == document and not SCRIPT.match(block.code)
        for command in block.commands
    ]


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_both_languages_show_the_same_commands(document: str) -> None:
    # So only one of them needs to be run.
    assert commands_of(document.replace(".md", ".ko.md")) == commands_of(document)


@pytest.mark.parametrize(
    "document", sorted({block.document for block in blocks("sh") if not block.document.endswith(".ko.md")})
)
def test_the_commands_in_a_document_run(document: str, tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    if document == "CONTRIBUTING.md":  # its reader has a clone
        clone(reader, "gifchat")
        enter(reader, "gifchat")
    for command in commands_of(document):
        print("$", command)
        perform(reader, command)
