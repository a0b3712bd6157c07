"""Another program using our database may delay messages or make them be refused, but never block the chat."""

import asyncio
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from db.connection import BUSY_TIMEOUT_S
from tests.crash.ledger import Ledger
from tests.crash.people import WRITERS, company, settled
from tests.crash.process import kill, serving, spawn, stop
from tests.free_ports import free_port
from tests.server import START_TIMEOUT_S

MIB = 1024 * 1024
ANSWERED_WITHIN_S = 2.0
TROUBLE = "database is locked|not stored"


def other_program(data: Path) -> sqlite3.Connection:
    """Return a connection like that of a backup or of a person with sqlite3."""
    return sqlite3.connect(data / "gifchat.db", isolation_level=None)


async def test_a_locked_database_refuses_messages_until_it_is_unlocked(tmp_path: Path) -> None:
    data, ledger, unstored = tmp_path / "data", Ledger(), Ledger()
    async with (
        serving(data, expected=TROUBLE) as server,
        company(server.port, ledger, "one", "two") as (one, two),
        company(server.port, unstored, "ann") as (ann,),
    ):
        room, passing = await one.room(title="방"), await ann.room(title="순간", ephemeral=True)
        for person, entered in ((one, room), (two, room), (ann, passing)):
            await person.enter(entered)
        await one.deliver(one.compose(room, "post"))
        with closing(other_program(data)) as other:
            other.execute("BEGIN IMMEDIATE")
            messages = [one.compose(room, way) for way in WRITERS]
            took: list[float] = []
            for message in messages:
                began = time.monotonic()
                assert (await one.attempt(message))["error"] == "storage"
                took.append(time.monotonic() - began)
            assert min(took) < ANSWERED_WITHIN_S  # the machine may stall during one of them
            posted = await one.browser.post(f"/room/{room}/chat", {"chat": "열려라"})
            assert posted.refusal == (507, "storage")
            for path in ("", "/chats", "/search?q=one"):
                assert (await one.browser.get(f"/room/{room}{path}")).status == 200, path
            assert two.socket is not None
            await two.socket.abort()
            await two.enter()
            assert "error" not in await ann.attempt(ann.compose(passing, "socket"))
            other.execute("ROLLBACK")
        for message in messages:
            await one.deliver(message)
        await settled(one, two)
    ledger.audit(data)


async def test_a_brief_lock_refuses_nothing(tmp_path: Path) -> None:
    data, ledger = tmp_path / "data", Ledger()
    async with serving(data) as server, company(server.port, ledger, "one") as (one,):
        room = await one.room(title="방")
        await one.enter(room)
        moments, refused = 0, []
        while moments < 10:
            message = one.compose(room, "post")
            with closing(other_program(data)) as other:
                other.execute("BEGIN IMMEDIATE")
                locked = time.monotonic()
                sending = asyncio.create_task(one.attempt(message))
                await asyncio.sleep(0.05)  # the lock's duration
                other.execute("ROLLBACK")
                held_s = time.monotonic() - locked
            if "error" in await sending:
                assert held_s > BUSY_TIMEOUT_S / 2  # the machine stalled: the lock was long, and a refusal is right
                refused.append(message)
            else:
                moments += 1
        for message in refused:
            await one.deliver(message)
        await settled(one)
        await asyncio.to_thread(stop, server, TROUBLE if refused else None)
    ledger.audit(data)


async def test_the_numbers_of_an_ephemeral_room_never_decrease(tmp_path: Path) -> None:
    """Not even if its creation was first refused and the server is killed afterwards."""
    data, port, ledger = tmp_path / "data", free_port(), Ledger()
    async with company(port, ledger, "one") as (one,):
        async with serving(data, port=port) as server:
            await one.browser.get("/")
            with closing(other_program(data)) as other:
                other.execute("BEGIN IMMEDIATE")
                refused = await one.browser.ask("POST", "/room", json_body={"title": "순간", "ephemeral": True})
                assert refused.refusal == (507, "storage")
                other.execute("ROLLBACK")
            room = await one.room(title="순간", ephemeral=True)
            await one.enter(room)
            last = [await one.attempt(one.compose(room, "socket")) for _ in range(10)][-1]
            kill(server, TROUBLE)
        async with serving(data, port=port):
            await one.enter()
            first = await one.attempt(one.compose(room, "socket"))
            assert int(str(first["seq"])) > int(str(last["seq"]))


async def test_a_locked_database_at_start_up_is_reported_in_one_line(tmp_path: Path) -> None:
    data, ledger = tmp_path / "data", Ledger()
    async with serving(data) as server, company(server.port, ledger, "one") as (one,):
        await one.enter(await one.room(title="방"))
    with closing(other_program(data)) as other:
        other.execute("BEGIN IMMEDIATE")
        refused = spawn(data)
        status = await asyncio.to_thread(refused.process.wait, START_TIMEOUT_S)
        other.execute("ROLLBACK")
    assert status == 1
    [line] = refused.stderr.splitlines()
    assert "locked" in line, line


async def test_the_write_ahead_log_stays_bounded_and_shrinks_after_a_long_read(tmp_path: Path) -> None:
    """A reader in a long transaction keeps the write-ahead log from being reset, and is logged; then it is reset."""
    data, ledger = tmp_path / "data", Ledger()
    log, largest = data / "gifchat.db-wal", 0
    warning = "another program has been reading the database for long"

    async with serving(data, expected=warning) as server, company(server.port, ledger, "one") as (one,):
        room = await one.room(title="방")
        await one.enter(room)

        async def write(messages: int) -> None:
            nonlocal largest
            for _ in range(messages // 100):
                batch = [one.compose(room, "socket", chat="가" * 2000) for _ in range(100)]
                await asyncio.gather(*map(one.attempt, batch))
                largest = max(largest, log.stat().st_size)

        await write(4000)
        assert (data / "gifchat.db").stat().st_size > 20 * MIB
        assert largest < 8 * MIB
        with closing(other_program(data)) as other:
            other.execute("BEGIN")
            other.execute("SELECT count(*) FROM chats").fetchall()
            await write(4000)
            deadline = time.monotonic() + START_TIMEOUT_S
            while warning not in server.stderr:
                assert time.monotonic() < deadline
                await asyncio.sleep(0.1)  # there is no event for a line in another's log
            other.execute("ROLLBACK")
        assert largest > 20 * MIB
        await write(200)
        largest = 0
        await write(200)
        assert largest <= 16 * MIB
        await settled(one)
    ledger.audit(data)
