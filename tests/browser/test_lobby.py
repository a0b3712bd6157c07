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
