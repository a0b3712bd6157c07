"""The frame inspector, which shows the frames of a room's page."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import People, make_room, say
from tests.browser.room_page import enter, joined
from tests.server import Server, running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server for all these tests."""
    with running(tmp_path_factory.mktemp("inspector") / "data", "--grace", "0.5") as server:
        yield server


def frames(page: Page, text: str, way: str = "") -> Locator:
    """Return the lines of frames with this text, optionally only those going `up` or `down`."""
    chosen = f'.frame[data-direction="{way}"]' if way else ".frame"
    return page.locator(chosen).filter(has_text=text)


def field(page: Page, name: str) -> Locator:
    """Return a field in the explanation of the selected frame."""
    return page.locator(f'#inspector [data-part="detail"] .frame-field[data-field="{name}"]')


def test_the_inspector_shows_and_explains_the_frames_of_a_message(people: People) -> None:
    host, guest = people.arrive(), people.arrive()
    room = make_room(host, "프레임")
    joined(host)
    assert enter(guest, room)
    expect(host.locator("#inspector")).to_be_hidden()
    expect(host.locator(".frame")).to_have_count(0)

    host.keyboard.press("F9")
    expect(host.locator("#inspector-title")).to_be_focused()
    # It also shows frames from before it was opened: the handshake, the upgrade, both namespaces.
    expect(frames(host, "open", "down")).to_have_count(1)
    expect(frames(host, "upgrade", "up")).to_have_count(1)
    expect(frames(host, "CONNECT", "up").filter(has_text="/chat")).to_have_count(1)
    expect(frames(host, "CONNECT", "down").filter(has_text="/room")).to_have_count(1)

    say(host, "<b>안녕</b>")
    sent = frames(host, "안녕", "up")
    expect(sent).to_have_count(1)
    sent.click()
    expect(field(host, "engine")).to_contain_text("message")
    expect(field(host, "socket")).to_contain_text("EVENT")
    expect(field(host, "namespace")).to_contain_text("/chat,")
    expect(field(host, "event")).to_contain_text('"chat"')
    expect(field(host, "argument")).to_contain_text('"chat": "<b>안녕</b>"')
    raw = host.locator('#inspector [data-part="detail"] .frame-raw').inner_text()
    number = re.match(r'42/chat,(\d+)\["chat",{', raw)
    assert number, raw
    expect(field(host, "ack")).to_contain_text(number[1])

    # Its acknowledgement names the frame that it answers and links to it.
    frames(host, '"_id"', "down").filter(has_text="ACK").last.click()
    expect(field(host, "socket")).to_contain_text("ACK")
    host.click('#inspector [data-part="link"]')
    expect(sent).to_have_attribute("aria-current", "true")
    host.keyboard.press("Escape")
    expect(host.locator('#inspector [data-part="detail"]')).to_be_hidden()
    host.keyboard.press("F9")
    expect(host.locator("#inspector")).to_be_hidden()
    expect(host.locator("#inspector-btn")).to_be_focused()


def test_frames_can_be_filtered_paused_and_cleared(people: People) -> None:
    host, guest = people.arrive(), people.arrive()
    room = make_room(host, "거르기")
    joined(host)
    assert enter(guest, room)
    host.click("#inspector-btn")
    lines = host.locator(".frame")
    say(host, "안녕")
    expect(frames(host, "안녕")).to_have_count(2)
    host.select_option("#inspector [name=type]", "EVENT")
    host.select_option("#inspector [name=namespace]", "/chat")
    host.uncheck("#inspector [name=up]")
    expect(host.locator('.frame[data-direction="up"]')).to_have_count(0)
    expect(frames(host, "안녕", "down")).to_have_count(1)
    expect(lines.locator('[data-part="kind"]:not(:text-is("EVENT"))')).to_have_count(0)
    expect(lines.locator('[data-part="namespace"]:not(:text-is("/chat"))')).to_have_count(0)

    # While paused, it counts new frames and shows them later.
    pause = host.locator('#inspector [data-part="pause"]')
    pause.click()
    before = lines.count()
    say(guest, "뒤에")
    expect(host.locator(".other .text")).to_have_text("뒤에")
    expect(pause).to_have_text(re.compile(r"\+\d"))
    assert lines.count() == before
    pause.click()
    expect(frames(host, "뒤에", "down")).to_have_count(1)

    host.click('#inspector [data-part="clear"]')
    expect(lines).to_have_count(0)
    host.keyboard.press("F9")
    expect(host.locator("#inspector")).to_be_hidden()
    expect(host.locator("#inspector-btn")).to_be_focused()
    say(host, "닫힌 동안")
    expect(guest.locator(".other .text")).to_have_text(["안녕", "닫힌 동안"])
    expect(lines).to_have_count(0)


def test_a_hand_written_packet_can_be_sent(people: People) -> None:
    page = people.arrive(phone=True)
    make_room(page, "전화")
    joined(page)
    page.tap("#inspector-btn")
    expect(page.locator("#inspector")).to_be_in_viewport(ratio=1)
    own = page.locator("#own-packet")
    send = page.locator('#inspector [data-part="send"]')
    explained = page.locator('#inspector [data-part="own-explained"]')
    for text, said in (
        ('2["reply"', "JSON이 아닙니다"),
        ("9", "0부터 6까지"),
        ("", "비어 있습니다"),
    ):
        own.fill(text)
        expect(explained).to_contain_text(said)
        expect(send).to_be_disabled()
    for text, said in (
        ('2/chat,["chat","x"]', "수업용"),
        ("0", "저절로"),
        ('51-["x",{"_placeholder":true,"num":0}]', "종류"),
    ):
        own.fill(text)
        expect(page.locator("#own-refusal")).to_contain_text(said)
        expect(send).to_be_disabled()

    own.fill('2["reply","hi"]')
    expect(explained.locator('.frame-field[data-field="event"]')).to_contain_text('"reply"')
    send.tap()
    sent = frames(page, "reply", "up")
    expect(sent.locator('[data-part="namespace"]')).to_have_text("/")
    sent.tap()
    expect(page.locator('#inspector [data-part="detail"] .frame-raw')).to_have_text('42["reply","hi"]')
    expect(page.locator('#inspector [data-part="journey"]')).to_contain_text("연결 2")
    own.fill("1")
    send.tap()
    expect(frames(page, "DISCONNECT", "up")).to_have_count(1)
    page.tap('#inspector [data-part="disconnect"]')
    expect(page.locator('#inspector [data-part="state"]')).to_have_text("연결을 끊었습니다.")

    # The chat still works.
    expect(page.locator("#room")).to_have_attribute("data-connection", "joined")
    page.tap('#inspector [data-part="close"]')
    say(page, "그대로")
    expect(page.locator(".mine:not(.pending) .text")).to_have_text("그대로")
