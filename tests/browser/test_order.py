"""Answers and events that arrive in an unusual order, twice, or after the user has moved on."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import People, make_room, say
from tests.browser.room_page import JSON, change, enter, joined, kept, until
from tests.browser.wire import Wire
from tests.server import Server, running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server for all these tests, without throttling."""
    with running(tmp_path_factory.mktemp("order") / "data", "--grace", "30", "--rate", "0") as server:
        yield server


def post(page: Page, room: str, chat: str, **further: str) -> None:
    """Post a message as the page's visitor, without using the page."""
    assert page.context.request.post(f"/room/{room}/chat", data={"chat": chat, **further}).ok


def test_events_that_arrive_before_the_join_is_answered_are_applied(people: People) -> None:
    host, guest = people.arrive(), people.arrive()
    room = make_room(host, "옛 제목")
    joined(host)
    wire = Wire(guest, lambda up, frame: frame.startswith("43/chat,"))
    guest.goto(f"/room/{room}")
    until(guest, lambda: bool(wire.held))
    [answer] = wire.held
    change(host, room, title="새 제목")
    expect(guest.locator("#title")).to_have_text("새 제목")
    expect(guest.locator("#members")).to_have_text("2/10명")
    answer()
    joined(guest)
    expect(guest.locator("#members")).to_have_text("2/10명")


def test_a_late_answer_to_a_join_loses_nothing(people: People) -> None:
    host, guest = people.arrive(), people.arrive()
    room = make_room(host, "늦은 대답")
    joined(host)
    guest.clock.install()
    wire = Wire(guest, lambda up, frame: up and '"join"' in frame)
    guest.goto(f"/room/{room}")
    until(guest, lambda: len(wire.held) == 1)
    post(host, room, "대답에 있는 말")
    wire.holds = lambda up, frame: "/chat," in frame
    wire.held.pop()()
    until(guest, lambda: len(wire.held) == 1)
    # The page has given up and joins again. Now the first answer arrives with what follows; the second never does.
    guest.clock.fast_forward(8000)
    until(guest, lambda: len(wire.held) == 2)
    post(host, room, "대답 뒤의 말")
    until(guest, lambda: len(wire.held) == 3)
    answer, _, record = wire.held
    answer()
    record()
    expect(guest.locator("#chat-list .other")).to_contain_text(["대답 뒤의 말"])
    wire.cut()
    joined(guest)
    expect(guest.locator("#chat-list .other")).to_contain_text(["대답에 있는 말", "대답 뒤의 말"])


@pytest.mark.parametrize("way", ["socket", "request"])
def test_an_old_message_resent_after_a_reload_keeps_its_place_in_the_history(people: People, way: str) -> None:
    host = people.arrive()
    wire = Wire(host, lambda up, frame: False)
    room = make_room(host, "옛말")
    user = joined(host)
    post(host, room, "옛말", nonce="n")
    for number in range(60):
        post(host, room, f"{number}번째")
    # As left behind by a page that was closed before the answer.
    letter = json.dumps({"nonce": "n", "chat": "옛말", "at": int(time.time() * 1000)})
    host.evaluate("([key, letter]) => localStorage.setItem(key, letter)", [f"gifchat.outbox/{room}/{user}/n", letter])
    wire.holds = lambda up, frame: way == "request" and '"join"' in frame
    host.reload()
    if way == "socket":
        joined(host)
    say(host, "새 말")
    until(host, lambda: not kept(host, room))
    lines = host.locator("#chat-list .mine")
    expect(lines.last).to_contain_text("새 말")
    host.locator("#older").evaluate("button => button.click()")  # which the page itself may do, and then hides it
    expect(lines.first).to_contain_text("옛말")
    expect(lines).to_have_count(62)


def test_in_an_ephemeral_room_a_message_keeps_its_place_after_a_reconnect(people: People) -> None:
    host, guest = people.arrive(), people.arrive()
    form = {"title": "휘발", "ephemeral": True}
    room = host.context.request.post("/room", data=form, headers=JSON).json()["_id"]
    wire = Wire(host, lambda up, frame: False)
    for page in (host, guest):
        enter(page, room)
    # The server has it; the page is disconnected before it knows, and sends nothing until it has rejoined.
    host.route("**/chat", lambda route: route.abort())
    wire.holds = lambda up, frame: not up and "/chat," in frame
    say(host, "이른 말")
    expect(guest.locator("#chat-list .other")).to_contain_text("이른 말")
    until(host, lambda: len(wire.held) == 2)
    wire.cut()
    expect(host.locator("#chat-list .pending")).to_have_count(0)
    say(guest, "늦은 말")
    expect(host.locator("#chat-list :is(.mine, .other)")).to_contain_text(["이른 말", "늦은 말"])
    assert all("net::ERR_FAILED" in trouble for trouble in people.troubles)
    people.troubles.clear()


def test_the_chat_scrolls_to_the_search_result_chosen_last(people: People) -> None:
    host = people.arrive()
    room = make_room(host, "찾기")
    for text in ("먼 사과", *("배" for _ in range(60)), "가까운 사과"):
        post(host, room, text)
    enter(host, room)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    host.route("**/chats?*", hold)
    host.click("#search-btn")
    host.fill("#search-text", "사과")
    found = host.locator("#search .result")
    expect(found).to_contain_text(["가까운 사과", "먼 사과"])
    found.nth(1).click()
    until(host, lambda: bool(held))
    found.nth(0).click()
    lines = host.locator("#chat-list .mine", has_text="사과")
    expect(lines).to_be_focused()
    held.pop().continue_()
    expect(lines).to_contain_text(["먼 사과", "가까운 사과"])
    expect(lines.nth(1)).to_be_focused()


def press_twice(page: Page, button: Locator, path: str) -> int:
    """Press a form's button twice before the answer; return how often the form was sent."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(path, hold)
    box = button.bounding_box()
    assert box
    # With the mouse, which unlike a locator does not wait for the navigation.
    page.mouse.click(box["x"] + 5, box["y"] + 5)
    until(page, lambda: bool(held))
    page.mouse.click(box["x"] + 5, box["y"] + 5)
    held[0].continue_()
    expect(page.locator("#room, .error-message:not(:empty), .refusal:not(:empty)")).to_be_visible()
    return len(held)


def test_pressing_the_button_twice_makes_one_room(people: People) -> None:
    host = people.arrive()
    host.goto("/room")
    host.fill("[name=title]", "한 번만")
    assert press_twice(host, host.locator("form button[type=submit]"), "**/room") == 1
    expect(host).to_have_url(re.compile(r"/room/[0-9a-f]{24}$"))


def test_pressing_the_button_twice_tries_a_password_once(people: People) -> None:
    host, guest = people.arrive(), people.arrive()
    room = make_room(host, "잠긴 방", password="비밀")
    guest.click(f'.join-btn[data-id="{room}"]')
    guest.fill("#room-password", "아님")
    assert press_twice(guest, guest.locator("#password-dialog button[type=submit]"), "**/enter") == 1
    expect(guest.locator("#password-dialog [role=alert]")).to_have_text("비밀번호가 틀렸습니다.")
    people.troubles.clear()  # the browser's own line for 403


def test_switching_shelf_tabs_clears_the_previous_tabs_message(people: People) -> None:
    host = people.arrive()
    make_room(host, "선반")
    joined(host)
    state = host.locator("#shelf [data-part=state]")
    host.click("#shelf-btn")
    host.click("#shelf [data-shows=recent]")
    expect(state).not_to_be_empty()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    host.route("**/gifs", hold)
    host.click("#shelf [data-shows=mine]")
    until(host, lambda: bool(held))
    expect(state).to_be_empty()
    held.pop().continue_()
    expect(state).not_to_be_empty()


# Files are checked only when the test says so.
LOOKED_AT_LATER = """(() => {
    const { arrayBuffer } = Blob.prototype;
    window.looks = [];
    window.looked = 0;
    Blob.prototype.arrayBuffer = async function () {
        await new Promise((resolve) => looks.push(resolve));
        const bytes = await arrayBuffer.call(this);
        looked++;
        return bytes;
    };
})()"""


def test_an_image_added_while_another_is_being_checked_is_sent_with_it(people: People, gif: Path) -> None:
    host = people.arrive()
    make_room(host, "나중")
    joined(host)
    host.evaluate(LOOKED_AT_LATER)
    host.set_input_files("#gif", gif)
    host.press("#caption", "Enter")
    host.set_input_files("#gif", gif)
    host.evaluate("looks[0]()")
    expect(host.locator("#preview .attachment :is(img, canvas)").first).to_be_visible()
    host.evaluate("looks[1]()")
    expect(host.locator("#chat-list .mine img")).to_have_count(2)


def test_cancelling_before_the_check_is_done_does_not_send_the_next_image(people: People, gif: Path) -> None:
    host = people.arrive()
    make_room(host, "취소")
    joined(host)
    host.evaluate(LOOKED_AT_LATER)
    host.set_input_files("#gif", gif)
    host.press("#caption", "Enter")
    host.click("#preview [data-action=cancel]")
    expect(host.locator("#preview .attachment")).to_have_count(0)
    host.set_input_files("#gif", gif)
    host.evaluate("looks[1]()")
    expect(host.locator("#preview .attachment :is(img, canvas)")).to_be_visible()
    host.evaluate("looks[0]()")
    until(host, lambda: host.evaluate("looked") == 2)
    expect(host.locator("#preview .attachment")).to_have_count(1)
    expect(host.locator("#chat-list .mine")).to_have_count(0)


# From a script: before the browser has reported that the dialog is closed.
CANCEL_AND_CHOOSE = """() => {
    document.querySelector("#preview [data-action=cancel]").click();
    const input = document.querySelector("#gif");
    const chosen = new DataTransfer();
    chosen.items.add(window.again);
    input.files = chosen.files;
    input.dispatchEvent(new Event("change"));
}"""


def test_files_chosen_right_after_a_cancel_are_kept(people: People, gif: Path) -> None:
    host = people.arrive()
    make_room(host, "바로")
    joined(host)
    host.evaluate("document.querySelector('#gif').addEventListener('change', (e) => (again = e.target.files[0]), true)")
    host.set_input_files("#gif", gif)
    expect(host.locator("#preview .attachment :is(img, canvas)")).to_be_visible()
    host.evaluate(CANCEL_AND_CHOOSE)
    expect(host.locator("#preview .attachment :is(img, canvas)")).to_be_visible()
    host.press("#caption", "Enter")
    expect(host.locator("#chat-list .mine img")).to_have_count(1)


def test_a_message_does_not_wait_for_a_pending_request_after_reconnecting(people: People) -> None:
    host, guest = people.arrive(), people.arrive()
    wire = Wire(host, lambda up, frame: False)
    room = make_room(host, "끊김")
    joined(host)
    enter(guest, room)
    wire.cut()
    wire.holds = lambda up, frame: up and '"join"' in frame
    until(host, lambda: bool(wire.held))
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    host.route("**/chat", hold)
    say(host, "다시")
    until(host, lambda: bool(held))
    wire.held.pop()()
    joined(host)
    # Sooner than the request times out and is retried.
    expect(guest.locator("#chat-list .other")).to_have_count(1, timeout=10_000)
    expect(host.locator("#chat-list .pending")).to_have_count(0)
