"""What a record store guarantees (`RecordStore`), in the order of its methods."""

from pathlib import Path

import pytest
from msgspec import structs

from realtime.chat.ports import RECORD_BYTES, StoredRecord
from realtime.chat.records import Said, Whisper
from realtime.deferred import Deferred
from realtime.errors import BadRequest, NoSuchRoom
from tests.ports.implementations import Implementation, InMemory, SQLite
from tests.ports.people import GUEST, OWNER, THIRD, happen, new_room, records, restart, say, start, text


async def test_a_number_is_never_reused_whatever_happens_to_its_record(kept: Implementation) -> None:
    """Not after a restart, expiry, or the deletion of a room, nor for an unstored line of an ephemeral room."""
    assert kept.stores.records.last_seq == 0
    room, ephemeral = await new_room(kept), await new_room(kept, ephemeral=True)
    first = await say(kept, room)
    assert kept.stores.records.last_seq == first.seq
    last = (await say(kept, room)).seq
    assert await restart(kept) == {room: last}
    await kept.stores.records.expire(room, 2**40)
    await kept.stores.rooms.remove(room)
    assert await restart(kept) == {}
    assert kept.stores.records.next()[0] > last
    joined = await happen(kept, ephemeral, "join", GUEST)
    assert await restart(kept) == {}
    assert kept.stores.records.next()[0] > joined.seq


async def test_reserved_numbers_are_not_reused_after_a_restart(kept: Implementation) -> None:
    assert kept.stores.records.reserve_due
    await kept.stores.records.reserve()
    assert not kept.stores.records.reserve_due
    given = 0
    while not kept.stores.records.reserve_due:
        given, _ = kept.stores.records.next()
    await restart(kept)
    assert kept.stores.records.next()[0] > given


async def test_the_epoch_survives_a_restart_and_is_unique(kept: Implementation, tmp_path: Path) -> None:
    """For restored copies see test_epoch.py."""
    epoch = kept.stores.records.epoch
    await restart(kept)
    assert kept.stores.records.epoch == epoch
    folder = tmp_path / "other"
    folder.mkdir()
    other: Implementation = SQLite(folder) if isinstance(kept, SQLite) else InMemory(folder)
    await start(other)
    assert other.stores.records.epoch not in ("", epoch)
    await other.close()


async def test_a_record_is_read_back_as_stored_also_after_a_restart(kept: Implementation) -> None:
    room = await new_room(kept)
    said = structs.replace(text(kept, room, "줄\n둘 🐱", nonce="n-1"), name="민아")
    whispered = text(kept, room, "비밀", to=GUEST)
    assert await kept.stores.records.append(said)
    assert await kept.stores.records.append(whispered)
    lines = [
        await happen(kept, room, "join", GUEST),
        await happen(kept, room, "owner", GUEST),
        await happen(kept, room, "exit", GUEST, lingers=True),
        await happen(kept, room, "kick", GUEST),
        await happen(kept, room, "name", GUEST, name="민아"),
        await happen(kept, room, "name", GUEST),
    ]
    assert isinstance(whispered, Whisper)
    assert await records(kept, room) == [said, whispered, *lines]
    await restart(kept)
    assert await records(kept, room) == [said, whispered, *lines]


async def test_records_are_acknowledged_in_the_order_they_were_appended(kept: Implementation) -> None:
    room = await new_room(kept)
    rows = [text(kept, room, str(number)) for number in range(50)]
    stored = [kept.stores.records.append(row) for row in rows]
    assert not any(one.done() for one in stored)
    answered: list[Deferred[bool]] = []
    for one in reversed(stored):
        one.add_done_callback(answered.append)
    assert await stored[-1]
    assert answered == stored
    assert [one.result() for one in stored] == [True] * 50
    assert await records(kept, room) == rows


async def test_a_nonce_can_be_used_once_per_visitor_and_room(kept: Implementation) -> None:
    room, other = await new_room(kept), await new_room(kept)
    first, again = text(kept, room, "하나", nonce="n"), text(kept, room, "둘", nonce="n")
    both = [kept.stores.records.append(one) for one in (first, again)]
    assert [await one for one in both] == [True, False]
    assert await records(kept, room) == [first]
    assert await kept.stores.records.by_nonce(room, OWNER.id, "n") == first
    for free in (text(kept, room, by=GUEST, nonce="n"), text(kept, other, nonce="n"), text(kept, room, nonce="m")):
        assert await kept.stores.records.append(free)
    await restart(kept)
    assert not await kept.stores.records.append(text(kept, room, nonce="n"))
    assert await kept.stores.records.by_nonce(room, THIRD.id, "n") is None


async def test_a_record_for_a_deleted_room_is_refused_alone(kept: Implementation) -> None:
    room, gone = await new_room(kept), await new_room(kept)
    await kept.stores.rooms.remove(gone)
    lost, said = kept.stores.records.append(text(kept, gone)), kept.stores.records.append(text(kept, room))
    with pytest.raises(NoSuchRoom):
        await lost
    assert await said


async def test_an_unstorable_text_is_refused_alone(kept: Implementation) -> None:
    room = await new_room(kept)
    good = text(kept, room)
    half, said = kept.stores.records.append(text(kept, room, "\ud83d")), kept.stores.records.append(good)
    with pytest.raises(BadRequest):
        await half
    assert await said
    assert await records(kept, room) == [good]


# The effects of system records


async def standing(kept: Implementation) -> dict[str, list[int]]:
    """Return the ids of members, owner and so on of the only room."""
    rooms = kept.stores.rooms
    return {
        "grants": sorted(who for _, who in await rooms.grants()),
        "members": [who for _, who, _ in await rooms.members()],
        "lingering": sorted(who for _, who in await rooms.lingering()),
        "bans": sorted(who for _, who, _ in await rooms.bans()),
        "owner": [room.owner_id for room in await rooms.load() if room.owner == f"#00000{room.owner_id}"],
    }


@pytest.mark.parametrize("ephemeral", [False, True])
async def test_who_joins_with_a_role_is_beside_the_places_and_granted_nothing(
    kept: Implementation, ephemeral: bool
) -> None:
    room = await new_room(kept, ephemeral=ephemeral)
    joined = await happen(kept, room, "join", GUEST, role="teacher")
    await happen(kept, room, "join", THIRD)
    rooms = kept.stores.rooms
    assert await rooms.members() == [(room, GUEST.id, "teacher"), (room, THIRD.id, None)]
    assert sorted(await rooms.grants()) == [(room, OWNER.id), (room, THIRD.id)]
    assert ephemeral or await records(kept, room) == [joined, *(await records(kept, room))[1:]]
    await rooms.stand(room, GUEST.id, None)
    await rooms.stand(room, THIRD.id, "teacher")
    await rooms.stand(room, OWNER.id, "teacher")
    await restart(kept)
    assert await kept.stores.rooms.members() == [(room, GUEST.id, None), (room, THIRD.id, "teacher")]


@pytest.mark.parametrize("ephemeral", [False, True])
async def test_a_system_record_and_its_effect_are_stored_together(kept: Implementation, ephemeral: bool) -> None:
    room = await new_room(kept, ephemeral=ephemeral)
    expected = {"grants": [1], "members": [], "lingering": [], "bans": [], "owner": [1]}
    assert await standing(kept) == expected
    for event, who, lingers, then in (
        ("join", GUEST, False, {"grants": [1, 2], "members": [2]}),
        ("join", OWNER, False, {"members": [2, 1]}),
        ("join", GUEST, False, {}),  # a member keeps the place and the time of joining
        ("exit", OWNER, True, {"members": [2], "lingering": [1]}),
        ("join", OWNER, False, {"members": [2, 1], "lingering": []}),
        ("exit", OWNER, False, {"members": [2]}),
        ("owner", GUEST, False, {"owner": [2]}),
        ("exit", GUEST, True, {"members": [], "lingering": [2]}),
        ("kick", GUEST, False, {"grants": [1], "lingering": [], "bans": [2]}),
        ("kick", GUEST, False, {}),
        ("kick", THIRD, False, {"bans": [2, 3]}),
    ):
        await happen(kept, room, event, who, lingers=lingers)  # type: ignore[arg-type]  # they are SystemEvents
        expected |= then
        assert await standing(kept) == expected, (event, who)
    assert sorted(user for _, _, user in await kept.stores.rooms.bans()) == [GUEST.user, THIRD.user]
    await restart(kept)
    assert await standing(kept) == expected
    assert len(await records(kept, room)) == (0 if ephemeral else 11)


async def test_a_refused_system_record_has_no_effect(kept: Implementation) -> None:
    room = await new_room(kept)
    before = await standing(kept)
    gone = await new_room(kept)
    await kept.stores.rooms.remove(gone)
    with pytest.raises(NoSuchRoom):
        await happen(kept, gone, "join", GUEST)
    assert await standing(kept) == before
    assert await records(kept, room) == []


# Reading


async def test_pages_are_of_one_room_and_oldest_first(kept: Implementation) -> None:
    room, other = await new_room(kept), await new_room(kept)
    said = []
    for number in range(6):
        said.append(await say(kept, room, str(number)))
        await say(kept, other, "다른 방")
    store = kept.stores.records
    assert await store.before(room, GUEST.id, None, 4) == said[2:]
    assert await store.before(room, GUEST.id, said[2].seq, 4) == said[:2]
    assert await store.after(room, GUEST.id, said[2].seq, 2) == said[3:5]
    assert await store.after(room, GUEST.id, 0, 100) == said
    assert await store.after(room, GUEST.id, said[-1].seq, 100) == []


async def test_what_all_may_see_is_read_forward_without_whispers(kept: Implementation) -> None:
    room, other = await new_room(kept), await new_room(kept)
    said: list[StoredRecord] = [await say(kept, room, "말"), await happen(kept, room, "join", GUEST)]
    await kept.stores.records.append(text(kept, room, "비밀", by=GUEST, to=OWNER))
    said.append(await say(kept, room, "또"))
    await say(kept, other)
    store = kept.stores.records
    assert await store.public(room, 0, 100) == said
    assert await store.public(room, 0, 2) == said[:2]
    assert await store.public(room, said[1].seq, 1) == said[2:]
    assert await store.public(room, said[2].seq, 100) == []


async def test_a_whisper_is_read_and_found_only_by_its_parties_and_leaves_no_gap_for_others(
    kept: Implementation,
) -> None:
    room = await new_room(kept)
    said = [text(kept, room, f"말 {number}", to=GUEST if number % 2 else None) for number in range(6)]
    for one in said:
        await kept.stores.records.append(one)
    store = kept.stores.records
    for reader, sees in ((OWNER, said), (GUEST, said), (THIRD, said[::2])):
        assert await store.before(room, reader.id, None, 3) == sees[-3:]
        assert await store.after(room, reader.id, 0, 3) == sees[:3]
        assert (await store.search(room, reader.id, "말", before=None, limit=100))[0] == sees


async def test_a_search_ignores_case_and_normalisation_form_and_skips_system_records(kept: Implementation) -> None:
    room = await new_room(kept)
    said = [await say(kept, room, chat) for chat in ("Café in Seoul", "cafe\u0301", "CAFE", "100% sure")]
    await happen(kept, room, "join", GUEST)
    search = kept.stores.records.search
    assert (await search(room, OWNER.id, "CAFé", before=None, limit=9))[0] == said[:2]
    assert (await search(room, OWNER.id, "cafe", before=None, limit=9))[0] == [said[2]]
    assert (await search(room, OWNER.id, "%", before=None, limit=9))[0] == [said[3]]
    assert (await search(room, OWNER.id, GUEST.user, before=None, limit=9))[0] == []


async def test_a_search_continues_before_its_last_result(kept: Implementation) -> None:
    room = await new_room(kept)
    said = [await say(kept, room, f"고양이 {number}") for number in range(5)]
    found: list[object] = []
    before: int | None = None
    while True:
        page, before = await kept.stores.records.search(room, OWNER.id, "고양이", before=before, limit=2)
        found = [*page, *found]
        if before is None:
            break
    assert found == said


# Expiry


async def test_expiry_deletes_older_records_but_keeps_the_last(kept: Implementation) -> None:
    room, other = await new_room(kept), await new_room(kept)
    said = [text(kept, room, str(at), at=at) for at in (10, 20, 30)]
    elsewhere = text(kept, other, at=1)
    for one in (*said, elsewhere):
        await kept.stores.records.append(one)
    await kept.stores.records.expire(room, 20)
    assert await records(kept, room) == said[1:]
    await kept.stores.records.expire(room, 1000)
    assert await records(kept, room) == said[2:]
    assert await records(kept, other) == [elsewhere]
    assert isinstance(said[2], Said)


async def test_the_space_of_records_is_told_by_room_and_in_all(kept: Implementation) -> None:
    room, other = await new_room(kept), await new_room(kept)
    used = kept.stores.records.used_bytes
    assert await used(room) == 0
    empty = await used(None)
    for number in range(100):
        assert await kept.stores.records.append(text(kept, room, f"{number:02} {'가' * 1000}"))
    size = 100 * (RECORD_BYTES + 3 + 3 * 1000)
    assert (await used(room), await used(other)) == (size, 0)
    assert size <= await used(None) - empty <= 2 * size
    await kept.stores.rooms.remove(room)
    assert (await used(room), await used(None) <= empty + size / 10) == (0, True)
