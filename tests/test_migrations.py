"""Databases of older versions are migrated with all their data, even if a migration is killed."""

import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from db import connection
from db.chats import ChatTable
from db.connection import Database
from db.images import Images
from db.uploads import Uploads
from db.writer import Writer
from tests.conftest import ROOT
from tests.server import running
from tests.test_connection import SCHEMA, open_and_close


@pytest.fixture
def version_1(tmp_path: Path) -> Path:
    """Return a database of version 1: two rooms and an ephemeral one with texts and images, one sent twice."""
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


async def test_data_of_version_1_survives_the_migration(version_1: Path) -> None:
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
    # Visitor 9 has been forgotten.
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


@pytest.mark.parametrize("version", ["version_1", "version_2"])
async def test_a_migrated_database_has_the_schema_of_a_new_one(
    version: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    migrated: Path = request.getfixturevalue(version)
    await open_and_close(migrated)
    await open_and_close(tmp_path / "new.db")
    assert shape(migrated) == shape(tmp_path / "new.db")


def shape(path: Path) -> dict[str, str]:
    """Return the definition of each table, index, view and trigger, without comments and white space."""
    with closing(sqlite3.connect(path)) as database:
        found = database.execute("SELECT type || ' ' || name, sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
    return {name: re.sub(r"[\s\"]+", "", re.sub(r"--.*", "", sql)) for name, sql in found}


# --- from version 2

RECORDS = 20_000
KILLS = 6
REBUILDING = (5, 6)  # the versions from which the table of records is rebuilt

SHOWN = """
    INSERT INTO shown (room, name, sha256, size_bytes, width, height, moving) VALUES
        (1, '{cat}', zeroblob(32), 100, 8, 9, 1), (2, '{cat}', zeroblob(32), 100, 8, 9, 1),
        (3, '{owl}', randomblob(32), 3, 4, 5, NULL)
"""


@pytest.fixture
def version_2(tmp_path: Path) -> Path:
    """Return a database of version 2: rooms, members, bans, images, and all kinds of records.

    It has more texts than fit SQLite's cache, so that a migration writes before it commits.
    """
    path = tmp_path / "gifchat.db"
    with closing(sqlite3.connect(path)) as old:
        old.executescript((ROOT / "tests" / "versions" / "schema-2.sql").read_text("utf-8"))
        old.executescript(
            f"""
            PRAGMA application_id = {connection.APPLICATION_ID};
            PRAGMA user_version = 2;
            UPDATE image_space SET quota_bytes = 10000;
            UPDATE used_seq SET seq = 7;
            INSERT INTO visitors (id, session, user, seen_at) VALUES (1, 's1', '#000001', 0), (2, 's2', '#000002', 0);
            INSERT INTO rooms (key, id, title, max, owner_id, owner, password_hash, ephemeral, created_at) VALUES
                (1, '{"1" * 24}', '하나', 10, 1, '#000001', NULL, 0, 0),
                (2, '{"2" * 24}', '둘', 10, 1, '#000001', 'hash', 0, 0),
                (3, '{"3" * 24}', '순간', 10, 1, '#000001', NULL, 1, 0);
            {SHOWN.format(cat=CAT, owl=OWL)};
            INSERT INTO chats (seq, room, visitor_id, user, created_at, chat, event, members) VALUES
                (8, 1, 1, '#000001', 5, 'in', 'join', 1), (9, 1, 2, '#000002', 5, 'in', 'join', 2),
                (10, 1, 3, '#000003', 5, 'in', 'join', 3), (11, 1, 3, '#000003', 5, 'out', 'kick', NULL),
                (12, 1, 2, '#000002', 5, 'owns', 'owner', NULL), (13, 1, 1, '#000001', 5, 'out', 'exit', 1);
            INSERT INTO chats (seq, room, visitor_id, user, created_at, chat, gif, width, height, moving, nonce) VALUES
                (14, 1, 2, '#000002', 6, '고양이', '{CAT}', 8, 9, 1, 'n-1'),
                (15, 2, 1, '#000001', 6, NULL, '{CAT}', 8, 9, 1, NULL);
            INSERT INTO chats (seq, room, visitor_id, user, created_at, chat, to_id, to_user, nonce) VALUES
                (16, 1, 2, '#000002', 7, '귓속말', 1, '#000001', 'n-2');
            INSERT INTO chats (seq, room, visitor_id, user, created_at, chat, nonce)
                WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {RECORDS})
                SELECT 100 + n, 1 + n % 2, 1, '#000001', 8, hex(randomblob(60)), 'm-' || n FROM numbers;
            """
        )
    return path


Rows = list[tuple[object, ...]]


async def test_data_of_version_2_survives_the_migration(version_2: Path) -> None:
    before = content(version_2)
    await open_and_close(version_2)
    assert content(version_2, before) == before
    database = await Database.open(version_2, SCHEMA)
    writer = Writer(database)
    chats = ChatTable(database, writer)
    assert await chats.start() == {1: 100 + RECORDS, 2: 99 + RECORDS}
    picture, whisper = [record for seq in (14, 16) if (record := await chats.get(1, seq)) is not None]
    assert picture.wire("r", 2).poster == f"{CAT.removesuffix('.gif')}.poster.webp"
    # Nobody has looked for flashes in it.
    assert picture.wire("r", 2).flashes
    assert [image.flashes for image in await Images(database, Uploads(version_2.parent)).recent(1)] == [True]
    assert await Images(database, Uploads(version_2.parent)).not_looked_at() == [CAT]
    assert [whisper.visible_to(reader) for reader in (1, 2, 3)] == [True, True, False]
    assert await chats.change(picture.revised(chats.next()[0]))  # and it can be changed
    assert [record.seq for record in await chats.after(1, 1, 100 + RECORDS, 9)] == [14]
    await writer.close()
    await database.close()


def test_a_migration_is_logged_at_start_up(version_2: Path) -> None:
    with running(version_2.parent) as server:
        rooms = server.visitor().json("GET", "/")[1]["rooms"]
        assert isinstance(rooms, list) and len(rooms) == 3
        logged = re.findall(r"INFO gifchat.db: (.*)", server.stderr)
    steps = range(2, connection.SCHEMA_VERSION)
    assert logged == [
        *(f"migrating the database from version {step} to {step + 1}; this may take some seconds" for step in steps),
        f"the database is at version {connection.SCHEMA_VERSION}",
    ]


async def test_a_kill_during_a_migration_loses_nothing(version_2: Path, tmp_path: Path) -> None:
    """Wherever the kill falls, the database is entirely at one version, and the next start continues from there."""
    before, found = content(version_2), []
    whole = migrate_apart(Path(shutil.copyfile(version_2, tmp_path / "whole.db")))
    newest = shape(tmp_path / "whole.db")
    for kill in range(1, KILLS):
        path = Path(shutil.copyfile(version_2, tmp_path / f"{kill}.db"))
        assert migrate_apart(path, whole * kill // KILLS) == -signal.SIGKILL
        with closing(sqlite3.connect(path)) as killed:
            found += killed.execute("PRAGMA user_version").fetchone()
        assert content(path, before) == before
        await open_and_close(path)
        assert content(path, before) == before
        assert shape(path) == newest
    assert sum(map(found.count, REBUILDING)) > 1, f"few kills fell into the longest steps: {found}"


def migrate_apart(path: Path, steps: int = 0) -> int:
    """Open a database in a process that kills itself after `steps` steps of SQLite; return its exit status.

    With 0 it completes, and the number of steps it took is returned.
    """
    command = [sys.executable, "-m", "tests.versions.migrating", str(path), str(steps)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return ended.returncode or int(ended.stdout)


def content(path: Path, like: Mapping[str, Rows] | None = None) -> dict[str, Rows]:
    """Return the rows of each table, keyed by their query; of the queries in `like`, if given."""
    with closing(sqlite3.connect(path)) as database:
        if like is None:
            like = {}
            for (table,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
                columns = ", ".join(row[1] for row in database.execute(f"PRAGMA table_info({table})"))
                like[f"SELECT {columns} FROM {table}"] = []
        return {query: database.execute(query).fetchall() for query in like}
