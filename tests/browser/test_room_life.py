"""Life in a room, in real browsers.

The list of people, whispers, typing, and ephemeral rooms; for the owner's actions see test_owner.py.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import People, make_room, say
from tests.browser.room_page import enter, handle, joined, names, person, send_images, stop_clock, until
from tests.server import Server, running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server for all these tests."""
    with running(tmp_path_factory.mktemp("room_life") / "data", "--grace", "0.5") as server:
        yield server


class TestPeople:
    def test_the_list_of_people_is_live(self, people: People) -> None:
        host, guest = people.arrive(), people.arrive()
        room = make_room(host, "누구", maximum=5)
        owner = joined(host)
        expect(names(host)).to_have_text([owner])
        expect(host.locator("#members")).to_have_text("1/5명")

        visitor = enter(guest, room)
        expect(names(host)).to_have_text([owner, visitor])
        expect(host.locator("#members")).to_have_text("2/5명")

        # Each sees who owns the room, and which entry is their own.
        for page, me in ((host, owner), (guest, visitor)):
            for user in (owner, visitor):
                badges = [badge for badge, there in (("방장", user == owner), ("나", user == me)) if there]
                expect(person(page, user).locator(".badge:visible")).to_have_text(badges)
            expect(person(page, me).locator("button:visible")).to_have_text(["이름"])
        expect(person(guest, owner).locator("button:visible")).to_have_text(["귓속말"])

        guest.click("#exit-btn")
        expect(guest).to_have_url("/")
        expect(names(host)).to_have_text([owner])
        expect(host.locator("#members")).to_have_text("1/5명")

    def test_a_phone_shows_the_list_of_people_on_a_sheet(self, people: People) -> None:
        host, phone = people.arrive(), people.arrive(phone=True)
        room = make_room(host, "전화")
        owner = joined(host)
        visitor = enter(phone, room)
        expect(phone.locator("#people")).to_be_hidden()
        count = phone.get_by_role("button", name="참가자")
        count.click()
        expect(phone.get_by_role("dialog", name="참가자")).to_be_visible()
        expect(names(phone)).to_have_text([owner, visitor])
        phone.keyboard.press("Escape")
        expect(phone.locator("#people")).to_be_hidden()
        expect(count).to_be_focused()

        # Choosing a person closes it and shows the chat again.
        count.click()
        person(phone, owner).locator("[data-action=whisper]").click()
        expect(phone.locator("#people")).to_be_hidden()
        expect(phone.locator("#chat")).to_be_focused()
        assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")

    def test_the_list_of_people_follows_the_windows_width(self, people: People) -> None:
        page = people.arrive()
        make_room(page, "창")
        user = joined(page)
        expect(names(page)).to_have_text([user])
        page.set_viewport_size({"width": 360, "height": 740})
        expect(page.locator("#people")).to_be_hidden()
        page.click("[data-panel=people]")
        expect(page.locator("#sheet #people")).to_be_visible()
        page.set_viewport_size({"width": 1200, "height": 740})
        expect(page.locator("#side #people")).to_be_visible()
        expect(page.locator("#sheet")).to_be_hidden()
        page.locator("#people [data-action=close]").click()
        expect(page.locator("#side")).to_be_hidden()
        page.click("[data-panel=people]")
        expect(names(page)).to_have_text([user])

    def test_a_second_tab_is_the_same_person(self, people: People) -> None:
        host = people.arrive()
        room = make_room(host, "탭")
        owner = joined(host)
        tab = host.context.new_page()
        enter(tab, room)
        for page in (host, tab):
            expect(names(page)).to_have_text([owner])
            expect(page.locator("#chat-list .system")).to_have_count(1)


class TestWhisper:
    def test_only_its_two_parties_see_a_whisper_live_and_in_the_history(self, people: People) -> None:
        host, guest, third = people.arrive(), people.arrive(), people.arrive()
        room = make_room(host, "귓속말")
        owner, visitor = joined(host), enter(guest, room)
        others = visitor, enter(third, room)

        person(host, visitor).locator("[data-action=whisper]").click()
        expect(host.locator("#recipient .chip")).to_have_attribute("data-who", visitor)
        expect(host.locator("#chat")).to_be_focused()
        say(host, "너만 알아")
        heard = guest.locator("#chat-list .other.whisper")
        expect(heard).to_contain_text(["너만 알아"])
        expect(heard.locator(".badge")).to_have_text("귓속말")
        expect(host.locator("#chat-list .mine.whisper[data-seq] .badge")).to_have_text(
            f"{handle(host, visitor)}님에게 귓속말"
        )

        # The recipient stays selected until removed; then everybody gets the message.
        host.click("#recipient [data-part=clear]")
        expect(host.locator("#recipient")).to_be_hidden()
        say(host, "모두 들어")
        expect(third.locator("#chat-list .other")).to_have_count(1)
        expect(third.locator("#chat-list .other")).to_contain_text("모두 들어")

        third.reload()
        joined(third)
        expect(third.locator("#chat-list .other")).to_have_count(1)
        for page in (host, guest):
            page.reload()
            joined(page)
            expect(page.locator("#chat-list .whisper")).to_contain_text(["너만 알아"])

        # In the other direction, with the keyboard alone.
        enough = next(owner[:n] for n in range(4, 8) if not any(other.startswith(owner[:n]) for other in others))
        say(guest, f"/w {enough} 나도 알아")
        expect(host.locator("#chat-list .other.whisper")).to_contain_text(["나도 알아"])
        expect(third.locator("#chat-list .whisper")).to_have_count(0)

    def test_a_whisper_command_without_text_selects_the_person(self, people: People) -> None:
        host, guest = people.arrive(), people.arrive()
        room = make_room(host, "명령")
        joined(host)
        visitor = enter(guest, room)
        say(host, f"/w {visitor}")
        expect(host.locator("#recipient .chip")).to_have_attribute("data-who", visitor)
        expect(host.locator("#chat")).to_have_value("")
        host.press("#chat", "Escape")
        expect(host.locator("#recipient")).to_be_hidden()

    def test_a_whisper_command_with_an_unknown_name_sends_nothing(self, people: People) -> None:
        host, guest = people.arrive(), people.arrive()
        room = make_room(host, "없는 사람")
        joined(host)
        enter(guest, room)
        say(host, "/w #zzzzzz 비밀")
        expect(host.locator("#chat-trouble")).to_have_text("그런 이름의 사람이 방에 없습니다.")
        expect(host.locator("#chat")).to_have_value("/w #zzzzzz 비밀")
        host.fill("#chat", "//w 이건 그냥 말")
        expect(host.locator("#chat-trouble")).to_be_empty()
        host.press("#chat", "Enter")
        expect(guest.locator("#chat-list .other")).to_contain_text(["/w 이건 그냥 말"])

    def test_a_whisper_whose_reader_has_gone_is_held_until_they_return_or_its_writer_decides(
        self, people: People
    ) -> None:
        host, guest, third = people.arrive(), people.arrive(), people.arrive()
        room = make_room(host, "부재")
        joined(host)
        visitor = enter(guest, room)
        enter(third, room)
        held, sent = host.locator(".composer.held"), host.locator("#chat-list .mine")
        person(host, visitor).locator("[data-action=whisper]").click()
        expect(host.locator("#recipient p")).to_have_text(f"{handle(host, visitor)}님만 볼 수 있습니다.")
        host.fill("#chat", "어디 갔어?")
        host.press("#chat", "Escape")  # ends no whisper that is being written
        guest.click("#exit-btn")
        expect(held).to_be_visible()
        for key in ("Escape", "Enter"):
            host.press("#chat", key)
        expect(host.locator("#recipient p")).to_contain_text("보내지 않았습니다")
        # The draft is held too, after a reload, and after the connection was lost.
        host.reload()
        joined(host)
        expect(held).to_be_visible()
        host.press("#chat", "Enter")
        expect(host.locator("#recipient p")).to_contain_text("보내지 않았습니다")
        expect(host.locator("#chat")).to_have_value("어디 갔어?")
        expect(sent).to_have_count(0)

        enter(guest, room)
        expect(held).to_have_count(0)
        host.press("#chat", "Enter")
        expect(guest.locator("#chat-list .other.whisper")).to_contain_text(["어디 갔어?"])
        # Neither choice sends by itself.
        host.fill("#chat", "비밀")
        guest.click("#exit-btn")
        host.click("#recipient [data-part=discard]")
        expect(host.locator("#recipient")).to_be_hidden()
        expect(host.locator("#chat")).to_have_value("")
        enter(guest, room)
        person(host, visitor).locator("[data-action=whisper]").click()
        host.fill("#chat", "모두에게")
        guest.click("#exit-btn")
        host.click("#recipient [data-part=everybody]")
        expect(host.locator("#recipient")).to_be_hidden()
        expect(host.locator("#chat")).to_have_value("모두에게")
        expect(sent).to_have_count(1)
        host.press("#chat", "Enter")
        expect(third.locator("#chat-list .other")).to_contain_text(["모두에게"])

    def test_a_whisper_that_the_server_refuses_can_be_sent_again(self, people: People) -> None:
        """It was sent before this page could know that its reader is not in the room."""
        host, guest = people.arrive(), people.arrive()
        room = make_room(host, "엇갈림")
        joined(host)
        visitor = enter(guest, room)
        person(host, visitor).locator("[data-action=whisper]").click()
        host.fill("#chat", "어디 갔어?")
        guest.click("#exit-btn")
        expect(person(host, visitor)).to_have_count(0)
        connecting: list[Route] = []

        def hold(route: Route) -> None:
            connecting.append(route)

        host.route(re.compile(r"/socket\.io/\?"), hold)
        host.reload()
        host.press("#chat", "Enter")
        expect(host.locator("#chat-list .mine.pending")).to_have_count(1)
        for route in connecting:
            route.continue_()
        host.unroute_all(behavior="ignoreErrors")
        failed = host.locator("#chat-list .mine.failed")
        expect(failed).to_contain_text("상대가 채팅방에 없습니다.")
        expect(failed).to_have_class(re.compile(r"\bwhisper\b"))
        enter(guest, room)
        expect(person(host, visitor)).to_have_count(1)
        failed.locator("[data-action=retry]").click()
        expect(guest.locator("#chat-list .other.whisper")).to_contain_text(["어디 갔어?"])
        expect(failed).to_have_count(0)


def frames(page: Page) -> list[str]:
    """Return a list that collects the frames sent by the page's WebSockets."""
    sent: list[str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(str(frame))))
    return sent


def type_until_shown(page: Page, other: Page) -> None:
    """Type until the other page shows it. No typing event is sent while another packet is pending."""
    before = other.locator("#typing").inner_text()

    def shown() -> bool:
        page.locator("#chat").press_sequentially("ㅎ")
        return other.locator("#typing").inner_text() != before

    until(page, shown)


class TestTyping:
    def test_a_typing_sign_is_shown_until_the_message_arrives(self, people: People) -> None:
        host, guest = people.arrive(), people.arrive()
        host.clock.install()
        room = make_room(host, "입력")
        joined(host)
        visitor = enter(guest, room)
        tab = guest.context.new_page()
        enter(tab, room)
        stop_clock(host)
        type_until_shown(guest, host)
        expect(host.locator("#typing")).to_have_text(f"{handle(host, visitor)}님이 입력 중…")
        expect(guest.locator("#typing")).to_be_empty()
        guest.press("#chat", "Enter")
        expect(host.locator("#chat-list .other")).to_have_count(1)
        assert host.locator("#typing").inner_text() == ""
        assert tab.locator("#typing").inner_text() == ""

    def test_a_typing_sign_disappears_when_nothing_follows(self, people: People) -> None:
        host, guest = people.arrive(), people.arrive()
        host.clock.install()
        room = make_room(host, "망설임")
        joined(host)
        visitor = enter(guest, room)
        stop_clock(host)
        type_until_shown(guest, host)
        host.clock.run_for(3_900)
        expect(host.locator("#typing")).to_contain_text(handle(host, visitor))
        host.clock.run_for(100)
        expect(host.locator("#typing")).to_be_empty()

    def test_many_people_typing_are_shown_as_several(self, people: People) -> None:
        host = people.arrive()
        host.clock.install()
        room = make_room(host, "여럿")
        joined(host)
        guests = [people.arrive() for _ in range(4)]
        for guest in guests:
            enter(guest, room)
        stop_clock(host)
        for guest in guests:
            type_until_shown(guest, host)
        expect(host.locator("#typing")).to_have_text("여러 명이 입력 중…")

    def test_no_typing_sign_is_sent_from_a_hidden_page(self, people: People) -> None:
        host, guest = people.arrive(), people.arrive()
        room = make_room(host, "딴 데 보기")
        joined(host)
        sent = frames(guest)
        enter(guest, room)
        guest.evaluate("Object.defineProperty(document, 'hidden', { value: true })")
        guest.locator("#chat").press_sequentially("몰래")
        guest.press("#chat", "Enter")
        expect(host.locator("#chat-list .other")).to_have_count(1)
        assert any('"chat"' in frame for frame in sent)
        assert not [frame for frame in sent if '"typing"' in frame]

    def test_no_typing_sign_is_sent_for_a_whisper(self, people: People) -> None:
        host, guest = people.arrive(), people.arrive()
        room = make_room(host, "조용히")
        owner = joined(host)
        sent = frames(guest)
        enter(guest, room)
        person(guest, owner).locator("[data-action=whisper]").click()
        guest.locator("#chat").press_sequentially("쉿")
        guest.press("#chat", "Enter")
        guest.press("#chat", "Escape")
        guest.locator("#chat").press_sequentially("/w ")
        guest.fill("#chat", f"/w {owner} 쉿쉿")
        guest.press("#chat", "Enter")
        expect(host.locator("#chat-list .whisper")).to_have_count(2)
        assert any('"whisper"' in frame for frame in sent)
        assert not [frame for frame in sent if '"typing"' in frame]


def make_ephemeral_room(page: Page, title: str) -> str:
    page.goto("/room")
    page.fill("[name=title]", title)
    page.check("[name=ephemeral]")
    page.click("form button[type=submit]")
    page.wait_for_url(re.compile(r"/room/[0-9a-f]{24}$"))
    return page.url.rpartition("/")[2]


def test_an_ephemeral_room_says_that_it_keeps_nothing(people: People, gif: Path) -> None:
    host, guest = people.arrive(), people.arrive(locale="en-US")
    room = make_ephemeral_room(host, "휘발")
    joined(host)
    enter(guest, room)
    expect(host.locator(".kept-nowhere")).to_have_text("이 방의 대화는 저장되지 않습니다.")
    expect(guest.locator(".kept-nowhere")).to_have_text("Messages in this room are not kept.")
    for page in (host, guest):
        expect(page.locator("#older, #search-btn")).to_have_count(0)
    say(host, "지금만")
    send_images(host, gif)
    expect(guest.locator("#chat-list .other")).to_have_count(2)
    expect(guest.locator("#chat-list .other img")).to_have_js_property("naturalWidth", 120)
    guest.reload()
    joined(guest)
    expect(guest.locator("#chat-list .other")).to_have_count(0)
    say(host, "다시")
    expect(guest.locator("#chat-list .other")).to_have_count(1)


def test_the_button_over_the_title_paints_nothing_there(people: People) -> None:
    page = people.arrive()
    make_room(page, "제목")
    for button in page.locator(".room-facts button:visible").all():
        button.hover()
        expect(button).to_have_css("text-decoration-line", "underline")
        expect(button).to_have_css("background-color", "rgba(0, 0, 0, 0)")


@pytest.mark.parametrize("locale", ["ko-KR", "en-US"])
def test_every_button_is_large_enough_and_labelled(people: People, locale: str) -> None:
    host, guest = people.arrive(phone=True, locale=locale), people.arrive()
    room = make_room(host, "손가락", password="x")
    joined(host)
    visitor = enter(guest, f"{room}?password=x")
    host.set_viewport_size({"width": 360, "height": 740})
    too_small = """() => [...document.querySelectorAll("button, .button")]
        .filter((element) => element.checkVisibility())
        .filter((element) => { const box = element.getBoundingClientRect(); return box.width < 44 || box.height < 44; })
        .map((element) => element.outerHTML)"""
    nameless = """() => [...document.querySelectorAll("button")]
        .filter((button) => button.checkVisibility())
        .filter((button) => !(button.ariaLabel || button.textContent.trim()))
        .map((button) => button.outerHTML)"""

    def check() -> None:
        assert host.evaluate(too_small) == []
        assert host.evaluate(nameless) == []
        assert host.evaluate("document.documentElement.scrollWidth <= innerWidth")

    check()
    host.click("[data-panel=people]")
    check()
    person(host, visitor).locator("[data-action=manage]").click()
    check()
    host.click("#person [data-action=kick]")
    check()
    host.click("#confirm button[type=submit]")
    expect(host.locator("#kicked-list li")).to_have_count(1)
    check()
    host.click("#settings-btn")
    check()
    host.click("#settings [data-action=cancel]")
    host.click("#people [data-action=close]")
    host.click("#search-btn")
    check()
