"""Opening the database: new, ours, newer, damaged, somebody else's."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from db import connection
from db.connection import Database
from realtime.errors import NoSuchRoom, StartError, Storage
from tests.conftest import ROOT

SCHEMA = (ROOT / "schema.sql").read_text("utf-8")


async def open_and_close(path: Path) -> None:
    await (await Database.open(path, SCHEMA)).close()


async def test_a_new_database_is_wal_full_and_at_the_newest_version(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "gifchat.db", SCHEMA)
    try:
        settings = [
            (await database.run(f"PRAGMA {name}"))[0][0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "user_version")
        ]
    finally:
        await database.close()
    assert settings == ["wal", 2, 1, connection.SCHEMA_VERSION]  # 2 is FULL


async def test_a_second_start_finds_what_the_first_stored(tmp_path: Path) -> None:
    path = tmp_path / "gifchat.db"
    database = await Database.open(path, SCHEMA)
    await database.run("INSERT INTO visitors (session, user, seen_at) VALUES ('s', '#a1b2c3', 0)")
    await database.close()
    database = await Database.open(path, SCHEMA)
    rows = await database.run("SELECT user FROM visitors")
    await database.close()
    assert rows == [("#a1b2c3",)]


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


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "gifchat.db"
    path.write_bytes(b"not a database, but long enough to look at" * 100)
    with pytest.raises(StartError, match="file is not a database"):
        await Database.open(path, SCHEMA)


async def test_a_damaged_database_is_told_and_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "gifchat.db"
    await open_and_close(path)
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(StartError, match=r"damaged|cannot be used"):
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


async def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="cannot open the database"):
        await Database.open(tmp_path / "nowhere" / "gifchat.db", SCHEMA)


async def test_a_row_whose_room_went_meanwhile_says_so(tmp_path: Path) -> None:
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
async def test_what_there_is_no_space_for_is_told_apart_by_its_code(tmp_path: Path, fill: str) -> None:
    """The text of an error is for people; SQLite's extended result code decides."""
    database = await Database.open(tmp_path / "gifchat.db", SCHEMA.replace("'quota'", "'whatever it says'"))
    await database.run(
        "INSERT INTO rooms (id, title, max, owner_id, owner, ephemeral, created_at) VALUES (?, '방', 9, 1, '#1', 0, 0)",
        ("a" * 24,),
    )
    await database.run(fill)
    with pytest.raises(Storage) as refused:
        await database.run("INSERT INTO shown VALUES (1, 'a.gif', ?, 100, 1, 1, NULL)", (b"1" * 32,))
    assert refused.value.detail == {"reason": "quota"}
    assert await database.run("SELECT count(*) FROM images") == [(0,)]
    await database.close()


def test_the_schema_refuses_nothing_else_by_a_trigger() -> None:
    """What it refuses is known by the code of a trigger's refusal alone."""
    assert set(re.findall(r"RAISE\s*\((.*)\)", SCHEMA)) == {"ABORT, 'quota'", "IGNORE"}


# --- from version 1


@pytest.fixture
def version_1(tmp_path: Path) -> Path:
    """Return a database as version 1 left it: two rooms and an ephemeral one with images, one sent twice, and texts."""
    path = tmp_path / "gifchat.db"
    with closing(sqlite3.connect(path)) as old:
        old.executescript((ROOT / "tests" / "versions" / "schema-1.sql").read_text("utf-8"))
        old.executescript(
            f"""
            PRAGMA application_id = {connection.APPLICATION_ID};
            PRAGMA user_version = 1;
            INSERT INTO visitors (id, session, user, seen_at) VALUES (1, 's1', '#000001', 0), (2, 's2', '#000002', 0);
            INSERT INTO rooms (key, id, title, max, owner_id, owner, password_hash, ephemeral, created_at) VALUES
                (1, '{"1" * 24}', '하나', 10, 1, '#000001', NULL, 0, 0),
                (2, '{"2" * 24}', '둘', 10, 1, '#000001', NULL, 0, 0),
                (3, '{"3" * 24}', '순간', 10, 1, '#000001', NULL, 1, 0);
            INSERT INTO images (name, room, size_bytes) VALUES
                ('{CAT}', 1, 100), ('{DOG}', 1, 20), ('{OWL}', 2, 3), ('{BAT}', 3, 4);
            INSERT INTO chats (seq, room, visitor_id, user, created_at, chat, gif, width, height, nonce) VALUES
                (1, 1, 1, '#000001', 5, 'hello', NULL, NULL, NULL, 'n-1'),
                (2, 1, 1, '#000001', 5, NULL, '{CAT}', 8, 9, 'n-2'),
                (3, 1, 2, '#000002', 5, NULL, '{DOG}', 6, 7, NULL), (4, 2, 2, '#000002', 5, NULL, '{OWL}', 4, 5, NULL),
                (5, 1, 9, '#000009', 5, NULL, '{CAT}', 8, 9, NULL);
            """
        )
    return path


CAT, DOG, OWL, BAT = (f"{letter * 32}.gif" for letter in "abcd")


async def test_what_version_1_stored_is_all_there(version_1: Path) -> None:
    database = await Database.open(version_1, SCHEMA)
    assert await database.run("PRAGMA user_version") == [(connection.SCHEMA_VERSION,)]
    assert await database.run("SELECT name, sha256, size_bytes, width, height, moving FROM images") == [
        (CAT, None, 100, 8, 9, None),
        (DOG, None, 20, 6, 7, None),
        (OWL, None, 3, 4, 5, None),
        (BAT, None, 4, None, None, None),
    ]
    uses = await database.run("SELECT room, image, uses, last_seq FROM room_images")
    assert uses == [(1, CAT, 2, 5), (1, DOG, 1, 3), (2, OWL, 1, 4), (3, BAT, 1, None)]
    # Visitor 9 was forgotten meanwhile.
    assert await database.run("SELECT * FROM sent_images") == [(1, CAT, 2), (2, DOG, 3), (2, OWL, 4)]
    assert await database.run("SELECT image_bytes FROM rooms ORDER BY key") == [(120,), (3,), (4,)]
    assert await database.run("SELECT bytes FROM image_space") == [(127,)]
    assert await database.run("SELECT chat, gif, width, nonce, moving FROM chats WHERE seq < 3") == [
        ("hello", None, None, "n-1", None),
        (None, CAT, 8, "n-2", None),
    ]
    await database.run("DELETE FROM rooms WHERE key = 1")
    assert await database.run("SELECT name FROM removed_images") == [(CAT,), (DOG,)]
    assert await database.run("SELECT bytes FROM image_space") == [(7,)]
    await database.close()


async def test_a_migrated_database_is_like_a_new_one(version_1: Path, tmp_path: Path) -> None:
    await open_and_close(version_1)
    await open_and_close(tmp_path / "new.db")
    assert shape(version_1) == shape(tmp_path / "new.db")


def shape(path: Path) -> dict[str, str]:
    """Return the definition of each table, index, view and trigger, but for its comments and white space."""
    with closing(sqlite3.connect(path)) as database:
        found = database.execute("SELECT type || ' ' || name, sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
    return {name: re.sub(r"[\s\"]+", "", re.sub(r"--.*", "", sql)) for name, sql in found}
