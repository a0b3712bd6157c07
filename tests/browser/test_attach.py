"""The ways an image gets into the chat: chosen, dropped, pasted; looked at; sent, called back, sent again."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Dialog, Locator, Page, Route, expect

from tests.browser.conftest import People, make_room
from tests.browser.room_page import enter, joined, person, send_images, until
from tests.images import encoded, gif_of_size
from tests.server import Server, running

MIB = 1024 * 1024

HEIC = b"\x00\x00\x00\x18ftypheic" + bytes(100)


@dataclass
class Place:
    """A room with two in it, whom all tests of this file share."""

    server: Server
    people: People
    room: str
    host: Page
    guest: Page
    visitor: str
    network: CDPSession
    """The host's."""

    def slow(self, bytes_a_second: int) -> None:
        """Let the host's uploads take their time; -1 for as fast as can be."""
        throughput = {"downloadThroughput": -1, "uploadThroughput": bytes_a_second}
        self.network.send("Network.emulateNetworkConditions", {"offline": False, "latency": 0, **throughput})

    @property
    def shown(self) -> Locator:
        """The rows of the host's preview."""
        return self.host.locator("#preview .attachment")

    @property
    def underway(self) -> Locator:
        """The host's lines that are no records yet."""
        return self.host.locator("#chat-list .mine[data-nonce]:not([data-seq])")

    def seen(self) -> int:
        """Return how many images the guest sees."""
        return self.guest.locator("#chat-list .other img").count()

    def expect_seen(self, number: int) -> None:
        """Wait until both see that many images of the host's."""
        expect(self.guest.locator("#chat-list .other img")).to_have_count(number)
        expect(self.host.locator("#chat-list .mine[data-seq] img")).to_have_count(number)
        expect(self.underway).to_have_count(0)


@pytest.fixture(scope="module")
def shared(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Run the server and bring the two together."""
    with running(tmp_path_factory.mktemp("attach") / "data", "--grace", "30") as server:
        people = People(browser, server.port)
        host, guest = people.arrive(), people.arrive()
        room = make_room(host, "사진")
        joined(host)
        network = host.context.new_cdp_session(host)
        network.send("Network.enable")
        yield Place(server, people, room, host, guest, enter(guest, room), network)
        people.leave()


@pytest.fixture
def place(shared: Place) -> Iterator[Place]:
    """Return the room with nothing under way; what goes wrong in its browsers fails the test."""
    yield shared
    shared.host.unroute_all()
    assert not shared.people.troubles
    expect(shared.host.locator("#preview")).to_be_hidden()
    expect(shared.underway).to_have_count(0)


@dataclass(frozen=True)
class Name:
    """A file to be made in the page."""

    name: str
    data: bytes
    type: str = ""


def transfer(page: Page, event: str, target: str, *files: Name, **texts: str) -> bool:
    """Let the page have an event of the clipboard or of dragging; return whether it leaves it to the browser."""
    made = [{"name": file.name, "type": file.type, "data": base64.b64encode(file.data).decode()} for file in files]
    left: bool = page.evaluate(
        """([event, target, files, texts]) => {
            const data = new DataTransfer();
            for (const { name, type, data: base64 } of files) {
                data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name, { type }));
            }
            for (const [type, text] of Object.entries(texts)) data.setData(type.replace("_", "/"), text);
            const options = { bubbles: true, cancelable: true };
            return document.querySelector(target).dispatchEvent(
                event === "paste"
                    ? new ClipboardEvent(event, { ...options, clipboardData: data })
                    : new DragEvent(event, { ...options, dataTransfer: data }),
            );
        }""",
        [event, target, made, texts],
    )
    return left


def drop_link(page: Page, target: str, link: str) -> None:
    """Drop a link there that is dragged in from another window, as the browser itself tells of it."""
    box = page.locator(target).bounding_box()
    assert box is not None
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    data = {"items": [{"mimeType": "text/uri-list", "data": link}], "files": [], "dragOperationsMask": 5}
    browser = page.context.new_cdp_session(page)
    for event in ("dragEnter", "dragOver", "drop"):
        browser.send("Input.dispatchDragEvent", {"type": event, **at, "data": data})
    browser.detach()


def files(folder: Path, **contents: bytes) -> list[Path]:
    """Write files, `gif_1` as gif-1.gif; return their paths."""
    paths = []
    for name, content in contents.items():
        path = folder / f"{name}.{name.partition('_')[0]}"
        path.write_bytes(content)
        paths.append(path)
    return paths


class TestPreview:
    def test_several_are_shown_taken_out_and_sent_in_their_order_with_a_caption(
        self, place: Place, tmp_path: Path
    ) -> None:
        host, before = place.host, place.seen()
        sizes = [(60, 40), (50, 40), (40, 40)]
        chosen = files(tmp_path, **{f"png_{n}": encoded("PNG", size=size) for n, size in enumerate(sizes)})
        host.set_input_files("#gif", chosen)
        expect(place.shown).to_have_count(3)
        expect(host.locator("#preview button[type=submit]")).to_have_text("3개 보내기")
        expect(place.shown.first).to_contain_text("png_0.png")
        expect(place.shown.first).to_contain_text(re.compile(r"60 × 40 · \d+ KiB"))
        host.get_by_role("button", name="png_1.png 빼기").click()
        expect(host.locator("#preview button[type=submit]")).to_have_text("2개 보내기")
        host.fill("#caption", "  두 장  ")
        host.press("#caption", "Enter")
        place.expect_seen(before + 2)
        widths = place.guest.locator("#chat-list .other img").evaluate_all("(all) => all.map((img) => img.width)")
        assert widths[-2:] == [60, 40]
        # Read with the first, before the second has come.
        for page, side in ((host, "mine"), (place.guest, "other")):
            lines = page.locator(f"#chat-list .{side}:has(img)")
            expect(lines.nth(before).locator(".text")).to_have_text("두 장")
            expect(lines.nth(before + 1).locator(".text")).to_have_count(0)

    def test_the_message_begun_becomes_the_caption_and_comes_back_with_escape(self, place: Place, gif: Path) -> None:
        host, before = place.host, place.seen()
        host.fill("#chat", "이것 좀 봐")
        host.set_input_files("#gif", gif)
        expect(host.locator("#caption")).to_have_value("이것 좀 봐")
        expect(host.locator("#caption")).to_be_focused()
        host.press("#caption", "Escape")
        expect(host.locator("#preview")).to_be_hidden()
        expect(host.locator("#chat")).to_have_value("이것 좀 봐")
        host.fill("#chat", "")
        # The same one can be chosen again; the last one taken out, there is nothing to show.
        host.set_input_files("#gif", gif)
        host.get_by_role("button", name="ball.gif 빼기").click()
        expect(host.locator("#preview")).to_be_hidden()
        assert place.seen() == before

    def test_what_cannot_be_sent_is_told_and_the_rest_goes(self, place: Place, tmp_path: Path) -> None:
        host, before = place.host, place.seen()
        requests: list[str] = []
        host.on("request", lambda request: requests.append(request.url) if request.method == "POST" else None)
        bad = files(
            tmp_path,
            gif_big=gif_of_size(5 * MIB + 1),
            heic_photo=HEIC,
            gif_text=b"<html>GIF89a</html>",
            png_empty=b"",
            gif_damaged=b"GIF89a",
        )
        host.set_input_files("#gif", bad)
        expect(place.shown.locator("[data-part=trouble]")).to_have_text(
            [
                "이미지가 너무 큽니다. 5 MiB까지 보낼 수 있습니다.",
                re.compile(r"^아이폰 사진\(HEIC\)은 .*JPEG"),
                "GIF, WebP, PNG, JPEG 이미지만 보낼 수 있습니다.",
                "빈 파일입니다.",
                "손상된 이미지입니다.",
            ]
        )
        expect(host.locator("#preview button[type=submit]")).to_be_disabled()
        host.press("#caption", "Enter")
        expect(host.locator("#preview")).to_be_visible()
        assert not requests

        # More can be pasted onto it; what is over ten is told.
        good = [Name(f"{n}.png", encoded("PNG", size=(30 + n, 30)), "image/png") for n in range(6)]
        assert not transfer(host, "paste", "#caption", *good)
        expect(place.shown).to_have_count(10)
        expect(host.locator("#preview [data-part=note]")).to_contain_text("10개까지")
        host.press("#caption", "Enter")
        place.expect_seen(before + 5)
        assert len(requests) == 5
        assert not list(place.server.data.glob("uploads/*.part"))

    def test_it_fits_a_phone_with_its_keyboard_open(self, place: Place, tmp_path: Path) -> None:
        phone = place.people.arrive(phone=True, locale="en-US")
        enter(phone, place.room)
        too_small = """() => [...document.querySelectorAll("#preview button")].filter((button) => {
            const box = button.getBoundingClientRect();
            return box.width < 44 || box.height < 44 || box.bottom > innerHeight && button.matches(".actions *");
        }).map((element) => element.outerHTML)"""
        many = files(tmp_path, **{f"jpg_{n}": encoded("JPEG", size=(300, 400)) for n in range(10)})
        for chosen in (many, many[:1]):
            phone.set_input_files("#gif", chosen)
            expect(phone.locator("#preview .attachment img")).to_have_count(len(chosen))
            # The keyboard stays down until the caption is touched.
            expect(phone.locator("#preview button[type=submit]")).to_be_focused()
            for height in (844, 480):
                phone.set_viewport_size({"width": 390, "height": height})
                expect(phone.locator("#caption")).to_be_in_viewport(ratio=1)
                expect(phone.locator("#preview button[type=submit]")).to_be_in_viewport(ratio=1)
                assert phone.evaluate(too_small) == []
                assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
            if chosen is many:
                phone.click("#preview [data-action=cancel]")

        # Out of the room with an image on its way: asked once, by the page alone.
        phone.on("dialog", lambda dialog: place.people.troubles.append(dialog.type))
        phone.route("**/gif", lambda route: None)  # it never arrives
        phone.click("#preview button[type=submit]")
        phone.click("#exit-btn")
        phone.click("#confirm button[type=submit]")
        expect(phone).to_have_url("/")
        phone.close()


class TestDropAndPaste:
    def test_a_file_dragged_over_the_room_is_told_where_to_drop(self, place: Place, gif: Path) -> None:
        host, before = place.host, place.seen()
        file = Name("끌어온.gif", gif.read_bytes(), "image/gif")
        # A browser goes on telling of it for as long as it is there; that it has left, none tells as another does.
        over = """() => {
            const data = new DataTransfer();
            data.items.add(new File([], "x"));
            const options = { bubbles: true, cancelable: true, dataTransfer: data };
            const tell = () => document.querySelector("#chat-list").dispatchEvent(new DragEvent("dragover", options));
            window.over = setInterval(tell, 50);
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

    def test_what_is_dropped_beside_a_field_leads_nowhere_and_is_written_down(self, place: Place) -> None:
        host, before = place.host, place.seen()
        chat = host.locator("#chat")
        link = {"text_uri-list": "https://example.test/a", "text_plain": "https://example.test/a"}
        # Into a field the browser itself writes it.
        for event in ("dragover", "drop"):
            assert transfer(host, event, "#chat", text_plain="끌어온 글")
            assert transfer(host, event, "#chat", **link)
        chat.fill("이것 봐:")
        for event in ("dragover", "drop"):
            assert not transfer(host, event, "#chat-list", text_plain="끌어온 글")
            assert not transfer(host, event, "header", **link)
        expect(chat).to_have_value("이것 봐: 끌어온 글 https://example.test/a")
        # Of a file that the browser only names there is nothing to send; what else is dragged is no one's here.
        assert not transfer(host, "drop", "#chat-list", **{"text_uri-list": "file:///home/x/a.gif"})
        expect(host.locator("#chat-trouble")).to_contain_text("GIF 버튼")
        assert not transfer(host, "drop", "#chat-list", **{"application_x-tab": "1"})
        chat.fill("")
        expect(host.locator("#chat-trouble")).to_be_empty()
        expect(host.locator("#drop")).to_be_hidden()
        expect(host.locator("#preview")).to_be_hidden()
        assert place.seen() == before

    def test_a_link_dropped_by_the_browser_itself_does_not_lead_away(self, place: Place) -> None:
        host = place.host
        chat = host.locator("#chat")
        chat.fill("초안")
        link = f"{host.url.partition('/room')[0]}/lessons"
        for target, text in (("#title", f"초안 {link}"), ("#people", f"초안 {link} {link}")):
            drop_link(host, target, link)
            expect(chat).to_have_value(text)
        expect(host).to_have_url(re.compile(place.room))
        chat.fill("")
        # Nor from a room that is being made.
        page = place.people.arrive()
        page.goto("/room")
        for event in ("dragover", "drop"):
            assert not transfer(page, event, "h1", **{"text_uri-list": link})
            assert not transfer(page, event, "[name=title]", Name("a.gif", b""))
            assert transfer(page, event, "[name=title]", text_plain="글")
        page.close()

    def test_what_is_dropped_while_something_else_is_asked_goes_nowhere(self, place: Place, gif: Path) -> None:
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

    def test_an_image_of_the_chat_is_sent_by_its_name_and_moves(self, place: Place, gif: Path) -> None:
        host, before = place.host, place.seen()
        send_images(host, gif)
        place.expect_seen(before + 1)
        requests: list[str | None] = []
        host.on("request", lambda request: requests.append(request.post_data) if request.method == "POST" else None)
        # By the page's own button: as from any page, the clipboard has a PNG of it, and HTML that names it.
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
        # Dragged in from another window, as Firefox gives it: without a file, and onto the field, too.
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

    def test_an_image_dragged_within_the_page_neither_leaves_it_nor_is_sent(self, place: Place, gif: Path) -> None:
        host, before = place.host, place.seen()
        send_images(host, gif)
        place.expect_seen(before + 1)
        image = host.locator("#chat-list .mine img").last
        for target in ("#chat", "#title", "#chat-list"):
            image.drag_to(host.locator(target).first)
        expect(host).to_have_url(re.compile(place.room))
        expect(host.locator("#preview")).to_be_hidden()
        expect(host.locator("#chat")).to_have_value("")

    def test_a_picture_is_pasted_and_text_stays_text(self, place: Place, gif: Path) -> None:
        host, before = place.host, place.seen()
        file = Name("image.png", encoded("PNG"), "image/png")
        assert transfer(host, "paste", "#chat", text_plain="글")
        assert transfer(host, "paste", "#chat", file, text_plain="표\t1", text_html="<table>")
        expect(host.locator("#preview")).to_be_hidden()
        # As a browser copies a picture that may have moved, and as a file manager does.
        elsewhere = "<meta charset=utf-8><img src='https://example.test/a.webp' data-gif='/static/shelf/clap.gif'>"
        assert not transfer(host, "paste", "#chat", file, text_html=elsewhere)
        assert not transfer(host, "paste", "#caption", file, text_plain="image.png")
        expect(place.shown).to_have_count(2)
        still = place.shown.locator("[data-part=still]")
        expect(still.first).to_be_visible()
        expect(place.shown.first).to_contain_text("image.png")
        expect(still.first).to_contain_text("멈춰 있습니다")
        expect(still.last).to_be_hidden()
        # One that was ours and is there no more: what came with it is sent.
        gone = f"<img src='/gif/{'0' * 32}.gif'>"
        assert not transfer(host, "paste", "#caption", file, text_html=gone)
        expect(still.nth(2)).to_be_visible()
        assert not transfer(host, "paste", "#caption", text_html=gone)
        expect(place.shown.nth(3)).to_contain_text("이제 없는 이미지입니다.")
        place.people.troubles.clear()  # the browser's own lines about it
        host.press("#caption", "Enter")
        place.expect_seen(before + 3)


def test_who_whispers_is_told_that_all_will_see_it(place: Place, gif: Path) -> None:
    host, before = place.host, place.seen()
    host.fill("#chat", f"/w {place.visitor} 너만")
    host.set_input_files("#gif", gif)
    expect(host.locator("#preview [data-part=everybody]")).to_be_visible()
    expect(host.locator("#caption")).to_have_value("")
    host.press("#caption", "Escape")
    expect(host.locator("#preview")).to_be_hidden()

    person(host, place.visitor).locator("[data-action=whisper]").click()
    host.fill("#chat", "너만 봐")
    host.set_input_files("#gif", gif)
    expect(host.locator("#preview")).to_contain_text("이미지는 귓속말로 보낼 수 없습니다.")
    expect(host.locator("#caption")).to_have_value("")
    button = host.locator("#preview button[type=submit]")
    expect(button).to_have_text("모두에게 보내기")
    # The key that whispers does not say it to all.
    host.fill("#caption", f"/w {place.visitor} 너만")
    host.press("#caption", "Enter")
    expect(button).to_be_focused()
    button.click()
    expect(host.locator("#preview [data-part=note]")).to_have_text("이미지와 그 설명은 귓속말로 보낼 수 없습니다.")
    host.fill("#caption", "모두 봐")
    button.click()
    place.expect_seen(before + 1)
    expect(host.locator("#chat")).to_have_value("너만 봐")
    host.fill("#chat", "")
    host.press("#chat", "Escape")
    expect(host.locator("#recipient")).to_be_hidden()


class TestUnderway:
    def test_progress_is_shown_and_what_is_called_back_is_never_said(self, place: Place, tmp_path: Path) -> None:
        host, before = place.host, place.seen()
        first, second = files(tmp_path, gif_1=gif_of_size(MIB), gif_2=gif_of_size(MIB))
        place.slow(20_000)
        send_images(host, first, second, caption="둘")
        expect(place.underway).to_have_count(2)
        bar = place.underway.first.locator("progress")
        until(host, lambda: 0 < float(bar.evaluate("(bar) => bar.value")) < 1)
        expect(place.underway.first).to_contain_text("둘")
        expect(place.underway.first.locator("img")).to_have_js_property("naturalWidth", 40)
        expect(place.underway.last).to_contain_text("기다리는 중")

        # Whoever leaves now is asked, by the browser and by the button alike.
        asked: list[str] = []

        def stay(dialog: Dialog) -> None:
            asked.append(dialog.type)
            dialog.dismiss()

        host.on("dialog", stay)
        host.evaluate("setTimeout(() => location.reload())")
        until(host, lambda: bool(asked))
        assert asked == ["beforeunload"]
        host.remove_listener("dialog", stay)
        host.click("#exit-btn")
        expect(host.locator("#confirm")).to_contain_text("아직 보내는 중인 이미지가 있습니다.")
        host.click("#confirm [data-action=cancel]")

        # Called back: the first while it goes, the second while it waits.
        place.underway.last.locator("[data-action=cancel]").click()
        expect(place.underway).to_have_count(1)
        place.underway.first.locator("[data-action=cancel]").click()
        expect(place.underway).to_have_count(0)
        place.slow(-1)
        send_images(host, first)
        place.expect_seen(before + 1)
        assert not list(place.server.data.glob("uploads/*.part"))

    def test_called_back_too_late_it_is_said_after_all(self, place: Place, tmp_path: Path) -> None:
        host, before = place.host, place.seen()
        place.slow(20_000)
        host.evaluate(
            "() => { window.abort = XMLHttpRequest.prototype.abort; XMLHttpRequest.prototype.abort = () => {}; }"
        )
        send_images(host, *files(tmp_path, gif_1=gif_of_size(MIB)))
        place.underway.locator("[data-action=cancel]").click()
        expect(place.underway).to_have_count(0)
        place.slow(-1)
        place.expect_seen(before + 1)
        host.evaluate("() => { XMLHttpRequest.prototype.abort = window.abort; }")

    def test_without_an_answer_it_goes_again_by_itself_as_the_same(self, place: Place, tmp_path: Path) -> None:
        host, before = place.host, place.seen()
        bodies: list[str] = []

        def broken(route: Route) -> None:
            bodies.append((route.request.post_data_buffer or b"").decode("latin-1"))
            if len(bodies) == 1:
                route.abort()
            elif len(bodies) == 2:
                route.fulfill(status=502, body="<html>a proxy whose server restarts")
            else:
                route.continue_()

        host.route("**/gif", broken)
        send_images(host, *files(tmp_path, png_1=encoded("PNG"), png_2=encoded("PNG", size=(22, 20))), caption="again")
        expect(place.underway.first).to_contain_text("연결을 기다리는 중")
        expect(place.underway.last).to_contain_text("기다리는 중")
        place.expect_seen(before + 2)
        place.people.troubles.clear()  # the browser's own lines about it
        parts = [re.findall(r'name="(\w+)"(?:; filename=.*\r\n.*)?\r\n\r\n(\w*)', body) for body in bodies]
        # What the server has to know comes before the file: it reads the body as it comes.
        assert [name for name, _ in parts[0]] == ["nonce", "chat", "gif"]
        assert parts[0][1] == ("chat", "again")
        assert parts[0] == parts[1] == parts[2] != parts[3]
        widths = place.guest.locator("#chat-list .other img").evaluate_all("(all) => all.map((img) => img.width)")
        assert widths[-1] == 22

    @pytest.mark.parametrize(
        ("refusal", "told", "again"),
        [
            (
                {"status": 415, "json": {"error": "not_a_gif", "message": "이미지가 아닙니다."}},
                "이미지가 아닙니다.",
                False,
            ),
            ({"status": 413, "json": {"error": "gif_too_large", "message": "너무 큽니다."}}, "너무 큽니다.", False),
            ({"status": 507, "json": {"error": "storage", "message": "꽉 찼습니다."}}, "꽉 찼습니다.", True),
            ({"status": 413, "body": "<html>a proxy's own limit"}, "서버", True),
        ],
    )
    def test_a_refusal_is_final_and_told(
        self, place: Place, gif: Path, refusal: dict[str, Any], told: str, again: bool
    ) -> None:
        host, before = place.host, place.seen()
        requests: list[str] = []

        def refuse(route: Route) -> None:
            requests.append(route.request.url)
            if len(requests) > 1:
                return route.continue_()
            route.fulfill(**refusal)

        host.route("**/gif", refuse)
        send_images(host, gif)
        failed = host.locator("#chat-list .mine.failed")
        expect(failed).to_contain_text(told)
        expect(failed.locator("[data-action=retry]")).to_be_visible(visible=again)
        # The next one does not wait for it.
        send_images(host, gif)
        expect(host.locator("#chat-list .mine[data-seq] img")).to_have_count(before + 1)
        assert len(requests) == 2
        failed.locator("[data-action=discard]").click()
        place.expect_seen(before + 1)
        place.people.troubles.clear()

    def test_too_fast_is_waited_out_in_order(self, place: Place, tmp_path: Path) -> None:
        host, before = place.host, place.seen()
        many = files(tmp_path, **{f"png_{n}": encoded("PNG", size=(20 + n, 20)) for n in range(10)})
        refused: list[str] = []

        def too_fast_once(route: Route) -> None:
            if refused:
                return route.continue_()
            refused.append(route.request.url)
            route.fulfill(status=429, json={"error": "too_fast", "message": "너무 빠릅니다.", "retry_after": 0.1})

        host.route("**/gif", too_fast_once)
        # As many as may come at once, and more, so that the server may say so, too.
        send_images(host, *many)
        send_images(host, *many[:4])
        place.expect_seen(before + 14)
        widths = place.guest.locator("#chat-list .other img").evaluate_all("(all) => all.map((img) => img.width)")
        assert widths[-14:] == [*range(20, 30), *range(20, 24)]
        assert all("429" in line for line in place.people.troubles)
        place.people.troubles.clear()
