"""What a class sees of the lessons: the feed, the page and the programs on it."""

import re

import pytest

from handlers.lessons.programs import SERVER, excerpt, programs
from realtime.lessons.board import LESSONS
from tests.client import Site, site, start_site
from tests.conftest import ROOT
from tests.lessons import connect, feed, namespace, quick, received

__all__ = ["quick", "site", "start_site"]


async def test_the_feed_shows_connections_counts_and_log_lines(quick: Site) -> None:
    async with feed(quick) as watching:
        assert [branch["name"] for branch in await watching.event("tree")] == ["/chat", "/room", "/", "/lessons"]
        assert set(await watching.counts()) == set(LESSONS)
        assert await watching.event("log") == []
        lines: list[dict[str, str]] = []

        async def line() -> tuple[str, str, str | None]:
            while not lines:
                lines.extend(await watching.event("log"))
            assert re.fullmatch(r"#[0-9a-f]{6}", lines[0]["user"])
            first = lines.pop(0)
            return first["lesson"], first["event"], first.get("text")

        async with connect(quick) as socket:
            await socket.send("첫째 탭")
            assert await line() == ("websocket", "open", None)
            assert await line() == ("websocket", "message", "첫째 탭")
        assert await line() == ("websocket", "close", None)
        async with namespace(quick, "/") as socket:
            assert await line() == ("socketio", "open", None)
            while not (await received(socket)).startswith('42["news"'):
                pass
            await socket.send('42["reply","둘째 탭"]')
            assert await line() == ("socketio", "message", "둘째 탭")
        assert await line() == ("socketio", "close", None)


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
