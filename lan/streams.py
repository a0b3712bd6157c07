"""The standard streams of whoever started this: some may be closed, or take nothing, and that is no reason to stop."""

import io
import os
import sys
from typing import IO, TextIO, cast

NAMES = ("stdin", "stdout", "stderr")


def prepare() -> None:
    """Have all three streams, and none whose writing fails. To be called before anything opens a file to keep."""
    for number, name in enumerate(NAMES):
        if _is_closed(number):
            # It gets `number`, the lowest that is free. Else the next file or socket would: and be written to.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
        if getattr(sys, name) is None:
            stream = open(number, "r" if name == "stdin" else "w", encoding="utf-8", closefd=False)  # noqa: SIM115
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)  # or it would be closed when what is written through it replaces it
    sys.stdout, sys.stderr = _lasting(sys.stdout, "stdout"), _lasting(sys.stderr, "stderr")


def _is_closed(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return True
    return False


def _lasting(stream: TextIO, name: str) -> TextIO:
    """Return a stream that writes what `stream` would, and goes on when that fails."""
    binary = stream.buffer
    raw = _Lasting(cast("IO[bytes]", getattr(binary, "raw", binary)), name)
    # No letter that the terminal does not have is a reason to stop, either.
    return io.TextIOWrapper(io.BufferedWriter(raw), stream.encoding, "backslashreplace", line_buffering=True)


class _Lasting(io.RawIOBase):
    """Bytes to a descriptor. What a full disk does not take, or a reader that went, is lost; that is told once."""

    def __init__(self, raw: IO[bytes], name: str) -> None:
        self._raw = raw
        self._name = name
        self._told = False

    def write(self, data: object) -> int:
        content = bytes(cast(bytes, data))
        try:
            written = self._raw.write(content)
        except OSError as error:
            if self._name != "stderr" and not self._told:
                self._told = True
                print(f"gifchat: cannot write to {self._name}: {error.strerror}", file=sys.stderr)
            return len(content)
        return len(content) if written is None else written  # None: it would have to wait for a reader

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._raw.fileno()

    def isatty(self) -> bool:
        return self._raw.isatty()
