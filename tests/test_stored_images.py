"""Stored images: one file for each content, as long as it is in any room."""

import asyncio
import hashlib
import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from db.connection import Database, Row
from db.images import Images
from realtime.chat.model import Image
from realtime.deferred import Deferred, failed
from realtime.errors import DomainError, NotFound
from tests.conftest import ExpectLog
from tests.images import gif_of_size
from tests.world import World, not_held, world

__all__ = ["world"]

pytestmark = pytest.mark.sqlite  # it queries the database

CONTENTS = [gif_of_size(size) for size in (5000, 5001, 5002)]


async def test_one_content_in_many_rooms_is_one_file_until_the_last_room_is_gone(world: World) -> None:
    owner = await world.visitor()
    rooms = [await world.room(owner) for _ in range(3)]
    sent = [await world.send_image(owner, room, CONTENTS[0]) for room in rooms for _ in range(4)]
    assert {record.gif for record in sent} == {sent[0].gif}
    assert world.files() == [sent[0].gif]
    for room in rooms:
        await world.assert_consistent()
        assert world.files() == [sent[0].gif]
        await world.service.owner.delete(owner, room.id)
    assert world.files() == []
    await world.assert_consistent()


async def test_an_image_is_deleted_with_its_last_record(world: World) -> None:
    owner = await world.visitor()
    room, other = await world.room(owner), await world.room(owner)
    first = await world.send_image(owner, room, CONTENTS[0])
    await world.send_image(owner, room, CONTENTS[1])
    await world.send_image(owner, room, CONTENTS[0])
    [(between,)] = await world.database.run("SELECT max(created_at) FROM chats")
    await asyncio.sleep(0.002)
    again = await world.send_image(owner, other, CONTENTS[0])
    last = not_held(await world.service.post(owner, room.id, "the last record stays", None))
    assert isinstance(between, int)
    await world.service.expire(between + 1)
    assert world.files() == [first.gif] == [again.gif]
    await world.assert_consistent()
    await world.service.expire(2**52)
    assert world.files() == [again.gif]  # the last record of each room is kept
    assert last.chat is not None
    await world.assert_consistent()


async def test_a_repeated_nonce_stores_no_second_image(world: World) -> None:
    owner = await world.visitor()
    for ephemeral in (False, True):
        room = await world.room(owner, ephemeral=ephemeral)
        records = await asyncio.gather(
            *(world.send_image(owner, room, CONTENTS[number % 2], "n-1") for number in range(6))
        )
        assert len({record.seq for record in records}) == 1
        assert world.files() == [records[0].gif]
        await world.assert_consistent()
        await world.service.owner.delete(owner, room.id)


async def test_leftovers_of_a_kill_are_swept_at_the_next_start(world: World) -> None:
    owner = await world.visitor()
    room, ephemeral = await world.room(owner), await world.room(owner, ephemeral=True)
    kept, passing = (
        await world.send_image(owner, room, CONTENTS[0]),
        await world.send_image(owner, ephemeral, CONTENTS[1]),
    )
    uploads = world.folder / "uploads"
    # A draft with its poster, an image with a name but no row, and one with a row but no record.
    for name in ("part", "poster.part", "gif", "poster.webp"):
        (uploads / f"{'0' * 32}.{name}").write_bytes(b"x")
    draft = world.stores.images.draft()
    await draft.write(CONTENTS[2])
    key = (await world.database.run("SELECT key FROM rooms WHERE id = ?", (room.id,)))[0][0]
    assert isinstance(key, int)
    await world.stores.images.store(key, draft, content(CONTENTS[2]))
    # And a removed image whose files were not deleted.
    await world.database.run(f"INSERT INTO removed_images (name) VALUES ('{'1' * 32}.gif')")
    (uploads / f"{'1' * 32}.gif").write_bytes(b"x")
    await world.restart()
    assert world.files() == sorted([str(kept.gif), str(passing.gif)])
    await world.assert_consistent()


class content:  # noqa: N801  a value, spelt as a call
    """The Content of a still GIF, computed without the worker."""

    extension, width, height, poster_bytes, flashes = "gif", 10, 10, None, False

    def __init__(self, data: bytes) -> None:
        self.size_bytes = len(data)
        self.sha256 = hashlib.sha256(data).digest()


async def test_a_file_that_could_not_be_deleted_is_deleted_later(
    world: World, monkeypatch: pytest.MonkeyPatch, expect_log: ExpectLog
) -> None:
    owner = await world.visitor()
    room = await world.room(owner)
    record = await world.send_image(owner, room, CONTENTS[0])
    real = Path.unlink

    def unlink(path: Path, missing_ok: bool = False) -> None:
        if path.name == record.gif:
            raise PermissionError(13, os.strerror(13))
        real(path, missing_ok)

    expect_log("gifchat.db", "cannot delete an image")
    monkeypatch.setattr(Path, "unlink", unlink)
    await world.service.owner.delete(owner, room.id)
    assert world.files() == [record.gif]
    monkeypatch.setattr(Path, "unlink", real)
    other = await world.room(owner)
    second = await world.send_image(owner, other, CONTENTS[0])  # the same content sent meanwhile is another file
    assert world.files() == sorted([str(record.gif), str(second.gif)])
    await world.service.owner.delete(owner, other.id)
    assert world.files() == []
    await world.assert_consistent()


async def test_an_image_whose_file_was_deleted_first_is_not_sent_again(world: World) -> None:
    """On a disk too full to record a deletion, the files are deleted before the rows."""
    owner = await world.visitor()
    full, other = await world.room(owner), await world.room(owner)
    alone, shared = await world.send_image(owner, full, CONTENTS[0]), await world.send_image(owner, full, CONTENTS[1])
    await world.send_image(owner, other, CONTENTS[1])
    key = (await world.database.run("SELECT key FROM rooms WHERE id = ?", (full.id,)))[0][0]
    assert isinstance(key, int)
    freeing = asyncio.ensure_future(world.stores.images.free(key))
    anew = await world.send_image(owner, other, CONTENTS[0])
    await freeing
    assert anew.gif != alone.gif
    assert world.files() == sorted([str(anew.gif), str(shared.gif)])
    with pytest.raises(NotFound):
        await world.service.gallery.post_again(owner, other.id, str(alone.gif), None, None)
    await world.service.owner.delete(owner, full.id)
    await world.assert_consistent()


async def test_the_room_is_checked_again_after_every_wait(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
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
        await world.send_image(guest, room, CONTENTS[0])
    assert refused.value.code == "kicked"
    assert world.files() == []
    await world.assert_consistent()


async def test_a_use_count_that_could_not_be_released_is_released_later(
    world: World, monkeypatch: pytest.MonkeyPatch, expect_log: ExpectLog
) -> None:
    owner = await world.visitor()
    room = await world.room(owner)
    first = await world.send_image(owner, room, CONTENTS[0], "n-1")
    real = Database.start

    def start(database: Database, statement: str, parameters: Sequence[object]) -> Deferred[list[Row]]:
        if statement.startswith("UPDATE room_images"):
            return failed(sqlite3.OperationalError("database or disk is full"))
        return real(database, statement, parameters)

    expect_log("gifchat.db", "storage: ")
    monkeypatch.setattr(Database, "start", start)
    assert await world.send_image(owner, room, CONTENTS[1], "n-1") == first
    assert len(world.files()) == 2
    monkeypatch.setattr(Database, "start", real)
    await world.stores.images.clear()
    assert world.files() == [first.gif]
    await world.assert_consistent()


async def test_the_list_of_sendable_images_is_read_from_an_index(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many records a room has, and however often one image occurs in them."""
    asked: list[tuple[str, Sequence[object]]] = []
    real = Database.start

    def start(database: Database, statement: str, parameters: Sequence[object]) -> Deferred[list[Row]]:
        asked.append((statement, parameters))
        return real(database, statement, parameters)

    owner = await world.visitor()
    room = await world.room(owner)
    with monkeypatch.context() as patches:
        patches.setattr(Database, "start", start)
        await world.service.gallery.gifs(owner, room.id)
    assert len(asked) == 2
    for statement, parameters in asked:
        plan = [str(row[3]) for row in await world.database.run(f"EXPLAIN QUERY PLAN {statement}", parameters)]
        assert [step.partition(" ")[0] for step in plan] == ["SEARCH", "SEARCH"], plan


async def test_a_forgotten_visitors_list_of_sent_images_is_deleted(world: World) -> None:
    owner, guest = await world.visitor(), await world.visitor()
    room = await world.room(owner)
    await world.service.admit(guest, "", room.id, None)
    record = await world.send_image(guest, room, CONTENTS[0])
    assert [image.name for image in (await world.service.gallery.gifs(guest, room.id)).mine] == [record.gif]
    await world.database.run("UPDATE visitors SET seen_at = 0 WHERE id = ?", (guest.id,))
    await world.visitors.forget()
    assert await world.stored("sent_images") == 0
    assert [image.name for image in (await world.service.gallery.gifs(owner, room.id)).recent] == [record.gif]
    await world.assert_consistent()
