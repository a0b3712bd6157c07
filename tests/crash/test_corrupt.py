"""A damaged database: reported in one line at start-up and left unchanged; during operation, reported in answers."""

import asyncio
import random
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crash.ledger import Ledger
from tests.crash.people import company
from tests.crash.process import serving, spawn
from tests.free_ports import free_port

PAGE_BYTES = 4096
ENDED_WITHIN_S = 60.0


def nonsense(content: bytes) -> bytes:
    """Another file under our name."""
    return random.Random(1).randbytes(len(content))


def without_its_end(content: bytes) -> bytes:
    """A truncated copy."""
    return content[: len(content) // PAGE_BYTES // 2 * PAGE_BYTES]


def empty(content: bytes) -> bytes:
    """An empty copy; the log beside it still holds the chat."""
    return b""


def trampled(content: bytes) -> bytes:
    """A bad disk: all pages but the first overwritten."""
    return content[:PAGE_BYTES] + bytes(255 for _ in content[PAGE_BYTES:])


@pytest.mark.parametrize(
    ("damage", "killed"),
    [
        *[(damage, killed) for damage in (nonsense, without_its_end, trampled) for killed in (False, True)],
        (empty, True),  # an empty file without a log is what a first start leaves if killed at once
    ],
)
async def test_a_damaged_database_is_reported_in_one_line_and_left_unchanged(
    tmp_path: Path, damage: Callable[[bytes], bytes], killed: bool
) -> None:
    data, port, ledger = tmp_path / "data", free_port(), Ledger()
    async with company(port, ledger, "one") as (one,):
        async with serving(data, port=port):
            room = await one.room(title="방")
            await one.enter(room)
            await asyncio.gather(*(one.deliver(one.compose(room, "socket")) for _ in range(200)))
        async with serving(data, port=port) as server:
            await one.enter()
            await one.deliver(one.compose(room, "gif"))
            if killed:
                server.process.send_signal(signal.SIGKILL)
                server.process.wait()
    database = data / "gifchat.db"
    database.write_bytes(damage(database.read_bytes()))
    before = files(data)
    assert ("gifchat.db-wal" in before) is killed

    refused = spawn(data)
    try:
        status = await asyncio.to_thread(refused.process.wait, ENDED_WITHIN_S)
    finally:
        refused.process.kill()
        refused.process.wait()
    assert status == 1, refused.stderr
    [line] = refused.stderr.splitlines()
    assert str(database) in line, line
    assert files(data) == before


def files(data: Path) -> dict[str, bytes]:
    """Return the files in the data folder, except those SQLite makes when opening it: an empty log and its index."""
    found = {path.relative_to(data).as_posix(): path.read_bytes() for path in data.rglob("*") if path.is_file()}
    return {name: content for name, content in found.items() if content and name != "gifchat.db-shm"}


async def test_damage_during_operation_is_reported_as_a_storage_error(tmp_path: Path) -> None:
    """Messages are refused as `storage`, not as an internal error; what is in memory still works."""
    data, port, ledger = tmp_path / "data", free_port(), Ledger()
    async with company(port, ledger, "one") as (one,):
        async with serving(data, port=port):
            room = await one.room(title="방")
            await one.enter(room)
            for _ in range(5):  # more than SQLite's cache holds
                await asyncio.gather(*(one.deliver(one.compose(room, "socket", chat="나" * 2000)) for _ in range(200)))
        async with serving(data, port=port, expected="malformed") as server:
            await one.enter()
            database = data / "gifchat.db"
            with database.open("r+b") as file:
                for page in range(1, database.stat().st_size // PAGE_BYTES):
                    file.seek(page * PAGE_BYTES)
                    file.write(b"\xff" * PAGE_BYTES)
            messages = [one.compose(room, way) for way in ("post", "socket", "gif")]
            answers = [await one.attempt(message) for message in messages]
            assert [answer.get("error") for answer in answers] == ["storage"] * 3
            old = f"/room/{room}/chats?before=100"  # not in SQLite's cache, unlike the latest
            assert (await one.browser.get(old)).refusal == (507, "storage")
            assert list((data / "uploads").iterdir()) == []
            assert server.process.poll() is None
