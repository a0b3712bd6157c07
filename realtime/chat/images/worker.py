"""The process that examines images: `python -m realtime.chat.images.worker`, one line of JSON in, one line out.

The input is first the Setup, answered by Ready, and then names of images in its folder as JSON strings, each answered
by Examined, Refused or Failed; a Shrink is answered by Shrunk instead. The files are untrusted, so the worker confines
itself before the first one. It exits as soon as its input ends, even in the middle of an image; the input ends with the
server, however that stops.
"""

import copy  # noqa: F401  Pillow imports it when it needs it, and a confined process can import nothing
import hashlib
import os
import queue
import sys
import threading
from pathlib import Path
from typing import IO, NoReturn

import msgspec

from realtime.chat.images.confinement import confine, forbid_processes, limit_processor_time
from realtime.chat.images.model import (
    CLEAN_SUFFIX,
    POSTER_SUFFIX,
    Answer,
    Examined,
    Failed,
    ImageLimits,
    Ready,
    Refused,
    Setup,
    Shrink,
    Shrunk,
)
from realtime.errors import DomainError, GifTooLarge

try:
    from PIL import Image

    from realtime.chat.images.picture import finish, shrunk
    from realtime.chat.images.scan import scan
except ImportError as missing:  # the server imports none of this and so has started
    sys.exit(f"gifchat: images cannot be examined: {missing}")

MIB = 1024 * 1024
OUTPUT, LOG = 1, 2  # file descriptors


def examine(path: Path, limits: ImageLimits) -> Examined:
    """Rewrite the file at `path` as it is to be stored, write a poster beside it if it is animated, and describe it.

    Raises NotAGif, GifTooLarge and MemoryError, which leave the file unchanged, and OSError.
    """
    data = path.read_bytes()
    found = scan(data, limits)
    finished = finish(found)
    if finished.data != data:
        # At once: if this process is killed, another can still examine the draft.
        path.with_suffix(CLEAN_SUFFIX).write_bytes(finished.data)
        path.with_suffix(CLEAN_SUFFIX).replace(path)
    if finished.poster is not None:
        path.with_suffix(POSTER_SUFFIX).write_bytes(finished.poster)
    return Examined(
        extension=found.extension,
        width=finished.width,
        height=finished.height,
        size_bytes=len(finished.data),
        sha256=hashlib.sha256(finished.data).digest(),
        poster_bytes=None if finished.poster is None else len(finished.poster),
        flashes=finished.flashes,
    )


def main() -> NoReturn:
    """Answer until the input ends."""
    answers = _own_output()
    Image.preinit()  # imports what Pillow would import when it needs it
    setup = msgspec.json.decode(sys.stdin.buffer.readline() or b"null", type=Setup | None)
    if setup is None:
        sys.exit()
    refused = confine(Path(setup.folder), setup.limits)
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(lines,), daemon=True).start()
    forbid_processes()
    _write(answers, Ready(refused))
    while True:
        question = msgspec.json.decode(lines.get(), type=str | Shrink)
        limit_processor_time(setup.limits)
        _write(answers, _answer(question, setup.limits))


def _answer(question: str | Shrink, limits: ImageLimits) -> Answer:
    try:
        if isinstance(question, Shrink):
            return Shrunk(shrunk(Path(question.name), question.side))
        return examine(Path(question), limits)
    except DomainError as error:
        return Refused(error.code, error.detail)
    except MemoryError:
        return Refused(GifTooLarge.code, {"reason": "memory", "limit": limits.memory_bytes // MIB})
    except OSError as error:
        return Failed(str(error))


def _own_output() -> IO[bytes]:
    """Return the standard output, and redirect what libraries print to stderr."""
    answers = os.fdopen(os.dup(OUTPUT), "wb", buffering=0)
    os.dup2(LOG, OUTPUT)
    return answers


def _read(lines: "queue.SimpleQueue[bytes]") -> None:
    """Queue the input. Runs in a thread, to notice the server's end in the middle of an image."""
    for line in sys.stdin.buffer:
        lines.put(line)
    os._exit(0)


def _write(answers: IO[bytes], answer: Answer) -> None:
    try:
        answers.write(msgspec.json.encode(answer) + b"\n")
    except BrokenPipeError:
        os._exit(0)


if __name__ == "__main__":
    main()
