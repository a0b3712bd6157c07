"""A teacher and pupils in a world without a network, for the tests of the desk."""

from collections.abc import Awaitable, Callable

import pytest

from realtime.chat.desk.passes import DeskPass
from realtime.chat.model import RoomView, Visitor
from realtime.errors import DomainError
from tests.world import Peer, World

TERM_S = 12 * 3600.0

Acts = list[Callable[[], Awaitable[object]]]


async def teacher(world: World) -> Visitor:
    """Return a visitor who has shown the desk's pass."""
    who = await world.visitor()
    world.service.house.teach(who, DeskPass(world.clock.elapsed() + TERM_S))
    return who


async def people(world: World, count: int = 2, **form: object) -> tuple[RoomView, list[Peer]]:
    """Return a room, and people in it, the first of them its owner."""
    peers = [await world.peer() for _ in range(count)]
    room = await world.room(peers[0].who, **form)
    for peer in peers:
        await peer.join(room, password=str(form.get("password", "")))
    return room, peers


async def refused(act: Callable[[], Awaitable[object]]) -> type[DomainError]:
    """Return the error with which something is refused."""
    with pytest.raises(DomainError) as refusal:
        await act()
    return type(refusal.value)


async def all_refused(acts: Acts) -> set[type[DomainError]]:
    """Return the errors with which each of them is refused."""
    return {await refused(act) for act in acts}
