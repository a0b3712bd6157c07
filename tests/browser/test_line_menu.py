"""The menu of a line, however it is opened, and what is changed over a bad network."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import People, make_room, say
from tests.browser.network import Network
from tests.browser.room_page import enter, handle, joined, until
from tests.server import Server, running

ANSWERED_WITHIN_MS = 8_000
SILENCE_MS = 50_000
"""Longer than the heartbeat: a ping every 25 s plus a timeout of 20 s."""

TOUCH_PX = 44

ITEMS = """Array.from(document.querySelectorAll("#actions button:not([hidden])"),
    ({ dataset, type }) => dataset.emoji ?? dataset.action ?? type)"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server for all these tests, without throttling."""
    with running(tmp_path_factory.mktemp("menu") / "data", "--grace", "30", "--rate", "0") as server:
        yield server


def line(page: Page, text: str) -> Locator:
    """Return the line of the message `text`."""
    return page.locator("#chat-list > [data-id]", has_text=text)


def hold(target: Locator) -> None:
    """Press on the middle of `target` until something opens there, and let go."""
    expect(target.page.locator("#chat-list.swipes")).to_be_attached()  # what fingers need is loaded
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    assert box
    touch = target.page.context.new_cdp_session(target.page)
    point = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    expect(target.page.locator("#actions[open], #givers:not([hidden])")).to_be_visible()
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


class Finger:
    """One finger on a touch screen."""

    def __init__(self, page: Page) -> None:
        self._touch = page.context.new_cdp_session(page)

    def drag(self, target: Locator, across: float, along: float = 0) -> Locator:
        """Drag from the middle of `target`; return what shows whether letting go answers the line."""
        box = target.bounding_box()
        assert box
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self._send("touchStart", {"x": x, "y": y})
        for part in (0.25, 0.5, 0.75, 1):
            self._send("touchMove", {"x": x + across * part, "y": y + along * part})
        return target.page.locator(".swipe-cue")

    def let_go(self) -> None:
        """End the touch."""
        self._send("touchEnd")

    def _send(self, kind: str, *points: dict[str, float]) -> None:
        self._touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})


def test_a_line_dragged_to_the_left_is_answered(people: People) -> None:
    host, phone = people.arrive(), people.arrive(phone=True)
    room = make_room(host, "밀어서 답장")
    joined(host)
    enter(phone, room)
    for number in range(15):
        say(host, f"{number}번째 메시지입니다. 어서 오세요.")
    expect(phone.locator("#chat-list.swipes")).to_be_visible()
    finger = Finger(phone)
    text = line(phone, "13번째").locator(".text")
    reply, area = phone.locator("#reply"), phone.locator("#chat-scroll")
    expect(text).to_be_in_viewport()
    # Too short, and to the right.
    expect(finger.drag(text, -40)).to_be_visible()
    finger.let_go()
    expect(phone.locator(".swipe-cue")).to_have_count(0)
    expect(line(phone, "13번째")).to_have_css("translate", "none")
    expect(finger.drag(text, 90)).to_have_count(0)
    finger.let_go()
    expect(reply).to_be_hidden()

    expect(finger.drag(text, -90)).to_have_class("swipe-cue enough")
    finger.let_go()
    expect(reply.locator("[data-part=quote-text]")).to_have_text(re.compile("13번째"))
    expect(phone.locator("#chat")).to_be_focused()
    # Chromium takes a tap that follows within a moment for the end of the drag.
    reply.locator("[data-part=clear]").dispatch_event("click")

    # Along, the chat scrolls as ever.
    top = area.evaluate("area => area.scrollTop")
    finger.drag(text, -60, 150)
    finger.let_go()
    until(phone, lambda: area.evaluate("area => area.scrollTop") < top)
    expect(reply).to_be_hidden()


def assert_on_screen(box: Locator) -> None:
    """Check that all of `box` is on the screen, and that a finger can hit each of its buttons."""
    left, top, right, bottom, least = box.evaluate(
        """(box) => {
            const { left, top, right, bottom } = box.getBoundingClientRect();
            const buttons = [...box.querySelectorAll("button:not([hidden])")].map((one) => one.getBoundingClientRect());
            const least = Math.min(...buttons.flatMap(({ width, height }) => [width, height]));
            return [left, top, innerWidth - right, innerHeight - bottom, least];
        }"""
    )
    assert min(left, top, right, bottom) >= 0
    assert least >= TOUCH_PX


def test_one_menu_opens_by_long_press_mouse_and_keyboard_on_any_screen(people: People) -> None:
    host, phone = people.arrive(), people.arrive(phone=True, locale="en-US")
    room = make_room(host, "메뉴")
    user = joined(host)
    enter(phone, room)
    say(host, "길게 눌러 보세요")
    say(phone, "네")
    menu = phone.locator("#actions")

    # A long press selects nothing, and letting go chooses nothing and closes nothing.
    hold(line(phone, "길게").locator(".text"))
    assert phone.evaluate("getSelection().toString()") == ""
    expect(menu).to_be_visible()
    by_touch = phone.evaluate(ITEMS)
    assert_on_screen(menu)
    menu.locator('[data-emoji="🎉"]').tap()
    expect(menu).to_be_hidden()
    given = line(host, "길게").locator(".reaction")
    expect(given).to_have_text("🎉 1")

    # The same items by mouse and by each key, and the focus returns to where it was.
    menu = host.locator("#actions")
    target = line(host, "네")
    target.hover()
    target.locator(".more").click()
    expect(menu).to_be_visible()
    assert host.evaluate(ITEMS) == [*by_touch[:-1], "delete", "cancel"]  # of the room's owner
    host.keyboard.press("ArrowRight")
    expect(menu.locator('[data-emoji="❤️"]')).to_be_focused()
    host.keyboard.press("End")
    expect(menu.locator("[data-action=cancel]")).to_be_focused()
    host.keyboard.press("Escape")
    expect(target.locator(".more")).to_be_focused()
    target.evaluate("line => line.tabIndex = -1")
    for key in ("Enter", "ContextMenu", "Shift+F10"):
        target.focus()
        host.keyboard.press(key)
        expect(menu).to_be_visible()
        host.keyboard.press("Escape")
        expect(target).to_be_focused()

    # At 320 px, and at 400 % zoom.
    for width, height in ((320, 600), (320, 256)):
        host.set_viewport_size({"width": width, "height": height})
        target.locator(".more").focus()
        host.keyboard.press("Enter")
        assert_on_screen(menu)
        host.keyboard.press("Escape")

    # Who gave a reaction: by keyboard, and by a long press, which does not press it.
    given.focus()
    expect(host.locator("#givers li")).to_have_count(1)
    host.keyboard.press("Enter")
    expect(given).to_have_text("🎉 2")
    host.keyboard.press("Tab")
    expect(host.locator("#givers")).to_be_hidden()
    hold(line(phone, "길게").locator(".reaction"))
    expect(phone.locator("#givers li")).to_have_count(2)
    expect(phone.locator("#givers li").last).to_have_text(handle(phone, user))
    expect(line(phone, "길게").locator(".reaction")).to_have_attribute("aria-pressed", "true")


@pytest.fixture
def classmates(browser: Browser, server: Server) -> Iterator[tuple[People, Network]]:
    """Return the people on a failing network. Their browsers log each failed request, which is allowed."""
    with Network(server.port) as network:
        people = People(browser, network.port)
        yield people, network
        people.leave()
    assert not [trouble for trouble in people.troubles if not re.search(r"net::ERR_|WebSocket", trouble)]


def choose(line: Locator, choice: str) -> None:
    """Choose from a line's menu by keyboard."""
    line.locator(".more").focus()
    line.page.keyboard.press("Enter")
    line.page.click(f"#actions {choice}")


def test_changes_over_a_bad_network_are_shown_at_once_and_done_once(
    people: People, classmates: tuple[People, Network]
) -> None:
    others, network = classmates
    host, away = people.arrive(), others.arrive()
    away.clock.install()
    room = make_room(host, "끊김")
    joined(host)
    enter(away, room)
    for text in ("고칠 말", "지울 말", "남을 말"):
        say(away, text)
        expect(line(host, text)).to_be_visible()

    say(host, "들은 말")
    heard = line(away, "들은 말")
    choose(heard, '[data-emoji="👍"]')
    expect(line(host, "들은 말").locator(".reaction")).to_have_text("👍 1")

    # The network is gone and the page does not know: nothing hangs.
    network.lose()
    choose(heard, '[data-emoji="🎉"]')
    choose(line(away, "고칠 말"), "[data-action=edit]")
    away.fill("#edit-text", "고친 말")
    away.press("#edit-text", "Enter")
    edited = line(away, "고친 말")
    expect(edited).to_have_class(re.compile("pending"))
    expect(heard.locator('[data-emoji="🎉"]')).to_have_attribute("aria-pressed", "true")
    away.clock.fast_forward(ANSWERED_WITHIN_MS)
    expect(edited.locator("[data-part=change-state]")).to_contain_text("저장하지 못했습니다")
    expect(edited.locator("[data-action=change-again]")).to_be_visible()
    expect(heard.locator('[data-emoji="🎉"]')).to_have_count(0)

    # Now it knows: what is changed waits.
    away.clock.fast_forward(SILENCE_MS)
    expect(away.locator("#connection")).to_be_visible()
    choose(line(away, "지울 말"), "[data-action=delete]")
    away.click("#confirm [type=submit]")
    choose(heard, '[data-emoji="😂"]')
    expect(line(away, "지울 말").locator("[data-part=change-state]")).to_have_text("연결되면 삭제합니다")
    expect(line(host, "고칠 말")).to_be_visible()
    away.click("#exit-btn")
    expect(away.locator("#confirm")).to_contain_text("저장하지 못한 변경이 있습니다.")
    away.keyboard.press("Escape")
    network.restore()
    until(away, lambda: not away.evaluate("document.querySelectorAll('.pending, .failed').length"))
    for page in (host, away):
        expect(line(page, "고친 말")).to_have_count(1)
        expect(line(page, "지울 말")).to_have_count(0)
        expect(line(page, "들은 말").locator(".reaction")).to_have_text(["👍 1", "😂 1"])

    # Given up, a failed edit leaves the text as it was.
    network.lose()
    choose(line(away, "남을 말"), "[data-action=edit]")
    away.fill("#edit-text", "바뀔 말")
    away.press("#edit-text", "Enter")
    away.clock.fast_forward(ANSWERED_WITHIN_MS)
    line(away, "바뀔 말").locator("[data-action=change-not]").click()
    expect(line(away, "남을 말").locator("[data-part=change]")).to_have_count(0)
    network.restore()


def test_the_new_text_of_what_was_deleted_meanwhile_is_not_lost(people: People) -> None:
    host, guest = people.arrive(), people.arrive()
    room = make_room(host, "늦음")
    joined(host)
    enter(guest, room)
    say(guest, "사라질 말")
    choose(line(guest, "사라질 말"), "[data-action=edit]")
    guest.fill("#edit-text", "늦은 말")
    choose(line(host, "사라질 말"), "[data-action=delete]")
    host.click("#confirm [type=submit]")
    expect(line(guest, "사라질 말")).to_have_count(0)
    guest.press("#edit-text", "Enter")
    expect(guest.locator("#chat-trouble")).to_contain_text("저장하지 못했습니다")
    expect(guest.locator("#chat")).to_have_value("늦은 말")


def test_a_refused_reaction_is_taken_back_and_its_giver_told_why(people: People) -> None:
    host, guest = people.arrive(), people.arrive()
    room = make_room(host, "거절")
    joined(host)
    enter(guest, room)
    say(host, "들은 말")
    heard = line(guest, "들은 말")
    choose(heard, '[data-emoji="👍"]')
    expect(line(host, "들은 말").locator(".reaction")).to_have_text("👍 1")
    guest.evaluate("""localStorage.setItem("gifchat-emoji", JSON.stringify({ used: ["말", "말"] }))""")
    choose(heard, '[data-emoji="말"]')
    expect(guest.locator("#chat-trouble")).to_contain_text("되돌렸습니다")
    expect(heard.locator(".reaction")).to_have_text("👍 1")
    guest.evaluate("localStorage.removeItem('gifchat-emoji')")
