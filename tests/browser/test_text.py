"""What a message's text looks like: links, code, emoji alone."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import People, make_room, say
from tests.browser.room_page import enter, joined

LINKED = "자료는 https://example.com/a_(b)에서 보세요"
RUN = "`npm  start` 하고\n```\n  가  나\n```\n끝"
CODE = "let  a = 1;\n  b(`${a}`); // 하나"
EMOJI = "👨‍👩‍👧‍👦 🎉"
PLAIN = "🎉 축하해요"


def texts(page: Page) -> list[str]:
    """Return what was said, by the course's selectors, as a script sees it."""
    found: list[str] = page.locator("#chat-list :is(.mine, .other) .text").evaluate_all(
        "(texts) => texts.map(({ textContent }) => textContent)"
    )
    return found


def test_links_code_and_emoji_are_drawn_and_the_text_stays_what_was_said(people: People) -> None:
    host, guest = people.arrive(), people.arrive(phone=True)
    room = make_room(host, "코드")
    joined(host)
    enter(guest, room)
    said = [LINKED, RUN, EMOJI, PLAIN]
    for text in said:
        say(host, text)
    expect(guest.locator("#chat-list .other .text")).to_have_count(len(said))
    assert texts(guest) == said

    link = guest.locator("#chat-list .text a")
    expect(link).to_have_text("https://example.com/a_(b)")
    for name, value in {"href": "https://example.com/a_(b)", "target": "_blank", "rel": "noopener noreferrer"}.items():
        expect(link).to_have_attribute(name, value)
    assert "`" not in guest.locator("#chat-list .other .text").nth(1).inner_text()
    assert [size > 30 for size in map(font_size, [guest] * 2, [EMOJI, PLAIN])] == [True, False]

    # What colours code is loaded with the first code in a language that it knows.
    colours = (
        "() => performance.getEntriesByType('resource').filter(({ name }) => /room\\.highlight-/.test(name)).length"
    )
    guest.wait_for_load_state("networkidle")
    assert guest.evaluate(colours) == 0

    # On the phone's plain HTTP there is no navigator.clipboard.
    say(host, f"```js\n{CODE}\n```")
    block = guest.locator(".code-block").last
    expect(block.locator(".code-keyword")).to_have_text("let")
    expect(block.locator(".code-comment")).to_have_text("// 하나")
    assert guest.evaluate(colours) == 1
    copy = block.get_by_role("button")
    expect(copy).to_have_accessible_name("코드 복사")
    copy.click()
    expect(copy).to_have_accessible_name("복사했습니다.")
    guest.focus("#chat")
    guest.keyboard.press("Control+V")
    expect(guest.locator("#chat")).to_have_value(CODE)
    guest.fill("#chat", "")

    expect(copy).to_have_accessible_name("코드 복사")

    # Edited: a link leads elsewhere, emoji alone become code.
    for text, anew in ((LINKED, LINKED.replace("a_", "c_")), (EMOJI, "`🎉`")):
        said[said.index(text)] = anew
        line = host.locator("#chat-list .mine", has_text=text)
        line.locator(".more").click()
        host.click("#actions [data-action=edit]")
        expect(host.locator("#edit-text")).to_have_value(text)
        host.fill("#edit-text", anew)
        host.press("#edit-text", "Enter")
    expect(link).to_have_attribute("href", "https://example.com/c_(b)")
    expect(guest.locator("#chat-list .text > code").last).to_have_text("🎉")
    for page in (guest, host):
        expect(page.locator(".emoji-alone")).to_have_count(0)
    said.append(f"```js\n{CODE}\n```")
    assert texts(guest) == texts(host) == said

    # The same of the server's lines.
    drawn = guest.locator("#chat-list .text").evaluate_all("(texts) => texts.map(({ innerHTML }) => innerHTML)")
    guest.reload()
    joined(guest)
    assert texts(guest) == said
    expect(guest.locator(".code-keyword")).to_have_text("let")
    assert guest.locator("#chat-list .text").evaluate_all("(texts) => texts.map(({ innerHTML }) => innerHTML)") == drawn


def font_size(page: Page, text: str) -> float:
    """Return the font size of a message in pixels."""
    text_of = page.locator("#chat-list .text", has_text=re.compile(f"^{re.escape(text)}$"))
    return float(text_of.evaluate("(text) => parseFloat(getComputedStyle(text).fontSize)"))
