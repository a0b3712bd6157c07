"""The projector view of a room: who may see it, and what it shows."""

import re
from typing import cast

import pytest

from lan import qr
from realtime.errors import Kicked, NoSuchRoom, NotAdmitted, WrongPassword
from tests.client import Browser, Site, site, start_site
from tests.crash.wire import Socket
from tests.test_handlers_room import NOBODYS, say

__all__ = ["site", "start_site"]


def texts(page: str) -> list[str]:
    """Return what is said on a page, in order."""
    return re.findall(r'class="text written"[^>]*>([^<]*)<', page)


async def opened(site: Site, browser: Browser, room: str, *others: Browser) -> list[Socket]:
    """Let browsers join the room by a socket each."""
    sockets = [await Socket.open(site.port, one.identity, lambda *_: None) for one in (browser, *others)]
    for socket in sockets:
        assert (await socket.ask("join", {"room": room}))["ok"]
    return sockets


async def members(socket: Socket, room: str) -> list[str]:
    """Return who is in the room, in the order they came."""
    return cast(list[str], (await socket.ask("join", {"room": room}))["members"])


async def test_it_shows_members_what_everybody_may_read(site: Site) -> None:
    owner, guest = site.browser(), site.browser()
    room = await owner.new_room("칠판 <1>")
    assert (await guest.get(f"/room/{room}")).status == 200
    sockets = await opened(site, owner, room, guest)
    await say(owner, room, "안녕하세요")
    users = await members(sockets[0], room)
    assert (await sockets[1].ask("whisper", {"room": room, "to": users[0], "chat": "비밀"}))["ok"]
    await say(guest, room, "네")
    assert len(await owner.chats(room)) == 3
    for browser in (owner, guest):
        page = await browser.get(f"/room/{room}/screen")
        assert (page.status, page.headers["Cache-Control"]) == (200, "no-store")
        # Nothing that was whispered, nobody's own, and not who came.
        assert texts(page.text) == ["안녕하세요", "네"]
        assert "비밀" not in page.text
        assert not re.search(r'class="(mine|system|whisper)', page.text)
        assert "칠판 &lt;1&gt;" in page.text
        assert '<meta http-equiv="refresh"' in page.text
        assert f'href="/room/{room}"' in page.text
    # Nor which reactions are whose.
    record = (await owner.chats(room))[0]["_id"]
    assert (await sockets[0].ask("react", {"room": room, "_id": record, "emoji": "👍", "on": True}))["ok"]
    page = await owner.get(f"/room/{room}/screen")
    assert 'class="reaction"' in page.text and 'aria-pressed="true"' not in page.text
    for socket in sockets:
        await socket.close()


async def test_others_are_turned_away_as_from_the_rooms_page(site: Site) -> None:
    owner, guest, stranger = site.browser(), site.browser(), site.browser()
    room = await owner.new_room()
    assert (await stranger.get(f"/room/{room}/screen")).lobby_error == NotAdmitted.text
    assert (await site.program().get(f"/room/{room}/screen")).refusal == (403, "not_admitted")
    assert (await stranger.get(f"/room/{NOBODYS}/screen")).lobby_error == NoSuchRoom.text
    assert (await site.program().get(f"/room/{NOBODYS}/screen")).refusal == (404, "no_such_room")
    assert (await site.program().ask("POST", f"/room/{room}/screen")).status == 405

    assert (await guest.get(f"/room/{room}")).status == 200
    assert (await guest.get(f"/room/{room}/screen")).status == 200
    hosts, guests = await opened(site, owner, room, guest)
    users = await members(hosts, room)
    assert (await hosts.ask("kick", {"room": room, "user": users[1]}))["ok"]
    assert (await guest.get(f"/room/{room}/screen")).lobby_error == Kicked.text
    await hosts.close()
    await guests.close()


async def test_a_room_with_a_password_shows_it_to_whom_it_let_in(site: Site) -> None:
    owner, guest = site.browser(), site.browser()
    room = await owner.new_room(password="열려라")
    await say(owner, room, "안에서")
    assert (await guest.get(f"/room/{room}/screen")).lobby_error == NotAdmitted.text
    assert (await guest.get(f"/room/{room}")).lobby_error == WrongPassword.text
    assert (await guest.post(f"/room/{room}/enter", {"password": "열려라"})).status == 302
    page = await guest.get(f"/room/{room}/screen", {"Host": f"class.local:{site.port}"})
    assert texts(page.text) == ["안에서"]
    assert "열려라" not in page.text
    # Others scan the way to the lobby, which asks for the password.
    assert qr.image(f"http://class.local:{site.port}/#{room}").replace("&", "&amp;").replace("'", "&#39;") in page.text


@pytest.mark.parametrize("ephemeral", [False, True])
async def test_it_has_a_code_for_others_where_others_can_come(site: Site, ephemeral: bool) -> None:
    owner = site.browser()
    room = await owner.new_room(ephemeral=ephemeral)
    await say(owner, room, "지금만")
    page = await owner.get(f"/room/{room}/screen", {"Host": f"class.local:{site.port}"})
    assert (
        qr.image(f"http://class.local:{site.port}/room/{room}").replace("&", "&amp;").replace("'", "&#39;") in page.text
    )
    assert f"class.local:{site.port}<" in page.text
    assert texts(page.text) == ([] if ephemeral else ["지금만"])
    assert (" data-keeps" in page.text) is not ephemeral
    here = await owner.get(f"/room/{room}/screen", {"Host": f"localhost:{site.port}"})
    assert 'class="screen-code"' not in here.text


async def test_it_shows_the_latest_of_a_long_chat(site: Site) -> None:
    owner = site.browser()
    room = await owner.new_room()
    await say(owner, room, *(str(number) for number in range(8)))
    page = await owner.get(f"/room/{room}/screen")
    assert texts(page.text) == [str(number) for number in range(8)]
    assert len(await owner.chats(room)) == 8
