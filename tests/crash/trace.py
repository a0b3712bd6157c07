"""The system calls of a server in order, parsed from strace's output."""

import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

STRACE = ("-D", "-f", "-y", "-q", "-s", "8192")  # -D: the server stays our own child, with strace as an observer
WRITTEN_WITHIN_S = 60.0

_LINE = re.compile(r"(\d+) +(.*)")
_BEGUN = re.compile(r"(\w+)\((.*) <unfinished \.\.\.>")
_RESUMED = re.compile(r"<\.\.\. (\w+) resumed>(.*)")
_WHOLE = re.compile(r"(\w+)\((.*)")


@dataclass(frozen=True)
class Call:
    """One call: its name, its arguments and result as strace writes them, and the lines where it begins and ends."""

    name: str
    text: str
    begun: int
    ended: int

    @property
    def succeeded(self) -> bool:
        return not re.search(r"\) += -1 ", self.text)


def strace(output: Path, *options: str) -> list[str]:
    """Return a command prefix that runs a program under strace. Fails the test without strace."""
    found = shutil.which("strace")
    if found is None:
        pytest.fail("this test needs strace, and there is none: apt-get install strace")
    return [found, *STRACE, "-o", str(output), *options]


def calls(output: Path, pid: int) -> list[Call]:
    """Return the calls of an ended traced process, once strace has written the last of them."""
    deadline = time.monotonic() + WRITTEN_WITHIN_S
    while not re.search(rf"^{pid} +\+\+\+ ", output.read_text("utf-8"), re.M):
        assert time.monotonic() < deadline, "strace did not end"
        time.sleep(0.02)
    return list(parse(output.read_text("utf-8")))


def parse(text: str) -> Iterator[Call]:
    """Parse lines such as `12 fsync(3</x>) = 0`, and those that strace split because threads interleaved."""
    begun: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(text.splitlines()):
        found = _LINE.fullmatch(line)
        if found is None:
            continue
        thread, rest = found.groups()
        if start := _BEGUN.fullmatch(rest):
            begun[thread] = number, start[2]
        elif (end := _RESUMED.fullmatch(rest)) and thread in begun:
            first, arguments = begun.pop(thread)
            yield Call(end[1], arguments + end[2], first, number)
        elif whole := _WHOLE.fullmatch(rest):
            yield Call(whole[1], whole[2], number, number)
