"""The viewer: one image of the chat, enlarged."""

import io
import re
from pathlib import Path

from PIL import Image
from playwright.sync_api import CDPSession, expect

from tests.browser.conftest import People
from tests.browser.pictures import BALL, GIF, POSTER, enter, host, images, send, server
from tests.images import encoded
from tests.server import Visitor

__all__ = ["host", "server"]


def test_the_viewer_enlarges_images_and_moves_between_them(people: People, host: Visitor) -> None:
    room = host.room()
    first = send(host, room, encoded("PNG", size=(100, 50)))
    second = send(host, room, BALL, "점심 <b>먹자</b>")
    page = people.arrive()
    enter(page, room)
    viewer = page.get_by_role("dialog", name="이미지 크게 보기")
    shown, place = viewer.locator(".picture img"), viewer.locator("[data-part=place]")
    page.locator("#chat-list .picture a").last.press("Enter")
    expect(viewer).to_contain_text("점심 <b>먹자</b>")
    expect(viewer.locator(".chip-name")).to_have_text(page.locator("#chat-list .other .chip-name").last.inner_text())
    expect(viewer.locator("time")).to_have_text(page.locator("#chat-list .other time").last.inner_text())
    expect(place).to_have_text("2 / 2")
    box = shown.bounding_box()
    assert box is not None and (box["width"], box["height"]) == (480, 320)  # four times its size

    # It is animated here, and the one behind it is not.
    expect(shown).to_have_attribute("src", f"/gif/{second}")
    expect(images(page).last).to_have_attribute("src", POSTER)
    viewer.get_by_role("button", name="GIF 멈추기").click()
    expect(shown).to_have_attribute("src", POSTER)

    # Backward and forward by keys and buttons, including images sent meanwhile, and not beyond the ends.
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(shown).to_have_attribute("src", f"/gif/{first}")
    expect(place).to_have_text("1 / 2")
    expect(viewer.get_by_role("button", name="이전 이미지")).to_have_attribute("aria-disabled", "true")
    expect(viewer.locator(".play")).to_have_count(0)
    third = send(host, room, encoded("JPEG", size=(3000, 40)))
    expect(place).to_have_text("1 / 3")
    page.keyboard.press("ArrowRight")
    expect(place).to_have_text("2 / 3")
    viewer.get_by_role("button", name="다음 이미지").click()
    expect(shown).to_have_attribute("src", f"/gif/{third}")
    expect(viewer.get_by_role("button", name="다음 이미지")).to_be_focused()
    box = shown.bounding_box()
    assert box is not None and 1000 < box["width"] <= 1100


def test_the_viewers_image_can_be_downloaded_and_copied(people: People, host: Visitor) -> None:
    room = host.room()
    name = send(host, room, BALL)
    page = people.arrive()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    enter(page, room)
    viewer = page.get_by_role("dialog", name="이미지 크게 보기")
    opener = page.locator("#chat-list .picture a")
    opener.press("Enter")
    expect(viewer.locator(".picture img")).to_have_attribute("src", GIF)

    with page.expect_download() as downloading:
        viewer.get_by_role("link", name="내려받기").click()
    assert re.fullmatch(r"gifchat-\d{4}-\d\d-\d\d-\d{6}\.gif", downloading.value.suggested_filename)
    assert Path(downloading.value.path()).read_bytes() == host.get(f"/gif/{name}").content
    viewer.get_by_role("button", name="이미지 복사").click()
    expect(viewer).to_contain_text("멈춘 장면을 이미지로 복사했습니다.")
    copied = page.evaluate(
        """async () => {
            const [item] = await navigator.clipboard.read();
            return [...new Uint8Array(await (await item.getType("image/png")).arrayBuffer())];
        }"""
    )
    assert Image.open(io.BytesIO(bytes(copied))).size == (120, 80)

    page.keyboard.press("Escape")
    expect(viewer).to_be_hidden()
    expect(opener).to_be_focused()
    expect(images(page)).to_have_attribute("src", GIF)

    # With the mouse: a click on the image opens it, a click beside it closes it.
    opener.click()
    expect(viewer).to_be_visible()
    viewer.locator("img").click()
    page.mouse.click(60, 400)
    expect(viewer).to_be_hidden()
    expect(opener).to_be_focused()


def swipe(touch: CDPSession, start: tuple[int, int], end: tuple[int, int]) -> None:
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": start[0], "y": start[1]}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": end[0], "y": end[1]}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_the_viewer_works_by_touch_on_a_phone(people: People, host: Visitor) -> None:
    room = host.room()
    send(host, room, encoded("PNG", size=(100, 50)))
    second = send(host, room, BALL)
    page = people.arrive(phone=True, locale="en-US")
    enter(page, room, still=True)
    viewer = page.get_by_role("dialog", name="Enlarged image")
    shown, place = viewer.locator(".picture img"), viewer.locator("[data-part=place]")
    images(page).last.tap()
    expect(shown).to_have_attribute("src", POSTER)
    viewer.get_by_role("button", name="Play GIF").tap()
    expect(shown).to_have_attribute("src", f"/gif/{second}")
    for control in viewer.locator(".viewer-tools > *").all():
        box = control.bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 390

    touch = page.context.new_cdp_session(page)
    swipe(touch, (100, 400), (300, 410))
    expect(place).to_have_text("1 / 2")
    swipe(touch, (200, 300), (230, 600))  # downwards
    swipe(touch, (300, 400), (100, 410))
    expect(place).to_have_text("2 / 2")
    expect(shown).to_have_attribute("src", POSTER)

    # Without a secure context a page cannot copy images to the clipboard, and does not offer to.
    viewer.get_by_role("button", name="Copy address").tap()
    expect(viewer).to_contain_text("Image address copied.")
    expect(viewer.get_by_role("button", name="Copy address")).to_be_focused()
    viewer.get_by_role("button", name="Close").tap()
    expect(viewer).to_be_hidden()
    page.focus("#chat")
    page.keyboard.press("Control+V")
    expect(page.locator("#chat")).to_have_value(re.compile(rf"^http://classroom\.lan:\d+/gif/{second}$"))
