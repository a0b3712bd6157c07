"""What a visit costs: nothing is stored of who only looks, and one row of who acts, before what they do."""

import re
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing

import pytest

from tests.client import COOKIE, GIF_PART, Browser, Site, site, start_site
from tests.crash.wire import Socket

__all__ = ["site", "start_site"]

HANDSHAKE = "/socket.io/?EIO=4&transport=polling"


def rows(site: Site) -> tuple[int, int]:
    """Return how many visitors and how many grants are stored."""
    with closing(sqlite3.connect(site.data / "gifchat.db")) as database:
        [(visitors, grants)] = database.execute("SELECT (SELECT count(*) FROM visitors), (SELECT count(*) FROM grants)")
    return visitors, grants


async def newcomers(site: Site) -> int:
    """Return how many newcomers the server remembers."""
    found = re.search(r"^gifchat_newcomers (\d+)", (await site.browser().get("/metrics")).text, re.MULTILINE)
    assert found
    return int(float(found[1]))


async def colour_on(browser: Browser, path: str) -> str:
    """Return the visitor's colour as a page shows it."""
    answer = await browser.get(path)
    found = re.search(r'data-user="(#[0-9a-f]{6})"|class="me".*?(#[0-9a-f]{6})', answer.text, re.DOTALL)
    assert found, answer.text
    return found[1] or found[2]


async def test_pages_and_handshakes_that_nothing_follows_store_nothing(site: Site) -> None:
    room = await site.browser().new_room()
    before = rows(site)
    pages = ["/", "/room", "/join", "/lessons", f"/room/{room}", HANDSHAKE, f"/room/{'0' * 24}"]
    for path in pages:
        browser = site.browser()
        assert (await browser.get(path)).status in (200, 302), path
        assert COOKIE in browser.cookies, path
    reader = site.browser()
    for path in (
        f"/room/{room}",
        f"/room/{room}/chats",
        f"/room/{room}/search?q=a",
        f"/room/{room}/gifs",
        f"/room/{room}/screen",
        "/",
    ):
        assert (await reader.get(path)).status == 200, path
    socket = await Socket.open(site.port, reader.identity, lambda *_: None)
    assert (await socket.ask("join", {"room": "0" * 24}))["error"] == "no_such_room"
    await socket.close()
    for act in ({"chat": "안녕"}, {}):
        assert (await site.program().post(f"/room/{room}/chat", act)).refusal == (403, "not_admitted")
    assert rows(site) == before
    assert await newcomers(site) == len(pages) + 3


@pytest.mark.parametrize("path", ["/gif/" + "0" * 32 + ".gif", "/static/css/base.css", "/healthz", "/nowhere"])
async def test_what_needs_no_visitor_makes_none(site: Site, path: str) -> None:
    browser = site.browser()
    await browser.get(path)
    assert browser.cookies == {}
    assert await newcomers(site) == 0


@pytest.mark.parametrize("site_of", ["cross-site", "same-site"])
@pytest.mark.parametrize(
    ("mode", "dest"), [("no-cors", "image"), ("no-cors", "script"), ("navigate", "iframe"), ("cors", "empty")]
)
async def test_a_part_of_another_sites_page_makes_no_visitor(site: Site, site_of: str, mode: str, dest: str) -> None:
    headers = {"Sec-Fetch-Site": site_of, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}
    room = await site.browser().new_room()
    stranger = site.browser()
    for path in ("/", "/room", f"/room/{room}", f"/room/{room}?password=1234", f"/room/{room}/chats", "/lessons"):
        answer = await stranger.get(path, headers)
        assert answer.status == 403, path
        assert "Set-Cookie" not in answer.headers
    assert (await stranger.get(HANDSHAKE, headers)).status == 403
    assert stranger.cookies == {}
    assert await newcomers(site) == 0


async def test_a_link_on_another_site_leads_here(site: Site) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    browser = site.browser()
    assert (await browser.get("/", headers)).status == 200
    assert COOKIE in browser.cookies


async def joins(site: Site, browser: Browser, room: str) -> None:
    socket = await Socket.open(site.port, browser.identity, lambda *_: None)
    answer = await socket.ask("join", {"room": room})
    assert answer["ok"]
    await socket.close()


async def says_by_socket(site: Site, browser: Browser, room: str) -> None:
    """Say something without a join, as who opened the page may."""
    assert (await browser.get(f"/room/{room}")).status == 200
    socket = await Socket.open(site.port, browser.identity, lambda *_: None)
    answer = await socket.ask("chat", {"room": room, "chat": "안녕"})
    assert answer["ok"], answer
    assert answer["_id"]
    await socket.close()


async def posts(site: Site, browser: Browser, room: str) -> None:
    assert (await browser.get(f"/room/{room}")).status == 200
    assert (await browser.post(f"/room/{room}/chat", {"chat": "안녕"})).status == 200


async def uploads(site: Site, browser: Browser, room: str) -> None:
    assert (await browser.get(f"/room/{room}")).status == 200
    assert (await browser.upload(f"/room/{room}/gif", GIF_PART)).status == 200


async def makes_a_room(site: Site, browser: Browser, room: str) -> None:
    await browser.new_room()


async def enters_by_password(site: Site, browser: Browser, room: str) -> None:
    closed = await site.browser().new_room(password="1234")
    before = rows(site)
    assert (await browser.post(f"/room/{closed}/enter", {"password": "0000"})).lobby_error
    assert rows(site) == before
    assert (await browser.post(f"/room/{closed}/enter", {"password": "1234"})).headers["Location"] == f"/room/{closed}"


@pytest.mark.parametrize(
    ("act", "visitors"),
    [(joins, 1), (says_by_socket, 1), (posts, 1), (uploads, 1), (makes_a_room, 1), (enters_by_password, 2)],
    ids=lambda value: getattr(value, "__name__", ""),
)
async def test_an_act_stores_the_visitor_and_where_they_are_admitted(
    site: Site, act: Callable[[Site, Browser, str], Awaitable[None]], visitors: int
) -> None:
    """Their colour is that of their first page."""
    room = await site.browser().new_room()
    before = rows(site)
    browser = site.browser()
    shown = await colour_on(browser, "/")
    await act(site, browser, room)
    assert rows(site) == (before[0] + visitors, before[1] + visitors)
    assert await colour_on(browser, "/") == shown
    if act is not enters_by_password and act is not makes_a_room:
        history = (await browser.get(f"/room/{room}/chats")).text
        assert set(re.findall(r"#[0-9a-f]{6}", history)) == {shown}
