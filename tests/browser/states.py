"""All that the pages can show, one after another, as one visitor comes to see it."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

from playwright.sync_api import Error, Locator, Page, Route, expect
from websockets.sync.client import connect

from tests.browser.chromium import FOREIGN
from tests.browser.conftest import make_room, say
from tests.browser.room_page import enter, joined, person, until
from tests.images import encoded
from tests.server import Server, Visitor

DAY_MS = 24 * 60 * 60 * 1000
FOREIGN_PAGE = "wrong host"
GIF = encoded("GIF", frames=2, size=(120, 80))


class Guest:
    """A visitor without a page, with a socket in the room."""

    def __init__(self, leaving: ExitStack, server: Server, room: str, visitor: Visitor | None = None) -> None:
        self.visitor = visitor or server.visitor()
        self.room = room
        url = f"ws://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket"
        cookie = {"Cookie": self.visitor.identity()}
        # Whatever is not read is kept, so that closing need not wait.
        self.socket = leaving.enter_context(
            connect(url, additional_headers=cookie, proxy=None, ping_interval=None, max_queue=None)
        )
        self.socket.send("40/chat,{}")
        self.user = str(self.ask("join", room)["user"])

    def ask(self, event: str, body: object) -> dict[str, object]:
        """Send an event, which is not refused, and return its answer."""
        given = self.answer(event, body)
        assert given["ok"], given
        return given

    def answer(self, event: str, body: object) -> dict[str, object]:
        """Send an event and return its answer, or its refusal."""
        self.socket.send("42/chat,0" + json.dumps([event, body]))
        while not (answer := str(self.socket.recv())).startswith("43/chat,0"):
            pass
        (given,) = json.loads(answer.removeprefix("43/chat,0"))
        return dict(given)

    def say(self, chat: str, **fields: object) -> str:
        """Say something; return the record's `_id`."""
        return str(self.ask("chat", {"room": self.room, "chat": chat, **fields})["_id"])


def lobby(leaving: ExitStack, page: Page, server: Server) -> Iterator[str]:
    """Show the lobby: without rooms, and with many."""
    page.goto("/")
    yield "empty lobby"
    host = server.visitor()
    for number in range(13):
        host.room(f"우리 반 이야기방 {number}", ephemeral=number == 1)
    secret = host.room("비밀의 방", password="열쇠")
    full = host.room("둘만의 방", max=2)
    guests = [Guest(leaving, server, full) for _ in range(2)]
    page.goto("/")
    expect(page.locator("#find")).to_be_visible()
    yield "lobby"
    page.fill("#find-text", "비밀")
    expect(page.locator("#rooms tr")).to_have_count(1)
    yield "finding"
    page.click(f'.join-btn[data-id="{secret}"]')
    page.fill("#room-password", "자물쇠")
    page.click("#password-dialog [type=submit]")
    expect(page.locator("#password-trouble")).not_to_be_empty()
    yield "password dialog"
    page.keyboard.press("Escape")
    page.click(".looks summary")
    yield "choices"
    page.goto("/?error=존재하지 않는 방입니다.")
    yield "refused"
    for guest in guests:
        guest.socket.close()
    for room in re.findall(r'<tr data-id="(\w+)"', host.get("/").text):
        host.request("DELETE", f"/room/{room}")


def plain_pages(page: Page, server: Server) -> Iterator[str]:
    """Show what is neither the lobby nor a room."""
    page.goto("/room")
    yield "new room"
    page.fill("[name=title]", "방")
    page.fill("[name=max]", "1")
    with page.expect_navigation():
        page.locator("main form").evaluate("(form) => form.submit()")
    yield "new room, refused"
    page.goto("/join")
    yield "join"
    page.goto("/nowhere")
    yield "error"
    page.goto(f"http://{FOREIGN}:{server.port}/")
    expect(page.locator("pre")).to_be_visible()
    yield FOREIGN_PAGE


def lessons(page: Page) -> Iterator[str]:
    """Show the lessons: before they begin, while they run, and each program."""
    page.goto("/lessons")
    expect(page.locator("#start-all")).to_be_enabled()
    yield "lessons"
    page.click("#start-all")
    for lane in page.locator(".passages").all():
        expect(lane.locator(".passage").first).to_be_visible()
    page.locator(".socketio .frame").first.click()
    expect(page.locator(".socketio .packet")).to_be_visible()
    yield "lessons, running"
    for tab in page.locator("#code [role=tab]").all()[1:]:
        tab.click()
        yield f"lessons, {tab.text_content()}"
    page.click("#stop-all")


def conversation(leaving: ExitStack, page: Page, server: Server) -> tuple[str, Guest]:
    """Make a room in which all kinds of lines stand; return its id and a guest."""
    room = make_room(page, "체육 대회 준비 이야기방")
    owner = joined(page)
    guest = Guest(leaving, server, room)
    guest.say("어제 이야기")
    guest.say("이어서")
    with closing(sqlite3.connect(server.data / "gifchat.db")) as database, database:
        database.execute("UPDATE chats SET created_at = created_at - ?", (DAY_MS,))
    crowd = [Guest(leaving, server, room) for _ in range(5)]
    for one in crowd:
        one.socket.close()
    first = guest.say(f"안녕하세요 @{owner} 주소는 http://classroom.lan/ 이고 `x = 1` 이에요")
    guest.say('```js\nconst x = 1; // 하나\nfunction f() { return "글"; }\n```')
    guest.say("답장", re=first)
    for emoji in ("👍", "🎉"):
        guest.ask("react", {"room": room, "_id": first, "emoji": emoji, "on": True})
    guest.ask("whisper", {"room": room, "to": owner, "chat": "귓속말이에요"})
    gone = guest.say("지울 말")
    guest.ask("delete", {"room": room, "_id": gone})
    edited = guest.say("고칠 말")
    guest.ask("edit", {"room": room, "_id": edited, "chat": "고친 말"})
    sent = guest.visitor.json("POST", f"/room/{room}/gif", data={"chat": "설명"}, files={"gif": ("a", GIF)})
    assert sent[0] == 200, sent
    page.reload()
    joined(page)
    say(page, "내가 한 말")
    expect(page.locator("#chat-list > .mine[data-seq]")).to_have_count(1)
    expect(page.locator("#chat-list .code-block code span").first).to_be_visible()
    return room, guest


def close(page: Page) -> None:
    """Close the dialog that is open."""
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)


def in_room(page: Page) -> Iterator[str]:
    """Show a room: its lines, and what opens over them."""
    yield "room"
    page.locator(".fold button").first.click()
    yield "unfolded joins"
    line = page.locator("#chat-list > .other").filter(has=page.locator(".text", has_text="안녕하세요"))
    line.locator(".more").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#actions")).to_be_visible()
    yield "menu"
    page.click("#actions [data-action=emoji]")
    expect(page.locator("#emojis .emoji:visible").first).to_be_visible()
    yield "emoji picker"
    page.keyboard.press("Escape")
    expect(page.locator("#emojis")).to_be_hidden()
    close(page)
    mine = page.locator("#chat-list > .mine")
    mine.locator(".more").focus()
    page.keyboard.press("Enter")
    page.click("#actions [data-action=edit]")
    expect(page.locator("#edit")).to_be_visible()
    yield "edit"
    close(page)
    line.locator(".more").focus()
    page.keyboard.press("Enter")
    page.click("#actions [data-action=reply]")
    expect(page.locator("#reply")).to_be_visible()
    page.fill("#chat", "@")
    expect(page.locator("#completion")).to_be_visible()
    yield "reply, mention list"
    page.fill("#chat", "/")
    expect(page.locator("#completion")).to_be_visible()
    yield "commands"
    page.fill("#chat", "")
    page.click("#reply [data-part=clear]")
    page.click(".looks summary")
    expect(page.locator(".looks .alerts")).to_be_visible()
    yield "choices in a room"
    page.keyboard.press("Escape")
    page.click("#share-btn")
    expect(page.locator("#share")).to_be_visible()
    yield "share"
    close(page)
    page.locator('.room-bar [data-action="name"]').click()
    expect(page.locator("#name")).to_be_visible()
    yield "name"
    close(page)
    page.locator("#chat-list [data-part=open]").first.click()
    expect(page.locator("#viewer")).to_be_visible()
    yield "viewer"
    close(page)


def panels(page: Page, guest: Guest) -> Iterator[str]:
    """Show what opens beside a room's lines, or over them on a phone."""
    if not page.locator("#people").is_visible():
        page.click("[data-panel=people]")
    expect(page.locator("#people")).to_be_visible()
    yield "people"
    person(page, guest.user).locator("[data-action=manage]").click()
    expect(page.locator("#person")).to_be_visible()
    yield "a person"
    page.click("#person [data-action=kick]")
    expect(page.locator("#confirm")).to_be_visible()
    yield "confirmation"
    page.keyboard.press("Escape")
    page.click("#settings-btn")
    expect(page.locator("#settings")).to_be_visible()
    page.fill("#settings [name=max]", "2000")
    page.click("#settings [type=submit]")
    expect(page.locator("#settings-max-trouble")).not_to_be_empty()
    yield "settings, refused"
    page.keyboard.press("Escape")
    expect(page.locator("#settings")).to_be_hidden()
    page.click("#people [data-action=close]")
    page.click("#search-btn")
    page.fill("#search-text", "이")
    expect(page.locator("#search .result").first).to_be_visible()
    yield "search"
    page.click("#search [data-action=close]")
    page.click("#shelf-btn")
    expect(page.locator("#shelf .gif").first).to_be_visible()
    yield "shelf"
    page.click("[data-shows=mine]")
    yield "shelf, own images"
    page.click("#shelf [data-action=close]")


def cancelled(line: Locator) -> bool:
    """Cancel what is on its way, again if the line moved meanwhile; return whether it is gone."""
    cancel = line.locator("[data-action=cancel]")
    if cancel.is_visible():
        cancel.click()
    return line.count() == 0


def sending(page: Page, gif: Path) -> Iterator[str]:
    """Show images on their way, and the inspector."""
    page.set_input_files("#gif", [gif, Path(__file__)])
    expect(page.locator("#preview .attachment")).to_have_count(2)
    yield "preview"
    page.locator("#preview .attachment button").last.click()
    held: list[Route] = []
    page.route("**/gif", lambda route: held.append(route))  # noqa: PLW0108 - Playwright sets an attribute on it
    page.click("#preview [type=submit]")
    failing = page.locator("#chat-list > .mine .delivery")
    expect(failing).to_be_visible()
    yield "pending"
    until(page, lambda: cancelled(failing))
    with suppress(Error):  # the page itself has given it up
        held.pop().abort()
    page.unroute("**/gif")
    page.route(
        "**/gif", lambda route: route.fulfill(status=415, json={"error": "not_a_gif", "message": "그림이 아니에요"})
    )
    page.set_input_files("#gif", gif)
    page.click("#preview [type=submit]")
    expect(failing.locator("[data-action=discard]")).to_be_visible()
    yield "failed"
    failing.locator("[data-action=discard]").click()
    page.click("#inspector-btn")
    page.locator("#inspector .frame").last.click()
    expect(page.locator("#inspector .frame-fields:visible").first).to_be_visible()
    yield "inspector"
    page.click("#inspector [data-part=close]")


def projector(page: Page, room: str) -> Iterator[str]:
    """Show a room to a class."""
    page.goto(f"/room/{room}/screen")
    expect(page.locator("#chat-list .mine, #chat-list .other").last).to_be_visible()
    yield "projector"


def notices(leaving: ExitStack, page: Page, server: Server) -> Iterator[str]:
    """Show the ends of a visit that the visitor did not choose."""
    owner = server.visitor()
    room = owner.room("끝나는 방")
    socket = Guest(leaving, server, room, owner)
    user = enter(page, room)
    socket.ask("kick", {"room": room, "user": user})
    expect(page.locator("#notice")).to_be_visible()
    yield "kicked"
    room = owner.room("닫히는 방")
    enter(page, room)
    owner.request("DELETE", f"/room/{room}")
    expect(page.locator("#notice")).to_be_visible()
    yield "closed"


def teacher_desk(leaving: ExitStack, page: Page, server: Server, token: str) -> Iterator[str]:
    """Show the teacher's desk and what opens over it."""
    owner = server.visitor()
    room = owner.room("1모둠 · 태양계와 아주 긴 제목을 가진 방", kept=True)
    guests = [Guest(leaving, server, room) for _ in range(3)]
    guests[0].ask("name", {"name": "민준"})
    guests[0].say("오늘 발표 누가 먼저예요?")
    guests[1].visitor.json("POST", f"/room/{room}/gif", files={"gif": ("a", GIF)})
    guests[2].socket.close()
    page.goto(f"/desk?token={token}")
    expect(page.locator(f'[data-room="{room}"] .away')).to_be_visible()
    page.locator(f'.desk-person [data-user="{guests[0].user}"]').click()
    expect(page.locator("#person .said li")).to_have_count(1)
    page.click("#person [data-minutes='30']")
    page.locator("#person .said button").click()
    expect(page.locator("#person .toast")).to_have_count(2)
    yield "a person at the desk"
    close(page)
    page.click("#listen-btn")
    expect(page.locator("#listen-state")).not_to_be_empty()
    yield "desk, frozen"
    page.click("#listen-btn")
    page.click(f'[data-room="{room}"] [data-action=room]')
    page.select_option("#slow", "custom")
    yield "a room at the desk"
    close(page)
    for tool in ("rules", "prepare"):
        page.click(f"[data-tool={tool}]")
        expect(page.locator(f"#desk-{tool}")).to_be_visible()
        yield f"desk, {tool}"
        close(page)
