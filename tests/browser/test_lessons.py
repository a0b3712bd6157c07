"""The lessons' page in real browsers: each lane counts its traffic, tabs add up, the tree is live."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import People, make_room
from tests.browser.room_page import enter, joined
from tests.server import Server, running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server for all these tests."""
    with running(tmp_path_factory.mktemp("lessons") / "data", "--grace", "0.2") as server:
        yield server


def lane(page: Page, lesson: str) -> Locator:
    """Return a lesson's part of the page."""
    return page.locator(f'section[data-lesson="{lesson}"]')


def figure(page: Page, lesson: str, name: str) -> Locator:
    """Return one of the numbers of a lesson."""
    return lane(page, lesson).locator(f'.figures [data-part="{name}"]')


def toggle(page: Page, lesson: str) -> None:
    """Start or stop a lesson."""
    lane(page, lesson).locator('[data-part="toggle"]').click()


def count(page: Page, lesson: str, name: str) -> Locator:
    """Return a count that the server keeps for a lesson."""
    return page.locator(f'.counts tr[data-lesson="{lesson}"] [data-part="{name}"]')


def faster(page: Page) -> None:
    """Make the server send events, and polling ask, every half second."""
    expect(page.locator("#start-all")).to_be_enabled()  # the page's script has loaded
    for name in ("every", "poll"):
        page.fill(f"#set-{name}", "500")
        page.dispatch_event(f"#set-{name}", "change")


def test_each_lane_counts_its_traffic_until_it_is_stopped(people: People) -> None:
    page = people.arrive()
    page.get_by_role("link", name="실시간 통신 실습").click()
    faster(page)
    expect(page.locator("#chart-requests")).to_have_attribute("aria-label", "아직 없음")
    lessons = ["polling", "long_polling", "sse", "websocket"]
    page.click("#start-all")
    for lesson in [*lessons, "socketio"]:
        expect(lane(page, lesson).locator('[data-part="toggle"]')).to_have_text("멈춤")
    for lesson in lessons:
        expect(figure(page, lesson, "messages")).to_have_text(re.compile(r"↓([3-9]|\d\d)"))
        expect(figure(page, lesson, "head")).to_have_text(re.compile(r"\d B|kB"))
        expect(lane(page, lesson).locator('.passage[data-way="down"]').first).to_contain_text("메세지를 보냅니다")
        expect(page.locator(f'#chart-bytes .chart-line[data-lesson="{lesson}"] path')).to_have_count(1)
    # Either one connection carries them all, or each has cost a request.
    assert {lesson: figure(page, lesson, "requests").inner_text() for lesson in ("sse", "websocket")} == {
        "sse": "1",
        "websocket": "1",
    }
    for lesson in ("polling", "long_polling"):
        assert int(figure(page, lesson, "requests").inner_text()) >= 3
    expect(figure(page, "websocket", "messages")).to_contain_text("↑")
    expect(lane(page, "websocket").locator('.passage[data-way="up"]').first).to_contain_text("6 + 55 B")
    expect(lane(page, "polling").locator(".ladder-arrow").first).to_be_attached()
    expect(page.locator("#chart-each")).to_have_attribute("aria-label", re.compile(r"폴링 [\d,]+ B.*웹소켓 \d+ B"))
    expect(count(page, "sse", "open")).to_have_text("1")

    page.click("#stop-all")
    for lesson in lessons:
        expect(lane(page, lesson).locator('[data-part="toggle"]')).to_have_text("시작")
        expect(count(page, lesson, "open")).to_have_text("0")
    stopped = figure(page, "polling", "requests").inner_text()
    sent = lane(page, "sse").locator(".passage").count()
    page.fill("#set-bytes", "1024")
    page.dispatch_event("#set-bytes", "change")
    toggle(page, "websocket")
    expect(lane(page, "websocket").locator(".passage").filter(has_text="4 + 1024 B").first).to_be_attached()
    assert figure(page, "polling", "requests").inner_text() == stopped
    assert lane(page, "sse").locator(".passage").count() == sent
    page.click("#stop-all")
    page.click("#reset")
    expect(figure(page, "polling", "requests")).to_have_text("0")
    expect(page.locator(".lane .passage")).to_have_count(0)


def test_two_tabs_double_the_messages_and_the_log_shows_when_one_closes(people: People) -> None:
    first = people.arrive()
    first.goto("/lessons")
    with first.context.expect_page() as opened:
        first.get_by_role("link", name="새 탭에서 열기").click()
    second = opened.value
    for tab in (first, second):
        faster(tab)
        toggle(tab, "websocket")
    expect(count(first, "websocket", "open")).to_have_text("2")
    log = first.locator("#server-log li[data-mine]")
    replies = log.filter(has_text="받음").filter(has_text="답장")
    expect(replies.nth(3)).to_be_attached()
    assert log.filter(has_text="닫힘").count() == 0
    second.close()
    expect(log.filter(has_text="닫힘")).to_have_count(1)
    expect(log.filter(has_text="닫힘")).to_contain_text("웹소켓")
    expect(count(first, "websocket", "open")).to_have_text("1")

    # Also manually.
    lane(first, "websocket").locator('[name="auto"]').uncheck()
    lane(first, "websocket").locator('[name="text"]').fill("<i>안녕</i>")
    lane(first, "websocket").locator('[data-part="say"] button').click()
    expect(log.filter(has_text="<i>안녕</i>")).to_have_count(1)
    toggle(first, "websocket")


def test_lessons_pause_in_a_hidden_tab(people: People) -> None:
    page, title = people.arrive(), "실시간 통신 실습 · GIF 채팅방"
    page.goto("/lessons")
    faster(page)
    # The test browser never hides a tab; tests/firefox uses one that does.
    turn = """(state) => {
        Object.defineProperty(document, "visibilityState", { configurable: true, value: state });
        Object.defineProperty(document, "hidden", { configurable: true, value: state === "hidden" });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    page.evaluate(turn, "hidden")
    page.evaluate(turn, "visible")
    expect(page).to_have_title(title)
    lessons = ["long_polling", "sse", "websocket", "socketio"]
    for lesson in lessons:
        toggle(page, lesson)
        expect(count(page, lesson, "open")).to_have_text("1")
    page.evaluate(turn, "hidden")
    for lesson in lessons:
        expect(count(page, lesson, "open")).to_have_text("0")
        expect(lane(page, lesson).locator('[data-part="trouble"]')).to_have_text(
            "보이지 않는 탭이라서 잠시 멈췄습니다."
        )
        expect(lane(page, lesson).locator('[data-part="toggle"]')).to_have_text("멈춤")
    expect(page).to_have_title(f"⏸ 잠시 멈춤 · {title}")
    faster(page)  # new settings wait as well
    toggle(page, "sse")
    toggle(page, "polling")
    expect(lane(page, "sse").locator('[data-part="trouble"]')).to_be_empty()
    assert figure(page, "polling", "requests").inner_text() == "0"
    page.evaluate(turn, "visible")
    expect(page).to_have_title(title)
    for lesson in ("long_polling", "websocket", "socketio"):
        expect(count(page, lesson, "open")).to_have_text("1")
        expect(lane(page, lesson).locator('[data-part="trouble"]')).to_be_empty()
    expect(figure(page, "polling", "requests")).not_to_have_text("0")
    assert count(page, "sse", "open").inner_text() == "0"


def test_a_lane_waiting_for_a_connection_says_so(people: People) -> None:
    page = people.arrive(locale="en-US")
    page.goto("/lessons")
    faster(page)
    toggle(page, "long_polling")
    expect(figure(page, "long_polling", "messages")).to_have_text(re.compile(r"↓[1-9]"))
    # All connections the browser allows to one server are taken, as if by other windows.
    held = "() => { window.held = Array.from({ length: 6 }, () => new EventSource('/lessons/events?every_ms=10000')); }"
    page.evaluate(held)
    waits = re.compile("^Waiting for a connection. A browser opens at most six")
    for lesson in ("polling", "sse", "socketio"):
        toggle(page, lesson)
    for lesson in ("polling", "long_polling", "sse", "socketio"):
        expect(lane(page, lesson).locator('[data-part="trouble"]')).to_have_text(waits)
    toggle(page, "socketio")
    expect(lane(page, "socketio").locator('[data-part="trouble"]')).to_be_empty()
    page.evaluate("held.forEach((source) => source.close())")
    for lesson in ("polling", "long_polling", "sse"):
        expect(figure(page, lesson, "messages")).to_have_text(re.compile(r"↓[1-9]"))
        expect(lane(page, lesson).locator('[data-part="trouble"]')).to_be_empty()


def test_the_tree_shows_joins_and_leaves(people: People) -> None:
    page, host, guest = people.arrive(locale="en-US"), people.arrive(), people.arrive()
    page.goto("/lessons")
    mine = page.locator("#tree [data-mine]")
    expect(mine).to_have_count(1)
    secret = make_room(guest, "아무도 모르게", password="p")
    joined(guest)
    room = make_room(host, "나무")
    colour = joined(host)
    boxes = page.locator("#tree .tree-room")
    expect(boxes).to_have_count(2)
    expect(boxes.filter(has_text="Locked room")).to_have_count(1)
    shown = boxes.filter(has_text="나무")
    expect(shown.locator(".tree-count")).to_have_text("1")
    expect(page.locator(f'#tree .tree-dot[fill="{colour}"]').first).to_be_attached()
    assert secret not in page.content()
    assert "모르게" not in page.content()

    guest.goto("/")
    other = enter(guest, room)
    expect(shown.locator(".tree-count")).to_have_text("2")
    expect(boxes).to_have_count(1)  # the other room is over
    guest.click("#exit-btn")
    expect(shown.locator(".tree-count")).to_have_text("1")
    assert other != colour
    expect(page.locator("#tree-summary")).to_have_text(re.compile(r"\d namespaces, 1 rooms, \d+ sockets"))


def test_the_socketio_lane_shows_its_packets(people: People) -> None:
    page = people.arrive()
    page.goto("/lessons")
    section = lane(page, "socketio")
    expect(page.locator("#tree [data-mine]")).to_have_count(1)
    toggle(page, "socketio")
    expect(page.locator("#tree [data-mine]")).to_have_count(2)
    packet = section.locator(".frame")
    upgrade = packet.locator('[data-part="kind"]:text-is("upgrade")')
    expect(upgrade).to_have_count(1)
    expect(figure(page, "socketio", "requests")).to_have_text(re.compile(r"[4-6]"))
    expect(figure(page, "socketio", "head")).to_have_text(re.compile(r"≈ .*B"))
    section.locator('[name="text"]').fill("칠판")
    section.locator('[data-part="say"] button').click()
    packet.filter(has_text="칠판").click()
    explained = section.locator('[data-part="detail"]')
    expect(explained.locator(".frame-raw")).to_have_text('42["reply","칠판"]')
    expect(explained.locator('.frame-field[data-field="event"]')).to_contain_text('"reply"')
    expect(page.locator("#server-log li").filter(has_text="칠판")).to_have_count(1)

    section.locator('[name="transports"][value="websocket"]').check()
    expect(packet.filter(has_text="CONNECT").filter(has_text="sid")).to_have_count(2)
    expect(upgrade).to_have_count(1)  # no second one
    toggle(page, "socketio")
    expect(page.locator("#tree [data-mine]")).to_have_count(1)


def test_the_tree_marks_the_pages_own_socket_even_if_its_id_arrives_late(people: People) -> None:
    page = people.arrive()
    page.goto("/lessons")
    expect(page.locator("#tree [data-mine]")).to_have_count(1)
    held: list[Route] = []
    released = False

    def hold(route: Route) -> None:
        if route.request.method == "POST" or released:
            route.continue_()
        else:
            held.append(route)

    page.route(re.compile(r"/socket\.io/.*transport=polling.*&sid="), hold)
    toggle(page, "socketio")
    user = page.locator("#lessons").get_attribute("data-user")
    expect(page.locator(f'#tree .tree-dot[fill="{user}"]')).to_have_count(2)
    released = True
    for route in held:
        route.continue_()
    expect(page.locator("#tree [data-mine]")).to_have_count(2)


def test_the_code_of_each_lesson_is_shown_and_can_be_copied(people: People) -> None:
    page = people.arrive(phone=True)
    page.goto("/lessons")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tabs = page.get_by_role("tab")
    expect(tabs).to_have_count(5)
    panel = page.get_by_role("tabpanel")
    expect(panel).to_contain_text("setInterval")
    lane(page, "sse").get_by_role("link", name="코드 보기").click()
    expect(panel).to_contain_text("new EventSource")
    expect(panel).to_contain_text("handlers/lessons/events.py")
    expect(panel).to_contain_text("async def get(self)")
    tabs.nth(2).press("ArrowRight")
    expect(tabs.nth(3)).to_be_focused()
    expect(panel).to_contain_text("new WebSocket")
    copy = panel.get_by_role("button", name="복사").first
    copy.click()
    expect(panel.get_by_role("button", name="복사함")).to_be_visible()
    # The page is not a secure context, so copying uses the selection.
    assert page.evaluate("getSelection().toString()").startswith("//")
    for lesson in ("polling", "websocket"):
        toggle(page, lesson)
        expect(lane(page, lesson).locator(".passage").first).to_be_attached()
        toggle(page, lesson)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
