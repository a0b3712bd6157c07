"""Helpers to find and use the parts of the room's page."""

import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

UNTIL_S = 30.0
STOPPED_AFTER_S = 15
IDLE_MS = 2_500  # then a page loads its parts

JSON = {"Accept": "application/json"}


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Wait until `holds()`. Playwright's own function uses eval, which the pages' policy forbids."""
    deadline = time.monotonic() + UNTIL_S
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        page.wait_for_timeout(10)  # unlike a sleep, it lets Playwright process events from the browser


def stop_clock(page: Page) -> None:
    """Stop the page's timers until `page.clock.resume()`, so that what it shows for seconds stays on any machine.

    Call `page.clock.install()` before the page is opened. The clock stops a little in the future, since it must not
    have passed that time, but not so late that the page would miss the server's next ping.
    """
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + STOPPED_AFTER_S)


def wait_for_parts(page: Page) -> None:
    """Wait until a page that has joined can take images without the network. Its clock must have been installed."""
    page.clock.fast_forward(IDLE_MS)
    expect(page.locator("#room")).to_have_attribute("data-images", "ready")


def enter(page: Page, room: str) -> str:
    """Open the room's page; return the visitor's colour once the page has joined."""
    page.goto(f"/room/{room}")
    return joined(page)


def joined(page: Page) -> str:
    """Return the visitor's colour once the room's page has joined."""
    expect(page.locator("#room")).to_have_attribute("data-connection", "joined")
    return page.locator("#room").get_attribute("data-user") or ""


def scroll_to(page: Page, top: str) -> None:
    """Scroll the chat by script to an expression of its `area`, and wait until the page has handled the event."""
    rendered = "new Promise((done) => requestAnimationFrame(() => done()))"  # a frame's scroll events come before these
    page.locator("#chat-scroll").evaluate(f"(area) => {{ area.scrollTop = {top}; return {rendered}; }}")


def person(page: Page, user: str) -> Locator:
    """Return a person's row in the list of people."""
    return page.locator(f'#people-list [data-user="{user}"]')


def names(page: Page) -> Locator:
    """Return the colours in the list of people, in order."""
    return page.locator("#people-list .chip-colour")


def handle(page: Page, user: str) -> str:
    """Return what the page calls a person who is in the room."""
    return person(page, user).locator(".chip-name").text_content() or ""


def kept(page: Page, room: str) -> list[str]:
    """Return the names of what the browser has stored of the room: what is not sent yet, and the draft."""
    names: list[str] = page.evaluate(
        """(room) => [localStorage, sessionStorage].flatMap(Object.entries)
            .filter((entry) => entry.join().includes(room)).map(([name]) => name)""",
        room,
    )
    return names


def send_images(page: Page, *files: Path, caption: str = "") -> None:
    """Choose images with the button and send them from the preview, with `caption`."""
    page.set_input_files("#gif", files)
    page.fill("#caption", caption)
    page.press("#caption", "Control+Enter")
    expect(page.locator("#preview")).to_be_hidden()


def change(page: Page, room: str, **fields: object) -> None:
    """Change the room as the page's visitor, without using the page."""
    assert page.context.request.patch(f"/room/{room}", data=fields, headers=JSON).ok
