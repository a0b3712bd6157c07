"""The server's image worker: requests in order, restarts when needed, and no mixed-up answers."""

import asyncio
import contextlib
import os
import signal
import sys
import textwrap
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from realtime.chat.images import examiner as module
from realtime.chat.images.examiner import Examiner
from realtime.chat.images.model import Examined, ImageLimits
from realtime.errors import GifTooLarge, Internal, NotAGif, Storage
from tests.conftest import ExpectLog
from tests.images import SIZE, encoded, gif_of
from tests.test_images_worker import BOUNDLESS, lengthy

LOG = "gifchat.images"


def drafts(folder: Path, *contents: bytes) -> list[Path]:
    paths = [folder / f"{number:032x}.part" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    return paths


@contextlib.asynccontextmanager
async def examining(folder: Path, limits: ImageLimits | None = None, *command: str) -> AsyncIterator[Examiner]:
    examiner = Examiner(folder, limits, command) if command else Examiner(folder, limits)
    try:
        yield examiner
    finally:
        await examiner.close()


def script(body: str) -> tuple[str, ...]:
    """Return the command of a worker that reports ready and then runs `body`."""
    start = 'import os, sys, time\nsys.stdin.readline()\nprint(\'{"type": "ready"}\', flush=True)\n'
    return (sys.executable, "-c", start + textwrap.dedent(body))


async def until(true: Callable[[], bool]) -> None:
    while not true():
        await asyncio.sleep(0.01)


def pid(examiner: Examiner) -> int:
    assert examiner._worker is not None
    return examiner._worker.result()._process.pid


async def test_an_image_is_examined(tmp_path: Path) -> None:
    [path] = drafts(tmp_path, encoded("GIF", frames=2))
    async with examining(tmp_path) as examiner:
        found = await examiner.examine(path)
    assert (found.extension, found.width, found.height) == ("gif", *SIZE)
    assert sorted(one.name for one in tmp_path.iterdir()) == [path.name, f"{path.stem}.poster.part"]


async def test_a_refusal_keeps_its_type_and_details_across_the_process(tmp_path: Path) -> None:
    [path] = drafts(tmp_path, gif_of(300, 4000, 4000))
    async with examining(tmp_path) as examiner:
        with pytest.raises(GifTooLarge, match="100메가픽셀까지") as refused:
            await examiner.examine(path)
    assert refused.value.body()["limit"] == 100


async def test_simultaneous_requests_go_in_order_to_one_worker(tmp_path: Path) -> None:
    contents = [encoded("PNG", size=(number, 1)) if number % 3 else b"no image" for number in range(1, 20)]
    done: list[int] = []
    async with examining(tmp_path) as examiner:

        async def ask(number: int, path: Path) -> int | None:
            try:
                return (await examiner.examine(path)).width
            except NotAGif:
                return None
            finally:
                done.append(number)

        asked = [ask(number, path) for number, path in enumerate(drafts(tmp_path, *contents), start=1)]
        widths = await asyncio.gather(*asked)
    assert widths == [number if number % 3 else None for number in range(1, 20)]
    assert done == sorted(done)


async def test_the_worker_is_independent_of_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [path] = drafts(tmp_path, encoded("PNG"))
    (tmp_path / "json.py").write_text("raise SystemExit('somebody else's')")
    (tmp_path / "realtime").mkdir()
    monkeypatch.chdir(tmp_path)
    async with examining(tmp_path) as examiner:
        assert (await examiner.examine(path)).extension == "png"


async def test_the_worker_is_started_before_the_first_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "START_AFTER_S", 0)
    async with examining(tmp_path) as examiner:
        examiner.start()
        await until(lambda: examiner._worker is not None and examiner._worker.done())
        waiting = pid(examiner)
        await examiner.examine(drafts(tmp_path, encoded("PNG"))[0])
        assert pid(examiner) == waiting


async def test_a_cancelled_request_does_not_mix_up_the_answers(tmp_path: Path) -> None:
    first, second, third = drafts(tmp_path, encoded("GIF", frames=3), encoded("PNG"), b"no image")
    async with examining(tmp_path) as examiner:
        await examiner.examine(second)
        asking = asyncio.create_task(examiner.examine(first))
        queued = asyncio.create_task(examiner.examine(first))
        last = asyncio.create_task(examiner.examine(third))
        await asyncio.sleep(0)
        asking.cancel()
        queued.cancel()
        assert (await examiner.examine(second)).extension == "png"
        with pytest.raises(NotAGif):
            await last
        await asyncio.wait([asking, queued])
        assert asking.cancelled() and queued.cancelled()
    assert sorted(tmp_path.iterdir()) == [second, third]  # the cancelled draft is gone, and its poster


async def test_a_missing_draft_fails_only_its_own_request(tmp_path: Path, expect_log: ExpectLog) -> None:
    [path] = drafts(tmp_path, encoded("PNG"))
    async with examining(tmp_path) as examiner:
        expect_log(LOG, "storage: .*No such file")
        with pytest.raises(Storage):
            await examiner.examine(tmp_path / "gone.part")
        assert (await examiner.examine(path)).extension == "png"


async def test_a_poster_that_cannot_be_written_raises_storage(tmp_path: Path, expect_log: ExpectLog) -> None:
    [path] = drafts(tmp_path, encoded("GIF", frames=3))
    path.with_suffix(".poster.part").mkdir()
    expect_log(LOG, "storage: ")
    async with examining(tmp_path) as examiner:
        with pytest.raises(Storage):
            await examiner.examine(path)


# -- files that harm the worker


async def test_an_image_that_takes_too_long_is_refused_and_the_next_one_works(
    tmp_path: Path, expect_log: ExpectLog
) -> None:
    slow, good = drafts(tmp_path, lengthy(), encoded("PNG"))
    expect_log(LOG, "the worker crashed with an image: exit status -24")
    limits = ImageLimits(all_pixels=10**12, decode_s=0)
    async with examining(tmp_path, limits) as examiner:
        refused, found = await asyncio.gather(examiner.examine(slow), examiner.examine(good), return_exceptions=True)
    assert isinstance(refused, GifTooLarge) and refused.detail == {"reason": "time", "limit": 0}
    assert isinstance(found, Examined)


async def test_a_worker_that_hangs_is_replaced(tmp_path: Path, expect_log: ExpectLog) -> None:
    expect_log(LOG, "an image took longer than 0.2 s")
    limits = ImageLimits(timeout_s=0.2)
    async with examining(tmp_path, limits, *script("time.sleep(1000)")) as examiner:
        for _ in range(2):
            with pytest.raises(GifTooLarge):
                await examiner.examine(tmp_path / "x.part")


async def test_the_time_for_which_the_server_itself_stood_still_does_not_count(tmp_path: Path) -> None:
    """As when its laptop sleeps: the image is not refused for it."""
    asked, go = tmp_path / "asked", tmp_path / "go"
    answering = f"""
        sys.stdin.readline()
        open({str(asked)!r}, "w").close()
        while not os.path.exists({str(go)!r}):
            time.sleep(0.01)
        print('{{"type": "refused", "code": "not_a_gif", "detail": {{}}}}', flush=True)
        time.sleep(1000)
    """
    async with examining(tmp_path, ImageLimits(timeout_s=1), *script(answering)) as examiner:
        asking = asyncio.create_task(examiner.examine(tmp_path / "x.part"))
        await until(asked.exists)
        time.sleep(1.2)
        go.touch()
        with pytest.raises(NotAGif):
            await asking


@pytest.mark.parametrize(
    "end",
    [
        "os.kill(os.getpid(), 15)",
        "os.kill(os.getpid(), 9)",
        "sys.exit(3)",
        "print('nonsense', flush=True)",
        "print('{}', flush=True)",
    ],
)
async def test_a_file_that_crashes_two_workers_is_refused(tmp_path: Path, end: str, expect_log: ExpectLog) -> None:
    expect_log(LOG, "the worker crashed with an image")
    poster, clean = tmp_path / "x.poster.part", tmp_path / "x.clean.part"
    poster.write_bytes(b"half")
    clean.write_bytes(b"half")
    async with examining(tmp_path, None, *script(f"sys.stdin.readline(); {end}; sys.stdin.readline()")) as examiner:
        for _ in range(2):
            with pytest.raises(NotAGif):
                await examiner.examine(tmp_path / "x.part")
        assert not poster.exists() and not clean.exists()


async def test_images_whose_worker_is_killed_are_examined_by_the_next(tmp_path: Path, expect_log: ExpectLog) -> None:
    """Every other worker is killed in the middle of an image, after it has replaced the draft of some."""
    contents = [encoded("GIF", size=(number, 1), frames=2) + b"appended" for number in range(1, 9)]
    paths = drafts(tmp_path, *contents)
    body = """
        import os, pathlib
        from realtime.chat.images import worker
        killed, real = pathlib.Path("killed"), worker.examine
        def examine(path, limits):
            if killed.exists():
                killed.unlink()
                return real(path, limits)
            killed.touch()
            if int(path.stem) % 2:
                real(path, limits)
            os.kill(os.getpid(), 9)
        worker.examine = examine
        worker.main()
    """
    expect_log(LOG, "the worker crashed with an image: exit status -9")
    async with examining(tmp_path, None, sys.executable, "-c", textwrap.dedent(body)) as examiner:
        found = await asyncio.gather(*map(examiner.examine, paths))
    assert [one.width for one in found] == list(range(1, 9))
    assert [path.read_bytes() + b"appended" for path in paths] == contents
    assert len(list(tmp_path.iterdir())) == 2 * len(contents)  # each with its poster


async def test_a_worker_that_is_killed_while_it_starts_is_replaced(tmp_path: Path, expect_log: ExpectLog) -> None:
    [path] = drafts(tmp_path, encoded("PNG"))
    killed = tmp_path / "killed"
    body = f"""
        import os, pathlib
        from realtime.chat.images import worker
        killed = pathlib.Path({str(killed)!r})
        if not killed.exists():
            killed.touch()
            os.kill(os.getpid(), 9)
        worker.main()
    """
    expect_log(LOG, "did not start: exit status -9")
    async with examining(tmp_path, None, sys.executable, "-c", textwrap.dedent(body)) as examiner:
        assert (await examiner.examine(path)).extension == "png"


async def test_a_worker_that_ends_between_images_is_replaced(tmp_path: Path) -> None:
    [path] = drafts(tmp_path, encoded("PNG"))
    async with examining(tmp_path) as examiner:
        for _ in range(2):
            await examiner.examine(path)
            ended = examiner._worker
            assert ended is not None
            os.kill(pid(examiner), signal.SIGKILL)
            worker = ended.result()
            await until(lambda worker=worker: worker.status is not None)  # type: ignore[misc]  # bound for the loop


async def test_a_worker_whose_exit_is_not_noticed_yet_is_replaced(tmp_path: Path) -> None:
    """When a worker is killed, the end of its input is often noticed first."""
    [path] = drafts(tmp_path, encoded("PNG"))
    async with examining(tmp_path) as examiner:
        await examiner.examine(path)
        ended = examiner._worker
        assert ended is not None
        worker = ended.result()
        assert worker._process.stdin is not None
        worker._process.stdin.close()
        assert worker.status is None
        assert (await examiner.examine(path)).extension == "png"


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (("/nonexistent/python",), "cannot be started: .*No such file"),
        ((sys.executable, "-c", "import sys; sys.exit(7)"), "did not start: exit status 7"),
        (
            (sys.executable, "-c", "import time; print('hello', flush=True); time.sleep(1000)"),
            "did not start: exit status -9",
        ),
    ],
)
async def test_a_worker_that_does_not_start_fails_every_request(
    tmp_path: Path, command: tuple[str, ...], line: str, expect_log: ExpectLog
) -> None:
    expect_log(LOG, line)
    async with examining(tmp_path, None, *command) as examiner:
        for _ in range(2):
            with pytest.raises(Internal):
                await examiner.examine(tmp_path / "x.part")


# -- the end


async def _before_it_began(examiner: Examiner, path: Path) -> None:
    examiner.start()


async def _while_it_starts(examiner: Examiner, path: Path) -> None:
    examiner._begin()
    await asyncio.sleep(0)


async def _when_it_waits(examiner: Examiner, path: Path) -> None:
    await asyncio.shield(examiner._begin())


@pytest.mark.parametrize("when", [_before_it_began, _while_it_starts, _when_it_waits])
async def test_the_examiner_can_be_closed_at_any_time(
    tmp_path: Path, when: Callable[[Examiner, Path], Awaitable[None]]
) -> None:
    async with examining(tmp_path) as examiner:
        await when(examiner, tmp_path)
    with pytest.raises(Internal):
        await examiner.examine(tmp_path / "x.part")
    await examiner.close()


@pytest.mark.parametrize("turns", range(8))
async def test_closing_the_examiner_at_once_leaves_no_process(turns: int, tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    loop.set_debug(True)  # asyncio then warns of a process that was left to itself
    loop.slow_callback_duration = float("inf")
    async with examining(tmp_path) as examiner:
        examiner._begin()
        for _ in range(turns):
            await asyncio.sleep(0)


async def test_closing_the_examiner_fails_pending_requests(tmp_path: Path) -> None:
    slow, good = drafts(tmp_path, lengthy(), gif_of(1, 1, 1))
    async with examining(tmp_path, BOUNDLESS) as examiner:
        asked = [asyncio.create_task(examiner.examine(path)) for path in (slow, good)]
        await until(lambda: examiner._worker is not None and examiner._worker.done())
        worker = pid(examiner)
        await examiner.close()
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(error) for error in outcomes] == [Internal, Internal]
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)
