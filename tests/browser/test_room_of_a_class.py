"""A room while a teacher holds the class: what pupils see of it, and what becomes of what they write."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import People, make_room, say
from tests.browser.room_page import enter, joined
from tests.server import Server, running

ASK = """([event, body]) => new Promise((resolve) => {
    globalThis.desk ??= io("/desk");
    globalThis.desk.emit(event, body, resolve);
})"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server for all these tests."""
    with running(tmp_path_factory.mktemp("class") / "data", "--grace", "30", "--rate", "0") as server:
        yield server


class Desk:
    """The teacher's, on a page of a room."""

    def __init__(self, page: Page, server: Server, room: str) -> None:
        page.goto(f"/desk?token={(server.data / 'desk.key').read_text().strip()}")
        enter(page, room)
        self.page = page

    def does(self, event: str, **body: object) -> None:
        """Do something at the desk."""
        answer = self.page.evaluate(ASK, [event, body])
        assert answer["ok"], answer


def test_what_the_teacher_decides_is_told_and_nothing_that_is_written_is_lost(people: People, server: Server) -> None:
    pupil = people.arrive()
    room = make_room(pupil, "우리 반")
    joined(pupil)
    desk = Desk(people.arrive(), server, room)
    bar, chat = pupil.locator("#silence"), pupil.locator("#chat")
    mine = pupil.locator("#chat-list .mine")

    desk.does("freeze", room=None, on=True)
    expect(bar).to_have_text("지금은 모두 듣는 시간입니다.")
    chat.fill("쓰던 글")
    chat.press("Enter")
    expect(bar).to_have_text("지금은 모두 듣는 시간입니다. 쓴 글은 그대로 있습니다.")
    expect(chat).to_have_value("쓰던 글")
    desk.does("announce", room=room, chat="37쪽을 펴세요")
    said = pupil.locator("#chat-list .teacher")
    for reload in (False, True):
        if reload:
            pupil.reload()
            joined(pupil)
        expect(said.locator(".text")).to_have_text("37쪽을 펴세요")
        expect(said.locator(".role")).to_have_text("선생님")
        expect(bar).to_be_visible()
    expect(chat).to_have_value("쓰던 글")

    # What was on its way already waits for the end.
    desk.does("freeze", room=None, on=False)
    expect(bar).to_be_hidden()
    pupil.context.set_offline(True)
    chat.press("Enter")
    expect(mine).to_have_count(1)
    desk.does("freeze", room=room, on=True)
    pupil.context.set_offline(False)
    people.troubles.clear()  # the browser's own, of the network
    expect(mine.locator(".delivery")).to_contain_text("모두 듣는 시간이 끝나면 보냅니다.")
    desk.does("freeze", room=room, on=False)
    expect(pupil.locator("#chat-list .mine[data-seq] .text")).to_have_text("쓰던 글")


def test_a_slow_room_counts_down_and_who_is_muted_learns_for_how_long(people: People, server: Server) -> None:
    pupil = people.arrive()
    room = make_room(pupil, "천천히")
    user = joined(pupil)
    desk = Desk(people.arrive(), server, room)
    bar, chat, button = pupil.locator("#silence"), pupil.locator("#chat"), pupil.locator("#chat-form [type=submit]")
    desk.does("slow", room=room, seconds=60)
    expect(bar).to_be_attached()
    say(pupil, "천천히")
    expect(button).to_have_text(re.compile(r"^\d+초$"))
    chat.fill("또")
    chat.press("Enter")
    expect(pupil.locator("#chat-trouble")).to_have_text(re.compile(r"^\d+초 뒤에 보낼 수 있습니다."))
    desk.does("slow", room=room, seconds=0)
    expect(button).to_have_text("전송")

    desk.does("mute", user=user, room=None, minutes=5)
    expect(bar).to_have_text(re.compile(r"^선생님이 .+까지 말할 수 없게 했습니다."))
    desk.does("mute", user=user, room=None, minutes=0)
    expect(bar).to_be_hidden()

    whisper = pupil.locator("#people-list [data-action=whisper]:visible")
    expect(whisper).to_have_count(1)
    for what in (("whispers", False), ("whispers", True), ("whispers", False)):
        desk.does("allow", what=what[0], on=what[1])
        expect(whisper).to_have_count(int(what[1]))
    pupil.reload()
    joined(pupil)
    expect(pupil.locator("#people-list .person")).to_have_count(2)
    expect(whisper).to_have_count(0)
    expect(desk.page.locator("#people-list [data-action=whisper]:visible")).to_have_count(1)
    desk.does("allow", what="whispers", on=True)
