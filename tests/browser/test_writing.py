"""Writing and reading: long texts, any script, small screens."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.browser.conftest import People, make_room, say
from tests.browser.room_page import enter, joined, kept, person, scroll_to, send_images, until
from tests.server import running

UPRIGHT: ViewportSize = {"width": 390, "height": 844}
ON_ITS_SIDE: ViewportSize = {"width": 700, "height": 390}
NARROW: ViewportSize = {"width": 320, "height": 568}
LOW: list[ViewportSize] = [
    {"width": 390, "height": 150},
    {"width": 320, "height": 150},
    {"width": 700, "height": 150},
    {"width": 390, "height": 200},
]

IOS_ENLARGES_UNDER_PX = 16


@dataclass
class Place:
    """A room with two people, shared by all tests of this file; the guest has a phone."""

    people: People
    room: str
    host: Page
    guest: Page

    def post(self, text: str) -> Locator:
        """Post a message as the host; return its text on the guest's page."""
        say(self.host, text)
        heard = self.guest.locator("#chat-list .other .text").last
        expect(heard).to_have_text(text)
        return heard


@pytest.fixture(scope="module")
def place(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with running(tmp_path_factory.mktemp("writing"), "--rate", "0") as server:
        people = People(browser, server.port)
        host, guest = people.arrive(), people.arrive(phone=True)
        room = make_room(host, "긴 글")
        joined(host)
        enter(guest, room)
        try:
            yield Place(people, room, host, guest)
        finally:
            people.leave()
        assert not people.troubles


def test_rotating_a_phone_keeps_the_reading_position(place: Place) -> None:
    guest = place.guest
    for number in range(60):
        text = f"nr {number} " + "돌려 보기 " * (number % 9 * 3)
        assert place.host.context.request.post(f"/room/{place.room}/chat", data={"chat": text}).ok
    expect(guest.locator("#chat-list .other")).to_have_count(60)
    line = guest.locator("#chat-list .other").nth(30)
    below = (
        "line => line.getBoundingClientRect().top - document.getElementById('chat-scroll').getBoundingClientRect().top"
    )
    line.evaluate("line => line.scrollIntoView({ block: 'start' })")
    expect(line).to_be_in_viewport(ratio=1)
    for size in (ON_ITS_SIDE, UPRIGHT):
        guest.set_viewport_size(size)
        expect(guest.locator("#chat-scroll")).to_have_js_property("clientWidth", size["width"])
        expect(line).to_be_in_viewport(ratio=0.5)
        until(guest, lambda: abs(line.evaluate(below)) < 2)
    # A reader at the end stays at the end.
    scroll_to(guest, "area.scrollHeight")
    last = guest.locator("#chat-list .other").last
    for size in (ON_ITS_SIDE, UPRIGHT):
        guest.set_viewport_size(size)
        expect(last).to_be_in_viewport()


def test_a_pasted_text_that_is_too_long_is_reported_and_not_cut(place: Place) -> None:
    host = place.host
    text = "가" * 1999 + "👍👍"
    host.focus("#chat")
    host.keyboard.insert_text(text)
    expect(host.locator("#chat")).to_have_value(text)
    host.press("#chat", "Enter")
    expect(host.locator("#chat-trouble")).to_have_text("한 번에 2000자까지 보낼 수 있습니다. 지금 2001자입니다.")
    expect(host.locator("#chat")).to_have_value(text)
    host.press("#chat", "Backspace")
    expect(host.locator("#chat-trouble")).to_be_empty()
    host.press("#chat", "Enter")
    expect(place.guest.locator("#chat-list .other .text").last).to_have_text(text[:-1])
    expect(host.locator("#chat")).to_have_value("")


def test_a_caption_that_is_too_long_is_reported_and_not_cut(place: Place, gif: Path) -> None:
    host = place.host
    host.fill("#chat", "x" * 2001)
    host.set_input_files("#gif", gif)
    expect(host.locator("#caption")).to_have_value("x" * 2001)
    host.press("#caption", "Enter")
    expect(host.locator("#preview [data-part=note]")).to_contain_text("2001자")
    host.press("#caption", "Backspace")
    expect(host.locator("#preview [data-part=note]")).to_be_empty()
    host.press("#caption", "Enter")
    expect(place.guest.locator("#chat-list .other .text").last).to_have_text("x" * 2000)
    expect(host.locator("#preview")).to_be_hidden()


def test_right_to_left_text_starts_at_the_right(place: Place) -> None:
    heard = place.post("שלום!")
    mark_first = """text => {
        const place = (from) => {
            const range = document.createRange();
            range.setStart(text.firstChild, from);
            range.setEnd(text.firstChild, from + 1);
            return range.getBoundingClientRect().left;
        };
        return place(4) < place(0);
    }"""
    assert heard.evaluate(mark_first)
    assert not place.post("hello!").evaluate(mark_first)


def test_stacked_combining_marks_do_not_overflow_their_message(place: Place) -> None:
    heard = place.post("Z" + "\u0336\u0321\u0301\u0316" * 60)
    expect(heard).to_have_css("overflow", "clip")
    place.post("다음")


def test_a_narrow_phone_does_not_break_words_into_letters(place: Place) -> None:
    lobby = place.people.arrive(phone=True, locale="en-US")
    lobby.set_viewport_size(NARROW)
    row = lobby.locator(f'tr[data-id="{place.room}"]')
    expect(row).to_contain_text(re.compile("Owner"))
    lines = """owner => {
        const range = document.createRange();
        range.selectNodeContents(owner.firstChild);
        return range.getClientRects().length;
    }"""
    assert row.locator(".owner").evaluate(lines) == 1
    assert lobby.evaluate("document.documentElement.scrollWidth <= innerWidth")
    lobby.close()


def test_on_a_narrow_phone_the_empty_field_is_one_line_high(place: Place) -> None:
    field = place.guest.locator("#chat")
    place.guest.set_viewport_size(NARROW)
    expect(place.guest.locator("#chat-scroll")).to_have_js_property("clientWidth", NARROW["width"])
    field.fill("가")
    one_line = field.evaluate("field => field.clientHeight")
    field.fill("")
    assert field.evaluate("field => field.clientHeight") == one_line
    place.guest.set_viewport_size(UPRIGHT)


def test_a_low_screen_shows_the_chat_and_the_needed_controls(place: Place) -> None:
    guest = place.guest
    place.post("낮은 화면")
    field = guest.locator("#chat")
    for size in LOW:
        guest.set_viewport_size(size)
        for text in ("", "하나\n둘\n셋\n넷\n다섯\n여섯"):
            field.fill(text)
            until(guest, lambda: height(guest, "#chat-scroll") >= 40)
            for selector in ("#chat", "#gif + label", "#chat-form [type=submit]", "#exit-btn", "[data-panel=people]"):
                expect(guest.locator(selector)).to_be_in_viewport(ratio=1)
            assert guest.evaluate("document.documentElement.scrollHeight <= innerHeight")
        field.fill("")
        for panel, inside in (("people", "#people-list li"), ("search", "#search-text"), ("shelf", "#shelf-text")):
            guest.click(f"[data-panel={panel}]")
            expect(guest.locator(inside).first).to_be_in_viewport(ratio=1)
            guest.click(f"#{panel} [data-action=close]")
    guest.set_viewport_size(UPRIGHT)


def test_a_low_screen_shows_the_image_preview(place: Place, gif: Path) -> None:
    guest = place.guest
    for size in LOW:
        guest.set_viewport_size(size)
        guest.set_input_files("#gif", gif)
        for selector in ("#caption", "#preview [type=submit]", "#preview [data-action=cancel]"):
            expect(guest.locator(selector)).to_be_in_viewport(ratio=1)
        expect(guest.locator("#preview .attachment :is(img, canvas)").first).to_be_in_viewport()
        guest.click("#preview [data-action=cancel]")
        expect(guest.locator("#preview")).to_be_hidden()
    guest.set_viewport_size(UPRIGHT)


def test_a_low_screen_shows_an_image_enlarged(place: Place, gif: Path) -> None:
    guest = place.guest
    send_images(guest, gif, caption="설명")
    picture = guest.locator("#chat-list .mine[data-seq] [data-part=open]").last
    for size in LOW:
        guest.set_viewport_size(size)
        picture.click()
        until(guest, lambda: height(guest, ".viewer-stage") >= 60)
        expect(guest.locator("#viewer [data-part=download]")).to_be_in_viewport(ratio=1)
        guest.click("#viewer [data-part=close]")
    guest.set_viewport_size(UPRIGHT)


def height(page: Page, selector: str) -> int:
    """Return the visible height of an element in pixels."""
    shown: int = page.locator(selector).evaluate("element => element.clientHeight")
    return shown


def open_all_parts(page: Page) -> None:
    """Have the room's page load what is loaded when it is first opened."""
    for part in ("search", "shelf"):
        page.click(f"#{part}-btn")
        expect(page.locator(f"#{part}")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator(f"#{part}")).to_be_hidden()
    page.keyboard.press("F9")
    expect(page.locator("#inspector")).to_be_visible()


def test_no_field_makes_a_phone_zoom_in(place: Place) -> None:
    phone = place.people.arrive(phone=True)
    letters = """() => {
        const unstyled = document.createElement("textarea");
        document.body.append(unstyled);
        const roots = [document, ...[...document.querySelectorAll("template")].map((template) => {
            const box = document.createElement("div");
            box.append(document.importNode(template.content, true));
            document.body.append(box);
            return box;
        })];
        const fields = roots.flatMap((root) => [...root.querySelectorAll("input, select, textarea")]);
        return fields.map((field) => [field.id || field.name, parseFloat(getComputedStyle(field).fontSize)]);
    }"""
    fields = 0
    for path in ("/", "/room", f"/room/{place.room}", "/lessons", "/join"):
        phone.goto(path)
        if path.endswith(place.room):
            open_all_parts(phone)
        sizes: list[tuple[str, float]] = phone.evaluate(letters)
        assert [name for name, size in sizes if size < IOS_ENLARGES_UNDER_PX] == [], path
        fields += len(sizes)
    assert fields > 30
    phone.close()


def test_unsent_text_survives_a_reload_and_a_closed_tab(place: Place, gif: Path) -> None:
    page, friend = place.people.arrive(), place.people.arrive()
    room = make_room(page, "쓰다 만 글")
    joined(page)
    reader = enter(friend, room)
    field, recipient = page.locator("#chat"), page.locator("#recipient")
    field.fill("모두에게 \n쓰다 만")

    def reload(text: str) -> None:
        page.reload()
        joined(page)
        expect(field).to_have_value(text)

    reload("모두에게 \n쓰다 만")
    expect(recipient).to_be_hidden()
    other = page.context.new_page()
    page.close()
    enter(other, room)
    page, field, recipient = other, other.locator("#chat"), other.locator("#recipient")
    expect(field).to_have_value("모두에게 \n쓰다 만")
    enter(page, place.room)
    expect(field).to_have_value("")
    enter(page, room)
    expect(field).to_have_value("모두에게 \n쓰다 만")
    # It becomes the caption of an image; the image is lost with the page, but the text is kept.
    page.set_input_files("#gif", gif)
    expect(field).to_have_value("")
    page.locator("#caption").press_sequentially("다")
    reload("모두에게 \n쓰다 만다")
    page.press("#chat", "Enter")
    expect(page.locator("#chat-list .mine[data-seq]")).to_have_count(1)
    reload("")
    # An unsent whisper must not come back as a message for everybody.
    person(page, reader).locator("[data-action=whisper]").click()
    field.fill("우리끼리")
    reload("우리끼리")
    expect(recipient).to_be_visible()
    page.press("#chat", "Enter")
    expect(friend.locator("#chat-list .whisper .text")).to_have_text("우리끼리")
    page.click("#recipient [data-part=clear]")
    field.fill("끝")
    assert kept(page, room) == [f"gifchat.draft/{room}/{joined(page)}"]
    assert page.context.request.delete(f"/room/{room}").ok
    expect(page.locator("#notice")).to_be_visible()
    assert kept(page, room) == []
    for visitor in (page, friend):
        visitor.close()


def test_the_chat_works_without_browser_storage(place: Place) -> None:
    page = place.people.arrive()
    page.add_init_script(
        """for (const name of ["localStorage", "sessionStorage"]) {
            Object.defineProperty(window, name, { get() { throw new DOMException("", "SecurityError"); } });
        }"""
    )
    enter(page, place.room)
    page.fill("#chat", "저장 없이")
    page.press("#chat", "Enter")
    expect(page.locator("#chat-list .mine[data-seq] .text").last).to_have_text("저장 없이")
    expect(page.locator("#chat")).to_have_value("")
    page.close()


def test_a_chat_that_shrinks_and_grows_within_a_frame_stays_at_its_end(place: Place) -> None:
    measured = """async (noticed) => {
        const { Scroll } = await import("/static/js/room/scroll.js");
        const [area, list] = ["div", "div"].map((name) => document.createElement(name));
        area.style.cssText = "position: fixed; width: 100px; height: 100px; overflow-y: auto";
        area.append(list);
        document.body.append(area);
        const frames = async () => { for (let at = 0; at < 3; at++) await new Promise(requestAnimationFrame); };
        const lines = (px) => { list.style.height = `${px}px`; };
        lines(500);
        const scroll = new Scroll(area, list);
        await frames();
        lines(300);
        if (noticed) scroll.shrank();
        else area.scrollTop; // as whatever else measures there
        lines(600);
        scroll.changed(true);
        await frames();
        area.remove();
        return [scroll.atEnd, area.scrollTop];
    }"""
    assert place.guest.evaluate(measured, True)[0] is True
    assert place.guest.evaluate(measured, False)[0] is False  # what it is for


def test_many_simultaneous_messages_are_laid_out_once(place: Place) -> None:
    guest = place.guest
    measured = """async () => {
        const { Scroll } = await import("/static/js/room/scroll.js");
        const [area, list, latest] = ["div", "div", "button"].map((name) => document.createElement(name));
        area.append(list);
        const scroll = new Scroll(area, list, latest);
        let measured = 0;
        Object.defineProperty(area, "scrollHeight", { get: () => measured++ });
        for (let record = 0; record < 100; record++) scroll.changed(true);
        return measured;
    }"""
    assert guest.evaluate(measured) == 0
    # The end is still in view.
    scroll_to(guest, "area.scrollHeight")
    for number in range(5):
        expect(place.post(f"잇따라 {number}")).to_be_in_viewport(ratio=1)
