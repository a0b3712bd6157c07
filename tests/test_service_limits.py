"""Limits of an address and of a visitor, in the service with a manual clock; test_allowances.py has how they count."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from realtime.chat import policy
from realtime.chat.image_ports import Content
from realtime.chat.policy import Limits, RoomPatch
from realtime.errors import NotAGif, TooFast, TooManyRooms
from tests.client import GIF
from tests.world import Peer, World

HOME = "192.0.2.1"


@pytest.fixture
def start(io_loop: IOLoop, tmp_path: Path) -> Iterator[Callable[[Limits], Awaitable[World]]]:
    """Return a function that starts a server with the given limits."""
    worlds: list[World] = []

    async def start(limits: Limits) -> World:
        world = await World(tmp_path, limits).start()
        worlds.append(world)
        return world

    yield start
    for world in worlds:
        io_loop.run_sync(world.stop)


Start = Callable[[Limits], Awaitable[World]]


def moved(peer: Peer, address: str) -> Peer:
    """Let the peer's socket come from another address."""
    peer.socket.data.address = address  # type: ignore[attr-defined]  # a Seat
    return peer


async def times(world: World, act: Callable[[], Awaitable[object]]) -> int:
    """Repeat something until it is too fast; return how often that was possible."""
    for count in range(1000):
        try:
            await act()
        except TooFast as error:
            assert float(error.detail["retry_after"]) > 0
            return count
        await world.settle()
    raise AssertionError("it was never too fast")


async def test_joining_and_leaving_writes_few_lines(start: Start) -> None:
    world = await start(Limits())
    owner, peer = await world.peer(), await world.peer()
    room = await world.room(owner.who)
    await owner.join(room)

    async def come_and_go() -> None:
        await peer.join(room)
        peer.leave(room)

    assert await times(world, come_and_go) == 40
    world.clock.advance(2)
    assert await times(world, come_and_go) == 2


async def test_an_owner_can_do_so_much_in_a_time(start: Start) -> None:
    world = await start(Limits())
    owner, other = await world.peer(), await world.peer()
    room = await world.room(owner.who)
    await owner.join(room)
    await other.join(room)
    service = world.service.owner
    assert await times(world, partial(service.change, owner.who, room.id, RoomPatch(title="a"))) == 40
    for refused in (service.kick, service.readmit, service.hand_over):
        with pytest.raises(TooFast):
            await refused(owner.who, room.id, other.who.user)
    world.clock.advance(1)
    await service.kick(owner.who, room.id, other.who.user)


async def test_who_missed_much_catches_up_without_being_too_fast(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    world = await start(Limits())
    monkeypatch.setattr(policy, "CATCH_UP_LIMIT", 1)
    owner = await world.peer()
    room = await world.room(owner.who)
    await owner.join(room)
    for _ in range(60):
        world.clock.advance(1)
        await owner.say(room, "안녕")
    late = await world.peer()
    answer, joins = await late.join(room, 0), 1
    while answer.more:
        answer, joins = await late.join(room, answer.seq), joins + 1
    assert joins > 60
    for _ in range(30):
        await late.join(room)


async def test_a_visitor_is_in_a_limited_number_of_rooms(start: Start) -> None:
    """However many sockets they have."""
    world = await start(Limits(rate=0))
    visitor = await world.visitor()
    for _ in range(policy.MAX_JOINED):
        last = await world.room()
        await (await world.peer(visitor)).join(last)
    with pytest.raises(TooManyRooms) as refused:
        await (await world.peer(visitor)).join(await world.room())
    assert refused.value.detail == {"reason": "joined", "limit": policy.MAX_JOINED}
    await (await world.peer(visitor)).join(last)
    await (await world.peer()).join(await world.room())


async def test_an_address_brings_so_many_newcomers(start: Start) -> None:
    world = await start(Limits(per_address=2))
    known, room = moved(await world.peer(), HOME), await world.room(max=100)
    await known.join(room)

    async def newcomer() -> None:
        await moved(Peer(world, world.visitors.identify(None)[0]), HOME).join(room)

    world.clock.advance(60)
    assert await times(world, newcomer) == 7  # three quarters of ten
    world.clock.advance(4)
    with pytest.raises(TooFast):
        await newcomer()
    assert world.service.allowances.refusals["newcomers", "address"] == 1
    await known.join(room)
    await moved(await world.peer(), "192.0.2.2").join(room)


async def test_a_newcomer_who_joins_in_two_tabs_at_once_is_one(start: Start) -> None:
    world = await start(Limits())
    room, who = await world.room(), world.visitors.identify(None)[0]
    before = world.service.allowances.arrived
    await asyncio.gather(*[moved(Peer(world, who), HOME).join(room) for _ in range(2)])
    assert world.service.allowances.arrived == before + 1


async def test_an_address_leaves_rooms_to_others(start: Start) -> None:
    world = await start(Limits(max_rooms=20, per_address=5))
    one, other = moved(await world.peer(), HOME), moved(await world.peer(), "192.0.2.2")
    world.service.allowances.arrive(one.who.id)

    async def make(peer: Peer) -> None:
        world.service.acts(peer.who, peer.socket.data.address)  # type: ignore[attr-defined]  # a Seat
        await peer.join(await world.room(peer.who))

    for _ in range(10):
        await make(one)
        await world.pass_time(13)  # one room in twelve seconds
    with pytest.raises(TooManyRooms) as refused:
        await make(one)
    assert float(refused.value.detail["retry_after"]) > 0
    await make(other)


async def test_addresses_take_turns_at_having_images_examined(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    world = await start(Limits())
    owner = await world.peer()
    room = await world.room(owner.who)
    examined: list[Path] = []
    open_ = asyncio.Event()

    async def examine(path: Path) -> Content:
        examined.append(path)
        await open_.wait()
        raise NotAGif

    monkeypatch.setattr(world.examiner, "examine", examine)
    sent: dict[Path, str] = {}

    async def send(name: str, address: str) -> None:
        who = await world.visitor()
        await world.service.admit(who, address, room.id, None)
        draft = world.stores.images.draft()
        await draft.write(GIF)
        sent[await draft.written()] = name
        with pytest.raises(NotAGif):
            await world.service.gallery.post(who, room.id, draft, None, None)

    sending = []
    for name, address in (("a1", HOME), ("a2", HOME), ("a3", HOME), ("b1", "192.0.2.2"), ("b2", "192.0.2.2")):
        sending.append(asyncio.create_task(send(name, address)))
        while len(sent) < len(sending):
            await asyncio.sleep(0)
        await world.settle()
    open_.set()
    await asyncio.gather(*sending)
    assert [sent[path] for path in examined] == ["a1", "a2", "b1", "a3", "b2"]
