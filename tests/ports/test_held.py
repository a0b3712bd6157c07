"""What a store guarantees of what is held (`DeskStore.hold`): it is stored until it is said or dropped."""

import pytest

from realtime.chat.desk.ports import HeldRow
from realtime.chat.model import Image
from realtime.errors import NoSuchRoom
from tests.ports.implementations import Implementation
from tests.ports.people import GUEST, OWNER, new_room, restart, text
from tests.ports.test_images import files, store


def held(room: int, name: str, *, image: Image | None = None, at: int = 100) -> HeldRow:
    """Return a row whose text, id and nonce are `name`."""
    row = HeldRow(name, room, GUEST.id, GUEST.user, at, name, None, None, None, None, None, 7, name, "word", "바보")
    if image is None:
        return row
    moving = 1 if image.poster else None
    return row._replace(gif=image.name, width=image.width, height=image.height, moving=moving)


async def test_what_is_held_survives_a_restart_in_order(kept: Implementation) -> None:
    room = await new_room(kept)
    image = await store(kept, room, 1, moving=True)
    rows = [held(room, "b", at=1), held(room, "a", image=image, at=2), held(room, "c", at=2)]
    for row in reversed(rows):
        await kept.stores.desk.hold(row)
    await restart(kept)
    assert await kept.stores.desk.held() == rows
    assert rows[1].image == image
    await kept.stores.desk.drop("b")
    await kept.stores.desk.drop("b")
    assert await kept.stores.desk.held() == rows[1:]


async def test_what_is_held_keeps_its_image_until_it_is_dropped(kept: Implementation) -> None:
    room = await new_room(kept)
    image = await store(kept, room, 1)
    assert await kept.stores.images.show(room, name=image.name) == image
    for name in ("a", "b"):
        await kept.stores.desk.hold(held(room, name, image=image))
    for name in ("a", "b"):
        await restart(kept)
        assert files(kept) == [image.name]
        await kept.stores.desk.drop(name)
        await kept.stores.images.clear()
    assert files(kept) == []


async def test_a_record_with_its_nonce_takes_its_place_and_its_image(kept: Implementation) -> None:
    """One of somebody else, or in another room, does not."""
    room, other = await new_room(kept), await new_room(kept)
    image = await store(kept, room, 1)
    await kept.stores.desk.hold(held(room, "a", image=image))
    await kept.stores.desk.hold(held(room, "b"))
    assert await kept.stores.records.append(text(kept, room, by=OWNER, nonce="a"))
    assert await kept.stores.records.append(text(kept, other, by=GUEST, nonce="a"))
    assert len(await kept.stores.desk.held()) == 2
    assert await kept.stores.records.append(text(kept, room, by=GUEST, nonce="a", image=image))
    assert [row.id for row in await kept.stores.desk.held()] == ["b"]
    await restart(kept)
    assert files(kept) == [image.name]
    await kept.stores.images.release(room, image.name)
    assert files(kept) == []


async def test_what_is_held_goes_with_its_room(kept: Implementation) -> None:
    room, other = await new_room(kept), await new_room(kept)
    await kept.stores.desk.hold(held(room, "a", image=await store(kept, room, 1)))
    await kept.stores.desk.hold(held(other, "b"))
    await kept.stores.rooms.remove(room)
    await kept.stores.images.clear()
    assert [row.id for row in await kept.stores.desk.held()] == ["b"]
    assert files(kept) == []
    with pytest.raises(NoSuchRoom):
        await kept.stores.desk.hold(held(room, "a"))
