"""The teacher in rooms: let in anywhere, seen like anybody else, in nobody's way."""

import pytest

from realtime.chat.desk.passes import DeskPass
from realtime.chat.model import RoomView, Visitor
from realtime.errors import DomainError, Kicked, NotAllowed, RoomFull, WrongPassword
from realtime.reason import Reason
from tests.desk import HOURS_12_S
from tests.world import GRACE_S, LINGER_S, Peer, World, world

__all__ = ["world"]

HOUR_S = 3600.0


def teach(world: World, who: Visitor, seconds: float = HOURS_12_S) -> Visitor:
    """Make a visitor the teacher, as a request with the desk's cookie does."""
    world.service.teachers.teach(who, DeskPass(world.clock.elapsed() + seconds))
    return who


async def teacher(world: World, seconds: float = HOURS_12_S) -> Peer:
    return await world.peer(teach(world, await world.visitor(), seconds))


async def full_room(world: World, **form: object) -> tuple[RoomView, list[Peer]]:
    """Return a room of two, with two inside."""
    owner = await world.visitor()
    room = await world.room(owner, max=2, **form)
    pupils = [await world.peer(owner), await world.peer()]
    for pupil in pupils:
        await pupil.join(room, password=str(form.get("password", "")) or None)
    return room, pupils


async def test_the_teacher_enters_any_room_and_is_seen_there_without_taking_a_place(world: World) -> None:
    room, (owner, pupil) = await full_room(world, password="비밀")
    await world.service.desk.freeze(owner.who, room.id, True)
    world.service.house.switch("cards", True)
    one = await teacher(world)
    answer = await one.join(room)
    assert (answer.room.members, answer.room.max) == (2, 2)
    assert answer.members == [owner.who.user, pupil.who.user, one.who.user]
    assert answer.roles == {one.who.user: "teacher"}
    said = await one.say(room, "여기 보세요")
    assert said.role == "teacher"
    one.leave(room)
    await world.settle()
    heard = [record for _, record in pupil.heard if isinstance(record, dict) and record.get("room") == room.id]
    assert [(record.get("event"), record.get("role"), record.get("members")) for record in heard[-3:]] == [
        ("join", "teacher", 2),
        (None, "teacher", None),
        ("exit", "teacher", 2),
    ]
    assert world.service.view(room.id).members == 2


async def test_a_page_admits_the_teacher_to_a_full_room_with_a_password(world: World) -> None:
    room, _ = await full_room(world, password="비밀")
    who = teach(world, await world.visitor())
    assert (await world.service.admit(who, "10.0.0.9", room.id, None)).id == room.id
    assert (await world.service.history.page(who, room.id, None, 50)).chats


async def test_the_teacher_inherits_no_room_and_keeps_none_from_ending(world: World) -> None:
    room, (owner, pupil) = await full_room(world)
    one = await teacher(world)
    await one.join(room)
    owner.leave(room)
    assert world.service.view(room.id).owner == pupil.who.user
    pupil.leave(room)
    await world.pass_time(GRACE_S)
    assert not world.service.lobby()
    assert [event for event, _ in one.heard][-1] == "closed"


async def test_a_lost_teacher_is_waited_for_by_no_room(world: World) -> None:
    room, (owner, pupil) = await full_room(world)
    one = await teacher(world)
    await one.join(room)
    one.drop()
    for peer in (owner, pupil):
        peer.leave(room)
    await world.pass_time(GRACE_S)
    assert not world.service.lobby()


async def test_a_kick_of_the_teacher_is_not_allowed_and_an_earlier_one_does_not_hold(world: World) -> None:
    room, (owner, pupil) = await full_room(world)
    await world.service.owner.kick(owner.who, room.id, pupil.who.user)
    with pytest.raises(Kicked):
        await pupil.join(room)
    teach(world, pupil.who)
    assert (await pupil.join(room)).room.members == 1
    with pytest.raises(NotAllowed):
        await world.service.owner.kick(owner.who, room.id, pupil.who.user)
    assert (await pupil.say(room, "다시 왔어요")).role == "teacher"


async def test_who_becomes_the_teacher_gives_up_their_places_and_stays(world: World) -> None:
    room, (owner, pupil) = await full_room(world)
    teach(world, pupil.who)
    assert world.service.view(room.id).members == 1
    other = await world.peer()
    answer = await other.join(room)
    assert answer.members == [owner.who.user, pupil.who.user, other.who.user]
    assert answer.roles == {pupil.who.user: "teacher"}
    assert not [event for event, _ in owner.heard if event == "exit"]
    await other.say(room, "안녕")
    assert pupil.events("chat")


async def refused(peer: Peer, room: RoomView) -> type[DomainError] | None:
    try:
        await peer.join(room)
    except DomainError as error:
        return type(error)
    return None


@pytest.mark.parametrize(
    ("form", "leaves", "error"),
    [({}, True, None), ({}, False, RoomFull), ({"password": "비밀"}, True, WrongPassword)],
    ids=["a free place", "no free place", "a password"],
)
async def test_when_the_pass_is_over_the_teacher_comes_back_as_a_visitor(
    world: World, form: dict[str, object], leaves: bool, error: type[DomainError] | None
) -> None:
    """Their connection is closed so that their page returns; what they need then is what any visitor needs."""
    room, (_, pupil) = await full_room(world, **form)
    one = await teacher(world, HOUR_S)
    await one.join(room)
    if leaves:
        pupil.leave(room)
    await world.pass_time(HOUR_S)
    assert (one.socket.connected, one.closed_for) == (False, Reason.CREDENTIAL_OVER)
    again = await world.peer(one.who)
    assert await refused(again, room) is error
    assert world.service.view(room.id).members == (1 if error and leaves else 2)
    if error is None:
        assert (await again.say(room, "안녕")).role is None
        await world.restart()
        back = await world.peer(one.who)
        assert (await back.join(room)).roles == {}
    else:
        await world.pass_time(GRACE_S)
        assert world.service.places(one.who) == []


async def test_a_machine_that_slept_past_the_end_notices_it(world: World) -> None:
    room, _ = await full_room(world)
    one = await teacher(world, HOUR_S)
    await one.join(room)
    world.clock.sleep(HOUR_S)
    await world.pass_time(30)
    assert not one.socket.connected


async def test_a_later_pass_is_a_longer_time(world: World) -> None:
    room, _ = await full_room(world)
    one = await teacher(world, HOUR_S)
    await one.join(room)
    teach(world, one.who, 2 * HOUR_S)
    await world.pass_time(HOUR_S)
    assert one.socket.connected
    await world.pass_time(HOUR_S)
    assert not one.socket.connected


@pytest.mark.sqlite
async def test_after_a_restart_the_teacher_is_awaited_beside_the_places(world: World) -> None:
    room, (owner, pupil) = await full_room(world)
    one = await teacher(world)
    await one.join(room)
    teach(world, pupil.who)
    other = await world.peer()
    await other.join(room)
    await world.settle()
    await world.restart()
    assert world.service.view(room.id).members == 2
    back = await world.peer(teach(world, one.who))
    seen = await world.peer(owner.who)
    await seen.join(room)
    assert (await back.join(room)).members == [owner.who.user, pupil.who.user, one.who.user, other.who.user]
    await world.pass_time(LINGER_S)
    assert [record["subject"] for record in seen.events("exit")] == [pupil.who.user, other.who.user]
