"""The console snippets in the documents work as written."""

import re

from tests.browser.conftest import People, make_room, say
from tests.browser.room_page import joined
from tests.examples.blocks import IN_THE_BROWSER, blocks

# A visitor does not see their own join when they have just joined. Answers come in order: this one comes after it.
JOINED = 'await socket.emitWithAck("leave", "0".repeat(24));'


def test_the_documented_console_snippets_run(people: People) -> None:
    snippets = [block.code for block in blocks("js") if block.code.startswith(IN_THE_BROWSER)]
    host, guest = people.arrive(), people.arrive()
    room = make_room(host, "콘솔")
    user = joined(host)
    # Like the console, this runs in the page, and each snippet sees the declarations of those before it.
    with host.expect_console_message(lambda message: message.text == f"{user} 콘솔에서 보냅니다."):
        host.evaluate(f"async () => {{ {JOINED.join(snippets)} }}")
    with host.expect_console_message(
        lambda message: re.fullmatch(r"#\w{6}님이 입장하셨습니다\.", message.text) is not None
    ):
        guest.goto(f"/room/{room}")
    visitor = joined(guest)
    with host.expect_console_message(lambda message: message.text == f"{visitor} 안녕하세요"):
        say(guest, "안녕하세요")
    with host.expect_console_message(lambda message: message.text == f"{visitor}님이 퇴장하셨습니다."):
        guest.click("#exit-btn")
