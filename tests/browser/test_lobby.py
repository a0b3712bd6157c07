"""A lobby of several pages."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import People
from tests.server import Server, running

ROOMS = 205
FIRST_ID = 0x1000


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Run a server with many rooms."""
    with running(tmp_path / "data") as server:
        visitor = server.visitor()
        visitor.json("PATCH", f"/room/{visitor.room('0')}", json={"kept": True})
    columns = "max, owner_id, owner, ephemeral, created_at, kept"
    with closing(sqlite3.connect(tmp_path / "data" / "gifchat.db")) as database, database:
        database.executemany(
            f"INSERT INTO rooms (id, title, {columns}) SELECT ?, ?, {columns} FROM rooms WHERE title = '0'",
            [(f"{FIRST_ID + number:024x}", str(number)) for number in range(1, ROOMS)],
        )
    with running(tmp_path / "data") as server:
        yield server


def titles(page: Page) -> list[str]:
    return page.locator("table tbody tr[data-id] [data-part=title]").all_text_contents()


def numbers(first: int, last: int) -> list[str]:
    return [str(number) for number in range(first, last - 1, -1)]


def test_a_page_of_the_lobby_is_live_and_stays_where_it_is(people: People, server: Server) -> None:
    page = people.arrive(phone=True, locale="en-US")
    teacher = server.visitor()
    expect(page.locator(".pager .range")).to_have_text(f"1–100 of {ROOMS}")
    assert titles(page) == numbers(204, 105)
    page.click(".pager [rel=next]")
    expect(page).to_have_url("/?page=2")
    expect(page.locator(".pager .range")).to_have_text(f"101–200 of {ROOMS}")
    page.evaluate("scrollTo(0, 3000)")
    look = page.locator("tbody tr").nth(40)
    before = look.bounding_box()
    mine = teacher.room("mine")
    # A new room appears on the first page; here nothing moves, and the counts are right.
    expect(page.locator(".pager .range")).to_have_text(f"102–201 of {ROOMS + 1}")
    assert titles(page) == numbers(104, 5)
    assert look.bounding_box() == before
    # A room of this page changes.
    teacher.get(f"/room/{mine}")
    first = people.arrive()
    row = first.locator("tbody tr").first
    expect(row).to_contain_text("mine")
    assert len(titles(first)) == 100
    teacher.json("PATCH", f"/room/{mine}", json={"title": "changed"})
    expect(row).to_contain_text("changed")
    assert teacher.json("DELETE", f"/room/{mine}")[0] == 200
    expect(row.locator("[data-part=title]")).to_have_text("204")
    assert titles(first) == numbers(204, 105)
    expect(page.locator(".pager .range")).to_have_text(f"101–200 of {ROOMS}")
    assert look.bounding_box() == before
    # The last page has no further one.
    page.click(".pager [rel=next]")
    expect(page).to_have_url("/?page=3")
    assert titles(page) == numbers(4, 0)
    expect(page.locator(".pager [rel=next]")).to_be_hidden()
    page.click(".pager [rel=prev]")
    expect(page).to_have_url("/?page=2")
    assert titles(page) == numbers(104, 5)


def test_a_room_is_found_by_its_initials_on_whatever_page_it_is(people: People, server: Server) -> None:
    page = people.arrive(locale="en-US")
    server.visitor().room("과학 실험")
    page.goto("/?page=2")
    before = titles(page)
    page.fill("#find-text", "ㄱㅎ")
    expect(page.locator("#find [role=status]")).to_have_text(f"1 of {ROOMS + 1} rooms")
    assert titles(page) == ["과학 실험"]
    expect(page.locator(".pager")).to_be_hidden()
    # What changes meanwhile is found, or not, as well.
    server.visitor().room("국화")
    expect(page.locator("#find [role=status]")).to_have_text(f"2 of {ROOMS + 2} rooms")
    page.press("#find-text", "Enter")
    expect(page.locator(".join-btn").first).to_be_focused()
    page.fill("#find-text", "ㅋㅋㅋ")
    expect(page.locator("#find [role=status]")).to_contain_text("No room")
    expect(page.locator(".empty")).to_be_hidden()
    page.press("#find-text", "Escape")
    expect(page.locator("#find [role=status]")).to_be_empty()
    assert titles(page) == before


def test_nothing_moves_under_the_pointer_or_takes_the_focus(people: People, server: Server) -> None:
    page = people.arrive(locale="en-US")
    teacher = server.visitor()
    rows = page.locator("tbody tr")
    expect(page.locator(".pager .range")).to_have_text(f"1–100 of {ROOMS}")
    page.mouse.move(5, 5)
    rows.nth(1).hover()
    before = rows.nth(1).bounding_box()
    room = teacher.room("mine")
    expect(rows.last).to_contain_text("mine")
    assert rows.nth(1).bounding_box() == before
    page.mouse.move(5, 5)
    expect(rows.first).to_contain_text("mine")
    page.mouse.move(500, before["y"] + 5 if before else 0)
    above = teacher.room("above")
    expect(page.locator("#late")).to_have_text("1 new at the end of the list")
    page.mouse.move(5, 5)
    expect(page.locator("#late")).to_be_hidden()
    expect(rows.first).to_contain_text("above")

    own = page.locator(f'.join-btn[data-id="{room}"]')
    own.focus()
    assert teacher.json("DELETE", f"/room/{above}")[0] == 200
    expect(rows.first).to_contain_text("mine")
    expect(own).to_be_focused()
    # It ends itself: another key press enters no other room.
    assert teacher.json("DELETE", f"/room/{room}")[0] == 200
    expect(page.locator(f'tr[data-id="{room}"]')).to_have_count(0)
    expect(own).to_have_text("Closed")
    expect(own).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(rows.first.locator("[data-part=title]")).to_have_text("204")
    expect(rows.first.locator(".join-btn")).to_be_focused()
    expect(page).to_have_url("/")
