"""What a reader has not seen: the mark above it, the buttons that lead there, and the tab while its page is hidden."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import People, say
from tests.browser.room_page import enter, handle, scroll_to, until
from tests.server import Server, Visitor, running

# As another tab in front of it does; a headless browser shows every page.
HIDE = """(hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
}"""
# What the page plays and shows, for the test to see: a headless browser does neither.
ALERTS = """
    globalThis.alerts = [];
    const { createOscillator } = AudioContext.prototype;
    AudioContext.prototype.createOscillator = function () {
        alerts.push("note");
        return createOscillator.call(this);
    };
    globalThis.Notification = class extends EventTarget {
        static permission = "default";
        static requestPermission = async () => (Notification.permission = "granted");
        constructor(title, { body }) {
            super();
            alerts.push(`${title}: ${body}`);
        }
        close() {}
    };
"""
SCREENFUL = 30


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server for all these tests."""
    with running(tmp_path_factory.mktemp("unread") / "data", "--grace", "30", "--rate", "0") as server:
        yield server


class Speaker:
    """Somebody who talks in a room of their own."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.room = visitor.room("새 말")

    def say(self, *texts: str) -> None:
        for text in texts:
            assert self.visitor.json("POST", f"/room/{self.room}/chat", json={"chat": text})[0] == 200


@pytest.fixture
def speaker(server: Server) -> Speaker:
    return Speaker(server.visitor())


def hide(page: Page, hidden: bool = True) -> None:
    page.evaluate(HIDE, hidden)


def marked(page: Page) -> Locator:
    """Return the text below the mark."""
    return page.locator("#chat-list > .first-new .text")


def icon(page: Page) -> str:
    address: str = page.locator("link[rel=icon]").evaluate("(link) => link.href")
    return address


def test_what_came_while_the_page_was_hidden_is_counted_in_the_tab_and_marked(people: People, speaker: Speaker) -> None:
    speaker.say("전에 한 말")
    page = people.arrive()
    enter(page, speaker.room)
    plain = icon(page)
    speaker.say("보고 있을 때 한 말")
    expect(page.locator("#chat-list .text").last).to_have_text("보고 있을 때 한 말")
    hide(page)
    enter(people.arrive(), speaker.room)  # a join does not count
    speaker.say("첫째", "둘째")
    expect(page).to_have_title("(2) 새 말 · GIF 채팅방")
    until(page, lambda: icon(page).startswith("data:image/svg+xml,"))
    hide(page, False)
    expect(page).to_have_title("새 말 · GIF 채팅방")
    assert icon(page) == plain
    expect(marked(page)).to_have_text("첫째")
    expect(page.locator("#to-mark")).to_be_hidden()
    expect(page.locator("#latest")).to_be_hidden()
    # It stays while the reader is there, whoever talks, and goes when they go.
    say(page, "내 말")
    speaker.say("셋째")
    expect(page.locator("#chat-list .text").last).to_have_text("셋째")
    expect(marked(page)).to_have_text("첫째")
    hide(page)
    speaker.say(*(f"{number}번째" for number in range(SCREENFUL)))
    expect(page).to_have_title(re.compile(rf"^\({SCREENFUL}\) "))
    hide(page, False)
    # Out of view above: a button leads there, also after a reload.
    expect(page.locator("#to-mark")).to_have_text(f"새 메시지 {SCREENFUL}개 보기")
    page.reload()
    expect(page.locator("#to-mark")).to_have_text(f"새 메시지 {SCREENFUL}개 보기")
    page.click("#to-mark")
    expect(marked(page)).to_have_text("0번째")
    expect(marked(page)).to_be_in_viewport()
    expect(page.locator("#to-mark")).to_be_hidden()


def test_the_button_to_the_end_counts_what_is_below(people: People, speaker: Speaker) -> None:
    speaker.say(*(f"{number}번째" for number in range(SCREENFUL)))
    page = people.arrive()
    enter(page, speaker.room)
    latest = page.locator("#latest")
    expect(latest).to_be_hidden()
    scroll_to(page, "0")
    expect(latest).to_have_accessible_name("최신 메시지 보기")
    speaker.say(*(f"새 말 {number}" for number in range(5)))
    expect(latest).to_have_accessible_name("최신 메시지 보기, 새 메시지 5개")
    expect(latest.locator("[data-part=count]")).to_have_text("5")
    expect(page).to_have_title("새 말 · GIF 채팅방")  # the reader is there
    # On the way down, what was seen is not counted any more.
    third = page.locator("#chat-list .other", has_text="새 말 2")
    third.evaluate("(line) => line.scrollIntoView({ block: 'end' })")
    expect(latest.locator("[data-part=count]")).to_have_text("2")
    expect(marked(page)).to_have_text("새 말 0")
    # Whoever reloads the page there is at the end, below the mark that they had seen.
    latest.click()
    expect(latest).to_be_hidden()
    scroll_to(page, "0")
    expect(latest).to_have_accessible_name("최신 메시지 보기")
    speaker.say("끝말")
    expect(latest.locator("[data-part=count]")).to_have_text("1")
    page.reload()
    expect(marked(page)).to_have_text("끝말")
    expect(latest).to_be_hidden()


def test_what_was_missed_without_a_network_is_marked(people: People, speaker: Speaker) -> None:
    page = people.arrive()
    enter(page, speaker.room)
    speaker.say("들은 말")
    expect(page.locator("#chat-list .text").last).to_have_text("들은 말")
    page.context.set_offline(True)
    expect(page.locator("#room")).to_have_attribute("data-connection", "lost")
    speaker.say("못 들은 말")
    page.context.set_offline(False)
    expect(marked(page)).to_have_text("못 들은 말")
    people.troubles.clear()


def test_a_mention_is_completed_marked_and_counted_apart(people: People, speaker: Speaker) -> None:
    writer, reader = people.arrive(), people.arrive(locale="en-US")
    enter(writer, speaker.room)
    user = enter(reader, speaker.room)
    name = handle(writer, user)  # in the writer's language, which the reader's page learns when it is idle
    assert name != handle(reader, user)
    speaker.say(f"안녕 @{name}")
    expect(reader.locator("#chat-list .mention.me")).to_have_text(f"@{name}")
    offered = writer.get_by_role("listbox", name="언급할 사람").get_by_role("option")
    writer.locator("#chat").press_sequentially(f"이봐 @{name[0]}")
    expect(offered).to_have_text([name])
    writer.keyboard.press("Tab")
    expect(writer.locator("#chat")).to_have_value(f"이봐 @{name} ")
    expect(offered).to_have_count(0)
    hide(reader)
    speaker.say("아무나")
    expect(reader).to_have_title(re.compile(r"^\(1\) "))
    until(reader, lambda: icon(reader).startswith("data:"))
    unread = icon(reader)
    writer.locator("#chat").press_sequentially(f"와 `@{name}`")
    writer.keyboard.press("Enter")
    expect(reader).to_have_title(re.compile(r"^\(2 @1\) "))
    until(reader, lambda: icon(reader).startswith("data:") and icon(reader) != unread)
    hide(reader, False)
    text = reader.locator("#chat-list .to-me").nth(1)
    expect(text).to_have_text(f"이봐 @{name} 와 `@{name}`")
    expect(text.locator(".mention.me")).to_have_text([f"@{name}"])
    expect(writer.locator("#chat-list .mine .mention:not(.me)")).to_have_text([f"@{name}"])
    # The names are known when the page has joined: the server's lines are marked then.
    reader.reload()
    expect(text.locator(".mention.me")).to_have_text([f"@{name}"])
    # By their colour, from any program, whoever is there.
    speaker.say(f"{user}? @{user.upper()}!")
    expect(reader.locator("#chat-list .to-me").last.locator(".mention.me")).to_have_text([f"@{user.upper()}"])


def test_sounds_and_notifications_are_for_what_is_chosen_and_not_seen(people: People, speaker: Speaker) -> None:
    page = people.arrive()
    page.add_init_script(ALERTS)
    user = enter(page, speaker.room)
    page.click(".looks summary")
    page.select_option("[data-alert=sound]", "mentions")
    until(page, lambda: page.evaluate("alerts.length") == 3)
    page.select_option("[data-alert=notice]", "all")
    until(page, lambda: page.evaluate("alerts.length") == 4)
    page.keyboard.press("Escape")

    def told() -> list[str]:
        alerts: list[str] = page.evaluate("alerts.splice(0)")
        return alerts

    told()
    speaker.say("보고 있는 말")
    expect(page.locator("#chat-list .text").last).to_have_text("보고 있는 말")
    hide(page)
    enter(people.arrive(), speaker.room)
    speaker.say("못 본 말")
    expect(page).to_have_title(re.compile(r"^\(1\) "))
    alerts = told()
    assert len(alerts) == 1 and alerts[0].endswith(": 못 본 말")
    speaker.say(f"@{user} 불러 봤어")
    until(page, lambda: page.evaluate("alerts.length") == 4)
    assert told().count("note") == 3

    phone = people.arrive(phone=True)  # by plain HTTP
    enter(phone, speaker.room)
    phone.tap(".looks summary")
    expect(phone.locator("[data-alert=notice]")).to_be_disabled()
    expect(phone.locator(".alerts")).to_contain_text("브라우저가 알림을 허용하지 않습니다.")
    expect(phone.locator("[data-alert=sound]")).to_be_enabled()
