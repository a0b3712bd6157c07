"""A disk that is full, a database that somebody else uses."""

import asyncio
import sqlite3
from contextlib import closing

from tests.abuse.kinds import kind
from tests.abuse.target import Target
from tests.client import GIF
from tests.crash.disk import LimitedFiles

LOCKED_S = 3.0


@kind("no space left", expected=r"storage: |not stored|not noted", bystanders=False)
async def no_space(target: Target) -> None:
    """What must be stored is refused, and everything can be read; with space again, all works."""
    disk = LimitedFiles(target.server.data)
    browser = target.browser()
    room = await browser.new_room()
    assert (await browser.post(f"/room/{room}/chat", {"chat": "before"})).status == 200
    disk.fill(target.server)
    statuses = set()
    for number in range(8):
        statuses.add((await browser.post(f"/room/{room}/chat", {"chat": "x" * 1_990 + str(number)})).status)
        statuses.add((await browser.upload(f"/room/{room}/gif", ("gif", GIF, "a.gif"))).status)
        assert (await browser.get(f"/room/{room}/chats")).status == 200
    assert 507 in statuses and statuses <= {200, 429, 507}, statuses
    disk.free(target.server)
    while (await browser.post(f"/room/{room}/chat", {"chat": "after"})).status != 200:
        await asyncio.sleep(0.2)
    browser.close()


@kind("the database is locked for three seconds", expected="storage: |locked", bystanders=False)
async def locked(target: Target) -> None:
    """What cannot be stored is refused within moments, not held up; what is acknowledged stays."""
    browser = target.browser()
    room = await browser.new_room()
    with closing(sqlite3.connect(target.server.data / "gifchat.db", timeout=60)) as database:
        database.execute("BEGIN IMMEDIATE")
        async with asyncio.timeout(LOCKED_S):
            refused = await browser.post(f"/room/{room}/chat", {"chat": "locked"})
            read = await browser.get(f"/room/{room}/chats")
        assert (refused.status, read.status) == (507, 200), (refused.body, read.body)
        database.rollback()
    assert (await browser.post(f"/room/{room}/chat", {"chat": "free"})).status == 200
    assert [record["chat"] for record in await browser.chats(room)] == ["free"]
    browser.close()
