"""Seat cards by HTTP: the sheets at the desk, taking a seat, and the doors that only open with a card."""

import json
import logging
import re
from collections.abc import Iterator

import pytest
from tornado.ioloop import IOLoop

from handlers.base import Guard
from tests.client import Browser, Site, StartSite, ask, connect, start_site
from tests.routes import ROUTES, path_of
from tests.test_handlers_join import two_networks

__all__ = ["start_site", "two_networks"]

NO_CODE = "00000-00000"


class School:
    """A server with a teacher at its desk."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.teacher = site.browser(Accept_Language="en")

    async def open(self) -> None:
        assert (await self.teacher.get("/desk?token=chalk")).status == 302

    async def cards(self, *labels: str) -> dict[str, str]:
        """Make cards and return the path on each."""
        answer = await self.teacher.post("/desk/seats", {"count": "", "labels": "\n".join(labels)})
        assert (answer.status, answer.headers["Location"]) == (302, "/desk/seats")
        listed = await self.teacher.get("/desk/seats", {"Accept": "application/json"})
        seats = listed.json["seats"]
        assert isinstance(seats, list)
        return {one["seat"]: one["url"].removeprefix(self.site.url) for one in seats}


@pytest.fixture
def school(start_site: StartSite, io_loop: IOLoop) -> Iterator[School]:
    """Return a server with an open desk."""
    school = School(io_loop.run_sync(lambda: start_site("--desk-token", "chalk")))
    io_loop.run_sync(school.open)
    yield school


async def test_a_card_leads_to_a_page_that_says_what_will_happen_and_to_the_seat(
    school: School, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    path = (await school.cards("김민수", "이영희"))["김민수"]
    phone = school.site.browser(Accept_Language="en")
    page = await phone.get(path)
    assert page.status == 200 and "김민수" in page.text and "Take this seat" in page.text
    taken = await phone.post(path)
    assert (taken.status, taken.headers["Location"]) == (302, "/")
    assert "This device has this seat" in (await phone.get(path)).text
    other = school.site.program()
    assert (await other.get(path)).json == {"seat": "김민수", "taken": True, "yours": False}
    assert "Another device has this seat" in (await school.site.browser(Accept_Language="en").get(path)).text
    assert (await other.post(path.lower())).json == {"seat": "김민수"}
    assert (await other.get(path)).json["yours"] is True
    assert "Take it with this device" in (await phone.get(path)).text
    assert "GET /seat/…" in caplog.text and path.removeprefix("/seat/") not in caplog.text.upper()
    assert "2 of 2" not in (sheet := (await school.teacher.get("/desk/seats")).text) and "1 of 2" in sheet


async def test_a_wrong_code_is_told_and_can_be_typed_again(school: School) -> None:
    await school.cards("Ann")
    program, phone = school.site.program(), school.site.browser(Accept_Language="en")
    for method in ("GET", "POST"):
        assert (await program.ask(method, f"/seat/{NO_CODE}")).refusal == (404, "not_found")
        page = await phone.ask(method, f"/seat/{NO_CODE}")
        assert page.status == 404 and "No seat has this code" in page.text and 'name="code"' in page.text
    typed = await phone.get("/seat?code=7k4m9%20qx2/ht")
    assert (typed.status, typed.headers["Location"]) == (302, "/seat/7k4m9%20qx2%2Fht")
    assert 'name="code"' in (await phone.get("/seat")).text


async def test_the_sheets_show_each_card_with_its_address_as_picture_and_in_words(school: School) -> None:
    paths = await school.cards(*(f"Pupil {number}" for number in range(11)))
    sheet = (await school.teacher.get("/desk/seats")).text
    assert sheet.count('class="seats-sheet"') == 2 and sheet.count("<svg") >= 11
    for label, path in paths.items():
        code = path.removeprefix("/seat/")
        assert label in sheet and f"{code[:5]}-{code[5:]}" in sheet
    assert f"127.0.0.1:{school.site.port}/seat/" in sheet


async def test_wrong_cards_are_shown_in_the_form_as_they_were(school: School) -> None:
    for form, wrong in (
        ({"count": "201"}, "up to 200"),
        ({"count": "many"}, "up to 200"),
        ({"labels": "x" * 41}, "up to 40"),
    ):
        answer = await school.teacher.post("/desk/seats", form)
        assert answer.status == 400 and wrong in answer.text and next(iter(form.values())) in answer.text
    asked = {"Accept": "application/json", "Content-Type": "application/json"}
    answer = await school.teacher.ask("POST", "/desk/seats", json.dumps({"count": 2, "labels": ["Ann"]}), asked)
    assert re.findall('"seat":"(.*?)"', answer.text) == ["Ann", "2"]
    answer = await school.teacher.ask("POST", "/desk/seats", '{"labels": [5]}', asked)
    assert answer.refusal == (400, "bad_request")


async def test_a_renewed_card_is_void(school: School) -> None:
    before = await school.cards("Ann", "Ben")
    phone = school.site.program()
    assert (await phone.post(before["Ann"])).status == 200
    answer = await school.teacher.post("/desk/seats/renew", {"seat": "Ann"})
    assert (answer.status, answer.headers["Location"]) == (302, "/desk/seats")
    after = await school.cards("Ann", "Ben")
    assert after["Ann"] != before["Ann"] and after["Ben"] == before["Ben"]
    assert (await phone.get(before["Ann"])).refusal == (404, "not_found")
    assert (await phone.get(after["Ann"])).json["yours"] is True
    await school.teacher.post("/desk/seats/renew", {"seat": "", "free": "on"})
    assert (await phone.get((await school.cards("Ann", "Ben"))["Ann"])).json["taken"] is False


async def test_only_with_a_card_closes_every_door_to_all_others(school: School) -> None:
    cards = await school.cards("Ann")
    owner, pupil = school.site.program(), school.site.program()
    lesson = await owner.new_room()
    await pupil.post(cards["Ann"])
    await owner.get(f"/room/{lesson}")
    assert (await ask(school.site, school.teacher, "/desk", "allow", {"what": "cards", "on": True}))["ok"]

    for route in ROUTES:
        for method, guard in route.guards.items():
            if guard in (Guard.VISITOR, Guard.MEMBER, Guard.OWNER) and route.only is None:
                answer = await owner.ask(method, path_of(route, lesson))
                assert answer.refusal == (403, "seat_needed"), (method, route.path)
    for path in ("/join", "/seat", "/healthz", "/static/css/base.css"):
        assert (await owner.get(path)).status == 200, path
    for namespace in ("/room", "/", "/lessons"):
        connection, connected = await connect(school.site, owner, namespace)
        connection.close()
        assert '"error":"seat_needed"' in connected
    assert (await ask(school.site, owner, "/chat", "join", lesson))["error"] == "seat_needed"
    assert (await ask(school.site, owner, "/chat", "name", {"name": "Mina"}))["error"] == "seat_needed"

    page = school.site.browser(Accept_Language="en")
    refused = await page.get(f"/room/{lesson}")
    assert refused.lobby_error
    lobby = await page.get(refused.headers["Location"])
    assert lobby.status == 403 and 'name="code"' in lobby.text and lesson not in lobby.text
    assert (await pupil.get(f"/room/{lesson}")).status == 200
    assert (await school.teacher.get(f"/room/{lesson}")).status == 200
    assert (await page.post(cards["Ann"])).status == 302
    assert (await page.get(f"/room/{lesson}")).status == 200
    assert (await pupil.get(f"/room/{lesson}")).refusal == (403, "seat_needed")


async def test_without_a_desk_there_are_no_seats_and_none_is_needed(start_site: StartSite, school: School) -> None:
    path = (await school.cards("Ann"))["Ann"]
    site = await start_site("--desk-token", "off", "--data", str(school.site.data.with_name("without")))
    program = site.program()
    for target in (path, "/seat", "/desk/seats"):
        assert (await program.get(target)).refusal == (404, "not_found")
    assert (await program.post(path)).refusal == (404, "not_found")
    assert (await program.get("/")).status == 200


async def test_the_cards_have_the_address_that_others_reach_or_the_one_that_the_teacher_chooses(
    start_site: StartSite, two_networks: None
) -> None:
    site = await start_site("--host", "0.0.0.0", "--desk-token", "chalk")
    teacher, by_name = site.browser(), site.browser(Host=f"school.lan:{site.port}")
    for one in (teacher, by_name):
        await one.get("/desk?token=chalk")
    await teacher.post("/desk/seats", {"count": "1"})

    async def address(browser: Browser, query: str = "") -> str:
        (found,) = re.findall(r'seat-card-address">(.+?)/seat/', (await browser.get(f"/desk/seats{query}")).text)
        return str(found)

    assert await address(teacher) == f"192.168.0.12:{site.port}"
    assert await address(teacher, f"?url=http://10.20.30.40:{site.port}") == f"10.20.30.40:{site.port}"
    assert await address(teacher, "?url=http://elsewhere.example") == f"192.168.0.12:{site.port}"
    assert await address(by_name) == f"school.lan:{site.port}"
