"""The pages without a bundle, as `make dev` serves them: the browser loads the modules themselves."""

import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.browser.conftest import People, make_room, say
from tests.browser.room_page import joined
from tests.server import running


def test_a_room_and_its_parts_work_with_the_modules_themselves(browser: Browser, tmp_path: Path) -> None:
    with running(tmp_path / "data", "--debug") as server:
        people = People(browser, server.port)
        page = people.arrive()
        scripts: list[str] = []
        page.on("request", lambda request: scripts.append(request.url))
        make_room(page, "모듈")
        joined(page)
        say(page, "안녕")
        expect(page.locator("#chat-list .mine .text")).to_have_text("안녕")
        say(page, "```js\nlet a;\n```")
        expect(page.locator(".code-block .code-keyword")).to_have_text("let")
        page.keyboard.press("F9")
        expect(page.locator("#inspector .frame").filter(has_text="안녕")).not_to_have_count(0)
        page.keyboard.press("F9")
        page.click("#search-btn")
        page.fill("#search-text", "안녕")
        expect(page.locator("#search .result-text")).to_have_text("안녕")
        page.click("#shelf-btn")
        expect(page.locator("#shelf .gif").first).to_be_visible()
        assert len([url for url in scripts if re.search(r"/static/js/.+\.js$", url)]) > 50
        assert not [url for url in scripts if "/bundle/" in url]
        people.leave()
        assert not people.troubles
