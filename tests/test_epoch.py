"""The epoch stays the same while the database only moves forward, and changes whenever it was set back."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, nullcontext
from pathlib import Path

import pytest

from db.connection import Database
from db.epoch import settle, watched
from db.lock import NAME, only_server
from realtime.chat.wire_forms import Position
from realtime.errors import OtherEpoch, StartError
from tests.conftest import ROOT, ExpectLog
from tests.crash.ledger import Json
from tests.crash.process import kill, serving
from tests.crash.wire import Socket
from tests.free_ports import free_port
from tests.world import World, world

__all__ = ["world"]

SCHEMA = (ROOT / "schema.sql").read_text("utf-8")

Act = Callable[[Path, Path], object]
"""A copy or restore: takes the data folder and the folder for copies."""


async def run(data: Path, meanwhile: Callable[[], object] = lambda: None, *, killed: bool = False) -> str:
    """Open the database as the server does, write, run `meanwhile` and close (or be killed); return the epoch."""
    data.mkdir(exist_ok=True)
    with only_server(data) as lock:
        database = await Database.open(data / "gifchat.db", SCHEMA)
        if killed:
            await settle(database, lock)
        async with nullcontext() if killed else watched(database, lock):
            [(epoch,)] = await database.run("UPDATE used_seq SET seq = seq + 1 RETURNING (SELECT word FROM epoch)")
            meanwhile()
        await database.close()
    assert isinstance(epoch, str) and len(epoch) == 16
    return epoch


def copy_database(data: Path, copy: Path) -> None:
    copy.mkdir()
    shutil.copy2(data / "gifchat.db", copy / "gifchat.db")


def copy_live_database(data: Path, copy: Path) -> None:
    """Copy the database as `sqlite3 gifchat.db .backup` does."""
    copy.mkdir()
    with closing(sqlite3.connect(data / "gifchat.db")) as live, closing(sqlite3.connect(copy / "gifchat.db")) as to:
        live.backup(to)


def copy_folder(data: Path, copy: Path) -> None:
    shutil.copytree(data, copy)


def restore_database(data: Path, copy: Path) -> None:
    for left in data.glob("gifchat.db-*"):
        left.unlink()
    shutil.copy2(copy / "gifchat.db", data / "gifchat.db")


def restore_over(data: Path, copy: Path) -> None:
    shutil.copytree(copy, data, dirs_exist_ok=True)


def restore_folder(data: Path, copy: Path) -> None:
    shutil.rmtree(data)
    shutil.copytree(copy, data)


def rename_folder(data: Path, copy: Path) -> None:
    shutil.rmtree(data)
    copy.rename(data)


@pytest.mark.parametrize("killed", [False, True], ids=["stopped", "killed"])
async def test_the_epoch_stays_the_same_across_restarts(tmp_path: Path, killed: bool) -> None:
    assert len({await run(tmp_path / "data", killed=killed) for _ in range(3)}) == 1


async def test_every_new_database_has_its_own_epoch(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = await run(data)
    (data / "gifchat.db").unlink()
    assert len({first, await run(data), await run(tmp_path / "other")}) == 3


@pytest.mark.parametrize("killed", [False, True], ids=["stopped", "killed"])
@pytest.mark.parametrize(
    ("copying", "restoring"),
    [
        (copy_database, restore_database),
        (copy_folder, restore_database),
        (copy_folder, restore_over),
        (copy_folder, restore_folder),
        (copy_folder, rename_folder),
    ],
)
async def test_restoring_a_copy_of_a_stopped_server_changes_the_epoch(
    tmp_path: Path, copying: Act, restoring: Act, killed: bool
) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy"
    first = await run(data, killed=killed)
    copying(data, copy)
    assert await run(data, killed=killed) == first
    restoring(data, copy)
    restored = await run(data)
    assert restored != first
    assert await run(data) == restored


@pytest.mark.parametrize(
    ("copying", "restoring"),
    [(copy_live_database, restore_database), (copy_folder, restore_over), (copy_folder, restore_folder)],
)
async def test_restoring_a_copy_of_a_running_server_changes_the_epoch(
    tmp_path: Path, copying: Act, restoring: Act
) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy"
    first = await run(data, lambda: copying(data, copy))
    restoring(data, copy)
    assert await run(data) != first


async def test_going_back_to_the_newer_database_changes_the_epoch_again(tmp_path: Path) -> None:
    """It lacks what was written to the older copy."""
    data, older, later = tmp_path / "data", tmp_path / "older", tmp_path / "later"
    await run(data)
    copy_database(data, older)
    first = await run(data)
    copy_database(data, later)
    restore_database(data, older)
    second = await run(data)
    restore_database(data, later)
    assert len({first, second, await run(data)}) == 3


async def test_a_missing_lock_file_changes_the_epoch(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = await run(data)
    (data / NAME).unlink()
    assert await run(data) != first


async def test_a_second_server_in_the_folder_does_not_change_the_epoch(tmp_path: Path) -> None:
    data = tmp_path / "data"

    def second() -> None:
        with pytest.raises(StartError, match="another gifchat"), only_server(data):
            pass

    assert await run(data, second, killed=True) == await run(data)


async def test_a_failed_write_at_shutdown_only_changes_the_epoch(tmp_path: Path, expect_log: ExpectLog) -> None:
    data = tmp_path / "data"
    first = await run(data)
    blockers: list[sqlite3.Connection] = []

    def block() -> None:
        blockers.append(sqlite3.connect(data / "gifchat.db", isolation_level=None))
        blockers[0].execute("BEGIN IMMEDIATE")

    assert await run(data, block) == first
    blockers[0].close()
    expect_log("gifchat.db", "storage: database is locked")
    assert await run(data) != first


# --- on the wire


async def test_a_position_is_valid_in_its_own_epoch_only(world: World) -> None:
    """A position beyond the last number means that the database was set back unnoticed. A bare number has no epoch."""
    room = await world.room()
    peer = await world.peer()
    answer = await peer.join(room)
    said = await peer.say(room, "하나")
    assert answer.epoch == world.service.epoch
    again = await peer.join(room, Position(answer.epoch, answer.seq))
    assert [record.chat for record in again.missed] == ["하나"]
    assert (await peer.join(room, Position(answer.epoch, said.seq))).missed == []
    for position in (Position("another", 0), Position(answer.epoch, said.seq + 1)):
        with pytest.raises(OtherEpoch):
            await peer.join(room, position)
    assert (await peer.join(room, said.seq + 1)).missed == []
    await world.restart()
    peer = await world.peer(peer.who)
    assert (await peer.join(room, Position(answer.epoch, said.seq))).epoch == answer.epoch


async def test_a_join_refused_for_its_epoch_leaves_the_membership_unchanged(world: World) -> None:
    room = await world.room()
    inside, outside = await world.peer(), await world.peer()
    await inside.join(room)
    for peer in (inside, outside):
        with pytest.raises(OtherEpoch):
            await peer.join(room, Position("another", 0))
    said = await inside.say(room, "하나")
    assert inside.seqs() == [said.seq]
    assert outside.heard == []
    assert world.service.view(room.id).members == 1


@pytest.mark.parametrize("whole", [False, True], ids=["the database", "the folder"])
async def test_after_restoring_an_older_copy_clients_start_over(tmp_path: Path, whole: bool) -> None:
    """Numbers are reused after a restore; a client that relies on an old one is refused instead of missing records."""
    data, copy, port = tmp_path / "data", tmp_path / "copy", free_port()

    async def join(cookie: str, room: str, **further: object) -> Json:
        socket = await Socket.open(port, cookie, lambda *_: None)
        answer = await socket.ask("join", {"room": room, **further})
        await socket.abort()
        return answer

    async with serving(data, port=port) as server:
        visitor = server.visitor()
        room = await asyncio.to_thread(visitor.room)
        cookie = visitor.identity()
        first = await join(cookie, room)
    copy_folder(data, copy)
    async with serving(data, port=port):
        for number in range(5):
            await asyncio.to_thread(visitor.json, "POST", f"/room/{room}/chat", json={"chat": f"전 {number}"})
        position = {"epoch": first["epoch"], "seq": first["seq"]}
        caught_up = await join(cookie, room, after=position)
        assert caught_up["ok"] and caught_up["epoch"] == first["epoch"]
        missed = caught_up["missed"]
        assert isinstance(missed, list)
        assert [record["chat"] for record in missed] == [f"전 {number}" for number in range(5)]
    (restore_folder if whole else restore_database)(data, copy)
    async with serving(data, port=port) as server:
        for number in range(9):
            await asyncio.to_thread(visitor.json, "POST", f"/room/{room}/chat", json={"chat": f"후 {number}"})
        for seq in (0, first["seq"], caught_up["seq"]):
            refused = await join(cookie, room, after={"epoch": first["epoch"], "seq": seq})
            assert (refused["ok"], refused["error"]) == (False, "other_epoch"), refused
            assert refused["message"]
        _, page = await asyncio.to_thread(visitor.json, "GET", f"/room/{room}")
        chats = page["chats"]
        assert isinstance(chats, list)
        assert [record["chat"] for record in chats[-9:]] == [f"후 {number}" for number in range(9)]
        assert page["epoch"] != first["epoch"]
        anew = await join(cookie, room, after={"epoch": page["epoch"], "seq": page["seq"]})
        assert anew["ok"] and anew["missed"] == [], anew
        assert (await join(cookie, room, after=caught_up["seq"]))["ok"]  # a bare number, of any epoch
        for nonsense in ({"seq": 1}, {"epoch": 1, "seq": 1}, {"epoch": page["epoch"], "seq": -1}, "1", [1]):
            assert (await join(cookie, room, after=nonsense))["error"] == "bad_request", nonsense
        kill(server)
    async with serving(data, port=port):
        anew = await join(cookie, room, after={"epoch": page["epoch"], "seq": page["seq"]})
        assert anew["ok"] and anew["epoch"] == page["epoch"]
