"""Images in the chat: their place, and when they move."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, Request, Route, expect

from tests.browser.conftest import People
from tests.browser.room_page import joined
from tests.images import encoded
from tests.server import Server, Visitor, running

BALL = encoded("GIF", frames=3, size=(120, 80))
HIGH = encoded("GIF", frames=2, size=(40, 500))

GIF = re.compile(r"^/gif/[0-9a-f]{32}\.gif$")
POSTER = re.compile(r"^/gif/[0-9a-f]{32}\.poster\.webp$")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server for all these tests; each has a room of its own there."""
    with running(tmp_path_factory.mktemp("pictures") / "data", "--rate", "0", "--grace", "30") as server:
        yield server


@pytest.fixture
def host(server: Server) -> Visitor:
    """Return somebody who sends, and needs no browser for it."""
    return server.visitor()


def send(host: Visitor, room: str, image: bytes, caption: str | None = None) -> str:
    """Send an image; return its name."""
    fields = {} if caption is None else {"chat": caption}
    status, record = host.json("POST", f"/room/{room}/gif", data=fields, files={"gif": ("a", image)})
    assert status == 200, record
    return str(record["gif"])


def enter(page: Page, room: str, *, still: bool = False) -> None:
    """Open the room's page, as one who wants to see things move, or `still`."""
    page.emulate_media(reduced_motion="reduce" if still else "no-preference")
    page.goto(f"/room/{room}")
    joined(page)


def images(page: Page) -> Locator:
    return page.locator("#chat-list .picture img")


def buttons(page: Page) -> Locator:
    return page.locator("#chat-list .play")


def requested(page: Page) -> list[str]:
    """Return the paths that the page will ask for under /gif/, as it does."""
    paths: list[str] = []

    def note(request: Request) -> None:
        if "/gif/" in request.url:
            paths.append("/gif/" + request.url.rpartition("/")[2])

    page.on("request", note)
    return paths


def hide(page: Page, hidden: bool) -> None:
    """Do to the page what another tab in front of it does, or its going away."""
    page.evaluate(
        """(hidden) => {
            Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


# --- what moves


def test_who_wants_no_motion_sees_none_unless_asked_for(people: People, host: Visitor) -> None:
    room = host.room()
    send(host, room, BALL)
    page = people.arrive()
    paths = requested(page)
    enter(page, room, still=True)
    send(host, room, HIGH)
    expect(images(page)).to_have_count(2)
    for number in range(2):  # as the server drew it, and as the page did
        expect(images(page).nth(number)).to_have_attribute("src", POSTER)
        expect(images(page).nth(number)).to_have_js_property("complete", True)
        expect(buttons(page).nth(number)).to_have_accessible_name("GIF 재생")
    expect(images(page).first).to_have_js_property("naturalWidth", 120)

    # What they are sending themselves stands still too.
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/gif", hold)
    page.set_input_files("#gif", {"name": "a.gif", "mimeType": "image/gif", "buffer": BALL})
    expect(page.locator("#chat-list .pending img")).to_have_attribute("src", re.compile("^data:image/png"))
    expect(page.locator("#chat-list .pending .play")).to_have_count(0)
    held[0].continue_()
    expect(page.locator("#chat-list .mine[data-seq] img")).to_have_attribute("src", POSTER)
    assert [path for path in paths if GIF.match(path)] == []

    buttons(page).first.press("Enter")
    expect(images(page).first).to_have_attribute("src", GIF)
    expect(buttons(page).first).to_have_accessible_name("GIF 멈추기")
    expect(images(page).nth(1)).to_have_attribute("src", POSTER)

    # The system's setting is followed at once, whichever way it changes.
    page.emulate_media(reduced_motion="no-preference")
    for number in range(2):
        expect(images(page).nth(number)).to_have_attribute("src", GIF)
    page.emulate_media(reduced_motion="reduce")
    for number in range(2):
        expect(images(page).nth(number)).to_have_attribute("src", POSTER)
        expect(buttons(page).nth(number)).to_have_accessible_name("GIF 재생")


def test_what_nobody_sees_stands_still(people: People, host: Visitor) -> None:
    room = host.room()
    for _ in range(5):
        send(host, room, HIGH)
    page = people.arrive(locale="en-US")
    enter(page, room)
    first, last = images(page).first, images(page).last
    stop_last = buttons(page).last
    expect(last).to_have_attribute("src", GIF)
    expect(first).to_have_attribute("src", POSTER)

    # Out of view, and back.
    first.scroll_into_view_if_needed()
    expect(first).to_have_attribute("src", GIF)
    expect(last).to_have_attribute("src", POSTER)
    last.scroll_into_view_if_needed()
    expect(last).to_have_attribute("src", GIF)

    # In a tab that is not in front, and back.
    hide(page, True)
    expect(last).to_have_attribute("src", POSTER)
    hide(page, False)
    expect(last).to_have_attribute("src", GIF)

    # What was stopped by hand goes on by hand alone.
    expect(stop_last).to_have_accessible_name("Stop GIF")
    stop_last.click()
    expect(last).to_have_attribute("src", POSTER)
    expect(stop_last).to_have_accessible_name("Play GIF")
    hide(page, True)
    hide(page, False)
    first.scroll_into_view_if_needed()
    expect(first).to_have_attribute("src", GIF)
    last.scroll_into_view_if_needed()
    expect(first).to_have_attribute("src", POSTER)
    expect(last).to_have_attribute("src", POSTER)
    stop_last.click()
    expect(last).to_have_attribute("src", GIF)


def test_what_is_loaded_by_scrolling_up_moves_too(people: People, host: Visitor) -> None:
    room = host.room()
    send(host, room, BALL)
    for number in range(55):
        host.json("POST", f"/room/{room}/chat", json={"chat": f"{number}번째"})
    page = people.arrive()
    enter(page, room)
    expect(images(page)).to_have_count(0)
    page.evaluate("document.getElementById('chat-scroll').scrollTop = 0")
    expect(images(page)).to_have_attribute("src", POSTER)
    images(page).scroll_into_view_if_needed()
    expect(images(page)).to_have_attribute("src", GIF)


# --- its place


SENT = [("PNG", 16, 16), ("GIF", 16, 16), ("GIF", 120, 80), ("PNG", 900, 30), ("GIF", 60, 900), ("JPEG", 400, 300)]


def boxes(page: Page) -> list[dict[str, float]]:
    found: list[dict[str, float]] = page.eval_on_selector_all(
        "#chat-list > *", "(lines) => lines.map((line) => line.getBoundingClientRect().toJSON())"
    )
    return found


def test_the_page_does_not_jump(people: People, host: Visitor) -> None:
    room = host.room()
    for format_name, width, height in SENT:
        send(host, room, encoded(format_name, frames=2 if format_name == "GIF" else 1, size=(width, height)))
    page = people.arrive(phone=True)
    held: list[Route] = []
    holding = True
    page.route("**/gif/*", lambda route: held.append(route) if holding else route.continue_())
    page.emulate_media(reduced_motion="no-preference")
    page.goto(f"/room/{room}", wait_until="domcontentloaded")
    joined(page)
    before = boxes(page)
    holding = False
    for route in held:
        route.continue_()
    # Never larger than it is, nor than 320 pixels or the screen; and in its own shape.
    shown = page.evaluate(
        """async () => {
            const sizes = [];
            for (const image of document.querySelectorAll("#chat-list img")) {
                image.scrollIntoView();
                while (!(image.complete && image.naturalWidth)) await new Promise(requestAnimationFrame);
                const { width, height } = image.getBoundingClientRect();
                sizes.push([width, height]);
            }
            return sizes;
        }"""
    )
    for (_, width, height), (shown_width, shown_height) in zip(SENT, shown, strict=True):
        assert shown_width <= min(width, 320) and shown_height <= min(height, 320)
        assert max(shown_width / min(width, 320), shown_height / min(height, 320)) > 0.9
        assert shown_width / shown_height == pytest.approx(width / height, rel=0.05)
    page.evaluate("document.getElementById('latest').click()")
    assert boxes(page) == before
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    # The page draws a line as the server does.
    made = page.locator("#chat-list .other").last
    send(host, room, HIGH)
    expect(images(page)).to_have_count(len(SENT) + 1)
    expect(images(page).last).to_have_attribute("src", GIF)
    drawn = re.sub(r"\s+", " ", made.inner_html())
    page.reload()
    joined(page)
    expect(images(page).last).to_have_attribute("src", GIF)
    assert re.sub(r"\s+", " ", made.inner_html()) == drawn


def test_an_image_that_is_gone(people: People, host: Visitor, server: Server) -> None:
    room = host.room()
    name = send(host, room, encoded("PNG", size=(200, 150)))
    file = server.data / "uploads" / name
    page = people.arrive()
    enter(page, room)
    image, line = images(page), page.locator("#chat-list .other")
    expect(image).to_have_js_property("naturalWidth", 200)
    before = line.bounding_box()

    content = file.read_bytes()
    file.unlink()
    page.route("**/gif/*", lambda route: route.continue_())  # which also turns the browser's cache off
    page.reload()
    joined(page)
    missing = page.locator("#chat-list .missing")
    expect(missing).to_have_text(re.compile(r"이미지를 볼 수 없습니다\.\s+다시 시도"))
    expect(image).to_have_js_property("complete", True)
    assert line.bounding_box() == before

    # It may come back, as after a moment without a network.
    missing.click()
    expect(missing).to_be_visible()
    file.write_bytes(content)
    missing.click()
    expect(missing).to_be_hidden()
    expect(image).to_have_js_property("naturalWidth", 200)
    assert people.troubles and all("404" in trouble for trouble in people.troubles)
    people.troubles.clear()
