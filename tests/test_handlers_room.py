"""A room: entering, its page, its history, and changes by its owner."""

import asyncio
import re
from functools import partial

import pytest

from realtime.chat.rates import GuessThrottle
from realtime.chat.service import ChatService
from realtime.errors import Banned, DomainError, Kicked, NoSuchRoom, RoomFull, TooFast, WrongPassword
from tests.client import Browser, Site, StartSite, site, start_site

__all__ = ["site", "start_site"]

NOBODYS = "0" * 24
JSON = {"Accept": "application/json"}


async def say(browser: Browser, room: str, *chats: str) -> None:
    for chat in chats:
        answer = await browser.ask("POST", f"/room/{room}/chat", headers=JSON, json_body={"chat": chat})
        assert answer.status == 200, answer.body


# --- entering


async def test_a_room_without_a_password_is_open(site: Site) -> None:
    room = await site.browser().new_room("우리 <반>")
    page = await site.browser().get(f"/room/{room}")
    assert page.status == 200
    assert f'data-room="{room}"' in page.text
    assert "우리 &lt;반&gt;" in page.text


@pytest.mark.parametrize("room", [NOBODYS, "x", "0", "-1", "가", "%00", "%ff", "..%2f..", "0" * 5000, "' OR 1=1 --"])
async def test_a_missing_room_is_reported(site: Site, room: str) -> None:
    path = f"/room/{room.replace(' ', '%20')}"
    browser, program = site.browser(), site.program()
    assert (await browser.get(path)).lobby_error == NoSuchRoom.text
    assert (await browser.post(f"{path}/enter", {"password": "x"})).lobby_error == NoSuchRoom.text
    for method, rest in [
        ("GET", ""),
        ("POST", "/enter"),
        ("PATCH", ""),
        ("DELETE", ""),
        ("GET", "/chats"),
        ("GET", "/kicked"),
        ("GET", "/share"),
        ("GET", "/screen"),
    ]:
        assert (await program.ask(method, path + rest)).refusal == (404, "no_such_room"), (method, rest)
    page = await browser.ask("DELETE", path)
    assert (page.status, NoSuchRoom.text in page.text) == (404, True)


async def test_a_password_is_required(site: Site) -> None:
    owner, guest = site.browser(), site.browser()
    room = await owner.new_room(password="열려라 참깨")
    assert (await owner.get(f"/room/{room}")).status == 200
    assert (await guest.get(f"/room/{room}")).lobby_error == WrongPassword.text
    assert (await guest.post(f"/room/{room}/enter", {"password": "닫혀라"})).lobby_error == WrongPassword.text
    assert (await guest.post(f"/room/{room}/enter")).lobby_error == WrongPassword.text
    assert (await guest.get(f"/room/{room}", JSON)).refusal == (403, "wrong_password")
    entered = await guest.post(f"/room/{room}/enter", {"password": "열려라 참깨"})
    assert (entered.status, entered.headers["Location"]) == (302, f"/room/{room}")
    page = await guest.get(f"/room/{room}")
    assert page.status == 200
    assert "열려라" not in page.text
    assert (await site.browser().get(f"/room/{room}")).lobby_error == WrongPassword.text


async def test_the_password_can_be_sent_as_json(site: Site) -> None:
    room = await site.browser().new_room(password="p")
    guest = site.program()
    assert (await guest.post(f"/room/{room}/enter", json_body={"password": "p"})).status == 302
    assert (await guest.get(f"/room/{room}")).status == 200
    assert (await guest.post(f"/room/{room}/enter", json_body={"password": 5})).refusal == (400, "bad_request")


async def test_a_password_in_the_address_is_checked_and_redirected_away(site: Site) -> None:
    room = await site.browser().new_room(password=" 열 려 라 ")
    guest = site.browser()
    assert (await guest.get(f"/room/{room}?password=x")).lobby_error == WrongPassword.text
    assert (await guest.get(f"/room/{room}?password=")).lobby_error == WrongPassword.text
    assert (await guest.get(f"/room/{room}?password=%ff")).lobby_error == WrongPassword.text
    entered = await guest.get(f"/room/{room}?password=%20%EC%97%B4+%EB%A0%A4%20%EB%9D%BC%20")
    assert (entered.status, entered.headers["Location"]) == (302, f"/room/{room}")
    assert (await guest.get(f"/room/{room}")).status == 200


async def test_an_unneeded_password_is_ignored(site: Site) -> None:
    room = await site.browser().new_room()
    guest = site.browser()
    for query in ("?password=", "?password=x"):
        answer = await guest.get(f"/room/{room}{query}")
        assert (answer.status, answer.headers["Location"]) == (302, f"/room/{room}")


async def test_with_throttling_off_guesses_are_not_throttled(site: Site) -> None:
    room = await site.browser().new_room(password="p")
    guest = site.browser()
    for _ in range(12):
        assert (await guest.post(f"/room/{room}/enter", {"password": "x"})).lobby_error == WrongPassword.text
    assert (await guest.post(f"/room/{room}/enter", {"password": "p"})).headers["Location"] == f"/room/{room}"


async def test_guesses_are_throttled_on_every_way_in(start_site: StartSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime.chat.door.GuessThrottle", partial(GuessThrottle, first_s=500))
    site = await start_site("--rate", "5")
    room = await site.browser().new_room(password="p")
    guest = site.browser()
    for number in range(5):
        wrong = (
            guest.get(f"/room/{room}?password=x")
            if number % 2
            else guest.post(f"/room/{room}/enter", {"password": "x"})
        )
        assert (await wrong).lobby_error == WrongPassword.text
    page = await guest.post(f"/room/{room}/enter", {"password": "p"})
    assert page.status == 429
    assert int(page.headers["Retry-After"]) >= 1
    assert (await guest.get(f"/room/{room}?password=p")).lobby_error == TooFast.text
    refused = await guest.get(f"/room/{room}?password=p", JSON)
    assert refused.refusal == (429, "too_fast")
    assert isinstance(refused.json["retry_after"], float)


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (NoSuchRoom(), 404),
        (WrongPassword(), 403),
        (RoomFull(), 409),
        (Kicked(), 403),
        (Banned(), 403),
        (TooFast(retry_after=1.5), 429),
    ],
    ids=lambda value: getattr(value, "code", None),
)
async def test_a_refused_visitor_sees_the_reason_in_the_lobby(
    site: Site, monkeypatch: pytest.MonkeyPatch, refusal: DomainError, status: int
) -> None:
    async def admit(*_: object) -> None:
        raise refusal

    monkeypatch.setattr(ChatService, "admit", admit)
    room = NOBODYS
    for query in ("", "?password=x"):
        assert (await site.browser().get(f"/room/{room}{query}")).lobby_error == refusal.text
        assert (await site.program().get(f"/room/{room}{query}")).refusal == (status, refusal.code)
    entering = await site.browser().post(f"/room/{room}/enter", {"password": "x"})
    if isinstance(refusal, TooFast):
        assert (entering.status, entering.headers["Retry-After"]) == (429, "2")
    else:
        assert entering.lobby_error == refusal.text
    assert (await site.program().post(f"/room/{room}/enter")).refusal == (status, refusal.code)


async def test_a_room_is_described_as_json(site: Site) -> None:
    program = site.program()
    room = await program.new_room("방", max=3)
    await say(program, room, "안녕")
    described = (await program.get(f"/room/{room}")).json
    assert (
        isinstance(described["room"], dict)
        and isinstance(described["chats"], list)
        and isinstance(described["seq"], int)
    )
    assert (described["room"]["_id"], described["room"]["max"], described["more"]) == (room, 3, False)
    assert [record["chat"] for record in described["chats"]] == ["안녕"]
    assert described["seq"] == described["chats"][-1]["seq"]
    page = (await site.browser().get(f"/room/{room}")).text
    assert f'data-epoch="{described["epoch"]}"' in page


async def test_the_room_page_contains_the_latest_history(site: Site) -> None:
    browser = site.browser()
    room = await browser.new_room()
    await say(browser, room, *(f"chat {number}" for number in range(52)), "<script>alert(1)</script>")
    page = (await browser.get(f"/room/{room}")).text
    assert re.findall(r'data-part="text">chat (\d+)<', page) == [str(number) for number in range(3, 52)]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


# --- history


async def test_history_comes_in_pages_oldest_first(site: Site) -> None:
    program = site.program()
    room = await program.new_room()
    await say(program, room, *(str(number) for number in range(120)))
    seen: list[str] = []
    query = ""
    lengths = []
    while True:
        page = (await program.get(f"/room/{room}/chats{query}")).json
        chats = page["chats"]
        assert isinstance(chats, list)
        lengths.append(len(chats))
        seen = [record["chat"] for record in chats] + seen
        if not page["more"]:
            break
        query = f"?before={chats[0]['seq']}"
    assert seen == [str(number) for number in range(120)]
    assert lengths == [50, 50, 20]


@pytest.mark.parametrize(("limit", "found"), [("1", 1), ("200", 200), ("201", 200), ("9" * 30, 200), ("007", 7)])
async def test_a_larger_limit_is_capped(site: Site, limit: str, found: int) -> None:
    program = site.program()
    room = await program.new_room()
    await asyncio.gather(*(say(program, room, str(number)) for number in range(205)))
    page = (await program.get(f"/room/{room}/chats?limit={limit}")).json
    assert isinstance(page["chats"], list)
    assert (len(page["chats"]), page["more"]) == (found, True)


@pytest.mark.parametrize("before", ["0", "1", "9" * 18, "9" * 19, "9" * 5000])
async def test_any_whole_number_is_accepted_as_a_history_position(site: Site, before: str) -> None:
    program = site.program()
    room = await program.new_room()
    await say(program, room, "안녕")
    page = (await program.get(f"/room/{room}/chats?before={before}")).json
    assert isinstance(page["chats"], list)
    assert len(page["chats"]) == (0 if len(before) == 1 else 1)


@pytest.mark.parametrize("query", ["before=ten", "before=-1", "before=1.5", "before=", "before=%D9%A3", "before=1_0"])
@pytest.mark.parametrize("name", ["before", "limit"])
async def test_a_position_that_is_not_a_number_is_a_bad_request(site: Site, name: str, query: str) -> None:
    program = site.program()
    room = await program.new_room()
    answer = await program.get(f"/room/{room}/chats?{query.replace('before', name)}")
    assert answer.refusal == (400, "bad_request")


async def test_only_admitted_visitors_can_read_the_history(site: Site) -> None:
    room = await site.browser().new_room(password="p")
    assert (await site.program().get(f"/room/{room}/chats")).refusal == (403, "not_admitted")


# --- changes by the owner


async def test_the_owner_can_change_the_room(site: Site) -> None:
    owner, guest = site.program(), site.browser()
    room = await owner.new_room("방", password="p")
    changed = await owner.ask("PATCH", f"/room/{room}", json_body={"title": " 새 방 ", "max": 5})
    assert changed.status == 200
    assert (changed.json["title"], changed.json["max"], changed.json["password"]) == ("새 방", 5, True)
    assert (await guest.get(f"/room/{room}")).lobby_error == WrongPassword.text
    opened = await owner.ask("PATCH", f"/room/{room}", json_body={"password": None})
    assert opened.json["password"] is False
    assert (await guest.get(f"/room/{room}")).status == 200
    closed = await owner.ask("PATCH", f"/room/{room}", form={"password": "q", "max": "3"})
    assert (closed.json["password"], closed.json["max"]) == (True, 3)
    assert (await owner.ask("PATCH", f"/room/{room}", form={"password": ""})).json["password"] is False
    assert (await owner.ask("PATCH", f"/room/{room}")).json["title"] == "새 방"
    assert (await owner.ask("PATCH", f"/room/{room}", json_body={"kept": True})).json["kept"] is True
    assert (await owner.ask("PATCH", f"/room/{room}", form={"kept": "off"})).json["kept"] is False


async def test_a_sixth_kept_room_is_refused(site: Site) -> None:
    owner = site.program()
    rooms = [await owner.new_room() for _ in range(6)]
    answers = [await owner.ask("PATCH", f"/room/{room}", form={"kept": "on"}) for room in rooms]
    assert [answer.status for answer in answers] == [200] * 5 + [409]
    assert answers[-1].refusal == (409, "too_many_kept")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", None),
        ("title", "가" * 61),
        ("max", 1),
        ("max", "ten"),
        ("password", "p" * 129),
        ("kept", "maybe"),
    ],
)
async def test_an_invalid_change_changes_nothing(site: Site, field: str, value: object) -> None:
    owner = site.program()
    room = await owner.new_room("방", password="p")
    answer = await owner.ask("PATCH", f"/room/{room}", json_body={"title": "새 방", field: value})
    assert answer.refusal == (400, "invalid_room")
    assert answer.json["field"] == field
    described = (await owner.get(f"/room/{room}")).json["room"]
    assert isinstance(described, dict)
    assert (described["title"], described["max"], described["password"]) == ("방", 10, True)


async def test_only_the_owner_can_change_or_delete_the_room(site: Site) -> None:
    room = await site.browser().new_room()
    guest = site.program()
    assert (await guest.get(f"/room/{room}")).status == 200
    assert (await guest.ask("PATCH", f"/room/{room}", json_body={"title": "내 방"})).refusal == (403, "not_owner")
    assert (await guest.ask("DELETE", f"/room/{room}")).refusal == (403, "not_owner")
    page = await site.browser().ask("DELETE", f"/room/{room}")
    assert (page.status, "error-message" in page.text) == (403, True)
    assert (await guest.get(f"/room/{room}")).status == 200


async def test_only_the_owner_sees_the_list_of_kicked_visitors(site: Site) -> None:
    owner, guest = site.program(), site.program()
    room = await owner.new_room()
    described = (await guest.get(f"/room/{room}")).json
    assert "kicked" not in described
    assert (await owner.get(f"/room/{room}/kicked")).json == {"kicked": []}
    for other in (guest, site.program()):
        assert (await other.get(f"/room/{room}/kicked")).refusal == (403, "not_owner")


@pytest.mark.parametrize(("accept", "body"), [("*/*", b"ok"), ("application/json", b'{"ok":true}')])
async def test_a_deleted_room_is_gone(site: Site, accept: str, body: bytes) -> None:
    owner = site.browser(Accept=accept)
    room = await owner.new_room()
    answer = await owner.ask("DELETE", f"/room/{room}")
    assert (answer.status, answer.body) == (200, body)
    assert (await owner.ask("DELETE", f"/room/{room}", headers=JSON)).refusal == (404, "no_such_room")
    assert (await site.browser().get(f"/room/{room}")).lobby_error == NoSuchRoom.text


def test_the_courses_error_texts_are_unchanged() -> None:
    assert NoSuchRoom.text == "존재하지 않는 방입니다."
    assert WrongPassword.text == "비밀번호가 틀렸습니다."
    assert RoomFull.text == "허용 인원이 초과하였습니다."
