"""The quota of text, with a limit small enough to reach."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from realtime.chat import text_space
from realtime.chat.policy import Limits
from realtime.chat.ports import RECORD_BYTES
from realtime.errors import Storage
from tests.world import Peer, World

ALL = 100 * (RECORD_BYTES + 300)  # a hundred texts of a hundred Korean letters
TEXT = "가" * 100


@pytest.fixture
def world(io_loop: IOLoop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Return a server with space for a hundred texts, fifty of them in one room."""
    monkeypatch.setattr(text_space, "LEAST_BYTES", ALL)
    made = World(tmp_path, Limits(rate=0, quota_bytes=0))
    io_loop.run_sync(made.start)
    yield made
    io_loop.run_sync(made.stop)


async def fill(world: World, peer: Peer, room_text: str = TEXT, most: int = 200, **room: object) -> int:
    """Make and fill a room; return how many texts it took."""
    view = await world.room(peer.who, **room)
    await peer.join(view)
    for said in range(most):
        try:
            await peer.say(view, room_text)
        except Storage as error:
            assert error.detail == {"reason": "text"}
            return said
        await world.service.settled()
    return most


async def test_a_room_takes_half_of_the_space_and_all_together_no_more_than_there_is(world: World) -> None:
    peer = await world.peer()
    took = [await fill(world, peer) for _ in range(4)]
    assert 45 <= took[0] <= 51
    assert 90 <= sum(took) <= 104  # each may take one more, while it is looked at for the first time
    assert took[3] <= 1


async def test_a_full_room_takes_texts_again_after_some_were_deleted(world: World) -> None:
    peer = await world.peer()
    room = await world.room(peer.who)
    await peer.join(room)
    said = []
    with pytest.raises(Storage):
        while True:
            said.append(await peer.say(room, TEXT))
            await world.service.settled()
    for record in said[:20]:
        await world.service.records.delete(peer.who, room.id, record.id)
    with pytest.raises(Storage):
        await peer.say(room, TEXT)
    await world.pass_time(text_space.AGAIN_S)
    with pytest.raises(Storage):  # which makes it look again
        await peer.say(room, TEXT)
    await world.service.settled()
    await peer.say(room, TEXT)


async def test_an_ephemeral_room_takes_no_space(world: World) -> None:
    assert await fill(world, await world.peer(), ephemeral=True) == 200


async def test_what_is_stored_counts_after_a_restart(world: World) -> None:
    peer = await world.peer()
    assert await fill(world, peer) <= 51
    room = world.service.lobby()[0]
    await world.restart()
    peer = await world.peer(world.visitors.by_user(peer.who.user))
    await peer.join(room)
    await peer.say(room, TEXT)  # before it is looked at
    await world.service.settled()
    with pytest.raises(Storage):
        await peer.say(room, TEXT)


async def test_a_failure_to_measure_is_not_a_full_room(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    peer = await world.peer()
    room = await world.room(peer.who)
    await peer.join(room)
    records = world.stores.records
    with monkeypatch.context() as failing:

        async def fail(_: int | None) -> int:
            raise Storage

        failing.setattr(records, "used_bytes", fail)
        for _ in range(60):  # half of the space is for fifty
            await peer.say(room, TEXT)
            await world.service.settled()
    await peer.say(room, TEXT)
    await world.service.settled()
    with pytest.raises(Storage):
        await peer.say(room, TEXT)
