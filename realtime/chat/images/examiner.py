"""The server's side of the image worker: one process, one image at a time, in order of arrival.

A worker that crashes or takes too long is replaced. A file that takes too long is rejected. When the worker crashes,
its file is examined once more, by the next worker, because it may not be the cause: something else may have killed the
worker, such as the system when it is short of memory. A file that crashes both is rejected.
"""

import asyncio
import contextlib
import logging
import os
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Self

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
    Setup,
    Shrink,
    Shrunk,
)
from realtime.errors import DomainError, GifTooLarge, Internal, NotAGif, Storage

log = logging.getLogger("gifchat.images")

# -P: do not import from the current folder, which may hold anything.
COMMAND = (sys.executable, "-P", "-m", "realtime.chat.images.worker")

START_AFTER_S = 1.0
START_WITHIN_S = 30.0
END_WITHIN_S = 1.0  # after the end of its output
SIGXCPU = 24  # the signal for an exceeded CPU limit; Windows does not define it
SIBLINGS = (POSTER_SUFFIX, CLEAN_SUFFIX)  # what the worker writes beside a draft
# Where libraries are, how file names are encoded, and what Windows starts no program without. The rest of the
# environment may hold secrets, such as COOKIE_SECRET.
NEEDED = frozenset(
    ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE")
    + ("PYTHONUTF8", "LC_ALL", "LC_CTYPE", "LANG")
    + ("SYSTEMROOT", "TEMP", "TMP")
)
PYINSTALLER = "_PYI_"  # where the binary is unpacked
SLICES = 20  # of the time for an image
TRIES = 2  # for an image to be examined, and for a worker to start
ERRORS: dict[str, type[DomainError]] = {error.code: error for error in (NotAGif, GifTooLarge)}

_answers: msgspec.json.Decoder[Answer] = msgspec.json.Decoder(Answer)


class _Worker:
    """A worker process."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._killed = False

    @classmethod
    async def start(cls, command: Sequence[str], setup: Setup) -> Self:
        """Start a worker; return it once it is ready. Raises Internal if it does not start."""
        # Shielded: a cancelled start would leave the process running.
        spawning = asyncio.ensure_future(
            asyncio.create_subprocess_exec(
                *command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=_environment(),
                # Ctrl-C must only reach the server, which then closes the worker's input.
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        )
        try:
            await asyncio.shield(spawning)
        except OSError as error:
            log.error("the image worker cannot be started: %s", error)
            raise Internal from error
        except asyncio.CancelledError:
            with contextlib.suppress(OSError):
                await cls(await spawning).end()
            raise
        worker = cls(spawning.result())
        try:
            async with asyncio.timeout(START_WITHIN_S):
                answer = await worker.ask(setup)
        except BaseException as error:
            await worker.end()
            if not isinstance(error, TimeoutError):
                raise
            answer = None
        if not isinstance(answer, Ready):
            await worker.end()
            log.error("the image worker did not start: exit status %s", worker.status)
            raise Internal
        if answer.refused:
            log.debug("the image worker runs without: %s", ", ".join(answer.refused))
        return worker

    @property
    def status(self) -> int | None:
        """The exit status; None while it runs."""
        return self._process.returncode

    @property
    def has_ended(self) -> bool:
        """Whether it exited, or is about to: its input is closed, sometimes before its exit is noticed."""
        assert self._process.stdin is not None
        return self.status is not None or self._process.stdin.is_closing()

    async def ask(self, question: Setup | Shrink | str) -> Answer | None:
        """Return the worker's answer, or None if it exited."""
        assert self._process.stdin is not None and self._process.stdout is not None
        if not self._process.stdin.is_closing():  # uvloop raises RuntimeError for it
            with contextlib.suppress(ConnectionError):
                self._process.stdin.write(msgspec.json.encode(question) + b"\n")
                await self._process.stdin.drain()
        line = await self._process.stdout.readline()
        if not line:
            # Killing an exited process would make asyncio lose its status and log a warning.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(END_WITHIN_S):
                    await self._process.wait()
        try:
            return _answers.decode(line)
        except msgspec.DecodeError:
            return None

    async def end(self) -> None:
        """Kill the process; return when it has exited."""
        if not self._killed and self.status is None:
            self._killed = True
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        await self._process.wait()


class Examiner:
    """Examines images without blocking the event loop."""

    def __init__(self, folder: Path, limits: ImageLimits | None = None, command: Sequence[str] = COMMAND) -> None:
        """Examine drafts in `folder`, which exists when the first one comes."""
        self._folder = folder
        self._limits = limits or ImageLimits()
        self._command = command
        self._turn = asyncio.Lock()  # first come, first served
        self._worker: asyncio.Task[_Worker] | None = None
        self._soon: asyncio.TimerHandle | None = None
        self._failed = False
        self._closed = False

    def start(self) -> None:
        """Start the worker soon, so that the first image does not wait for it, but after the first pages are served."""
        self._soon = asyncio.get_running_loop().call_later(START_AFTER_S, self._begin)

    async def examine(self, path: Path) -> Examined:
        """Rewrite the draft at `path` as it is to be stored, and describe it.

        For an animated image this leaves a poster beside it, with POSTER_SUFFIX. Raises NotAGif, GifTooLarge, Storage,
        or Internal if no worker can be started; then there is no poster. If this is cancelled while the image is being
        examined, the draft is deleted afterwards.
        """
        await self._turn.acquire()
        # Not cancelled with the caller: the worker's answer must not be mistaken for that to the next question.
        asking = asyncio.create_task(self._ask(path))
        asking.add_done_callback(lambda _: self._turn.release())
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            asking.add_done_callback(_retrieve)
            asking.add_done_callback(lambda _: _remove(path, *SIBLINGS, ".part"))
            raise
        except DomainError as error:
            _remove(path, *SIBLINGS)
            if isinstance(error, Storage):  # a disconnected sender's draft is deleted, which is not an error
                log.error("storage: %s", error.__cause__)
            raise

    async def shrink(self, name: str, side: int) -> bytes:
        """Return a stored still image as a WebP of at most `side` pixels. Raises what `examine` raises."""
        async with self._turn:
            answer = await self._answer_to(Shrink(name, side))
        if not isinstance(answer, Shrunk):
            raise Internal
        return answer.data

    def working(self) -> bool:
        """Return whether images can be examined: whether the last start of a worker succeeded."""
        return not self._failed

    async def close(self) -> None:
        """Stop the worker, even in the middle of an image."""
        self._closed = True
        if self._soon is not None:
            self._soon.cancel()
        if self._worker is not None:
            self._worker.cancel()
            with contextlib.suppress(DomainError, asyncio.CancelledError):
                await (await self._worker).end()

    async def _ask(self, path: Path) -> Examined:
        answer = await self._answer_to(path.name)
        if not isinstance(answer, Examined):
            raise Internal
        return answer

    async def _answer_to(self, question: str | Shrink) -> Answer:
        """Return the answer, if it is no error. For whoever has the turn."""
        for _ in range(TRIES):
            worker = await self._running()
            try:
                answer = await _within(self._limits.timeout_s, worker.ask(question))
            except TimeoutError:
                log.warning("an image took longer than %g s", self._limits.timeout_s)
                await self._replace(worker)
                raise self._too_long() from None
            match answer:
                case Examined() | Shrunk():
                    return answer
                case Refused(code, detail):
                    raise ERRORS[code](**detail)
                case Failed(reason):
                    raise Storage from OSError(reason)
            await self._replace(worker)
            if self._closed:
                raise Internal
            log.warning("the worker crashed with an image: exit status %s", worker.status)
            if worker.status == -SIGXCPU:
                raise self._too_long()
        raise NotAGif(reason="damaged")

    def _too_long(self) -> GifTooLarge:
        return GifTooLarge(reason="time", limit=self._limits.decode_s)

    def _begin(self) -> "asyncio.Task[_Worker]":
        if self._worker is None:
            self._worker = asyncio.create_task(_Worker.start(self._command, Setup(self._limits, str(self._folder))))
            self._worker.add_done_callback(self._started)
        return self._worker

    def _started(self, starting: "asyncio.Task[_Worker]") -> None:
        if not starting.cancelled():
            self._failed = starting.exception() is not None

    async def _running(self) -> _Worker:
        """Return a running worker. Raises Internal."""
        begun = self._worker
        if begun is not None and begun.done() and not begun.cancelled() and begun.exception() is None:
            if not begun.result().has_ended:
                return begun.result()
            await self._replace(begun.result())
        for tries_left in reversed(range(TRIES)):
            if self._closed:
                break
            try:
                return await asyncio.shield(self._begin())
            except DomainError:
                self._worker = None
                if not tries_left:
                    raise  # the next image tries again
            except asyncio.CancelledError:
                if not self._closed:
                    raise
        raise Internal

    async def _replace(self, worker: _Worker) -> None:
        await worker.end()
        self._worker = None
        if not self._closed:
            self._begin()


def _environment() -> dict[str, str]:
    """Return what Python needs of the environment, with this process's import path for the worker."""
    kept = {name: value for name, value in os.environ.items() if name in NEEDED or name.startswith(PYINSTALLER)}
    return {**kept, "PYTHONPATH": os.pathsep.join(os.path.abspath(entry) for entry in sys.path)}


async def _within(seconds: float, work: Coroutine[None, None, Answer | None]) -> Answer | None:
    """Return what `work` does. Raises TimeoutError; what counts is the time for which this process itself ran."""
    working = asyncio.ensure_future(work)
    try:
        for _ in range(SLICES):  # a suspended process finds only its current one over
            done, _ = await asyncio.wait([working], timeout=seconds / SLICES)
            if done:
                return working.result()
    finally:
        working.cancel()
    raise TimeoutError


def _remove(path: Path, *suffixes: str) -> None:
    """Delete files of a draft, if they exist."""
    for suffix in suffixes:
        with contextlib.suppress(OSError):
            path.with_suffix(suffix).unlink(missing_ok=True)


def _retrieve(task: "asyncio.Task[Examined]") -> None:
    """Keep asyncio from logging an exception that was never retrieved."""
    if not task.cancelled():
        task.exception()
