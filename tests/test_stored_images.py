"""Images at rest: one file for one content, as long as it is in any room; whatever happens at the same time."""

import asyncio
import contextlib
import hashlib
import os
import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from db.connection import Database, Done
from db.images import Images
from realtime.chat.model import Image, Record, RoomView, Visitor
from realtime.chat.policy import Limits
from realtime.errors import BadRequest, DomainError, NoSuchRoom, NotFound, Storage
from tests.conftest import ExpectLog
from tests.images import gif_of_size
from tests.in_step import IMAGES, WRONG, assert_in_step
from tests.world import World

KIB = 1024
CONTENTS = [gif_of_size(size) for size in (5000, 5001, 5002)]


@pytest.fixture
def world(io_loop: IOLoop, tmp_path: Path) -> Iterator[World]:
    """Return a server without its network, and without throttling."""
    made = World(tmp_path, Limits(rate=0, quota_bytes=400 * KIB))
    io_loop.run_sync(made.start)
    yield made
    io_loop.run_sync(made.stop)


async def send(world: World, who: Visitor, room: RoomView, content: bytes, nonce: str | None = None) -> Record:
    """Send an image as the handler does."""
    draft = world.stores.uploads.draft()
    try:
        await draft.write(content)
        return await world.service.gallery.post(who, room.id, draft, None, nonce)
    finally:
        draft.discard()


async def in_step(world: World) -> None:
    """Assert that rows and files are in step."""
    await world.settle()
    found = {name: await world.database.run(query) for name, query in WRONG.items()}
    assert_in_step(found, await world.database.run(IMAGES), world.folder / "uploads")


def files(world: World) -> list[str]:
    return sorted(path.name for path in (world.folder / "uploads").iterdir())


async def test_the_same_content_in_many_rooms_is_one_file_until_the_last_is_gone(world: World) -> None:
    owner = await world.visitor()
    rooms = [await world.room(owner) for _ in range(3)]
    sent = [await send(world, owner, room, CONTENTS[0]) for room in rooms for _ in range(4)]
    assert {record.gif for record in sent} == {sent[0].gif}
    assert files(world) == [sent[0].gif]
    for room in rooms:
        await in_step(world)
        assert files(world) == [sent[0].gif]
        await world.service.owner.delete(owner, room.id)
    assert files(world) == []
    await in_step(world)


async def test_an_image_goes_with_the_last_of_its_records(world: World) -> None:
    owner = await world.visitor()
    room, other = await world.room(owner), await world.room(owner)
    first = await send(world, owner, room, CONTENTS[0])
    await send(world, owner, room, CONTENTS[1])
    await send(world, owner, room, CONTENTS[0])
    [(between,)] = await world.database.run("SELECT max(created_at) FROM chats")
    await asyncio.sleep(0.002)
    again = await send(world, owner, other, CONTENTS[0])
    last = await world.service.post(owner, room.id, "the last record stays", None)
    assert isinstance(between, int)
    await world.service.expire(between + 1)
    assert files(world) == [first.gif] == [again.gif]
    await in_step(world)
    await world.service.expire(2**52)
    assert files(world) == [again.gif]  # the last record of each room stays
    assert last.chat is not None
    await in_step(world)


async def test_a_nonce_that_was_used_before_takes_nothing(world: World) -> None:
    owner = await world.visitor()
    for ephemeral in (False, True):
        room = await world.room(owner, ephemeral=ephemeral)
        records = await asyncio.gather(*(send(world, owner, room, CONTENTS[number % 2], "n-1") for number in range(6)))
        assert len({record.seq for record in records}) == 1
        assert files(world) == [records[0].gif]
        await in_step(world)
        await world.service.owner.delete(owner, room.id)


async def test_fifty_uploads_at_once_while_their_room_is_deleted(world: World) -> None:
    owner = await world.visitor()
    for delay in range(0, 100, 10):
        doomed, other = await world.room(owner), await world.room(owner)

        async def delete(room: RoomView = doomed, turns: int = delay) -> None:
            for _ in range(turns):
                await asyncio.sleep(0)
            await world.service.owner.delete(owner, room.id)

        wanted = [send(world, owner, doomed, CONTENTS[0]) for _ in range(49)] + [send(world, owner, other, CONTENTS[0])]
        outcomes = await asyncio.gather(*wanted, delete(), return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} <= {Record, NoSuchRoom, type(None)}
        assert isinstance(outcomes[49], Record)
        assert files(world) == [outcomes[49].gif]
        await in_step(world)
        await world.service.owner.delete(owner, other.id)
        assert files(world) == []


class Turmoil:
    """Everything that can happen to images, all at once, drawn from a seed."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.rng = random.Random(seed)
        self.rooms: list[tuple[Visitor, RoomView]] = []
        self.names: set[str] = set()

    async def run(self, rounds: int) -> None:
        """Let `rounds` times a dozen things happen."""
        for _ in range(rounds):
            while len(self.rooms) < 3:
                owner = await self.world.visitor()
                room = await self.world.room(owner, ephemeral=self.rng.random() < 0.2)
                self.rooms.append((owner, room))
            await asyncio.gather(*(self.something() for _ in range(12)))

    async def something(self) -> None:
        """Do one thing; a refusal that others bring about is none of ours."""
        for _ in range(self.rng.randrange(20)):
            await asyncio.sleep(0)
        if not self.rooms:
            return
        owner, room = self.rng.choice(self.rooms)
        nonce = self.rng.choice([None, "n-1", "n-2"])
        chance = self.rng.random()
        try:
            if chance < 0.55:
                record = await send(self.world, owner, room, self.rng.choice(CONTENTS), nonce)
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
        except ValueError:  # two wanted to delete the same room
            pass


@pytest.mark.parametrize("seed", range(4))
async def test_nothing_that_happens_at_the_same_time_leaves_a_file_or_loses_one(world: World, seed: int) -> None:
    turmoil = Turmoil(world, seed)
    for _ in range(6):
        await turmoil.run(2)
        await in_step(world)
    await world.restart()
    await in_step(world)


@pytest.mark.parametrize("seed", range(3))
async def test_a_database_that_fails_now_and_then_loses_no_image(
    world: World, seed: int, monkeypatch: pytest.MonkeyPatch, expect_log: ExpectLog
) -> None:
    rng = random.Random(seed)
    real: Callable[[Database, str, Sequence[object], Done], None] = Database.start

    def start(database: Database, statement: str, parameters: Sequence[object], done: Done) -> None:
        if rng.random() < 0.1:
            error = sqlite3.OperationalError("database or disk is full")
            asyncio.get_running_loop().call_soon(done, error)
        else:
            real(database, statement, parameters, done)

    expect_log("gifchat.db", "storage: ")
    monkeypatch.setattr("realtime.chat.life.RETRY_S", 0.01)
    turmoil = Turmoil(world, seed)
    for _ in range(4):
        monkeypatch.setattr(Database, "start", start)
        with contextlib.suppress(Storage):  # a room or a visitor could not be stored
            await turmoil.run(2)
        monkeypatch.setattr(Database, "start", real)
        await world.settle()
        recorded = await world.database.run("SELECT gif FROM chats WHERE gif IS NOT NULL")
        assert {name for (name,) in recorded} <= set(files(world))
    await world.restart()
    await in_step(world)


async def test_what_a_kill_leaves_is_swept_at_the_next_start(world: World) -> None:
    owner = await world.visitor()
    room, ephemeral = await world.room(owner), await world.room(owner, ephemeral=True)
    kept, passing = await send(world, owner, room, CONTENTS[0]), await send(world, owner, ephemeral, CONTENTS[1])
    uploads = world.folder / "uploads"
    # A draft with its poster, an image that got its name and no row, one that got its row and no record.
    for name in ("part", "poster.part", "gif", "poster.webp"):
        (uploads / f"{'0' * 32}.{name}").write_bytes(b"x")
    draft = world.stores.uploads.draft()
    await draft.write(CONTENTS[2])
    key = (await world.database.run("SELECT key FROM rooms WHERE id = ?", (room.id,)))[0][0]
    assert isinstance(key, int)
    await world.stores.images.store(key, draft, content(CONTENTS[2]))
    # And a removal whose files were not deleted.
    await world.database.run(f"INSERT INTO removed_images (name) VALUES ('{'1' * 32}.gif')")
    (uploads / f"{'1' * 32}.gif").write_bytes(b"x")
    await world.restart()
    assert files(world) == sorted([str(kept.gif), str(passing.gif)])
    await in_step(world)


class content:  # noqa: N801  a value, spelt as a call
    """What is known of a still GIF without asking anybody."""

    extension, width, height, poster_bytes = "gif", 10, 10, None

    def __init__(self, data: bytes) -> None:
        self.size_bytes = len(data)
        self.sha256 = hashlib.sha256(data).digest()


async def test_a_file_that_cannot_be_deleted_now_is_deleted_later(
    world: World, monkeypatch: pytest.MonkeyPatch, expect_log: ExpectLog
) -> None:
    owner = await world.visitor()
    room = await world.room(owner)
    record = await send(world, owner, room, CONTENTS[0])
    real = Path.unlink

    def unlink(path: Path, missing_ok: bool = False) -> None:
        if path.name == record.gif:
            raise PermissionError(13, os.strerror(13))
        real(path, missing_ok)

    expect_log("gifchat.db", "cannot be deleted")
    monkeypatch.setattr(Path, "unlink", unlink)
    await world.service.owner.delete(owner, room.id)
    assert files(world) == [record.gif]
    monkeypatch.setattr(Path, "unlink", real)
    other = await world.room(owner)
    second = await send(world, owner, other, CONTENTS[0])  # the same content meanwhile is another file
    assert files(world) == sorted([str(record.gif), str(second.gif)])
    await world.service.owner.delete(owner, other.id)
    assert files(world) == []
    await in_step(world)


async def test_an_image_is_not_shown_where_its_file_was_deleted_first(world: World) -> None:
    """On a disk that is too full to write a deletion down, the files go before the rows."""
    owner = await world.visitor()
    full, other = await world.room(owner), await world.room(owner)
    alone, shared = await send(world, owner, full, CONTENTS[0]), await send(world, owner, full, CONTENTS[1])
    await send(world, owner, other, CONTENTS[1])
    key = (await world.database.run("SELECT key FROM rooms WHERE id = ?", (full.id,)))[0][0]
    assert isinstance(key, int)
    freeing = asyncio.ensure_future(world.stores.images.free(key))
    anew = await send(world, owner, other, CONTENTS[0])
    await freeing
    assert anew.gif != alone.gif
    assert files(world) == sorted([str(anew.gif), str(shared.gif)])
    with pytest.raises(NotFound):
        await world.service.gallery.post_again(owner, other.id, str(alone.gif), None, None)
    await world.service.owner.delete(owner, full.id)
    await in_step(world)


async def test_the_room_is_asked_again_after_every_wait(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, guest = await world.visitor(), await world.visitor()
    room = await world.room(owner)
    await world.service.admit(guest, "", room.id, None)
    real = Images.store

    async def store(images: Images, *arguments: object) -> Image:
        stored = await real(images, *arguments)  # type: ignore[arg-type]  # passed on as they are
        await world.service.owner.kick(owner, room.id, guest.user)
        return stored

    monkeypatch.setattr(Images, "store", store)
    with pytest.raises(DomainError) as refused:
        await send(world, guest, room, CONTENTS[0])
    assert refused.value.code == "kicked"
    assert files(world) == []
    await in_step(world)


async def test_a_count_that_cannot_be_given_back_now_is_given_back_later(
    world: World, monkeypatch: pytest.MonkeyPatch, expect_log: ExpectLog
) -> None:
    owner = await world.visitor()
    room = await world.room(owner)
    first = await send(world, owner, room, CONTENTS[0], "n-1")
    real = Database.start

    def start(database: Database, statement: str, parameters: Sequence[object], done: Done) -> None:
        if statement.startswith("UPDATE room_images"):
            asyncio.get_running_loop().call_soon(done, sqlite3.OperationalError("database or disk is full"))
        else:
            real(database, statement, parameters, done)

    expect_log("gifchat.db", "storage: ")
    monkeypatch.setattr(Database, "start", start)
    assert await send(world, owner, room, CONTENTS[1], "n-1") == first
    assert len(files(world)) == 2
    monkeypatch.setattr(Database, "start", real)
    await world.stores.images.clear()
    assert files(world) == [first.gif]
    await in_step(world)
