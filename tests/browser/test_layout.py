"""What a room's page does with its space: wide, narrow or low, with large text, around a notch, above a keyboard."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FloatRect, Page, ViewportSize, expect

from tests.browser.conftest import People, make_room
from tests.browser.room_page import joined, until
from tests.server import running

PHONE: ViewportSize = {"width": 360, "height": 740}
LONG_TITLE = "현장 학습 이야기를 나누는 방 " * 3 + "끝"


@pytest.fixture(scope="module")
def everybody(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """Run one server for all these tests."""
    with running(tmp_path_factory.mktemp("layout") / "data", "--grace", "30") as server:
        people = People(browser, server.port)
        yield people
        people.leave()


@pytest.fixture
def page(everybody: People) -> Iterator[Page]:
    """Return a page in a room of its own with a long title, on a phone's screen."""
    page = everybody.arrive()
    page.set_viewport_size(PHONE)
    make_room(page, LONG_TITLE)
    joined(page)
    yield page
    page.close()
    assert not everybody.troubles


def box(page: Page, selector: str) -> FloatRect:
    """Return where an element is."""
    found = page.locator(selector).bounding_box()
    assert found is not None
    return found


def share(page: Page, selector: str) -> float:
    """Return how much of the screen's height an element has."""
    taken: float = page.locator(selector).evaluate("element => element.clientHeight / innerHeight")
    return taken


def check_edges(page: Page, size: ViewportSize, insets: dict[str, int], *selectors: str) -> None:
    """Check that elements keep off the insets of a screen, and that the header's own colour reaches its edges."""
    page.set_viewport_size(size)
    page.context.new_cdp_session(page).send("Emulation.setSafeAreaInsetsOverride", {"insets": insets})
    until(page, lambda: box(page, "#title")["y"] >= insets["top"] and box(page, "#title")["x"] == insets["left"] + 16)
    for selector in selectors:
        there = box(page, selector)
        assert there["x"] >= insets["left"], selector
        assert there["y"] >= insets["top"], selector
        assert there["x"] + there["width"] <= size["width"] - insets["right"], selector
        assert there["y"] + there["height"] <= size["height"] - insets["bottom"], selector
    bar = box(page, ".room-bar")
    assert (bar["x"], bar["width"]) == (0, size["width"])


@pytest.mark.parametrize(
    ("width", "height", "text"), [(320, 256, "100%"), (360, 740, "200%"), (390, 150, "100%"), (700, 340, "100%")]
)
def test_the_messages_keep_half_of_a_screen_that_is_small_for_its_text(
    page: Page, width: int, height: int, text: str
) -> None:
    """Maximum zoom on a laptop, the largest text on a phone, above a keyboard, and a phone on its side."""
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("size => document.documentElement.style.fontSize = size", text)
    until(page, lambda: share(page, "#chat-scroll") >= 0.5)
    for selector in ("#title", "[data-panel=people]", "#search-btn", ".looks summary", "#exit-btn"):
        expect(page.locator(selector)).to_be_in_viewport(ratio=1)
    for selector in ("#gif + label", "#shelf-btn", "#chat", "#chat-form [type=submit]"):
        expect(page.locator(selector)).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    # A draft takes no more than the rest.
    page.fill("#chat", "하나\n둘\n셋\n넷\n다섯\n여섯")
    until(page, lambda: share(page, "#chat-scroll") >= 0.4)


def test_people_are_beside_the_chat_from_720_pixels_and_stay_closed_once_closed(page: Page) -> None:
    page.set_viewport_size({"width": 719, "height": 740})
    expect(page.locator("#people")).to_be_hidden()
    page.set_viewport_size({"width": 720, "height": 740})
    expect(page.locator("#side #people")).to_be_visible()
    chat, side = box(page, "#chat-scroll"), box(page, "#side")
    assert chat["width"] >= 360
    assert chat["x"] + chat["width"] <= side["x"]
    assert side["x"] + side["width"] == 720

    page.click("#people [data-action=close]")
    expect(page.locator("#side")).to_be_hidden()
    assert box(page, "#chat-scroll")["width"] == 720
    page.reload()
    joined(page)
    expect(page.locator("#side")).to_be_hidden()
    page.click("#search-btn")
    expect(page.locator("#side #search")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#side")).to_be_hidden()
    # In another room, too; and what is done with the sheet of a narrow screen changes nothing.
    page.set_viewport_size(PHONE)
    make_room(page, "다른 방")
    joined(page)
    page.click("[data-panel=people]")
    expect(page.locator("#sheet #people")).to_be_visible()
    page.set_viewport_size({"width": 720, "height": 740})
    expect(page.locator("#sheet")).to_be_hidden()
    expect(page.locator("#side")).to_be_hidden()

    page.click("[data-panel=people]")
    expect(page.locator("#side #people")).to_be_visible()
    page.reload()
    joined(page)
    expect(page.locator("#side #people")).to_be_visible()
    # Beside text of twice the size there is no room for them.
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    expect(page.locator("#side")).to_be_hidden()
    page.click("[data-panel=people]")
    expect(page.locator("#sheet #people")).to_be_visible()


def test_a_title_that_is_cut_can_be_read_whole(page: Page) -> None:
    title = page.locator("#title")
    cut = "title => title.scrollWidth > title.clientWidth"
    expect(title).to_have_attribute("title", LONG_TITLE)
    expect(title).to_have_text(LONG_TITLE)
    assert title.evaluate(cut)
    title.click()
    expect(title).to_be_focused()
    assert not title.evaluate(cut)
    page.locator("#chat").focus()
    assert title.evaluate(cut)
    # Nothing lies over it, and the tab key comes to it.
    page.set_viewport_size({"width": 720, "height": 740})
    place = title.bounding_box()
    assert place is not None
    for down in (1, place["height"] / 2, place["height"] - 1):
        above = "([x, y]) => document.elementFromPoint(x, y).id"
        assert page.evaluate(above, [place["x"] + 20, place["y"] + down]) == "title"
    page.focus("[data-panel=people]")
    page.keyboard.press("Shift+Tab")
    expect(title).to_be_focused()
    # A short one is no control.
    make_room(page, "짧은 방")
    joined(page)
    expect(title).not_to_have_attribute("tabindex", "0")
    expect(title).to_have_attribute("title", "")


def test_the_inspector_leaves_a_phone_half_of_its_screen_for_the_chat(page: Page) -> None:
    page.keyboard.press("F9")
    expect(page.locator("#inspector")).to_be_in_viewport(ratio=1)
    inspector = box(page, "#inspector")
    assert inspector["y"] >= PHONE["height"] / 2
    for selector in ("#title", "#exit-btn", "#chat", "#chat-form [type=submit]"):
        expect(page.locator(selector)).to_be_in_viewport(ratio=1)
    # A frame is explained in place of the list.
    page.locator(".frame").last.click()
    expect(page.locator(".inspector-side")).to_be_visible()
    assert box(page, ".inspector-side") == box(page, ".frames-scroll")
    assert box(page, ".inspector-side")["height"] >= 0.2 * PHONE["height"]
    page.click('#inspector [data-part="back"]')
    expect(page.locator(".inspector-side")).to_be_hidden()

    # On its side, they are beside each other.
    page.set_viewport_size({"width": 740, "height": 360})
    until(page, lambda: share(page, "#chat-scroll") >= 0.5)
    assert box(page, "#inspector")["x"] >= 370
    assert box(page, "#chat-form")["x"] + box(page, "#chat-form")["width"] <= 370
    expect(page.locator("#inspector")).to_be_in_viewport(ratio=1)
    page.keyboard.press("F9")
    expect(page.locator("#inspector")).to_be_hidden()
    expect(page.locator("#side #people")).to_be_visible()


def test_nothing_lies_under_a_notch_a_home_bar_or_a_keyboard(page: Page) -> None:
    upright = {"top": 47, "bottom": 34, "left": 0, "right": 0}
    on_its_side = {"top": 0, "bottom": 21, "left": 47, "right": 47}
    check_edges(page, PHONE, upright, "#title", "#exit-btn", "#chat-form")
    check_edges(page, {"width": 740, "height": 360}, on_its_side, "#title", "#exit-btn", "#chat-form", "#side .person")
    check_edges(page, PHONE, dict.fromkeys(upright, 0), "#title")

    # As iOS has it: the keyboard lies over a page whose height stays.
    page.set_viewport_size(PHONE)
    page.evaluate("document.documentElement.style.setProperty('--keyboard', '300px')")
    until(page, lambda: box(page, "#chat-form")["y"] + box(page, "#chat-form")["height"] <= 440)
    assert share(page, "#chat-scroll") >= 0.25
    page.click("#shelf-btn")
    expect(page.locator("#shelf-text")).to_be_visible()
    until(page, lambda: box(page, "#sheet")["y"] + box(page, "#sheet")["height"] <= 440)
