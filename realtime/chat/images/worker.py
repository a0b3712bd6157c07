"""The process that examines images: `python -m realtime.chat.images.worker`, one line of JSON in, one line out.

The input is first the ImageLimits, answered by Ready, and then paths of images as JSON strings, each answered by
Examined, Refused or Failed. The files are untrusted, so the limits apply to the worker's memory and CPU time, where the
system supports it (Windows does not). The worker exits as soon as its input ends, even in the middle of an image; the
input ends with the server, however that stops.
"""

import contextlib
import hashlib
import os
import queue
import sys
import threading
from pathlib import Path
from typing import IO, NoReturn

import msgspec

from realtime.chat.images.model import (
    CLEAN_SUFFIX,
    POSTER_SUFFIX,
    Answer,
    Examined,
    Failed,
    ImageLimits,
    Ready,
    Refused,
)
from realtime.errors import DomainError, GifTooLarge

try:
    from realtime.chat.images.picture import finish
    from realtime.chat.images.scan import scan
except ImportError as missing:  # the server imports none of this and so has started
    sys.exit(f"gifchat: images cannot be examined: {missing}")

if sys.platform != "win32":
    import resource

MIB = 1024 * 1024
NICENESS = 5  # the chat has priority
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
    )


def main() -> NoReturn:
    """Answer until the input ends."""
    answers = _own_output()
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(lines,), daemon=True).start()
    limits = msgspec.json.decode(lines.get(), type=ImageLimits)
    _limit_resources(limits)
    _write(answers, Ready())
    while True:
        path = Path(msgspec.json.decode(lines.get(), type=str))
        _limit_processor_time(limits)
        _write(answers, _answer(path, limits))


def _answer(path: Path, limits: ImageLimits) -> Answer:
    try:
        return examine(path, limits)
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


def _limit_resources(limits: ImageLimits) -> None:
    """Limit this process where the system supports it; elsewhere only the server's timeout does."""
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))


def _limit_processor_time(limits: ImageLimits) -> None:
    """Allow the next image `decode_s` on top of the CPU time used so far."""
    if sys.platform == "win32":
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    with contextlib.suppress(OSError, ValueError):
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + limits.decode_s, hard))


if __name__ == "__main__":
    main()
