"""Rooms with images, and their pages."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page

from tests.browser.room_page import joined
from tests.images import encoded
from tests.server import Server, Visitor, running

BALL = encoded("GIF", frames=3, size=(120, 80))

GIF = re.compile(r"^/gif/[0-9a-f]{32}\.gif$")
POSTER = re.compile(r"^/gif/[0-9a-f]{32}\.poster\.webp$")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server for all these tests; each uses its own room."""
    with running(tmp_path_factory.mktemp("pictures") / "data", "--rate", "0", "--grace", "30") as server:
        yield server


@pytest.fixture
def host(server: Server) -> Visitor:
    """Return a visitor who sends images without a browser."""
    return server.visitor()


def send(host: Visitor, room: str, image: bytes, caption: str | None = None) -> str:
    """Send an image and return its name."""
    fields = {} if caption is None else {"chat": caption}
    status, record = host.json("POST", f"/room/{room}/gif", data=fields, files={"gif": ("a", image)})
    assert status == 200, record
    return str(record["gif"])


def enter(page: Page, room: str, *, still: bool = False) -> None:
    """Open the room's page, with animations allowed or, if `still`, with reduced motion."""
    page.emulate_media(reduced_motion="reduce" if still else "no-preference")
    page.goto(f"/room/{room}")
    joined(page)


def images(page: Page) -> Locator:
    return page.locator("#chat-list .picture img")
