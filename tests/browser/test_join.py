"""The page for the projector: an address that opens, the count of those who come, and help when nobody does."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import People
from tests.server import Server, running

PHONE = "192.168.77.7"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Run a server for this network, which believes the test's people when they say where they come from."""
    with running(tmp_path / "data", "--host", "0.0.0.0", "--trust-proxy") as server:
        yield server


def pass_time(page: Page, seconds: int) -> None:
    """Have the page believe that so many seconds pass; every five of them it has the server's answer."""
    for _ in range(0, seconds, 5):
        with page.expect_response(
            lambda answer: answer.url.endswith("/join") and answer.request.resource_type == "fetch"
        ):
            page.clock.run_for(5_000)


def test_the_count_is_live_and_help_comes_after_a_minute_without_anybody(people: People) -> None:
    projector = people.arrive()
    projector.clock.install()
    projector.click("text=접속 안내")
    count, trouble = projector.locator("#people"), projector.locator("#trouble")
    expect(projector.locator(".join-code svg")).to_be_visible()
    expect(projector.locator(".join-address")).to_have_text(re.compile(r"^http://[\d.]+:\d+$"))
    expect(count).to_have_text("0")

    pass_time(projector, 20)  # and no more than the machine takes for it
    expect(trouble).to_be_hidden()
    pass_time(projector, 45)
    expect(trouble).to_be_visible()
    expect(trouble).to_contain_text("방화벽")

    phone = people.arrive(phone=True, address=PHONE)
    pass_time(projector, 5)
    expect(count).to_have_text("1")
    expect(trouble).to_be_hidden()

    phone.close()
    pass_time(projector, 5)
    expect(count).to_have_text("0")
    pass_time(projector, 65)
    expect(trouble).to_be_hidden()  # somebody has found the way


def test_the_address_stands_in_one_line_as_wide_as_the_screen_lets_it(people: People) -> None:
    projector = people.arrive(locale="en-US")
    projector.goto("/join")
    address = projector.locator(".join-address")
    address.evaluate("node => node.lastChild.textContent = '192.168.123.123:65535'")
    for width, height in ((1920, 1080), (390, 844)):
        projector.set_viewport_size({"width": width, "height": height})
        box = address.bounding_box()
        letters = float(address.evaluate("node => parseFloat(getComputedStyle(node).fontSize)"))
        assert box is not None
        assert box["height"] < 1.5 * letters  # one line
        assert letters > width / 20
        assert projector.evaluate("document.documentElement.scrollWidth") <= width
