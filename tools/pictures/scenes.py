"""What happens in each picture. A scene returns one screenshot, or several to be put side by side in one picture."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tools.pictures.stage import DESK_TOKEN, Stage
from tools.pictures.words import Words

Scene = Callable[[Stage, Words], list[bytes]]

LESSONS_RUN_MS = 12_000
TOAST_MS = 15_000


def lobby(stage: Stage, words: Words) -> list[bytes]:
    """The lobby with rooms of all kinds."""
    club, lunch, photos = words.rooms
    for title, people, form in (
        (photos, 3, {"max": 8, "ephemeral": True}),
        (club, 4, {"max": 4}),
        (lunch, 2, {"max": 10, "password": "123"}),
        (words.room, 12, {"max": 30}),
    ):
        owner, *others = [stage.person() for _ in range(people)]
        room = owner.make(title, **form)
        for person in (owner, *others):
            person.enter(room, str(form["password"]) if "password" in form else None)
    page = stage.laptop(height=530)
    page.goto("/")
    page.click(".you [data-action=close]")
    expect(page.locator("tbody tr")).to_have_count(4)
    expect(page.locator("tbody tr").first).to_contain_text("12/30")
    return [page.screenshot()]


def room(stage: Stage, words: Words) -> list[bytes]:
    """A class chatting, on a laptop."""
    page = stage.laptop(height=800)
    talk(stage, words, page)
    expect(page.locator("#typing")).not_to_be_empty()
    return [page.screenshot()]


def phones(stage: Stage, words: Words) -> list[bytes]:
    """The same on a phone, and the shelf on a phone in dark mode."""
    page, dark = stage.phone(), stage.phone(dark=True)
    room_id = talk(stage, words, page)
    dark.goto(f"/room/{room_id}")
    joined(dark)
    dark.tap("#shelf-btn")
    expect(dark.locator("#shelf .gif img").first).to_be_visible()
    shown(dark, "#shelf .gif img")
    return [page.screenshot(), dark.screenshot()]


def join(stage: Stage, words: Words) -> list[bytes]:
    """The page for the projector, after nine people have joined."""
    for _ in range(9):
        person = stage.person()
        person.enter(person.make(words.room))
    page = stage.laptop(height=560)
    page.goto("/join")
    expect(page.locator("#people")).to_have_text("9")
    return [page.screenshot()]


def desk(stage: Stage, words: Words) -> list[bytes]:
    """The teacher's desk: a class in four rooms, and two messages that wait."""
    page = stage.screen(height=800)
    page.goto(f"/desk?token={DESK_TOKEN}")
    page.click("[data-tool=rules]")
    expect(page.locator("#words")).to_be_enabled()
    page.fill("#words", words.rude[0])
    page.click("[data-part=save-words]")
    expect(page.locator("[data-part=save-words]")).to_be_disabled()
    page.keyboard.press("Escape")
    rooms = [stage.person().make(title, max=8) for title in reversed(words.groups)][::-1]  # the newest is the first
    places = [*rooms[:3] * 6, *rooms[3:] * 4]
    pupils = [stage.person() for _ in places]
    made = page.context.request.post("/desk/seats", data={"count": len(pupils)}, headers={"Accept": "application/json"})
    for pupil, place, card in zip(pupils, places, made.json()["seats"], strict=True):
        pupil.sit(card["url"])
        pupil.enter(place)
    for pupil, name in zip(pupils[:11:2], words.names, strict=True):
        pupil.call(name)
    for number, text in enumerate(words.talk):
        pupils[3 * (number % 2) + number // 2].say(rooms[number // 2], text)
    pupils[1].send(rooms[1], "surprise.gif")
    page.click(f'[data-room="{rooms[2]}"] [data-action=room]')
    page.click("#desk-room [data-part=approve]")
    page.keyboard.press("Escape")
    expect(page.locator("[data-state=approve]")).to_be_visible()
    pupils[5].say(rooms[2], words.draft)
    pupils[3].say(rooms[0], words.rude[1])
    expect(page.locator(".flag")).to_have_count(2)
    expect(page.locator("#toasts > *")).to_have_count(0, timeout=TOAST_MS)
    shown(page, "#desk-rooms img:not([hidden])")
    page.click("#rooms-title")
    return [page.screenshot()]


def lessons(stage: Stage, words: Words) -> list[bytes]:
    """Four ways to push news to a browser, some seconds after they were started."""
    page = stage.screen(height=800)
    page.goto("/lessons")
    page.fill("#set-every", "1000")
    page.dispatch_event("#set-every", "change")
    page.click("#start-all")
    for lesson in ("polling", "long_polling", "sse", "websocket"):
        figure = page.locator(f'section[data-lesson="{lesson}"] .figures [data-part="messages"]')
        expect(figure).to_have_text(re.compile(r"↓[1-9]\d"), timeout=2 * LESSONS_RUN_MS)
    page.mouse.move(0, 0)
    return [page.screenshot()]


SCENES: dict[str, Scene] = {
    "lobby": lobby,
    "room": room,
    "phones": phones,
    "join": join,
    "desk": desk,
    "lessons": lessons,
}


def joined(page: Page) -> str:
    """Wait until the page has joined the room; return its visitor's colour."""
    expect(page.locator("#room")).to_have_attribute("data-connection", "joined")
    page.click(".you [data-action=close]")
    return page.locator("#room").get_attribute("data-user") or ""


def shown(page: Page, images: str) -> None:
    """Wait until all images that match the selector are loaded."""
    page.wait_for_function(
        "images => [...document.querySelectorAll(images)].every(image => image.complete && image.naturalWidth)",
        arg=images,
    )


def talk(stage: Stage, words: Words, page: Page) -> str:
    """Create a room, let people and `page` talk in it, and return its id."""
    teacher, friend, other = people = [stage.person() for _ in range(3)]
    room_id = teacher.make(words.room, max=30)
    for person in people:
        person.enter(room_id)
    page.goto(f"/room/{room_id}")
    me = joined(page)
    teacher.say(room_id, words.order)
    other.send(room_id, "surprise.gif", words.caption)
    friend.whisper(room_id, me, words.whisper)
    said(page, words.whisper)
    answer(page, friend.enter(room_id), words.back)
    teacher.send(room_id, "cheer.gif")
    expect(page.locator("#chat-list img")).to_have_count(2)
    shown(page, "#chat-list img")
    other.type(room_id)
    return room_id


def said(page: Page, text: str) -> None:
    expect(page.locator("#chat-list")).to_contain_text(text)


def answer(page: Page, to: str, text: str) -> None:
    """Whisper from the page."""
    if not page.locator("#people").is_visible():
        page.click("[data-panel=people]")
    page.locator(f'#people-list [data-user="{to}"] [data-action=whisper]').click()
    page.fill("#chat", text)
    page.press("#chat", "Control+Enter")
    expect(page.locator("#chat-list .mine.whisper")).to_contain_text(text)
    page.locator("#recipient [data-part=clear]").click()
