"""Who is who: faces and handles in the lobby and in a room."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import People, make_room, say
from tests.browser.room_page import enter, handle, joined, person, until

SMALLEST_PX = 28


# The colours of the points of a face, from its background picture.
POINTS = """async (root) => {
    const picture = new Image();
    picture.src = getComputedStyle(root.querySelector(".face")).backgroundImage.slice(5, -2);
    await picture.decode();
    const canvas = new OffscreenCanvas(64, 64).getContext("2d");
    canvas.drawImage(picture, 0, 0, 64, 64);
    const points = new Uint32Array(canvas.getImageData(0, 0, 64, 64).data.buffer);
    return [...points];
}"""
SMALLEST_PX = 28
LEAST_COLOURS = 20


def face(root: Locator) -> list[int]:
    """Return the points of what is drawn."""
    points: list[int] = root.evaluate(POINTS)
    assert len(set(points)) > LEAST_COLOURS
    return points


def chip(page: Page, where: str) -> Locator:
    return page.locator(f"{where} .chip").first


def test_everybody_sees_the_same_face_and_handle_of_somebody(people: People) -> None:
    host, guest = people.arrive(), people.arrive()
    room = make_room(host, "누구")
    owner, visitor = joined(host), enter(guest, room)
    say(guest, "나야")
    expect(host.locator("#chat-list .other .text")).to_have_text("나야")
    name = handle(host, visitor)
    assert name not in ("", visitor, handle(host, owner))
    own = face(guest.locator(".room-bar"))
    assert own != face(person(host, owner))
    guest.reload()  # the server draws its lines
    joined(guest)
    for page, where in ((host, "#chat-list .other"), (guest, "#chat-list .mine"), (guest, ".room-bar")):
        expect(chip(page, where).locator(".chip-name")).to_have_text(name)
        expect(chip(page, where)).to_have_attribute("title", visitor)
        assert face(page.locator(where).first) == own
    for page in (host, guest):
        drawn = chip(page, "#chat-list [data-seq]:not(.system)").locator(".face")
        assert drawn.evaluate("(face) => parseFloat(getComputedStyle(face).width)") >= SMALLEST_PX
        # The course's line, beside the face of whom it is about.
        line = page.locator("#chat-list .system", has_text=f"{visitor}님이 입장하셨습니다.").first
        expect(line).to_have_text(f"{visitor}님이 입장하셨습니다.")
        assert face(line) == own
    guest.emulate_media(color_scheme="dark")  # another outline
    until(guest, lambda: face(guest.locator(".room-bar")) != own)
    guest.emulate_media(color_scheme="light")
    until(guest, lambda: face(guest.locator(".room-bar")) == own)
    guest.goto("/")
    expect(chip(guest, ".site-bar").locator(".chip-name")).to_have_text(name)
    assert face(guest.locator(".site-bar")) == own
    guest.goto("/room")
    expect(chip(guest, ".site-bar").locator(".chip-name")).to_have_text(name)


def test_a_first_visit_tells_which_face_is_ones_own(people: People) -> None:
    page = people.arrive()
    note = page.locator(".you")
    expect(note).to_contain_text("내 얼굴입니다.")
    expect(note.locator(".chip-name")).to_have_text(chip(page, ".site-bar").locator(".chip-name").inner_text())
    note.get_by_role("button").click()
    expect(note).to_have_count(0)
    page.reload()
    expect(chip(page, ".site-bar").locator(".chip-name")).not_to_contain_text("#")
    expect(note).to_have_count(0)

    page.context.clear_cookies()  # somebody else
    page.goto("/")
    expect(note).to_be_visible()
