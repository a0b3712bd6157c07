"""Opening the database: new, existing, newer, damaged, or another program's."""

import contextlib
import os
import re
import sqlite3
import sys
from pathlib import Path

import pytest

from db import connection, private
from db.connection import Database
from realtime.errors import NoSuchRoom, StartError, Storage
from tests.conftest import ROOT
from tests.erased import Texts

SCHEMA = (ROOT / "schema.sql").read_text("utf-8")

HAS_MODES = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


async def open_and_close(path: Path) -> None:
    await (await Database.open(path, SCHEMA)).close()


async def test_a_new_database_uses_wal_and_full_sync_at_the_latest_schema_version(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "gifchat.db", SCHEMA)
    try:
        settings = [
            (await database.run(f"PRAGMA {name}"))[0][0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "user_version")
        ]
    finally:
        await database.close()
    assert settings == ["wal", 2, 1, connection.SCHEMA_VERSION]  # 2 is FULL


@HAS_MODES
async def test_only_the_owner_can_read_the_database_from_its_first_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gifchat.db").symlink_to(tmp_path / "elsewhere.db")
    monkeypatch.setattr(private, "restrict", lambda *_: None)  # which would come too late
    before = os.umask(0)
    try:
        database = await Database.open(tmp_path / "gifchat.db", SCHEMA)
        modes = {file.name: mode(file) for file in tmp_path.iterdir()}
        await database.close()
    finally:
        os.umask(before)
    assert set(modes.values()) == {0o600}
    assert len(modes) == 4  # with the -wal and the -shm


@HAS_MODES
async def test_files_that_others_could_read_are_restricted(tmp_path: Path) -> None:
    path = tmp_path / "gifchat.db"
    await open_and_close(path)
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("SELECT count(*) FROM chats")
        files = [tmp_path / name for name in ("gifchat.db", "gifchat.db-wal", "gifchat.db-shm")]
        for file in files:
            file.chmod(0o664)
        database = await Database.open(path, SCHEMA)
        assert [mode(file) for file in files] == [0o600] * 3
        await database.close()


async def test_data_is_still_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "gifchat.db"
    database = await Database.open(path, SCHEMA)
    await database.run("INSERT INTO visitors (session, user, seen_at) VALUES ('s', '#a1b2c3', 0)")
    await database.close()
    database = await Database.open(path, SCHEMA)
    rows = await database.run("SELECT user FROM visitors")
    await database.close()
    assert rows == [("#a1b2c3",)]


async def test_a_write_that_failed_a_moment_ago_fails_the_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large write can fail where that of the check does not."""
    database = await Database.open(tmp_path / "gifchat.db", SCHEMA)
    await database.check()
    database.failed(sqlite3.OperationalError("database or disk is full"))
    with pytest.raises(Storage) as refused:
        await database.check()
    assert str(refused.value.__cause__) == "database or disk is full"
    monkeypatch.setattr(connection, "FAILED_RECENTLY_S", 0.0)
    await database.check()
    await database.close()


async def test_a_newer_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "gifchat.db"
    await open_and_close(path)
    with sqlite3.connect(path) as other:
        other.execute(f"PRAGMA user_version = {connection.SCHEMA_VERSION + 1}")
    other.close()
    before = path.read_bytes()
    with pytest.raises(StartError, match="newer gifchat"):
        await Database.open(path, SCHEMA)
    assert path.read_bytes() == before


async def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "gifchat.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE contacts (name)")
    other.commit()
    other.close()
    with pytest.raises(StartError, match="not a gifchat database"):
        await Database.open(path, SCHEMA)


async def test_a_file_that_is_not_a_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "gifchat.db"
    path.write_bytes(b"not a database, but long enough to look at" * 100)
    with pytest.raises(StartError, match="file is not a database"):
        await Database.open(path, SCHEMA)


async def test_a_damaged_database_is_reported_and_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "gifchat.db"
    await open_and_close(path)
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(StartError, match=r"damaged|cannot use"):
        await Database.open(path, SCHEMA)
    assert path.read_bytes() == bytes(content)


async def test_an_old_database_is_migrated_step_by_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "gifchat.db"
    await open_and_close(path)
    first = connection.SCHEMA_VERSION
    monkeypatch.setattr(connection, "SCHEMA_VERSION", first + 2)
    monkeypatch.setattr(
        connection, "MIGRATIONS", {first: "CREATE TABLE one (a)", first + 1: "ALTER TABLE one ADD COLUMN b"}
    )
    database = await Database.open(path, SCHEMA)
    await database.run("INSERT INTO one VALUES (1, 2)")
    assert await database.run("PRAGMA user_version") == [(first + 2,)]
    await database.close()


async def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "gifchat.db"
    await open_and_close(path)
    first = connection.SCHEMA_VERSION
    monkeypatch.setattr(connection, "SCHEMA_VERSION", first + 1)
    monkeypatch.setattr(connection, "MIGRATIONS", {first: "CREATE TABLE one (a); CREATE TABLE one (a)"})
    with pytest.raises(StartError, match="already exists"):
        await Database.open(path, SCHEMA)
    other = sqlite3.connect(path)
    assert other.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'one'").fetchone() == (0,)
    assert other.execute("PRAGMA user_version").fetchone() == (first,)
    other.close()


async def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="cannot open the database"):
        await Database.open(tmp_path / "nowhere" / "gifchat.db", SCHEMA)


async def test_inserting_a_row_for_a_deleted_room_raises_no_such_room(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "gifchat.db", SCHEMA)
    with pytest.raises(NoSuchRoom):
        await database.run("INSERT INTO grants (room, visitor_id) VALUES (9, 1)")
    await database.close()


@pytest.mark.parametrize(
    "fill",
    [
        "UPDATE image_space SET quota_bytes = 399",  # a quarter of it is one room's
        "UPDATE image_space SET bytes = 301, quota_bytes = 400",
    ],
)
async def test_a_full_quota_is_recognised_by_its_error_code(tmp_path: Path, fill: str) -> None:
    """The error's text is for people; SQLite's extended result code decides."""
    database = await Database.open(tmp_path / "gifchat.db", SCHEMA.replace("'quota'", "'whatever it says'"))
    await database.run(
        "INSERT INTO rooms (id, title, max, owner_id, owner, ephemeral, created_at) VALUES (?, '방', 9, 1, '#1', 0, 0)",
        ("a" * 24,),
    )
    await database.run(fill)
    with pytest.raises(Storage) as refused:
        await database.run("INSERT INTO shown VALUES (1, 'a.gif', ?, 100, 1, 1, NULL, NULL)", (b"1" * 32,))
    assert refused.value.detail == {"reason": "quota"}
    assert await database.run("SELECT count(*) FROM images") == [(0,)]
    await database.close()


def test_the_quota_is_the_only_trigger_that_refuses() -> None:
    """A quota refusal is recognised only by the error code of a trigger."""
    assert set(re.findall(r"RAISE\s*\((.*)\)", SCHEMA)) == {"ABORT, 'quota'", "IGNORE"}


async def test_after_a_stop_no_replaced_text_remains_in_the_file(tmp_path: Path) -> None:
    """After page splits, secure_delete alone leaves traces."""
    texts, path = Texts(), tmp_path / "gifchat.db"
    database = await Database.open(path, SCHEMA)
    await texts.write(database)
    await database.close()
    assert texts.left_in(path) == texts.kept
