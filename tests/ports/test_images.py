"""What an image store guarantees (`ImageStore`): each content is stored once, as long as any room uses it."""

import asyncio
import hashlib

import pytest

from realtime.chat.image_ports import LISTED
from realtime.chat.images.model import POSTER_SUFFIX, Examined
from realtime.chat.model import Image, StoredVisitor
from realtime.chat.records import Said
from realtime.errors import NoSuchRoom, Storage
from tests.ports.implementations import Implementation
from tests.ports.people import GUEST, OWNER, QUOTA_BYTES, new_room, restart, text

SMALL = 100
ROOM_BYTES = QUOTA_BYTES // 4


async def store(kept: Implementation, room: int, number: int, size: int = SMALL, *, moving: bool = False) -> Image:
    """Store an image whose content is this number, from a draft of `size` bytes."""
    data = number.to_bytes(2, "big") * (size // 2)
    draft = kept.stores.images.draft()
    try:
        await draft.write(data)
        path = await draft.written()
        if moving:
            path.with_suffix(POSTER_SUFFIX).write_bytes(b"poster")
        digest = hashlib.sha256(data).digest()
        content = Examined("gif", 4, 3, len(data), digest, len(b"poster") if moving else None)
        return await kept.stores.images.store(room, draft, content)
    finally:
        draft.discard()


async def say(kept: Implementation, room: int, image: Image, at: int = 100) -> None:
    """Store the record of an image."""
    assert await kept.stores.records.append(text(kept, room, None, image=image, at=at))


def files(kept: Implementation) -> list[str]:
    return sorted(path.name for path in kept.stores.images.folder.iterdir())


async def test_an_image_is_stored_with_its_poster_and_can_be_shown_by_name_and_content(
    kept: Implementation,
) -> None:
    room, other = await new_room(kept), await new_room(kept)
    image = await store(kept, room, 1, moving=True)
    await say(kept, room, image)
    assert (image.width, image.height) == (4, 3)
    assert image.poster is not None
    assert files(kept) == sorted([image.name, image.poster])
    await restart(kept)
    images = kept.stores.images
    assert await images.show(other, name=image.name) == image
    assert await images.show(other, sha256=hashlib.sha256(b"\0\1" * (SMALL // 2)).digest()) == image
    assert await images.show(other, name=f"{'0' * 32}.gif") is None
    assert await images.show(other, sha256=bytes(32)) is None


async def test_simultaneous_uploads_of_one_content_are_stored_once(kept: Implementation) -> None:
    rooms = [await new_room(kept) for _ in range(3)]
    shown = await asyncio.gather(*(store(kept, room, 1) for room in rooms * 2))
    assert len(set(shown)) == 1
    assert files(kept) == [shown[0].name]
    for room in rooms:
        for _ in range(2):
            assert files(kept) == [shown[0].name]
            await kept.stores.images.release(room, shown[0].name)
    assert files(kept) == []


async def test_an_image_is_deleted_with_its_last_use(kept: Implementation) -> None:
    """Each record takes over a use; expiry, the room's end and `release` give it back."""
    room, other = await new_room(kept), await new_room(kept)
    image = await store(kept, room, 1)
    await say(kept, room, image, at=1)
    assert await kept.stores.images.show(other, name=image.name) == image
    await kept.stores.images.release(other, image.name)
    assert files(kept) == [image.name]
    assert await kept.stores.images.show(other, name=image.name) == image
    await say(kept, other, image)
    await kept.stores.records.append(text(kept, room, "끝", at=2))
    await kept.stores.records.expire(room, 2)
    await kept.stores.images.clear()
    assert await kept.stores.images.recent(room) == []
    assert files(kept) == [image.name]
    await kept.stores.rooms.remove(other)
    await kept.stores.images.clear()
    assert files(kept) == []
    assert await kept.stores.images.show(room, name=image.name) is None
    assert await kept.stores.images.sent_by(OWNER.id) == []


async def test_showing_an_image_while_it_is_deleted_finds_it_whole_or_not_at_all(kept: Implementation) -> None:
    room, other = await new_room(kept), await new_room(kept)
    came = []
    for number in range(10):
        image = await store(kept, room, number)
        await say(kept, room, image, at=1)
        await kept.stores.records.append(text(kept, room, at=1))
        showing = asyncio.ensure_future(kept.stores.images.show(other, name=image.name))
        for _ in range(number):
            await asyncio.sleep(0)
        shown, _ = await asyncio.gather(showing, kept.stores.records.expire(room, 2))
        came.append(shown is not None)
        assert await kept.stores.images.show(other, name=image.name) == shown
        await kept.stores.images.clear()
        assert (image.name in files(kept)) is came[-1]
    assert not came[0]  # it was deleted between the lookup and the use


async def test_no_image_can_be_shown_in_a_deleted_room(kept: Implementation) -> None:
    room, gone = await new_room(kept), await new_room(kept)
    image = await store(kept, room, 1)
    await kept.stores.rooms.remove(gone)
    with pytest.raises(NoSuchRoom):
        await store(kept, gone, 2)
    with pytest.raises(NoSuchRoom):
        await kept.stores.images.show(gone, name=image.name)
    assert files(kept) == [image.name]


async def test_all_images_share_the_quota_and_one_room_gets_a_quarter_of_it(kept: Implementation) -> None:
    rooms = [await new_room(kept) for _ in range(5)]
    images = [await store(kept, room, number, ROOM_BYTES) for number, room in enumerate(rooms[:4])]
    for room, number, size in ((rooms[4], 9, 2), (rooms[0], 9, 2), (rooms[4], 9, ROOM_BYTES + 2)):
        with pytest.raises(Storage) as refused:
            await store(kept, room, number, size)
        assert refused.value.detail == {"reason": "quota"}
    # A stored image takes no more of the total quota, but counts fully in another room.
    assert await kept.stores.images.show(rooms[4], name=images[0].name) == images[0]
    with pytest.raises(Storage) as refused:
        await kept.stores.images.show(rooms[4], name=images[1].name)
    assert refused.value.detail == {"reason": "quota"}
    assert await kept.stores.images.show(rooms[0], name=images[0].name) == images[0]
    assert files(kept) == sorted(image.name for image in images)
    await kept.stores.images.release(rooms[1], images[1].name)
    assert await store(kept, rooms[1], 9, ROOM_BYTES)


async def test_a_lower_quota_deletes_nothing(kept: Implementation) -> None:
    room = await new_room(kept)
    image = await store(kept, room, 1, ROOM_BYTES)
    await say(kept, room, image)
    await kept.close()
    await kept.open()
    await kept.stores.records.start()
    await kept.stores.images.start(1)
    assert files(kept) == [image.name]
    assert await kept.stores.images.show(room, name=image.name) == image
    with pytest.raises(Storage):
        await store(kept, room, 2)


async def test_a_start_keeps_only_images_with_a_record_or_in_an_ephemeral_room(kept: Implementation) -> None:
    room, ephemeral = await new_room(kept), await new_room(kept, ephemeral=True)
    said, relayed, unsaid = [
        await store(kept, where, number, moving=True) for number, where in enumerate((room, ephemeral, room))
    ]
    await say(kept, room, said)
    assert await kept.stores.images.show(room, name=said.name)  # its record is never stored
    (kept.stores.images.folder / f"{'0' * 32}.part").write_bytes(b"a draft of before")
    foreign = kept.stores.images.folder / "cat.gif"
    foreign.write_bytes(b"not ours")
    await restart(kept)
    expected = [said.name, said.poster, relayed.name, relayed.poster, foreign.name]
    assert files(kept) == sorted(map(str, expected))
    assert await kept.stores.images.show(room, name=unsaid.name) is None
    await kept.stores.rooms.remove(ephemeral)
    await kept.stores.images.clear()
    assert files(kept) == sorted(map(str, [said.name, said.poster, foreign.name]))
    await kept.stores.records.append(text(kept, room))
    await kept.stores.records.expire(room, 2**40)
    await kept.stores.images.clear()
    assert files(kept) == [foreign.name]


async def test_an_image_whose_file_is_missing_can_be_stored_again(kept: Implementation) -> None:
    room, other = await new_room(kept), await new_room(kept)
    image = await store(kept, room, 1)
    await say(kept, room, image)
    (kept.stores.images.folder / image.name).unlink()
    assert await kept.stores.images.show(other, name=image.name) is None
    again = await store(kept, other, 1)
    assert again.name != image.name
    assert files(kept) == [again.name]


async def test_what_is_learned_of_an_animation_holds_for_its_records_too(kept: Implementation) -> None:
    """It was stored before flashes were looked for, or taken for one that flashes until it was."""
    room = await new_room(kept)
    image = await store(kept, room, 1, moving=True)
    await say(kept, room, image)
    for flashes in (True, False):
        await kept.stores.images.looked_at(image.name, flashes=flashes)
        await kept.stores.images.looked_at(f"{'0' * 32}.gif", flashes=flashes)
        [listed] = await kept.stores.images.recent(room)
        [record] = await kept.stores.records.before(room, OWNER.id, None, 10)
        assert isinstance(record, Said) and record.image == listed
        assert listed.flashes is flashes
    assert await kept.stores.images.not_looked_at() == []


async def test_the_files_of_an_ended_room_can_be_deleted_before_its_rows(kept: Implementation) -> None:
    room, other = await new_room(kept), await new_room(kept)
    own, shared = await store(kept, room, 1, moving=True), await store(kept, room, 2)
    assert await kept.stores.images.show(other, name=shared.name)
    await kept.stores.images.free(room)
    assert files(kept) == [shared.name]
    assert await kept.stores.images.show(other, name=own.name) is None


async def test_sent_images_are_listed_once_the_latest_first(kept: Implementation) -> None:
    room, other = await new_room(kept), await new_room(kept)
    images = [await store(kept, room, number, 2) for number in range(LISTED + 2)]
    for image in [*images, images[0]]:
        await say(kept, room, image)
    unsaid = await store(kept, room, 99, 2)
    await kept.stores.images.show(other, name=images[3].name)
    await say(kept, other, images[3])
    latest = [images[0], *reversed(images[1:])]
    assert await kept.stores.images.recent(room) == latest[:LISTED]
    assert await kept.stores.images.recent(other) == [images[3]]
    mine = [images[3], *(image for image in latest if image != images[3])]
    assert await kept.stores.images.sent_by(OWNER.id) == mine[:LISTED]
    assert await kept.stores.images.sent_by(GUEST.id) == []
    assert unsaid not in mine


async def test_images_of_a_forgotten_visitor_are_kept_but_no_longer_listed_as_theirs(kept: Implementation) -> None:
    room = await new_room(kept)
    visitor = StoredVisitor(4, "session 4", "#000004", 0)
    await kept.stores.visitors.add(visitor)
    image = await store(kept, room, 1)
    said = text(kept, room, None, image=image)
    seq = said.seq
    await kept.stores.records.append(type(said)(seq=seq, room=room, visitor_id=4, user="#4", created_at=0, image=image))
    assert await kept.stores.images.sent_by(4) == [image]
    assert 4 in await kept.stores.visitors.forget(50)
    assert await kept.stores.images.sent_by(4) == []
    assert await kept.stores.images.recent(room) == [image]
