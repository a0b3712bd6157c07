"""What the desk decides holds for pages, programs and long polling alike, and is answered as the codes say."""

import json
from typing import cast

from websockets.asyncio.client import ClientConnection

from realtime.errors import Banned, SeatNeeded
from tests.client import GIF_PART, Site, StartSite, start_site
from tests.lessons import namespace, received

__all__ = ["start_site"]

POLL = "/socket.io/?EIO=4&transport=polling"


class Pupil:
    """One visitor, as a browser, as a program and on a long-polling socket."""

    def __init__(self, site: Site) -> None:
        self.browser, self.program = site.browser(), site.program()
        self.program.cookies = self.browser.cookies  # one and the same
        self.user = self.room = ""
        self._session = ""

    async def enter(self) -> None:
        """Make a room and join it by long polling."""
        self.room = await self.browser.new_room()
        opened = await self.browser.get(POLL)
        self._session = f"{POLL}&sid={json.loads(opened.text[1:])['sid']}"
        await self.browser.ask("POST", self._session, "40/chat,")
        self.user = str((await self.emit("join", {"room": self.room}))["user"])

    async def emit(self, event: str, argument: dict[str, object]) -> dict[str, object]:
        """Send an event by long polling, and return its ack."""
        await self.browser.ask("POST", self._session, f"42/chat,7{json.dumps([event, argument])}")
        while True:
            for packet in (await self.browser.get(self._session)).text.split("\x1e"):
                if packet.startswith("43/chat,7"):
                    [ack] = json.loads(packet.removeprefix("43/chat,7"))
                    return cast("dict[str, object]", ack)

    async def refusals(self) -> set[tuple[int, object]]:
        """Say something in each way; return the answers."""
        polled = await self.emit("chat", {"room": self.room, "chat": "저"})
        posted = await self.program.post(f"/room/{self.room}/chat", {"chat": "저"})
        uploaded = await self.program.upload(f"/room/{self.room}/gif", GIF_PART)
        shown = await self.browser.post(f"/room/{self.room}/chat", {"chat": "저"})
        assert str(polled["message"]) in shown.text
        return {posted.refusal, uploaded.refusal, (shown.status, polled["error"])}


async def test_what_the_desk_decides_holds_in_every_way_of_asking(start_site: StartSite) -> None:
    site = await start_site("--desk-token", "chalk", "--grace", "60")
    teacher, pupil = site.browser(), Pupil(site)
    await teacher.get("/desk?token=chalk")
    await pupil.enter()
    cookies = "; ".join(f"{name}={value}" for name, value in teacher.cookies.items())
    async with namespace(site, "/desk", Cookie=cookies) as desk:
        await decide(desk, "freeze", room=None, on=True)
        assert await pupil.refusals() == {(403, "frozen")}
        assert (await teacher.post(f"/room/{pupil.room}/chat", {"chat": "들으세요"})).text == "ok"
        await decide(desk, "freeze", room=None, on=False)
        await decide(desk, "mute", user=pupil.user, room=pupil.room, minutes=5)
        assert await pupil.refusals() == {(403, "muted")}
        muted = await pupil.program.post(f"/room/{pupil.room}/chat", {"chat": "저"})
        assert int(muted.headers["Retry-After"]) == 300
        await decide(desk, "mute", user=pupil.user, room=None, minutes=0)
        await decide(desk, "allow", what="cards", on=True)
        assert await pupil.refusals() == {(403, "seat_needed")}
        assert (await pupil.browser.get(f"/room/{pupil.room}")).lobby_error == SeatNeeded.text
        await decide(desk, "allow", what="cards", on=False)
        await decide(desk, "ban", user=pupil.user)
        assert await pupil.refusals() == {(403, "banned")}
        assert (await pupil.browser.get(f"/room/{pupil.room}")).lobby_error == Banned.text
        for answer in (
            await pupil.program.get(f"/room/{pupil.room}"),
            await pupil.program.get(f"/room/{pupil.room}/chats"),
            await pupil.program.post("/room", {"title": "새 방"}),
            await pupil.program.ask("DELETE", f"/room/{pupil.room}"),
        ):
            assert answer.refusal == (403, "banned")
        await decide(desk, "unban", user=pupil.user)
        await decide(desk, "allow", what="rooms", on=False)
        assert (await pupil.program.post("/room", {"title": "새 방"})).refusal == (403, "not_allowed")
    assert (await pupil.browser.get(f"/room/{pupil.room}")).status == 200


async def decide(desk: ClientConnection, event: str, **argument: object) -> None:
    """Do something at the desk."""
    await desk.send(f"42/desk,1{json.dumps([event, argument])}")
    while not (answer := await received(desk)).startswith("43/desk,1"):
        pass
    assert answer == '43/desk,1[{"ok":true}]', answer


async def test_pages_offer_nothing_that_is_not_allowed(start_site: StartSite) -> None:
    site = await start_site("--desk-token", "chalk", "--grace", "60")
    teacher, pupil = site.browser(), site.browser()
    room = await pupil.new_room()
    await teacher.get("/desk?token=chalk")
    cookies = "; ".join(f"{name}={value}" for name, value in teacher.cookies.items())
    paths = ("/", "/room", f"/room/{room}")
    async with namespace(site, "/desk", Cookie=cookies) as desk:
        for what in ("whispers", "rooms"):
            await decide(desk, "allow", what=what, on=False)
        newcomers = [site.browser(), site.browser()]  # whose pages are made once
        for reader, told in (
            (pupil, "no-whispers no-rooms"),
            (teacher, "teacher"),
            *((new, "no-whispers no-rooms") for new in newcomers),
        ):
            pages = [(await reader.get(path)).text for path in paths]
            assert [f'data-house="{told}"' in page for page in pages] == [True] * 3
            assert ('name="title"' in pages[1]) is (reader is teacher)
        for what in ("whispers", "rooms"):
            await decide(desk, "allow", what=what, on=True)
        for reader in (pupil, *newcomers):
            for path in paths:
                assert 'data-house=""' in (await reader.get(path)).text
