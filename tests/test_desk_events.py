"""The namespace /desk: who gets in, what a desk is told of the rooms, and its events."""

import asyncio
from typing import cast

import pytest

from realtime.chat.desk.passes import DeskPass
from realtime.chat.records import StoredRecord
from realtime.chat.watch import UNWATCHED
from realtime.errors import ConnectionRefused, Storage
from tests.desk import HOURS_12_S, Desk, open_desk
from tests.world import Json, World, not_held, world

__all__ = ["world"]


def last_room(desk: Desk) -> Json:
    """Return the last DESKROOM that a desk was sent by itself."""
    return desk.events("room")[-1]


def chats(room: Json) -> list[object]:
    return [record.get("chat") for record in cast("list[Json]", room["last"])]


async def the_rooms(world: World) -> list[Json]:
    """Return what a new desk is told of the rooms."""
    desk = await open_desk(world)
    rooms = cast("list[Json]", desk.events("rooms")[0])
    desk.leave()
    return rooms


# --- getting in


@pytest.mark.parametrize("credential", [object(), DeskPass(0.0), DeskPass(-5.0)], ids=["nothing", "over", "long over"])
async def test_who_shows_no_valid_cookie_is_not_the_teacher(world: World, credential: object) -> None:
    with pytest.raises(ConnectionRefused) as refused:
        await Desk(world, await world.visitor(), credential).open()
    assert cast(Json, refused.value.data)["error"] == "not_teacher"


async def test_a_desk_is_told_the_settings_and_then_the_rooms(world: World) -> None:
    room = await world.room(title="첫째")
    await world.room(title="둘째", password="비밀")
    pupil = await world.peer()
    await pupil.join(room)
    await pupil.say(room, "안녕")
    desk = await open_desk(world)
    assert [event for event, _ in desk.heard] == ["settings", "rooms"]
    second, first = cast("list[Json]", desk.heard[1][1])
    assert (first["title"], second["title"]) == ("첫째", "둘째")
    assert (first["rate"], first["held"], first["hands"], first["members"]) == (1, 0, [], 1)
    assert first["people"] == [{"user": pupil.who.user, "present": True}]
    assert chats(first) == ["안녕"]
    assert (second["password"], second["last"], second["people"]) == (True, [], [])


async def test_an_event_after_the_cookies_end_is_not_the_teachers(world: World) -> None:
    """Whether or not the timer has noticed the end: machines sleep."""
    desk = await open_desk(world)
    world.clock.sleep(HOURS_12_S)
    answer = await desk.act("freeze", room=None, on=True)
    assert (answer["ok"], answer["error"]) == (False, "not_teacher")
    room = await world.room()
    assert desk.events("room") == []
    assert desk.events("problem")[0]["error"] == "not_teacher"
    assert not desk.socket.connected and not world.service.view(room.id).frozen


async def test_a_desk_ends_with_its_cookie(world: World) -> None:
    desk, other = await open_desk(world), await open_desk(world)
    await world.pass_time(HOURS_12_S - 1)
    assert desk.socket.connected
    await world.pass_time(1)
    assert not desk.socket.connected and not other.socket.connected
    assert world.service._rooms.watch.by is UNWATCHED


# --- the rooms as they change


async def test_each_change_of_a_room_is_told_at_most_four_times_a_second_and_the_last_always(world: World) -> None:
    room = await world.room()
    pupil, other = await world.peer(), await world.peer()
    await pupil.join(room)
    desks = await open_desk(world), await open_desk(world)
    for desk in desks:
        desk.take()
    for number in range(7):
        await pupil.say(room, f"말 {number}")
    await other.join(room)
    await world.settle()
    assert len(desks[0].events("room")) == 1
    await world.pass_time(0.25)
    for desk in desks:
        told = desk.events("room")
        assert len(told) == 2
        assert chats(told[-1]) == [f"말 {number}" for number in range(2, 7)]
        assert (told[-1]["rate"], told[-1]["members"]) == (7, 2)
    other.drop()
    await world.pass_time(0.25)
    assert cast("list[Json]", last_room(desks[0])["people"])[1] == {"user": other.who.user, "present": False}


async def test_whispers_and_what_is_said_behind_a_password_reach_no_desk(world: World) -> None:
    room, locked = await world.room(), await world.room(password="비밀")
    pupil, friend = await world.peer(), await world.peer()
    for one in (pupil, friend):
        await one.join(room)
        await one.join(locked, password="비밀")
    desk = await open_desk(world)
    said = not_held(await world.service.whisper(pupil.who, room.id, friend.who.user, "속삭임", None))
    await friend.post(room, "대답", re=said)
    await pupil.say(locked, "우리끼리")
    await world.pass_time(1)
    for rooms in (desk.events("room"), await the_rooms(world)):
        assert "속삭임" not in str(rooms) and "우리끼리" not in str(rooms)
    assert [chats(one) for one in await the_rooms(world)] == [[], ["대답"]]
    assert [one["rate"] for one in await the_rooms(world)] == [1, 1]
    answer = await desk.act("said", user=pupil.who.user)
    assert (answer["chats"], answer["more"]) == ([], False)


async def test_an_edit_and_a_deletion_change_the_last_lines(world: World) -> None:
    room = await world.room()
    pupil = await world.peer()
    await pupil.join(room)
    first, second = await pupil.say(room, "처음"), await pupil.say(room, "다음")
    desk = await open_desk(world)
    await world.service.records.edit(pupil.who, room.id, first.id, "고침")
    await world.pass_time(1)
    assert chats(last_room(desk)) == ["고침", "다음"]
    assert await desk.act("delete", room=room.id, _id=second.id) == {"ok": True, "rev": last_seq(world, room.id)}
    await world.pass_time(1)
    assert chats(last_room(desk)) == ["고침", None]
    assert "다음" not in str(await the_rooms(world))


def last_seq(world: World, room_id: str) -> int:
    return world.service.position(room_id)


async def test_a_desk_is_told_no_more_at_once_than_it_can_read(world: World) -> None:
    """A flood of long messages in many rooms does not shut the teacher out: those come later."""
    pupil = await world.peer()
    rooms = [await world.room() for _ in range(40)]
    for number, room in enumerate(rooms):
        await pupil.join(room)
        for _ in range(5):
            await pupil.say(room, f"{number} ".ljust(2000, "가"))
    desk = await open_desk(world)
    told = cast("list[Json]", desk.events("rooms")[0])
    assert len(told) == 40
    assert 200_000 < len(str(told).encode()) < 600_000
    for room in rooms:
        await pupil.say(room, "또 " * 900)
    await world.pass_time(0.25)
    assert len(str(desk.events("room")).encode()) < 600_000
    for _ in range(40):
        await world.pass_time(0.25)
    latest = {str(room["_id"]): room for room in desk.events("room")}
    assert latest.keys() == {room.id for room in rooms}
    assert {str(chats(room)[-1])[:1] for room in latest.values()} == {"또"}
    assert all(len(chats(room)) == 5 for room in latest.values())


async def test_the_rate_falls_by_itself(world: World) -> None:
    room = await world.room()
    pupil = await world.peer()
    await pupil.join(room)
    await pupil.say(room, "안녕")
    desk = await open_desk(world)
    assert desk.events("rooms")
    await world.pass_time(30)
    assert desk.events("room") == []
    await world.pass_time(33)
    assert [one["rate"] for one in desk.events("room")] == [0]


async def test_a_room_that_ends_is_told_once_and_never_again(world: World) -> None:
    owner = await world.peer()
    room = await world.room(owner.who)
    await owner.join(room)
    desk = await open_desk(world)
    said = asyncio.gather(*(owner.say(room, "끝") for _ in range(3)), return_exceptions=True)
    await world.service.owner.delete(owner.who, room.id)
    await said
    await world.pass_time(5)
    assert [body for event, body in desk.heard if event == "removeRoom"] == [room.id]
    assert [event for event, _ in desk.heard][-1] == "removeRoom"
    assert await the_rooms(world) == []


async def test_a_mute_in_a_room_ends_with_it(world: World) -> None:
    owner = await world.peer()
    room, other = await world.room(owner.who), await world.room(owner.who)
    desk = await open_desk(world)
    for where in (room.id, other.id):
        await desk.act("mute", user=owner.who.user, room=where, minutes=5)
    await desk.act("close", room=room.id)
    mutes = desk.events("settings")[-1]["mutes"]
    assert isinstance(mutes, list) and [mute["room"] for mute in mutes] == [other.id]


@pytest.mark.sqlite
async def test_the_last_lines_are_there_after_a_restart(world: World) -> None:
    room = await world.room()
    pupil = await world.peer()
    await pupil.join(room)
    for number in range(7):
        await pupil.say(room, f"말 {number}")
    await world.settle()
    await world.restart()
    (told,) = await the_rooms(world)
    assert chats(told) == [f"말 {number}" for number in range(2, 7)]


async def test_what_is_deleted_while_the_last_lines_are_read_is_gone_from_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = await world.room()
    pupil = await world.peer()
    await pupil.join(room)
    said = [await pupil.say(room, f"말 {number}") for number in range(2)]
    await world.settle()
    await world.restart()
    read = world.stores.records.before

    async def slowly(room_key: int, reader_id: int, before: int | None, limit: int) -> list[StoredRecord]:
        rows = await read(room_key, reader_id, before, limit)
        await world.service.records.delete(pupil.who, room.id, said[1].id)
        return rows

    monkeypatch.setattr(world.stores.records, "before", slowly)
    (told,) = await the_rooms(world)
    assert chats(told) == ["말 0", None]


async def test_a_desk_opens_though_the_disk_fails(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    room = await world.room()
    pupil = await world.peer()
    await pupil.join(room)
    await pupil.say(room, "안녕")
    await world.settle()
    await world.restart()

    async def broken(*_: object) -> list[StoredRecord]:
        raise Storage

    with monkeypatch.context() as patched:
        patched.setattr(world.stores.records, "before", broken)
        (told,) = await the_rooms(world)
    assert (told["_id"], chats(told)) == (room.id, [])
    assert chats((await the_rooms(world))[0]) == ["안녕"]


async def test_nothing_listens_while_no_desk_is_open(world: World) -> None:
    watch = world.service._rooms.watch
    assert watch.by is UNWATCHED
    first, second = await open_desk(world), await open_desk(world)
    first.leave()
    assert watch.by is not UNWATCHED
    armed = world.clock.armed
    second.leave()
    assert watch.by is UNWATCHED
    assert world.clock.armed < armed


# --- events


GOOD: dict[str, Json] = {
    "approve": {"room": "ROOM", "on": True},
    "show": {"room": "ROOM", "held": "HELD"},
    "drop": {"room": "ROOM", "held": "ALSO HELD"},
    "freeze": {"room": None, "on": True},
    "slow": {"room": "ROOM", "seconds": 5},
    "announce": {"room": None, "chat": "모두 여기 보세요"},
    "mute": {"user": "USER", "room": None, "minutes": 5},
    "kick": {"room": "ROOM", "user": "USER"},
    "readmit": {"room": "ROOM", "user": "USER"},
    "ban": {"user": "USER"},
    "unban": {"user": "USER"},
    "keep": {"room": "ROOM", "on": True},
    "names": {"on": False},
    "allow": {"what": "whispers", "on": False},
    "people": {"count": 60},
    "said": {"user": "USER"},
    "delete": {"room": "ROOM", "_id": "RECORD"},
    "close": {"room": "ROOM"},
}


async def test_every_event_is_acknowledged_and_refuses_what_it_cannot_read(world: World) -> None:
    room = await world.room()
    pupil = await world.peer()
    await pupil.join(room)
    said = await pupil.say(room, "안녕")
    desk = await open_desk(world)
    await desk.act("words", words=["바보"])
    held = [await world.service.post(pupil.who, room.id, "바보", None) for _ in range(2)]
    known = {"ROOM": room.id, "USER": pupil.who.user, "RECORD": said.id, "HELD": held[0].id, "ALSO HELD": held[1].id}
    assert GOOD.keys() <= world.hub.of("/desk").handlers.keys()
    for event, argument in GOOD.items():
        wrong = {"room": 5, "user": 5, "on": "yes", "what": "x", "count": "many"}
        for bad in ((), (None,), ("text",), ({},), ({**argument, **wrong},)):
            answer = await desk.send_event(event, *bad)
            assert (answer["ok"], answer["error"]) == (False, "bad_request"), (event, bad)
    for event, argument in GOOD.items():
        answer = await desk.act(event, **{key: known.get(str(value), value) for key, value in argument.items()})
        outcome = "not_allowed" if event == "people" else None  # this world has no limits of addresses
        assert answer.get("error") == outcome, (event, answer)


async def test_what_one_desk_does_both_desks_see(world: World) -> None:
    room = await world.room()
    pupil = await world.peer()
    await pupil.join(room)
    desks = [await open_desk(world), await open_desk(world)]
    for desk in desks:
        desk.take()
    await desks[0].act("mute", user=pupil.who.user, room=room.id, minutes=1)
    await desks[1].act("slow", room=room.id, seconds=7)
    await world.pass_time(1)
    for desk in desks:
        (settings,) = desk.events("settings")
        assert [mute["room"] for mute in cast("list[Json]", settings["mutes"])] == [room.id]
        assert last_room(desk)["people"] == [{"user": pupil.who.user, "present": True, "muted": True}]
        assert last_room(desk)["slow"] == 7
        assert [entry["did"] for entry in desk.events("log")] == ["mute", "slow"]
    await world.pass_time(62)
    assert last_room(desks[0])["people"] == [{"user": pupil.who.user, "present": True}]


async def test_what_a_person_said_is_found_in_all_open_rooms(world: World) -> None:
    pupil, other = await world.peer(), await world.peer()
    rooms = [await world.room(), await world.room(), await world.room(ephemeral=True)]
    for number, room in enumerate(rooms):
        for one in (pupil, other):
            await one.join(room)
            await one.say(room, f"{one.who.user} {number}")
    desk = await open_desk(world)
    answer = await desk.act("said", user=pupil.who.user)
    found = cast("list[Json]", answer["chats"])
    assert [record["chat"] for record in found] == [f"{pupil.who.user} {number}" for number in range(3)]
    assert answer["more"] is False
    earlier = await desk.act("said", user=pupil.who.user, before=found[-1]["seq"])
    assert len(cast("list[Json]", earlier["chats"])) == 2
    assert (await desk.act("said", user="#000000"))["error"] == "not_found"
