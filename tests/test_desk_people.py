"""Whom the teacher's desk mutes and bans, on every tab, after a restart, by seat, and against races."""

import asyncio
import time
from functools import partial
from pathlib import Path

import pytest

from realtime.chat.desk.passes import DeskPass
from realtime.chat.image_ports import Content
from realtime.chat.policy import RoomPatch
from realtime.chat.wire_forms import Record
from realtime.errors import BadRequest, Banned, DomainError, Frozen, Muted, NotAllowed, NotFound, SeatNeeded, TooFast
from tests.classroom import TERM_S, Acts, all_refused, people, refused, teacher
from tests.client import GIF
from tests.conftest import ExpectLog
from tests.world import World, not_held, world

__all__ = ["world"]


# --- mute


async def test_who_is_muted_reads_and_says_nothing_until_it_is_over(world: World) -> None:
    teaches, (room, [owner, guest]) = await teacher(world), await people(world)
    service, tab = world.service, await world.peer(guest.who)
    said = await guest.say(room, "안녕")
    await service.desk.mute(teaches, guest.who.user, None, 5)
    [told] = guest.events("muted")
    assert (told["room"], [told]) == (None, tab.events("muted"))
    assert owner.events("muted") == []
    acts: Acts = [
        lambda: guest.say(room, "저"),
        lambda: world.send_image(guest.who, room, GIF),
        lambda: service.whisper(guest.who, room.id, owner.who.user, "쉿", None),
        lambda: service.records.react(guest.who, room.id, said.id, "👍", on=True),
        lambda: service.records.edit(guest.who, room.id, said.id, "고침"),
        lambda: service.naming.name(guest.who, "민아"),
        lambda: world.room(guest.who, title="저 여기요"),
    ]
    assert await all_refused(acts) == {Muted}
    with pytest.raises(Muted) as refusal:
        await guest.say(room, "저")
    assert 299 < float(refusal.value.detail["retry_after"]) <= 300
    assert (await service.history.page(guest.who, room.id, None, 9)).chats
    await world.restart()
    late = await world.peer(guest.who)
    assert late.events("muted") == [told]
    assert await refused(lambda: guest.say(room, "저")) is Muted
    await world.pass_time(301)
    assert await guest.say(room, "이제")
    assert world.service.desk.settings().mutes == []


async def test_a_mute_in_one_room_is_none_in_another_and_all_of_them_end_at_once(world: World) -> None:
    teaches, (room, [_, guest]) = await teacher(world), await people(world)
    other, desk = await world.room(guest.who), world.service.desk
    await desk.mute(teaches, guest.who.user, room.id, 5)
    await desk.mute(teaches, guest.who.user, room.id, 9)
    assert [(one.user, one.room) for one in desk.settings().mutes] == [(guest.who.user, room.id)]
    assert await refused(lambda: guest.say(room, "저")) is Muted
    assert await guest.say(other, "여기서는")
    await desk.mute(teaches, guest.who.user, other.id, 0)
    assert await refused(lambda: guest.say(room, "저")) is Muted
    await desk.mute(teaches, guest.who.user, None, 0)
    assert guest.events("muted")[2:] == [{"room": other.id, "until": None}, {"room": None, "until": None}]
    assert await guest.say(room, "다시")
    assert await refused(lambda: desk.mute(teaches, guest.who.user, None, 1441)) is BadRequest
    assert await refused(lambda: desk.mute(teaches, "#ffffff", None, 5)) is NotFound
    assert await refused(lambda: desk.mute(teaches, teaches.user, None, 5)) is NotAllowed
    assert desk.settings().mutes == []


@pytest.mark.parametrize("refusal", [Muted, Frozen])
async def test_an_owner_who_may_say_nothing_changes_a_room_but_not_its_title(
    world: World, refusal: type[DomainError]
) -> None:
    teaches, (room, [owner]) = await teacher(world), await people(world, 1)
    if refusal is Muted:
        await world.service.desk.mute(teaches, owner.who.user, room.id, 5)
    else:
        await world.service.desk.freeze(teaches, room.id, True)
    changed = await world.service.owner.change(owner.who, room.id, RoomPatch(title=" 방 ", max=5))
    assert (changed.title, changed.max) == ("방", 5)
    assert await refused(lambda: world.service.owner.change(owner.who, room.id, RoomPatch(title="저요"))) is refusal


async def test_who_opens_the_desk_is_muted_no_longer_and_can_end_it(world: World) -> None:
    teaches, (room, [_, guest]) = await teacher(world), await people(world)
    await world.service.desk.mute(teaches, guest.who.user, None, 5)
    world.service.house.teach(guest.who, DeskPass(world.clock.elapsed() + TERM_S))
    assert await guest.say(room, "나도 선생님")
    await world.service.desk.mute(teaches, guest.who.user, None, 0)
    assert world.service.desk.settings().mutes == []


async def test_a_mute_that_is_over_ends_no_other_at_a_restart(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    teaches, (room, [_, guest]) = await teacher(world), await people(world)
    now_s = time.time()
    monkeypatch.setattr("time.time", lambda: now_s)
    await world.service.desk.mute(teaches, guest.who.user, None, 5)
    await world.service.desk.mute(teaches, guest.who.user, room.id, 10)
    now_s += 400
    for _ in range(2):
        await world.restart()
        assert [one.room for one in world.service.desk.settings().mutes] == [room.id]
        assert await refused(lambda: guest.say(room, "저")) is Muted
    now_s += 201
    await world.restart()
    assert await guest.say(room, "이제")


async def test_no_mute_outlasts_a_day_when_the_clock_was_set_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    teaches, (room, [_, guest]) = await teacher(world), await people(world)
    await world.service.owner.change(teaches, room.id, RoomPatch(kept=True))
    await world.service.desk.mute(teaches, guest.who.user, None, 5)
    years_ago = time.time() - 9 * 365 * 24 * 3600.0
    monkeypatch.setattr("time.time", lambda: years_ago)
    await world.restart()
    assert await refused(lambda: guest.say(room, "저")) is Muted
    await world.pass_time(24 * 3600)
    assert await guest.say(room, "이제")


async def test_the_mutes_of_a_room_go_with_it(world: World) -> None:
    teaches, (room, [owner, guest]) = await teacher(world), await people(world)
    await world.service.desk.mute(teaches, guest.who.user, room.id, 5)
    await world.service.owner.delete(owner.who, room.id)
    assert world.service.desk.settings().mutes == []
    await world.restart()
    assert world.service.house.mutes() == []


# --- ban


async def test_who_is_banned_leaves_every_room_and_enters_none(world: World) -> None:
    teaches, (room, [owner, guest]) = await teacher(world), await people(world)
    service, other, tab = world.service, await world.room(guest.who), await world.peer(guest.who)
    await guest.join(other)
    await tab.join(other)
    await service.desk.ban(teaches, guest.who.user)
    await world.settle()
    assert [one["room"] for one in guest.events("kicked")] == [other.id, room.id]  # the newest first
    assert [(one["error"], one["message"]) for one in tab.events("kicked")] == [("banned", Banned.text)]
    assert guest.socket.connected
    assert [line["subject"] for line in owner.events("exit")] == [guest.who.user]
    acts: Acts = [
        lambda: guest.join(room),
        lambda: guest.join(other),
        lambda: guest.say(room, "저"),
        lambda: world.send_image(guest.who, room, GIF),
        lambda: world.service.admit(guest.who, "192.0.2.1", room.id, None),
        lambda: world.service.history.page(guest.who, room.id, None, 9),
        lambda: world.service.owner.delete(guest.who, other.id),
        lambda: world.room(guest.who),
    ]
    assert await all_refused(acts) == {Banned}
    await world.restart()
    guest = await world.peer(guest.who)
    assert await all_refused(acts) == {Banned}
    assert [one.user for one in world.service.desk.settings().bans] == [guest.who.user]
    await world.service.desk.unban(teaches, guest.who.user)
    await guest.join(room)
    assert await guest.say(room, "다시")
    assert world.service.desk.settings().bans == []
    assert await world.stored("bans") == 0


async def test_nobody_waits_for_an_owner_who_is_banned(world: World) -> None:
    teaches, (room, [owner, guest]) = await teacher(world), await people(world)
    owner.leave(room, keep=True)
    await world.settle()
    assert world.service.view(room.id).owner == owner.who.user
    await world.service.desk.ban(teaches, owner.who.user)
    await world.settle()
    assert world.service.view(room.id).owner == guest.who.user
    assert await world.stored("lingering") == 0


async def test_the_teacher_and_unknown_people_cannot_be_banned(world: World) -> None:
    teaches, other = await teacher(world), await teacher(world)
    desk = world.service.desk
    for user, error in ((teaches.user, NotAllowed), (other.user, NotAllowed), ("#ffffff", NotFound)):
        assert await refused(partial(desk.ban, teaches, user)) is error
    await desk.unban(teaches, "#ffffff")


# --- by seat


async def test_a_ban_and_a_mute_of_somebody_with_a_seat_are_the_seats(world: World) -> None:
    """Another phone with the same card is out, too. (What becomes of the phone that had it: test_seats.py.)"""
    teaches, (room, [_, guest]) = await teacher(world), await people(world)
    house, desk, phone = world.service.house, world.service.desk, await world.peer()
    house.labels[7] = "창가"
    house.sit(guest.who.id, 7)
    await phone.join(room)
    await desk.mute(teaches, guest.who.user, None, 5)
    house.sit(guest.who.id, None)
    house.sit(phone.who.id, 7)
    desk.seated(phone.who)
    assert await guest.say(room, "나는")
    assert await refused(lambda: phone.say(room, "저")) is Muted
    assert len(phone.events("muted")) == 1
    assert [(one.user, one.seat) for one in desk.settings().mutes] == [(phone.who.user, "창가")]
    await desk.ban(teaches, phone.who.user)
    house.sit(phone.who.id, None)
    house.sit(guest.who.id, 7)
    desk.seated(guest.who)
    assert guest.events("kicked")
    await phone.join(room)
    assert await refused(lambda: guest.join(room)) is Banned
    [last] = await desk.log.entries(1)
    assert last == last | {"did": "ban", "seat": "창가", "user": phone.who.user}
    await world.restart()
    again = await world.peer(guest.who)
    world.service.house.sit(guest.who.id, 7)
    assert await refused(lambda: again.join(room)) is Banned
    assert await refused(lambda: again.say(room, "저")) is Banned
    await world.service.desk.unban(teaches, guest.who.user)
    await world.service.desk.mute(teaches, guest.who.user, None, 0)
    await again.join(room)
    assert await again.say(room, "다시")


async def test_a_visitors_own_ban_holds_also_when_they_take_a_seat(world: World) -> None:
    teaches, (room, [_, guest]) = await teacher(world), await people(world)
    await world.service.desk.ban(teaches, guest.who.user)
    world.service.house.sit(guest.who.id, 7)
    assert await refused(lambda: guest.join(room)) is Banned


async def test_without_a_card_one_is_out_while_cards_are_needed(world: World) -> None:
    teaches, (room, [owner, guest]) = await teacher(world), await people(world)
    await world.service.desk.allow(teaches, "cards", True)
    world.service.house.sit(owner.who.id, 1)
    assert await owner.say(room, "나는 있어요")
    acts: Acts = [
        lambda: guest.say(room, "저"),
        lambda: guest.join(room),
        lambda: world.service.admit(guest.who, "192.0.2.1", room.id, None),
        lambda: world.room(guest.who),
    ]
    assert await all_refused(acts) == {SeatNeeded}
    assert await world.service.post(teaches, room.id, "저는 선생님", None)


# --- on their way


def decisions() -> list[tuple[str, type[DomainError]]]:
    return [("freeze", Frozen), ("mute", Muted), ("ban", Banned)]


@pytest.mark.parametrize(("decision", "error"), decisions())
async def test_an_upload_that_is_being_examined_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch, decision: str, error: type[DomainError]
) -> None:
    teaches, (room, [_, guest]) = await teacher(world), await people(world)
    examine, desk = world.examiner.examine, world.service.desk

    async def examine_slowly(path: Path) -> Content:
        content = await examine(path)
        if decision == "freeze":
            await desk.freeze(teaches, None, True)
        elif decision == "mute":
            await desk.mute(teaches, guest.who.user, room.id, 5)
        else:
            await desk.ban(teaches, guest.who.user)
        return content

    monkeypatch.setattr(world.examiner, "examine", examine_slowly)
    assert await refused(lambda: world.send_image(guest.who, room, GIF)) is error
    await world.settle()
    assert world.files() == []


async def test_of_two_uploads_at_once_one_is_said_in_a_slow_room(world: World) -> None:
    teaches, (room, [_, guest]) = await teacher(world), await people(world)
    await world.service.desk.slow(teaches, room.id, 30)
    sent = await asyncio.gather(*(world.send_image(guest.who, room, GIF) for _ in range(2)), return_exceptions=True)
    assert [type(one) for one in sent if isinstance(one, Exception)] == [TooFast]
    await world.service.desk.delete(teaches, room.id, next(one.id for one in sent if isinstance(one, Record)))
    await world.settle()
    assert world.files() == []  # the refused one used the image no longer


@pytest.mark.parametrize(("decision", "error"), decisions())
async def test_a_reaction_and_an_edit_that_wait_are_refused_and_a_message_under_way_is_in(
    world: World, decision: str, error: type[DomainError]
) -> None:
    teaches, (room, [owner, guest]) = await teacher(world), await people(world)
    records, desk = world.service.records, world.service.desk
    said, other = await guest.say(room, "하나"), await guest.say(room, "둘")
    for one in (said, other):
        await records.react(owner.who, room.id, one.id, "👍", on=True)
    reacting = records.react(guest.who, room.id, said.id, "👍", on=True)  # with the next update, in a quarter second
    editing = records.edit(guest.who, room.id, other.id, "고침")
    message = world.service.post(guest.who, room.id, "셋", None)
    if decision == "freeze":
        await desk.freeze(teaches, room.id, True)
    elif decision == "mute":
        await desk.mute(teaches, guest.who.user, None, 5)
    else:
        await desk.ban(teaches, guest.who.user)
    assert not_held(await message).chat == "셋"
    await world.pass_time(1)
    assert [type(waiting.exception()) for waiting in (reacting, editing)] == [error, error]


async def test_who_is_banned_while_their_password_is_checked_stays_outside(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    teaches, guest = await teacher(world), await world.peer()
    room = await world.room(password="p")
    verify = world.service._passwords.verify

    async def verify_slowly(*args: object) -> bool:
        right = await verify(*args)  # type: ignore[arg-type]  # whatever it takes
        await world.service.desk.ban(teaches, guest.who.user)
        return right

    monkeypatch.setattr(world.service._passwords, "verify", verify_slowly)
    assert await refused(lambda: guest.join(room, password="p")) is Banned
    assert await refused(lambda: world.service.admit(guest.who, "192.0.2.1", room.id, "p")) is Banned
    assert world.service.view(room.id).members == 0


async def test_who_is_banned_while_they_join_is_told_so_and_hears_nothing(world: World) -> None:
    teaches, (room, [owner, _]) = await teacher(world), await people(world)
    guest = await world.peer()
    joining = asyncio.create_task(guest.join(room, after=0))
    await asyncio.sleep(0)
    assert world.service.view(room.id).members == 3
    banning = asyncio.create_task(world.service.desk.ban(teaches, guest.who.user))
    await asyncio.wait([joining, banning])
    if joining.exception() is None:  # the join was quicker
        assert guest.events("kicked")
    else:
        assert isinstance(joining.exception(), Banned)
    await world.settle()
    await owner.say(room, "들려요?")
    assert guest.events("chat") == []
    assert world.service.view(room.id).members == 2


async def test_a_ban_that_cannot_be_stored_leaves_people_inside(world: World, expect_log: ExpectLog) -> None:
    expect_log("gifchat.db", "storage: ")
    teaches, (room, [_, guest]) = await teacher(world), await people(world)
    await world.kept.refuse(True)
    with pytest.raises(DomainError):
        await world.service.desk.ban(teaches, guest.who.user)
    await world.kept.refuse(False)
    assert guest.events("kicked") == []
    assert await guest.say(room, "아직")
