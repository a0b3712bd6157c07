"""Changing messages: reactions, replies, edits and deletions, in real browsers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import People, make_room, say
from tests.browser.room_page import enter, handle, joined, scroll_to, send_images
from tests.browser.wire import Wire
from tests.server import Server, running

QUICK = '[data-emoji="👍"]'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server for all these tests, without throttling."""
    with running(tmp_path_factory.mktemp("changes") / "data", "--grace", "30", "--rate", "0") as server:
        yield server


def line(page: Page, text: str) -> Locator:
    """Return the line that contains `text`, as its own or in a quote."""
    return page.locator("#chat-list > [data-seq]", has_text=text)


def act(line: Locator, choice: str) -> None:
    """Choose from a line's menu."""
    line.hover()
    line.locator(".more").click()
    line.page.click(f"#actions {choice}")


def top_of(line: Locator) -> float:
    """Return the vertical position of a line on the screen."""
    box = line.bounding_box()
    assert box
    return box["y"]


def delete(line: Locator) -> None:
    """Delete a line's message and confirm it."""
    act(line, "[data-action=delete]")
    line.page.click("#confirm [type=submit]")


def test_reactions_can_be_added_and_removed_by_mouse_touch_and_keyboard(people: People) -> None:
    host, guest = people.arrive(), people.arrive(phone=True)
    room = make_room(host, "반응")
    user = joined(host)
    visitor = enter(guest, room)
    say(host, "좋은 소식")
    theirs = line(guest, "좋은 소식")
    theirs.tap()
    theirs.locator(".more").tap()
    guest.tap(f"#actions {QUICK}")
    mine = line(host, "좋은 소식").locator('[data-emoji="👍"]')
    expect(mine).to_have_text("👍 1")
    expect(mine).to_have_attribute("aria-pressed", "false")
    expect(mine).to_have_attribute("aria-description", handle(host, visitor))
    expect(guest.locator("#actions")).to_be_hidden()

    # The pressed button keeps the focus when its line is redrawn.
    mine.focus()
    host.keyboard.press("Enter")
    expect(mine).to_have_text("👍 2")
    expect(mine).to_have_attribute("aria-pressed", "true")
    expect(mine).to_have_attribute("aria-description", f"{handle(host, visitor)}, {handle(host, user)}")
    expect(mine).to_be_focused()
    button = theirs.locator('[data-emoji="👍"]')
    expect(button).to_have_text("👍 2")
    expect(button).to_have_attribute("aria-pressed", "true")
    button.tap()
    expect(mine).to_have_text("👍 1")
    expect(button).to_have_attribute("aria-pressed", "false")
    host.keyboard.press("Enter")
    expect(line(host, "좋은 소식").locator(".reaction")).to_have_count(0)
    expect(line(host, "좋은 소식")).to_be_focused()


def test_any_emoji_can_be_chosen_by_keyboard_in_a_skin_tone_that_is_remembered(people: People) -> None:
    host, guest = people.arrive(), people.arrive(phone=True)
    room = make_room(host, "이모지")
    joined(host)
    enter(guest, room)
    say(host, "좋은 소식")
    theirs = line(guest, "좋은 소식")
    line(host, "좋은 소식").locator(".more").focus()
    host.keyboard.press("Enter")
    more = host.locator("#actions [data-action=emoji]")
    more.focus()
    host.keyboard.press("Enter")
    picker = host.locator("#emojis")
    expect(host.locator("#emoji-text")).to_be_focused()
    expect(picker.locator(".emoji")).not_to_have_count(0)
    host.keyboard.press("Escape")
    expect(more).to_be_focused()
    host.keyboard.press("Enter")
    host.select_option("#emoji-tone", "🏽")
    host.locator("#emoji-text").focus()
    for query in ("astronaut", "우주 비행사"):  # in the other language, too
        host.fill("#emoji-text", query)
        expect(picker.locator(".emoji:visible").first).to_have_text("🧑🏽‍🚀")
    host.keyboard.press("ArrowDown")
    expect(picker.locator(".emoji:visible").first).to_be_focused()
    host.keyboard.press("Enter")
    expect(theirs.locator('[data-emoji="🧑🏽‍🚀"]')).to_have_text("🧑🏽‍🚀 1")
    expect(line(host, "좋은 소식").locator(".more")).to_be_focused()
    host.reload()
    said = line(host, "좋은 소식")
    expect(said.locator('[aria-pressed="true"]')).to_have_text("🧑🏽‍🚀 1")

    # Also from the end of the reactions; what is typed on an emoji searches.
    joined(host)
    said.locator(".add-reaction").click()
    expect(picker.locator("section:visible .emoji").first).to_have_text("🧑🏽‍🚀")
    host.keyboard.press("ArrowDown")
    host.keyboard.press("End")
    host.keyboard.press("ArrowDown")
    assert host.evaluate("document.activeElement.matches('.emoji')")
    host.keyboard.type("thumbs up")
    picker.locator(".emoji:visible").first.click()
    expect(theirs.locator(".reaction")).to_have_text(["🧑🏽‍🚀 1", "👍🏽 1"])
    expect(said.locator(".add-reaction")).to_be_focused()


def test_a_reply_quotes_the_current_state_of_its_target_and_links_to_it(people: People, gif: Path) -> None:
    host, guest = people.arrive(), people.arrive()
    room = make_room(host, "답장")
    joined(host)
    enter(guest, room)
    say(host, "몇 시에 만날까?")
    act(line(guest, "몇 시에"), "[data-action=reply]")
    say_later = "세 시요"
    guest.fill("#chat", say_later)
    guest.reload()
    joined(guest)
    expect(guest.locator("#reply .quote-text")).to_have_text("몇 시에 만날까?")
    guest.press("#chat", "Enter")
    expect(guest.locator("#reply")).to_be_hidden()
    quote = line(host, say_later).first.locator(".quote-text")
    expect(quote).to_have_text("몇 시에 만날까?")

    # Images can be replies and can be replied to.
    act(line(host, say_later), "[data-action=reply]")
    send_images(host, gif)
    picture = guest.locator("#chat-list > .other", has=guest.locator(".picture"))
    expect(picture.locator(".quote-text")).to_have_text(say_later)
    act(picture, "[data-action=reply]")
    say(guest, "멋져요")
    expect(line(host, "멋져요").locator(".quote canvas")).to_be_visible()

    # An edit also shows in every quote.
    act(line(host, "몇 시에").first, "[data-action=edit]")
    host.fill("#edit-text", "몇 시에\n모일까?")
    host.press("#edit-text", "Enter")
    expect(quote).to_have_text("몇 시에 모일까?")
    expect(line(guest, say_later).first.locator(".quote-text")).to_have_text("몇 시에 모일까?")
    original = guest.locator("#chat-list > .other").first
    expect(original.locator(".edited time")).not_to_be_empty()
    expect(original.locator("> .text")).to_have_text("몇 시에 모일까?")
    line(guest, say_later).first.locator(".quote").click()
    expect(original).to_be_focused()


def test_a_deleted_message_disappears_everywhere(people: People, gif: Path) -> None:
    host, guest = people.arrive(), people.arrive()
    room = make_room(host, "삭제")
    joined(host)
    enter(guest, room)
    send_images(guest, gif, caption="지울 사진")
    act(line(host, "지울 사진"), QUICK)
    act(line(host, "지울 사진"), "[data-action=reply]")
    say(host, "답")
    answer = line(guest, "답")
    expect(answer.locator(".quote-text")).to_have_text("지울 사진")
    # The guest has it in the viewer and in the search results.
    host.click("#search-btn")
    host.fill("#search-text", "지울")
    expect(host.locator("#search .result")).to_have_count(1)
    host.click("#chat-list > .other .picture a")
    expect(host.locator("#viewer img")).to_be_visible()
    delete(guest.locator("#chat-list > .mine").first)
    expect(host.locator("#viewer")).to_be_hidden()
    expect(host.locator("#search .result")).to_have_count(0)
    for page in (host, guest):
        expect(page.locator("[data-deleted=sender] .deleted-text")).to_have_text("삭제된 메시지입니다.")
        expect(page.locator("#chat-list img, #chat-list .reaction")).to_have_count(0)
        expect(page.locator("#chat-list .quote-text")).to_have_text("삭제된 메시지입니다.")
        expect(line(page, "지울")).to_have_count(0)

    # Only the owner can delete others' messages.
    say(guest, "심한 말")
    act(answer, "[data-action=reply]")
    expect(guest.locator("#actions [data-action=delete]")).to_be_hidden()
    delete(line(host, "심한 말"))
    expect(guest.locator("[data-deleted=owner] .deleted-text")).to_have_text("방장이 삭제한 메시지입니다.")
    guest.reload()
    joined(guest)
    expect(guest.locator("[data-deleted]")).to_have_count(2)
    expect(guest.locator("#chat-list .quote-text")).to_have_text("삭제된 메시지입니다.")


def test_a_change_does_not_scroll_the_reader_and_is_caught_up_with(people: People, gif: Path) -> None:
    host, guest = people.arrive(), people.arrive()
    wire = Wire(guest, lambda up, frame: False)
    room = make_room(host, "자리")
    joined(host)
    for number in range(30):
        host.context.request.post(f"/room/{room}/chat", data={"chat": f"옛말 {number}호"})
    send_images(host, gif, caption="위의 사진")
    for number in range(30):
        host.context.request.post(f"/room/{room}/chat", data={"chat": f"{number}번째"})
    enter(guest, room)
    guest.locator("#chat-list img").evaluate("image => image.scrollIntoView()")
    expect(guest.locator("#chat-list img")).to_have_js_property("complete", True)
    read = line(guest, "4번째").first
    # The image is above the view, and of the line before it only the end is visible.
    read.evaluate("line => line.scrollIntoView({ block: 'start' })")
    scroll_to(guest, "area.scrollTop - 30")
    top = top_of(read)
    delete(line(host, "위의 사진"))
    expect(guest.locator("#chat-list [data-deleted]")).to_have_count(1)
    assert abs(top_of(read) - top) < 1
    act(line(host, "옛말 0호"), QUICK)  # too far back for the guest's page
    expect(line(host, "옛말 0호").locator(".reaction")).to_have_count(1)
    act(line(host, "3번째").first, QUICK)
    expect(guest.locator(".reaction")).to_have_count(1)
    assert abs(top_of(read) - top) < 1

    # While the guest is offline.
    wire.holds = lambda up, frame: "/chat," in frame
    act(line(host, "5번째").first, QUICK)
    expect(line(host, "5번째").first.locator(".reaction")).to_have_count(1)
    wire.cut()
    expect(line(guest, "5번째").first.locator(".reaction")).to_have_count(1)
    expect(line(guest, "옛말 0호")).to_have_count(0)
    guest.locator("#older").evaluate("button => button.click()")
    expect(line(guest, "옛말 0호").locator(".reaction")).to_have_count(1)
