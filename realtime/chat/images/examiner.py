"""The server's side of the image worker: one process, one image at a time, in the order in which they came.

A file that ends the worker, or outlasts its time, is refused; the next one finds a new worker.
"""

import asyncio
import contextlib
import logging
import os
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from realtime.chat.images.model import POSTER_SUFFIX, Answer, Examined, Failed, ImageLimits, Ready, Refused
from realtime.errors import DomainError, GifTooLarge, Internal, NotAGif, Storage

log = logging.getLogger("gifchat.images")

# -P: the folder the server is started in, its data's perhaps, holds no code of ours.
COMMAND = (sys.executable, "-P", "-m", "realtime.chat.images.worker")

_answers: msgspec.json.Decoder[Answer] = msgspec.json.Decoder(Answer)

START_S = 30.0
OUT_OF_TIME = (-24,)  # ended by SIGXCPU
ERRORS: dict[str, type[DomainError]] = {error.code: error for error in (NotAGif, GifTooLarge)}


class Examiner:
    """Looks at images, out of the loop's way."""

    def __init__(self, limits: ImageLimits | None = None, command: Sequence[str] = COMMAND) -> None:
        """Use workers that `command` starts."""
        self._limits = limits or ImageLimits()
        self._command = command
        self._turn = asyncio.Lock()  # fair: who waits longest is next
        self._worker: Process | None = None
        self._starting: asyncio.Task[Process] | None = None
        self._closed = False

    def start(self) -> None:
        """Begin to start the worker, so that the first image need not wait for it."""
        if not self._closed and self._starting is None:
            self._starting = asyncio.create_task(self._start())
            self._starting.add_done_callback(_retrieved)

    async def examine(self, path: Path) -> Examined:
        """Make the draft at `path` the file that is to be kept, and return what it is.

        An image that moves has its poster beside it then, under POSTER_SUFFIX. Raises NotAGif, GifTooLarge, Storage,
        and Internal when there is no worker to be had; then there is no poster.
        """
        await self._turn.acquire()
        # It goes on when its caller is cancelled: the worker's answer must not be taken for that to the next question.
        asking = asyncio.create_task(self._ask(path))
        asking.add_done_callback(lambda _: self._turn.release())
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            asking.add_done_callback(_forget(path))
            raise
        except DomainError:
            _remove_poster(path)
            raise

    async def close(self) -> None:
        """End the worker, also in the middle of an image."""
        self._closed = True
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
        if self._worker is not None:
            await _end(self._worker)

    async def _ask(self, path: Path) -> Examined:
        worker = await self._running()
        try:
            async with asyncio.timeout(self._limits.decode_s):
                answer = await _exchange(worker, msgspec.json.encode(str(path)))
        except TimeoutError:
            log.warning("an image took the worker longer than %d s", self._limits.decode_s)
            await self._replace(worker)
            raise self._too_long() from None
        if isinstance(answer, Examined):
            return answer
        if isinstance(answer, Refused):
            raise ERRORS[answer.code](**answer.detail)
        if isinstance(answer, Failed):
            log.error("storage: %s", answer.reason)
            raise Storage
        await self._replace(worker)
        if self._closed:
            raise Internal
        log.warning("an image ended the worker with status %s", worker.returncode)
        raise self._too_long() if worker.returncode in OUT_OF_TIME else NotAGif(reason="damaged")

    def _too_long(self) -> GifTooLarge:
        return GifTooLarge(reason="time", limit=self._limits.decode_s)

    async def _running(self) -> Process:
        """Return a worker that waits for images. Raises Internal."""
        if self._worker is not None and self._worker.returncode is not None:
            await self._replace(self._worker)
        if self._closed:
            raise Internal
        self.start()
        assert self._starting is not None
        try:
            self._worker = await asyncio.shield(self._starting)
        except (OSError, TimeoutError) as error:
            self._starting = None
            raise Internal from error
        except asyncio.CancelledError:
            if not self._closed:
                raise
            raise Internal from None
        return self._worker

    async def _start(self) -> Process:
        try:
            worker = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=_environment(),
                # Ctrl-C is for the server, which then closes the worker's input.
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            log.error("the image worker cannot be started: %s", error)
            raise
        try:
            async with asyncio.timeout(START_S):
                answer = await _exchange(worker, msgspec.json.encode(self._limits))
            if not isinstance(answer, Ready):
                raise OSError("it is not what it should be")  # noqa: TRY301
        except (OSError, TimeoutError) as error:
            await _end(worker)
            log.error("the image worker does not start: it ended with status %s", worker.returncode)
            raise OSError from error
        except BaseException:
            await _end(worker)
            raise
        return worker

    async def _replace(self, worker: Process) -> None:
        await _end(worker)
        self._worker = self._starting = None
        self.start()


async def _exchange(worker: Process, line: bytes) -> Answer | None:
    """Return the worker's answer; None when it ended instead."""
    assert worker.stdin is not None and worker.stdout is not None
    with contextlib.suppress(ConnectionError):
        worker.stdin.write(line + b"\n")
        await worker.stdin.drain()
    answer = await worker.stdout.readline()
    try:
        return _answers.decode(answer)
    except msgspec.DecodeError:
        return None


async def _end(worker: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        worker.kill()
    await worker.wait()


def _environment() -> dict[str, str]:
    """Return ours, and that a worker finds what this process finds, wherever it was started and from whatever."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(os.path.abspath(entry) for entry in sys.path)}


def _forget(path: Path) -> Callable[["asyncio.Task[Examined]"], None]:
    def done(asking: "asyncio.Task[Examined]") -> None:
        _retrieved(asking)
        _remove_poster(path)

    return done


def _remove_poster(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.with_suffix(POSTER_SUFFIX).unlink(missing_ok=True)


def _retrieved(task: "asyncio.Task[object]") -> None:
    """Keep asyncio from telling of an exception that nobody asked for."""
    if not task.cancelled():
        task.exception()
