"""Many people at once over real sockets: the limits hold in any order. `make soak` runs a thousand rounds."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from tests.crash.ledger import Json
from tests.crash.wire import Socket
from tests.server import Server, Visitor, running

ROUNDS = int(os.environ.get("RACE_ROUNDS", "10"))
ROUND_TIMEOUT_S = 20.0

pytestmark = pytest.mark.gen_test(timeout=ROUNDS * ROUND_TIMEOUT_S)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(
        tmp_path_factory.mktemp("races") / "data", "--rate", "0", "--grace", "0.05", "--max-rooms", "1000000"
    ) as server:
        yield server


class Person:
    """A visitor's socket and the events it received."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Json]] = []
        self.socket: Socket

    def names(self) -> list[str]:
        return [name for name, _ in self.heard]


@asynccontextmanager
async def people(server: Server, number: int, cookie: str = "") -> AsyncIterator[list[Person]]:
    """Connect as `number` new visitors, or as the visitor of `cookie`."""
    crowd = [Person() for _ in range(number)]

    async def arrive(person: Person) -> None:
        person.socket = await Socket.open(server.port, cookie, lambda name, said: person.heard.append((name, said)))

    await asyncio.gather(*map(arrive, crowd))
    try:
        yield crowd
    finally:
        await asyncio.gather(*(person.socket.close() for person in crowd))


def outcome(answer: Json) -> str:
    return "ok" if answer["ok"] else str(answer["error"])


async def test_exactly_as_many_join_as_the_room_holds(server: Server) -> None:
    for size in range(2, 2 + ROUNDS):
        room = await asyncio.to_thread(server.visitor().room, max=2 + size % 10)
        limit = 2 + size % 10
        async with people(server, limit + 50) as crowd:
            answers = await asyncio.gather(*(person.socket.ask("join", room) for person in crowd))
            outcomes = [outcome(answer) for answer in answers]
            assert outcomes.count("ok") == limit
            assert outcomes.count("room_full") == 50
            for person, answer in zip(crowd, answers, strict=True):
                await person.socket.settled()
                assert answer["ok"] or person.heard == []


async def test_a_join_racing_the_last_leave_finds_a_live_room_or_is_refused(server: Server) -> None:
    seen: set[str] = set()
    for number in range(ROUNDS):
        room = await asyncio.to_thread(server.visitor().room)
        async with people(server, 2) as (leaver, comer):
            assert (await leaver.socket.ask("join", room))["ok"]
            await leaver.socket.ask("leave", room)
            await asyncio.sleep(0.045 + 0.001 * (number % 10))  # about when the room's grace time ends
            answer = await comer.socket.ask("join", room)
            seen.add(outcome(answer))
            if answer["ok"]:
                said = await comer.socket.ask("chat", {"room": room, "chat": "누구 있어요?"})
                assert said["ok"]
                await comer.socket.settled()
                assert "chat" in comer.names()
            else:
                assert answer["error"] == "no_such_room"
                again = await comer.socket.ask("join", room)
                assert outcome(again) == "no_such_room"
    assert seen <= {"ok", "no_such_room"}


async def test_fifty_rooms_made_at_once_are_all_distinct(server: Server) -> None:
    def make(visitor: Visitor) -> str:
        return visitor.room("한꺼번에")

    for _ in range(ROUNDS):
        made = await asyncio.gather(*(asyncio.to_thread(make, server.visitor()) for _ in range(50)))
        assert len(set(made)) == 50
        _, lobby = await asyncio.to_thread(server.visitor().json, "GET", "/")
        rooms = lobby["rooms"]
        assert isinstance(rooms, list)
        assert set(made) <= {room["_id"] for room in rooms}


async def test_a_kick_racing_joins_and_posts_leaves_the_kicked_outside(server: Server) -> None:
    for _ in range(ROUNDS):
        visitor, target = server.visitor(), server.visitor()
        room = await asyncio.to_thread(visitor.room)
        owner_cookie = await asyncio.to_thread(visitor.identity)
        target_cookie = await asyncio.to_thread(target.identity)
        async with people(server, 1, owner_cookie) as [owner], people(server, 4, target_cookie) as tabs:
            assert (await owner.socket.ask("join", room))["ok"]
            first = await tabs[0].socket.ask("join", room)
            kick = owner.socket.ask("kick", {"room": room, "user": first["user"]})
            joins = [tab.socket.ask("join", room) for tab in tabs[1:]]
            posts = [tabs[0].socket.ask("chat", {"room": room, "chat": f"{n}"}) for n in range(5)]
            kicked, *answers = await asyncio.gather(kick, *joins, *posts)
            assert kicked["ok"]
            assert {outcome(answer) for answer in answers} <= {"ok", "kicked"}
            for tab in tabs:
                assert outcome(await tab.socket.ask("join", room)) == "kicked"
            before = [len(tab.heard) for tab in tabs]
            assert (await owner.socket.ask("chat", {"room": room, "chat": "조용하네요"}))["ok"]
            for tab, heard in zip(tabs, before, strict=True):
                await tab.socket.settled()
                assert len(tab.heard) == heard
            refused = await asyncio.to_thread(target.json, "POST", f"/room/{room}/chat", json={"chat": "왜요"})
            assert (refused[0], refused[1]["error"]) == (403, "kicked")
            # If the visitor was inside, they were told, and their exit made no line of its own.
            assert "exit" not in owner.names()
