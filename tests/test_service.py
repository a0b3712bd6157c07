"""What rooms promise: places, system lines, endings, and restarts."""

import asyncio
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from realtime.chat.policy import Limits
from realtime.errors import (
    InvalidRoom,
    NoSuchRoom,
    NotOwner,
    RoomFull,
    TooFast,
    TooManyRooms,
)
from tests.world import GRACE_S, LINGER_S, World, world

__all__ = ["world"]


# Joining and leaving


async def test_a_join_shows_a_line_to_the_others(world: World) -> None:
    room = await world.room()
    first, second = await world.peer(), await world.peer()
    await first.join(room)
    answer = await second.join(room)
    await world.settle()
    [line] = first.events("join")
    assert line["chat"] == f"{second.who.user}님이 입장하셨습니다."
    assert (line["user"], line["subject"], line["members"]) == ("system", second.who.user, 2)
    assert second.events("join") == []
    assert answer.seq == line["seq"]
    assert answer.members == [first.who.user, second.who.user]
    assert answer.room.members == 2


async def test_a_second_tab_makes_no_line_and_takes_no_place(world: World) -> None:
    room = await world.room(max=2)
    other, tab = await world.peer(), await world.peer()
    second_tab = await world.peer(tab.who)
    await other.join(room)
    await tab.join(room)
    answer = await second_tab.join(room)
    tab.leave(room)
    await world.settle()
    assert len(other.events("join")) == 1
    assert other.events("exit") == []
    assert answer.room.members == 2


async def test_the_room_is_full_for_a_third_visitor_until_one_leaves(world: World) -> None:
    room = await world.room(max=2)
    peers = [await world.peer() for _ in range(3)]
    await peers[0].join(room)
    await peers[1].join(room)
    with pytest.raises(RoomFull):
        await peers[2].join(room)
    peers[0].leave(room)
    assert (await peers[2].join(room)).room.members == 2


async def test_a_reload_makes_no_lines(world: World) -> None:
    room = await world.room()
    other, peer = await world.peer(), await world.peer()
    await other.join(room)
    await peer.join(room)
    peer.drop()
    await world.pass_time(GRACE_S / 2)
    again = await world.peer(peer.who)
    await again.join(room)
    await world.pass_time(GRACE_S * 2)
    assert [name for name, _ in other.heard] == ["join"]


async def test_a_dropped_place_is_held_for_the_grace_time_and_then_freed(world: World) -> None:
    room = await world.room(max=2)
    other, peer, third = [await world.peer() for _ in range(3)]
    await other.join(room)
    await peer.join(room)
    peer.drop()
    with pytest.raises(RoomFull):
        await third.join(room)
    await world.pass_time(GRACE_S)
    [line] = other.events("exit")
    assert line["chat"] == f"{peer.who.user}님이 퇴장하셨습니다."
    assert line["members"] == 1
    await third.join(room)


async def test_simultaneous_joins_never_exceed_the_maximum(world: World) -> None:
    room = await world.room(max=5)
    peers = [await world.peer() for _ in range(25)]
    answers = await asyncio.gather(*(peer.join(room) for peer in peers), return_exceptions=True)
    assert sum(isinstance(answer, RoomFull) for answer in answers) == 20
    assert world.service.view(room.id).members == 5
    assert await world.stored("members") == 5


# The end of a room


async def test_a_room_is_deleted_a_grace_time_after_its_last_member_left(world: World) -> None:
    lobby, peer = await world.peer(namespace="/room"), await world.peer()
    room = await world.room()
    await peer.join(room)
    await peer.say(room, "안녕")
    peer.close_tab()
    await world.pass_time(GRACE_S - 0.1)
    assert world.service.view(room.id)
    await world.pass_time(0.1)
    with pytest.raises(NoSuchRoom):
        world.service.view(room.id)
    assert [await world.stored(table) for table in ("rooms", "chats", "members", "grants")] == [0, 0, 0, 0]
    assert [name for name, _ in lobby.heard].count("removeRoom") == 1
    assert lobby.heard[-1] == ("removeRoom", room.id)


async def test_an_empty_rooms_grace_time_counts_from_the_last_leave(world: World) -> None:
    room = await world.room()
    first, second = await world.peer(), await world.peer()
    await first.join(room)
    await second.join(room)
    first.close_tab()
    await world.pass_time(GRACE_S / 2)
    second.leave(room)
    await world.pass_time(GRACE_S / 2)
    assert world.service.view(room.id).members == 0
    await world.pass_time(GRACE_S / 2)
    with pytest.raises(NoSuchRoom):
        world.service.view(room.id)


async def test_a_reload_by_the_last_member_keeps_the_room(world: World) -> None:
    room = await world.room()
    peer = await world.peer()
    await peer.join(room)
    for _ in range(3):
        peer.drop()
        await world.pass_time(GRACE_S * 0.9)
        peer = await world.peer(peer.who)
        await peer.join(room)
    assert world.service.view(room.id).members == 1


async def test_a_room_nobody_enters_is_deleted_after_a_minute(world: World) -> None:
    room = await world.room()
    await world.pass_time(59.9)
    assert world.service.view(room.id)
    await world.pass_time(0.1)
    assert world.service.lobby() == []


async def test_the_owner_can_delete_an_occupied_room(world: World) -> None:
    owner, guest = await world.peer(), await world.peer()
    room = await world.room(owner.who)
    await owner.join(room)
    await guest.join(room)
    with pytest.raises(NotOwner):
        await world.service.owner.delete(guest.who, room.id)
    await world.service.owner.delete(owner.who, room.id)
    await world.settle()
    assert guest.events("closed")[0]["room"] == room.id
    with pytest.raises(NoSuchRoom):
        await guest.say(room, "누구 있어요?")
    with pytest.raises(NoSuchRoom):
        await world.service.owner.delete(owner.who, room.id)
    assert await world.stored("rooms") == 0


@pytest.mark.parametrize("after", [None, 0])
async def test_a_join_during_the_rooms_deletion_fails(world: World, after: int | None) -> None:
    owner, guest = await world.peer(), await world.peer()
    room = await world.room(owner.who)
    await owner.join(room)
    joining = asyncio.ensure_future(guest.join(room, after))
    while world.service.view(room.id).members < 2:
        await asyncio.sleep(0)
    await world.service.owner.delete(owner.who, room.id)
    with pytest.raises(NoSuchRoom):
        await joining
    assert guest.socket.rooms == ()


async def test_a_visitor_who_rejoins_before_the_first_join_is_stored_is_a_member(world: World) -> None:
    owner, guest = await world.peer(), await world.visitor()
    room = await world.room(owner.who)
    await owner.join(room)
    first, second = await world.peer(guest), await world.peer(guest)
    lost = asyncio.ensure_future(first.join(room))
    while world.service.view(room.id).members < 2:
        await asyncio.sleep(0)
    first.drop()
    world.clock.advance(GRACE_S)  # and the join is still not stored: the disk is slow
    await second.join(room)
    with pytest.raises(NoSuchRoom):
        await lost
    await world.settle()
    assert [line["event"] for name in ("join", "exit") for line in owner.events(name)] == ["join", "join", "exit"]
    assert world.service.view(room.id).members == 2


# After a restart


async def test_after_a_restart_members_can_return_silently_within_a_minute(world: World) -> None:
    owner, guest, away = [await world.peer() for _ in range(3)]
    room = await world.room(owner.who, password="1234", max=3)
    await owner.join(room)
    await guest.join(room, password="1234")
    await away.join(room, password="1234")
    await world.restart()
    assert world.service.view(room.id).members == 3
    back = [await world.peer(peer.who) for peer in (owner, guest)]
    for peer in back:
        await peer.join(room)
    await world.pass_time(59)
    assert back[0].heard == []
    await world.pass_time(1)
    assert [name for name, _ in back[0].heard] == ["exit"]
    assert world.service.view(room.id).owner == owner.who.user


async def test_after_a_restart_a_room_nobody_returns_to_starts_lingering(world: World) -> None:
    peer = await world.peer()
    room = await world.room()
    await peer.join(room)
    await world.restart()
    await world.pass_time(60)
    assert world.service.view(room.id).members == 0
    await world.pass_time(LINGER_S)
    assert world.service.lobby() == []
    assert await world.stored("rooms") == 0


# The lobby


async def test_the_lobby_gets_changes_at_most_four_times_a_second_and_always_the_last(world: World) -> None:
    lobby = await world.peer(namespace="/room")
    room = await world.room(max=100)
    for _ in range(30):
        await (await world.peer()).join(room)
    await world.pass_time(0.25)
    updates = lobby.events("updateRoom")
    assert len(updates) == 2
    assert updates[-1]["members"] == 30


async def test_the_servers_bounds_are_enforced(io_loop: IOLoop, tmp_path: Path) -> None:
    world = await World(tmp_path, Limits(rate=5, max_rooms=12, max_occupancy=20)).start()
    try:
        visitor = await world.visitor()
        with pytest.raises(InvalidRoom):
            await world.room(visitor, max=21)
        for _ in range(10):
            room = await world.room(visitor)
        with pytest.raises(TooFast):
            await world.room(visitor)
        await world.room()
        await world.room()
        with pytest.raises(TooManyRooms):
            await world.room()
        peer = await world.peer(visitor)
        await peer.join(room)
        for n in range(10):
            await peer.say(room, f"{n}")
        with pytest.raises(TooFast) as refused:
            await peer.say(room, "너무 빨라요")
        assert refused.value.body()["retry_after"] == pytest.approx(0.2)
    finally:
        await world.stop()
