"""What a page weighs when the cache is empty, and what is loaded later."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from handlers.resources import bundled
from tests.browser.chromium import ARGUMENTS, executable
from tests.browser.conftest import People, make_room, say
from tests.browser.room_page import joined
from tests.server import Server, running

MOST_REQUESTS = 8
MOST_BYTES = 75_000

LATER = re.compile(r"/bundle/room\.|/fragments/\w+/\w+/(?!room|lobby)")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server for all these tests."""
    assert bundled(), "there is no bundle of these sources: 'make setup' builds it"
    with running(tmp_path_factory.mktemp("weight") / "data", "--grace", "30") as server:
        yield server


class Weight:
    """What a page has loaded, by path, with its bytes on the wire, headers included.

    Without the connection of Socket.IO and the images of the chat.
    """

    def __init__(self, page: Page) -> None:
        self.bytes: dict[str, int] = {}
        self._urls: dict[str, str] = {}
        network = page.context.new_cdp_session(page)
        network.on("Network.requestWillBeSent", self._asked)
        network.on("Network.loadingFinished", self._loaded)
        network.send("Network.enable")

    def _asked(self, event: dict[str, Any]) -> None:
        path = re.sub(r"^\w+://[^/]+", "", event["request"]["url"])
        if not path.startswith(("/socket.io/?", "/gif/", "data:", "blob:")):
            self._urls[event["requestId"]] = f"{event['request']['method']} {path} {event['type']}"

    def _loaded(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self._urls:
            self.bytes[self._urls[event["requestId"]]] = int(event["encodedDataLength"])

    def assert_within_budget(self) -> None:
        assert 3 <= len(self.bytes) <= MOST_REQUESTS, self.bytes
        assert 5_000 < sum(self.bytes.values()) <= MOST_BYTES, self.bytes


@pytest.fixture
def room(people: People) -> Iterator[str]:
    """Return a room in which something was said."""
    host = people.arrive()
    room = make_room(host, "무게")
    joined(host)
    for number in range(5):
        say(host, f"{number}번째 메시지입니다. 안녕하세요!")
    expect(host.locator("#chat-list .mine .text")).to_have_count(5)
    yield room


@pytest.mark.parametrize("locale", ["ko-KR", "en-US"])
def test_the_lobby_and_a_room_are_within_the_budget_when_nothing_is_cached(
    browser: Browser, server: Server, room: str, locale: str
) -> None:
    for path, ready in (("/", f'tr[data-id="{room}"] .join-btn'), (f"/room/{room}", "[data-connection=joined]")):
        # As over plain HTTP.
        context = browser.new_context(locale=locale, extra_http_headers={"Accept-Encoding": "gzip"})
        page = context.new_page()
        weight = Weight(page)
        page.goto(server.url + path)
        expect(page.locator(ready)).to_be_visible()
        weight.assert_within_budget()
        assert not [address for address in weight.bytes if LATER.search(address)]
        context.close()


def test_what_only_scripts_can_show_is_not_in_the_page(server: Server, room: str) -> None:
    for path in ("/", f"/room/{room}"):
        page = server.visitor().get(path).text
        assert not re.search(r"<(?:dialog|template)\b|\bid=\"(?:inspector|search|shelf|viewer)\"", page)
        assert "js.error" not in page


def test_a_second_visit_loads_the_page_alone(browser: Browser, server: Server, room: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{server.url}/room/{room}")
    joined(page)
    again = context.new_page()
    weight = Weight(again)
    again.goto(f"{server.url}/room/{room}")
    joined(again)
    from_network = [address for address, size in weight.bytes.items() if size]
    assert from_network == [f"GET /room/{room} Document"]
    context.close()


def asked_within(page: Page, pattern: str) -> None:
    """Wait until the page has asked for what matches."""
    page.wait_for_function(
        "pattern => performance.getEntriesByType('resource').some(({ name }) => new RegExp(pattern).test(name))",
        arg=pattern,
    )


def test_an_idle_lobby_fetches_what_a_room_needs(people: People, room: str) -> None:
    page = people.arrive()
    for pattern in (r"/bundle/room-\w+\.js$", r"/bundle/room-\w+\.css$", r"/fragments/\w+/ko/room\.js$"):
        asked_within(page, pattern)
    page.goto(f"/room/{room}")
    joined(page)
    cached = page.evaluate(
        "performance.getEntriesByType('resource').filter(({ name }) => /bundle|fragments/.test(name))"
        ".map(({ transferSize }) => transferSize)"
    )
    assert len(cached) >= 3 and not any(cached)


def test_an_idle_room_fetches_its_parts_and_opens_them_without_the_network(people: People, room: str) -> None:
    page = people.arrive()
    page.goto(f"/room/{room}")
    joined(page)
    for part in ("menu", "share", "inspector", "shelf", "search", "viewer", "owner"):
        asked_within(page, rf"/fragments/\w+/ko/{part}\.html$")
    for script in ("menu", "share", "inspector", "picker", "finder", "viewer", "owner", "uploads", "givers"):
        asked_within(page, rf"/bundle/room\.{script}-\w+\.js$")
    page.wait_for_load_state("networkidle")
    page.context.route("**/*", lambda route: route.abort())
    page.keyboard.press("F9")
    expect(page.locator("#inspector-title")).to_be_focused()
    page.keyboard.press("F9")
    expect(page.locator("#inspector")).to_be_hidden()
    page.click("#search-btn")
    expect(page.locator("#search-text")).to_be_focused()


def test_a_part_that_cannot_be_loaded_is_told_and_tried_again(browser: Browser, server: Server, room: str) -> None:
    context = browser.new_context(locale="ko-KR")
    page = context.new_page()
    refused: list[str] = []

    def refuse(route: Route) -> None:
        refused.append(route.request.url)
        route.abort()

    context.route(LATER, refuse)
    page.goto(f"{server.url}/room/{room}")
    joined(page)
    page.keyboard.press("F9")
    expect(page.locator("#chat-trouble")).to_have_text("서버에 연결할 수 없습니다.")
    page.click("#search-btn")
    expect(page.locator("#search")).to_have_count(0)
    assert refused
    context.unroute_all()
    page.keyboard.press("F9")
    expect(page.locator("#inspector-title")).to_be_focused()
    page.click("#search-btn")
    expect(page.locator("#search-text")).to_be_focused()
    context.close()


def test_back_shows_the_lobby_as_it_was_and_brings_it_up_to_date(browser: Browser, server: Server, room: str) -> None:
    # Playwright starts its browsers without the cache for "back".
    keeping = browser.browser_type.launch(
        executable_path=executable(), args=ARGUMENTS, ignore_default_args=["--disable-back-forward-cache"]
    )
    page = keeping.new_page()
    page.goto(f"{server.url}/")
    page.evaluate("globalThis.same = true")
    page.goto(f"{server.url}/room")
    later = server.visitor().room("나중에 생긴 방")
    page.evaluate("setTimeout(() => history.back())")
    expect(page.locator(f'tr[data-id="{room}"]')).to_be_visible()
    assert page.evaluate("globalThis.same") is True
    expect(page.locator(f'tr[data-id="{later}"]')).to_be_visible()
    expect(page.locator("#connection")).to_be_hidden()
    keeping.close()
