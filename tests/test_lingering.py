"""A lost connection is not a leave: how long a room and its owner's rights wait for lost members."""

import asyncio
from collections.abc import Callable

import pytest

from realtime.chat.life import RETRY_S
from realtime.chat.model import RoomView
from realtime.chat.policy import MAX_KEPT_ROOMS, RoomPatch
from realtime.errors import InvalidRoom, NoSuchRoom, NotOwner, Storage, TooManyKept
from tests.conftest import ExpectLog
from tests.test_owner import full
from tests.world import GRACE_S, LINGER_S, Peer, World, world

__all__ = ["world"]

KEPT, NOT_KEPT = RoomPatch(kept=True), RoomPatch(kept=False)


async def members(world: World, count: int, **form: object) -> tuple[RoomView, list[Peer]]:
    """Return a room and its members, the owner first."""
    peers = [await world.peer() for _ in range(count)]
    room = await world.room(peers[0].who, **form)
    for peer in peers:
        await peer.join(room)
    await world.settle()
    return room, peers


async def back(world: World, peer: Peer) -> Peer:
    """Return a new connection of the same visitor."""
    return await world.peer(peer.who)


def gone(world: World, room: RoomView) -> bool:
    try:
        world.service.view(room.id)
    except NoSuchRoom:
        return True
    return False


async def owner_of(world: World, room: RoomView) -> str:
    """Return the room's owner; the service and the storage must agree on it."""
    await world.settle()
    [stored] = [one.owner for one in await world.stores.rooms.load() if one.id == room.id]
    assert world.service.view(room.id).owner == stored
    return stored


# Rooms


@pytest.mark.parametrize("ephemeral", [False, True])
async def test_a_room_that_lost_all_members_is_kept_for_the_linger_time(world: World, ephemeral: bool) -> None:
    """As when an access point restarts: everybody finds the room and its history again."""
    room, peers = await members(world, 3, ephemeral=ephemeral)
    said = await peers[1].say(room, "안녕")
    for peer in peers:
        peer.drop()
    await world.pass_time(GRACE_S)
    assert world.service.view(room.id).members == 0
    await world.pass_time(LINGER_S - 1)
    answer = await (await back(world, peers[2])).join(room, after=said.seq - 1)
    if not ephemeral:
        assert "안녕" in [record.chat for record in answer.missed]
    assert await owner_of(world, room) == peers[0].who.user


async def test_the_linger_time_starts_when_the_place_expires(world: World) -> None:
    room, [peer] = await members(world, 1)
    peer.drop()
    await world.pass_time(GRACE_S + LINGER_S - 0.1)
    assert not gone(world, room)
    await world.pass_time(0.1)
    assert gone(world, room)
    assert [await world.stored(table) for table in ("rooms", "chats", "members", "lingering")] == [0, 0, 0, 0]


async def test_a_lost_members_place_is_free_after_the_grace_time(world: World) -> None:
    room, [owner, guest] = await members(world, 2, max=2)
    guest.drop()
    await world.pass_time(GRACE_S)
    assert [line["subject"] for line in owner.events("exit")] == [guest.who.user]
    await (await world.peer()).join(room)


async def test_a_room_waits_for_a_lost_member_even_if_others_leave(world: World) -> None:
    room, [owner, guest, other] = await members(world, 3)
    guest.drop()
    await world.pass_time(GRACE_S)
    owner.leave(room)
    other.close_tab()
    await world.pass_time(LINGER_S - 1)
    assert not gone(world, room)
    await world.pass_time(1)
    assert gone(world, room)


async def test_a_room_stops_waiting_when_lost_members_have_returned_and_left(world: World) -> None:
    room, peers = await members(world, 2)
    for peer in peers:
        peer.drop()
    await world.pass_time(GRACE_S + 100)
    for peer in peers:
        again = await back(world, peer)
        await again.join(room)
        again.leave(room)
    await world.pass_time(GRACE_S)
    assert gone(world, room)


async def test_a_room_does_not_wait_for_a_lost_member_who_was_kicked(world: World) -> None:
    room, [owner, guest] = await members(world, 2)
    guest.drop()
    await world.pass_time(GRACE_S)
    await world.service.owner.kick(owner.who, room.id, guest.who.user)
    owner.leave(room)
    await world.pass_time(GRACE_S)
    assert gone(world, room)


# A stalled process


async def test_an_owner_who_reloads_during_a_server_stall_keeps_the_room(world: World) -> None:
    (alone, [one]), (room, [owner, guest]) = await members(world, 1), await members(world, 2)
    one.close_tab()
    await world.pass_time(1)
    owner.close_tab()
    world.clock.stall(2.5)
    await world.pass_time(1)
    await (await back(world, one)).join(alone)
    await (await back(world, owner)).join(room)
    await world.pass_time(60)
    assert not gone(world, alone)
    assert await owner_of(world, room) == owner.who.user
    assert guest.events("exit") == []


async def test_after_a_long_stall_members_have_a_minute_to_return(world: World) -> None:
    room, [peer] = await members(world, 1)
    peer.drop()
    await world.pass_time(GRACE_S)
    world.clock.stall(24 * 3600)
    await world.pass_time(59)
    assert not gone(world, room)
    await world.pass_time(1)
    assert gone(world, room)


# Owners


async def test_a_lost_owner_keeps_ownership_for_the_linger_time(world: World) -> None:
    """As when a teacher's laptop sleeps: no pupil can remove the teacher."""
    room, [owner, guest] = await members(world, 2)
    owner.drop()
    await world.pass_time(GRACE_S + LINGER_S - 1)
    assert await owner_of(world, room) == owner.who.user
    with pytest.raises(NotOwner):
        await world.service.owner.kick(guest.who, room.id, owner.who.user)
    await (await back(world, owner)).join(room)
    await world.pass_time(LINGER_S)
    assert await owner_of(world, room) == owner.who.user
    assert guest.events("owner") == []


async def test_after_the_linger_time_the_longest_present_member_becomes_owner(world: World) -> None:
    room, [owner, second, third] = await members(world, 3)
    owner.drop()
    second.drop()
    await world.pass_time(GRACE_S)
    await (await back(world, second)).join(room)
    await world.pass_time(LINGER_S)
    assert await owner_of(world, room) == third.who.user
    assert [line["subject"] for line in third.events("owner")] == [third.who.user]


@pytest.mark.parametrize("way", [Peer.leave, lambda peer, room: peer.close_tab()])
async def test_ownership_passes_to_a_present_member_before_a_disconnected_one(
    world: World, way: Callable[[Peer, RoomView], None]
) -> None:
    """Even if a member whose place is only held has been there longer."""
    room, [owner, held, present] = await members(world, 3)
    way(owner, room)
    await world.pass_time(GRACE_S / 2)
    held.drop()
    await world.pass_time(GRACE_S / 2)
    expected = held if way is Peer.leave else present  # a member who leaves is succeeded at once
    assert await owner_of(world, room) == expected.who.user


async def test_ownership_passes_to_a_held_place_if_nobody_is_present(world: World) -> None:
    room, [owner, held] = await members(world, 2)
    held.drop()
    owner.leave(room)
    assert await owner_of(world, room) == held.who.user


async def test_an_owner_who_steps_out_keeps_ownership_for_the_linger_time(world: World) -> None:
    room, [owner, guest] = await members(world, 2)
    owner.leave(room, keep=True)
    await world.settle()
    assert [line["subject"] for line in guest.events("exit")] == [owner.who.user]
    guest.leave(room)
    await world.pass_time(LINGER_S - 1)
    assert await owner_of(world, room) == owner.who.user
    again = await back(world, guest)
    await again.join(room)
    await world.pass_time(1)
    assert await owner_of(world, room) == guest.who.user


async def test_only_an_owner_can_step_out(world: World) -> None:
    room, [owner, guest] = await members(world, 2)
    owner.leave(room)
    await world.settle()
    assert await owner_of(world, room) == guest.who.user
    stranger = await world.peer()
    await stranger.join(room)
    stranger.leave(room, keep=True)
    guest.leave(room)
    await world.pass_time(GRACE_S)
    assert gone(world, room)


async def test_a_change_of_owner_that_could_not_be_stored_is_retried(world: World, expect_log: ExpectLog) -> None:
    expect_log("gifchat.db", "storage: ")
    expect_log("gifchat.rooms", "not stored")
    room, [owner, guest] = await members(world, 2)
    await full(world, True)
    owner.leave(room)
    assert await owner_of(world, room) == owner.who.user
    await world.pass_time(6)
    assert await owner_of(world, room) == owner.who.user
    await full(world, False)
    await world.pass_time(6)
    assert await owner_of(world, room) == guest.who.user


@pytest.mark.parametrize("keep", [False, True])
async def test_an_owner_who_leaves_during_a_failed_handover_is_succeeded(
    world: World, expect_log: ExpectLog, keep: bool
) -> None:
    """At once if the owner left, after the linger time if they only stepped out."""
    expect_log("gifchat.db", "storage: ")
    room, [owner, guest] = await members(world, 2)
    if keep:
        owner.leave(room, keep=True)
        await world.settle()
    await full(world, True)
    handing = asyncio.ensure_future(world.service.owner.hand_over(owner.who, room.id, guest.who.user))
    await asyncio.sleep(0)
    if not keep:
        expect_log("gifchat.rooms", "not stored")
        owner.leave(room)
    with pytest.raises(Storage):
        await handing
    await full(world, False)
    await world.pass_time(RETRY_S)
    assert (await owner_of(world, room) == owner.who.user) is keep
    await world.pass_time(LINGER_S - RETRY_S)
    assert await owner_of(world, room) == guest.who.user


async def test_an_owner_whose_return_could_not_be_stored_is_still_awaited(world: World, expect_log: ExpectLog) -> None:
    expect_log("gifchat.db", "storage: ")
    room, [owner, guest] = await members(world, 2)
    owner.drop()
    await world.pass_time(GRACE_S)
    await full(world, True)
    with pytest.raises(Storage):
        await (await back(world, owner)).join(room)
    await full(world, False)
    await world.pass_time(LINGER_S - 1)
    assert await owner_of(world, room) == owner.who.user
    await world.pass_time(1)
    assert await owner_of(world, room) == guest.who.user


# Restarts


async def test_a_member_whose_linger_time_is_over_is_not_awaited_after_a_restart(world: World) -> None:
    room, [owner, guest] = await members(world, 2)
    guest.drop()
    await world.pass_time(GRACE_S + LINGER_S)
    await world.restart()
    again = await back(world, owner)
    await again.join(room)
    again.leave(room)
    await world.pass_time(GRACE_S)
    assert gone(world, room)


async def test_a_restart_keeps_waiting_for_a_room_and_its_owner(world: World) -> None:
    room, [owner, guest] = await members(world, 2)
    owner.drop()
    guest.drop()
    await world.pass_time(GRACE_S)
    await world.restart()
    await world.pass_time(LINGER_S - 1)
    assert not gone(world, room)
    again = await back(world, guest)
    await again.join(room)
    assert await owner_of(world, room) == owner.who.user
    await world.pass_time(1)
    assert await owner_of(world, room) == guest.who.user


async def test_a_member_who_does_not_return_after_a_restart_counts_as_lost(world: World) -> None:
    room, [owner, guest] = await members(world, 2)
    await world.restart()
    again = await back(world, guest)
    await again.join(room)
    await world.pass_time(60 + LINGER_S - 1)
    assert [line["subject"] for line in again.events("exit")] == [owner.who.user]
    assert await owner_of(world, room) == owner.who.user
    await world.pass_time(1)
    assert await owner_of(world, room) == guest.who.user


# Kept rooms


async def test_a_kept_room_stays_until_it_is_no_longer_kept(world: World) -> None:
    lobby = await world.peer(namespace="/room")
    room, [owner] = await members(world, 1)
    assert (await world.service.owner.change(owner.who, room.id, KEPT)).kept
    await owner.say(room, "월요일까지")
    owner.leave(room)
    await world.pass_time(7 * 24 * 3600)
    await world.restart()
    await world.pass_time(24 * 3600)
    assert world.service.view(room.id).kept
    assert (await world.service.history.page(owner.who, room.id, None, 50)).chats[-2].chat == "월요일까지"
    assert not (await world.service.owner.change(owner.who, room.id, NOT_KEPT)).kept
    await world.pass_time(GRACE_S)
    assert gone(world, room)
    assert lobby.events("updateRoom")[-1]["kept"] is True  # from the server before the restart


async def test_a_kept_room_stays_even_if_nobody_entered_it(world: World) -> None:
    who = await world.visitor()
    room = await world.room(who)
    await world.service.owner.change(who, room.id, KEPT)
    await world.pass_time(3600)
    assert not gone(world, room)
    await world.service.owner.delete(who, room.id)
    assert gone(world, room)


@pytest.mark.parametrize("restart", [False, True])
async def test_the_owner_of_a_kept_room_still_owns_it_after_leaving_it_empty(world: World, restart: bool) -> None:
    """A room prepared in the evening still belongs to the teacher when the first pupil enters in the morning."""
    room, [owner] = await members(world, 1)
    await world.service.owner.change(owner.who, room.id, KEPT)
    owner.close_tab()
    await world.pass_time(12 * 3600)
    if restart:
        await world.restart()
    pupils = [await world.peer() for _ in range(2)]
    for pupil in pupils:
        await pupil.join(room)
    await world.pass_time(3600)
    pupils[1].leave(room)
    pupils[0].close_tab()
    await world.pass_time(3600)
    assert await owner_of(world, room) == owner.who.user


async def test_an_owner_who_leaves_an_occupied_kept_room_is_succeeded(world: World) -> None:
    room, [owner, guest] = await members(world, 2)
    await world.service.owner.change(owner.who, room.id, KEPT)
    owner.leave(room)
    assert await owner_of(world, room) == guest.who.user


async def test_a_visitor_can_keep_at_most_five_rooms(world: World) -> None:
    who = await world.visitor()
    rooms = [await world.room(who) for _ in range(MAX_KEPT_ROOMS + 1)]
    for room in rooms[:-1]:
        await world.service.owner.change(who, room.id, KEPT)
    with pytest.raises(TooManyKept):
        await world.service.owner.change(who, rooms[-1].id, KEPT)
    await world.service.owner.change(who, rooms[0].id, KEPT)  # keeping a room again does not count twice
    await world.service.owner.change(who, rooms[0].id, NOT_KEPT)
    assert (await world.service.owner.change(who, rooms[-1].id, KEPT)).kept


async def test_a_refused_or_failed_change_does_not_mark_a_room_as_kept(world: World, expect_log: ExpectLog) -> None:
    expect_log("gifchat.db", "storage: ")
    room, [owner, guest] = await members(world, 2)
    with pytest.raises(NotOwner):
        await world.service.owner.change(guest.who, room.id, KEPT)
    with pytest.raises(InvalidRoom):
        await world.service.owner.change(owner.who, room.id, RoomPatch(kept=True, title=""))
    await full(world, True)
    with pytest.raises(Storage):
        await world.service.owner.change(owner.who, room.id, KEPT)
    await full(world, False)
    assert not world.service.view(room.id).kept
    owner.leave(room)
    guest.leave(room)
    await world.pass_time(GRACE_S)
    assert gone(world, room)
