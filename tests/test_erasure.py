"""What was deleted is soon in no file any more."""

import asyncio
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from db import erasure
from db.erasure import Erasure
from tests.client import Site, site, start_site
from tests.conftest import ExpectLog
from tests.crash.wire import Socket
from tests.erased import Texts
from tests.ports.implementations import SQLite
from tests.ports.people import new_room, start, text

__all__ = ["site", "start_site"]

WITHIN_S = 60.0
WORDS = "가나다 secret"


class Files:
    """The database's files in a folder."""

    def __init__(self, folder: Path) -> None:
        self.database = folder / "gifchat.db"
        self.log = folder / "gifchat.db-wal"

    def contain(self, words: str) -> bool:
        return any(words.encode() in file.read_bytes() for file in (self.database, self.log))


@pytest.fixture
def kept(io_loop: IOLoop, tmp_path: Path) -> Iterator[SQLite]:
    kept = SQLite(tmp_path)
    io_loop.run_sync(lambda: start(kept))
    yield kept
    io_loop.run_sync(kept.close)


@pytest.fixture
def turns(kept: SQLite, tmp_path: Path) -> Erasure:
    """Return an erasure that does something only when a test says so."""
    return Erasure(kept.database, kept.writer, tmp_path / "gifchat.db")


@pytest.fixture
def never_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure, "QUIET_S_A_MIB", 1e9)


async def said(kept: SQLite) -> int:
    """Say something in a new room, and return the room's key."""
    room = await new_room(kept)
    await kept.stores.records.append(text(kept, room, WORDS))
    return room


@pytest.mark.usefixtures("never_quiet")
async def test_the_log_is_emptied_after_a_deletion(kept: SQLite, turns: Erasure, tmp_path: Path) -> None:
    files = Files(tmp_path)
    room = await said(kept)
    await turns.turn()
    assert files.contain(WORDS)
    await kept.stores.rooms.remove(room)
    assert files.contain(WORDS)
    await turns.turn()
    assert not files.contain(WORDS)
    assert files.log.stat().st_size == 0


@pytest.mark.usefixtures("never_quiet")
async def test_nothing_is_done_while_nothing_is_deleted(kept: SQLite, turns: Erasure, tmp_path: Path) -> None:
    await said(kept)
    size = Files(tmp_path).log.stat().st_size
    await turns.turn()
    assert Files(tmp_path).log.stat().st_size == size > 0


async def test_copies_in_split_pages_are_erased_when_nothing_is_written(
    kept: SQLite, turns: Erasure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts, files = Texts(), Files(tmp_path)
    await texts.write(kept.database)
    kept.database.erased()
    monkeypatch.setattr(erasure, "QUIET_S_A_MIB", 1e9)
    await turns.turn()
    assert texts.left_in(files.database, files.log) > texts.kept
    monkeypatch.setattr(erasure, "QUIET_S_A_MIB", 0.0)
    await turns.turn()
    assert texts.left_in(files.database, files.log) == texts.kept


async def test_many_deletions_rewrite_the_database_once(
    kept: SQLite, turns: Erasure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "QUIET_S_A_MIB", 0.0)
    rewrites: list[bool] = []

    def tidy(_: sqlite3.Connection, *, rewrites: bool, noted: list[bool] = rewrites) -> bool:
        noted.append(rewrites)
        return True

    monkeypatch.setattr(erasure, "_tidy", tidy)
    for _ in range(3):
        await kept.stores.rooms.remove(await said(kept))
        await turns.turn()
    assert rewrites == [True, False, False]
    monkeypatch.setattr(erasure, "REWRITTEN_EVERY_S", 0.0)
    await turns.turn()
    await turns.turn()
    assert rewrites == [True, False, False, True]


async def test_a_large_database_is_not_rewritten(
    kept: SQLite, turns: Erasure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts, files = Texts(), Files(tmp_path)
    await texts.write(kept.database)
    await kept.stores.rooms.remove(await said(kept))
    monkeypatch.setattr(erasure, "QUIET_S_A_MIB", 0.0)
    monkeypatch.setattr(erasure, "REWRITTEN_BYTES", 1000)
    await turns.turn()
    assert files.log.stat().st_size == 0
    assert texts.left_in(files.database) > texts.kept


async def test_a_long_reader_is_logged_once_and_the_log_is_emptied_after_it(
    kept: SQLite, turns: Erasure, tmp_path: Path, caplog: pytest.LogCaptureFixture, expect_log: ExpectLog
) -> None:
    expect_log("gifchat.db", "another program has been reading")
    files, room = Files(tmp_path), await said(kept)
    with closing(sqlite3.connect(files.database, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM chats").fetchall()
        await kept.stores.rooms.remove(room)
        await turns.turn()
        assert files.contain(WORDS)
        assert not caplog.messages  # a short read is normal
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(erasure, "BLOCKED_FOR_S", 0.0)
            await turns.turn()
            await turns.turn()
        [line] = caplog.messages
        assert re.search(r"gifchat\.db-wal \(0\.\d MiB\) grows", line)
        other.execute("COMMIT")
    await turns.turn()
    assert not files.contain(WORDS)


async def test_what_fails_is_done_later(kept: SQLite, turns: Erasure, tmp_path: Path) -> None:
    files, room = Files(tmp_path), await said(kept)
    await kept.stores.rooms.remove(room)
    with closing(sqlite3.connect(files.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await turns.turn()
        assert files.contain(WORDS)
    await turns.turn()
    assert not files.contain(WORDS)


async def gone(files: Files, words: str) -> None:
    """Return when no file contains `words`; fail after a minute."""
    deadline = time.monotonic() + WITHIN_S
    while await asyncio.to_thread(files.contain, words):
        assert time.monotonic() < deadline, words
        await asyncio.sleep(0.1)  # there is no event for another's file that changes


async def test_a_running_server_erases_deleted_rooms_and_messages(site: Site) -> None:
    owner, files = site.program(), Files(site.data)
    room, other = await owner.new_room("가나다라 room"), await owner.new_room()
    for name, where in ((WORDS, other), ("edited-away", other), ("said in the room", room)):
        assert (await owner.post(f"/room/{where}/chat", {"chat": name})).status == 200
    socket = await Socket.open(site.port, owner.identity, lambda *_: None)
    first, second = await owner.chats(other)
    assert (await socket.ask("delete", {"room": other, "_id": first["_id"]}))["ok"]
    assert (await socket.ask("edit", {"room": other, "_id": second["_id"], "chat": "now this"}))["ok"]
    assert (await owner.ask("DELETE", f"/room/{room}")).status == 200
    for words in (WORDS, "edited-away", "said in the room", "가나다라 room"):
        await gone(files, words)
    assert files.contain("now this")
    await socket.close()
