"""The owner's actions: kick and readmit, hand over, change and delete the room."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import People, make_room
from tests.browser.room_page import JSON, enter, handle, joined, names, person
from tests.server import Server, running

TEN_MINUTES_MS = 600_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server for all these tests. Its grace time allows for a reload on a busy machine."""
    with running(tmp_path_factory.mktemp("owner") / "data", "--grace", "10") as server:
        yield server


def act(page: Page, user: str, what: str) -> None:
    """Perform an owner's action on a person, through the dialogs."""
    person(page, user).locator("[data-action=manage]").click()
    page.click(f"#person [data-action={what}]")
    page.click("#confirm button[type=submit]")


def change(page: Page, **fields: str) -> None:
    """Change the room in the settings dialog and save."""
    page.click("#settings-btn")
    for name, value in fields.items():
        page.fill(f"#settings [name={name}]", value)
    page.click("#settings button[type=submit]")


def test_the_owner_tools_are_shown_only_to_the_owner_and_follow_ownership(people: People) -> None:
    host, guest = people.arrive(), people.arrive()
    room = make_room(host, "왕관")
    owner, visitor = joined(host), enter(guest, room)
    expect(host.locator("#owner-tools")).to_be_visible()
    expect(person(host, visitor).locator("[data-action=manage]")).to_be_visible()
    expect(guest.locator("#owner-tools")).to_be_hidden()
    expect(person(guest, owner).locator("[data-action=manage]")).to_be_hidden()

    act(host, visitor, "handover")
    expect(person(host, visitor).locator(".badge:visible")).to_have_text(["방장"])
    expect(host.locator("#owner-tools")).to_be_hidden()
    expect(guest.locator("#owner-tools")).to_be_visible()
    expect(person(guest, owner).locator("[data-action=manage]")).to_be_visible()
    for page in (host, guest):
        expect(page.locator("#chat-list .system").last).to_have_text(re.compile(rf"^{visitor}님이 방장이"))

    # The owner leaves, and the other owns it again.
    guest.click("#exit-btn")
    expect(host.locator("#owner-tools")).to_be_visible()


def test_a_kicked_visitor_is_told_on_every_tab_and_stays_out_until_readmitted(people: People) -> None:
    host, guest = people.arrive(), people.arrive()
    guest.clock.install()
    room = make_room(host, "강퇴")
    joined(host)
    visitor = enter(guest, room)
    tab = guest.context.new_page()
    enter(tab, room)

    # It asks first, and cancelling does nothing.
    person(host, visitor).locator("[data-action=manage]").click()
    host.click("#person [data-action=kick]")
    expect(host.get_by_role("dialog", name=re.compile(f"^{handle(host, visitor)}님을 강퇴할까요"))).to_be_visible()
    host.click("#confirm [data-action=cancel]")
    expect(person(host, visitor)).to_have_count(1)

    act(host, visitor, "kick")
    expect(host.locator("#confirm")).to_be_hidden()
    expect(host.locator("#people-title")).to_be_focused()
    for page in (guest, tab):
        expect(page.locator("#notice")).to_have_text(re.compile("이 방에서 강퇴되었습니다."))
        expect(page.locator("#chat")).to_be_disabled()
    expect(person(host, visitor)).to_have_count(0)
    expect(host.locator("#chat-list .system").last).to_have_text(re.compile(rf"^{visitor}님이 강퇴"))
    expect(host.locator("#kicked-list .chip-colour")).to_have_text([visitor])

    # It stays until it is read, in the lobby too.
    guest.clock.fast_forward(TEN_MINUTES_MS)
    expect(guest.get_by_role("alertdialog", name="이 방에서 강퇴되었습니다.")).to_be_visible()
    guest.click("#notice button")
    expect(guest).to_have_url(re.compile(r"/\?error="))
    guest.goto(f"/room/{room}")
    expect(guest.locator(".error-message")).to_have_text("이 방에서 강퇴되었습니다.")
    guest.clock.fast_forward(TEN_MINUTES_MS)
    expect(guest.locator(".error-message")).to_be_visible()
    guest.get_by_role("link", name="닫기").click()
    expect(guest).to_have_url("/")
    expect(guest.locator(".refused")).to_be_hidden()

    # The list survives a reload.
    host.reload()
    joined(host)
    host.locator(f'#kicked-list [data-user="{visitor}"]').get_by_role("button", name="님 다시 허용").click()
    expect(host.locator("#kicked")).to_be_hidden()
    enter(guest, room)
    expect(person(host, visitor)).to_have_count(1)


def test_a_new_owner_can_readmit_visitors_kicked_earlier(people: People) -> None:
    host, guest, heir = people.arrive(), people.arrive(), people.arrive()
    room = make_room(host, "상속")
    joined(host)
    visitor, next_owner = enter(guest, room), enter(heir, room)
    act(host, visitor, "kick")
    guest.click("#notice button")
    expect(guest).to_have_url(re.compile(r"/\?error="))
    expect(host.locator("#kicked-list li")).to_have_count(1)
    expect(heir.locator("#kicked-list li")).to_have_count(0)
    act(host, next_owner, "handover")
    heir.locator(f'#kicked-list [data-user="{visitor}"]').get_by_role("button", name="님 다시 허용").click()
    expect(heir.locator("#kicked")).to_be_hidden()
    enter(guest, room)


def test_losing_ownership_closes_the_owners_dialogs(people: People) -> None:
    host, guest = people.arrive(), people.arrive()
    room = make_room(host, "두 탭")
    joined(host)
    visitor = enter(guest, room)
    tab = host.context.new_page()
    enter(tab, room)
    tab.click("#settings-btn")
    expect(tab.locator("#settings")).to_be_visible()
    act(host, visitor, "handover")
    expect(tab.locator("#settings")).to_be_hidden()
    expect(tab.locator("#owner-tools")).to_be_hidden()


def test_room_changes_appear_in_the_room_and_in_the_lobby(people: People) -> None:
    host, guest, watcher = people.arrive(), people.arrive(), people.arrive()
    room = make_room(host, "옛 제목", maximum=5)
    joined(host)
    enter(guest, room)
    change(host, title="새 <b>제목</b>", max="7")
    expect(host.locator("#settings")).to_be_hidden()
    for page in (host, guest):
        expect(page.locator("#title")).to_have_text("새 <b>제목</b>")
        expect(page).to_have_title("새 <b>제목</b> · GIF 채팅방")
        expect(page.locator("#members")).to_have_text("2/7명")
        expect(page.locator("[data-part=private]")).to_be_hidden()
    row = watcher.locator(f'tr[data-id="{room}"]')
    expect(row).to_contain_text("새 <b>제목</b>")
    expect(row).to_contain_text("2/7")

    # Members are not asked for a new password.
    host.click("#settings-btn")
    host.check("#settings [name=locked]")
    host.fill("#settings [name=password]", "열려라 참깨")
    host.click("#settings button[type=submit]")
    for page in (host, guest):
        expect(page.locator("[data-part=private]")).to_be_visible()
    expect(row).to_contain_text("비밀방")
    watcher.goto(f"/room/{room}")
    expect(watcher.locator(".error-message")).to_have_text("비밀번호가 틀렸습니다.")

    # An empty field keeps the password; the checkbox removes it.
    change(host, title="또 다른 제목")
    expect(guest.locator("#title")).to_have_text("또 다른 제목")
    expect(guest.locator("[data-part=private]")).to_be_visible()
    host.click("#settings-btn")
    host.uncheck("#settings [name=locked]")
    host.click("#settings button[type=submit]")
    expect(guest.locator("[data-part=private]")).to_be_hidden()
    enter(watcher, room)


def test_a_kept_room_is_marked_and_nobody_can_keep_more_than_five(people: People) -> None:
    host, guest = people.arrive(), people.arrive()
    row = '#room, tr[data-id="{}"]'
    room = make_room(host, "남는 방")
    joined(host)
    sign = guest.locator(row.format(room)).locator("[data-part=kept], [data-mark=kept]")
    expect(sign).to_be_hidden()
    host.click("#settings-btn")
    host.check("#settings [name=kept]")
    host.click("#settings button[type=submit]")
    expect(host.locator(".room-bar [data-part=kept]")).to_be_visible()
    expect(sign).to_have_text("남는 방")
    expect(sign).to_be_visible()
    guest.reload()
    expect(sign).to_be_visible()
    enter(guest, room)
    expect(sign).to_be_visible()

    for _ in range(4):
        another = host.context.request.post("/room", data={"title": "또"}, headers=JSON).json()["_id"]
        assert host.context.request.patch(f"/room/{another}", data={"kept": True}, headers=JSON).ok
    host.click("#settings-btn")
    expect(host.locator("#settings [name=kept]")).to_be_checked()
    host.uncheck("#settings [name=kept]")
    host.click("#settings button[type=submit]")
    expect(sign).to_be_hidden()
    another = host.context.request.post("/room", data={"title": "또"}, headers=JSON).json()["_id"]
    assert host.context.request.patch(f"/room/{another}", data={"kept": True}, headers=JSON).ok
    host.click("#settings-btn")
    host.check("#settings [name=kept]")
    host.click("#settings button[type=submit]")
    expect(host.locator("#settings > form > .error-message")).to_contain_text("5개까지")
    expect(sign).to_be_hidden()
    assert all("409" in trouble for trouble in people.troubles)
    people.troubles.clear()


def test_an_owner_who_steps_out_still_owns_the_room_on_return(people: People) -> None:
    host, guest = people.arrive(), people.arrive()
    room = make_room(host, "교무실에 잠깐")
    owner, visitor = joined(host), enter(guest, room)
    host.click("#step-out-btn")
    expect(host).to_have_url("/")
    expect(guest.locator("#chat-list .system").last).to_have_text(f"{owner}님이 퇴장하셨습니다.")
    expect(names(guest)).to_have_text([visitor])
    guest.reload()
    joined(guest)
    expect(guest.locator("#owner-tools")).to_be_hidden()
    host.click(f'tr[data-id="{room}"] .join-btn')
    joined(host)
    expect(host.locator("#owner-tools")).to_be_visible()
    expect(guest.locator("#chat-list .system")).to_have_count(4)


def test_errors_are_shown_beside_their_field(people: People) -> None:
    host, guest, third = people.arrive(), people.arrive(), people.arrive()
    room = make_room(host, "틀린 값", maximum=5)
    joined(host)
    for page in (guest, third):
        enter(page, room)
    field, trouble = host.locator("#settings [name=max]"), host.locator("#settings-max-trouble")
    for wrong in ("2", "1000000"):
        host.click("#settings-btn")
        field.fill(wrong)
        host.click("#settings button[type=submit]")
        expect(trouble).to_have_text("최대 인원을 다시 확인하세요.")
        expect(field).to_be_focused()
        expect(field).to_have_attribute("aria-invalid", "true")
        host.click("#settings [data-action=cancel]")
    change(host, title="   ")
    expect(host.locator("#settings-title-trouble")).to_have_text("방 제목은 1자부터 60자까지 쓸 수 있습니다.")
    expect(trouble).to_be_empty()
    host.fill("#settings [name=title]", "맞는 값")
    host.click("#settings button[type=submit]")
    expect(host.locator("#settings")).to_be_hidden()
    expect(guest.locator("#title")).to_have_text("맞는 값")
    # The browser logs each of the three refused requests.
    assert len(people.troubles) == 3
    assert all("400" in trouble for trouble in people.troubles)
    people.troubles.clear()


def test_a_deleted_room_is_closed_on_every_tab(people: People) -> None:
    host, guest = people.arrive(), people.arrive()
    guest.clock.install()
    room = make_room(host, "폐쇄")
    joined(host)
    enter(guest, room)
    tab = guest.context.new_page()
    enter(tab, room)
    host.click("#delete-btn")
    host.click("#confirm button[type=submit]")
    expect(host).to_have_url("/")
    expect(host.locator(f'tr[data-id="{room}"]')).to_have_count(0)
    for page in (guest, tab):
        expect(page.locator("#notice")).to_have_text(re.compile("방장이 채팅방을 닫았습니다."))
        expect(page.locator("#chat")).to_be_disabled()
    guest.clock.fast_forward(TEN_MINUTES_MS)
    expect(guest.locator("#notice")).to_be_visible()
    guest.click("#notice button")
    expect(guest).to_have_url("/")


def test_a_failed_deletion_is_reported_and_can_be_retried(people: People) -> None:
    host = people.arrive()
    room = make_room(host, "실패")
    joined(host)
    host.route(f"**/room/{room}", lambda route: route.abort(), times=1)
    host.click("#delete-btn")
    host.click("#confirm button[type=submit]")
    expect(host.locator("#confirm .error-message")).to_have_text("서버에 연결할 수 없습니다.")
    host.click("#confirm button[type=submit]")
    expect(host).to_have_url("/")
    expect(host.locator(f'tr[data-id="{room}"]')).to_have_count(0)
    assert all("net::ERR_FAILED" in trouble for trouble in people.troubles)
    people.troubles.clear()


# Holds back one of the two ways in which a page learns that its room is deleted, until `tellAgain()`. It also prevents
# the page from leaving, so that it receives the second: `data-ways` records where it would have gone.
DELETED_TWICE = """(() => {
    const again = new Promise((resolve) => (window.tellAgain = resolve));
    const fetch = window.fetch;
    window.fetch = async (address, options) => {
        const answer = await fetch(address, options);
        if (FIRST === "the event" && options?.method === "DELETE") await again;
        return answer;
    };
    window.WebSocket = class extends WebSocket {
        set onmessage(listener) {
            super.onmessage = async (event) => {
                if (FIRST === "the answer" && String(event.data).includes('"closed"')) await again;
                listener(event);
            };
        }
    };
    navigation.addEventListener("navigate", (event) => {
        const room = document.querySelector("#room");
        if (!room) return;
        event.preventDefault();
        room.dataset.ways = (room.dataset.ways ?? "") + new URL(event.destination.url).pathname;
    });
})()"""


@pytest.mark.parametrize("first", ["the answer", "the event"])
def test_deleting_a_room_leaves_it_only_once(people: People, first: str) -> None:
    host = people.arrive()
    host.add_init_script(DELETED_TWICE.replace("FIRST", repr(first)))
    make_room(host, "한 번만")
    joined(host)
    host.click("#delete-btn")
    host.click("#confirm button[type=submit]")
    expect(host.locator("#room")).to_have_attribute("data-ways", "/")
    host.evaluate("tellAgain()")
    expect(host.locator("#chat")).to_be_disabled()
    expect(host.locator("#confirm")).to_be_hidden()
    expect(host.locator("#room")).to_have_attribute("data-ways", "/")
