"""All that the pages show, for those who cannot see it, see little, or touch it: wide and narrow, light and dark."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from tests.browser.axe import small_targets, troubles
from tests.browser.conftest import People
from tests.browser.states import (
    FOREIGN_PAGE,
    conversation,
    in_room,
    lessons,
    lobby,
    notices,
    panels,
    plain_pages,
    projector,
    sending,
    teacher_desk,
)
from tests.server import Server, running

TOKEN = "chalk"
PHONE: ViewportSize = {"width": 360, "height": 740}

# The field above it scrolls it and keeps the focus (aria-activedescendant); axe knows this only of a combobox.
KNOWN = "scrollable-region-focusable: #completion:"

# Of requests that a test refuses, and of axe's own measuring.
EXPECTED = re.compile(r"Failed to load resource|Applying inline style")


def everything(leaving: ExitStack, page: Page, server: Server, gif: Path) -> Iterator[str]:
    """Show all states, one after another."""
    yield from lobby(leaving, page, server)
    yield from plain_pages(page, server)
    yield from lessons(page)
    room, guest = conversation(leaving, page, server)
    yield from in_room(page)
    yield from panels(page, guest)
    yield from sending(page, gif)
    yield from projector(page, room)
    yield from notices(leaving, page, server)
    yield from teacher_desk(leaving, page, server, TOKEN)


@pytest.mark.parametrize(("locale", "phone"), [("ko-KR", False), ("en-US", True)])
def test_axe_finds_nothing_and_everything_can_be_touched(
    browser: Browser, tmp_path: Path, gif: Path, locale: str, phone: bool
) -> None:
    found: list[str] = []
    with (
        running(tmp_path / "data", "--grace", "30", "--rate", "0", "--desk-token", TOKEN) as server,
        ExitStack() as leaving,
    ):
        people = People(browser, server.port)
        page = people.arrive(locale=locale, phone=phone)
        if phone:
            page.set_viewport_size(PHONE)
        page.emulate_media(reduced_motion="reduce", color_scheme="light")
        for state in everything(leaving, page, server, gif):
            found += [f"{state}: {trouble}" for trouble in troubles(page) if not trouble.startswith(KNOWN)]
            if phone:
                found += [f"{state}: {small}" for small in small_targets(page)]
            # That page has no style: of the browser's own colours axe knows only the light ones.
            if phone or state == FOREIGN_PAGE:
                continue
            page.emulate_media(color_scheme="dark")
            found += [f"{state}, dark: {trouble}" for trouble in troubles(page, "color-contrast")]
            page.emulate_media(color_scheme="light")
        people.leave()
    assert not found, "\n".join(found)
    assert not [trouble for trouble in people.troubles if not EXPECTED.search(trouble)]
