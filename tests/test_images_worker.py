"""What the worker does with a file; its limits, and that it ends with its server."""

import asyncio
import hashlib
import io
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PIL import Image

from realtime.chat.images.model import Answer, Examined, Failed, ImageLimits, Ready, Refused, Setup
from realtime.chat.images.worker import examine
from realtime.errors import GifTooLarge, NotAGif
from tests.conftest import ROOT
from tests.images import SIZE, encoded, exif, gif_extension, gif_of, with_extra
from tests.server import environment

WIDTH, HEIGHT = SIZE
LIMITS = ImageLimits()
ANSWERS: msgspec.json.Decoder[Answer] = msgspec.json.Decoder(Answer)
BOUNDLESS = ImageLimits(all_pixels=10**12, frames=10**9, decode_s=120)


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    return tmp_path / f"{'a' * 32}.part"


def lengthy() -> bytes:
    """Return a GIF that takes a long time to decode: 7,500 megapixels."""
    file = io.BytesIO()
    Image.new("P", (5000, 5000)).save(file, "GIF")
    whole = file.getvalue()
    at = whole.rindex(b"," + bytes(4) + b"\x88\x13\x88\x13")
    return whole[:at] + whole[at:-1] * 300 + b";"


# -- one file


def test_a_clean_image_is_left_unchanged(draft: Path) -> None:
    draft.write_bytes(encoded("PNG"))
    before = draft.stat()
    found = examine(draft, LIMITS)
    data = encoded("PNG")
    assert found == Examined("png", WIDTH, HEIGHT, len(data), hashlib.sha256(data).digest(), None)
    assert draft.read_bytes() == data and draft.stat().st_mtime_ns == before.st_mtime_ns
    assert list(draft.parent.iterdir()) == [draft]


def test_data_that_is_not_part_of_the_image_is_removed_from_the_file(draft: Path) -> None:
    draft.write_bytes(encoded("JPEG", exif=exif(6)) + b"film")
    found = examine(draft, LIMITS)
    data = draft.read_bytes()
    assert (found.extension, found.width, found.height) == ("jpg", HEIGHT, WIDTH)
    assert (found.size_bytes, found.sha256) == (len(data), hashlib.sha256(data).digest())
    assert b"Kamera" not in data and b"film" not in data
    assert list(draft.parent.iterdir()) == [draft]


def test_an_animation_gets_a_poster_beside_it(draft: Path) -> None:
    draft.write_bytes(with_extra(encoded("GIF", frames=3), gif_extension(0xFE, b"comment")))
    found = examine(draft, LIMITS)
    poster = draft.with_name(f"{'a' * 32}.poster.part")
    assert sorted(draft.parent.iterdir()) == [draft, poster]
    assert found.poster_bytes == poster.stat().st_size
    assert draft.read_bytes() == encoded("GIF", frames=3)
    with Image.open(poster) as image:
        assert (image.format, image.size) == ("WEBP", SIZE)


@pytest.mark.parametrize(
    ("data", "error"), [(b"", NotAGif), (encoded("GIF")[:-9], NotAGif), (gif_of(300, 4000, 4000), GifTooLarge)]
)
def test_a_refused_file_is_left_untouched(draft: Path, data: bytes, error: type[Exception]) -> None:
    draft.write_bytes(data)
    with pytest.raises(error):
        examine(draft, LIMITS)
    assert draft.read_bytes() == data and list(draft.parent.iterdir()) == [draft]


# -- the process


class Worker:
    """A worker process, driven line by line."""

    def __init__(self, folder: Path, limits: ImageLimits = LIMITS, script: str | None = None) -> None:
        """Start it for drafts in `folder`; `script` runs instead, and calls the worker's `main`."""
        self.process = subprocess.Popen(
            [sys.executable, *(["-m", "realtime.chat.images.worker"] if script is None else ["-c", script])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env=environment(),
        )
        ready = self.ask(Setup(limits, str(folder)))
        assert isinstance(ready, Ready)
        self.refused = ready.refused

    def ask(self, line: object) -> Answer:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(msgspec.json.encode(line) + b"\n")
        self.process.stdin.flush()
        return ANSWERS.decode(self.process.stdout.readline())

    def close(self) -> tuple[int, bytes]:
        """Close its input; return its exit status and its log output."""
        _, log = self.process.communicate(timeout=60)
        return self.process.returncode, log


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    made = Worker(tmp_path)
    yield made
    made.process.kill()
    made.process.communicate()


def test_each_line_of_input_is_answered_with_one_line(worker: Worker, draft: Path) -> None:
    draft.write_bytes(encoded("PNG"))
    assert worker.ask(draft.name) == examine(draft, LIMITS)
    draft.write_bytes(b"<html>")
    assert worker.ask(draft.name) == Refused("not_a_gif", {})
    draft.write_bytes(encoded("PNG")[:-99])
    assert worker.ask(draft.name) == Refused("not_a_gif", {"reason": "damaged"})
    absent = worker.ask("\n ' \" 그림")
    assert isinstance(absent, Failed) and "No such file" in absent.reason
    assert worker.close() == (0, b"")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_worker_can_be_terminated_by_a_signal(worker: Worker, number: signal.Signals) -> None:
    worker.process.send_signal(number)
    assert worker.process.wait(60) == -number


def test_the_worker_imports_only_what_it_needs() -> None:
    imported = subprocess.run(
        [sys.executable, "-c", "import sys, realtime.chat.images.worker; print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    ours = {name for name in imported if name.partition(".")[0] in ("realtime", "handlers", "db", "gifchat")}
    assert ours <= {"realtime", "realtime.chat", "realtime.errors"} | {n for n in ours if ".chat.images" in n}
    assert not {"tornado", "asyncio", "sqlite3", "aiosqlite", "jinja2", "ssl"} & set(imported)


def test_the_workers_memory_is_bounded(draft: Path) -> None:
    file = io.BytesIO()
    Image.new("L", (5000, 5000)).convert("RGBA").save(file, "PNG", compress_level=1)
    limited = Worker(draft.parent, ImageLimits(memory_bytes=128 * 1024 * 1024))
    draft.write_bytes(file.getvalue())
    assert limited.ask(draft.name) == Refused("gif_too_large", {"reason": "memory", "limit": 128})
    draft.write_bytes(encoded("PNG"))
    assert isinstance(limited.ask(draft.name), Examined)
    assert limited.close() == (0, b"")


# -- the server's end

SERVER = """
    import asyncio, signal, sys
    from pathlib import Path
    import msgspec
    from realtime.chat.images.examiner import Examiner
    from realtime.chat.images.model import ImageLimits

    async def main():
        examiner = Examiner(Path(sys.argv[2]).parent, msgspec.json.decode(sys.argv[1], type=ImageLimits))
        worker = await examiner._running()
        print(worker._process.pid, flush=True)
        await examiner.examine(Path(sys.argv[2]))

    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in what a shell starts in its background
    asyncio.run(main())
"""


def processor_s(pid: int) -> float:
    """Return the processor time used by a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_worker_ends_with_its_server_even_during_an_image(draft: Path, number: signal.Signals) -> None:
    draft.write_bytes(lengthy())
    server = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SERVER), msgspec.json.encode(BOUNDLESS).decode(), str(draft)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env=environment(),
    )
    assert server.stdout and server.stderr
    worker = int(server.stdout.readline())
    started = processor_s(worker)
    while processor_s(worker) < started + 0.2:
        time.sleep(0.02)
    server.send_signal(number)
    server.wait(60)
    # It shares the server's stderr: at the end of that stream, the worker is gone.
    asyncio.run(asyncio.wait_for(asyncio.to_thread(server.stderr.read), 10))
    server.stdout.close()
    server.stderr.close()
