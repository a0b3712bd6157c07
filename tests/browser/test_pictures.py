"""Images in the chat: layout and animation."""

import re

import pytest
from playwright.sync_api import Locator, Page, Request, Route, expect

from tests.browser.conftest import People
from tests.browser.pictures import BALL, GIF, POSTER, enter, host, images, send, server
from tests.browser.room_page import joined, scroll_to, until
from tests.images import encoded
from tests.server import Server, Visitor
from tests.test_images_flashes import BLACK, WHITE, film, frames

__all__ = ["host", "server"]

HIGH = encoded("GIF", frames=2, size=(40, 500))


def buttons(page: Page) -> Locator:
    return page.locator("#chat-list .play")


def requested(page: Page) -> list[str]:
    """Return a list that collects the paths under /gif/ that the page requests."""
    paths: list[str] = []

    def note(request: Request) -> None:
        if "/gif/" in request.url:
            paths.append("/gif/" + request.url.rpartition("/")[2])

    page.on("request", note)
    return paths


def hide(page: Page, hidden: bool) -> None:
    """Hide the page as if behind another tab, or show it again."""
    page.evaluate(
        """(hidden) => {
            Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


# --- animation


def test_reduced_motion_stops_animations_until_they_are_started(people: People, host: Visitor) -> None:
    room = host.room()
    send(host, room, BALL)
    page = people.arrive()
    paths = requested(page)
    enter(page, room, still=True)
    send(host, room, HIGH)
    expect(images(page)).to_have_count(2)
    for number in range(2):  # rendered by the server, and by the page
        expect(images(page).nth(number)).to_have_attribute("src", POSTER)
        expect(images(page).nth(number)).to_have_js_property("complete", True)
        expect(buttons(page).nth(number)).to_have_accessible_name("GIF 재생")
    expect(images(page).first).to_have_js_property("naturalWidth", 120)

    # The user's own pending images stand still too.
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/gif", hold)
    page.set_input_files("#gif", {"name": "a.gif", "mimeType": "image/gif", "buffer": BALL})
    expect(page.locator("#preview canvas")).to_be_visible()
    expect(page.locator("#preview img")).to_have_count(0)
    page.press("#caption", "Enter")
    expect(page.locator("#chat-list .pending img")).to_have_attribute("src", re.compile("^data:image/png"))
    expect(page.locator("#chat-list .pending .play")).to_have_count(0)
    until(page, lambda: bool(held))
    held[0].continue_()
    expect(page.locator("#chat-list .mine[data-seq] img")).to_have_attribute("src", POSTER)
    assert [path for path in paths if GIF.match(path)] == []

    buttons(page).first.press("Enter")
    expect(images(page).first).to_have_attribute("src", GIF)
    expect(buttons(page).first).to_have_accessible_name("GIF 멈추기")
    expect(images(page).nth(1)).to_have_attribute("src", POSTER)

    # Changes of the system setting take effect at once, in both directions.
    page.emulate_media(reduced_motion="no-preference")
    for number in range(2):
        expect(images(page).nth(number)).to_have_attribute("src", GIF)
    page.emulate_media(reduced_motion="reduce")
    for number in range(2):
        expect(images(page).nth(number)).to_have_attribute("src", POSTER)
        expect(buttons(page).nth(number)).to_have_accessible_name("GIF 재생")


def test_animations_out_of_sight_are_paused(people: People, host: Visitor) -> None:
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

    # An image stopped by hand is only restarted by hand.
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


def test_a_flashing_image_plays_only_on_a_press_and_only_while_it_is_seen(people: People, host: Visitor) -> None:
    """In the list, the viewer, the shelf and the projector view, even where everything may move."""
    room = host.room()
    send(host, room, film(frames(BLACK, WHITE)))
    page = people.arrive(locale="en-US")
    asked = requested(page)
    enter(page, room)
    shown, button = images(page).first, buttons(page).first
    expect(button).to_have_accessible_name("Flashing image · press to play")
    expect(button).to_be_visible()
    expect(shown).to_have_attribute("src", POSTER)
    page.evaluate("document.documentElement.dataset.motion = 'moving'")
    page.locator("#chat-list .picture a").first.click()
    viewed = page.locator("#viewer .picture")
    expect(viewed.locator("img")).to_have_attribute("src", POSTER)
    expect(viewed.get_by_text("Flashing image · press to play")).to_be_visible()
    page.keyboard.press("Escape")
    page.click("#shelf-btn")
    page.click("#shelf [data-shows=recent]")
    found = page.locator("#shelf .gif")
    expect(found).to_have_attribute("title", "GIF 1 · Flashing image")
    found.hover()
    expect(found.locator("img")).to_have_attribute("src", POSTER)
    page.keyboard.press("Escape")
    assert [path for path in asked if GIF.match(path)] == []

    button.click()
    expect(shown).to_have_attribute("src", GIF)
    expect(button).to_have_accessible_name("Flashing image · press to stop")
    button.click()
    expect(shown).to_have_attribute("src", POSTER)
    button.click()
    hide(page, True)
    hide(page, False)
    expect(button).to_have_accessible_name("Flashing image · press to play")
    expect(shown).to_have_attribute("src", POSTER)

    page.goto(f"/room/{room}/screen")
    expect(button).to_have_accessible_name("Flashing image")
    expect(button).to_be_visible()
    expect(shown).to_have_attribute("src", POSTER)


def test_images_loaded_by_scrolling_up_are_animated_too(people: People, host: Visitor) -> None:
    room = host.room()
    send(host, room, BALL)
    for number in range(55):
        host.json("POST", f"/room/{room}/chat", json={"chat": f"{number}번째"})
    page = people.arrive()
    enter(page, room)
    expect(images(page)).to_have_count(0)
    scroll_to(page, "0")
    expect(images(page)).to_have_attribute("src", POSTER)
    images(page).scroll_into_view_if_needed()
    expect(images(page)).to_have_attribute("src", GIF)


# --- layout


SENT = [("PNG", 16, 16), ("GIF", 16, 16), ("GIF", 120, 80), ("PNG", 900, 30), ("GIF", 60, 900), ("JPEG", 400, 300)]


def boxes(page: Page) -> list[dict[str, float]]:
    found: list[dict[str, float]] = page.eval_on_selector_all(
        "#chat-list > *", "(lines) => lines.map((line) => line.getBoundingClientRect().toJSON())"
    )
    return found


def markup(line: Locator) -> str:
    """Return what is in a line, apart from the URL that each page makes anew for a face."""
    return re.sub(r"\s+", " ", re.sub(r"blob:[^&]*", "", line.inner_html()))


def test_loading_images_does_not_move_the_page(people: People, host: Visitor) -> None:
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
    # Never larger than its own size, 320 pixels or the screen, and in its own proportions.
    shown = []
    for image in images(page).all():
        image.scroll_into_view_if_needed()
        expect(image).not_to_have_js_property("naturalWidth", 0)
        expect(image).to_have_js_property("complete", True)
        box = image.bounding_box()
        assert box is not None
        shown.append((box["width"], box["height"]))
    for (_, width, height), (shown_width, shown_height) in zip(SENT, shown, strict=True):
        assert shown_width <= min(width, 320) and shown_height <= min(height, 320)
        assert max(shown_width / min(width, 320), shown_height / min(height, 320)) > 0.9
        assert shown_width / shown_height == pytest.approx(width / height, rel=0.05)
    page.evaluate("document.getElementById('latest').click()")
    until(page, lambda: boxes(page) == before)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    # The page renders a line as the server does.
    made = page.locator("#chat-list .other").last
    send(host, room, HIGH)
    expect(images(page)).to_have_count(len(SENT) + 1)
    expect(images(page).last).to_have_attribute("src", GIF)
    drawn = markup(made)
    page.reload()
    joined(page)
    expect(images(page).last).to_have_attribute("src", GIF)
    assert markup(made) == drawn


@pytest.mark.parametrize("size", [(498, 280), (700, 600), (600, 700)])
def test_the_motion_button_stays_on_an_image_shown_scaled_down(
    people: People, host: Visitor, size: tuple[int, int]
) -> None:
    room = host.room()
    send(host, room, encoded("GIF", frames=2, size=size))
    page = people.arrive()
    enter(page, room)
    expect(images(page)).to_have_js_property("complete", True)
    image, button = images(page).bounding_box(), buttons(page).bounding_box()
    assert image is not None and button is not None
    assert image["x"] <= button["x"] and button["x"] + button["width"] <= image["x"] + image["width"]
    # There is nothing clickable beside it.
    assert page.locator("#chat-list .picture a").bounding_box() == image


@pytest.mark.parametrize("width", [30, 80, 95])
def test_the_motion_button_is_inside_a_narrow_image_or_beside_it(people: People, host: Visitor, width: int) -> None:
    room = host.room()
    image = encoded("GIF", frames=2, size=(width, 300))
    send(host, room, image)
    page = people.arrive()
    enter(page, room)
    page.set_input_files("#gif", {"name": "a.gif", "mimeType": "image/gif", "buffer": image})
    page.press("#caption", "Enter")
    expect(page.locator("#chat-list .mine[data-seq] .play")).to_be_visible()
    for line in (".other", ".mine"):
        shown = page.locator(f"#chat-list {line} .picture img").bounding_box()
        circle = page.locator(f"#chat-list {line} .play svg").bounding_box()
        assert shown is not None and circle is not None
        left, right = circle["x"], circle["x"] + circle["width"]
        inside = shown["x"] <= left and right <= shown["x"] + shown["width"]
        assert inside or right <= shown["x"] or left >= shown["x"] + shown["width"]
        assert inside == (width == 95)


def test_a_missing_image_is_shown_as_gone_and_can_return(people: People, host: Visitor, server: Server) -> None:
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
    page.route("**/gif/*", lambda route: route.continue_())  # this also disables the browser's cache
    page.reload()
    joined(page)
    missing = page.locator("#chat-list .missing")
    expect(missing).to_have_text(re.compile(r"이미지를 볼 수 없습니다\.\s+다시 시도"))
    expect(image).to_have_js_property("complete", True)
    assert line.bounding_box() == before

    # It may come back, as after a short network failure.
    missing.click()
    expect(missing).to_be_visible()
    file.write_bytes(content)
    missing.click()
    expect(missing).to_be_hidden()
    expect(image).to_have_js_property("naturalWidth", 200)
    assert people.troubles and all("404" in trouble for trouble in people.troubles)
    people.troubles.clear()
