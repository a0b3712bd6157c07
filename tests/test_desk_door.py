"""Who gets to the teacher's desk, and what all others are told: always the same."""

import json
import logging
import time
from collections.abc import Mapping

import pytest
from tornado.httputil import HTTPHeaders
from tornado.web import create_signed_value

from handlers.base import Guard
from handlers.desk.cookie import AHEAD_S, LASTS_S, NAME, DeskCookie
from handlers.desk.door import GUESSES_OF_ADDRESS, INVITATIONS, INVITED_S, DeskDoor
from handlers.desk.locked import brings_token
from handlers.identity import cookies_of
from handlers.routes import Route
from realtime.chat.model import Visitor
from realtime.errors import TooFast, WrongToken
from tests.client import COOKIE, SECRET, Browser, Site, StartSite, site, start_site
from tests.doubles import ManualClock
from tests.lessons import feed, namespace, received
from tests.routes import ROUTES, path_of

__all__ = ["site", "start_site"]

TOKEN = "chalk & 분필"
QUOTED = "chalk%20%26%20%EB%B6%84%ED%95%84"
EPOCH = "0123456789abcdef"
HOUR_S = 3600


def made(cookie: DeskCookie) -> HTTPHeaders:
    """Return a request's headers with a new cookie."""
    ((_, value),) = cookie.given(secure=False)
    return HTTPHeaders({"Cookie": value.partition(";")[0]})


class Clocks:
    """A wall clock that can be set, and elapsed time that cannot."""

    def __init__(self) -> None:
        self.wall = 1_800_000_000.0
        self.elapsed = 0.0

    def pass_(self, seconds: float) -> None:
        self.wall += seconds
        self.elapsed += seconds

    def cookie(self, secret: str = SECRET, token: str = TOKEN, epoch: str = EPOCH) -> DeskCookie:
        """Return the cookie of a server that has just been started."""
        return DeskCookie(secret, token, epoch, now=lambda: self.wall, elapsed=lambda: self.elapsed)


# --- the cookie


def test_the_cookie_lasts_twelve_hours_however_the_clock_is_set() -> None:
    for set_by_s in (0, -400 * 24 * HOUR_S, 400 * 24 * HOUR_S):
        clocks = Clocks()
        cookie = clocks.cookie()
        headers = made(cookie)
        clocks.wall += set_by_s
        clocks.pass_(12 * HOUR_S - 1)
        shown = cookie.read(headers)
        assert shown is not None and shown.until == clocks.elapsed + 1
        clocks.pass_(1)
        assert cookie.read(headers) is None
        clocks.wall -= 24 * HOUR_S
        assert cookie.read(headers) is None


@pytest.mark.parametrize(
    ("age_s", "left_s"),
    [
        (0, LASTS_S),
        (5 * HOUR_S, 7 * HOUR_S),
        (LASTS_S - 1, 1),
        (LASTS_S, 0),
        (-AHEAD_S, LASTS_S),
        (-AHEAD_S - 1, 0),  # the clock was set back: it may be of any age
    ],
)
def test_after_a_restart_the_clock_tells_how_much_of_the_twelve_hours_is_left(age_s: float, left_s: float) -> None:
    clocks = Clocks()
    headers = made(clocks.cookie())
    clocks.wall += age_s
    shown = clocks.cookie().read(headers)
    assert (shown.until - clocks.elapsed if shown else 0) == left_s


def test_the_cookie_opens_no_other_server_and_is_no_other_cookie() -> None:
    clocks = Clocks()
    headers = made(clocks.cookie())
    assert clocks.cookie().read(headers) is not None
    for secret, token, epoch in (("other", TOKEN, EPOCH), (SECRET, "other", EPOCH), (SECRET, TOKEN, "other")):
        assert clocks.cookie(secret, token, epoch).read(headers) is None
    value = cookies_of(headers)[NAME]
    identity = create_signed_value(SECRET, COOKIE, "0" * 32, clock=lambda: clocks.wall).decode()
    renamed = create_signed_value(SECRET, NAME, "0" * 32, clock=lambda: clocks.wall).decode()
    for forged in ("", "x", value[:-1] + ("0" if value[-1] != "0" else "1"), identity, renamed, "2|" + "|" * 50):
        assert clocks.cookie().read(HTTPHeaders({"Cookie": f"{NAME}={forged}"})) is None, forged


# --- the token


def test_guesses_at_the_token_are_throttled_by_visitor_and_by_address() -> None:
    clock = ManualClock()
    door = DeskDoor(TOKEN, Clocks().cookie(), clock, lambda _, __: None)
    first = Visitor(1, "#000001")
    for _ in range(5):
        with pytest.raises(WrongToken):
            door.knock(first, "10.0.0.1", "wrong")
    for token in (TOKEN, "wrong"):
        with pytest.raises(TooFast):
            door.knock(first, "10.0.0.1", token)
    door.knock(Visitor(2, "#000002"), "10.0.0.1", TOKEN)
    clock.advance(10)
    door.knock(first, "10.0.0.1", TOKEN)
    for number in range(3, GUESSES_OF_ADDRESS - 2):  # with a new cookie each
        with pytest.raises(WrongToken):
            door.knock(Visitor(number, "#000003"), "10.0.0.1", "wrong")
    with pytest.raises(TooFast):
        door.knock(Visitor(99, "#000099"), "10.0.0.1", "wrong")
    door.knock(Visitor(99, "#000099"), "10.0.0.2", TOKEN)
    door.knock(Visitor(99, "#000099"), "10.0.0.1", door.invite())


def test_an_invitation_opens_the_desk_once_and_for_two_minutes() -> None:
    clock = ManualClock()
    door = DeskDoor(TOKEN, Clocks().cookie(), clock, lambda _, __: None)
    who = Visitor(1, "#000001")
    first, second = door.invite(), door.invite()
    door.knock(who, "10.0.0.1", first)
    for wrong in (first, "", "0.0"):
        with pytest.raises(WrongToken):
            door.knock(who, "10.0.0.1", wrong)
    clock.sleep(INVITED_S)
    with pytest.raises(WrongToken):
        door.knock(who, "10.0.0.1", second)
    kept = [door.invite() for _ in range(INVITATIONS + 1)]
    with pytest.raises(WrongToken):
        door.knock(Visitor(2, "#000002"), "10.0.0.1", kept[0])
    door.knock(Visitor(2, "#000002"), "10.0.0.1", kept[1])


# --- a server


async def desk(site: Site, **headers: str) -> Browser:
    """Return a browser that has opened the desk."""
    teacher = site.browser(**headers)
    assert (await teacher.get(f"/desk?token={QUOTED}")).status == 302
    return teacher


REQUESTS: tuple[tuple[str, str, Mapping[str, str], bytes], ...] = (
    ("GET", "/desk", {}, b""),
    ("HEAD", "/desk", {}, b""),
    ("GET", "/desk/", {}, b""),
    ("GET", "/desk/nowhere?token=x", {}, b""),
    ("GET", "/desk/seats", {}, b""),
    ("GET", "/desk/export/" + "0" * 24 + ".html", {}, b""),
    ("GET", "/desk/log", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, b""),
    ("POST", f"/desk?token={QUOTED}", {}, b""),
    ("POST", "/desk", {"Origin": "http://evil.example", "Content-Type": "application/json"}, b"{"),
    ("POST", "/desk", {"Origin": "not an origin"}, b"x" * 200_000),
    ("OPTIONS", "/desk", {"Origin": "http://evil.example"}, b""),
    ("PROPFIND", "/desk/%ff", {}, b""),
    ("GET", "/desk", {"Cookie": f"{NAME}=2|1:0|10:1800000000|12:gifchat_desk|4:YWFh|" + "0" * 64}, b""),
)


async def test_without_the_cookie_everything_under_desk_is_answered_alike(start_site: StartSite) -> None:
    site = await start_site("--desk-token", TOKEN)
    for method, path, headers, body in REQUESTS:
        answer = await site.program().ask(method, path, body or None, headers)
        assert answer.status == 403, (method, path)
        if method != "HEAD":
            assert answer.refusal == (403, "not_teacher"), (method, path)
        assert "Set-Cookie" not in answer.headers
        page = await site.browser().ask(method, path, body or None, headers)
        assert (page.status, page.headers["Cache-Control"]) == (403, "no-store")
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert (await site.program().get("/deskside")).refusal == (404, "not_found")


@pytest.mark.parametrize("route", [route for route in ROUTES if route.path.startswith("/desk")], ids=lambda r: r.path)
def test_every_route_of_the_desk_is_for_the_teacher(route: Route) -> None:
    expected = Guard.ARRIVING if route.only is brings_token else Guard.TEACHER
    assert set(route.guards.values()) == {expected}


async def test_no_cookie_but_the_desks_own_opens_any_of_its_routes(start_site: StartSite) -> None:
    site = await start_site("--desk-token", TOKEN)
    teacher = await desk(site)
    maker = site.program()
    epoch = str((await maker.get(f"/room/{await maker.new_room()}")).json["epoch"])
    value = teacher.cookies[NAME]
    past = DeskCookie(SECRET, TOKEN, epoch, now=lambda: time.time() - LASTS_S)
    cookies = {
        "none": "",
        "a pupil's": maker.identity,
        "the teacher's other": teacher.identity,
        "forged": f"{NAME}={value[:-1]}{'0' if value[-1] != '0' else '1'}",
        "expired": made(past)["Cookie"],
        "of another server with this token": made(DeskCookie("another", TOKEN, epoch))["Cookie"],
        "of another database": made(DeskCookie(SECRET, TOKEN, EPOCH))["Cookie"],
        "of an earlier token": made(DeskCookie(SECRET, "earlier", epoch))["Cookie"],
    }
    own = made(DeskCookie(SECRET, TOKEN, epoch))["Cookie"]
    assert (await site.program().ask("GET", "/desk", None, {"Cookie": own})).status == 200
    paths = sorted({path_of(route) for route in ROUTES if route.path.startswith("/desk")})
    assert {"/desk", "/desk/log", "/desk/seats"} <= set(paths)
    for name, cookie in cookies.items():
        for path in paths:
            for method in ("GET", "POST", "DELETE"):
                answer = await site.program().ask(method, path, None, {"Cookie": cookie} if cookie else {})
                assert answer.refusal == (403, "not_teacher"), (name, method, path)


async def test_the_token_opens_the_desk_to_one_browser(start_site: StartSite, caplog: pytest.LogCaptureFixture) -> None:
    site = await start_site("--desk-token", TOKEN)
    assert (await site.program().get("/desk?token=chalk")).refusal == (403, "wrong_token")
    assert (await site.program().get("/desk?token=")).refusal == (403, "wrong_token")
    framed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}
    answer = await site.program().ask("GET", f"/desk?token={QUOTED}", None, framed)
    assert (answer.refusal, "Set-Cookie" in answer.headers) == ((403, "forbidden"), False)

    teacher = await desk(site)
    given = (await teacher.get(f"/desk?token={QUOTED}")).headers.get_list("Set-Cookie")
    (cookie,) = [line for line in given if line.startswith(f"{NAME}=")]
    assert {"HttpOnly", "SameSite=Strict", "Path=/", f"Max-Age={LASTS_S}"} <= {
        attribute.strip() for attribute in cookie.split(";")
    }
    page = await teacher.get("/desk")
    assert (page.status, page.headers["Cache-Control"]) == (200, "no-store")
    assert (await teacher.ask("GET", "/desk", None, framed)).status == 403
    fetched = await teacher.ask("GET", "/desk", None, {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"})
    assert fetched.status == 403
    assert (await teacher.ask("POST", "/desk", headers={"Accept": "application/json"})).refusal == (405, "bad_request")
    assert (await teacher.ask("GET", "/desk/nowhere", None, {"Accept": "application/json"})).status == 404
    assert (await site.program().get("/desk")).refusal == (403, "not_teacher")
    assert QUOTED not in caplog.text and TOKEN not in caplog.text


async def test_too_many_guesses_are_refused_even_without_rate_limits(start_site: StartSite) -> None:
    """`--rate 0`, as this server has it, does not lift the desk's."""
    site = await start_site("--desk-token", TOKEN)
    guesser = site.program()
    for _ in range(5):
        assert (await guesser.get("/desk?token=wrong")).refusal == (403, "wrong_token")
    answer = await guesser.get(f"/desk?token={QUOTED}")
    assert answer.refusal == (429, "too_fast")
    assert 0 < int(answer.headers["Retry-After"]) <= 5


async def test_with_off_there_is_no_desk(start_site: StartSite) -> None:
    site = await start_site("--desk-token", "off")
    for method, path, headers, body in (*REQUESTS, ("GET", "/desk?token=off", {}, b"")):
        answer = await site.program().ask(method, path, body or None, headers)
        assert answer.status == 404, (method, path)
    assert not (site.data / "desk.key").exists()
    async with namespace(site, "/desk") as socket:
        assert await received(socket) == '44/desk,{"message":"Invalid namespace"}'


async def test_the_cookie_makes_its_holder_the_teacher_in_rooms(start_site: StartSite) -> None:
    site = await start_site("--desk-token", TOKEN)
    maker, teacher = site.browser(), await desk(site)
    room = await maker.new_room(password="비밀")
    assert (await maker.get(f"/room/{room}")).status == 200
    assert (await teacher.get(f"/room/{room}")).status == 200
    cookies = "; ".join(map("=".join, teacher.cookies.items()))
    for headers, refused in (({"Cookie": cookies}, None), ({"Cookie": maker.identity}, None), ({}, "wrong_password")):
        async with namespace(site, "/chat", **headers) as socket:
            await socket.send(f'42/chat,1["join","{room}"]')
            while not (answer := await received(socket)).startswith("43/chat,1"):
                pass
            (joined,) = json.loads(answer.removeprefix("43/chat,1"))
            assert joined.get("error") == refused
            if headers.get("Cookie") == cookies:
                assert joined["roles"] == {joined["user"]: "teacher"}
                assert joined["room"]["members"] == 0


# --- sockets


POLL = "/socket.io/?EIO=4&transport=polling"


async def polled(browser: Browser, cookie: str, connect: str) -> str:
    """Connect to /desk by long polling; return the first packet of the answer."""
    headers = {"Cookie": cookie}
    opened = await browser.ask("GET", POLL, None, headers)
    session = f"{POLL}&sid={json.loads(opened.text[1:])['sid']}"
    assert (await browser.ask("POST", session, connect, headers)).text == "ok"
    return (await browser.ask("GET", session, None, headers)).text.partition("\x1e")[0]


async def test_the_namespace_is_open_to_who_shows_the_cookie_at_the_handshake(start_site: StartSite) -> None:
    site = await start_site("--desk-token", TOKEN)
    teacher, pupil = await desk(site), site.browser()
    await pupil.get("/")
    value = teacher.cookies[NAME]
    cookies = "; ".join(f"{name}={value}" for name, value in teacher.cookies.items())
    other = made(DeskCookie("another server's", TOKEN, EPOCH))["Cookie"]
    forged = f"{NAME}={value[:-1]}{'0' if value[-1] != '0' else '1'}"
    for refused in ("", pupil.identity, teacher.identity, f"{pupil.identity}; {other}", f"{pupil.identity}; {forged}"):
        for connect in ("40/desk,", '40/desk,{"auth":"' + "x" * 70_000 + '"}'):
            answer = await polled(site.browser(), refused, connect)
            assert answer.startswith('44/desk,{"message":"'), answer
            assert json.loads(answer.removeprefix("44/desk,"))["data"]["error"] == "not_teacher"
    assert (await polled(teacher, cookies, "40/desk,")).startswith('40/desk,{"sid":')
    large = await polled(teacher, cookies, '40/desk,{"auth":"' + "x" * 70_000 + '"}')
    assert json.loads(large.removeprefix("44/desk,"))["data"]["error"] == "bad_request"


async def test_nothing_that_describes_the_server_tells_of_the_desk(
    start_site: StartSite, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "gifchat.wire")
    site = await start_site("--desk-token", TOKEN, "--debug")
    teacher, pupil = await desk(site), site.browser()
    await pupil.new_room()
    caplog.clear()
    async with namespace(site, "/desk", Cookie="; ".join(map("=".join, teacher.cookies.items()))) as socket:
        assert (await received(socket)).startswith('40/desk,{"sid":')
        await socket.send('42/desk,1["freeze",{"room":null,"on":true}]')
        await socket.send('42/desk,2["said",{"user":"#000000"}]')
        while not (await received(socket)).startswith("43/desk,2"):
            pass
        log = (await teacher.get("/desk/log")).json["log"]
        assert isinstance(log, list) and [entry["did"] for entry in log] == ["freeze"]
        async with feed(site) as watching:
            assert [branch["name"] for branch in await watching.event("tree")] == ["/chat", "/room", "/", "/lessons"]
        assert (await pupil.get("/desk")).status == 403
        assert (await pupil.get("/desk?token=wrong")).status == 403
        metrics = (await pupil.get("/metrics")).text
        assert not any(word in metrics for word in ("desk", "teacher", "token"))
        assert (await pupil.ask("GET", "/join", None, {"Accept": "application/json"})).json["people"] == 0
    wire = [record.getMessage() for record in caplog.records if record.name == "gifchat.wire"]
    assert any("> EVENT /lessons" in line for line in wire)
    assert not any("/desk" in line for line in wire)
