"""The process that looks at images: `python -m realtime.chat.images.worker`, one line of JSON in, one line out.

What comes in: first the ImageLimits; when the worker has answered Ready, the path of an image, as a JSON text, as often
as one likes. Each is answered by Examined, Refused or Failed. It decodes what strangers send, so it takes little: its
memory and its processor time end where the limits say (where the system can do that; Windows cannot). It ends when its
input does, which is when the server ends, by whatever means and whatever the worker is doing then.
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

from realtime.chat.images.model import POSTER_SUFFIX, Answer, Examined, Failed, ImageLimits, Ready, Refused
from realtime.errors import DomainError, GifTooLarge

try:
    from realtime.chat.images.picture import finish
    from realtime.chat.images.scan import scan
except ImportError as missing:  # of ours or another's: the server, which imports none of this, has started all the same
    sys.exit(f"gifchat: images cannot be looked at: {missing}")

if sys.platform != "win32":
    import resource

MIB = 1024 * 1024
NICENESS = 5  # the chat goes first
OUTPUT, LOG = 1, 2  # file descriptors


def examine(path: Path, limits: ImageLimits) -> Examined:
    """Make the file at `path` what is to be kept, write its poster beside it if it moves, and return what it is.

    Raises NotAGif, GifTooLarge and MemoryError, with the file as it was, and OSError.
    """
    data = path.read_bytes()
    found = scan(data, limits)
    finished = finish(found)
    if finished.data != data:
        # In place: it is a draft that nobody reads, the server has it open, and Windows lets no open file be replaced.
        with path.open("r+b") as file:
            file.write(finished.data)
            file.truncate()
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
    _take_little(limits)
    _say(answers, Ready())
    while True:
        path = Path(msgspec.json.decode(lines.get(), type=str))
        _limit_processor_time(limits)
        _say(answers, _answer(path, limits))


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
    """Return the standard output; what a library may print goes to the log instead."""
    answers = os.fdopen(os.dup(OUTPUT), "wb", buffering=0)
    os.dup2(LOG, OUTPUT)
    return answers


def _read(lines: "queue.SimpleQueue[bytes]") -> None:
    """Hand on what is asked. A thread of its own, to notice the server's end in the middle of an image."""
    for line in sys.stdin.buffer:
        lines.put(line)
    os._exit(0)


def _say(answers: IO[bytes], answer: Answer) -> None:
    try:
        answers.write(msgspec.json.encode(answer) + b"\n")
    except BrokenPipeError:
        os._exit(0)


def _take_little(limits: ImageLimits) -> None:
    """Bound this process where the system can; what it cannot, the server's patience does."""
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))


def _limit_processor_time(limits: ImageLimits) -> None:
    """Let the next image have so much, beside what all before it had."""
    if sys.platform == "win32":
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    with contextlib.suppress(OSError, ValueError):
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + limits.decode_s, hard))


if __name__ == "__main__":
    main()
