"""The lobby, and making a room."""

import asyncio
import re
from urllib.parse import quote

import pytest

from realtime.errors import DomainError, NoSuchRoom, RoomFull, TooManyRooms, WrongPassword
from tests.client import Answer, Browser, Site, StartSite, site, start_site
from tests.crash.wire import Socket

__all__ = ["site", "start_site"]

ROOM_ID = r"[0-9a-f]{24}"


async def rooms(browser: Browser) -> list[dict[str, object]]:
    answer = await browser.get("/", {"Accept": "application/json"})
    found = answer.json["rooms"]
    assert isinstance(found, list)
    return found


async def test_the_lobby_shows_every_room_the_newest_first(site: Site) -> None:
    browser = site.browser()
    assert await rooms(browser) == []
    ids = [await browser.new_room(f"방 {number}") for number in range(3)]
    assert [room["_id"] for room in await rooms(site.browser())] == ids[::-1]
    page = (await browser.get("/")).text
    assert re.findall(rf'<tr data-id="({ROOM_ID})"', page) == ids[::-1]


async def test_a_room_is_made_with_json(site: Site) -> None:
    program = site.program()
    answer = await program.post(
        "/room", json_body={"title": " 우리 반 ", "max": 3, "password": "비밀", "ephemeral": True}
    )
    room = answer.json
    assert answer.status == 201
    assert answer.headers["Location"] == f"/room/{room['_id']}"
    assert re.fullmatch(ROOM_ID, str(room.pop("_id")))
    assert re.fullmatch(r"#[0-9a-f]{6}", str(room.pop("owner")))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", str(room.pop("createdAt")))
    expected = {"title": "우리 반", "max": 3, "password": True, "ephemeral": True, "kept": False, "members": 0}
    assert room == expected


async def test_a_form_makes_a_room_and_redirects_into_it(site: Site) -> None:
    browser = site.browser()
    answer = await browser.post("/room", {"title": "방", "max": "5", "password": "", "button": "생성"})
    assert answer.status == 302
    [room] = await rooms(browser)
    assert answer.headers["Location"] == f"/room/{room['_id']}"
    assert (room["title"], room["max"], room["password"], room["ephemeral"]) == ("방", 5, False, False)
    assert (await browser.get(answer.headers["Location"])).status == 200


@pytest.mark.parametrize("values", [{"title": "방"}, {"title": "방", "max": ""}])
async def test_a_room_holds_ten_by_default(site: Site, values: dict[str, str]) -> None:
    browser = site.browser()
    await browser.post("/room", values)
    assert (await rooms(browser))[0]["max"] == 10


@pytest.mark.parametrize("size", ["2", "1000"])
async def test_a_room_may_hold_from_two_to_a_thousand(site: Site, size: str) -> None:
    assert (await site.browser().post("/room", {"title": "방", "max": size})).status == 302


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", value) for value in ("", "   ", "\t", "가" * 61, "t" * 10_000, "\0\u3164")]
    + [("max", value) for value in ("1", "0", "-3", "ten", "1e9", "1001", "2.5")]
    + [("password", "p" * length) for length in (129, 1000)],
)
async def test_an_invalid_room_is_reported_in_the_form(site: Site, field: str, value: str) -> None:
    values = {"title": "<방>", "max": "7", "password": "열려라", "ephemeral": "on", field: value}
    browser = site.browser()
    page = await browser.post("/room", values)
    assert page.status == 400
    assert f'id="{field}-error"' in page.text
    if field != "title":
        assert 'value="&lt;방&gt;"' in page.text
    if field != "max":
        assert 'value="7"' in page.text
    assert " checked" in page.text
    assert "열려라" not in page.text and "ppp" not in page.text
    assert ("비밀번호는 다시 입력해 주세요." in page.text) == (field != "password")  # whose own error says more
    assert "다시 입력" not in (await browser.post("/room", {**values, "password": "", "title": ""})).text
    answer = await browser.ask("POST", "/room", headers={"Accept": "application/json"}, form=values)
    assert answer.refusal == (400, "invalid_room")
    assert answer.json["field"] == field
    assert await rooms(browser) == []


async def test_making_and_entering_rooms_is_throttled(start_site: StartSite) -> None:
    site = await start_site("--rate", "5")
    program = site.program()
    made = 0
    while (answer := await program.post("/room", json_body={"title": "방"})).status == 201:
        made += 1  # ten, and more if the machine takes long for them
    assert made >= 10
    assert answer.refusal == (429, "too_fast")
    wait = answer.json["retry_after"]
    assert isinstance(wait, float) and 0 < wait <= 5
    assert 1 <= int(answer.headers["Retry-After"]) <= 5
    browser = site.browser()
    browser.cookies = program.cookies
    while (page := await browser.post("/room", {"title": "열한 번째"})).status == 302:
        pass
    assert (page.status, page.headers["Retry-After"] != "", "열한 번째" in page.text) == (429, True, True)
    assert await site.program().new_room()


async def test_the_number_of_rooms_is_bounded(start_site: StartSite) -> None:
    site = await start_site("--max-rooms", "2")
    program = site.program()
    answers = await asyncio.gather(*(program.post("/room", json_body={"title": "방"}) for _ in range(10)))
    assert sorted(answer.status for answer in answers) == [201, 201, *[503] * 8]
    assert (await program.post("/room", json_body={"title": "방"})).refusal == (503, "too_many_rooms")
    page = await site.browser().post("/room", {"title": "방"})
    assert (page.status, TooManyRooms.text in page.text) == (503, True)


async def test_the_form_shows_the_largest_allowed_room_size(start_site: StartSite) -> None:
    site = await start_site("--max-occupancy", "37")
    form = (await site.browser().get("/room")).text
    assert 'max="37"' in form
    assert 'value="37"' in form
    assert (await site.program().post("/room", json_body={"title": "방", "max": 38})).refusal == (400, "invalid_room")


async def test_the_form_offers_a_size_for_a_class(site: Site) -> None:
    assert 'value="40"' in (await site.browser().get("/room")).text


@pytest.mark.parametrize("text", [NoSuchRoom.text, WrongPassword.text, RoomFull.text])
async def test_the_lobby_shows_why_a_visitor_was_sent_back(site: Site, text: str) -> None:
    page = await site.browser().get(f"/?error={quote(text)}")
    assert f'<p class="error-message" role="alert">{text}</p>' in page.text
    english = await site.browser(Accept_Language="en").get(f"/?error={quote(text)}")
    assert text not in english.text
    assert '<p class="error-message" role="alert"></p>' not in english.text


@pytest.mark.parametrize("text", ["선생님이 비밀번호를 물어보십니다", "<b>x</b>", "no_such_room", "\ufffd", "%00"])
async def test_the_lobby_shows_no_foreign_error_text(site: Site, text: str) -> None:
    assert text not in {error.text for error in DomainError.__subclasses__()}
    page = await site.browser().get(f"/?error={quote(text)}")
    assert (page.status, '<p class="error-message" role="alert"></p>' in page.text) == (200, True)


async def many(site: Site, count: int) -> list[str]:
    """Make rooms; return their ids, the newest first."""
    program = site.program()
    return [await program.new_room(f"<{number}>") for number in range(count)][::-1]


def listed(page: Answer) -> list[str]:
    return re.findall(rf'<tr data-id="({ROOM_ID})"', page.text)


def link(page: Answer, rel: str) -> str | None:
    """Return where a link of the pager leads, if it is shown."""
    found = re.search(rf'rel="{rel}" href="([^"]+)"( hidden)?', page.text)
    assert found is not None
    return None if found[2] else found[1]


async def test_a_page_of_the_lobby_has_a_hundred_rooms(site: Site) -> None:
    browser = site.browser(Accept_Language="en")
    ids = await many(site, 12)
    find = '<form id="find" class="find" role="search"'
    assert f"{find} hidden>" in (await browser.get("/")).text
    ids = await many(site, 88) + ids
    assert f"{find}>" in (await browser.get("/")).text
    assert '<nav class="pager" aria-label="Pages" hidden>' in (await browser.get("/")).text
    ids = await many(site, 103) + ids
    first, second, last = [await browser.get(path) for path in ("/", "/?page=2", "/?page=3")]
    assert [listed(page) for page in (first, second, last)] == [ids[:100], ids[100:200], ids[200:]]
    assert [link(page, "prev") for page in (first, second, last)] == [None, "/?page=1", "/?page=2"]
    assert [link(page, "next") for page in (first, second, last)] == ["/?page=2", "/?page=3", None]
    assert "101–200 of 203" in second.text and 'data-first="100" data-size="100"' in second.text
    assert "203개 중 201–203" in (await site.browser().get("/?page=3")).text
    # A page that is no longer there is the last one: its rooms may have gone while the one before was read.
    assert listed(await browser.get("/?page=99999")) == ids[200:]
    for number in ("0", "-1", "x", "1.5", "٣", "1" * 30):
        assert (await browser.get(f"/?page={quote(number)}")).status == 400
    # Programs get all of them.
    assert [room["_id"] for room in await rooms(site.browser())] == ids
    assert (await site.program().get("/?page=2")).json == {"rooms": await rooms(site.browser())}


async def test_a_page_tells_each_reader_what_concerns_them_alone(site: Site) -> None:
    room = await site.program().new_room("둘이서", max=2)
    one, other = site.browser(), site.browser()
    pages = [(await browser.get("/")).text for browser in (one, other)]
    colours = [re.findall(r'class="me".*?fill="(#[0-9a-f]{6})"', page, re.DOTALL) for page in pages]
    assert len(colours[0]) == len(colours[1]) == 1 and colours[0] != colours[1]
    assert colours[0][0] not in pages[1] and 'data-places=""' in pages[0]
    socket = await Socket.open(site.port, one.identity, lambda *_: None)
    await socket.ask("join", {"room": room})
    assert f'data-places="{room}"' in (await one.get("/")).text
    page = (await other.get(f"/?error={quote(RoomFull.text)}")).text
    assert 'data-places=""' in page and RoomFull.text in page and "1/2" in page
    assert RoomFull.text not in (await one.get("/")).text
    await socket.abort()
