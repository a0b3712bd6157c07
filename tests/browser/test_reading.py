"""How the lines of a chat follow one another: groups, days, and people who come and go."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from websockets.sync.client import ClientConnection, connect

from tests.browser.conftest import People, make_room, say
from tests.browser.room_page import joined
from tests.server import Server, Visitor, running

DAY_MS = 24 * 60 * 60 * 1000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server for all these tests."""
    with running(tmp_path_factory.mktemp("reading") / "data", "--grace", "30", "--rate", "0") as server:
        yield server


def come(leaving: ExitStack, server: Server, room: str) -> ClientConnection:
    """Let a new visitor without a page join a room, who leaves at the end of the block."""
    visitor = server.visitor()
    url = f"ws://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket"
    # Whatever is not read is kept, so that closing need not wait.
    cookie = {"Cookie": visitor.identity()}
    socket = connect(url, additional_headers=cookie, proxy=None, ping_interval=None, max_queue=None)
    leaving.enter_context(socket)
    socket.send("40/chat,{}")
    socket.send("42/chat,0" + json.dumps(["join", room]))
    while not str(socket.recv()).startswith("43/chat,0"):
        pass
    return socket


def write(visitor: Visitor, room: str, *texts: str) -> list[dict[str, object]]:
    """Post messages; return their records."""
    answers = [visitor.json("POST", f"/room/{room}/chat", json={"chat": text}) for text in texts]
    assert all(status == 200 for status, _ in answers)
    return [record for _, record in answers]


def line(page: Page, text: str | re.Pattern[str]) -> Locator:
    return page.locator("#chat-list > [data-seq]", has_text=text)


def test_many_who_come_leave_what_was_said_in_view(people: People, server: Server) -> None:
    page = people.arrive(phone=True)
    page.set_viewport_size({"width": 360, "height": 740})
    room = make_room(page, "모두 들어와요", maximum=40)
    joined(page)
    guest = server.visitor()
    guest.get(f"/room/{room}")
    write(guest, room, *(f"{number}번째" for number in range(15)), "어서 오세요", "곧 시작해요")
    say(page, "네!")
    passages = page.locator("#chat-list > .system")
    with ExitStack() as leaving:
        crowd = [come(leaving, server, room) for _ in range(3)]
        expect(passages).to_have_count(4)
        expect(passages.last).to_be_visible()
        crowd += [come(leaving, server, room) for _ in range(27)]
        # Screen readers are told once how many came; of the first three, perhaps, who.
        expect(page.locator("#heard p", has_text=re.compile(r"^\d+명이 들어왔습니다$"))).to_have_count(1)
        for reload in (False, True):
            if reload:
                page.reload()
                joined(page)
            fold = page.locator("#chat-list > .fold button")
            expect(fold).to_have_text("30명이 들어왔습니다")
            for text in ("어서 오세요", "곧 시작해요", "네!"):
                expect(line(page, text)).to_be_in_viewport(ratio=1)
            expect(page.locator("#latest")).to_be_hidden()
            # The lines are there, with the course's text.
            expect(passages).to_have_text([re.compile(r"^#[0-9a-f]{6}님이 입장하셨습니다\.$")] * 31)
            expect(page.locator("#chat-list > .system:visible")).to_have_count(1)

        before = fold.bounding_box()
        fold.tap()
        expect(fold).to_have_attribute("aria-expanded", "true")
        expect(page.locator("#chat-list > .system:visible")).to_have_count(31)
        assert fold.bounding_box() == before
        fold.press("Enter")
        expect(page.locator("#chat-list > .system:visible")).to_have_count(1)
        for socket in crowd[:2]:
            socket.send("42/chat,1" + json.dumps(["leave", room]))
        expect(fold).to_have_text("30명이 들어오고 2명이 나갔습니다")
        expect(fold).to_be_focused()


def test_a_group_says_once_who_speaks(people: People, server: Server) -> None:
    page = people.arrive()
    room = make_room(page, "말이 많아요")
    joined(page)
    guest = server.visitor()
    guest.get(f"/room/{room}")
    write(guest, room, "하나", "둘", "셋")
    grouped = page.locator("#chat-list > .grouped")
    for _ in range(2):
        expect(page.locator("#chat-list > .other")).to_have_count(3)
        expect(grouped).to_have_text([re.compile("둘"), re.compile("셋")])
        for text, shown in (("하나", True), ("둘", False)):
            box = line(page, text).locator(".chip").bounding_box()
            assert box is not None and (box["width"] > 20) is shown
        page.reload()
        joined(page)
    # The time of a later line is there for screen readers, and for others when they point at it.
    time = line(page, "둘").locator("time")
    expect(time).to_have_css("color", "rgba(0, 0, 0, 0)")
    line(page, "둘").hover()
    expect(time).not_to_have_css("color", "rgba(0, 0, 0, 0)")
    # Own lines have no name; what is being sent belongs to the group already.
    say(page, "넷")
    say(page, "다섯")
    mine = page.locator("#chat-list > .mine")
    expect(mine.and_(page.locator("[data-seq]"))).to_have_count(2)
    expect(mine.last).to_have_class("mine grouped")
    expect(mine.first).not_to_have_class(re.compile("grouped"))
    box, area = mine.first.locator(".text").bounding_box(), page.locator("#chat-list").bounding_box()
    assert box is not None and area is not None
    assert box["x"] + box["width"] == pytest.approx(area["x"] + area["width"], abs=1)


def test_days_are_named_until_they_are_over(people: People, server: Server) -> None:
    page = people.arrive()
    page.clock.install()
    room = make_room(page, "오늘과 어제")
    joined(page)
    guest = server.visitor()
    guest.get(f"/room/{room}")
    write(guest, room, *(f"{number}번째" for number in range(60)))
    with closing(sqlite3.connect(server.data / "gifchat.db")) as database, database:
        database.execute(
            "UPDATE chats SET created_at = created_at - ? WHERE room = (SELECT key FROM rooms WHERE id = ?)"
            " AND (chat IS NULL OR chat NOT IN ('58번째', '59번째'))",
            (DAY_MS, room),
        )
    page.reload()
    joined(page)
    days = page.locator("#chat-list > .day")
    expect(days).to_have_text(["어제", "오늘"])
    expect(line(page, "58번째")).not_to_have_class(re.compile("grouped"))
    expect(line(page, "59번째")).to_have_class(re.compile("grouped"))
    page.evaluate("document.getElementById('chat-scroll').scrollTop = 0")
    expect(page.locator("#chat-list .text", has_text=re.compile("^0번째"))).to_have_count(1)  # loaded
    expect(days).to_have_text(["어제", "오늘"])
    assert page.locator("#chat-list > *").first.get_attribute("class") == "day"
    page.clock.fast_forward(DAY_MS)
    expect(days).to_have_text([re.compile(r"\d+월 \d+일 .요일"), "어제"])


def test_the_chat_is_a_list_to_be_read_by_keyboard_and_heard_once(people: People, server: Server, gif: Path) -> None:
    page = people.arrive()
    room = make_room(page, "듣고 읽기")
    joined(page)
    guest = server.visitor()
    guest.get(f"/room/{room}")
    # What is said is heard once, by others and by oneself, for whom there are two lines in turn.
    write(guest, room, "하나", "둘")
    heard = page.locator("#heard p")
    expect(heard).to_have_text([re.compile(r"^\S+ \S+: 하나$"), re.compile(": 둘$")])
    say(page, "셋")
    expect(page.locator("#chat-list > .mine[data-seq]")).to_have_count(1)
    say(page, "넷")
    expect(heard).to_have_text([re.compile("하나"), re.compile("둘"), "나: 셋", "나: 넷"])
    assert page.locator(":is([aria-live], [role=log], [role=status], [role=alert]) #chat-list").count() == 0

    # One line is a tab stop; the keys move from there.
    lines = page.locator("#chat-list > [data-seq]")
    expect(page.locator("#chat-list").get_by_role("listitem")).to_have_count(6)  # with the day's name
    stop = page.locator("#chat-list > [tabindex='0']")
    expect(stop).to_contain_text("넷")
    page.focus("#chat")
    page.keyboard.press("Shift+Tab")
    while not stop.evaluate("(line) => line === document.activeElement"):
        page.keyboard.press("Shift+Tab")
    expect(stop).to_have_accessible_name(re.compile(r"^나, 넷, \S+ \d+:\d\d$"))
    for key, text in (
        ("ArrowUp", "셋"),
        ("ArrowUp", "둘"),
        ("Home", "입장하셨습니다."),
        ("ArrowDown", "하나"),
        ("End", "넷"),
    ):
        page.keyboard.press(key)
        read = lines.filter(has_text=text)
        expect(read).to_be_focused()
        expect(read).to_have_accessible_name(re.compile(rf"{text}, \S+ \d+:\d\d$"))
        expect(stop).to_have_count(1)
    page.locator("#skip").press("Enter")
    expect(page.locator("#chat")).to_be_focused()

    # An image is one tab stop; the space bar plays and stops it.
    guest.post(f"/room/{room}/gif", files={"gif": ("ball.gif", gif.read_bytes(), "image/gif")})
    expect(heard.last).to_have_text(re.compile(": 이미지$"))
    play = page.locator("#chat-list .play")
    expect(play).to_have_class("play stops")
    page.locator("#chat-list [data-part=open]").focus()
    page.keyboard.press("Space")
    expect(play).to_have_class("play")
    page.keyboard.press("Tab")
    assert not page.locator("#chat-list :focus").count()
