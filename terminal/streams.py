"""Standard streams that never stop the server: inherited ones may be closed, or fail to write."""

import io
import os
import sys
from typing import IO, TextIO, cast

NAMES = ("stdin", "stdout", "stderr")


def prepare() -> None:
    """Ensure that all three streams exist and that writing never fails. Call it before opening any other file."""
    for number, name in enumerate(NAMES):
        if _is_closed(number):
            # This takes `number`, the lowest free one. Otherwise the next file or socket would, and be written to.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
        if getattr(sys, name) is None:
            stream = open(number, "r" if name == "stdin" else "w", encoding="utf-8", closefd=False)  # noqa: SIM115  it stays open
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)  # keeps it from being closed when the wrapper replaces it
    sys.stdout, sys.stderr = _lasting(sys.stdout, "stdout"), _lasting(sys.stderr, "stderr")


def _is_closed(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return True
    return False


def _lasting(stream: TextIO, name: str) -> TextIO:
    """Return a stream that writes to `stream` and ignores failures."""
    binary = stream.buffer
    raw = _Lasting(cast("IO[bytes]", getattr(binary, "raw", binary)), name)
    # Nor may a character that the terminal cannot encode raise an error.
    return io.TextIOWrapper(io.BufferedWriter(raw), stream.encoding, "backslashreplace", line_buffering=True)


class _Lasting(io.RawIOBase):
    """A raw stream that drops what cannot be written (a full disk, a reader that is gone), and reports it once."""

    def __init__(self, raw: IO[bytes], name: str) -> None:
        self._raw = raw
        self._name = name
        self._reported = False

    def write(self, data: object) -> int:
        content = bytes(cast(bytes, data))
        try:
            written = self._raw.write(content)
        except OSError as error:
            if self._name != "stderr" and not self._reported:
                self._reported = True
                print(f"gifchat: cannot write to {self._name}: {error.strerror}", file=sys.stderr)
            return len(content)
        return len(content) if written is None else written  # None: the write would block

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._raw.fileno()

    def isatty(self) -> bool:
        return self._raw.isatty()
