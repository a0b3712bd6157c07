"""Stored images under concurrent operations and failures: rows, counts and files agree afterwards."""

import asyncio
import contextlib
import os
import random
import sqlite3
from collections.abc import Sequence

import pytest

from db.connection import Database, Row
from realtime.chat.model import RoomView, Visitor
from realtime.chat.wire_forms import Record
from realtime.deferred import Deferred, failed
from realtime.errors import BadRequest, NoSuchRoom, NotFound, Storage
from tests.conftest import ExpectLog
from tests.images import encoded, gif_of_size
from tests.test_images_flashes import BLACK, GREY, WHITE, film, frames
from tests.world import World, world

__all__ = ["world"]

pytestmark = pytest.mark.sqlite  # it queries the database

CALM, WILD = (GREY, (140, 140, 140)), (BLACK, WHITE)
CONTENTS = [gif_of_size(size) for size in (5000, 5001, 5002)]


async def test_fifty_uploads_while_their_room_is_deleted_leave_no_file(world: World) -> None:
    owner = await world.visitor()
    for delay in range(0, 100, 10):
        doomed, other = await world.room(owner), await world.room(owner)

        async def delete(room: RoomView = doomed, turns: int = delay) -> None:
            for _ in range(turns):
                await asyncio.sleep(0)
            await world.service.owner.delete(owner, room.id)

        wanted = [world.send_image(owner, doomed, CONTENTS[0]) for _ in range(49)] + [
            world.send_image(owner, other, CONTENTS[0])
        ]
        outcomes = await asyncio.gather(*wanted, delete(), return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} <= {Record, NoSuchRoom, type(None)}
        assert isinstance(outcomes[49], Record)
        assert world.files() == [outcomes[49].gif]
        await world.assert_consistent()
        await world.service.owner.delete(owner, other.id)
        assert world.files() == []


@pytest.mark.parametrize("there", [False, True], ids=["new", "known"])
async def test_a_room_deleted_just_after_an_image_arrives_deletes_the_image(
    world: World, there: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = await world.visitor()
    room, other = await world.room(owner), await world.room(owner)
    if there:
        await world.send_image(owner, other, CONTENTS[0])
    before = world.files()
    real = Database.start

    def start(database: Database, statement: str, parameters: Sequence[object]) -> Deferred[list[Row]]:
        shown = real(database, statement, parameters)
        if statement.startswith("INSERT INTO shown"):
            real(database, "DELETE FROM rooms WHERE id = ?", (room.id,))
        return shown

    with monkeypatch.context() as patches:
        patches.setattr(Database, "start", start)
        with pytest.raises(NoSuchRoom):
            await world.send_image(owner, room, CONTENTS[0])
    await world.stores.images.clear()
    assert world.files() == before
    await world.assert_consistent()


class Turmoil:
    """Concurrent operations on images, chosen from a seed."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.rng = random.Random(seed)
        self.rooms: list[tuple[Visitor, RoomView]] = []
        self.names: set[str] = set()

    async def run(self, rounds: int) -> None:
        """Run `rounds` times a dozen operations at once."""
        for _ in range(rounds):
            while len(self.rooms) < 3:
                owner = await self.world.visitor()
                room = await self.world.room(owner, ephemeral=self.rng.random() < 0.2)
                self.rooms.append((owner, room))
            await asyncio.gather(*(self.something() for _ in range(12)))

    async def something(self) -> None:
        """Run one operation; a refusal caused by a concurrent one is not an error."""
        for _ in range(self.rng.randrange(20)):
            await asyncio.sleep(0)
        if not self.rooms:
            return
        owner, room = self.rng.choice(self.rooms)
        nonce = self.rng.choice([None, "n-1", "n-2"])
        chance = self.rng.random()
        try:
            if chance < 0.55:
                record = await self.world.send_image(owner, room, self.rng.choice(CONTENTS), nonce)
                self.names.add(record.gif or "")
            elif chance < 0.8:
                name = self.rng.choice([*self.names, "hello.gif"])
                await self.world.service.gallery.post_again(owner, room.id, name, "again", nonce)
            elif chance < 0.9:
                await self.world.service.post(owner, room.id, "text", None)
            elif chance < 0.95:
                await self.world.service.expire(2**52)
            else:
                self.rooms.remove((owner, room))
                await self.world.service.owner.delete(owner, room.id)
        except (NoSuchRoom, NotFound, Storage, BadRequest):
            pass
        except ValueError:  # two tried to delete the same room
            pass


@pytest.mark.parametrize("seed", range(4))
async def test_concurrent_operations_leave_no_stray_file_and_lose_none(world: World, seed: int) -> None:
    turmoil = Turmoil(world, seed)
    for _ in range(6):
        await turmoil.run(2)
        await world.assert_consistent()
    await world.restart()
    await world.assert_consistent()


@pytest.mark.parametrize("seed", range(3))
async def test_intermittent_database_failures_lose_no_image(
    world: World, seed: int, monkeypatch: pytest.MonkeyPatch, expect_log: ExpectLog
) -> None:
    rng = random.Random(seed)
    real = Database.start

    def start(database: Database, statement: str, parameters: Sequence[object]) -> Deferred[list[Row]]:
        if rng.random() < 0.1:
            error = sqlite3.OperationalError("database or disk is full")
            return failed(error)
        return real(database, statement, parameters)

    expect_log("gifchat.db", "storage: ")
    monkeypatch.setattr("realtime.chat.removal.RETRY_S", 0.01)
    turmoil = Turmoil(world, seed)
    for _ in range(4):
        monkeypatch.setattr(Database, "start", start)
        with contextlib.suppress(Storage):  # a room or a visitor could not be stored
            await turmoil.run(2)
        monkeypatch.setattr(Database, "start", real)
        await world.settle()
        recorded = await world.database.run("SELECT gif FROM chats WHERE gif IS NOT NULL")
        assert {name for (name,) in recorded} <= set(world.files())
    await world.restart()
    await world.assert_consistent()


class Trouble:
    """A disk that is full at one point: the n-th system call, or a statement that begins so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, point: str) -> None:
        self.met = False
        if point.startswith("os."):
            self._break(monkeypatch, point)
            return
        real = Database.start

        def start(database: Database, statement: str, parameters: Sequence[object]) -> Deferred[list[Row]]:
            if statement.startswith(point):
                self.met = True
                return failed(sqlite3.OperationalError("database or disk is full"))
            return real(database, statement, parameters)

        monkeypatch.setattr(Database, "start", start)

    def _break(self, monkeypatch: pytest.MonkeyPatch, point: str) -> None:
        name, _, which = point.partition("#")
        real = getattr(os, name.removeprefix("os."))
        calls = iter(range(1, 100))

        def broken(*arguments: object, **options: object) -> object:
            if next(calls) == int(which):
                self.met = True
                raise OSError(28, os.strerror(28))
            return real(*arguments, **options)

        monkeypatch.setattr(name, broken)


@pytest.mark.parametrize(
    "point",
    ["os.fsync#1", "os.fsync#2", "os.fsync#3", "os.rename#1", "os.rename#2"]
    + ["INSERT INTO shown (room, name, sha256", "SELECT name, width", "INSERT INTO chats"],
)
async def test_a_disk_filling_up_at_any_point_leaves_nothing(
    world: World, point: str, monkeypatch: pytest.MonkeyPatch, expect_log: ExpectLog
) -> None:
    owner = await world.visitor()
    room = await world.room(owner)
    with monkeypatch.context() as patches:
        trouble = Trouble(patches, point)
        expect_log("gifchat.db", "storage: ")
        with pytest.raises(Storage):
            await world.send_image(owner, room, encoded("GIF", frames=2))
        assert trouble.met
    await world.assert_consistent()
    assert world.files() == []
    record = await world.send_image(owner, room, encoded("GIF", frames=2))
    assert world.files() == sorted([str(record.gif), str(record.poster)])
    await world.assert_consistent()


async def test_animations_of_before_are_looked_at_for_flashes_after_a_start(world: World) -> None:
    """Until then, and if they cannot be read any more, they count as flashing, in records and in lists."""
    owner = await world.visitor()
    room = await world.room(owner)
    calm, wild = await asyncio.gather(*(world.send_image(owner, room, film(frames(*two))) for two in (CALM, WILD)))
    assert (calm.flashes, wild.flashes) == (False, True)
    gone = await world.send_image(owner, room, film(frames(*CALM[:1], *CALM)))
    images = world.stores.images
    await world.database.run("UPDATE images SET flashes = NULL")
    await world.database.run("UPDATE chats SET flashes = 1 WHERE moving")
    assert [image.flashes for image in await images.recent(1)] == [True, True, True]
    spoilt = images.folder / str(gone.gif)
    spoilt.write_bytes(bytes(spoilt.stat().st_size))
    await world.service.gallery.look_at_others()
    assert [image.flashes for image in await images.recent(1)] == [True, True, False]
    said = await world.stores.records.before(1, owner.id, None, 3)
    assert [record.wire(room.id).flashes for record in said] == [False, True, True]
    assert await images.not_looked_at() == []
    await world.assert_consistent()
