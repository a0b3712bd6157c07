"""A chat longer than its page: the page holds at most 300 lines, and its reader does not notice."""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from bench.speaker import Speaker
from tests.browser.conftest import People, say
from tests.browser.room_page import enter, joined, send_images, until
from tests.browser.wire import Wire
from tests.server import Server, running

MOST_LINES = 300
LINES = 5000

# Scrolls by `step` pixels a frame until the outermost line there has the number `target`, or one further on. From one
# frame to the next, no line in view may move by itself, and the lines are consecutive. A line's bottom tells where it
# is: its byline, and the name of the day above it, go when a line of the same group is loaded above it.
SCROLL = """async ([step, target]) => {
    const area = document.getElementById("chat-scroll");
    const list = document.getElementById("chat-list");
    const frame = () => new Promise(requestAnimationFrame);
    const seen = { moved: 0, gone: 0, lines: 0, gaps: 0 };
    for (let still = 0; still < 1000; still++) {
        const { scrollTop } = area;
        area.scrollTop += step;
        if (area.scrollTop !== scrollTop) still = 0;
        const view = area.getBoundingClientRect();
        const bottoms = new Map();
        for (const line of list.querySelectorAll(":scope > [data-seq]")) {
            const { top, bottom } = line.getBoundingClientRect();
            if (bottom > view.top && top < view.bottom) bottoms.set(line, bottom);
        }
        await frame();
        for (const [line, bottom] of bottoms) {
            if (!line.isConnected) seen.gone++;
            else seen.moved = Math.max(seen.moved, Math.abs(line.getBoundingClientRect().bottom - bottom));
        }
        seen.lines = Math.max(seen.lines, list.children.length);
        const numbers = [];
        for (const text of list.querySelectorAll(".text, .deleted-text")) {
            const next = numbers.length ? numbers.at(-1) + 1 : NaN;
            const number = text.matches(".text") ? Number.parseInt(text.textContent) : next;
            if (numbers.length && number !== next) seen.gaps++;
            if (number) numbers.push(number);
        }
        if (step < 0 ? numbers[0] <= target : numbers.at(-1) >= target) return seen;
    }
    return { stuck: area.scrollTop };
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server for all these tests, which accepts many messages at once."""
    with running(tmp_path_factory.mktemp("long") / "data", "--grace", "30", "--rate", "0") as server:
        yield server


@pytest.fixture
def speaker(server: Server) -> Iterator[Speaker]:
    with Speaker(server.port) as speaker:
        yield speaker


def numbered(first: int, last: int) -> list[str]:
    """Return texts of different heights that begin with their numbers."""
    return [f"{number}번째 말입니다.{' 길게 말합니다.' * (number % 7 * 3)}" for number in range(first, last + 1)]


def scroll(page: Page, step: int, target: int) -> None:
    """Scroll until the page has line `target`, and check that nothing jumps on the way."""
    seen = page.evaluate(SCROLL, [step, target])
    assert "stuck" not in seen
    assert seen["gone"] == seen["gaps"] == 0
    assert seen["moved"] <= 2  # pixels
    assert seen["lines"] <= MOST_LINES


def numbers(page: Page) -> list[int]:
    """Return the numbers of the lines that the page holds."""
    texts = page.locator("#chat-list .text").all_inner_texts()
    return [int(found[0]) for text in texts if (found := re.match(r"\d+", text))]


def assert_consecutive(page: Page, last: int) -> None:
    """Check that the page holds consecutive lines up to `last`, and not too many."""
    shown = numbers(page)
    assert shown == list(range(shown[0], last + 1))
    assert page.locator("#chat-list > *").count() <= MOST_LINES


def scroll_up_past_the_end(page: Page) -> None:
    """Scroll up until the latest lines are no longer on the page."""
    scroll(page, -900, 1)
    expect(page.locator("[data-part=newer]")).to_be_attached()
    expect(page.locator("#latest")).to_be_visible()


@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_five_thousand_lines_scroll_up_and_down_without_a_jump(people: People, speaker: Speaker, phone: bool) -> None:
    speaker.say(*numbered(1, LINES))
    reader = people.arrive(phone=phone)
    enter(reader, speaker.room)
    scroll(reader, -2000, 1)
    expect(reader.locator("#older")).to_be_hidden()
    scroll(reader, 2000, LINES)
    lines = reader.locator("#chat-list[role=list]")
    expect(reader.get_by_role("region").filter(has=lines)).to_have_attribute("tabindex", "0")
    # At the end again, what is said comes into view.
    reader.evaluate("document.getElementById('chat-scroll').scrollTop = 1e6")
    expect(reader.locator("#latest")).to_be_hidden()
    speaker.say(f"{LINES + 1}번째, 그리고 끝")
    expect(reader.locator("#chat-list .text").last).to_be_in_viewport()
    assert_consecutive(reader, LINES + 1)


def test_a_reader_at_the_end_keeps_few_lines(people: People, speaker: Speaker) -> None:
    reader = people.arrive()
    enter(reader, speaker.room)
    for first in range(1, 700, 100):
        speaker.say(*numbered(first, first + 99))
        last = reader.locator("#chat-list .text", has_text=re.compile(f"^{first + 99}번째"))
        expect(last).to_be_in_viewport()
        assert_consecutive(reader, first + 99)
    scroll(reader, -900, 1)


def test_a_reader_further_up_is_not_pushed_by_those_who_talk(people: People, speaker: Speaker) -> None:
    speaker.say(*numbered(1, 1000))
    reader = people.arrive()
    enter(reader, speaker.room)
    reader.click("#search-btn")
    reader.fill("#search-text", "333번째")
    reader.locator("#search .result").click()
    found = reader.locator("#chat-list .other", has_text=re.compile("333번째 말"))
    expect(found).to_be_focused()
    expect(found).to_be_in_viewport()
    box = found.bounding_box()
    speaker.say(*numbered(1001, 1400))
    expect(reader.locator("#latest")).to_be_visible()
    assert found.bounding_box() == box
    assert reader.locator("#chat-list > *").count() <= MOST_LINES
    # The reader goes on from there to the end, and back at once.
    scroll(reader, 900, 1400)
    scroll(reader, -900, 400)
    reader.click("#latest")
    expect(reader.locator("#chat-list .text").last).to_be_in_viewport()
    expect(reader.locator("#latest")).to_be_hidden()
    assert_consecutive(reader, 1400)
    speaker.say("1401번째")
    expect(reader.locator("#chat-list .text", has_text="1401번째")).to_be_in_viewport()


def test_a_search_result_is_shown_while_older_lines_are_loading(people: People, speaker: Speaker) -> None:
    speaker.say(*numbered(1, 180))
    reader = people.arrive()
    enter(reader, speaker.room)
    reader.click("#search-btn")
    reader.fill("#search-text", "13번째 말")
    found = reader.locator("#search .result").last
    expect(found).to_contain_text("13번째")
    held: list[Route] = []

    def hold(route: Route) -> None:
        if len(held) < 2:
            held.append(route)
        else:
            route.continue_()

    reader.route("**/chats?*", hold)
    reader.evaluate("document.getElementById('chat-scroll').scrollTop = 0")
    until(reader, lambda: len(held) == 1)
    found.click()
    until(reader, lambda: len(held) == 2)
    held[0].continue_()
    expect(reader.locator("#chat-list .text", has_text=re.compile("^100번째"))).to_have_count(1)
    held[1].continue_()
    line = reader.locator("#chat-list .other", has_text="13번째 말").first
    expect(line).to_be_focused()
    expect(line).to_be_in_viewport()


def test_lines_that_return_are_as_they_are_now(people: People, speaker: Speaker) -> None:
    speaker.say(*numbered(1, 600))
    reader = people.arrive()
    enter(reader, speaker.room)
    edited, deleted, original = speaker.say("601번째 옛말", "602번째 지울 말", "603번째 답할 말")
    speaker.ask("chat", chat="604번째 대답", re=original).result()
    last = reader.locator("#chat-list .text", has_text="604번째")
    expect(last).to_be_in_viewport()
    scroll_up_past_the_end(reader)
    expect(last).to_have_count(0)
    assert speaker.ask("edit", _id=edited, chat="601번째 새말").result()["ok"]
    for record in (deleted, original):
        assert speaker.ask("delete", _id=record).result()["ok"]
    speaker.say("605번째")
    reader.click("#latest")
    expect(reader.locator("#chat-list .text", has_text="601번째 새말")).to_be_visible()
    expect(reader.locator("#chat-list [data-deleted]")).to_have_count(2)
    expect(reader.locator("#chat-list .quote.gone")).to_have_count(1)
    for old in ("옛말", "지울 말", "답할 말"):
        expect(reader.locator("#chat-list", has_text=old)).to_have_count(0)

    # So are those that the server tells again.
    scroll(reader, -900, 1)
    scroll(reader, 900, 605)
    expect(reader.locator("#chat-list .text", has_text="601번째 새말")).to_have_count(1)
    expect(reader.locator("#chat-list [data-deleted]")).to_have_count(2)


def test_what_is_sent_from_further_up_is_shown_at_the_end(people: People, speaker: Speaker) -> None:
    speaker.say(*numbered(1, 500))
    reader = people.arrive()
    enter(reader, speaker.room)
    scroll_up_past_the_end(reader)
    say(reader, "501번째, 내 말")
    mine = reader.locator("#chat-list .mine", has_text="501번째")
    expect(mine).to_be_in_viewport()
    expect(reader.locator("#latest")).to_be_hidden()
    expect(reader.locator("#chat-list .pending")).to_have_count(0)
    expect(mine).to_have_count(1)
    assert_consecutive(reader, 501)


def test_what_was_missed_further_up_is_there_on_the_way_down(people: People, speaker: Speaker) -> None:
    speaker.say(*numbered(1, 500))
    reader = people.arrive()
    wire = Wire(reader, lambda up, frame: False)
    enter(reader, speaker.room)
    scroll_up_past_the_end(reader)
    first = reader.locator("#chat-list .text", has_text=re.compile("^1번째"))
    box = first.bounding_box()
    wire.holds = lambda up, frame: True
    speaker.say(*numbered(501, 1300))  # more than one answer to a join holds
    wire.cut()
    joined(reader)
    expect(reader.locator("#latest")).to_be_visible()
    assert first.bounding_box() == box
    scroll(reader, 900, 1300)
    assert_consecutive(reader, 1300)


def test_what_could_not_be_loaded_is_loaded_when_the_network_is_back(people: People, speaker: Speaker) -> None:
    speaker.say(*numbered(1, 500))
    reader = people.arrive()
    wire = Wire(reader, lambda up, frame: False)
    enter(reader, speaker.room)
    reader.route("**/chats?*", lambda route: route.abort())
    with reader.expect_event("requestfailed"):
        reader.evaluate("document.getElementById('chat-scroll').scrollTop = 0")
    reader.unroute("**/chats?*")
    wire.cut()
    expect(reader.locator("#chat-list .text", has_text="430번째")).to_have_count(1)
    assert all("net::ERR_FAILED" in trouble for trouble in people.troubles)
    people.troubles.clear()


def test_a_room_without_stored_records_scrolls_back_to_what_the_page_received(people: People, server: Server) -> None:
    with Speaker(server.port, ephemeral=True) as speaker:
        reader = people.arrive()
        enter(reader, speaker.room)
        ids = speaker.say(*numbered(1, 800))
        expect(reader.locator("#chat-list .text", has_text=re.compile("^800번째"))).to_be_in_viewport()
        assert_consecutive(reader, 800)
        scroll(reader, -900, 1)
        assert speaker.ask("delete", _id=ids[-2]).result()["ok"]
        speaker.say(*numbered(801, 900))
        scroll(reader, 900, 900)
        scroll(reader, -900, 650)
        expect(reader.locator("#chat-list [data-deleted]")).to_have_count(1)


def test_images_that_come_into_the_page_move_nothing(people: People, speaker: Speaker, gif: Path) -> None:
    host, reader = people.arrive(), people.arrive()
    enter(host, speaker.room)
    for first in itertools.count(1, 40):
        speaker.say(*numbered(first, first + 39))
        if first > 500:
            break
        send_images(host, gif, gif)
        expect(host.locator("#chat-list .mine:not(.pending) img").last).to_have_js_property("complete", True)
        expect(host.locator("#chat-list .pending")).to_have_count(0)
    enter(reader, speaker.room)
    scroll(reader, -400, 1)
    scroll(reader, 400, first + 39)
    expect(reader.locator("#chat-list img").last).to_be_attached()


def test_an_image_stays_in_the_viewer_until_it_is_deleted(people: People, speaker: Speaker, gif: Path) -> None:
    host, reader = people.arrive(), people.arrive()
    enter(reader, speaker.room)
    enter(host, speaker.room)
    send_images(host, gif)
    reader.click("#chat-list .picture a")
    expect(reader.locator("#viewer [data-part=place]")).to_have_text("1 / 1")
    speaker.say(*numbered(1, 350))
    expect(reader.locator("#chat-list .text", has_text="350번째")).to_have_count(1)
    expect(reader.locator("#chat-list .picture")).to_have_count(0)
    expect(reader.locator("#viewer img")).to_be_visible()
    expect(reader.locator("#viewer [data-part=place]")).to_be_empty()
    scroll(host, -900, 1)
    host.evaluate("document.getElementById('chat-scroll').scrollTop = 0")
    line = host.locator("#chat-list .mine")
    line.hover()
    line.locator(".more").click()
    host.click("#actions [data-action=delete]")
    host.click("#confirm [type=submit]")
    expect(reader.locator("#viewer")).to_be_hidden()


def test_no_rule_of_the_room_page_uses_has(people: People, speaker: Speaker) -> None:
    """With :has(), the browser would check more than the new line whenever one is added."""
    reader = people.arrive()
    enter(reader, speaker.room)
    rules = reader.evaluate("""() => {
        const texts = [];
        const read = (rules) => {
            for (const rule of rules) {
                texts.push(rule.selectorText ?? "");
                read(rule.cssRules ?? rule.styleSheet?.cssRules ?? []);
            }
        };
        for (const sheet of document.styleSheets) read(sheet.cssRules);
        return texts;
    }""")
    assert len(rules) > 100
    assert not [rule for rule in rules if ":has(" in rule]
