"""A room while a teacher holds the class: what pupils see of it, and what becomes of what they write."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import People, make_room, say
from tests.browser.room_page import enter, joined
from tests.server import Server, running

ASK = """([event, body]) => new Promise((resolve) => {
    if (!globalThis.desk) {
        globalThis.flags = [];
        globalThis.desk = io("/desk").on("flag", (flag) => globalThis.flags.push(flag));
    }
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

    def held(self, chat: str) -> str:
        """Return the id of what is held, once the desk knows of it."""
        found = "(chat) => globalThis.flags.find((flag) => flag.chat === chat)?.held"
        return str(self.page.wait_for_function(found, arg=chat).json_value())


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


def test_what_is_held_is_its_senders_alone_until_it_is_shown(people: People, server: Server) -> None:
    pupil, other = people.arrive(), people.arrive()
    room = make_room(pupil, "먼저 확인")
    joined(pupil)
    enter(other, room)
    desk = Desk(people.arrive(), server, room)
    desk.does("approve", room=room, on=True)
    for text in ("보여 줄 글", "빼 둘 글"):
        say(pupil, text)
    waiting = pupil.locator("#chat-list .mine.pending")
    for reload in (False, True):
        if reload:
            pupil.reload()
            joined(pupil)
        expect(waiting).to_have_count(2)
        expect(waiting.locator(".delivery")).to_contain_text(["선생님이 확인하면 모두에게 보입니다."] * 2)
    desk.does("show", room=room, held=desk.held("보여 줄 글"))
    desk.does("drop", room=room, held=desk.held("빼 둘 글"))
    expect(other.locator("#chat-list .text")).to_have_text(["보여 줄 글"])
    expect(pupil.locator("#chat-list .mine[data-seq] .text")).to_have_text(["보여 줄 글"])
    expect(pupil.locator("#chat-list .failed")).to_contain_text("빼 둘 글")
    expect(waiting).to_have_count(0)
    pupil.click("#chat-list .failed [data-action=discard]")
    expect(pupil.locator("#chat-list .mine")).to_have_count(1)
    desk.does("slow", room=room, seconds=60)
    expect(other.locator("#silence")).to_be_attached()
    say(other, "기다릴 글")
    expect(other.locator("#chat-form [type=submit]")).to_have_text(re.compile(r"^\d+초$"))


def test_a_teacher_holds_the_class_from_within_the_room(people: People, server: Server) -> None:
    pupil = people.arrive()
    room = make_room(pupil, "안에서")
    user = joined(pupil)
    say(pupil, "지울 글")
    teacher = Desk(people.arrive(), server, room).page
    screen = pupil.context.new_page()
    screen.goto(f"/room/{room}/screen")
    joined(screen)
    for page in (pupil, screen):
        expect(page.locator("#members")).to_have_text("1/10명")  # a teacher takes no place
    screen.close()
    expect(pupil.locator("#people-list .role:visible")).to_have_text("선생님")
    assert pupil.locator("#teacher-tools").count() == 0
    bar, freeze = pupil.locator("#silence"), teacher.locator("#teacher-tools [data-part=freeze]")

    freeze.check()
    expect(bar).to_have_text("지금은 모두 듣는 시간입니다.")
    freeze.uncheck()
    expect(bar).to_be_hidden()
    teacher.select_option("#teacher-slow", "30")
    teacher.reload()
    joined(teacher)
    expect(teacher.locator("#teacher-slow")).to_have_value("30")

    line = teacher.locator("#chat-list .other")
    line.locator(".more").focus()
    teacher.keyboard.press("Enter")
    teacher.click("#actions [data-action=delete]")
    teacher.click("#confirm [type=submit]")
    expect(pupil.locator("#chat-list .mine")).to_have_attribute("data-deleted", "teacher")

    manage = teacher.locator(f'#people-list [data-user="{user}"] [data-action=manage]')
    for action, muted in (("mute", True), ("unmute", False)):
        manage.click()
        teacher.click(f"#teacher-person [data-action={action}]")
        expect(bar).to_be_visible(visible=muted)
    manage.click()
    teacher.click("#teacher-person [data-action=kick]")
    teacher.click("#confirm [type=submit]")
    expect(pupil.locator("#notice")).to_be_visible()
