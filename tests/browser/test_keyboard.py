"""Input methods in a real browser: Enter during a composition, in both fields that it sends.

The event sequences of other browsers and systems are in enter.test.js; some can be produced here with DevTools.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import People, make_room
from tests.browser.room_page import enter, joined, person
from tests.server import running


class Keyboard:
    """A keyboard with an input method, which types into the focused element."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)

    def compose(self, *texts: str) -> None:
        """Set the composition to each of these in turn."""
        for text in texts:
            place = {"selectionStart": len(text), "selectionEnd": len(text)}
            self._session.send("Input.imeSetComposition", {"text": text, **place})

    def commit(self, text: str) -> None:
        """End the composition."""
        self._session.send("Input.insertText", {"text": text})

    def take(self, key: str = "Enter", code: str = "Enter", **more: object) -> None:
        """Press a key that the input method consumes."""
        event = {"type": "rawKeyDown", "key": key, "code": code, "windowsVirtualKeyCode": 229}
        self._session.send("Input.dispatchKeyEvent", {**event, **more})

    def enter(self, *, repeat: bool = False) -> None:
        """Press Enter without the input method; `repeat`: it is held down."""
        event = {"type": "keyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}
        self._session.send("Input.dispatchKeyEvent", {**event, "autoRepeat": repeat})

    def release(self) -> None:
        """Release Enter."""
        event = {"type": "keyUp", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
        self._session.send("Input.dispatchKeyEvent", event)


def windows(keyboard: Keyboard) -> None:
    keyboard.compose("ㅎ", "하", "한")
    keyboard.take("Process")
    keyboard.commit("한")
    keyboard.release()


def macos(keyboard: Keyboard) -> None:
    keyboard.compose("ㅎ", "하", "한")
    keyboard.take()
    keyboard.commit("한")
    keyboard.enter()
    keyboard.enter(repeat=True)
    keyboard.release()


def safari(keyboard: Keyboard) -> None:
    keyboard.compose("ㅎ", "하", "한")
    keyboard.commit("한")
    keyboard.take()
    keyboard.release()


def phone_enter(keyboard: Keyboard) -> None:
    keyboard.take("Unidentified", "", commands=["insertNewline"])


def phone(keyboard: Keyboard) -> None:
    keyboard.compose("h", "han")
    keyboard.commit("han")
    phone_enter(keyboard)


def phone_composing(keyboard: Keyboard) -> None:
    keyboard.compose("h", "han")
    phone_enter(keyboard)


def past_the_input_method(keyboard: Keyboard) -> None:
    keyboard.compose("h", "han")
    keyboard.enter()
    keyboard.release()


def pinyin(keyboard: Keyboard) -> None:
    keyboard.compose("h", "han")
    keyboard.take("Process")
    keyboard.commit("han")
    keyboard.release()


def candidate(keyboard: Keyboard) -> None:
    keyboard.compose("かん", "韓")
    keyboard.take()
    keyboard.commit("韓")
    keyboard.release()


def candidate_past_the_input_method(keyboard: Keyboard) -> None:
    keyboard.compose("かん", "韓")
    keyboard.enter()
    keyboard.commit("韓")
    keyboard.release()


SENDING = {windows: "한", macos: "한", safari: "한", phone: "han", phone_composing: "han", past_the_input_method: "han"}
LINES = {
    macos: "한\n\n",
    phone: "han\n",
    phone_composing: "han\n",
    past_the_input_method: "han\n",
    pinyin: "han",
    candidate: "韓",
}
CONFIRMING = {pinyin: "han", candidate: "韓", candidate_past_the_input_method: "韓"}


@dataclass
class Place:
    """A room with two people, shared by all tests of this file."""

    host: Page
    guest: Page
    keyboard: Keyboard
    """The host's."""
    visitor: str
    """The guest's colour."""

    def heard(self) -> list[str]:
        """Send a final message; return everything the guest received from the host before it."""
        self.host.fill("#chat", "끝")
        self.host.click("#chat-form [type=submit]")
        texts = self.guest.locator("#chat-list .other .text")
        expect(texts.last).to_have_text("끝")
        return texts.all_inner_texts()[:-1]


@pytest.fixture(scope="module")
def shared(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[People, Page, Page]]:
    with running(tmp_path_factory.mktemp("keyboard") / "data", "--rate", "0") as server:
        people = People(browser, server.port)
        yield people, people.arrive(), people.arrive()
        people.leave()
        assert not people.troubles


@pytest.fixture
def place(shared: tuple[People, Page, Page]) -> Place:
    _, host, guest = shared
    room = make_room(host, "한글")
    joined(host)
    visitor = enter(guest, room)
    expect(person(host, visitor)).to_be_visible()
    return Place(host, guest, Keyboard(host), visitor)


def test_enter_sends_the_message_once(place: Place) -> None:
    field = place.host.locator("#chat")
    for press, text in SENDING.items():
        field.focus()
        place.keyboard.commit(f"{press.__name__} ")
        press(place.keyboard)
        expect(place.host.locator("#chat-list .mine .text").last).to_have_text(f"{press.__name__} {text}")
        expect(field).to_have_value("")
    assert place.heard() == [f"{press.__name__} {text}" for press, text in SENDING.items()]


def test_enter_sends_the_caption_once(place: Place, gif: Path) -> None:
    field = place.host.locator("#caption")
    for press, text in SENDING.items():
        place.host.set_input_files("#gif", gif)
        field.focus()
        place.keyboard.commit(f"{press.__name__} ")
        press(place.keyboard)
        expect(place.host.locator("#preview")).to_be_hidden()
        expect(place.host.locator("#chat-list .mine[data-seq] .text").last).to_have_text(f"{press.__name__} {text}")
    assert place.heard() == [f"{press.__name__} {text}" for press, text in SENDING.items()]


def test_enter_that_confirms_a_composition_does_not_send(place: Place, gif: Path) -> None:
    """The confirmed text stays in the field, without a line break, until the next Enter."""

    def confirm(selector: str, press: Callable[[Keyboard], None], text: str) -> None:
        place.host.focus(selector)
        press(place.keyboard)
        expect(place.host.locator(selector)).to_have_value(text)
        place.host.press(selector, "Enter")

    for count, (press, text) in enumerate(CONFIRMING.items(), 1):
        confirm("#chat", press, text)
        expect(place.host.locator("#chat")).to_have_value("")
        place.host.set_input_files("#gif", gif)
        confirm("#caption", press, text)
        expect(place.host.locator("#preview")).to_be_hidden()
        expect(place.host.locator("#chat-list .mine[data-seq] img")).to_have_count(count)
    assert sorted(place.heard()) == sorted([*CONFIRMING.values(), *CONFIRMING.values()])


def test_where_enter_makes_a_line_an_input_method_makes_what_it_makes_and_nothing_is_sent(place: Place) -> None:
    host, field = place.host, place.host.locator("#chat")
    host.evaluate("document.documentElement.dataset.enter = 'line'")
    for press, after in LINES.items():
        field.fill("")
        field.focus()
        press(place.keyboard)
        expect(field).to_have_value(after)
    # While the list is open, it chooses.
    field.fill("")
    place.keyboard.commit("/")
    expect(host.locator("#completion")).to_be_visible()
    place.keyboard.compose("m")
    phone_enter(place.keyboard)
    expect(field).to_have_value("/me ")
    host.evaluate("delete document.documentElement.dataset.enter")
    assert place.heard() == []


def test_the_send_button_includes_text_being_composed(place: Place) -> None:
    place.host.focus("#chat")
    place.keyboard.commit("안녕")
    place.keyboard.compose("하", "하세")
    place.host.click("#chat-form [type=submit]")
    place.keyboard.compose("요")
    expect(place.host.locator("#chat")).to_have_value("요")
    assert place.heard() == ["안녕하세"]


def test_an_enter_that_moves_focus_to_a_button_does_not_press_it(place: Place, gif: Path) -> None:
    """While whispering, sending an image to everybody needs a confirmation; a repeated key event must not give it."""
    person(place.host, place.visitor).locator('[data-action="whisper"]').click()
    place.host.set_input_files("#gif", gif)
    send = place.host.locator("#preview [type=submit]")
    expect(send).to_be_enabled()
    place.host.focus("#caption")
    place.keyboard.compose("한")
    place.keyboard.take()
    place.keyboard.commit("한")
    expect(send).to_be_focused()
    place.keyboard.enter()
    place.keyboard.enter(repeat=True)
    place.keyboard.release()
    expect(place.host.locator("#caption")).to_have_value("한")
    expect(place.host.locator("#preview")).to_be_visible()
    place.host.click('#preview [data-action="cancel"]')
    place.host.click('#recipient [data-part="clear"]')
    assert place.heard() == []


def test_escape_that_ends_a_composition_keeps_the_whisper_recipient(place: Place) -> None:
    person(place.host, place.visitor).locator('[data-action="whisper"]').click()
    place.host.focus("#chat")
    place.keyboard.compose("하")
    place.keyboard.compose("")
    place.keyboard.take("Escape", "Escape")  # as Safari reports it, after the composition
    expect(place.host.locator("#recipient")).to_be_visible()
    place.host.press("#chat", "Escape")
    expect(place.host.locator("#recipient")).to_be_hidden()
