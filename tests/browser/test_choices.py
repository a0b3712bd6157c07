"""The form in every page's header: theme, motion and language."""

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import People, make_room
from tests.browser.room_page import joined
from tests.images import encoded
from tests.server import Server

LIGHT, DARK = "rgb(245, 246, 248)", "rgb(18, 22, 27)"


def choose(page: Page, name: str, value: str) -> None:
    """Choose with the form, which stays open, and wait until it holds."""
    if not page.locator(".looks form").is_visible():
        page.click(".looks summary")
    with page.expect_response("**/settings"):
        page.select_option(f".looks [name={name}]", value)


def test_a_theme_overrides_the_systems_at_once_and_on_every_page(people: People) -> None:
    page = people.arrive()
    body = page.locator("body")
    for system, ground in (("light", LIGHT), ("dark", DARK)):
        page.emulate_media(color_scheme=system)  # type: ignore[arg-type]  # one of its literals
        for chosen, expected in (("system", ground), ("light", LIGHT), ("dark", DARK)):
            choose(page, "theme", chosen)
            expect(body).to_have_css("background-color", expected)
    page.goto("/lessons")
    page.emulate_media(color_scheme="light")
    expect(body).to_have_css("background-color", DARK)


def test_choosing_in_a_room_keeps_the_reader_there(people: People, server: Server) -> None:
    page = people.arrive()
    page.emulate_media(reduced_motion="reduce")
    room = make_room(page, "고르기")
    joined(page)
    sender = server.visitor()
    sender.get(f"/room/{room}")
    sent = sender.json("POST", f"/room/{room}/gif", files={"gif": ("a", encoded("GIF", frames=2))})[1]
    image = page.locator("#chat-list .picture img")
    expect(image).to_have_attribute("src", f"/gif/{sent['poster']}")
    page.evaluate("globalThis.same = true")
    choose(page, "motion", "play")
    expect(image).to_have_attribute("src", f"/gif/{sent['gif']}")
    page.emulate_media(reduced_motion="no-preference")
    choose(page, "motion", "still")
    expect(image).to_have_attribute("src", f"/gif/{sent['poster']}")
    assert page.evaluate("globalThis.same") is True
    # A click elsewhere closes the form, and Escape closes only this.
    page.click("#title")
    expect(page.locator(".looks form")).to_be_hidden()
    page.click(".looks summary")
    page.keyboard.press("Escape")
    expect(page.locator(".looks form")).to_be_hidden()
    expect(page.locator(".looks summary")).to_be_focused()
    # The texts of another language need the page anew.
    page.fill("#chat", "쓰던 말")
    choose(page, "lang", "en")
    expect(page.locator("#exit-btn")).to_have_text("Leave")
    joined(page)
    expect(page.locator("#chat")).to_have_value("쓰던 말")


def test_what_cannot_be_sent_is_not_chosen(people: People) -> None:
    page = people.arrive()
    choose(page, "theme", "dark")
    page.route("**/settings", lambda route: route.abort())
    page.select_option(".looks [name=theme]", "light")
    expect(page.locator(".looks [name=theme]")).to_have_value("dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    people.troubles.clear()


def test_without_scripts_a_button_sends_the_form(browser: Browser, server: Server) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=server.url, color_scheme="light")
    page = context.new_page()
    page.goto("/nowhere")
    page.click(".looks summary")
    page.select_option(".looks [name=theme]", "dark")
    page.click(".looks button")
    expect(page.locator("body")).to_have_css("background-color", DARK)
    assert page.url == f"{server.url}/nowhere"
    context.close()
