"""Group commit against a real SQLite file."""

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from db.connection import Database, Row
from db.writer import QUEUE_ROWS, Statement, Writer
from realtime.deferred import Deferred, failed
from realtime.errors import BadRequest, Internal, NoSuchRoom, Storage, TooFast
from tests.conftest import ExpectLog

SCHEMA = """
CREATE TABLE shelf (id INTEGER PRIMARY KEY) STRICT;
CREATE TABLE book (id INTEGER PRIMARY KEY, title TEXT UNIQUE CHECK (title != 'bad'),
    shelf INTEGER REFERENCES shelf (id)) STRICT;
INSERT INTO shelf VALUES (1);
"""

INSERT = "INSERT INTO book SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)"


@pytest.fixture
def database(io_loop: IOLoop, tmp_path: Path) -> Iterator[Database]:
    database = io_loop.run_sync(lambda: Database.open(tmp_path / "gifchat.db", SCHEMA))
    yield database
    io_loop.run_sync(database.close)


@pytest.fixture
def statements(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list of statements that reach SQLite."""
    seen: list[str] = []
    start = database.start

    def noted(statement: str, parameters: Sequence[object]) -> Deferred[list[Row]]:
        seen.append(statement)
        return start(statement, parameters)

    monkeypatch.setattr(database, "start", noted)
    return seen


async def titles(database: Database) -> list[object]:
    return [title for (title,) in await database.run("SELECT title FROM book ORDER BY id")]


async def test_writes_that_arrive_together_are_one_statement_in_order(
    database: Database, statements: list[str]
) -> None:
    writer, insert = Writer(database), Statement(INSERT)
    order: list[int] = []
    writes = [writer.write(insert, (n, f"t{n}", 1)) for n in range(100)]
    for n, write in enumerate(writes):
        write.add_done_callback(lambda _, n=n: order.append(n))  # type: ignore[misc]
    assert all(await asyncio.gather(*writes))
    assert order == list(range(100))
    assert statements == [INSERT]
    assert len(await titles(database)) == 100


async def test_writes_that_arrive_during_a_commit_go_into_the_next(database: Database, statements: list[str]) -> None:
    writer, insert = Writer(database), Statement(INSERT)
    later: list[Deferred[bool]] = []

    def more(_: Deferred[bool]) -> None:
        later.extend(writer.write(insert, (n, f"t{n}", 1)) for n in (2, 3))

    first = writer.write(insert, (1, "t1", 1))
    first.add_done_callback(more)
    await first
    await asyncio.gather(*later)
    assert statements == [INSERT, INSERT]


async def test_a_row_that_already_existed_is_reported(database: Database) -> None:
    insert = Statement(f"{INSERT} WHERE true ON CONFLICT (title) DO NOTHING RETURNING id")
    writer = Writer(database)
    rows = [(1, "a", 1), (2, "a", 1), (3, "b", 1)]
    assert await asyncio.gather(*(writer.write(insert, row) for row in rows)) == [True, False, True]


async def test_a_bad_row_does_not_affect_the_others(database: Database, expect_log: ExpectLog) -> None:
    expect_log("gifchat.db", "violates the schema")
    writer, insert = Writer(database), Statement(INSERT)
    rows = [(1, "good", 1), (2, "bad", 1), (3, "homeless", 9), (4, "fine", 1)]
    answers = await asyncio.gather(*(writer.write(insert, row) for row in rows), return_exceptions=True)
    assert answers[0] is True
    assert isinstance(answers[1], Internal)
    assert isinstance(answers[2], NoSuchRoom)
    assert answers[3] is True
    assert await titles(database) == ["good", "fine"]


@pytest.mark.parametrize("statement", [Statement(INSERT), Statement(insert=("INSERT INTO book", ""))])
async def test_an_unstorable_text_is_refused_alone(database: Database, statement: Statement) -> None:
    writer, insert = Writer(database), Statement(statement.sql, statement.insert)
    rows = [(1, "good", 1), (2, "\ud800", 1), (3, "fine", 1)]
    answers = await asyncio.gather(*(writer.write(insert, row) for row in rows), return_exceptions=True)
    assert answers[0] is answers[2] is True
    assert isinstance(answers[1], BadRequest)
    with pytest.raises(BadRequest):
        await writer.write(insert, (4, "\udfff", 1))
    assert await titles(database) == ["good", "fine"]


async def test_many_unstorable_texts_are_each_refused(database: Database) -> None:
    writer, insert = Writer(database), Statement(insert=("INSERT INTO book", ""))
    writes = [writer.write(insert, (n, "\ud800", 1)) for n in range(2000)]
    answers = await asyncio.gather(*writes, writer.write(insert, (2000, "good", 1)), return_exceptions=True)
    assert {type(answer) for answer in answers[:-1]} == {BadRequest}
    assert answers[-1] is True


async def test_cancelling_the_caller_does_not_cancel_the_write(database: Database) -> None:
    writer, insert = Writer(database), Statement(INSERT)
    write = writer.write(insert, (1, "a", 1))
    caller = asyncio.ensure_future(write)
    await asyncio.sleep(0)
    caller.cancel()
    await writer.flushed()
    assert await write
    assert await titles(database) == ["a"]


async def test_a_disk_error_refuses_all_writes_until_it_is_gone(
    database: Database, monkeypatch: pytest.MonkeyPatch, expect_log: ExpectLog
) -> None:
    expect_log("gifchat.db", "2 writes failed: database or disk is full")
    writer, insert = Writer(database), Statement(INSERT)

    def full(statement: str, parameters: Sequence[object]) -> Deferred[list[Row]]:
        return failed(sqlite3.OperationalError("database or disk is full"))

    with monkeypatch.context() as trouble:
        trouble.setattr(database, "start", full)
        answers = await asyncio.gather(
            writer.write(insert, (1, "a", 1)), writer.write(insert, (2, "b", 1)), return_exceptions=True
        )
    assert [type(answer) for answer in answers] == [Storage, Storage]
    assert await writer.write(insert, (3, "c", 1))
    assert await titles(database) == ["c"]


async def test_a_full_queue_refuses_more_writes(database: Database) -> None:
    writer, insert = Writer(database), Statement(INSERT)
    writes = [writer.write(insert, (n, f"t{n}", 1)) for n in range(QUEUE_ROWS)]
    with pytest.raises(TooFast):
        writer.write(insert, (QUEUE_ROWS, "one too many", 1))
    await asyncio.gather(*writes)
    assert await writer.write(insert, (QUEUE_ROWS, "in its turn", 1))


async def test_a_callers_failing_callback_leaves_no_other_caller_unanswered(
    database: Database, expect_log: ExpectLog
) -> None:
    expect_log("realtime.deferred", "a callback failed")
    writer, insert = Writer(database), Statement(INSERT)

    def broken(_: Deferred[bool]) -> None:
        raise ValueError

    first, second = (writer.write(insert, (n, f"t{n}", 1)) for n in (1, 2))
    first.add_done_callback(broken)
    assert all(await asyncio.gather(first, second))
    await writer.flushed()


async def test_different_statements_take_turns(database: Database, statements: list[str]) -> None:
    writer = Writer(database)
    books, shelves = Statement(INSERT), Statement("INSERT INTO shelf SELECT value ->> 0 FROM json_each(?)")
    await asyncio.gather(
        *(writer.write(books, (n, f"t{n}", 1)) for n in range(10)),
        *(writer.write(shelves, (n,)) for n in range(10, 20)),
    )
    assert statements == [books.sql, shelves.sql]


async def test_a_closed_writer_accepts_nothing_more(database: Database) -> None:
    writer, insert = Writer(database), Statement(INSERT)
    write = writer.write(insert, (1, "in time", 1))
    await writer.close()
    assert write.result()
    with pytest.raises(Storage):
        writer.write(insert, (2, "too late", 1))


async def test_rows_of_a_plain_insert_become_one_values_list(database: Database, statements: list[str]) -> None:
    insert = Statement(insert=("INSERT INTO book", "ON CONFLICT (title) DO NOTHING RETURNING id"))
    writer = Writer(database)
    await writer.write(insert, (1, "alone", 1))
    pair = [writer.write(insert, row) for row in ((2, "together", 1), (3, "alone", 1))]
    assert [await write for write in pair] == [True, False]
    assert [statement.count("(?, ?, ?)") for statement in statements] == [1, 2]
    assert await titles(database) == ["alone", "together"]
