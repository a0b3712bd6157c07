"""What a class sees of the lessons: the feed, the page and the programs on it."""

import re
from typing import Any

import pytest

from handlers.lessons.programs import SERVER, excerpt, programs
from realtime.lessons.board import LESSONS
from tests.client import Site, site, start_site
from tests.conftest import ROOT
from tests.lessons import Watching, connect, feed, namespace, quick, received

__all__ = ["quick", "site", "start_site"]


async def test_the_feed_shows_connections_counts_and_log_lines(quick: Site) -> None:
    """Of a message, its text to the visitor who sent it, and its length to the others."""
    maker = quick.browser()
    await maker.new_room()
    async with feed(quick) as other, feed(quick, Cookie=maker.identity) as own:
        lines: dict[Watching, list[dict[str, Any]]] = {other: [], own: []}
        for watching in lines:
            assert [branch["name"] for branch in await watching.event("tree")] == ["/chat", "/room", "/", "/lessons"]
            assert set(await watching.counts()) == set(LESSONS)
            assert await watching.event("log") == []

        async def told(lesson: str, event: str, text: str | None = None) -> None:
            for watching, known in lines.items():
                while not known:
                    known.extend(await watching.event("log"))
                line = known.pop(0)
                assert re.fullmatch(r"#[0-9a-f]{6}", line["user"])
                assert (line["lesson"], line["event"]) == (lesson, event)
                assert line.get("text") == (text if watching is own else None)
                assert line.get("length") == (len(text) if text and watching is other else None)

        async with connect(quick, Cookie=maker.identity) as socket:
            await socket.send("첫째 탭")
            await told("websocket", "open")
            await told("websocket", "message", "첫째 탭")
        await told("websocket", "close")
        async with namespace(quick, "/", Cookie=maker.identity) as socket:
            await told("socketio", "open")
            while not (await received(socket)).startswith('42["news"'):
                pass
            await socket.send('42["reply","둘째 탭이다"]')
            await told("socketio", "message", "둘째 탭이다")
        await told("socketio", "close")
        # As later, from the log.
        async with feed(quick) as late, feed(quick, Cookie=maker.identity) as again:
            shown = [[line.get("text") for line in await watching.event("log")] for watching in (late, again)]
            assert shown == [[None] * 6, [None, "첫째 탭", None, None, "둘째 탭이다", None]]


async def test_the_tree_hides_the_titles_of_locked_rooms(site: Site) -> None:
    maker = site.browser()
    opened, locked = await maker.new_room("열린 방"), await maker.new_room("비밀 이야기", password="열쇠")
    async with namespace(site, "/chat", Cookie=maker.identity) as member:
        for number, room in enumerate((opened, locked)):
            await member.send(f'42/chat,{number}["join","{room}"]')
        while not (await received(member)).startswith("43/chat,1"):
            pass
        async with feed(site) as watching:
            (chat, *_) = await watching.event("tree")
            assert [(room["title"], room["locked"], room["count"]) for room in chat["rooms"]] == [
                ("열린 방", False, 1),
                (None, True, 1),
            ]
            assert len(chat["rooms"][0]["sockets"]) == 1
            assert chat["rooms"][1]["sockets"] == []
            await maker.ask("PATCH", f"/room/{opened}", json_body={"title": "다른 이름"})
            while chat["rooms"][0]["title"] == "열린 방":
                (chat, *_) = await watching.event("tree")
            assert chat["rooms"][0]["title"] == "다른 이름"


# --- the page and its programs


async def test_the_page_shows_every_program(site: Site) -> None:
    for lang in ("ko", "en"):
        page = await site.browser(Accept_Language=lang).get("/lessons")
        assert page.status == 200
        for part in ("new WebSocket(", "EventSource(", "async def on_message", "websocket.py", "socket.emit("):
            assert part in page.text


def test_the_programs_shown_are_taken_from_the_running_code() -> None:
    shown = programs(ROOT)
    assert [program.lesson for program in shown] == list(LESSONS)
    for program in shown:
        assert program.browser
        assert len(program.server.splitlines()) < 60
        for name in SERVER[program.lesson][1]:
            assert f"def {name.partition('.')[2]}(" in program.server


def test_a_missing_program_is_reported_at_start_up() -> None:
    with pytest.raises(LookupError):
        excerpt("class A:\n    def b(self): ...\n", "A.c")
    assert excerpt("class A:\n    def b(self): ...\n", "A.b") == "def b(self): ..."
