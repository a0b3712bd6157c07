"""People name themselves, and everybody sees their names."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import People, make_room, say
from tests.browser.room_page import enter, joined, person

MINA = "Mina"
TAGS = "<b>Jun</b>"


def name_oneself(page: Page, name: str) -> None:
    """Write a name into the dialog, which is open, and save it."""
    page.locator("#name-field").fill(name)
    page.locator("#name").get_by_role("button", name="저장").click()


@pytest.mark.parametrize("server", ["30"], indirect=True)  # nobody leaves by a slow reload
def test_a_name_is_shown_everywhere_and_can_be_given_up(people: People) -> None:
    host, guest = people.arrive(), people.arrive(phone=True)
    room = make_room(host, "이름")
    enter(host, room)
    visitor = enter(guest, room)
    say(guest, "안녕하세요")
    said = host.locator(".other", has_text="안녕하세요")
    called = said.locator(".byline .chip-name")
    handle = called.inner_text()

    guest.locator(".room-bar .me").click()
    name_oneself(guest, "Mi\u202ena")
    expect(guest.locator("#name-trouble")).to_have_text("이름은 눈에 보이는 글자로 1~20자여야 합니다.")
    name_oneself(guest, f" {MINA} ")
    expect(guest.locator("#name")).to_be_hidden()
    expect(guest.locator(".room-bar .me .chip-name")).to_have_text(MINA)
    expect(called).to_have_text(MINA)
    expect(person(host, visitor).locator(".chip-name")).to_have_text(MINA)
    expect(person(host, visitor).locator(".chip-colour")).to_have_text(f"{handle} {visitor}")
    expect(said.locator(".byline .chip")).to_have_attribute("title", f"{handle} {visitor}")
    line = f"{visitor}님이 이름을 정하셨습니다: \u2068{MINA}\u2069"
    expect(host.locator(".system").last).to_have_text(line)

    host.locator("#people-list").get_by_role("button", name="이름", exact=True).click()
    name_oneself(host, "mina")
    expect(host.locator("#name-trouble")).to_have_text("이미 쓰이고 있거나 쓸 수 없는 이름입니다.")
    name_oneself(host, TAGS)
    expect(host.locator("#name")).to_be_hidden()
    say(host, "/w MINA 비밀이에요")
    expect(guest.locator(".other.whisper .chip-name")).to_have_text(TAGS)

    host.goto("/")
    expect(host.locator(".site-bar .chip-name")).to_have_text(TAGS)
    host.goto("/room")
    expect(host.locator(".site-bar .chip-name")).to_have_text(TAGS)
    enter(host, room)
    expect(called).to_have_text(MINA)
    expect(host.locator(".system", has_text=MINA)).to_have_text(line)

    guest.evaluate("localStorage.removeItem('gifchat-you')")  # as who comes straight to the room, by its address
    guest.reload()
    joined(guest)
    expect(guest.locator(".you")).to_contain_text("내 얼굴입니다.")
    guest.locator(".you").get_by_role("button", name="이름 정하기").click()
    guest.locator("#name").get_by_role("button", name="이름 지우기").click()
    expect(called).to_have_text(handle)
    expect(guest.locator(".you .chip-name")).to_have_text(handle)
    expect(host.locator(".system").last).to_have_text(f"{visitor}님이 이름을 지우셨습니다.")
