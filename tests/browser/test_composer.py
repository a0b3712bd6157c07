"""The composer: its keys on a laptop and on a phone, its commands, and its space."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import People, make_room
from tests.browser.room_page import enter, handle, joined, until
from tests.browser.test_choices import choose
from tests.server import running

LEAST_TEXT_PX = 270
"""Of 320. A line of text had 105."""


class Place(NamedTuple):
    """A room with two people; the guest has a phone."""

    host: Page
    guest: Page
    visitor: str


@pytest.fixture(scope="module")
def place(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with running(tmp_path_factory.mktemp("composer") / "data", "--rate", "0") as server:
        people = People(browser, server.port)
        host, guest = people.arrive(), people.arrive(phone=True)
        room = make_room(host, "쓰기")
        joined(host)
        yield Place(host, guest, enter(guest, room))
        people.leave()
        assert not people.troubles


def test_commands_are_chosen_from_a_list_and_only_their_meaning_is_sent(place: Place) -> None:
    host, field = place.host, place.host.locator("#chat")
    said = place.guest.locator("#chat-list .other .text")
    chosen = host.locator("#completion [aria-selected=true]")
    field.press_sequentially("/")
    expect(chosen).to_contain_text("/w")
    expect(field).to_have_attribute("aria-controls", "completion")
    field.press("ArrowUp")
    expect(chosen).to_contain_text("/help")
    active = field.get_attribute("aria-activedescendant")
    assert host.locator(f"#{active}").get_attribute("aria-selected") == "true"
    field.press("Escape")
    expect(host.locator("#completion")).to_be_hidden()
    expect(field).not_to_have_attribute("aria-controls", "completion")
    field.press("Backspace")
    field.press_sequentially("/m")
    field.press("Tab")
    expect(field).to_have_value("/me ")
    field.press_sequentially("손을 흔든다")
    field.press("Enter")
    expect(said).to_have_text(["* 손을 흔든다"])

    # Code is written in the middle of its block, where Enter makes lines.
    field.press_sequentially("/c")
    field.press("Enter")
    for line in ("if True:", "    print(1)"):
        field.press_sequentially(line)
        field.press("Enter")
    expect(field).to_have_value("```\nif True:\n    print(1)\n\n```")
    expect(host.locator("#completion")).to_be_hidden()
    field.press("Backspace")
    field.press("Control+Enter")
    expect(field).to_have_value("")
    expect(said).to_have_count(2)

    field.fill("/nothing of ours")
    field.press("Enter")
    expect(host.locator("#chat-trouble")).to_contain_text("/nothing")
    expect(field).to_have_value("/nothing of ours")
    field.fill("/help")
    field.press("Enter")
    expect(host.locator("#help")).to_be_visible()
    host.keyboard.press("Escape")
    expect(field).to_be_focused()

    # After `/w`, people.
    field.press_sequentially(f"/w {handle(host, place.visitor)[:3]}")
    expect(chosen.locator(".chip")).to_have_attribute("data-who", place.visitor)
    chosen.click()
    expect(host.locator("#recipient .chip")).to_have_attribute("data-who", place.visitor)
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    field.press("Escape")
    expect(host.locator("#recipient")).to_be_hidden()
    expect(said).to_have_count(2)


def test_on_a_phone_enter_makes_a_line_and_the_text_has_the_whole_width(place: Place) -> None:
    guest, field = place.guest, place.guest.locator("#chat")
    guest.set_viewport_size({"width": 320, "height": 568})
    said = place.host.locator("#chat-list .other .text")
    width = """field => {
        const { paddingLeft, paddingRight } = getComputedStyle(field);
        return field.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
    }"""
    assert field.evaluate(width) >= LEAST_TEXT_PX
    expect(field).to_have_attribute("enterkeyhint", "enter")
    field.tap()
    field.press_sequentially("하나")
    field.press("Enter")
    field.press_sequentially("둘")
    expect(field).to_have_value("하나\n둘")
    guest.tap("#chat-form [type=submit]")
    expect(said).to_have_text(["하나\n둘"])
    # Five lines, then it scrolls.
    heights = []
    for lines in (1, 5, 6):
        field.fill("\n".join("가" * lines))
        heights.append(field.evaluate("field => field.clientHeight"))
    assert heights[1] == heights[2] > 3 * heights[0] / 2

    field.fill("가" * 1850)
    expect(guest.locator("#chat-form .hint")).to_have_text("150자 남음")
    field.press_sequentially("가" * 51)
    expect(guest.locator("#chat-form [role=status][data-part=told]")).to_have_text("100자 남음")
    expect(guest.locator("#chat-form .hint")).to_have_text("99자 남음")
    field.fill("")
    expect(guest.locator("#chat-form .hint")).to_be_empty()

    choose(guest, "enter", "send")
    guest.click("#title")
    field.tap()
    expect(field).to_have_attribute("enterkeyhint", "send")
    field.press_sequentially("셋")
    field.press("Enter")
    expect(said).to_have_text(["하나\n둘", "셋"])
    field.press_sequentially("```")
    expect(field).to_have_attribute("enterkeyhint", "enter")
    field.press("Enter")
    until(guest, lambda: field.input_value() == "```\n")
    field.fill("")
    choose(guest, "enter", "line")
    guest.reload()
    joined(guest)
    field.press_sequentially("넷")
    field.press("Enter")
    expect(field).to_have_value("넷\n")
