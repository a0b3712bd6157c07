"""Two people in real browsers, served by the single-file build."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import People, browser, chromium, gif, make_room, people, say
from tests.browser.room_page import send_images
from tests.packaged.conftest import Running
from tests.server import Server

__all__ = ["browser", "chromium", "gif", "people"]


@pytest.fixture
def built() -> str:
    """Choose the binary."""
    return "binary"


@pytest.fixture
def server(running: Running) -> Iterator[Server]:
    """Run the binary."""
    with running("--grace", "0.5") as server:
        yield server


def test_two_people_chat_and_send_a_gif(people: People, gif: Path) -> None:
    host, guest = people.arrive(), people.arrive(phone=True)
    room = make_room(host, "점심 뭐 먹지?")
    guest.click(f'tr[data-id="{room}"] .join-btn')
    expect(guest).to_have_url(f"/room/{room}")
    say(host, "안녕!")
    expect(guest.locator("#chat-list .other").last).to_contain_text("안녕!")
    say(guest, "좋아요")
    expect(host.locator("#chat-list .other").last).to_contain_text("좋아요")
    send_images(host, gif)
    image = guest.locator("#chat-list .other img").last
    expect(image).to_have_attribute("src", re.compile(r"^/gif/[^/]+$"))
    expect(image).to_have_js_property("naturalWidth", 120)
