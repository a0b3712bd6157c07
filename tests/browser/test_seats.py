"""Seat cards as people use them: printed sheets, a phone and a laptop with the same card, and rooms only for cards."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import People, make_room
from tests.server import Server, running

TOKEN = "chalk"
MM = 96 / 25.4  # pixels of CSS


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Run a server whose desk can be opened."""
    with running(tmp_path / "data", "--desk-token", TOKEN) as server:
        yield server


def codes(sheet: Page) -> dict[str, str]:
    """Return the codes on the cards, as they are printed."""
    labels = sheet.locator(".seat-card-label").all_text_contents()
    return dict(zip(labels, sheet.locator(".seat-card-address b").all_text_contents(), strict=True))


def type_code(page: Page, code: str) -> None:
    page.goto("/seat")
    page.get_by_label("코드").fill(code.lower())
    page.keyboard.press("Enter")


def test_cards_are_printed_used_by_two_devices_and_needed(people: People) -> None:
    teacher, phone, laptop = people.arrive(), people.arrive(phone=True), people.arrive()
    teacher.goto(f"/desk?token={TOKEN}")
    teacher.goto("/desk/seats")
    teacher.get_by_label("이름").fill(
        "\n".join(["김민수", "Alexandra Montgomery-Fitzgerald", "황보 하늘별님구름", "가" * 40])
    )
    teacher.get_by_label("카드 수").fill("12")
    teacher.get_by_role("button", name="카드 만들기").click()
    expect(teacher.locator(".seat-card")).to_have_count(12)
    card = codes(teacher)

    teacher.emulate_media(media="print")
    sheets = [sheet.bounding_box() for sheet in teacher.locator(".seats-sheet").all()]
    assert [(round(box["width"] / MM), round(box["height"] / MM)) for box in sheets if box] == [(210, 297)] * 2
    spilling = (
        "(cards) => cards.filter((card) => card.scrollHeight > card.clientHeight).map((card) => card.textContent)"
    )
    assert teacher.locator(".seat-card").evaluate_all(spilling) == []
    expect(teacher.get_by_role("button")).to_have_count(0)
    teacher.emulate_media(media="screen")

    room = make_room(phone, "1모둠")
    phone.goto(f"/seat/{card['김민수']}")
    phone.get_by_role("button", name="이 자리에 앉기").click()
    phone.goto(f"/room/{room}")
    expect(phone.locator("#chat")).to_be_visible()
    teacher.goto("/desk")
    expect(teacher.locator("#desk-rooms")).to_contain_text("김민수")

    type_code(laptop, card["김민수"])
    expect(laptop.locator("main")).to_contain_text("지금 다른 기기가 이 자리에 있습니다")
    laptop.get_by_role("button", name="이 기기로 앉기").click()
    expect(phone.locator("#seat-taken")).to_be_visible()
    phone.locator("#seat-taken button").click()
    expect(phone.locator("#seat-taken")).to_have_count(0)
    expect(teacher.locator("#desk-rooms")).not_to_contain_text("김민수")
    expect(teacher.locator("body")).to_contain_text("두 기기에서 동시에")

    teacher.get_by_role("button", name="규칙").click()
    teacher.locator("#desk-rules [data-switch=cards]").click()
    expect(phone.locator("#notice")).to_be_visible()
    phone.locator("#notice").get_by_role("button").click()
    expect(phone.get_by_label("코드")).to_be_visible()
    type_code(phone, card["5"])
    phone.get_by_role("button", name="이 자리에 앉기").click()
    phone.locator("tbody .join-btn").click()
    expect(teacher.locator("#desk-rooms")).to_contain_text("5")
    assert all("403" in refused for refused in people.troubles)  # the lobby, and what a page asks for as it is put out
    people.troubles.clear()
