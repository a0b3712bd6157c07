"""An older copy of the database is restored while pages are open: they show its records and new ones, once."""

import re
import shutil
import signal
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import People, make_room, say
from tests.browser.room_page import enter, joined, send_images, stop_clock, wait_for_parts
from tests.free_ports import free_port
from tests.server import Server, Visitor, running

NEW = 9
"""More messages than were posted after the copy, so that all their numbers are reused."""


def seqs(page: Page) -> list[int]:
    lines: list[int] = page.locator("#chat-list [data-seq]").evaluate_all("(all) => all.map((l) => +l.dataset.seq)")
    return lines


def history(visitor: Visitor, room: str) -> list[int]:
    _, answer = visitor.json("GET", f"/room/{room}/chats?limit=200")
    chats = answer["chats"]
    assert isinstance(chats, list)
    return [record["seq"] for record in chats]


def say_new(server: Server, room: str) -> Visitor:
    visitor = server.visitor()
    assert visitor.get(f"/room/{room}").status_code == 200
    for number in range(NEW):
        assert visitor.json("POST", f"/room/{room}/chat", json={"chat": f"새 말 {number}"})[0] == 200
    return visitor


def assert_anew(page: Page, *, mine: int, others: int) -> None:
    """Wait until the page shows that many records, all from the copy or later, and no error."""
    expect(page.locator("#connection")).to_be_hidden()
    expect(page.locator("#chat-list .mine[data-seq]")).to_have_count(mine)
    expect(page.locator("#chat-list .other[data-seq]")).to_have_count(others)
    expect(page.locator("#chat-list .pending, #chat-list .failed")).to_have_count(0)
    expect(page.locator("#chat-list")).not_to_contain_text("잃은 말")
    expect(page.locator("#chat-list")).to_contain_text(f"새 말 {NEW - 1}")
    expect(page.locator("#chat-list .mine[data-seq]").last).to_be_in_viewport()


def test_open_pages_start_over_after_an_older_copy_is_restored(browser: Browser, tmp_path: Path, gif: Path) -> None:
    """Messages posted after the copy are gone; those written while no server runs arrive once.

    A visitor who first came after the copy keeps their colour, which comes from their cookie.
    """
    data, copy, port = tmp_path / "data", tmp_path / "copy", free_port()
    options = ("--grace", "30", "--rate", "0")
    people = People(browser, port)
    with running(data, *options, port=port) as server:
        host, guest = people.arrive(), people.arrive()
        for page in (host, guest):
            page.clock.install()
        room = make_room(host, "되돌린 방")
        joined(host)
        enter(guest, room)
        wait_for_parts(guest)
        say(host, "처음")
        expect(guest.locator("#chat-list .other")).to_have_text(re.compile("처음"))
    shutil.copytree(data, copy)

    with running(data, *options, port=port) as server:
        for page in (host, guest):
            joined(page)
        late = people.arrive()
        late.clock.install()
        stranger = enter(late, room)
        for number in range(3):
            say(host, f"잃은 말 {number}")
        expect(guest.locator("#chat-list .other")).to_have_count(4)
        guest.click('[data-panel="search"]')
        guest.fill("#search-text", "잃은")
        expect(guest.locator("#search [data-part=results] button")).to_have_count(3)
        server.process.send_signal(signal.SIGTERM)
        server.process.wait()
    for page in (host, guest, late):
        expect(page.locator("#connection")).to_be_visible()
    say(host, "못 보낸 말")
    say(late, "누구의 말")
    send_images(guest, gif)
    for page in (host, guest, late):
        stop_clock(page)  # and with it the reconnection attempts

    shutil.rmtree(data)
    shutil.copytree(copy, data)
    with running(data, *options, port=port) as server:
        program = say_new(server, room)
        for page in (host, guest, late):
            page.clock.resume()
        for page, mine in ((host, 2), (guest, 1), (late, 1)):
            joined(page)
            assert_anew(page, mine=mine, others=NEW + 4 - mine)
            assert seqs(page) == history(program, room)
        expect(guest.locator("#search [data-part=results] button")).to_have_count(0)
        assert joined(late) == stranger
        say(guest, "이어서")
        expect(host.locator("#chat-list .other").last).to_contain_text("이어서")
        assert seqs(host) == seqs(guest) == history(program, room)
        people.leave()
    lost = re.compile(r"net::ERR_|WebSocket|status of 40[034]")
    assert not [trouble for trouble in people.troubles if not lost.search(trouble)]
