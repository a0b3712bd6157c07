"""What a room store guarantees (`RoomStore`)."""

import pytest

from realtime.chat.model import StoredRoom
from realtime.errors import NoSuchRoom
from tests.ports.implementations import Implementation
from tests.ports.people import GUEST, OWNER, THIRD, happen, new_room, records, restart, say


async def test_rooms_are_loaded_as_stored_the_oldest_first(kept: Implementation) -> None:
    made = [
        StoredRoom(0, "a" * 24, "열린 방", 10, OWNER.id, OWNER.user, None, False, 5),
        StoredRoom(0, "b" * 24, "잠긴 방", 2, GUEST.id, GUEST.user, "$argon2id$…", True, 4, True),
        StoredRoom(0, "c" * 24, "방", 2, GUEST.id, GUEST.user, None, False, 4, True, True, 9, True, 3, True),
    ]
    keys = [await kept.stores.rooms.add(room) for room in made]
    expected = [room._replace(key=key) for room, key in zip(made, keys, strict=True)]
    assert await kept.stores.rooms.load() == expected
    await restart(kept)
    assert await kept.stores.rooms.load() == expected
    assert sorted(await kept.stores.rooms.grants()) == sorted(zip(keys, (OWNER.id, GUEST.id, GUEST.id), strict=True))


async def test_a_rooms_key_is_never_reused(kept: Implementation) -> None:
    keys = [await new_room(kept)]
    for _ in range(2):
        await kept.stores.rooms.remove(keys[-1])
        await restart(kept)
        keys.append(await new_room(kept))
    assert keys == sorted(set(keys))


async def test_a_change_by_the_owner_is_stored_and_leaves_the_rest_unchanged(kept: Implementation) -> None:
    room, other = await new_room(kept), await new_room(kept)
    before = await kept.stores.rooms.load()
    await kept.stores.rooms.change(room, "새 이름", 3, "$argon2id$…", True)
    await restart(kept)
    changed = before[0]._replace(title="새 이름", max=3, password_hash="$argon2id$…", kept=True)
    assert await kept.stores.rooms.load() == [changed, before[1]]
    await kept.stores.rooms.remove(other)
    await kept.stores.rooms.change(other, "없는 방", 3, None, False)
    assert await kept.stores.rooms.load() == [changed]


async def test_a_grant_is_stored_once_and_not_for_a_deleted_room(kept: Implementation) -> None:
    room, gone = await new_room(kept), await new_room(kept)
    await kept.stores.rooms.remove(gone)
    granted = [kept.stores.rooms.grant(key, GUEST.id) for key in (room, room, gone, room)]
    for one, key in zip(granted, (room, room, gone, room), strict=True):
        if key == gone:
            with pytest.raises(NoSuchRoom):
                await one
        else:
            await one
    await restart(kept)
    assert sorted(await kept.stores.rooms.grants()) == [(room, OWNER.id), (room, GUEST.id)]


async def test_a_room_can_stop_waiting_for_a_visitor(kept: Implementation) -> None:
    room, other, gone = await new_room(kept), await new_room(kept), await new_room(kept)
    await kept.stores.rooms.remove(gone)
    for key in (room, other):
        await happen(kept, key, "join", GUEST)
        await happen(kept, key, "exit", GUEST, lingers=True)
    for key, visitor in ((room, GUEST), (room, THIRD), (gone, GUEST)):
        await kept.stores.rooms.end_lingering(key, visitor.id)
    await restart(kept)
    assert await kept.stores.rooms.lingering() == [(other, GUEST.id)]


async def test_a_ban_can_be_lifted_and_lifting_none_is_harmless(kept: Implementation) -> None:
    room, other = await new_room(kept), await new_room(kept)
    for key in (room, other):
        await happen(kept, key, "kick", GUEST)
    await kept.stores.rooms.readmit(room, GUEST.id)
    await kept.stores.rooms.readmit(room, THIRD.id)
    await restart(kept)
    assert await kept.stores.rooms.bans() == [(other, GUEST.id, GUEST.user)]
    assert (room, GUEST.id) not in await kept.stores.rooms.grants()


async def test_deleting_a_room_deletes_only_its_own_contents(kept: Implementation) -> None:
    room, other = await new_room(kept), await new_room(kept)
    for key in (room, other):
        await happen(kept, key, "join", OWNER)
        await happen(kept, key, "join", GUEST)
        await happen(kept, key, "exit", GUEST, lingers=True)
        await happen(kept, key, "kick", THIRD)
        await say(kept, key)
    await kept.stores.rooms.remove(room)
    await kept.stores.rooms.remove(room)
    await restart(kept)
    rooms = kept.stores.rooms
    assert [one.key for one in await rooms.load()] == [other]
    for left in (await rooms.grants(), await rooms.members(), await rooms.lingering(), await rooms.bans()):
        assert {one[0] for one in left} == {other}
    assert await records(kept, room) == []
    assert len(await records(kept, other)) == 5


async def test_rooms_are_in_the_order_in_which_they_were_put_last(kept: Implementation) -> None:
    first, second, third = [await new_room(kept) for _ in range(3)]
    for keys in ([third, first], [second, third, 99], []):
        await kept.stores.rooms.order(keys)
        await restart(kept)
        places = {room.key: room.position for room in await kept.stores.rooms.load()}
        assert places == {key: keys.index(key) + 1 if key in keys else None for key in (first, second, third)}
