"""What the teacher's desk decides for rooms and for all (`DeskService`). For people: test_desk_people.py."""

import asyncio
from functools import partial
from pathlib import Path

import pytest

from realtime.chat.desk.service import Switch
from realtime.chat.model import RoomView
from realtime.chat.policy import Limits, RoomPatch
from realtime.chat.wire_forms import Record
from realtime.errors import (
    BadRequest,
    EmptyChat,
    Frozen,
    Kicked,
    NoSuchRoom,
    NotAllowed,
    NotFound,
    NotOwner,
    Storage,
    TooFast,
)
from tests.classroom import Acts, all_refused, people, refused, teacher
from tests.client import GIF
from tests.conftest import ExpectLog
from tests.world import World, not_held, world

__all__ = ["world"]


# --- everybody listens


@pytest.mark.parametrize("ephemeral", [False, True])
async def test_in_a_frozen_room_only_the_teacher_says_anything(world: World, ephemeral: bool) -> None:
    teaches, (room, [owner, guest]) = await teacher(world), await people(world, ephemeral=ephemeral)
    service, desk = world.service, world.service.desk
    line = await guest.say(room, "안녕")
    await desk.freeze(teaches, room.id, True)
    assert service.view(room.id).frozen
    acts: Acts = [
        lambda: guest.say(room, "또"),
        lambda: owner.say(room, "나도"),
        lambda: guest.post(room, "답", re=line),
        lambda: world.send_image(guest.who, room, GIF),
        lambda: service.gallery.post_again(guest.who, room.id, "cat-hi.gif", None, None),
        lambda: service.whisper(guest.who, room.id, owner.who.user, "쉿", None),
        lambda: service.records.react(guest.who, room.id, line.id, "👍", on=True),
        lambda: service.records.edit(guest.who, room.id, line.id, "고침"),
        lambda: service.naming.name(guest.who, "민아"),
    ]
    assert await all_refused(acts) == {Frozen}
    guest.type(room)
    assert owner.events("typing") == []
    assert not_held(await service.post(teaches, room.id, "들으세요", None)).role == "teacher"
    assert await service.records.delete(guest.who, room.id, line.id)
    assert not (await world.room()).frozen
    await desk.freeze(teaches, room.id, False)
    assert (await guest.say(room, "다시")).role is None


async def test_all_rooms_are_frozen_at_once_and_those_to_come_also_after_a_restart(world: World) -> None:
    teaches, (room, [_, guest]) = await teacher(world), await people(world)
    await world.service.desk.freeze(teaches, None, True)
    new = await world.room()
    assert [room.frozen for room in world.service.lobby()] == [True, True]
    await world.service.desk.freeze(teaches, room.id, False)  # one of them
    assert await guest.say(room, "우리만")
    await world.restart()
    assert {one.id: one.frozen for one in world.service.lobby()} == {room.id: False, new.id: True}
    assert (await world.room()).frozen
    await world.service.desk.freeze(teaches, None, False)
    assert not any(one.frozen for one in world.service.lobby())
    assert not (await world.room()).frozen


async def test_the_lobby_is_told_what_is_frozen_and_slow_only_where_it_is(world: World) -> None:
    teaches, watching = await teacher(world), await world.peer(namespace="/room")
    room = await world.room()
    await world.service.desk.freeze(teaches, room.id, True)
    await world.pass_time(1)
    await world.service.desk.slow(teaches, room.id, 5)
    await world.pass_time(1)
    assert [one.get("frozen") for one in watching.events("updateRoom")] == [True, True]
    assert [one.get("slow") for one in watching.events("updateRoom")] == [None, 5]
    assert not {"frozen", "slow"} & watching.events("newRoom")[0].keys()


# --- slow mode


async def test_in_a_slow_room_each_visitor_says_one_message_in_that_time(world: World) -> None:
    """No rate limit is on in this world: slow mode holds all the same."""
    teaches, (room, [owner, guest]) = await teacher(world), await people(world)
    service, desk = world.service, world.service.desk
    await desk.slow(teaches, room.id, 30)
    assert service.view(room.id).slow == 30
    first = await guest.say(room, "하나", "n")
    assert (await guest.say(room, "하나", "n")).id == first.id  # again, as after a lost answer
    with pytest.raises(TooFast) as refusal:
        await world.send_image(guest.who, room, GIF)
    assert refusal.value.detail == {"retry_after": 30.0}
    assert await refused(lambda: service.whisper(guest.who, room.id, owner.who.user, "쉿", None)) is TooFast
    assert await service.records.react(guest.who, room.id, first.id, "👍", on=True)
    assert await owner.say(room, "나는 처음")
    for text in ("선생님", "도"):
        await service.post(teaches, room.id, text, None)
    await world.pass_time(29)
    assert await refused(lambda: guest.say(room, "둘")) is TooFast
    await world.pass_time(1)
    await guest.say(room, "둘")
    assert await guest.say(await world.room(guest.who), "다른 방")
    await desk.slow(teaches, room.id, 0)
    await guest.say(room, "셋")
    assert await all_refused([lambda: desk.slow(teaches, room.id, -1), lambda: desk.slow(teaches, room.id, 301)]) == {
        BadRequest
    }


# --- announcements


@pytest.mark.parametrize("ephemeral", [False, True])
async def test_an_announcement_comes_as_the_teachers_message(world: World, ephemeral: bool) -> None:
    teaches, (room, [_, guest]) = await teacher(world), await people(world, ephemeral=ephemeral)
    await world.service.desk.freeze(teaches, room.id, True)
    await world.service.desk.announce(teaches, room.id, " 책을 펴세요 ")
    [said] = guest.events("chat")
    assert (said["user"], said["role"], said["chat"]) == (teaches.user, "teacher", "책을 펴세요")
    history = await world.service.history.page(guest.who, room.id, None, 9)
    assert ephemeral or history.chats[-1].role == "teacher"
    assert await refused(lambda: world.service.desk.announce(teaches, room.id, " ")) is EmptyChat
    assert await refused(lambda: world.service.desk.announce(teaches, "f" * 24, "누구?")) is NoSuchRoom


async def test_an_announcement_to_all_is_said_in_each_room_though_one_ends_meanwhile(world: World) -> None:
    teaches, (_, [_, guest]), (other, [owner, _]) = await teacher(world), await people(world), await people(world)
    announcing = asyncio.create_task(world.service.desk.announce(teaches, None, "모두"))
    ending = asyncio.create_task(world.service.owner.delete(owner.who, other.id))
    await asyncio.gather(announcing, ending)
    assert [one["chat"] for one in guest.events("chat")] == ["모두"]


# --- as an owner


async def test_the_teacher_does_in_any_room_what_its_owner_does(world: World) -> None:
    teaches, (room, [owner, guest, third]) = await teacher(world), await people(world, 3, password="p")
    desk = world.service.desk
    said = await guest.say(room, "지울 말")
    whispered = await world.service.whisper(guest.who, room.id, owner.who.user, "쉿", None)
    assert await desk.delete(teaches, room.id, said.id) > said.seq
    assert [one["deleted"] for one in third.events("update")] == ["teacher"]
    assert await refused(lambda: desk.delete(teaches, room.id, whispered.id)) is NotFound
    await desk.kick(teaches, room.id, guest.who.user)
    assert guest.events("kicked")
    assert await refused(lambda: guest.join(room, password="p")) is Kicked
    await desk.readmit(teaches, room.id, guest.who.user)
    await guest.join(room, password="p")
    assert await refused(lambda: desk.kick(teaches, room.id, teaches.user)) is BadRequest
    await desk.keep(teaches, room.id, True)
    assert world.service.view(room.id).kept
    await desk.close(teaches, room.id)
    assert third.events("closed") == [{"room": room.id, "message": "선생님이 채팅방을 닫았습니다."}]
    assert await refused(lambda: desk.close(teaches, room.id)) is NoSuchRoom


async def test_who_owned_a_room_and_is_kicked_owns_it_no_longer(world: World) -> None:
    teaches, (room, [owner, guest]) = await teacher(world), await people(world)
    other = await world.room(owner.who)
    for one in (room, other):
        await world.service.desk.keep(teaches, one.id, True)
        await world.service.desk.kick(teaches, one.id, owner.who.user)
        expected = NotOwner if one is room else Kicked  # nobody is there to inherit the other
        assert await refused(partial(world.service.owner.delete, owner.who, one.id)) is expected
    await world.settle()
    assert world.service.view(room.id).owner == guest.who.user
    await guest.join(other)
    await world.settle()
    assert world.service.view(other.id).owner == guest.who.user


async def test_no_owner_kicks_the_teacher(world: World) -> None:
    teaches, (room, [owner]) = await teacher(world), await people(world, 1)
    await world.service.admit(teaches, "192.0.2.1", room.id, None)
    assert await refused(lambda: world.service.owner.kick(owner.who, room.id, teaches.user)) is NotAllowed


async def test_who_taught_does_so_no_longer_when_the_pass_is_over(world: World) -> None:
    teaches, (room, [_, guest]) = await teacher(world), await people(world, password="p")
    said = await guest.say(room, "안녕")
    assert await world.service.post(teaches, room.id, "저도", None)
    await world.pass_time(12 * 3600)
    assert world.service.house.role_of(teaches.id) is None
    assert await refused(lambda: world.service.desk.kick(teaches, room.id, guest.who.user)) is NotOwner
    assert (await guest.say(room, "또")).seq > said.seq


# --- switches


async def test_what_is_not_allowed_is_refused_and_everybody_is_told(world: World) -> None:
    teaches, (room, [owner, guest]) = await teacher(world), await people(world)
    lobby, service, desk = await world.peer(namespace="/room"), world.service, world.service.desk
    whispered, other = [await service.whisper(guest.who, room.id, owner.who.user, text, None) for text in "가나"]
    switches: tuple[Switch, ...] = ("whispers", "private", "rooms")
    for switch in switches:
        await desk.allow(teaches, switch, False)
    await desk.names(teaches, False)
    none = {"whispers": False, "private": False, "rooms": False, "names": False}
    assert lobby.events("house")[-1] == guest.events("house")[-1] == none
    acts: Acts = [
        lambda: service.whisper(guest.who, room.id, owner.who.user, "쉿", None),
        lambda: service.records.edit(guest.who, room.id, whispered.id, "몰래"),
        lambda: service.records.react(owner.who, room.id, other.id, "👍", on=True),
        lambda: service.owner.change(owner.who, room.id, RoomPatch(password="p")),
        lambda: world.room(guest.who),
        lambda: service.naming.name(guest.who, "민아"),
    ]
    assert await all_refused(acts) == {NotAllowed}
    await desk.allow(teaches, "rooms", True)
    assert await world.room(guest.who)
    assert await refused(lambda: world.room(guest.who, password="p")) is NotAllowed
    assert (await world.room(teaches, password="p")).password
    await world.restart()
    guest = await world.peer(guest.who)
    answer = await guest.join(room)
    assert answer.house == service.house.view() == world.service.house.view()
    for switch in switches:
        await world.service.desk.allow(teaches, switch, True)
    await world.service.desk.names(teaches, True)
    assert not (await guest.join(room)).house
    assert await world.service.naming.name(guest.who, "민아") == "민아"


async def test_while_names_are_not_allowed_no_room_shows_one(world: World) -> None:
    teaches, (room, [owner, guest]) = await teacher(world), await people(world)
    await world.service.naming.name(guest.who, "민아")
    await world.service.desk.names(teaches, False)
    assert (await guest.say(room, "나")).name is None
    assert (await owner.join(room)).names == {}
    await world.service.desk.names(teaches, True)
    assert (await guest.say(room, "나")).name == "민아"
    assert (await owner.join(room)).names == {guest.who.user: "민아"}
    await world.service.desk.take_name(teaches, guest.who.user)
    assert [line.get("name") for line in owner.events("name")] == ["민아", None]
    assert (await guest.say(room, "나")).name is None
    assert await refused(lambda: world.service.desk.take_name(teaches, "#ffffff")) is NotFound


# --- the desk itself


async def test_the_log_has_what_was_done_and_nothing_that_was_said(world: World) -> None:
    teaches, (room, [_, guest]) = await teacher(world), await people(world)
    desk, user = world.service.desk, guest.who.user
    told: list[dict[str, object]] = []
    desk.log.on_entry = lambda entry: told.append(dict(entry))
    said = await guest.say(room, "비밀")
    await desk.freeze(teaches, None, True)
    await desk.announce(teaches, None, "공지")
    await desk.mute(teaches, user, room.id, 5)
    await desk.delete(teaches, room.id, said.id)
    await desk.ban(teaches, user)
    await desk.unban(teaches, user)
    await desk.unban(teaches, user)  # nothing is left to do
    await desk.close(teaches, room.id)
    by = {"by": teaches.user}
    expected: list[dict[str, object]] = [
        {"did": "freeze", **by, "room": None, "on": True},
        {"did": "announce", **by, "room": None},
        {"did": "mute", **by, "user": user, "room": room.id, "minutes": 5},
        {"did": "delete", **by, "room": room.id, "record": said.id},
        {"did": "ban", **by, "user": user},
        {"did": "unban", **by, "user": user},
        {"did": "close", **by, "room": room.id, "title": "방"},
    ]
    assert [{key: value for key, value in entry.items() if key != "at"} for entry in told] == expected
    await world.restart()
    assert await world.service.desk.log.entries() == told[::-1]
    assert await world.service.desk.log.entries(1) == told[-1:]


async def test_what_the_teacher_does_in_a_room_is_in_the_log_too_and_what_owners_do_is_not(world: World) -> None:
    teaches, (room, [owner, guest, third]) = await teacher(world), await people(world, 3)
    service, did = world.service, list[object]()
    service.desk.log.on_entry = lambda entry: did.append((entry["did"], entry["by"]))
    rude, own, mine = await guest.say(room, "지울 말"), await guest.say(room, "내 말"), await third.say(room, "방장이")
    await service.records.delete(guest.who, room.id, own.id)
    await service.records.delete(owner.who, room.id, mine.id)
    await service.owner.kick(owner.who, room.id, third.who.user)
    await service.owner.change(owner.who, room.id, RoomPatch(kept=True))
    said = await service.post(teaches, room.id, "저도", None)
    assert isinstance(said, Record)
    await service.records.delete(teaches, room.id, said.id)
    assert did == []
    deleting = [service.records.delete(teaches, room.id, rude.id) for _ in range(2)]
    for one in deleting:
        await one
    await service.owner.kick(teaches, room.id, guest.who.user)
    await service.owner.change(teaches, room.id, RoomPatch(title="새 이름", kept=True))
    await service.owner.change(teaches, room.id, RoomPatch(kept=False))
    await service.owner.delete(teaches, room.id)
    await world.settle()
    assert did == [(what, teaches.user) for what in ("delete", "kick", "keep", "close")]


async def test_a_decision_that_cannot_be_stored_does_not_hold(world: World, expect_log: ExpectLog) -> None:
    expect_log("gifchat.db", "storage: ")
    teaches, (room, [_, guest]) = await teacher(world), await people(world)
    desk = world.service.desk
    before = desk.settings()
    await world.kept.refuse(True)
    acts: Acts = [
        lambda: desk.freeze(teaches, room.id, True),
        lambda: desk.freeze(teaches, None, True),
        lambda: desk.slow(teaches, room.id, 5),
        lambda: desk.mute(teaches, guest.who.user, None, 5),
        lambda: desk.ban(teaches, guest.who.user),
        lambda: desk.allow(teaches, "whispers", False),
        lambda: desk.names(teaches, False),
        lambda: desk.keep(teaches, room.id, True),
        lambda: desk.announce(teaches, None, "공지"),
    ]
    assert await all_refused(acts) == {Storage}
    assert desk.settings() == before
    now = world.service.view(room.id)
    assert (now.frozen, now.slow, now.kept) == (False, 0, False)
    await world.kept.refuse(False)
    assert await guest.say(room, "안녕")
    assert await desk.log.entries() == []


@pytest.mark.sqlite
async def test_two_desks_at_once_leave_what_is_stored(world: World) -> None:
    """Whichever is last, memory and disk agree."""
    teaches, other, (room, _) = await teacher(world), await teacher(world), await people(world)
    desk = world.service.desk

    def shown() -> tuple[list[RoomView], object]:
        return [one for one in world.service.lobby()], world.service.desk.settings()

    works = []
    for turn in range(4):
        on = turn % 2 == 0
        works += [
            desk.freeze(teaches, None, on),
            desk.freeze(other, room.id, not on),
            desk.slow(other, room.id, turn),
            desk.allow(teaches, "rooms", on),
        ]
    made = asyncio.create_task(world.room(teaches))
    await asyncio.gather(*works, made)
    before = shown()
    await world.restart()
    after = shown()
    assert [(one.id, one.frozen, one.slow) for one in after[0]] == [(one.id, one.frozen, one.slow) for one in before[0]]
    assert after[1] == before[1]


async def test_without_a_desk_nothing_holds_and_with_one_it_holds_again(world: World) -> None:
    teaches, (room, [owner, guest]) = await teacher(world), await people(world)
    desk = world.service.desk
    await desk.freeze(teaches, None, True)
    await desk.approve(teaches, room.id, True)
    await desk.slow(teaches, room.id, 30)
    await desk.mute(teaches, owner.who.user, None, 1440)
    await desk.ban(teaches, guest.who.user)
    await desk.allow(teaches, "rooms", False)
    await desk.words(teaches, ["바보"])
    await world.restart()
    before = world.service.desk.settings(), world.service.lobby()
    world.service.desk.lift()
    guest = await world.peer(guest.who)
    await guest.join(room)
    for peer in (guest, owner):
        for text in ("바보", "멍청이"):
            assert (await peer.say(room, text)).chat == text
    assert not (await world.room(guest.who)).frozen
    await world.restart()
    after = world.service.desk.settings(), world.service.lobby()
    assert after[0] == before[0]
    assert [(one.frozen, one.slow) for one in after[1]] == [(True, 0), (True, 30)]


async def test_a_room_that_ends_while_it_is_frozen_is_no_room(world: World) -> None:
    teaches, (room, [owner, _]) = await teacher(world), await people(world)
    desk = world.service.desk
    freezing = asyncio.create_task(desk.freeze(teaches, room.id, True))
    await asyncio.gather(world.service.owner.delete(owner.who, room.id), freezing, return_exceptions=True)
    assert isinstance(freezing.exception(), NoSuchRoom)
    for act in (
        lambda: desk.freeze(teaches, room.id, True),
        lambda: desk.slow(teaches, room.id, 5),
        lambda: desk.keep(teaches, room.id, True),
        lambda: desk.kick(teaches, room.id, owner.who.user),
        lambda: desk.readmit(teaches, room.id, owner.who.user),
        lambda: desk.mute(teaches, owner.who.user, room.id, 5),
        lambda: desk.delete(teaches, room.id, "0" * 24),
    ):
        assert await refused(act) is NoSuchRoom


async def test_the_desk_says_how_many_people_to_expect_behind_an_address(tmp_path: Path) -> None:
    """It is known after a restart, but does not hold without a desk. Without such limits there is nothing to say."""
    world = await World(tmp_path, Limits(per_address=100)).start()
    teaches = await teacher(world)
    await world.service.desk.people(teaches, 400)
    for count in (0, -1, 10_001):
        assert await refused(partial(world.service.desk.people, teaches, count)) is BadRequest
    await world.restart()
    assert world.service.desk.settings().people == world.service.allowances.people == 400
    world.service.desk.lift()
    assert world.service.desk.settings().people == 100
    await world.stop()
    free = await World(tmp_path / "free", Limits(per_address=0)).start()
    assert free.service.desk.settings().people == 0
    assert await refused(partial(free.service.desk.people, teaches, 400)) is NotAllowed
    await free.stop()
