"""History and search by HTTP: they take turns, and stop when nobody waits for them."""

import asyncio
from collections.abc import Iterator

import pytest

from db.chats import ChatTable
from handlers.room import SearchHandler
from realtime.chat import policy
from realtime.chat.records import StoredRecord
from realtime.chat.turns import READING
from tests.client import Browser, Site, site, start_site

__all__ = ["site", "start_site"]


class Gate:
    """Holds back each step of a search until it is open; `steps` is how many began."""

    def __init__(self) -> None:
        self.steps = 0
        self.begun = asyncio.Event()
        self.open = asyncio.Event()
        self.left = asyncio.Event()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    gate = Gate()
    close = SearchHandler.on_connection_close

    async def search(*_: object, before: int | None, limit: int) -> tuple[list[StoredRecord], int | None]:
        gate.steps += 1
        gate.begun.set()
        await gate.open.wait()
        return [], 1  # nothing yet, and there is more

    def on_connection_close(handler: SearchHandler) -> None:
        close(handler)
        gate.left.set()

    monkeypatch.setattr(ChatTable, "search", search)
    monkeypatch.setattr(SearchHandler, "on_connection_close", on_connection_close)
    yield gate
    gate.open.set()


async def member(site: Site, room: str) -> Browser:
    program = site.program()
    assert (await program.get(f"/room/{room}")).status == 200
    return program


async def test_a_visitor_who_searches_too_much_is_refused_and_others_are_not(site: Site, gate: Gate) -> None:
    room = await site.program().new_room()
    greedy, other = await member(site, room), await member(site, room)
    path = f"/room/{room}/search?q=x"
    searches = [asyncio.ensure_future(greedy.get(path)) for _ in range(int(READING.each) + 2)]
    first, *_ = await asyncio.wait(searches, return_when=asyncio.FIRST_COMPLETED)
    [refused] = [search.result() for search in first]
    assert refused.refusal == (429, "too_fast")
    assert (refused.json["retry_after"], refused.headers["Retry-After"]) == (1, "1")
    assert gate.steps == 1
    # Another one has their turn; a third waits.
    assert (await other.get(f"/room/{room}/chats")).status == 200
    gate.open.set()
    answers = [(await search).json for search in searches if search not in first]
    assert answers == [{"chats": [], "more": True, "next": 1}] * (int(READING.each) + 1)
    assert gate.steps == (int(READING.each) + 1) * policy.SEARCH_STEPS


async def test_a_search_stops_when_who_asked_for_it_has_left(site: Site, gate: Gate) -> None:
    room = await site.program().new_room()
    leaver, stayer = await member(site, room), await member(site, room)
    head = f"GET /room/{room}/search?q=x HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nCookie: {leaver.identity}\r\n\r\n"
    _, writer = await site.raw(head.encode())
    await gate.begun.wait()
    writer.close()
    await gate.left.wait()
    gate.open.set()
    assert (await stayer.get(f"/room/{room}/chats")).status == 200
    assert gate.steps == 1
    assert (await leaver.get(f"/room/{room}/chats")).status == 200  # the turn is over
