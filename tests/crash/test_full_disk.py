"""A full disk refuses only what must be stored; once there is space, everything works again."""

import asyncio
import itertools
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import cast

import pytest

from tests.crash.disk import Disk, LimitedFiles, small_disk
from tests.crash.ledger import Json, Ledger
from tests.crash.people import WRITERS, Message, Person, company, settled
from tests.crash.process import kill, serving
from tests.crash.wire import Socket
from tests.free_ports import free_port
from tests.images import gif_of_size

CHANGES_WITHIN_S = 60.0
TROUBLE = r"storage: |not stored|not noted"


@pytest.fixture(params=["full disk", "size limit"])
def disk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Disk]:
    """Return a disk of 1 MiB (or a file size limit where mounting is not allowed), or always a file size limit."""
    with ExitStack() as stack:
        mounted = stack.enter_context(small_disk(tmp_path / "mounted")) if request.param == "full disk" else None
        yield mounted or LimitedFiles(tmp_path / "data")


async def refusals(person: Person, room: str, disk: Disk) -> list[Message]:
    """Send a message in every way, each of which must be refused; return the messages."""
    messages = [person.compose(room, way) for way in WRITERS]
    files = sorted((disk.data / "uploads").iterdir())
    for message in messages:
        answer = await person.attempt(message)
        assert answer["error"] == "storage", (message, answer)
    posted = await person.browser.post(f"/room/{room}/chat", {"chat": "아직도?"})
    assert posted.refusal == (507, "storage")
    assert sorted((disk.data / "uploads").iterdir()) == files
    return messages


async def health_with(person: Person, status: int) -> Json:
    """Return the server's health once it has this status; an answer is cached, and a failed write remembered."""
    deadline = time.monotonic() + CHANGES_WITHIN_S
    while (answer := await person.browser.get("/healthz")).status != status:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.2)  # there is no event for that
    return answer.json


async def test_a_full_disk_refuses_only_what_must_be_stored_until_there_is_space(disk: Disk) -> None:
    ledger, unstored = Ledger(), Ledger()
    async with (
        serving(disk.data, expected=TROUBLE) as server,
        company(server.port, ledger, "one", "two", "late") as (one, two, late),
        company(server.port, unstored, "ann", "bob") as (ann, bob),
    ):
        room, passing = await one.room(title="방"), await ann.room(title="순간", ephemeral=True)
        for person, entered in ((one, room), (two, room), (ann, passing), (bob, passing)):
            await person.enter(entered)
        await one.deliver(one.compose(room, "post"))
        await two.deliver(two.compose(room, "gif"))

        disk.fill(server)
        refused = [(person, message) for person in (one, two) for message in await refusals(person, room, disk)]

        # Stored records can be read: as a page, as history, by search, and by returning members.
        for path in ("", "/chats", "/search?q=one"):
            assert (await one.browser.get(f"/room/{room}{path}")).status == 200, path
        assert two.socket is not None
        await two.socket.abort()
        await two.enter()
        health = await health_with(one, 503)
        assert health["status"] == "degraded"
        assert "database" in cast(Json, health["degraded"])

        # What is not stored still works.
        said = [await person.attempt(person.compose(passing, "socket")) for person in (ann, bob)]
        await settled(ann, bob)
        for reading in unstored.readings.values():
            assert [heard.seq for heard in reading.heard[-2:]] == [answer["seq"] for answer in said]

        # A newcomer cannot be stored, but can read.
        for path in ("/", f"/room/{room}", f"/room/{room}/chats"):
            assert (await late.browser.get(path)).status == 200, path
        socket = await Socket.open(server.port, late.browser.identity, lambda *_: None)
        for event, argument in (("join", {"room": room}), ("chat", {"room": room, "chat": "나도"})):
            assert (await socket.ask(event, argument))["error"] == "storage"
        await socket.close()
        newcomer = late.browser.identity

        disk.free(server)
        for person, message in refused:
            await person.deliver(message)
        await late.enter(room)
        await late.deliver(late.compose(room, "gif"))
        assert late.browser.identity == newcomer
        await health_with(late, 200)
        await settled(one, two, late)
    stored = ledger.audit(disk.data)
    assert len([row for row in stored if row.nonce is not None]) == 2 + len(refused) + 1


async def test_a_kill_on_a_full_disk_loses_nothing(disk: Disk) -> None:
    ledger, port = Ledger(), free_port()
    async with company(port, ledger, "one") as (one,):
        async with serving(disk.data, port=port) as server:
            room = await one.room(title="방")
            await one.enter(room)
            await one.deliver(one.compose(room, "gif"))
            disk.fill(server)
            refused = await refusals(one, room, disk)
            kill(server, TROUBLE)
            ledger.audit(disk.data, settled=False)
        disk.free(server)
        async with serving(disk.data, port=port):
            await one.enter()
            for message in refused:
                await one.deliver(message)
            await settled(one)
    ledger.audit(disk.data)


async def test_deleting_a_room_frees_a_disk_that_is_full_of_images(tmp_path: Path) -> None:
    """A deletion must be recorded too, and there is no space for that, so the files must be deleted first."""
    with small_disk(tmp_path / "mounted") as disk:
        if disk is None:
            pytest.skip("a small disk cannot be mounted here")
        ledger = Ledger()
        async with serving(disk.data, expected=TROUBLE) as server, company(server.port, ledger, "one") as (one,):
            rooms = [await one.room(title=title) for title in ("그림", "글")]
            await one.enter(*rooms)
            for size_bytes in (100_000, 10_000, 5000):
                larger = itertools.count(size_bytes)  # the same content would take no more space
                while True:
                    image = ("gif", gif_of_size(next(larger)), "cat.gif")
                    if (await one.browser.upload(f"/room/{rooms[0]}/gif", image)).status == 507:
                        break
            disk.fill(server)
            # The log may still have space where a larger write was aborted.
            while "error" not in (answer := await one.attempt(text := one.compose(rooms[1], "post"))):
                pass
            assert answer["error"] == "storage"
            assert (await one.browser.ask("DELETE", f"/room/{rooms[0]}")).status == 200
            assert list((disk.data / "uploads").iterdir()) == []
            await one.deliver(text)
            await settled(one)
        del ledger.readings[one.user, rooms[0]]
        ledger.audit(disk.data)
