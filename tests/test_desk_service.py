"""What the teacher's desk decides, and what that means in rooms (`DeskService`)."""

from collections.abc import Awaitable, Callable

import pytest

from realtime.chat.desk.passes import DeskPass
from realtime.chat.model import RoomView, Visitor
from realtime.errors import BadRequest, Banned, DomainError, Frozen, Muted, NotAllowed, NotFound, TooFast
from tests.client import GIF
from tests.world import Peer, World, world

__all__ = ["world"]

TERM_S = 12 * 3600.0


async def teacher(world: World) -> Visitor:
    """Return a visitor who has shown the cookie of the desk."""
    who = await world.visitor()
    world.service.house.teach(who, DeskPass(world.clock.elapsed() + TERM_S))
    return who


async def people(world: World, count: int = 2) -> tuple[RoomView, list[Peer]]:
    """Return a room, and people in it, the first of them its owner."""
    peers = [await world.peer() for _ in range(count)]
    room = await world.room(peers[0].who)
    for peer in peers:
        await peer.join(room)
    return room, peers


async def refused(act: Callable[[], Awaitable[object]]) -> type[DomainError]:
    """Return the error with which something is refused."""
    with pytest.raises(DomainError) as refusal:
        await act()
    return type(refusal.value)


# --- everybody listens


async def test_in_a_frozen_room_only_the_teacher_says_anything(world: World) -> None:
    teaches, (room, [owner, guest]) = await teacher(world), await people(world)
    service, desk = world.service, world.service.desk
    said = await guest.say(room, "안녕")
    await desk.freeze(teaches, room.id, True)
    assert service.view(room.id).frozen
    acts: list[Callable[[], Awaitable[object]]] = [
        lambda: guest.say(room, "또"),
        lambda: owner.say(room, "나도"),
        lambda: world.send_image(guest.who, room, GIF),
        lambda: service.whisper(guest.who, room.id, owner.who.user, "쉿", None),
        lambda: service.records.react(guest.who, room.id, said.id, "👍", on=True),
        lambda: service.records.edit(guest.who, room.id, said.id, "고침"),
        lambda: service.naming.name(guest.who, "민아"),
    ]
    assert [await refused(act) for act in acts] == [Frozen] * len(acts)
    assert (await service.post(teaches, room.id, "들으세요", None)).role == "teacher"
    assert await service.records.delete(guest.who, room.id, said.id)
    other = await world.room()
    assert not other.frozen
    await desk.freeze(teaches, room.id, False)
    assert (await guest.say(room, "다시")).role is None


async def test_all_rooms_are_frozen_at_once_with_those_to_come_also_after_a_restart(world: World) -> None:
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


# --- slow


async def test_in_a_slow_room_each_visitor_says_one_message_in_that_time(world: World) -> None:
    teaches, (room, [owner, guest]) = await teacher(world), await people(world)
    await world.service.desk.slow(teaches, room.id, 30)
    assert world.service.view(room.id).slow == 30
    first = await guest.say(room, "하나", "n")
    assert (await guest.say(room, "하나", "n")).id == first.id  # again, as after a lost answer
    with pytest.raises(TooFast) as refusal:
        await world.send_image(guest.who, room, GIF)
    assert refusal.value.detail == {"retry_after": 30.0}
    assert await owner.say(room, "나는 처음")
    for text in ("선생님", "도"):
        await world.service.post(teaches, room.id, text, None)
    await world.pass_time(29)
    assert await refused(lambda: guest.say(room, "둘")) is TooFast
    await world.pass_time(1)
    await guest.say(room, "둘")
    await world.service.desk.slow(teaches, room.id, 0)
    await guest.say(room, "셋")
    for seconds in (-1, 301):
        with pytest.raises(BadRequest):
            await world.service.desk.slow(teaches, room.id, seconds)


# --- mute


async def test_who_is_muted_reads_and_says_nothing_until_it_is_over(world: World) -> None:
    teaches, (room, [_, guest]) = await teacher(world), await people(world)
    tab = await world.peer(guest.who)
    await world.service.desk.mute(teaches, guest.who.user, None, 5)
    [told] = guest.events("muted")
    assert (told["room"], [told]) == (None, tab.events("muted"))
    with pytest.raises(Muted) as refusal:
        await guest.say(room, "저")
    assert 299 < float(refusal.value.detail["retry_after"]) <= 300
    assert (await world.service.history.page(guest.who, room.id, None, 9)).chats
    await world.restart()
    assert await refused(lambda: guest.say(room, "저")) is Muted
    await world.pass_time(301)
    assert await guest.say(room, "이제")


async def test_a_mute_in_one_room_is_no_mute_in_another(world: World) -> None:
    teaches, (room, [_, guest]) = await teacher(world), await people(world)
    other = await world.room(guest.who)
    await world.service.desk.mute(teaches, guest.who.user, room.id, 5)
    assert await refused(lambda: guest.say(room, "저")) is Muted
    assert await guest.say(other, "여기서는")
    await world.service.desk.mute(teaches, guest.who.user, None, 0)
    assert guest.events("muted")[1:] == [{"room": None, "until": None}]
    assert await guest.say(room, "다시")
    assert await refused(lambda: world.service.desk.mute(teaches, guest.who.user, None, 1441)) is BadRequest
    assert await refused(lambda: world.service.desk.mute(teaches, "#ffffff", None, 5)) is NotFound
    assert await refused(lambda: world.service.desk.mute(teaches, teaches.user, None, 5)) is NotAllowed


# --- ban


async def test_who_is_banned_leaves_every_room_and_enters_none(world: World) -> None:
    teaches, (room, [owner, guest]) = await teacher(world), await people(world)
    other, tab = await world.room(guest.who), await world.peer(guest.who)
    await guest.join(other)
    await tab.join(other)
    await world.service.desk.ban(teaches, guest.who.user)
    await world.settle()
    assert [one["room"] for one in guest.events("kicked")] == [room.id, other.id]
    assert len(tab.events("kicked")) == 1
    assert guest.socket.connected
    assert [line["subject"] for line in owner.events("exit")] == [guest.who.user]
    acts: list[Callable[[], Awaitable[object]]] = [
        lambda: guest.join(room),
        lambda: guest.say(room, "저"),
        lambda: world.service.admit(guest.who, "192.0.2.1", room.id, None),
        lambda: world.service.history.page(guest.who, room.id, None, 9),
        lambda: world.room(guest.who),
    ]
    assert [await refused(act) for act in acts] == [Banned] * len(acts)
    await world.restart()
    guest = await world.peer(guest.who)
    assert [await refused(act) for act in acts] == [Banned] * len(acts)
    await world.service.desk.unban(teaches, guest.who.user)
    await guest.join(room)
    assert await guest.say(room, "다시")
