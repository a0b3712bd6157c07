"""An owner's actions while answers or events are still outstanding."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from tests.browser.conftest import People, make_room
from tests.browser.room_page import JSON, change, enter, joined, person, until
from tests.browser.wire import Wire
from tests.server import Server, running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server for all these tests, without throttling."""
    with running(tmp_path_factory.mktemp("owner") / "data", "--grace", "30", "--rate", "0") as server:
        yield server


def act(page: Page, user: str, what: str) -> None:
    """Perform an owner's action on a person, through the dialogs."""
    person(page, user).locator("[data-action=manage]").click()
    page.click(f"#person [data-action={what}]")
    page.click("#confirm button[type=submit]")


def test_saving_the_settings_sends_only_changed_fields(people: People) -> None:
    host = people.arrive()
    room = make_room(host, "옛 제목", maximum=5)
    joined(host)
    host.click("#settings-btn")
    change(host, room, title="다른 탭의 제목", password="다른 탭의 암호")
    expect(host.locator("#title")).to_have_text("다른 탭의 제목")
    host.fill("#settings [name=max]", "7")
    host.click("#settings button[type=submit]")
    expect(host.locator("#settings")).to_be_hidden()
    now = host.context.request.get(f"/room/{room}", headers=JSON).json()["room"]
    assert (now["title"], now["max"], now["password"]) == ("다른 탭의 제목", 7, True)


def test_a_late_answer_to_cancelled_settings_does_not_close_newly_opened_ones(people: People) -> None:
    host = people.arrive()
    room = make_room(host, "제목")
    joined(host)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    host.route(f"**/room/{room}", hold)
    host.click("#settings-btn")
    host.fill("#settings [name=title]", "보낸 제목")
    host.click("#settings button[type=submit]")
    host.click("#settings [data-action=cancel]")
    host.click("#settings-btn")
    host.fill("#settings [name=title]", "쓰던 제목")
    held.pop().continue_()
    expect(host.locator("#title")).to_have_text("보낸 제목")
    expect(host.locator("#settings button[type=submit]")).to_be_enabled()
    expect(host.locator("#settings [name=title]")).to_be_visible()
    expect(host.locator("#settings [name=title]")).to_have_value("쓰던 제목")


def test_a_late_answer_to_the_settings_does_not_restore_an_old_title(people: People) -> None:
    host = people.arrive()
    room = make_room(host, "제목")
    joined(host)
    held: list[tuple[Route, APIResponse]] = []
    host.route(f"**/room/{room}", lambda route: held.append((route, route.fetch())))
    host.click("#settings-btn")
    host.fill("#settings [name=title]", "둘째")
    host.click("#settings button[type=submit]")
    until(host, lambda: bool(held))
    change(host, room, title="셋째")
    expect(host.locator("#title")).to_have_text("셋째")
    route, answer = held.pop()
    route.fulfill(response=answer)
    expect(host.locator("#settings")).to_be_hidden()
    expect(host.locator("#title")).to_have_text("셋째")


def test_a_kick_made_while_the_kicked_list_loads_is_included(people: People) -> None:
    host, heir, first, second = (people.arrive() for _ in range(4))
    room = make_room(host, "강퇴")
    joined(host)
    colours = [enter(page, room) for page in (heir, first, second)]
    held: list[tuple[Route, APIResponse]] = []
    heir.route(f"**/room/{room}/kicked", lambda route: held.append((route, route.fetch())), times=1)

    act(host, colours[1], "kick")
    expect(host.locator("#kicked-list li")).to_have_count(1)
    act(host, colours[0], "handover")
    until(heir, lambda: bool(held))
    act(heir, colours[2], "kick")
    expect(heir.locator("#kicked-list .chip-colour")).to_have_text([colours[2]])
    route, answer = held.pop()
    route.fulfill(response=answer)
    expect(heir.locator("#kicked-list .chip-colour")).to_have_text(colours[1:])


def test_a_question_that_is_withdrawn_does_not_move_the_focus(people: People) -> None:
    host, guest = people.arrive(), people.arrive()
    wire = Wire(host, lambda up, frame: False)
    room = make_room(host, "강퇴")
    joined(host)
    visitor = enter(guest, room)
    wire.holds = lambda up, frame: frame.startswith("43/chat,")
    act(host, visitor, "kick")
    until(host, lambda: bool(wire.held))
    host.click("#confirm [data-action=cancel]")
    # Another question must not wait for it.
    host.click("#delete-btn")
    assert host.locator("#confirm button[type=submit]").is_enabled()
    host.click("#confirm [data-action=cancel]")
    host.click("#chat")
    wire.held.pop()()
    change(host, room, title="다음 소식")
    expect(host.locator("#title")).to_have_text("다음 소식")
    expect(host.locator("#chat")).to_be_focused()


def test_a_present_member_is_not_in_the_kicked_list(people: People) -> None:
    host, guest = people.arrive(), people.arrive()
    room = make_room(host, "두 탭")
    joined(host)
    visitor = enter(guest, room)
    tab = host.context.new_page()
    enter(tab, room)
    act(host, visitor, "kick")
    expect(tab.locator("#kicked-list li")).to_have_count(1)
    host.click("#kicked-list button")
    expect(host.locator("#kicked")).to_be_hidden()
    enter(guest, room)
    expect(person(tab, visitor)).to_have_count(1)
    expect(tab.locator("#kicked")).to_be_hidden()


def test_in_an_ephemeral_room_a_missed_kick_is_noticed_after_reconnecting(people: People) -> None:
    host, guest = people.arrive(), people.arrive()
    form = {"title": "휘발", "ephemeral": True}
    room = host.context.request.post("/room", data=form, headers=JSON).json()["_id"]
    wire = Wire(host, lambda up, frame: False)
    enter(host, room)
    visitor = enter(guest, room)
    wire.holds = lambda up, frame: not up and "/chat," in frame
    act(host, visitor, "kick")
    expect(guest.locator("#notice")).to_be_visible()
    wire.cut()
    expect(person(host, visitor)).to_have_count(0)
    expect(host.locator("#kicked-list .chip-colour")).to_have_text([visitor])
