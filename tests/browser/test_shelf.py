"""The shelf: finding a GIF by typing or browsing, and sending it without an upload."""

import json
import re
from pathlib import Path

from playwright.sync_api import Locator, Page, Request, expect

from tests.browser.conftest import People, make_room
from tests.browser.room_page import enter, joined, person


def posts(page: Page) -> list[Request]:
    """Return a list that collects the page's requests to send an image."""
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if re.search(r"/room/\w+/gif$", request.url) else None)
    return sent


def gif(page: Page, label: str) -> Locator:
    """Return the button of the GIF with that name."""
    return page.locator("#shelf").get_by_role("button", name=label, exact=True)


def received(page: Page) -> Locator:
    """Return the images of others in the chat."""
    return page.locator("#chat-list .other .picture img")


def test_a_gif_is_found_and_sent_without_an_upload(people: People, tmp_path: Path) -> None:
    host, guest = people.arrive(), people.arrive()
    room = make_room(host, "축하해")
    joined(host)
    enter(guest, room)
    expect(guest.locator("#room")).to_have_attribute("data-images", "ready")  # and what is loaded with them
    sent = posts(host)
    host.fill("#chat", "쓰던 말")

    host.click("#shelf-btn")
    search = host.locator("#shelf-text")
    expect(search).to_be_focused()
    expect(host.locator("#shelf .gif img").first).to_have_attribute("src", "/static/shelf/hello.poster.webp")
    keyboard = host.context.new_cdp_session(host)
    keyboard.send("Input.imeSetComposition", {"text": "춬", "selectionStart": 1, "selectionEnd": 1})
    expect(host.locator("#shelf .gif img")).to_have_attribute("alt", "축하")
    for typed in ("축ㅎ", "ㅊㅋ"):
        search.fill(typed)
        expect(host.locator("#shelf .gif img")).to_have_attribute("alt", "축하")
    expect(host.locator("#shelf [role=status]")).to_have_text("1개를 찾았습니다.")

    search.press("ArrowDown")
    expect(gif(host, "축하")).to_be_focused()
    expect(host.locator("#shelf .gif img")).to_have_attribute("src", "/static/shelf/congratulations.gif")
    host.keyboard.press("Enter")
    expect(received(guest)).to_have_count(1)
    expect(received(guest)).to_have_js_property("naturalWidth", 160)
    # Whoever cannot see it learns what it shows, at once and later, in the language of their page.
    expect(received(guest)).to_have_attribute("alt", re.compile("님이 보낸 이미지: 축하$"))
    expect(guest.locator("#heard p", has_text=re.compile("이미지: 축하$"))).to_have_count(1)
    english = people.arrive(locale="en-US")
    enter(english, room)
    expect(received(english)).to_have_attribute("alt", re.compile("^Image from .+: congratulations$"))
    english.close()
    (request,) = sent
    assert request.headers["content-type"] == "application/json"
    body = json.loads(request.post_data or "")
    assert {**body, "nonce": ""} == {"name": "congratulations.gif", "nonce": ""}
    expect(host.locator("#chat")).to_have_value("쓰던 말")
    assert len(list((tmp_path / "data" / "uploads").glob("*.gif"))) == 1

    # A sent GIF can be sent again and is stored once.
    for number, tab in enumerate(("최근 GIF", "내 GIF"), start=2):
        host.get_by_role("tab", name=tab).click()
        gif(host, "GIF 1").click()
        expect(received(guest)).to_have_count(number)
    sources = received(guest).evaluate_all("images => images.map(image => image.src.match(/[0-9a-f]{32}/)[0])")
    assert len(set(sources)) == 1
    assert len(list((tmp_path / "data" / "uploads").glob("*.gif"))) == 1
    guest.click("#shelf-btn")
    guest.get_by_role("tab", name="내 GIF").click()
    expect(guest.locator("#shelf [role=status]")).to_have_text("내가 보낸 GIF가 아직 없습니다.")

    host.keyboard.press("Escape")
    expect(host.locator("#shelf")).to_be_hidden()
    expect(host.locator("#shelf-btn")).to_be_focused()


def test_the_arrow_keys_move_through_the_shelf(people: People) -> None:
    host = people.arrive(locale="en-US")
    make_room(host, "Walk")
    joined(host)
    host.emulate_media(reduced_motion="reduce")
    host.click("#shelf-btn")
    buttons = host.locator("#shelf .gif")
    expect(buttons.nth(29)).to_be_attached()
    columns = int(
        host.locator("#shelf .gifs").evaluate("list => getComputedStyle(list).gridTemplateColumns.split(' ').length")
    )
    assert columns == 3
    host.press("#shelf-text", "ArrowDown")
    at = 0
    for key, step in (
        ("ArrowRight", 1),
        ("ArrowDown", 3),
        ("ArrowDown", 3),
        ("ArrowLeft", -1),
        ("ArrowUp", -3),
        ("End", 26),
    ):
        host.keyboard.press(key)
        at += step
        expect(buttons.nth(at)).to_be_focused()
    assert at == 29
    host.keyboard.press("ArrowRight")
    host.keyboard.press("ArrowDown")
    expect(buttons.nth(29)).to_be_focused()
    expect(buttons.nth(29)).to_be_in_viewport()
    # With reduced motion the still is shown, even for the GIF under the pointer.
    expect(buttons.nth(29).locator("img")).to_have_attribute("src", "/static/shelf/sleepy.poster.webp")
    host.keyboard.press("Home")
    host.keyboard.press("ArrowUp")
    expect(host.locator("#shelf-text")).to_be_focused()

    host.keyboard.type("good night")
    expect(buttons.locator("img")).to_have_attribute("alt", "sleepy")
    host.press("#shelf-text", "Enter")
    expect(buttons).to_be_focused()
    host.fill("#shelf-text", "nothing like it")
    expect(buttons).to_have_count(0)
    expect(host.locator("#shelf [role=status]")).to_have_text("No matching GIF.")

    host.get_by_role("tab", name="Shelf").click()
    expect(buttons).to_have_count(30)
    host.keyboard.press("ArrowLeft")
    expect(host.get_by_role("tab", name="Mine")).to_be_focused()
    expect(host.locator("#shelf [role=status]")).to_have_text("You have not sent a GIF yet.")


def test_on_a_phone_the_shelf_covers_the_chat(people: People) -> None:
    host, guest = people.arrive(), people.arrive(phone=True)
    room = make_room(host, "손안에")
    owner = joined(host)
    enter(guest, room)
    sent = posts(guest)
    guest.tap("#shelf-btn")
    expect(guest.locator("#sheet")).to_be_visible()
    expect(guest.locator("#shelf-text")).not_to_be_focused()  # otherwise the keyboard would cover the GIFs
    box = gif(guest, "하트").bounding_box()
    assert box is not None and min(box["width"], box["height"]) >= 44

    # A GIF tapped after searching is still where it was.
    guest.tap("#shelf-text")
    guest.fill("#shelf-text", "ㅎㅌ")
    guest.get_by_role("tab", name="모음").tap()
    expect(guest.locator("#shelf .gif")).to_have_count(30)
    gif(guest, "하트").tap()
    expect(guest.locator("#sheet")).to_be_hidden()
    expect(received(host)).to_have_count(1)

    # Images go to everybody, so none is sent while whispering.
    guest.get_by_role("button", name="참가자").tap()
    person(guest, owner).get_by_role("button", name="귓속말").tap()
    expect(guest.locator("#recipient")).to_be_visible()
    guest.tap("#shelf-btn")
    gif(guest, "하트").tap()
    expect(guest.locator("#shelf [role=alert]")).to_contain_text("귓속말로 보낼 수 없습니다")
    guest.locator("#shelf").get_by_role("button", name="닫기").tap()
    guest.get_by_role("button", name="귓속말 그만두기").tap()
    guest.fill("#chat", f"/w {owner} 둘만")
    guest.tap("#shelf-btn")
    gif(guest, "하트").tap()
    expect(guest.locator("#shelf [role=alert]")).to_contain_text("귓속말로 보낼 수 없습니다")
    assert len(sent) == 1
