"""What the store of the teacher's desk guarantees (`DeskStore`)."""

from pathlib import Path

import pytest

from realtime.chat.desk.ports import DeskBan, LogEntry, Mute, Subject
from realtime.chat.model import RoomRules
from realtime.errors import NoSuchRoom
from tests.ports.implementations import Implementation, SQLite
from tests.ports.people import GUEST, OWNER, THIRD, new_room, restart, start

SEAT = Subject(seat=7)


async def test_settings_are_kept_as_set_last(kept: Implementation) -> None:
    desk = kept.stores.desk
    await desk.set("words", ["가", "b"])
    await desk.set("whispers", True)
    await desk.set("whispers", False)
    await restart(kept)
    assert await kept.stores.desk.settings() == {"words": ["가", "b"], "whispers": False}


async def test_freezing_all_sets_every_rooms_own_flag(kept: Implementation) -> None:
    room, other = await new_room(kept), await new_room(kept)
    await kept.stores.rooms.rule(room, RoomRules(frozen=True, slow_s=30, approve=True))
    await kept.stores.rooms.rule(99, RoomRules(frozen=True))

    async def rules() -> dict[int, RoomRules]:
        await restart(kept)
        return {one.key: one.rules for one in await kept.stores.rooms.load()}

    assert await rules() == {room: RoomRules(True, 30, True), other: RoomRules()}
    await kept.stores.desk.freeze_all(True)
    assert await rules() == {room: RoomRules(True, 30, True), other: RoomRules(frozen=True)}
    assert await kept.stores.desk.settings() == {"frozen": True}
    third = await new_room(kept)
    assert (await rules())[third].frozen
    await kept.stores.desk.freeze_all(False)
    assert await rules() == {room: RoomRules(False, 30, True), other: RoomRules(), third: RoomRules()}
    fourth = await new_room(kept)
    assert not (await rules())[fourth].frozen
    assert await kept.stores.desk.settings() == {"frozen": False}


async def test_a_subject_has_one_mute_in_each_room_and_one_in_all(kept: Implementation) -> None:
    room, gone = await new_room(kept), await new_room(kept)
    desk, guest = kept.stores.desk, Subject(GUEST.id)
    stays = [Mute(guest, None, 500), Mute(guest, room, 400), Mute(SEAT, room, 300)]
    for mute in (Mute(guest, room, 100), Mute(guest, gone, 200), *stays):
        await desk.mute(mute)
    await kept.stores.rooms.remove(gone)
    with pytest.raises(NoSuchRoom):
        await desk.mute(Mute(guest, gone, 200))
    await restart(kept)
    assert sorted(await kept.stores.desk.mutes(), key=repr) == sorted(stays, key=repr)
    await kept.stores.desk.unmute(guest, room)
    await kept.stores.desk.unmute(Subject(THIRD.id), None)
    assert sorted(await kept.stores.desk.mutes(), key=repr) == sorted([stays[0], stays[2]], key=repr)
    await kept.stores.desk.unmute(SEAT, None)
    await kept.stores.desk.unmute(guest, None)
    assert await kept.stores.desk.mutes() == []


async def test_only_mutes_that_are_over_are_deleted(kept: Implementation) -> None:
    room, guest = await new_room(kept), Subject(GUEST.id)
    for mute in (Mute(guest, None, 100), Mute(guest, room, 101), Mute(SEAT, None, 99)):
        await kept.stores.desk.mute(mute)
    await kept.stores.desk.end_mutes(100)
    await restart(kept)
    assert await kept.stores.desk.mutes() == [Mute(guest, room, 101)]


async def test_the_mute_of_a_forgotten_visitor_is_deleted(kept: Implementation) -> None:
    await new_room(kept, owner=OWNER)
    for who in (OWNER, THIRD):
        await kept.stores.desk.mute(Mute(Subject(who.id), None, 500))
    assert THIRD.id in await kept.stores.visitors.forget(1000)
    assert await kept.stores.desk.mutes() == [Mute(Subject(OWNER.id), None, 500)]


async def test_a_ban_is_kept_until_it_is_lifted(kept: Implementation) -> None:
    guest = Subject(GUEST.id)
    for ban in (DeskBan(SEAT, OWNER.user), DeskBan(guest, GUEST.user), DeskBan(guest, THIRD.user)):
        await kept.stores.desk.ban(ban)
    await restart(kept)
    assert await kept.stores.desk.bans() == [DeskBan(SEAT, OWNER.user), DeskBan(guest, GUEST.user)]
    await kept.stores.desk.unban(SEAT)
    await kept.stores.desk.unban(SEAT)
    await restart(kept)
    assert await kept.stores.desk.bans() == [DeskBan(guest, GUEST.user)]


async def test_the_log_returns_its_last_entries_newest_first(kept: Implementation) -> None:
    entries = [LogEntry(number, {"did": "freeze", "room": None, "on": True}) for number in range(3)]
    for entry in entries:
        await kept.stores.desk.note(entry)
    await restart(kept)
    assert await kept.stores.desk.log(2) == [entries[2], entries[1]]


async def test_the_log_keeps_its_last_ten_thousand_entries(tmp_path: Path) -> None:
    kept = SQLite(tmp_path)
    await start(kept)
    for number in (1, 2, 10_001, 10_002):
        await kept.database.run("INSERT INTO desk_log (id, at, entry) VALUES (?1, ?1, '{}')", (number,))
    assert [entry.at_ms for entry in await kept.stores.desk.log(10)] == [10_002, 10_001]
    await kept.close()
