"""Dropping and pasting into a room: images are attached, text is inserted, and nothing navigates away."""

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.place import Place
from tests.browser.room_page import send_images
from tests.browser.transfers import Name, drop_link, transfer
from tests.images import encoded


def test_dragging_a_file_over_the_room_shows_the_drop_area(place: Place, gif: Path) -> None:
    host, before = place.host, place.seen()
    file = Name("끌어온.gif", gif.read_bytes(), "image/gif")
    # Browsers repeat dragover while it is over the page, but report leaving in different ways.
    over = """() => {
        const data = new DataTransfer();
        data.items.add(new File([], "x"));
        const options = { bubbles: true, cancelable: true, dataTransfer: data };
        const repeat = () => document.querySelector("#chat-list").dispatchEvent(new DragEvent("dragover", options));
        window.over = setInterval(repeat, 50);
    }"""
    overlay = host.locator("#drop")
    for dropped in (False, True):
        host.evaluate(over)
        expect(overlay).to_be_visible()
        expect(overlay).to_have_text("여기에 놓으면 이미지를 보낼 수 있습니다")
        host.evaluate("clearInterval(window.over)")
        if dropped:
            assert not transfer(host, "drop", "#chat-list", file)
        expect(overlay).to_be_hidden()
    expect(place.shown).to_contain_text(["끌어온.gif"])
    host.press("#caption", "Enter")
    place.expect_seen(before + 1)


def test_text_dropped_outside_a_field_goes_into_the_chat_field(place: Place) -> None:
    host, before = place.host, place.seen()
    chat = host.locator("#chat")
    link = {"text_uri-list": "https://example.test/a", "text_plain": "https://example.test/a"}
    # Into a field, the browser itself inserts it.
    for event in ("dragover", "drop"):
        assert transfer(host, event, "#chat", text_plain="끌어온 글")
        assert transfer(host, event, "#chat", **link)
    chat.fill("이것 봐:")
    for event in ("dragover", "drop"):
        assert not transfer(host, event, "#chat-list", text_plain="끌어온 글")
        assert not transfer(host, event, "header", **link)
    expect(chat).to_have_value("이것 봐: 끌어온 글 https://example.test/a")
    # A file that the browser only names cannot be sent; other kinds of data are ignored.
    assert not transfer(host, "drop", "#chat-list", **{"text_uri-list": "file:///home/x/a.gif"})
    expect(host.locator("#chat-trouble")).to_contain_text("이미지 버튼")
    assert not transfer(host, "drop", "#chat-list", **{"application_x-tab": "1"})
    chat.fill("")
    expect(host.locator("#chat-trouble")).to_be_empty()
    expect(host.locator("#drop")).to_be_hidden()
    expect(host.locator("#preview")).to_be_hidden()
    assert place.seen() == before


def test_a_dropped_link_does_not_navigate_away(place: Place) -> None:
    host = place.host
    chat = host.locator("#chat")
    chat.fill("초안")
    link = f"{host.url.partition('/room')[0]}/lessons"
    for target, text in (("#title", f"초안 {link}"), ("#people", f"초안 {link} {link}")):
        drop_link(host, target, link)
        expect(chat).to_have_value(text)
    expect(host).to_have_url(re.compile(place.room))
    chat.fill("")
    # The same on the page for making a room.
    page = place.people.arrive()
    page.goto("/room")
    for event in ("dragover", "drop"):
        assert not transfer(page, event, "h1", **{"text_uri-list": link})
        assert not transfer(page, event, "[name=title]", Name("a.gif", b""))
        assert transfer(page, event, "[name=title]", text_plain="글")
    page.close()


def test_a_drop_during_an_open_dialog_is_ignored(place: Place, gif: Path) -> None:
    host = place.host
    file = Name("a.gif", gif.read_bytes(), "image/gif")
    host.click("#delete-btn")
    for event in ("dragover", "drop"):
        assert not transfer(host, event, "#confirm", file)
        assert not transfer(host, event, "#confirm", **{"text_uri-list": "https://example.test/"})
    assert transfer(host, "paste", "#confirm", file)
    host.press("#confirm", "Escape")
    expect(host.locator("#drop")).to_be_hidden()
    expect(host.locator("#preview")).to_be_hidden()
    expect(host.locator("#chat")).to_have_value("")


def test_an_image_copied_from_the_chat_is_resent_by_name_and_stays_animated(place: Place, gif: Path) -> None:
    host, before = place.host, place.seen()
    send_images(host, gif)
    place.expect_seen(before + 1)
    requests: list[str | None] = []
    host.on("request", lambda request: requests.append(request.post_data) if request.method == "POST" else None)
    # With the page's own button: as from any page, the clipboard has a PNG, and HTML that names the image.
    host.context.grant_permissions(["clipboard-read", "clipboard-write"])
    image = host.locator("#chat-list .mine img").last
    name = (image.get_attribute("data-gif") or "").rpartition("/")[2]
    image.click()
    host.click("#viewer [data-part=copy]")
    expect(host.locator("#viewer")).to_contain_text("복사했습니다.")
    host.press("#viewer", "Escape")
    host.fill("#chat", "또 봐")
    host.press("#chat", "Control+v")
    expect(place.shown).to_contain_text(["이 채팅의 이미지"])
    expect(place.shown).to_contain_text(["120 × 80"])
    expect(place.shown.locator("[data-part=still]")).to_be_hidden()
    host.press("#caption", "Enter")
    place.expect_seen(before + 2)
    expect(place.guest.locator("#chat-list .other .text").last).to_have_text("또 봐")
    # Dragged in from another window as Firefox does it: without a file, and also onto the field.
    address = f"{host.url.partition('/room')[0]}/gif/{name}"
    dragged = {"text_uri-list": address, "text_plain": address, "text_html": f'<img src="{address}" alt="x">'}
    for target in ("#chat-list", "#chat"):
        assert not transfer(host, "drop", target, **dragged)
        expect(place.shown).to_have_count(1)
        host.press("#caption", "Enter")
        expect(host.locator("#preview")).to_be_hidden()
    place.expect_seen(before + 4)
    gifs = place.guest.locator("#chat-list .other img").evaluate_all("(all) => all.map((img) => img.dataset.gif)")
    assert gifs[-4:] == [f"/gif/{name}"] * 4
    assert [f'"name":"{name}"' in (body or "") for body in requests] == [True] * 3


def test_an_image_dragged_within_the_page_is_not_sent_and_does_not_navigate(place: Place, gif: Path) -> None:
    host, before = place.host, place.seen()
    send_images(host, gif)
    place.expect_seen(before + 1)
    image = host.locator("#chat-list .mine img").last
    for target in ("#chat", "#title", "#chat-list"):
        image.drag_to(host.locator(target).first)
    expect(host).to_have_url(re.compile(place.room))
    expect(host.locator("#preview")).to_be_hidden()
    expect(host.locator("#chat")).to_have_value("")


def test_pasted_pictures_are_attached_and_pasted_text_stays_text(place: Place, gif: Path) -> None:
    host, before = place.host, place.seen()
    file = Name("image.png", encoded("PNG"), "image/png")
    assert transfer(host, "paste", "#chat", text_plain="글")
    assert transfer(host, "paste", "#chat", file, text_plain="표\t1", text_html="<table>")
    expect(host.locator("#preview")).to_be_hidden()
    # As a browser copies a picture that may be animated, and as a file manager does.
    elsewhere = "<meta charset=utf-8><img src='https://example.test/a.webp' data-gif='/static/shelf/clap.gif'>"
    assert not transfer(host, "paste", "#chat", file, text_html=elsewhere)
    assert not transfer(host, "paste", "#caption", file, text_plain="image.png")
    expect(place.shown).to_have_count(2)
    still = place.shown.locator("[data-part=still]")
    expect(still.first).to_be_visible()
    expect(place.shown.first).to_contain_text("image.png")
    expect(still.first).to_contain_text("멈춰 있습니다")
    expect(still.last).to_be_hidden()
    # One that was ours but is deleted: the file that comes with it is sent.
    gone = f"<img src='/gif/{'0' * 32}.gif'>"
    assert not transfer(host, "paste", "#caption", file, text_html=gone)
    expect(still.nth(2)).to_be_visible()
    assert not transfer(host, "paste", "#caption", text_html=gone)
    expect(place.shown.nth(3)).to_contain_text("없어진 이미지입니다.")
    place.people.troubles.clear()  # the browser's own error lines
    host.press("#caption", "Enter")
    place.expect_seen(before + 3)
