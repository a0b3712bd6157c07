"""The main use in real browsers: make a room, find it, enter, talk, send a GIF, leave, and see it disappear."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import CLASSROOM
from tests.browser.conftest import People, make_room, say
from tests.browser.room_page import joined, send_images, until
from tests.server import Server, running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server for all these tests; each uses its own room."""
    with running(tmp_path_factory.mktemp("chat") / "data", "--grace", "0.5") as server:
        yield server


@pytest.fixture
def pictures(artifacts: Path) -> Path:
    """Return the folder for the screenshots."""
    folder = artifacts / "browser"
    folder.mkdir(exist_ok=True)
    return folder


def enter(page: Page, room: str) -> None:
    """Go from the lobby into a room without a password."""
    page.click(f'tr[data-id="{room}"] .join-btn')
    expect(page).to_have_url(f"/room/{room}")
    joined(page)


def test_two_people_meet_in_a_room_and_send_a_gif(people: People, gif: Path, pictures: Path) -> None:
    host, guest = people.arrive(), people.arrive(phone=True)
    expect(guest.locator("table tbody tr[data-id]")).to_have_count(0)

    # The room appears in the guest's lobby by itself.
    room = make_room(host, "점심 뭐 먹지?", maximum=5)
    row = guest.locator(f'table tbody tr[data-id="{room}"]')
    expect(row).to_contain_text("점심 뭐 먹지?")
    expect(row).to_contain_text("1/5")
    guest.screenshot(path=pictures / "lobby.png")

    # They meet, and each sees the other.
    enter(guest, room)
    arrivals = host.locator("#chat-list .system")
    expect(arrivals).to_have_text([re.compile(r"^#[0-9a-f]{6}님이 입장하셨습니다\.$")] * 2)

    # Both ways, by Enter and by the button; what looks like markup is text.
    host.fill("#chat", "안녕! <b>김치찌개</b> 어때?")
    host.press("#chat", "Enter")
    expect(guest.locator("#chat-list .other").last).to_contain_text("안녕! <b>김치찌개</b> 어때?")
    guest.fill("#chat", "좋아요 👍")
    guest.click("#chat-form button[type=submit]")
    expect(host.locator("#chat-list .other").last).to_contain_text("좋아요 👍")
    expect(host.locator("#chat-list .mine").last).to_contain_text("<b>김치찌개</b>")
    expect(host.locator("#chat-list b")).to_have_count(0)
    expect(guest.locator("#chat")).to_have_value("")

    # A GIF, drawn in both browsers.
    send_images(host, gif)
    for page, side in ((host, ".mine"), (guest, ".other")):
        image = page.locator(f"#chat-list {side} img").last
        expect(image).to_have_attribute("src", re.compile(r"^/gif/[^/]+$"))
        expect(image).to_have_js_property("complete", True)
        expect(image).to_have_js_property("naturalWidth", 120)
        expect(image).to_have_js_property("naturalHeight", 80)
    host.screenshot(path=pictures / "room.png")
    guest.screenshot(path=pictures / "room-phone.png")

    # Each line once, in the same order.
    for page in (host, guest):
        expect(page.locator("#chat-list .mine, #chat-list .other")).to_have_count(3)

    # Leaving is announced, and the room is deleted with its last member.
    guest.click("#exit-btn")
    expect(guest).to_have_url("/")
    expect(host.locator("#chat-list .system").last).to_have_text(re.compile(r"님이 퇴장하셨습니다\.$"))
    expect(row).to_contain_text("1/5")
    host.click("#exit-btn")
    expect(row).to_have_count(0)
    expect(host.locator("table tbody tr[data-id]")).to_have_count(0)
    guest.screenshot(path=pictures / "lobby-after.png")


def test_a_latecomer_sees_the_history(people: People, gif: Path) -> None:
    host = people.arrive()
    room = make_room(host, "역사")
    say(host, "처음")
    send_images(host, gif)
    expect(host.locator("#chat-list .mine[data-seq]")).to_have_count(2)
    guest = people.arrive()
    enter(guest, room)
    lines = guest.locator("#chat-list .other")
    expect(lines).to_have_count(2)
    expect(lines.first).to_contain_text("처음")
    expect(lines.last.locator("img")).to_have_js_property("naturalWidth", 120)


@pytest.mark.parametrize("server", ["30"], indirect=True)  # a reload on a busy machine may be slow
def test_a_reload_adds_no_line_and_loses_none(people: People) -> None:
    host, guest = people.arrive(), people.arrive()
    room = make_room(host, "새로고침")
    guest.goto(f"/room/{room}")
    say(guest, "하나")
    expect(host.locator("#chat-list .other")).to_have_count(1)
    arrivals = host.locator("#chat-list .system")
    expect(arrivals).to_have_count(2)
    guest.reload()
    expect(guest.locator("#chat-list .mine")).to_have_count(1)
    say(guest, "둘")
    expect(host.locator("#chat-list .other")).to_have_count(2)
    expect(arrivals).to_have_count(2)


def pasted(page: Page) -> bool:
    """Paste into the empty field; return whether there is anything now."""
    page.fill("#chat", "")
    page.press("#chat", "Control+V")
    return page.input_value("#chat") != ""


def test_a_room_with_a_password_asks_for_it(people: People) -> None:
    host, guest = people.arrive(), people.arrive(phone=True)
    room = make_room(host, "비밀", password="열려라 참깨")
    button = guest.locator(f'tr[data-id="{room}"] .join-btn')

    button.click()
    guest.fill("#password-dialog [name=password]", "닫혀라")
    guest.press("#password-dialog [name=password]", "Enter")
    told = guest.locator("#password-dialog [role=alert]")
    expect(told).to_have_text("비밀번호가 틀렸습니다.")
    expect(guest.locator("#room-password")).to_be_focused()
    too_fast = {"error": "too_fast", "message": "너무 빠릅니다.", "retry_after": 74.2}
    guest.route("**/enter", lambda route: route.fulfill(status=429, json=too_fast))
    guest.press("#room-password", "Enter")
    expect(told).to_contain_text("75초")
    expect(guest.locator("#password-dialog [type=submit]")).to_have_text(re.compile(r"^1:1\d 뒤에$"))
    guest.unroute("**/enter")
    assert [re.findall(r"\d{3}", line)[0] for line in people.troubles] == ["403", "429"]  # the browser's own lines
    people.troubles.clear()

    guest.reload()
    # The whole card enters the room.
    guest.locator(f'tr[data-id="{room}"]').click(position={"x": 5, "y": 5})
    guest.fill("#password-dialog [name=password]", "열려라 참깨")
    guest.press("#password-dialog [name=password]", "Enter")
    expect(guest).to_have_url(f"/room/{room}")
    joined(guest)
    say(guest, "들어왔다")
    expect(host.locator("#chat-list .other").last).to_contain_text("들어왔다")
    for page in (host, guest):
        assert "열려라" not in page.content()

    # What is copied, without HTTPS, leads others to the lobby, which asks for the password.
    guest.click("#share-btn")
    expect(guest.locator("#share img")).to_be_visible()
    guest.click("#share [data-action=copy]")
    expect(guest.locator("#share [role=status]")).to_have_text("주소를 복사했습니다.")
    guest.keyboard.press("Escape")
    expect(guest.locator("#share")).to_be_hidden()
    until(guest, lambda: pasted(guest))  # the dialog gives the focus back some time after it was closed
    expect(guest.locator("#chat")).to_have_value(re.compile(rf"^http://{CLASSROOM}:\d+/#{room}$"))
    invited = people.arrive()
    invited.goto(f"/#{room}")
    expect(invited.locator("#password-title")).to_have_text("비밀")


def test_a_full_room_is_refused(people: People) -> None:
    host, guest, late = people.arrive(), people.arrive(), people.arrive()
    room = make_room(host, "둘이서", maximum=2)
    guest.goto(f"/room/{room}")
    expect(late.locator(f'tr[data-id="{room}"]')).to_contain_text("2/2")
    expect(late.locator(f'.join-btn[data-id="{room}"]')).to_be_disabled()
    late.goto(f"/room/{room}")
    expect(late.locator(".error-message")).to_have_text("허용 인원이 초과하였습니다.")


@pytest.mark.parametrize("server", ["30"], indirect=True)
def test_a_member_can_return_to_a_full_room_from_the_lobby(people: People) -> None:
    host, guest = people.arrive(), people.arrive()
    room = make_room(host, "둘이서", maximum=2, password="비밀")
    colour = joined(host)
    button = f'.join-btn[data-id="{room}"]'
    guest.click(button)
    guest.fill("#room-password", "비밀")
    guest.press("#room-password", "Enter")
    joined(guest)
    host.goto("/")  # as with the browser's back button: the place is kept for a while
    expect(host.locator(button)).to_be_enabled()
    host.click(button)  # it is full, and has a password
    assert joined(host) == colour


def test_a_missing_room_is_reported_in_the_lobby(people: People) -> None:
    page = people.arrive()
    page.goto("/room/0123456789abcdef01234567")
    expect(page.locator(".error-message")).to_have_text("존재하지 않는 방입니다.")


def test_the_pages_follow_the_browsers_language(people: People) -> None:
    page = people.arrive(locale="en-US")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    host = people.arrive()
    expect(host.locator("html")).to_have_attribute("lang", "ko")
