"""The teacher's desk: two of its pages, on a laptop and a phone, and a class of thirty."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import People
from tests.browser.network import Network
from tests.browser.room_page import JSON
from tests.browser.states import Guest
from tests.server import Server, running

TOKEN = "chalk"
ROOMS = 5
NUMBERS = range(ROOMS, 0, -1)
"""The newest is the first."""
PUPILS = 30
UNDO_MS = 10_000
"""The same as in static/js/desk/later_acts.js."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Run a server whose desk can be opened."""
    with running(tmp_path / "data", "--grace", "30", "--rate", "0", "--desk-token", TOKEN) as server:
        yield server


@pytest.fixture
def leaving() -> Iterator[ExitStack]:
    with ExitStack() as leaving:
        yield leaving


class Class:
    """Thirty pupils in five rooms."""

    def __init__(self, leaving: ExitStack, server: Server) -> None:
        owner = server.visitor()
        self.rooms = [owner.room(f"{number}모둠", max=40) for number in reversed(NUMBERS)]
        self.pupils = [Guest(leaving, server, self.rooms[number % ROOMS]) for number in range(PUPILS)]

    def refused(self, pupil: int, event: str = "chat", **body: object) -> str:
        """Return why a pupil may not say something."""
        guest = self.pupils[pupil]
        answer = guest.answer(event, {"room": guest.room, "chat": "말", **body})
        return str(answer.get("error"))


def desk(people: People, *, phone: bool = False) -> Page:
    """Open the desk in a new browser, whose clock can be advanced."""
    page = people.arrive(phone=phone)
    page.clock.install()
    page.goto(f"/desk?token={TOKEN}")
    expect(page.locator("#desk")).to_have_attribute("data-connection", "joined")
    return page


def card(page: Page, title: str) -> Locator:
    return page.locator("#desk-rooms > li").filter(has=page.locator("h3", has_text=title))


def person(page: Page, user: str) -> Locator:
    """Return somebody in their room's card."""
    return page.locator(f'.desk-person [data-user="{user}"]')


def open_person(page: Page, user: str) -> Locator:
    person(page, user).click()
    sheet = page.locator("#person")
    expect(sheet).to_be_visible()
    return sheet


def close(page: Page) -> None:
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_a_teacher_holds_a_class_of_thirty_from_a_laptop_and_a_phone(
    browser: Browser, people: People, server: Server, leaving: ExitStack
) -> None:
    crowd = Class(leaving, server)
    network = leaving.enter_context(Network(server.port))
    elsewhere = People(browser, network.port)
    leaving.callback(elsewhere.leave)
    laptop, phone = desk(people), desk(elsewhere, phone=True)
    everybody_listens(crowd, laptop, phone)
    rooms_are_prepared(laptop, phone)
    a_seat_is_taken_twice(crowd, laptop, phone)
    an_announcement_is_taken_back(laptop, phone)
    somebody_is_muted_removed_and_banned(crowd, laptop, phone)
    whispers_are_turned_off_and_a_word_is_listed(crowd, laptop)
    what_waits_is_decided_by_one_key_each(crowd, laptop, phone)
    what_is_said_to_be_done_is_done_soon(crowd, laptop, phone, network)


def everybody_listens(crowd: Class, laptop: Page, phone: Page) -> None:
    for page in (laptop, phone):
        expect(page.locator("[data-part=people-count]")).to_have_text(f"방 {ROOMS}개에 {PUPILS}명")
        expect(card(page, "1모둠").locator(".desk-person")).to_have_count(PUPILS // ROOMS)

    # Everybody listens, by one key; the phone shows it, and ends it.
    laptop.keyboard.press("l")
    for page in (laptop, phone):
        expect(page.locator("#listen-state")).not_to_be_empty()
        expect(page.locator("#desk-rooms > .frozen")).to_have_count(ROOMS)
    assert {crowd.refused(pupil) for pupil in range(PUPILS)} == {"frozen"}
    phone.locator("#listen-btn").tap()
    for page in (laptop, phone):
        expect(page.locator("#listen-btn")).to_have_attribute("aria-pressed", "false")
        expect(page.locator("#desk-rooms > .frozen")).to_have_count(0)
    crowd.pupils[0].say("다시 말할 수 있어요")
    expect(card(phone, "1모둠").locator(".desk-last")).to_contain_text("다시 말할 수 있어요")


def rooms_are_prepared(laptop: Page, phone: Page) -> None:
    """They are first on every desk, in the order that was chosen with the keyboard."""
    laptop.locator("[data-tool=prepare]").click()
    laptop.fill("#prepare-title", "준비 1")
    laptop.fill("#prepare-first", "시작합시다")
    laptop.keyboard.press("Tab")
    laptop.keyboard.press("Enter")
    expect(laptop.locator("#prepare-title")).to_have_value("준비 2")
    laptop.keyboard.press("Enter")
    expect(laptop.locator("#desk-prepare .order li")).to_have_count(2)
    laptop.locator("#desk-prepare [data-by='-1']").last.press("Alt+ArrowUp")
    expect(laptop.locator("#desk-prepare [data-part=moved]")).to_have_text("준비 2: 2개 중 1번째")
    expect(laptop.locator("#desk-prepare li").first.locator("[data-by='-1']")).to_be_focused()
    close(laptop)
    for page in (laptop, phone):
        expect(page.locator("#desk-rooms h3")).to_have_text(
            ["준비 2", "준비 1", *(f"{number}모둠" for number in NUMBERS)]
        )
    expect(card(phone, "준비 2").locator(".desk-last")).to_contain_text("시작합시다")


def a_seat_is_taken_twice(crowd: Class, laptop: Page, phone: Page) -> None:
    made = laptop.context.request.post("/desk/seats", data={"labels": ["9번"]}, headers=JSON).json()
    path = urlsplit(made["seats"][0]["url"]).path
    for number in (4, 9):
        status, _ = crowd.pupils[number].visitor.json("POST", path)
        assert status == HTTPStatus.OK
        expect(person(phone, crowd.pupils[number].user).locator("[data-part=seat]")).to_have_text("9번")
    expect(laptop.locator("#alerts")).to_contain_text("9번")
    laptop.locator("#alerts [data-action=close]").click()


def an_announcement_is_taken_back(laptop: Page, phone: Page) -> None:
    laptop.keyboard.press("n")
    laptop.keyboard.type("10분 남았습니다")
    laptop.keyboard.press("Enter")
    expect(laptop.locator("#announce-text")).to_have_value("")
    for title in ("1모둠", "5모둠"):
        expect(card(phone, title).locator(".desk-last")).to_contain_text("10분 남았습니다")
    laptop.keyboard.press("z")  # nothing is being written any more
    expect(phone.locator(".desk-last").filter(has_text="10분 남았습니다")).to_have_count(0)


def somebody_is_muted_removed_and_banned(crowd: Class, laptop: Page, phone: Page) -> None:
    """One is muted for ten minutes, by mistake; then removed, and let in again; then banned."""
    loud = crowd.pupils[3]
    sheet = open_person(laptop, loud.user)
    sheet.locator("[data-minutes='10']").click()
    expect(person(phone, loud.user).locator("[data-part=muted]")).to_be_visible()
    assert crowd.refused(3) == "muted"
    laptop.keyboard.press("z")
    expect(person(phone, loud.user).locator("[data-part=muted]")).to_be_hidden()
    loud.say("죄송해요")
    sheet.locator("[data-action=kick]").click()
    expect(person(phone, loud.user)).to_have_count(0)
    assert crowd.refused(3) == "kicked"
    sheet.locator("[data-action=undo]").last.click()
    sheet.locator("[data-action=ban]").click()
    expect(sheet.locator("[data-part=unban]")).to_be_visible()
    assert crowd.refused(3, "join") == "banned"
    close(laptop)
    phone.locator("[data-tool=excluded]").tap()
    phone.locator("#desk-excluded [data-part=bans] [data-part=end]").tap()
    expect(phone.locator("#desk-excluded [data-part=none]")).to_be_visible()
    close(phone)
    loud.ask("join", loud.room)
    expect(person(laptop, loud.user)).to_be_visible()


def whispers_are_turned_off_and_a_word_is_listed(crowd: Class, laptop: Page) -> None:
    laptop.locator("[data-tool=rules]").click()
    whispers = laptop.locator("#desk-rules [data-switch=whispers]")
    expect(whispers).to_have_attribute("aria-checked", "true")
    whispers.click()
    expect(whispers).to_have_attribute("aria-checked", "false")
    assert crowd.refused(0, "whisper", to=crowd.pupils[5].user) == "not_allowed"
    laptop.fill("#words", "바보\n\n바보\n멍청이")
    laptop.click("#desk-rules [data-part=save-words]")
    expect(laptop.locator("#words-state")).to_have_text("저장했습니다: 낱말 2개")
    close(laptop)


def what_waits_is_decided_by_one_key_each(crowd: Class, laptop: Page, phone: Page) -> None:
    """A drop, which is done ten seconds later, gives way to another desk's decision."""
    card(laptop, "4모둠").locator("[data-action=room]").click()
    laptop.locator("#desk-room [data-part=approve]").click()
    expect(card(laptop, "4모둠").locator("[data-state=approve]")).to_be_attached()
    close(laptop)
    for number, chat in ((2, "너 바 보 냐"), (8, "초안이에요")):
        pupil = crowd.pupils[number]
        assert pupil.ask("chat", {"room": pupil.room, "chat": chat})["held"] is True
    for page in (laptop, phone):
        expect(page.locator(".flag [data-part=why]")).to_have_text(["낱말: 바보", "먼저 확인"])
        expect(page).to_have_title(re.compile(r"^\(2\) "))
    expect(card(laptop, "3모둠").locator("[data-part=held]")).to_have_text("1")
    for key in ("w", "ArrowDown", "a"):
        laptop.keyboard.press(key)
    expect(card(phone, "4모둠").locator(".desk-last")).to_contain_text("초안이에요")
    laptop.keyboard.press("d")
    expect(laptop.locator("#waiting [data-part=none]")).to_be_visible()
    phone.locator(".flag [data-action=show]").tap()
    expect(phone.locator(".flag")).to_have_count(0)
    laptop.clock.fast_forward(UNDO_MS)
    expect(card(laptop, "3모둠").locator(".desk-last")).to_contain_text("너 바 보 냐")
    expect(laptop.locator("#alerts > *")).to_have_count(0)


def what_is_said_to_be_done_is_done_soon(crowd: Class, laptop: Page, phone: Page, network: Network) -> None:
    """For ten seconds it can be taken back; a phone without the network learns of it later."""
    rude = crowd.pupils[1]
    rude.say("나쁜 말")
    last = card(phone, "2모둠").locator(".desk-last [data-part=text]")
    expect(last).to_have_text(["지웠습니다", "나쁜 말"])
    network.lose()
    sheet = open_person(laptop, rude.user)
    delete = sheet.locator(".said [data-action=delete]")
    delete.click()
    expect(delete).to_be_hidden()
    laptop.keyboard.press("z")
    delete.click()
    expect(delete).to_be_hidden()
    laptop.clock.fast_forward(UNDO_MS)
    expect(card(laptop, "2모둠").locator(".desk-last [data-part=text]")).to_have_text(["지웠습니다"] * 2)
    close(laptop)

    # A room is closed ten seconds later, too, or when the page is left.
    card(laptop, "3모둠").locator("[data-action=room]").click()
    laptop.locator("#desk-room [data-part=close-room]").click()
    expect(card(laptop, "3모둠")).to_have_class(re.compile("closing"))
    laptop.goto("/")
    expect(laptop.locator("#rooms tr[data-id]")).to_have_count(ROOMS - 1 + 2)

    # The phone was away all the time, and knows all of it as soon as it is back.
    expect(last).to_have_text(["지웠습니다", "나쁜 말"])
    network.restore()
    expect(last).to_have_text(["지웠습니다"] * 2)
    expect(phone.locator("#desk-rooms > li")).to_have_count(ROOMS - 1 + 2)
    expect(phone.locator("#connection")).to_be_hidden()

    # From now on nobody gets further without a card. The log knows all of it.
    phone.locator("[data-tool=rules]").tap()
    phone.locator("#desk-rules [data-switch=cards]").tap()
    expect(phone.locator("#desk-rules [data-switch=cards]")).to_have_attribute("aria-checked", "true")
    assert crowd.refused(0, "join") == "seat_needed"
    close(phone)
    phone.locator("[data-tool=log]").tap()
    done = phone.locator("#desk-log li [data-part=text]")
    expect(done.first).to_have_text("자리 카드가 있는 사람만")
    expect(done.filter(has_text="모든 방 멈춤")).to_have_count(1)
    close(phone)

    # Its cookie ends while it is away again.
    network.lose()
    phone.context.clear_cookies(name="gifchat_desk")
    network.restore()
    expect(phone.locator("#expelled")).to_be_visible()
