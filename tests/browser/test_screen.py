"""The projector view of a room: it follows what is said, and nothing moves it away from the newest."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.browser.conftest import People, make_room, say
from tests.browser.network import Network
from tests.browser.room_page import JSON, change, enter, joined, person, send_images, until
from tests.browser.test_outage import lose
from tests.server import Server, running

PROJECTOR: ViewportSize = {"width": 1280, "height": 720}

NATURAL_PX = 120
"""The width of the tests' picture."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server for all these tests."""
    with running(tmp_path_factory.mktemp("screen") / "data", "--grace", "0.2", "--rate", "0") as server:
        yield server


def project(page: Page, room: str) -> Page:
    """Return a second tab of somebody in the room, with its projector view."""
    screen = page.context.new_page()
    screen.set_viewport_size(PROJECTOR)
    screen.goto(f"/room/{room}/screen")
    joined(screen)
    return screen


def texts(screen: Page) -> Locator:
    """Return what the projector view shows."""
    return screen.locator("#chat-list .text")


def ends_in_view(screen: Page) -> bool:
    """Return whether the last line ends above the screen's lower edge, and not far from it."""
    end: float = screen.locator("#chat-list > *").last.evaluate(
        "line => innerHeight - line.getBoundingClientRect().bottom"
    )
    return 0 <= end < PROJECTOR["height"] / 10


def test_it_follows_what_everybody_may_read_and_stays_at_the_newest(people: People, gif: Path) -> None:
    host, guest = people.arrive(), people.arrive()
    room = make_room(host, "칠판")
    owner = joined(host)
    enter(guest, room)
    say(guest, "처음")
    expect(host.locator("#chat-list .other .text")).to_have_text(["처음"])
    lines = guest.locator("#chat-list > *").count()
    with host.context.expect_page() as opening:
        host.click("#screen-link")
    screen = opening.value
    screen.set_viewport_size(PROJECTOR)
    joined(screen)
    expect(texts(screen)).to_have_text(["처음"])
    # It is the same visitor: no place more, and nobody is told.
    expect(screen.locator("#members")).to_have_text("2/10명")
    expect(guest.locator("#members")).to_have_text("2/10명")
    assert guest.locator("#chat-list > *").count() == lines

    # Whispers and comings and goings are not for the class.
    person(guest, owner).locator("[data-action=whisper]").click()
    say(guest, "비밀")
    expect(host.locator("#chat-list .whisper .text")).to_have_text("비밀")
    guest.click("#recipient [data-part=clear]")
    third = people.arrive()
    enter(third, room)
    expect(screen.locator("#members")).to_have_text("3/10명")
    for number in range(30):
        say(guest if number % 2 else host, f"{number} 번째 말입니다. " * 4)
    expect(texts(screen)).to_have_count(31)
    expect(screen.locator("#chat-list .system, #chat-list .whisper, #chat-list .mine")).to_have_count(0)
    assert texts(screen).last.evaluate("text => parseFloat(getComputedStyle(text).fontSize) / innerHeight") > 0.03
    until(screen, lambda: ends_in_view(screen))
    expect(screen.locator("#chat-list .chip-name").last).not_to_have_text(re.compile("#"))
    # Neither wheel nor keyboard leave the newest.
    screen.mouse.move(300, 300)
    screen.mouse.wheel(0, -2000)
    for key in ("PageUp", "Home", "ArrowUp", "Tab", "Tab"):
        screen.keyboard.press(key)
    say(host, "https://example.org/ 마지막")
    expect(texts(screen).last).to_contain_text("마지막")
    until(screen, lambda: ends_in_view(screen))
    for _ in range(3):
        screen.keyboard.press("Tab")
    until(screen, lambda: ends_in_view(screen))


def test_it_shows_large_pictures_and_changes_and_leads_back(people: People, gif: Path) -> None:
    host, guest = people.arrive(), people.arrive()
    room = make_room(host, "칠판")
    joined(host)
    enter(guest, room)
    screen = project(host, room)
    say(host, "좋은 소식")
    send_images(guest, gif)
    picture = screen.locator("#chat-list .picture img").last
    until(screen, lambda: picture.evaluate("image => image.complete && image.width") > 2 * NATURAL_PX)
    until(screen, lambda: ends_in_view(screen))
    answered = guest.locator("#chat-list .other", has_text="좋은 소식")
    answered.hover()
    answered.locator(".more").click()
    guest.click('#actions [data-emoji="👍"]')
    expect(screen.locator("#chat-list .reaction")).to_have_text(["👍 1"])
    expect(screen.locator("#chat-list .reaction")).to_be_disabled()
    until(screen, lambda: ends_in_view(screen))
    change(host, room, title="새 칠판")
    expect(screen.locator("#title")).to_have_text("새 칠판")

    # The pointer hides when nobody moves it.
    expect(screen.locator("html")).to_have_attribute("data-idle", "")
    expect(screen.locator("html")).to_have_css("cursor", "none")
    screen.mouse.move(310, 310)
    expect(screen.locator("html")).not_to_have_attribute("data-idle", "")
    screen.keyboard.press("Escape")
    expect(screen).to_have_url(f"/room/{room}")
    joined(screen)
    # When the room ends, it says so, and leads to the lobby.
    screen = project(host, room)
    assert host.request.delete(f"/room/{room}", headers=JSON).ok
    expect(screen.locator("#notice")).to_be_visible()
    screen.click("#notice button")
    expect(screen).to_have_url("/")


def test_after_a_lost_connection_it_catches_up(people: People, browser: Browser, server: Server) -> None:
    with Network(server.port) as network:
        classmates = People(browser, network.port)
        host, away = people.arrive(), classmates.arrive()
        room = make_room(host, "끊김")
        joined(host)
        enter(away, room)
        say(host, "전")
        screen = away.context.new_page()
        screen.clock.install()
        screen.set_viewport_size(PROJECTOR)
        screen.goto(f"/room/{room}/screen")
        joined(screen)
        lose(network, screen)
        for number in range(12):
            say(host, f"못 본 말 {number}")
        network.restore()
        screen.clock.fast_forward(10_000)
        joined(screen)
        expect(screen.locator("#connection")).to_be_hidden()
        expect(texts(screen)).to_have_text(["전", *(f"못 본 말 {number}" for number in range(12))])
        until(screen, lambda: ends_in_view(screen))
        classmates.leave()


def test_without_scripts_it_is_a_page_that_loads_itself_again(people: People, browser: Browser, server: Server) -> None:
    host = people.arrive()
    room = make_room(host, "글만")
    joined(host)
    for number in range(20):
        say(host, f"{number} 번째 말입니다. " * 3)
    expect(host.locator("#chat-list .mine[data-seq]")).to_have_count(20)
    context = browser.new_context(
        base_url=server.url, java_script_enabled=False, viewport=PROJECTOR, storage_state=host.context.storage_state()
    )
    page = context.new_page()
    page.goto(f"/room/{room}/screen")
    expect(texts(page)).to_have_count(20)
    expect(texts(page).last).to_be_in_viewport(ratio=1)
    expect(texts(page).first).not_to_be_in_viewport()
    assert page.locator("#back").get_attribute("href") == f"/room/{room}"
    context.close()


def test_others_find_the_room_by_the_code_in_its_corner(people: People) -> None:
    phone = people.arrive(phone=True)
    room = make_room(phone, "코드")
    joined(phone)
    screen = project(phone, room)
    code = screen.locator(".screen-code")
    expect(code.locator("img")).to_be_in_viewport(ratio=1)
    assert code.locator("img").evaluate("image => image.naturalWidth > 0 && image.clientHeight / innerHeight > 0.2")
    expect(code).to_contain_text(re.compile(r"classroom\.lan:\d+"))
    place = code.bounding_box()
    assert place is not None
    assert place["x"] + place["width"] > 0.95 * PROJECTOR["width"]
    assert place["y"] + place["height"] > 0.9 * PROJECTOR["height"]
    say(phone, "긴 말 " * 40)
    box = texts(screen).last.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= place["x"]
