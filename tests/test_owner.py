"""Ownership of a room, and the owner's actions."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator

import pytest

from realtime.chat.policy import RoomPatch
from realtime.errors import (
    BadRequest,
    InvalidRoom,
    Kicked,
    NotHere,
    NotOwner,
    Storage,
    WrongPassword,
)
from tests.conftest import ExpectLog
from tests.world import Peer, World, world

__all__ = ["world"]


async def test_the_longest_present_member_becomes_owner(world: World) -> None:
    owner, second, third = [await world.peer() for _ in range(3)]
    room = await world.room(owner.who)
    for peer in (owner, second, third):
        await peer.join(room)
    owner.leave(room)
    await world.settle()
    assert world.service.view(room.id).owner == second.who.user
    [line] = third.events("owner")
    assert line["subject"] == second.who.user
    await world.restart()
    assert world.service.view(room.id).owner == second.who.user


async def test_an_owner_who_never_enters_is_succeeded_after_a_minute(world: World) -> None:
    owner = await world.visitor()
    room = await world.room(owner)
    guest = await world.peer()
    await guest.join(room)
    await world.pass_time(59)
    assert world.service.view(room.id).owner == owner.user
    await world.pass_time(1)
    assert world.service.view(room.id).owner == guest.who.user


async def test_a_kicked_visitor_is_removed_on_every_tab_and_cannot_return(world: World) -> None:
    owner, guest, third = [await world.peer() for _ in range(3)]
    tab = await world.peer(guest.who)
    room = await world.room(owner.who, max=3)
    for peer in (owner, guest, third, tab):
        await peer.join(room)
    with pytest.raises(NotOwner):
        await world.service.owner.kick(third.who, room.id, guest.who.user)
    with pytest.raises(BadRequest):
        await world.service.owner.kick(owner.who, room.id, owner.who.user)
    await world.service.owner.kick(owner.who, room.id, guest.who.user)
    await owner.say(room, "조용하네요")
    for peer in (guest, tab):
        assert peer.events("kicked")[0]["room"] == room.id
        assert peer.events("chat") == []
        with pytest.raises(Kicked):
            await peer.join(room)
    assert third.events("kick")[0]["subject"] == guest.who.user
    assert third.events("exit") == []
    for refused in (
        lambda: world.service.post(guest.who, room.id, "왜요", None),
        lambda: world.service.history.page(guest.who, room.id, None, 50),
        lambda: world.service.admit(guest.who, "10.0.0.9", room.id, None),
    ):
        with pytest.raises(Kicked):
            await refused()
    await world.restart()
    with pytest.raises(Kicked):
        await world.service.post(guest.who, room.id, "왜요", None)
    assert world.service.owner.kicked(owner.who, room.id) == [guest.who.user]
    with pytest.raises(NotOwner):
        world.service.owner.kicked(guest.who, room.id)
    for _ in range(2):
        await world.service.owner.readmit(owner.who, room.id, guest.who.user)
    assert world.service.owner.kicked(owner.who, room.id) == []
    await (await world.peer(guest.who)).join(room)


async def test_a_visitor_kicked_while_the_room_is_deleted_only_gets_the_deletion(world: World) -> None:
    owner, guest = await world.peer(), await world.peer()
    room = await world.room(owner.who)
    for peer in (owner, guest):
        await peer.join(room)
    kicking = asyncio.ensure_future(world.service.owner.kick(owner.who, room.id, guest.who.user))
    await asyncio.sleep(0)
    await asyncio.gather(kicking, world.service.owner.delete(owner.who, room.id))
    await world.settle()
    assert [name for name, _ in guest.heard] == ["closed"]


async def test_ownership_can_be_handed_only_to_a_present_member(world: World) -> None:
    owner, guest, away = await world.peer(), await world.peer(), await world.visitor()
    room = await world.room(owner.who)
    await owner.join(room)
    await guest.join(room)
    with pytest.raises(NotHere):
        await world.service.owner.hand_over(owner.who, room.id, away.user)
    await world.service.owner.hand_over(owner.who, room.id, guest.who.user)
    with pytest.raises(NotOwner):
        await world.service.owner.delete(owner.who, room.id)
    assert world.service.view(room.id).owner == guest.who.user


async def test_changes_made_while_a_password_is_hashed_are_kept(world: World) -> None:
    owner = await world.visitor()
    room = await world.room(owner, max=5)
    closing = asyncio.ensure_future(world.service.owner.change(owner, room.id, RoomPatch(password="열려라")))
    await asyncio.sleep(0)
    await world.service.owner.change(owner, room.id, RoomPatch(title="새 이름", max=2))
    changed = await closing
    assert (changed.title, changed.max, changed.password) == ("새 이름", 2, True)
    await world.restart()
    kept = world.service.view(room.id)
    assert (kept.title, kept.max, kept.password) == ("새 이름", 2, True)


async def test_the_owner_can_change_the_room(world: World) -> None:
    owner, guest = await world.peer(), await world.peer()
    room = await world.room(owner.who, max=5)
    await owner.join(room)
    await guest.join(room)
    changed = await world.service.owner.change(owner.who, room.id, RoomPatch(title="새 이름", max=2, password="열려라"))
    assert (changed.title, changed.max, changed.password) == ("새 이름", 2, True)
    third = await world.peer()
    await guest.join(room)  # admitted earlier, so no password is needed
    guest.leave(room)
    with pytest.raises(WrongPassword):
        await third.join(room)
    await third.join(room, password="열려라")
    with pytest.raises(InvalidRoom):
        await world.service.owner.change(owner.who, room.id, RoomPatch(max=1))
    assert not (await world.service.owner.change(owner.who, room.id, RoomPatch(password=None))).password


# On a failing disk: memory and storage agree


async def full(world: World, is_full: bool) -> None:
    """Make the disk refuse writes, or accept them again, once pending ones are done."""
    await world.kept.refuse(is_full)


@contextlib.asynccontextmanager
async def all_under_way(world: World) -> AsyncIterator[None]:
    """Delay the writes made inside the block until its end."""
    gate = threading.Event()
    on_its_thread = world.database._connection._execute(gate.wait)  # type: ignore[no-untyped-call]  # aiosqlite's
    waiting = asyncio.ensure_future(on_its_thread)
    await asyncio.sleep(0)
    try:
        yield
    finally:
        gate.set()
        await waiting


@pytest.mark.parametrize("heals", [True, False])
@pytest.mark.sqlite
async def test_either_of_two_pending_changes_may_fail(heals: bool, world: World, expect_log: ExpectLog) -> None:
    expect_log("gifchat.db", "storage: ")
    owner, guest, lobby = await world.peer(), await world.peer(), await world.peer(namespace="/room")
    room = await world.room(owner.who, title="처음", max=5)
    await owner.join(room)
    await guest.join(room)
    await full(world, True)
    async with all_under_way(world):
        first = asyncio.ensure_future(world.service.owner.change(owner.who, room.id, RoomPatch(title="하나", max=3)))
        await asyncio.sleep(0)
        healing = asyncio.ensure_future(full(world, not heals))
        await asyncio.sleep(0)
        second = asyncio.ensure_future(world.service.owner.change(owner.who, room.id, RoomPatch(title="둘")))
        await asyncio.sleep(0)
    outcomes = await asyncio.gather(first, second, healing, return_exceptions=True)
    assert [isinstance(one, Storage) for one in outcomes] == [True, not heals, False]
    expected = ("둘" if heals else "처음", 5)
    assert (world.service.view(room.id).title, world.service.view(room.id).max) == expected
    await world.pass_time(1)
    assert lobby.events("updateRoom")[-1]["title"] == expected[0]
    await full(world, False)
    await world.restart()
    assert (world.service.view(room.id).title, world.service.view(room.id).max) == expected


async def test_the_lobby_is_corrected_when_a_change_could_not_be_stored(world: World, expect_log: ExpectLog) -> None:
    expect_log("gifchat.db", "storage: ")
    expect_log("gifchat.rooms", "not stored")
    owner, guest, lobby = await world.peer(), await world.peer(), await world.peer(namespace="/room")
    room = await world.room(owner.who, title="처음")
    await owner.join(room)
    await guest.join(room)
    await world.pass_time(1)
    await full(world, True)
    change = asyncio.ensure_future(world.service.owner.change(owner.who, room.id, RoomPatch(title="하나")))
    await asyncio.sleep(0)
    guest.leave(room)
    with pytest.raises(Storage):
        await change
    await world.pass_time(1)
    assert lobby.events("updateRoom")[-1]["title"] == "처음"
    await full(world, False)


@pytest.mark.parametrize("heals", [True, False])
@pytest.mark.sqlite
async def test_any_of_several_pending_handovers_may_fail(heals: bool, world: World, expect_log: ExpectLog) -> None:
    expect_log("gifchat.db", "storage: ")
    first, second, third = [await world.peer() for _ in range(3)]
    room = await world.room(first.who)
    for peer in (first, second, third):
        await peer.join(room)
    await full(world, True)

    def hand_over(giver: Peer, heir: Peer) -> "asyncio.Future[None]":
        return asyncio.ensure_future(world.service.owner.hand_over(giver.who, room.id, heir.who.user))

    async with all_under_way(world):
        handed = [hand_over(first, second)]
        for _ in range(3):  # a commit starts one turn of the loop after it was requested
            await asyncio.sleep(0)
        healing = asyncio.ensure_future(full(world, not heals))
        await asyncio.sleep(0)
        handed.append(hand_over(second, third))
        await asyncio.sleep(0)
        if heals:
            handed.append(hand_over(third, second))
            await asyncio.sleep(0)
    outcomes = await asyncio.gather(*handed, healing, return_exceptions=True)
    assert [type(one) for one in outcomes] == [
        Storage,
        *[type(None) if heals else Storage] * (len(handed) - 1),
        type(None),
    ]
    expected = (second if heals else first).who.user
    assert world.service.view(room.id).owner == expected
    await full(world, False)
    await world.restart()
    assert world.service.view(room.id).owner == expected


async def test_a_visitor_kicked_and_readmitted_at_once_can_return_permanently(world: World) -> None:
    owner, guest = await world.peer(), await world.peer()
    room = await world.room(owner.who)
    await owner.join(room)
    await guest.join(room)
    await asyncio.gather(
        world.service.owner.kick(owner.who, room.id, guest.who.user),
        world.service.owner.readmit(owner.who, room.id, guest.who.user),
    )
    await guest.join(room)
    await world.restart()
    await (await world.peer(guest.who)).join(room)
