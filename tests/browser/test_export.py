"""A saved conversation in a browser: by its menu, without a network, on paper and in the dark."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from tests.browser.axe import small_targets, troubles
from tests.browser.conftest import People, make_room, say
from tests.browser.room_page import joined, send_images
from tests.server import Server, gifchat, running
from tests.test_importing import OPENING, SAID, closing, written

DECODED = """
Promise.all([...document.images].map((image) => {
    image.loading = "eager";
    return image.decode();
}))
"""
PHONE: ViewportSize = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server, into which a conversation was imported."""
    folder = tmp_path_factory.mktemp("export")
    saved = written(folder / "a.jsonl", OPENING, SAID, closing(1))
    done = gifchat("import", saved, "--data", folder / "data")
    assert (done.returncode, done.stdout) == (0, "'과학' is imported: 1 record, 0 images\n"), done.stderr
    with running(folder / "data") as server:
        yield server


def test_an_imported_room_can_only_be_read(people: People) -> None:
    """There is nothing to write in, and a line can only be copied."""
    reader = people.arrive()
    reader.click(".join-btn")
    joined(reader)
    expect(reader.locator(".kept-nowhere")).to_have_text("저장한 대화입니다. 읽을 수만 있습니다.")
    expect(reader.locator("#chat-form")).to_be_hidden()
    line = reader.locator("#chat-list .other")
    expect(line.locator(".text")).to_have_text(str(SAID["chat"]))
    line.locator(".more").click()
    expect(reader.locator("#actions button:visible")).to_have_text(["복사"])


def test_a_saved_page_works_without_the_network_and_forbids_itself_all_but_its_images(
    people: People, browser: Browser, gif: Path, tmp_path: Path
) -> None:
    """Every image is decoded, nothing is refused by the page's own policy, and it fits a phone's screen."""
    host = people.arrive()
    make_room(host, "과학")
    joined(host)
    say(host, "안녕 `code` https://a.kr/" + "long/" * 30)
    send_images(host, gif)
    with host.context.expect_page() as opening:
        host.click("#owner-tools a[href$='/export']")
    with opening.value.expect_download() as saving:
        opening.value.click("button[type=submit]")
    saving.value.save_as(tmp_path / "saved.html")
    context = browser.new_context(viewport=PHONE, offline=True, color_scheme="light")
    page = context.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.goto((tmp_path / "saved.html").as_uri())
    expect(page.locator(".said")).to_have_count(2)
    page.evaluate(DECODED)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert small_targets(page) == []
    assert troubles(page) == []
    page.emulate_media(color_scheme="dark")
    assert troubles(page, "color-contrast") == []
    moving, still = page.locator("figure .moving"), page.locator("figure .still")
    for stills in (False, True):
        page.set_checked("#stills", stills)
        expect(moving).to_be_visible(visible=not stills)
        expect(still).to_be_visible(visible=stills)
    page.set_checked("#stills", False)
    page.emulate_media(media="print")
    expect(still).to_be_visible()
    expect(moving).to_be_hidden()
    assert told == []
    context.close()
