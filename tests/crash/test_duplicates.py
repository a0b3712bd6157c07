"""A repeated nonce is the same message, however often and by whatever way it is sent, also after a crash."""

import asyncio
import random
from pathlib import Path

from tests.crash.ledger import Json, Ledger
from tests.crash.people import WRITERS, Message, Person, Way, company, settled
from tests.crash.process import kill, serving
from tests.free_ports import free_port

MESSAGES = 100
SPOKEN: tuple[Way, ...] = ("socket", "post")


async def copies(person: Person, message: Message, ways: list[Way]) -> list[Json]:
    """Send a message in all `ways` at once; return the answers. The ledger asserts that they agree."""
    return await asyncio.gather(*(person.attempt(message, way) for way in ways))


async def test_a_message_sent_five_times_by_socket_and_post_is_stored_once(tmp_path: Path) -> None:
    data, rng, ledger = tmp_path / "data", random.Random(5), Ledger()
    async with serving(data) as server, company(server.port, ledger, "one", "two", "three", "four") as people:
        room = await people[0].room(title="방")
        for person in people:
            await person.enter(room)

        async def speak(person: Person) -> None:
            for _ in range(MESSAGES):
                ways = rng.choices(SPOKEN, k=rng.randint(1, 5))
                answers = await copies(person, person.compose(room, ways[0]), ways)
                assert len({(answer["_id"], answer["seq"]) for answer in answers}) == 1

        await asyncio.gather(*map(speak, people))
        await settled(*people)
    stored = ledger.audit(data)
    assert len([row for row in stored if row.nonce]) == len(people) * MESSAGES == len(ledger.acknowledged)


async def test_an_image_sent_five_times_at_once_is_stored_once(tmp_path: Path) -> None:
    data, ledger = tmp_path / "data", Ledger()
    async with serving(data) as server, company(server.port, ledger, "one") as (one,):
        room = await one.room(title="방")
        await one.enter(room)
        answers = await copies(one, one.compose(room, "gif"), ["gif"] * 5)
        assert len({answer["gif"] for answer in answers}) == 1
        await settled(one)
    ledger.audit(data)


async def test_a_whisper_sent_three_times_at_once_is_stored_once(tmp_path: Path) -> None:
    data, ledger = tmp_path / "data", Ledger()
    async with serving(data) as server, company(server.port, ledger, "one", "two", "three") as people:
        one, two, _ = people
        room = await one.room(title="방")
        for person in people:
            await person.enter(room)
        await copies(one, one.compose(room, "whisper", two), ["whisper"] * 3)
        await settled(*people)
    assert len([row for row in ledger.audit(data) if row.to_user]) == 1


async def test_a_nonce_is_scoped_to_its_sender_and_room(tmp_path: Path) -> None:
    data, ledger = tmp_path / "data", Ledger()
    async with serving(data) as server, company(server.port, ledger, "one", "two") as people:
        rooms = [await people[0].room(title=title) for title in ("방", "옆방")]
        for person in people:
            await person.enter(*rooms)
        answers = await asyncio.gather(
            *(person.attempt(Message(room, "same", "socket", "같은 것")) for person in people for room in rooms)
        )
        assert len({answer["_id"] for answer in answers}) == 4
        await settled(*people)
    ledger.audit(data)


async def test_a_retry_after_a_crash_gets_the_first_answer(tmp_path: Path) -> None:
    data, port, ledger = tmp_path / "data", free_port(), Ledger()
    async with company(port, ledger, "one", "two") as people:
        one = people[0]
        async with serving(data, port=port) as server:
            room = await one.room(title="방")
            for person in people:
                await person.enter(room)
            messages = [one.compose(room, way) for way in WRITERS]
            first = [await one.attempt(message) for message in messages]
            kill(server)
        async with serving(data, port=port):
            for person in people:
                await person.enter()
            again = [await one.attempt(message) for message in messages]
            assert [(answer["_id"], answer["seq"]) for answer in again] == [(a["_id"], a["seq"]) for a in first]
            assert again[2]["gif"] == first[2]["gif"]
            other_ways = await copies(one, messages[0], ["socket", "post", "gif"])
            assert {answer["_id"] for answer in other_ways} == {first[0]["_id"]}
            await settled(*people)
    ledger.audit(data)


async def test_an_ephemeral_room_relays_a_message_once(tmp_path: Path) -> None:
    ledger = Ledger()
    async with serving(tmp_path / "data") as server, company(server.port, ledger, "one", "two") as people:
        room = await people[0].room(title="순간", ephemeral=True)
        for person in people:
            await person.enter(room)
        one, two = people
        await copies(one, one.compose(room, "socket"), ["socket", "post", "socket", "post"])
        await settled(*people)
        assert [heard.nonce for heard in ledger.readings[one.user, room].heard[-2:]] == [None, "one-000001"]
        assert len(ledger.readings[two.user, room].heard) == 1
