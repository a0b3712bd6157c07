"""Catching up after an absence of any length: in pages, over a restart, and while others keep talking."""

import asyncio
from pathlib import Path

import pytest

from tests.crash.ledger import Json, Ledger
from tests.crash.people import Person, company, settled
from tests.crash.process import kill, serving
from tests.free_ports import free_port

PAGE = 200  # docs/protocol.md: the most records in one answer


async def say(person: Person, room: str, count: int) -> None:
    """Send `count` messages, fifty at a time."""
    for done in range(0, count, 50):
        messages = [person.compose(room, "socket") for _ in range(min(50, count - done))]
        await asyncio.gather(*map(person.deliver, messages))


async def pages(person: Person, room: str, ledger: Ledger) -> list[int]:
    """Catch up in a room page by page; return the number of records of each page."""
    sizes: list[int] = []

    def joined(answer: Json) -> None:
        missed = answer["missed"]
        assert isinstance(missed, list)
        sizes.append(len(missed))
        for record in missed:
            ledger.hear(person.user, record)
        if answer["more"]:
            assert answer["seq"] == missed[-1]["seq"]

    assert person.socket is not None
    more: object = True
    while more:
        after = ledger.position(person.user, room)
        more = (await person.socket.ask("join", {"room": room, "after": after}, joined))["more"]
    return sizes


async def without_rooms(person: Person) -> None:
    """Reconnect, but join nothing yet."""
    assert person.socket is not None
    await person.socket.abort()
    person.rooms, rooms = [], person.rooms
    await person.enter()
    person.rooms = rooms


@pytest.mark.parametrize(
    ("missed", "sizes"), [(199, [199]), (200, [200]), (201, [200, 1]), (700, [200, 200, 200, 100])]
)
async def test_a_long_absence_is_caught_up_in_pages(tmp_path: Path, missed: int, sizes: list[int]) -> None:
    data, ledger = tmp_path / "data", Ledger()
    async with serving(data) as server, company(server.port, ledger, "one", "two") as (one, two):
        room = await one.room(title="방")
        for person in (one, two):
            await person.enter(room)
        await settled(one, two)
        await without_rooms(two)
        await say(one, room, missed)
        assert await pages(two, room, ledger) == sizes
        await say(one, room, 1)
        await settled(one, two)
    ledger.audit(data)


async def test_a_long_absence_across_a_kill_is_caught_up_while_others_talk(tmp_path: Path) -> None:
    """Each page ends somewhere among new messages; the last one must join the live ones without a gap."""
    data, port, ledger = tmp_path / "data", free_port(), Ledger()
    async with company(port, ledger, "one", "two", "three") as people:
        one, two, three = people
        async with serving(data, port=port) as server:
            room = await one.room(title="방")
            for person in people:
                await person.enter(room)
            await settled(*people)
            await without_rooms(two)
            await asyncio.gather(say(one, room, 600), say(three, room, 600))
            kill(server)
        async with serving(data, port=port):
            for person in (one, three):
                await person.enter()
            for _ in range(5):
                await without_rooms(two)
                talking = [asyncio.create_task(say(person, room, 600)) for person in (one, three)]
                await pages(two, room, ledger)
                await asyncio.gather(*talking)
            await settled(*people)
    ledger.audit(data)


async def test_no_message_is_lost_between_loading_the_page_and_joining(tmp_path: Path) -> None:
    """A page says up to which `seq` it shows records, and the join that follows starts right there."""
    data, ledger = tmp_path / "data", Ledger()
    names = [f"late{number}" for number in range(10)]
    async with (
        serving(data) as server,
        company(server.port, ledger, "one", "two") as talkers,
        company(server.port, ledger, *names) as late,
    ):
        room = await talkers[0].room(title="방", max=20)
        for person in talkers:
            await person.enter(room)
        talking = [asyncio.create_task(say(person, room, 1000)) for person in talkers]
        for number, person in enumerate(late, 1):
            await ledger.acknowledgements(150 * number)
            await person.enter()
            await from_the_page(person, room, ledger)
        await asyncio.gather(*talking)
        await settled(*talkers, *late)
    ledger.audit(data)


async def from_the_page(person: Person, room: str, ledger: Ledger) -> None:
    """Enter a room as a browser does: the page's records, those since, and live ones."""
    page = (await person.browser.get(f"/room/{room}")).json
    shown = page["chats"]
    assert isinstance(shown, list) and len(shown) == 50

    def joined(answer: Json) -> None:
        missed = answer["missed"]
        assert isinstance(missed, list)
        person.user = str(answer["user"])
        ledger.begin(person.user, room, shown[0]["seq"] - 1)
        for record in [*shown, *missed]:
            ledger.hear(person.user, record)

    assert person.socket is not None
    answer = await person.socket.ask("join", {"room": room, "after": page["seq"]}, joined)
    if answer["more"]:  # the others say thousands of messages a second
        await pages(person, room, ledger)
