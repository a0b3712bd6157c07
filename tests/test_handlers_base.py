"""Common to all routes: identity, guards, errors, limits, languages, the log."""

import asyncio
import inspect
import logging
import re
import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
import tornado.web
from tornado.web import create_signed_value, decode_signed_value

import handlers.site
from db.connection import Database, Row
from handlers.base import BaseHandler, Guard
from handlers.exchange import Endpoint
from handlers.identity import IdentityCookie
from handlers.peer import Peers
from handlers.routes import Route, make_app, routes
from handlers.statuses import STATUS
from realtime.chat.service import ChatService
from realtime.deferred import Deferred, failed
from realtime.engineio.server import Server
from realtime.errors import DomainError, Internal, NoSuchRoom
from realtime.hub import Hub
from realtime.socketio.connection import acceptor
from tests.client import COOKIE, SECRET, Browser, Site, StartSite, site, start_site
from tests.conftest import ExpectLog

__all__ = ["site", "start_site"]

JSON = {"Accept": "application/json"}
DAY_S = 24 * 3600
MIB = 1024 * 1024


async def colour(browser: Browser) -> str:
    """Return the colour under which the server knows this browser."""
    answer = await browser.ask("POST", "/room", headers=JSON, json_body={"title": "방"})
    return str(answer.json["owner"])


# --- identity


async def test_a_visitor_keeps_their_identity(site: Site) -> None:
    browser, other = site.browser(), site.browser()
    await browser.get("/")
    first = dict(browser.cookies)
    assert await colour(browser) == await colour(browser)
    assert browser.cookies == first
    assert await colour(browser) != await colour(other)


async def test_the_cookie_is_http_only_and_same_site(site: Site) -> None:
    set_cookie = (await site.browser().get("/")).headers["Set-Cookie"]
    name, *attributes = [part.strip() for part in set_cookie.split(";")]
    assert re.fullmatch(r"gifchat-[0-9a-f]{8}=[^\s\",;\\]+", name)  # python-socketio would quote quotes again
    # To a client whose clock is ahead, Expires may lie in the past; Max-Age does not depend on its clock.
    assert {"HttpOnly", "SameSite=Lax", "Path=/", f"Max-Age={30 * DAY_S}"} <= set(attributes)
    assert any(attribute.startswith("expires=") for attribute in attributes)
    assert "Secure" not in attributes  # plain HTTP on a LAN: the browser would not keep it


@pytest.mark.parametrize(
    "path", ["/static/css/base.css", "/healthz", "/metrics", "/socket.io/socket.io.js", "/nowhere"]
)
async def test_routes_without_identity_set_no_cookie(site: Site, path: str) -> None:
    assert "Set-Cookie" not in (await site.browser().get(path)).headers


def bad_cookies(valid: str) -> dict[str, str]:
    """Return invalid cookies made from a valid one."""
    return {
        "empty": "",
        "nonsense": "nonsense",
        "quotes": '"""',
        "truncated": valid[: len(valid) // 2],
        "one short": valid[:-1],
        "forged": valid[:-3] + ("fff" if valid[-3:] != "fff" else "000"),
        "of another key": create_signed_value("another", COOKIE, "0" * 32).decode(),
        "of another name": create_signed_value(SECRET, "other", "0" * 32).decode(),
        "bars": "2|" + "|" * 100,
        "lengths": f"2|99999:0|10:1|16:{COOKIE}|1:x|0",
        "no ASCII": "\xff\xfe",
        "long": "x" * 8000,
        "of Tornado's first kind": create_signed_value(SECRET, COOKIE, "0" * 32, version=1).decode(),
        "forged, of that kind": f"MDAw|{int(time.time())}|{'0' * 40}",
    }


@pytest.mark.parametrize("kind", bad_cookies(""))
async def test_a_bad_cookie_makes_a_new_visitor(site: Site, kind: str) -> None:
    known = site.browser()
    await known.get("/")
    valid = known.cookies[COOKIE].strip('"')
    stranger = site.browser(Cookie=f'{COOKIE}="{bad_cookies(valid)[kind]}"')
    assert (await stranger.get("/")).status == 200
    assert stranger.cookies[COOKIE].strip('"') != valid
    assert decode_signed_value(SECRET, COOKIE, stranger.cookies[COOKIE].strip('"')) != decode_signed_value(
        SECRET, COOKIE, valid
    )


def cookie_of(browser: Browser, days_ago: float, name: str = COOKIE) -> str:
    """Return the browser's cookie as if it had been issued some days ago."""
    session = decode_signed_value(SECRET, COOKIE, browser.cookies[COOKIE].strip('"'))
    assert session is not None
    return create_signed_value(SECRET, name, session, clock=lambda: time.time() - days_ago * DAY_S).decode()


@pytest.mark.parametrize(
    ("days_ago", "renewed"),
    [(0.5, False), (-0.5, False), (2, True), (29, True), (4000, True), (-2, True), (-4000, True)],
)
async def test_a_returning_visitor_keeps_their_identity_and_the_cookie_is_renewed(
    site: Site, days_ago: float, renewed: bool
) -> None:
    """Whatever the server's clock showed when the cookie was issued: it may have been corrected since."""
    browser = site.browser()
    before = await colour(browser)
    browser.cookies[COOKIE] = old = cookie_of(browser, days_ago)
    assert ("Set-Cookie" in (await browser.get("/")).headers) is renewed
    assert (browser.cookies[COOKIE] != old) is renewed
    assert await colour(browser) == before


async def test_a_cookie_with_the_old_name_is_migrated_once(site: Site) -> None:
    """Also by a handshake, whose answer sets the new cookie and deletes the old one."""
    for path in ("/", "/socket.io/?EIO=4&transport=polling"):
        browser = site.browser()
        before = await colour(browser)
        browser.cookies = {"gifchat": cookie_of(browser, 3, "gifchat")}
        given, ended = sorted((await browser.get(path)).headers.get_list("Set-Cookie"))
        assert ended == 'gifchat=""; expires=Fri, 01 Jan 1971 00:00:00 GMT; Max-Age=-1; Path=/'
        assert given.startswith(f"{COOKIE}=")
        del browser.cookies["gifchat"]
        assert await colour(browser) == before
        assert "Set-Cookie" not in (await browser.get("/")).headers


async def test_another_servers_cookie_with_the_old_name_is_left_alone(site: Site) -> None:
    browser = site.browser()
    browser.cookies["gifchat"] = create_signed_value("another key", "gifchat", "0" * 32).decode()
    (given,) = (await browser.get("/")).headers.get_list("Set-Cookie")
    assert given.startswith(f"{COOKIE}=")


# --- guards


# The parts of a Site that the route table reads.
NO_SITE = cast(handlers.site.Site, SimpleNamespace(images=SimpleNamespace(folder=Path()), debug=False, desk=None))
TABLE = routes(NO_SITE)


@pytest.mark.parametrize("route", TABLE, ids=lambda route: route.path)
def test_every_route_has_a_guard_for_each_of_its_methods(route: Route) -> None:
    own = {
        method
        for method in ("GET", "POST", "PATCH", "PUT", "DELETE", "OPTIONS")
        if getattr(route.handler, method.lower()) is not getattr(tornado.web.RequestHandler, method.lower())
    }
    assert set(route.guards) == own
    assert all(isinstance(guard, Guard) for guard in route.guards.values())
    needs_room = {guard for guard in route.guards.values() if guard in (Guard.MEMBER, Guard.OWNER)}
    assert not needs_room or route.path.startswith("/room/([^/]+)")
    if route.path.startswith("/room/([^/]+)"):
        assert Guard.PUBLIC not in route.guards.values()


@pytest.mark.parametrize("route", TABLE, ids=lambda route: route.path)
def test_every_route_drains_large_bodies(route: Route) -> None:
    assert issubclass(route.handler, BaseHandler)
    assert route.handler._stream_request_body
    assert route.handler.prepare is BaseHandler.prepare or "await super().prepare()" in inspect.getsource(
        route.handler.prepare
    )


def test_only_the_transports_are_outside_the_route_table() -> None:
    """Engine.IO's requests are handled without the application."""
    endpoint = Endpoint(Server(acceptor(Hub())), lambda _, __: (None, ()), Peers())
    app = make_app(NO_SITE, endpoint, IdentityCookie(SECRET))
    targets = [rule.target for rule in app.wildcard_router.rules]
    assert targets
    assert all(isinstance(target, type) and issubclass(target, BaseHandler) for target in targets)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])
async def test_an_unsupported_method_is_answered_with_405(site: Site, method: str) -> None:
    answer = await site.program().ask(method, "/")
    assert answer.refusal == (405, "bad_request")
    assert answer.headers["Allow"] == "HEAD, GET"
    page = await site.browser().ask(method, "/")
    assert (page.status, "error-message" in page.text) == (405, True)


async def test_head_answers_like_get_without_a_body(site: Site) -> None:
    browser = site.browser()
    for path in ("/", "/room", "/healthz", "/static/css/base.css", "/nowhere"):
        got, headed = await browser.get(path), await browser.ask("HEAD", path)
        assert (headed.status, headed.body) == (got.status, b"")
        assert headed.headers["Content-Type"] == got.headers["Content-Type"]
        assert headed.headers["Content-Length"] == got.headers["Content-Length"]


# --- errors


def test_every_error_has_its_status() -> None:
    assert set(STATUS) == set(DomainError.__subclasses__())


@pytest.mark.parametrize(
    "path", ["/nowhere", "/room/", "/room/x/y", "/lessons.html", "/gif/", "/static/", "/%00", "/%ff"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_unknown_path_is_not_found(site: Site, method: str, path: str) -> None:
    assert (await site.program().ask(method, path)).refusal == (404, "not_found")
    page = await site.browser().ask(method, path)
    assert (page.status, page.headers["Content-Type"]) == (404, "text/html; charset=UTF-8")
    assert "찾을 수 없습니다." in page.text
    assert '<p class="status">404</p>' in page.text
    assert "chip" not in page.text  # nobody was asked who they are, so there is no colour to show


async def test_an_internal_error_is_answered_without_details_and_logged_once(
    site: Site, monkeypatch: pytest.MonkeyPatch, expect_log: ExpectLog, caplog: pytest.LogCaptureFixture
) -> None:
    def defective(service: ChatService) -> None:
        raise RuntimeError("a detail")

    expect_log("gifchat.http", "^GET /$")
    monkeypatch.setattr(ChatService, "lobby", defective)
    answer = await site.program().get("/?password=hunter2")
    assert answer.refusal == (500, "internal")
    assert answer.json["message"] == Internal.text
    page = await site.browser().get("/")
    assert (page.status, "a detail" in page.text) == (500, False)
    logged = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [record.name for record in logged] == ["gifchat.http"] * 2  # one for each request
    assert "a detail" in (logged[0].exc_text or "")
    assert "hunter2" not in caplog.text


async def test_on_a_disk_error_only_what_must_be_stored_is_refused(
    site: Site, monkeypatch: pytest.MonkeyPatch, expect_log: ExpectLog
) -> None:
    import sqlite3  # noqa: PLC0415  only to break it

    def broken(_: Database, __: str, ___: Sequence[object]) -> Deferred[list[Row]]:
        return failed(sqlite3.OperationalError("database or disk is full"))

    expect_log("gifchat.db", "disk is full")
    known = site.program()
    await known.get("/")
    monkeypatch.setattr(Database, "start", broken)
    new = site.program()
    assert [(await who.get("/")).status for who in (known, new)] == [200, 200]
    cookie = new.identity
    for who in (known, new):
        assert (await who.post("/room", {"title": "방"})).refusal == (507, "storage")
    monkeypatch.undo()
    assert (await new.post("/room", {"title": "방"})).status == 201
    assert new.identity == cookie


@pytest.mark.parametrize(
    ("accept", "json"),
    [
        ("application/json", True),
        ("application/json, text/plain, */*", True),
        ("text/html, Application/JSON;q=0.1", True),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", False),
        ("*/*", False),
        ("", False),
    ],
)
async def test_the_format_of_an_error_depends_on_accept_alone(site: Site, accept: str, json: bool) -> None:
    answer = await site.browser(Accept=accept).ask("DELETE", f"/room/{'0' * 24}", headers={"Accept": accept})
    assert answer.status == 404
    assert answer.headers["Content-Type"].startswith("application/json" if json else "text/html")


# --- other sites


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_request_from_another_site_is_refused(site: Site, headers: dict[str, str]) -> None:
    program = site.program()
    room = await program.new_room()
    for method, path in [("POST", "/room"), ("POST", f"/room/{room}/chat"), ("DELETE", f"/room/{room}")]:
        answer = await program.ask(method, path, b"x" * MIB, headers)
        assert answer.refusal == (403, "forbidden"), path
    assert (await program.get(f"/room/{room}")).status == 200


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "own"}]
)
async def test_requests_from_our_own_pages_and_from_programs_are_accepted(site: Site, headers: dict[str, str]) -> None:
    sent = {name: site.url if value == "own" else value for name, value in headers.items()}
    answer = await site.program().ask("POST", "/room", headers={**sent}, json_body={"title": "방"})
    assert answer.status == 201


# --- bodies over their limit


@pytest.mark.parametrize("size", [64 * 1024 + 1, 10 * MIB])
@pytest.mark.parametrize(
    ("path", "code"),
    [("/room", "too_large"), ("/room/{room}/enter", "too_large"), ("/room/{room}/chat", "chat_too_long")],
)
async def test_a_body_over_its_limit_is_drained_and_answered(site: Site, path: str, code: str, size: int) -> None:
    program = site.program()
    room = await program.new_room()
    answer = await program.ask("POST", path.format(room=room), b"x" * size, {"Content-Type": "application/json"})
    assert answer.refusal == (413, code)


async def test_a_body_of_exactly_the_limit_is_accepted(site: Site) -> None:
    body = b'{"title": "x", "more": "' + b"y" * (64 * 1024 - 26) + b'"}'
    assert len(body) == 64 * 1024
    assert (await site.program().ask("POST", "/room", body, {"Content-Type": "application/json"})).status == 201


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/room", 413),
        ("POST", "/", 405),
        ("BREW", "/room", 405),
        ("POST", "/nowhere", 404),
        ("GET", "/", 200),
        ("POST", f"/room/{'0' * 24}/chat", 404),
        ("POST", f"/room/{'0' * 24}/gif", 404),
        ("PATCH", f"/room/{'0' * 24}", 404),
        ("POST", "/static/css/base.css", 405),
        ("GET", "/healthz", 200),
    ],
)
@pytest.mark.parametrize("chunked", [False, True], ids=["with a length", "chunked"])
async def test_every_answer_comes_after_the_whole_request_and_keeps_the_connection_open(
    site: Site, method: str, path: str, status: int, chunked: bool
) -> None:
    """A client that does not read until it has sent everything must not be cut off."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nAccept: application/json\r\n"
    if chunked:
        chunk = b"10000\r\n" + bytes(0x10000) + b"\r\n"
        request = head.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 128 + b"0\r\n\r\n"
    else:
        request = head.encode() + f"Content-Length: {8 * MIB}\r\n\r\n".encode() + bytes(8 * MIB)
    reader, writer = await site.raw(request)
    try:
        for more in (True, False):
            answered = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
            assert answered.startswith(f"HTTP/1.1 {status} ".encode())
            length = re.search(rb"Content-Length: (\d+)", answered)
            assert length is not None
            await reader.readexactly(int(length[1]))
            if more:
                writer.write(request)
    finally:
        writer.close()


async def test_a_client_that_disconnects_while_sending_causes_no_error(site: Site) -> None:
    """Nothing is logged (a line would fail the test), and other clients are served."""
    for path in ("/room", "/nowhere", f"/room/{'0' * 24}/chat", f"/room/{'0' * 24}/gif", "/"):
        _, writer = await site.raw(
            f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {MIB}\r\n\r\n".encode() + bytes(200_000)
        )
        await site.browser().get("/")
        writer.transport.abort()
    assert (await site.browser().get("/")).status == 200


# --- languages, the log


@pytest.mark.parametrize(
    ("option", "header", "lang"),
    [
        ("auto", "en-US,en;q=0.9", "en"),
        ("auto", "ko-KR", "ko"),
        ("auto", "fr", "ko"),
        ("ko", "en", "ko"),
        ("en", "ko", "en"),
    ],
)
async def test_pages_are_in_the_readers_language(start_site: StartSite, option: str, header: str, lang: str) -> None:
    site = await start_site("--lang", option)
    browser = site.browser(Accept_Language=header)
    for path in ("/", "/room", "/nowhere", f"/room/{await browser.new_room()}"):
        assert f'<html lang="{lang}">' in (await browser.get(path)).text, path
    # The texts in the protocol are the course's, in any language.
    answer = await browser.get(f"/room/{'0' * 24}", JSON)
    assert answer.json["message"] == NoSuchRoom.text


async def test_the_access_log_has_no_query(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "tornado.access")
    browser = site.browser()
    room = await browser.new_room(password="right")
    await browser.get(f"/room/{room}?password=hunter2")
    lines = [record.getMessage() for record in caplog.records if record.name == "tornado.access"]
    assert re.fullmatch(rf"127\.0\.0\.1 GET /room/{room} 302 [0-9.]+ms", lines[-1])
    assert "hunter2" not in caplog.text
