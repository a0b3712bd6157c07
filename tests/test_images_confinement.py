"""What code that has taken over the image worker cannot do. Each attempt succeeds in a worker that is not confined."""

import json
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from realtime.chat.images.examiner import Examiner
from realtime.chat.images.model import Answer, Failed, Refused
from realtime.chat.images.worker import examine
from realtime.errors import DomainError, Storage
from tests.conftest import ExpectLog
from tests.odd_images import ALL
from tests.test_images_worker import LIMITS, Worker, worker

__all__ = ["worker"]

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems only have resource limits")

# A worker that makes an attempt instead of examining an image, and answers with the error, or with "done".
SCRIPT = """
import json, os, socket, subprocess, sys, threading
from pathlib import Path
from realtime.chat.images import worker

real = worker.examine
attempts = {attempts}

def examine(image, limits):
    try:
        exec(attempts[image.name])
    except RuntimeError as error:  # of a thread that cannot start
        raise OSError(str(error)) from error
    raise OSError("done")

worker.examine = examine
{before}
worker.main()
"""
FREE = "worker.confine, worker.forbid_processes = lambda folder, _: os.chdir(folder) or [], lambda: None"
NOBODY = "os.getuid() or os.setgroups([]) or os.setresgid(*3 * [65534]) or os.setresuid(*3 * [65534])"

ABSENT, DENIED = "No such file", "Permission denied"
PATH = {"no other folder": ABSENT, "landlock": DENIED}  # whichever the system has

# What, in words: the code, and the error by which each of these prevents it.
ATTEMPTS: dict[str, tuple[str, dict[str, str]]] = {
    "connect with TCP": (
        "socket.socket().connect(('127.0.0.1', {port}))",
        {"no network": "unreachable", "landlock": DENIED},
    ),
    "send with UDP": (
        "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', {port}))",
        {"no network": "unreachable"},
    ),
    "connect to a Unix socket": (
        "socket.socket(socket.AF_UNIX).connect('{outside}/socket')",
        {"no other folder": ABSENT},
    ),
    "read a file elsewhere": ("Path('{outside}/secret.key').read_bytes()", PATH),
    "read a file above": ("Path('../{outside.name}/secret.key').read_bytes()", PATH),
    "read the code": ("Path(worker.__file__).read_bytes()", PATH),
    "read the server's environment": ("Path(f'/proc/{{os.getppid()}}/environ').read_bytes()", PATH),
    "write a file elsewhere": ("Path('{outside}/new').write_bytes(b'x')", PATH),
    "list the drafts": ("os.listdir('.')", {"landlock": DENIED}),
    "make a link": ("os.symlink('/', str(os.getpid()))", {"landlock": DENIED}),
    "run a program of the drafts": ("os.posix_spawn('program', ['program'], {{}})", {"landlock": DENIED}),
    "signal the server": ("os.kill(os.getppid(), 0)", {"landlock": "not permitted"}),
    "open many files": ("[os.fdopen(os.dup(0)) for _ in range(20)]", {"RLIMIT_NOFILE": "Too many open files"}),
    "write a huge file": (
        "os.truncate(os.open(f'{{os.getpid()}}.huge', os.O_CREAT | os.O_RDWR), limits.memory_bytes + 1)",
        {"RLIMIT_FSIZE": "File too large"},
    ),
}


class Workers(NamedTuple):
    """A confined worker, and one that is not."""

    confined: Worker
    free: Worker


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    """Make two workers for all attempts, in a folder with a program, beside one with a secret and a Unix socket."""
    drafts, outside = tmp_path_factory.mktemp("drafts"), tmp_path_factory.mktemp("outside")
    shutil.copy("/bin/true", drafts / "program")
    (outside / "secret.key").write_text("secret")
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as local:
        local.bind(str(outside / "socket"))
        local.listen()
        port = server.getsockname()[1]
        attempts = {what: code.format(outside=outside, port=port) for what, (code, _) in ATTEMPTS.items()}
        made = Workers(*(Worker(drafts, script=script(attempts, before)) for before in ("", FREE)))
        yield made
        for worker in made:
            worker.process.kill()
            worker.process.communicate()


@pytest.fixture
def everyones() -> Iterator[Path]:
    """Return a folder that every user may use, for NOBODY; pytest's folders are only its user's."""
    changed = subprocess.run(
        [sys.executable, "-c", f"import os; {NOBODY}"], capture_output=True, text=True, check=False
    )
    if changed.returncode:
        pytest.skip(f"root cannot change to another user here: {changed.stderr.splitlines()[-1]}")
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        yield Path(name)


def script(attempts: dict[str, str], before: str = "") -> str:
    return SCRIPT.format(attempts=attempts, before=before)


def outcome(worker: Worker, what: str) -> str:
    """Return the error of an attempt, or "done"."""
    answer = worker.ask(what)
    assert isinstance(answer, Failed)
    return answer.reason


@on_linux
@pytest.mark.parametrize("what", ATTEMPTS)
def test_a_confined_worker_cannot(what: str, workers: Workers) -> None:
    assert outcome(workers.free, what) == "done"
    refused = workers.confined.refused
    held = [error for means, error in ATTEMPTS[what][1].items() if not any(one.startswith(means) for one in refused)]
    if not held:
        pytest.skip(f"this system refuses the worker: {', '.join(refused)}")
    reason = outcome(workers.confined, what)
    assert any(error in reason for error in held), reason


@on_linux
@pytest.mark.parametrize("attempt", ["os.fork() or os._exit(0)", "threading.Thread(target=print).start()"])
def test_a_confined_worker_cannot_start_a_process_or_thread(attempt: str, everyones: Path) -> None:
    """Linux does not count root's processes, so as root the worker changes to another user first."""
    outcomes = []
    for before in (f"{NOBODY}; {FREE}", NOBODY):
        worker = Worker(everyones, script=script({"attempt": attempt}, before))
        outcomes.append(outcome(worker, "attempt"))
        worker.close()
    assert outcomes[0] == "done"
    assert "temporarily unavailable" in outcomes[1] or "can't start new thread" in outcomes[1]


@on_linux
def test_a_confined_worker_of_an_ordinary_user_rewrites_a_draft(everyones: Path) -> None:
    """Tests are often run by root, which confines itself in another way."""
    draft = everyones / "image.part"
    draft.write_bytes(ALL["GIF: GIF"].data + b"appended")
    draft.chmod(0o666)
    worker = Worker(everyones, script=script({draft.name: "real(image, limits)"}, NOBODY))
    assert outcome(worker, draft.name) == "done"
    assert worker.close() == (0, b"")
    assert draft.read_bytes() == ALL["GIF: GIF"].data
    assert draft.with_suffix(".poster.part").is_file()


def test_a_confined_worker_gives_the_same_answer_for_every_image(worker: Worker, tmp_path: Path) -> None:
    """Whatever Pillow imports or opens, it has done so before."""
    draft, alike = tmp_path / "image.part", tmp_path / "alike.part"
    for name, odd in ALL.items():
        draft.write_bytes(odd.data)
        alike.write_bytes(odd.data)
        assert worker.ask(draft.name) == answer(alike), name
        assert draft.read_bytes() == alike.read_bytes(), name
    assert worker.close() == (0, b"")


def answer(path: Path) -> Answer:
    """Return what a worker answers, computed in this process."""
    try:
        return examine(path, LIMITS)
    except DomainError as error:
        return Refused(error.code, error.detail)


async def test_the_worker_sees_no_secret_in_its_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expect_log: ExpectLog
) -> None:
    for name in ("COOKIE_SECRET", "GIFCHAT_DESK_TOKEN", "PGPASSWORD", "SHIV_ROOT"):
        monkeypatch.setenv(name, "secret")
    expect_log("gifchat.images", "storage: ")
    attempts = {"image.part": "raise OSError(json.dumps(dict(os.environ)))"}
    examiner = Examiner(tmp_path, command=(sys.executable, "-c", script(attempts)))
    try:
        with pytest.raises(Storage) as raised:
            await examiner.examine(tmp_path / "image.part")
    finally:
        await examiner.close()
    environment: dict[str, str] = json.loads(str(raised.value.__cause__))
    assert "secret" not in environment.values()
    needed = {"PYTHONPATH", "LC_CTYPE", "LANG", "LC_ALL", "PYTHONHOME", "PYTHONUTF8", "PYTHONDONTWRITEBYTECODE"}
    assert set(environment) <= needed | {"LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP"}


async def test_what_the_system_refuses_the_worker_is_one_debug_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = "worker.confine = lambda *_: ['no network (EPERM)', 'landlock (ENOSYS)']"
    examiner = Examiner(tmp_path, command=(sys.executable, "-c", script({}, before)))
    with caplog.at_level("DEBUG", "gifchat.images"):
        await examiner._begin()
        await examiner.close()
    assert caplog.messages == ["the image worker runs without: no network (EPERM), landlock (ENOSYS)"]
