"""A room's page, which is made once for all newcomers who see the same."""

import pytest

from handlers.encoding import Ending
from handlers.made import KEPT_S
from handlers.openings import MOST, Openings, RoomState
from handlers.pages import Pages, SharedPage
from realtime.chat.model import RoomView
from tests.client import Browser, Site, site, start_site
from tests.crash.wire import Socket
from tests.doubles import ManualClock

__all__ = ["site", "start_site"]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the templates that were rendered so far."""
    rendered: list[str] = []
    render = Pages.render

    def noting(pages: Pages, template: str, *args: object, **values: object) -> str:
        rendered.append(template)
        return render(pages, template, *args, **values)  # type: ignore[arg-type]  # whatever they are

    monkeypatch.setattr(Pages, "render", noting)
    return rendered


async def test_a_rooms_page_is_made_once_for_all_newcomers(site: Site, made: list[str]) -> None:
    """Only the colour differs."""
    owner = site.browser()
    room = await owner.new_room("<방>")
    await owner.post(f"/room/{room}/chat", {"chat": "<안녕>"})
    made.clear()
    pages = {}
    for encoding in ("gzip", "identity"):
        for _ in range(2):
            answer = await site.browser(**{"Accept-Encoding": encoding}).get(f"/room/{room}")
            [colour] = {part[:7] for part in answer.text.split('data-user="')[1:]}
            assert answer.text.count(colour) == 5  # the page's, and four times in its chip
            pages[colour] = answer.text.replace(colour, "")
    assert len(pages) == 4
    assert len(set(pages.values())) == 1
    assert "&lt;안녕&gt;" in next(iter(pages.values()))
    assert made == ["room.html"]
    assert "Cross-Origin-Opener-Policy" in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


async def test_a_newcomers_page_shows_what_was_said_changed_and_deleted(site: Site) -> None:
    owner = site.browser(Accept="application/json")
    room = await owner.new_room()
    socket = await Socket.open(site.port, owner.identity, lambda *_: None)
    said = await socket.ask("chat", {"room": room, "chat": "하나"})
    assert "하나" in (await site.browser().get(f"/room/{room}")).text
    await socket.ask("edit", {"room": room, "_id": said["_id"], "chat": "둘"})
    assert "둘" in (await site.browser().get(f"/room/{room}")).text
    await socket.ask("delete", {"room": room, "_id": said["_id"]})
    assert "둘" not in (await site.browser().get(f"/room/{room}")).text
    assert (await owner.ask("PATCH", f"/room/{room}", json_body={"title": "새 이름"})).status == 200
    assert "새 이름" in (await site.browser().get(f"/room/{room}")).text
    await socket.close()


async def in_it(site: Site, room: str) -> tuple[Browser, Socket, str]:
    """Return someone in the room, and their colour."""
    browser = site.browser()
    await browser.get("/")
    socket = await Socket.open(site.port, browser.identity, lambda *_: None)
    answer = await socket.ask("join", {"room": room})
    return browser, socket, str(answer["user"])


async def test_a_whisper_is_on_no_page_but_its_readers(site: Site) -> None:
    room = await site.browser().new_room()
    (one, its, _), (two, others, colour) = await in_it(site, room), await in_it(site, room)
    await its.ask("whisper", {"room": room, "to": colour, "chat": "귓속말입니다"})
    for browser in (one, two):
        assert "귓속말입니다" in (await browser.get(f"/room/{room}")).text
    for _ in range(2):
        assert "귓속말입니다" not in (await site.browser().get(f"/room/{room}")).text
    await its.close()
    await others.close()


ROOM = RoomView("1" * 24, "방", 10, "#102030", False, False, False, 0, "")


def test_a_page_is_kept_while_its_room_is_the_same_and_not_for_long() -> None:
    clock = ManualClock()
    openings = Openings(clock.time)
    page, state = SharedPage([], Ending(b""), ""), RoomState(ROOM, 5)
    openings.keep("ko", state, page)
    assert openings.get("ko", RoomState(ROOM, 5)) is page
    assert openings.get("en", state) is openings.get("ko", RoomState(ROOM, 6)) is None
    clock.advance(KEPT_S + 1)
    assert openings.get("ko", state) is None
    openings.keep("ko", state, page)
    for number in range(MOST):
        openings.keep("ko", RoomState(RoomView(str(number), "방", 10, "", False, False, False, 0, ""), 1), page)
    assert openings.get("ko", state) is None
