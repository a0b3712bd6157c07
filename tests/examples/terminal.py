"""A program as run in a terminal."""

import os
import re
import signal
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from queue import Queue

from tests.server import environment

WAIT_S = 60.0


class Running:
    """A running program from a document, read line by line."""

    def __init__(self, command: Sequence[str | Path], cwd: Path, **env: str) -> None:
        self.process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment(**env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            start_new_session=True,  # its own process group, as in a terminal, so that Ctrl+C reaches all of it
        )
        self._lines: Queue[str | None] = Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def line(self) -> str:
        """Return the next line of output; fail if it exits instead."""
        line = self._lines.get(timeout=WAIT_S)
        assert line is not None, f"it ended with status {self.process.wait(WAIT_S)}"
        return line

    def until(self, pattern: str) -> re.Match[str]:
        """Return the match in the first line that contains the pattern."""
        while not (found := re.search(pattern, self.line())):
            pass
        return found

    def type(self, text: str) -> None:
        """Type a line into it."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{text}\n")
        self.process.stdin.flush()

    def end(self) -> list[str]:
        """Close its input; return its remaining output; it must exit with 0."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(WAIT_S) == 0
        return self._rest()

    def interrupt(self) -> list[str]:
        """Press Ctrl+C; return its remaining output; it must exit with 0, or as make does after that."""
        os.killpg(self.process.pid, signal.SIGINT)
        assert self.process.wait(WAIT_S) in (0, -signal.SIGINT)
        return self._rest()

    def _rest(self) -> list[str]:
        self._reader.join(WAIT_S)
        rest = list(self._lines.queue)
        return [line for line in rest if line is not None]

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()
