"""Attaching images: choosing, previewing, sending, cancelling and retrying."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Dialog, Route, expect

from tests.browser.place import Place
from tests.browser.room_page import enter, person, send_images, until
from tests.browser.transfers import Name, transfer
from tests.images import encoded, gif_of_size

MIB = 1024 * 1024

HEIC = b"\x00\x00\x00\x18ftypheic" + bytes(100)


def files(folder: Path, **contents: bytes) -> list[Path]:
    """Write files, `gif_1` as gif-1.gif; return their paths."""
    paths = []
    for name, content in contents.items():
        path = folder / f"{name}.{name.partition('_')[0]}"
        path.write_bytes(content)
        paths.append(path)
    return paths


class TestPreview:
    def test_chosen_images_are_shown_can_be_removed_and_are_sent_in_order_with_a_caption(
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
        # Read with the first, before the second has arrived.
        for page, side in ((host, "mine"), (place.guest, "other")):
            lines = page.locator(f"#chat-list .{side}:has(img)")
            expect(lines.nth(before).locator(".text")).to_have_text("두 장")
            expect(lines.nth(before + 1).locator(".text")).to_have_count(0)

    def test_the_text_in_the_field_becomes_the_caption_and_returns_on_escape(self, place: Place, gif: Path) -> None:
        host, before = place.host, place.seen()
        host.fill("#chat", "이것 좀 봐")
        host.set_input_files("#gif", gif)
        expect(host.locator("#caption")).to_have_value("이것 좀 봐")
        expect(host.locator("#caption")).to_be_focused()
        host.press("#caption", "Escape")
        expect(host.locator("#preview")).to_be_hidden()
        expect(host.locator("#chat")).to_have_value("이것 좀 봐")
        host.fill("#chat", "")
        # The same file can be chosen again; without any image the preview is hidden.
        host.set_input_files("#gif", gif)
        host.get_by_role("button", name="ball.gif 빼기").click()
        expect(host.locator("#preview")).to_be_hidden()
        assert place.seen() == before

    def test_unsendable_files_are_reported_and_the_others_sent(self, place: Place, tmp_path: Path) -> None:
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

        # More can be pasted; those beyond ten are reported.
        good = [Name(f"{n}.png", encoded("PNG", size=(30 + n, 30)), "image/png") for n in range(6)]
        assert not transfer(host, "paste", "#caption", *good)
        expect(place.shown).to_have_count(10)
        expect(host.locator("#preview [data-part=note]")).to_contain_text("10개까지")
        host.press("#caption", "Enter")
        place.expect_seen(before + 5)
        assert len(requests) == 5
        assert not list(place.server.data.glob("uploads/*.part"))

    def test_the_preview_fits_a_phone_with_its_keyboard_open(self, place: Place, tmp_path: Path) -> None:
        phone = place.people.arrive(phone=True, locale="en-US")
        enter(phone, place.room)
        too_small = """() => [...document.querySelectorAll("#preview button")].filter((button) => {
            const box = button.getBoundingClientRect();
            return box.width < 44 || box.height < 44 || box.bottom > innerHeight && button.matches(".actions *");
        }).map((element) => element.outerHTML)"""
        many = files(tmp_path, **{f"jpg_{n}": encoded("JPEG", size=(300, 400)) for n in range(10)})
        for chosen in (many, many[:1]):
            phone.set_input_files("#gif", chosen)
            expect(phone.locator("#preview .attachment :is(img, canvas)")).to_have_count(len(chosen))
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

        # Leaving the room during an upload: asked once, by the page alone.
        phone.on("dialog", lambda dialog: place.people.troubles.append(dialog.type))
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)

        phone.route("**/gif", hold)
        phone.click("#preview button[type=submit]")
        phone.click("#exit-btn")
        phone.click("#confirm button[type=submit]")
        expect(phone).to_have_url("/")
        for route in held:
            route.abort()  # otherwise Playwright waits for it at the end
        phone.close()


def test_while_whispering_the_preview_warns_that_everybody_will_see_the_image(place: Place, gif: Path) -> None:
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
    # The key that sends a whisper does not send it to everybody.
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
    def test_progress_is_shown_and_a_cancelled_upload_is_never_posted(self, place: Place, tmp_path: Path) -> None:
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

        # Leaving now is questioned, by the browser and by the button alike.
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
        expect(host.locator("#confirm")).to_contain_text("아직 보내지 못한 이미지나")
        host.click("#confirm [data-action=cancel]")

        # Cancelled: the first while it is sent, the second while it waits.
        place.underway.last.locator("[data-action=cancel]").click()
        expect(place.underway).to_have_count(1)
        with host.expect_event("requestfailed"):
            place.underway.first.locator("[data-action=cancel]").click()
        expect(place.underway).to_have_count(0)
        # Only once the server knows: otherwise, what the browser still buffers of the request could arrive after all.
        until(host, lambda: not list(place.server.data.glob("uploads/*.part")))
        place.slow(-1)
        send_images(host, first)
        place.expect_seen(before + 1)
        assert not list(place.server.data.glob("uploads/*.part"))

    def test_an_upload_cancelled_too_late_is_posted_after_all(self, place: Place, tmp_path: Path) -> None:
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

    def test_an_unanswered_upload_is_retried_with_the_same_nonce(self, place: Place, tmp_path: Path) -> None:
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
        place.people.troubles.clear()  # the browser's own error lines
        parts = [re.findall(r'name="(\w+)"(?:; filename=.*\r\n.*)?\r\n\r\n(\w*)', body) for body in bodies]
        # The other fields come before the file, since the server reads the body as a stream.
        assert [name for name, _ in parts[0]] == ["nonce", "chat", "gif"]
        assert parts[0][1] == ("chat", "again")
        assert parts[0] == parts[1] == parts[2] != parts[3]
        widths = place.guest.locator("#chat-list .other img").evaluate_all("(all) => all.map((img) => img.width)")
        assert widths[-1] == 22

    @pytest.mark.parametrize(
        ("refusal", "message", "again"),
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
    def test_a_refused_upload_is_reported_and_not_retried(
        self, place: Place, gif: Path, refusal: dict[str, Any], message: str, again: bool
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
        expect(failed).to_contain_text(message)
        expect(failed.locator("[data-action=retry]")).to_be_visible(visible=again)
        # The next one does not wait for it.
        send_images(host, gif)
        expect(host.locator("#chat-list .mine[data-seq] img")).to_have_count(before + 1)
        assert len(requests) == 2
        failed.locator("[data-action=discard]").click()
        place.expect_seen(before + 1)
        place.people.troubles.clear()

    def test_throttled_uploads_wait_and_keep_their_order(self, place: Place, tmp_path: Path) -> None:
        host, before = place.host, place.seen()
        many = files(tmp_path, **{f"png_{n}": encoded("PNG", size=(20 + n, 20)) for n in range(10)})
        refused: list[str] = []

        def too_fast_once(route: Route) -> None:
            if refused:
                return route.continue_()
            refused.append(route.request.url)
            route.fulfill(status=429, json={"error": "too_fast", "message": "너무 빠릅니다.", "retry_after": 0.1})

        host.route("**/gif", too_fast_once)
        # More than are allowed at once, so that the server throttles them.
        send_images(host, *many)
        send_images(host, *many[:4])
        place.expect_seen(before + 14)
        widths = place.guest.locator("#chat-list .other img").evaluate_all("(all) => all.map((img) => img.width)")
        assert widths[-14:] == [*range(20, 30), *range(20, 24)]
        assert all("429" in line for line in place.people.troubles)
        place.people.troubles.clear()
