"""Finding older messages: the search box, and scrolling up."""

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, Request, Route, expect

from tests.browser.conftest import People, make_room, say
from tests.browser.room_page import joined, scroll_to, stop_clock, until
from tests.server import Server, Visitor, running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server for all these tests, without throttling."""
    with running(tmp_path_factory.mktemp("search") / "data", "--grace", "0.5", "--rate", "0") as server:
        yield server


def post(page: Page, room: str, *texts: str) -> None:
    """Post messages as the page's visitor, without using the page."""
    url = urlsplit(page.url)
    with Visitor(f"{url.scheme}://{url.netloc}") as visitor:
        for cookie in page.context.cookies():
            visitor.cookies.set(cookie["name"], cookie["value"])
        for text in texts:
            answer = visitor.post(f"/room/{room}/chat", json={"chat": text})
            assert answer.ok, answer.text


def search(page: Page, word: str) -> Locator:
    """Search for a word in the open search panel; return the texts of the results."""
    page.fill("#search-text", word)
    return page.locator("#search .result-text")


def in_view(line: Locator) -> bool:
    """Return whether the line is inside the visible part of the chat."""
    return bool(
        line.evaluate(
            """line => {
                const box = line.getBoundingClientRect();
                const area = document.getElementById("chat-scroll").getBoundingClientRect();
                return box.top >= area.top && box.bottom <= area.bottom;
            }"""
        )
    )


def test_a_search_finds_matching_messages_the_newest_first(people: People) -> None:
    host = people.arrive()
    room = make_room(host, "찾기")
    joined(host)
    apart = unicodedata.normalize("NFD", "저녁은 국수")  # decomposed, as in macOS file names
    post(host, room, "점심 뭐 먹지?", apart, "Hello <b>점심</b>", "HELLO 100%")
    host.click("#search-btn")
    expect(host.locator("#search-text")).to_be_focused()

    found = search(host, "점심")
    expect(found).to_have_text(["Hello <b>점심</b>", "점심 뭐 먹지?"])  # newest first
    expect(host.locator("#search mark")).to_have_text(["점심", "점심"])
    expect(host.locator("#search b")).to_have_count(0)
    expect(host.locator("#search [role=status]")).to_have_text("2개를 찾았습니다.")

    for word in ("국수", apart[-5:]):
        expect(search(host, word)).to_have_text([apart])
        expect(host.locator("#search mark")).to_have_text([apart[-5:]])
    expect(search(host, " hello ")).to_have_text(["HELLO 100%", "Hello <b>점심</b>"])
    expect(host.locator("#search mark")).to_have_text(["HELLO", "Hello"])
    expect(search(host, "%")).to_have_text(["HELLO 100%"])
    for none in ("입장", "<i>"):  # system lines are not searched
        expect(search(host, none)).to_have_count(0)
        expect(host.locator("#search [role=status]")).to_have_text("찾는 말이 없습니다.")
    search(host, "\u3164")
    expect(host.locator("#search [role=status]")).to_be_empty()

    # Messages posted meanwhile are found by a new search.
    expect(search(host, "점심")).to_have_count(2)
    post(host, room, "점심 끝")
    host.press("#search-text", "Enter")
    expect(found).to_have_count(3)


def test_a_whisper_is_found_only_by_its_two_parties(people: People) -> None:
    host, guest, third = people.arrive(), people.arrive(), people.arrive()
    room = make_room(host, "비밀")
    owner = joined(host)
    for page in (guest, third):
        page.goto(f"/room/{room}")
        joined(page)
    say(guest, f"/w {owner} 둘만의 비밀")
    expect(host.locator("#chat-list .whisper")).to_have_count(1)
    for page in (host, guest):
        page.click("#search-btn")
        expect(search(page, "비밀")).to_have_text(["둘만의 비밀"])
        expect(page.locator("#search .result .badge:visible")).to_have_text("귓속말")
    third.click("#search-btn")
    expect(search(third, "비밀")).to_have_count(0)
    expect(third.locator("#search [role=status]")).to_have_text("찾는 말이 없습니다.")


@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_a_search_result_is_shown_in_the_chat(people: People, phone: bool) -> None:
    host, reader = people.arrive(), people.arrive(phone=phone)
    reader.clock.install()
    room = make_room(host, "멀리")
    joined(host)
    post(host, room, "맨 처음 한 말", *(f"{number}번째" for number in range(1, 301)))
    reader.goto(f"/room/{room}")
    joined(reader)
    expect(reader.locator("#chat-list .other").first).not_to_have_text(re.compile("맨 처음"))

    # One that the page has loaded, and one that it must fetch.
    for word in ("290번째", "맨 처음"):
        reader.click("#search-btn")
        expect(search(reader, word)).to_have_text([re.compile(word)])
        stop_clock(reader)
        reader.locator("#search .result").click()
        line = reader.locator("#chat-list .other", has_text=word)
        expect(line).to_have_class(re.compile(r"\bfound\b"))
        expect(line).to_be_focused()
        until(reader, lambda line=line: in_view(line))  # type: ignore[misc]  # bound for the loop
        reader.clock.resume()
        expect(reader.locator("#search")).to_be_visible(visible=not phone)
        if not phone:
            reader.press("#search-text", "Escape")
            expect(reader.locator("#people")).to_be_visible()
            expect(reader.locator("#search-btn")).to_be_focused()
    shown = numbers(reader)
    assert shown == list(range(1, len(shown) + 1))  # without a gap

    # The reader stays there while others talk, and is notified.
    post(host, room, "새 소식")
    expect(reader.locator("#latest")).to_be_visible()
    assert in_view(line)


def test_a_search_result_too_far_back_is_shown_in_the_list(people: People) -> None:
    host, reader = people.arrive(), people.arrive()
    room = make_room(host, "너무 멀리")
    joined(host)
    message = f"옛날 옛적에 {'아주 ' * 300}먼 곳에"
    post(host, room, message, *(f"{number}번째" for number in range(1, 60)))
    reader.goto(f"/room/{room}")
    joined(reader)
    reader.click("#search-btn")
    expect(search(reader, "옛적")).to_have_text([re.compile("^옛날 옛적에 .{0,300}…$")])
    reader.route("**/chats?*", lambda route: route.abort())
    reader.locator("#search .result").click()
    expect(reader.locator("#search .result")).to_contain_text("너무 오래된 대화라서 여기에서만 볼 수 있습니다.")
    expect(reader.locator("#search .result-text")).to_have_text(message)
    expect(reader.locator("#search mark")).to_have_text(["옛적"])
    assert all("net::ERR_FAILED" in trouble for trouble in people.troubles)
    people.troubles.clear()


def test_search_results_continue_on_further_pages(people: People) -> None:
    host = people.arrive()
    room = make_room(host, "많이")
    joined(host)
    post(host, room, *(f"{number}번째" for number in range(1, 61)))
    host.click("#search-btn")
    found = search(host, "번째")
    more = host.get_by_role("button", name="더 찾기")
    expect(found).to_have_count(50)
    expect(host.locator("#search [role=status]")).to_have_text("지금까지 50개를 찾았습니다.")
    more.click()
    expect(found).to_have_text([f"{number}번째" for number in range(60, 0, -1)])
    expect(host.locator("#search [role=status]")).to_have_text("60개를 찾았습니다.")
    expect(more).to_be_hidden()


def test_a_search_continues_by_itself_over_stretches_without_a_match(people: People) -> None:
    host = people.arrive()
    room = make_room(host, "드문드문")
    joined(host)
    post(host, room, "바늘")

    # As in a room of a million records: each answer covers the few thousand it searched.
    empty = 0

    def answer(route: Route) -> None:
        nonlocal empty
        empty -= 1
        if empty >= 0:
            route.fulfill(json={"chats": [], "more": True, "next": 2**53 - 1 - empty})
        else:
            route.fallback()

    host.route("**/search?*", answer)
    host.click("#search-btn")
    empty = 4
    expect(search(host, "바늘")).to_have_text(["바늘"])

    empty = 12
    expect(search(host, "늘")).to_have_count(0)
    expect(host.locator("#search [role=status]")).to_have_text("최근 대화에는 없습니다.")
    host.click("#search [data-part=more]")
    expect(host.locator("#search .result-text")).to_have_text(["바늘"])


def test_a_search_without_a_network_says_so_and_continues_later(people: People) -> None:
    host = people.arrive()
    room = make_room(host, "끊김")
    joined(host)
    post(host, room, "여기")
    host.click("#search-btn")
    host.route("**/search?*", lambda route: route.abort(), times=1)
    found = search(host, "여기")
    expect(host.locator("#search [role=status]")).to_have_text("서버에 연결할 수 없습니다.")
    host.click("#search [data-part=more]")
    expect(found).to_have_text(["여기"])
    assert all("net::ERR_FAILED" in trouble for trouble in people.troubles)
    people.troubles.clear()


def test_a_late_answer_to_an_earlier_search_is_ignored(people: People) -> None:
    host = people.arrive()
    room = make_room(host, "느림")
    joined(host)
    post(host, room, "사과", "배")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    host.route("**/search?q=%EC%82%AC%EA%B3%BC*", hold)  # 사과
    host.click("#search-btn")
    search(host, "사과")
    until(host, lambda: bool(held))
    expect(search(host, "배")).to_have_text(["배"])
    with host.expect_response("**/search?q=%EC%82%AC*"):
        held[0].continue_()
    post(host, room, "배 둘")
    host.press("#search-text", "Enter")
    expect(host.locator("#search .result-text")).to_have_text(["배 둘", "배"])


def test_a_pause_in_typing_starts_the_search(people: People) -> None:
    host = people.arrive()
    room = make_room(host, "천천히")
    joined(host)
    post(host, room, "가나다")
    asked: list[str] = []

    def note(request: Request) -> None:
        if "/search?" in request.url:
            asked.append(request.url)

    host.on("request", note)
    host.click("#search-btn")
    host.clock.install()
    host.clock.pause_at("2100-01-01")
    for letter in "가나다":
        host.locator("#search-text").press_sequentially(letter)
        host.clock.run_for(299)
    assert asked == []
    with host.expect_request("**/search?*"):
        host.clock.run_for(1)
    host.clock.resume()
    expect(host.locator("#search .result-text")).to_have_text(["가나다"])
    assert len(asked) == 1


def test_a_search_works_while_a_korean_syllable_is_being_composed(people: People) -> None:
    """The last syllable is searched before it is finished, and the Enter that finishes it is ignored."""
    host = people.arrive()
    room = make_room(host, "한글")
    joined(host)
    post(host, room, "김치찌개")
    host.click("#search-btn")
    expect(host.locator("#search-text")).to_be_focused()  # the panel is loaded when it is first opened
    keyboard = host.context.new_cdp_session(host)
    keyboard.send("Input.imeSetComposition", {"text": "찌개", "selectionStart": 2, "selectionEnd": 2})
    expect(host.locator("#search .result-text")).to_have_text(["김치찌개"])
    expect(host.locator("#search-text")).to_have_value("찌개")

    host.focus("#chat")
    host.fill("#chat", "")
    keyboard.send("Input.imeSetComposition", {"text": "안녕", "selectionStart": 2, "selectionEnd": 2})
    keyboard.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", "key": "Enter", "windowsVirtualKeyCode": 229})
    expect(host.locator("#chat")).to_have_value("안녕")
    keyboard.send("Input.insertText", {"text": "안녕하세요"})
    host.press("#chat", "Enter")
    expect(host.locator("#chat-list .mine .text")).to_have_text(["김치찌개", "안녕하세요"])


def numbers(page: Page) -> list[int]:
    """Return the numbers in the chat's messages, in order of its lines."""
    texts = page.locator("#chat-list .text").all_inner_texts()
    return [int(found[1]) for text in texts if (found := re.fullmatch(r"(\d+)번째", text))]


@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_scrolling_up_loads_older_messages(people: People, phone: bool) -> None:
    host, reader = people.arrive(), people.arrive(phone=phone)
    room = make_room(host, "위로")
    joined(host)
    post(host, room, *(f"{number}번째" for number in range(1, 171)))
    reader.goto(f"/room/{room}")
    joined(reader)
    last = reader.locator("#chat-list .other").last
    expect(last).to_contain_text("170번째")
    until(reader, lambda: in_view(last))
    first = numbers(reader)[0]
    assert first > 100

    while first > 1:
        # The line at the top stays there when older ones are loaded.
        scroll_to(reader, "0")
        before = reader.locator("#chat-list .text", has_text=re.compile(f"^{first - 1}번째$"))
        expect(before).to_have_count(1)
        until(reader, lambda: reader.evaluate("document.getElementById('chat-scroll').scrollTop") > 0)
        first = numbers(reader)[0]
    assert numbers(reader) == list(range(1, 171))
    expect(reader.locator("#older")).to_be_hidden()
