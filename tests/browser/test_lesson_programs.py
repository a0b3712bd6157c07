"""The browser programs shown in the lessons run as shown and do what they say."""

from contextlib import ExitStack

from playwright.sync_api import ConsoleMessage, Page

from handlers.lessons.programs import Program, programs
from tests.browser.conftest import People
from tests.conftest import ROOT

SAYS = {
    "polling": "폴링: 1 개",
    "long_polling": "롱 폴링: 서버에서 클라이언트로 메세지를 보냅니다.",
    "sse": "SSE: ",
    "websocket": "웹소켓: 서버에서 클라이언트로 메세지를 보냅니다.",
    "socketio": "Socket.IO: Hello Socket.IO",
}

WATCH = """
globalThis.lines = [];
const feed = io("/lessons", { path: "/socket.io" });
feed.on("log", (lines) => globalThis.lines.push(...lines));
await new Promise((resolve) => feed.once("log", resolve));
"""


def run(page: Page, code: str) -> None:
    page.evaluate(f"async () => {{ {code}\n }}")


def plain(page: Page) -> Page:
    """Open a page without its own scripts and add Socket.IO's client."""
    page.goto("/room")
    page.add_script_tag(url="/socket.io/socket.io.js")
    return page


def wait_for_lines(page: Page, lesson: str, event: str, count: int) -> None:
    page.wait_for_function(
        "([lesson, event, count]) =>"
        " lines.filter((line) => line.lesson === lesson && line.event === event).length >= count",
        arg=[lesson, event, count],
    )


def test_the_lesson_programs_run_as_shown(people: People) -> None:
    page = plain(people.arrive())
    run(page, WATCH)
    with ExitStack() as waiting:
        for program in programs(ROOT):

            def says(message: ConsoleMessage, program: Program = program) -> bool:
                return message.text.startswith(SAYS[program.lesson]) and len(message.text) > len("SSE: ")

            waiting.enter_context(page.expect_console_message(says))
            run(page, program.browser)
        other = plain(page.context.new_page())
        run(other, next(program.browser for program in programs(ROOT) if program.lesson == "websocket"))
    wait_for_lines(page, "sse", "open", 1)
    wait_for_lines(page, "socketio", "message", 1)
    # Two tabs: the server gets twice the messages; closing one is logged.
    wait_for_lines(page, "websocket", "message", 2)
    other.close()
    wait_for_lines(page, "websocket", "close", 1)
