"""What a record store guarantees about changes (`RecordStore.change`)."""

import contextlib

import pytest

from realtime.chat.records import Said
from realtime.errors import NoSuchRoom
from tests.ports.implementations import Implementation
from tests.ports.people import GUEST, OWNER, THIRD, new_room, records, restart, say, text


def revised(kept: Implementation, said: Said) -> Said:
    return said.revised(kept.stores.records.next()[0])


async def test_a_change_replaces_the_previous_state_also_after_a_restart(kept: Implementation) -> None:
    room = await new_room(kept)
    said = text(kept, room, "안넝", nonce="n-1")
    await kept.stores.records.append(said)
    later = await say(kept, room)
    changed = revised(kept, said.edited("안녕", 7).reacted(GUEST, "👍", True))
    assert await kept.stores.records.change(changed)
    assert await kept.stores.records.append(said) is False  # the nonce is still used up
    await restart(kept)
    assert await records(kept, room) == [changed, later]
    assert await kept.stores.records.get(room, said.seq) == changed
    assert await kept.stores.records.by_nonce(room, OWNER.id, "n-1") == changed
    assert await kept.stores.records.get(room, 99) is None


async def test_a_changed_record_comes_after_records_said_before_the_change(kept: Implementation) -> None:
    room = await new_room(kept)
    first, second = await say(kept, room), await say(kept, room)
    secret = text(kept, room, "비밀", to=GUEST)
    await kept.stores.records.append(secret)
    changed = revised(kept, first.reacted(GUEST, "👍", True))
    hidden = revised(kept, secret.reacted(GUEST, "🤫", True))
    for one in (changed, hidden):
        await kept.stores.records.change(one)
    last = await say(kept, room)
    after = kept.stores.records.after
    assert await after(room, GUEST.id, 0, 9) == [second, changed, hidden, last]
    assert await after(room, THIRD.id, 0, 9) == [second, changed, last]
    assert await after(room, GUEST.id, second.seq, 2) == [changed, hidden]
    assert await after(room, GUEST.id, hidden.position, 9) == [last]


async def test_a_reply_is_read_with_the_current_state_of_its_target(kept: Implementation) -> None:
    room = await new_room(kept)
    said = await say(kept, room)
    answer = text(kept, room, "응")
    answer = Said(**{name: getattr(answer, name) for name in answer.__struct_fields__ if name != "re"}, re=said.seq)
    await kept.stores.records.append(answer)
    changed = revised(kept, said.edited("나", 7))
    await kept.stores.records.change(changed)
    assert await kept.stores.records.replies_to(room, said.seq) == [answer.quoting(changed)]
    assert await records(kept, room) == [changed, answer.quoting(changed)]


async def test_the_number_of_a_change_is_not_reused(kept: Implementation) -> None:
    room = await new_room(kept)
    first, _ = await say(kept, room), await say(kept, room)
    changed = revised(kept, first.edited("나", 7))
    await kept.stores.records.change(changed)
    assert await restart(kept) == {room: changed.position}
    await kept.stores.records.expire(room, 2**50)
    await restart(kept)
    assert kept.stores.records.next()[0] > changed.position


@pytest.mark.parametrize("gone", ["the record", "the room"])
async def test_a_change_does_not_restore_a_deleted_record(kept: Implementation, gone: str) -> None:
    room = await new_room(kept)
    first, last = await say(kept, room), await say(kept, room)
    changed = revised(kept, first.edited("나", 7))
    if gone == "the record":
        await kept.stores.records.expire(room, 2**50)
        assert await kept.stores.records.change(changed) is False
        assert await records(kept, room) == [last]
    else:
        await kept.stores.rooms.remove(room)
        with contextlib.suppress(NoSuchRoom):
            assert await kept.stores.records.change(changed) is False
        assert await records(kept, room) == []
