"""What a visitor store guarantees (`VisitorStore`)."""

from realtime.chat.model import StoredVisitor
from tests.ports.implementations import Implementation
from tests.ports.people import GUEST, OWNER, THIRD, happen, new_room, records, restart, say

FOURTH = StoredVisitor(4, "session 4", "#000004", seen_at=7)


async def test_visitors_are_loaded_as_stored(kept: Implementation) -> None:
    await kept.stores.visitors.add(FOURTH)
    await restart(kept)
    assert FOURTH in await kept.stores.visitors.load()
    assert await kept.stores.visitors.last_id() == FOURTH.id


async def test_a_visitors_name_is_kept_until_they_give_it_up(kept: Implementation) -> None:
    async def names() -> dict[int, str | None]:
        await restart(kept)
        return {one.id: one.name for one in await kept.stores.visitors.load()}

    await kept.stores.visitors.rename(GUEST.id, "Mina")
    await kept.stores.visitors.rename(99, "Nobody")
    assert await names() == {OWNER.id: None, GUEST.id: "Mina", THIRD.id: None}
    await kept.stores.visitors.rename(GUEST.id, None)
    assert (await names())[GUEST.id] is None


async def test_the_highest_id_is_remembered_when_its_visitor_is_forgotten(kept: Implementation) -> None:
    await kept.stores.visitors.add(FOURTH)
    assert await kept.stores.visitors.forget(8) == [FOURTH.id]
    await restart(kept)
    assert await kept.stores.visitors.last_id() == FOURTH.id
    assert FOURTH not in await kept.stores.visitors.load()


async def test_a_visitor_seen_recently_is_not_forgotten(kept: Implementation) -> None:
    await kept.stores.visitors.seen(GUEST.id, 500)
    await kept.stores.visitors.seen(99, 500)
    assert sorted(await kept.stores.visitors.forget(500)) == [OWNER.id, THIRD.id]
    await restart(kept)
    assert [(one.id, one.seen_at) for one in await kept.stores.visitors.load()] == [(GUEST.id, 500)]


async def test_a_visitor_with_a_place_or_a_room_is_not_forgotten(kept: Implementation) -> None:
    room = await new_room(kept)
    await happen(kept, room, "join", GUEST)
    assert await kept.stores.visitors.forget(1000) == [THIRD.id]
    await happen(kept, room, "exit", GUEST)
    await happen(kept, room, "owner", GUEST)
    assert await kept.stores.visitors.forget(1000) == [OWNER.id]
    await kept.stores.rooms.remove(room)
    assert await kept.stores.visitors.forget(1000) == [GUEST.id]


async def test_records_of_a_forgotten_visitor_are_kept(kept: Implementation) -> None:
    room = await new_room(kept)
    said = await say(kept, room, by=THIRD)
    assert THIRD.id in await kept.stores.visitors.forget(1000)
    assert await records(kept, room) == [said]
