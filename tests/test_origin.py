"""The host and the origin of a request: first the rule, then every route."""

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import NamedTuple

import pytest
from tornado.httputil import HTTPHeaders, HTTPInputError, RequestStartLine

from handlers.origin import addressed, same_origin
from tests.client import GIF_PART, Browser, Site, StartSite, multipart, site, start_site

__all__ = ["site", "start_site"]


# --- the rule


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://school.local", "school.local"),
        ("http://school.local", "school.local:80"),
        ("http://school.local:80", "school.local"),
        ("http://school.local", "school.local:"),
        ("https://school.local", "school.local:443"),
        ("https://school.local:443", "school.local"),
        ("https://school.local", "school.local"),  # HTTPS at a proxy that sends no header about it
        ("https://school.local:8443", "school.local:8443"),
        ("http://school.local:8005", "school.local:08005"),
        ("http://school.local", "SCHOOL.Local"),
        ("HTTP://School.local", "school.local:80"),
        ("http://school.local", "school.local."),
        ("http://school.local.", "school.local"),
        ("http://school.local/", "school.local"),
        ("ws://school.local:8005", "school.local:8005"),  # as some WebSocket programs send it
        ("wss://school.local", "school.local:443"),
        ("http://192.168.0.12:8005", "192.168.0.12:8005"),
        ("http://[fd00::2]", "[fd00::2]:80"),
        ("http://[fd00::2]:8005", "[FD00:0:0::2]:8005"),
        ("http://xn--9n2bp8q.local:8005", "xn--9n2bp8q.local:8005"),
    ],
)
def test_equivalent_spellings_of_an_origin_match(origin: str, host: str) -> None:
    assert same_origin(HTTPHeaders({"Origin": origin, "Host": host}), secure=None)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://evil.example", "school.local"),
        ("http://school.local.evil.example", "school.local"),
        ("http://evil.school.local", "school.local"),
        ("http://school.local:8080", "school.local:8005"),
        ("http://school.local:8005", "school.local"),
        ("http://school.local", "school.local:8005"),
        ("http://school.local", "school.local:443"),
        ("https://school.local", "school.local:80"),
        ("http://school.local@evil.example", "school.local"),
        ("http://evil.example#@school.local", "school.local"),
        ("http://evil.example\\@school.local", "school.local"),
        ("http://school.local,evil.example", "school.local"),
        ("http://school.local, http://evil.example", "school.local"),
        ("http://school.local http://evil.example", "school.local"),
        ("http://school.\tlocal", "school.local"),
        ("http://[fd00::2]", "[fd00::3]"),
        ("http://fd00::2", "[fd00::2]"),
        ("ftp://school.local", "school.local"),
        ("chrome-extension://school.local", "school.local"),
        ("file://", "school.local"),
        ("null", "school.local"),
        ("null", "null"),
        ("", ""),
        ("", "school.local"),
        ("school.local", "school.local"),
        ("//school.local", "school.local"),
        ("http:school.local", "school.local"),
        ("http://", ""),
        ("http://[", "["),
        ("http://[", "school.local"),
        ("http://]", "school.local"),
        ("http://[]", "[]"),
        ("http://[::", "school.local"),
        ("http://[1.2.3.4]", "[1.2.3.4]"),
        ("http://127.1", "127.1"),
        ("http://school%2elocal", "school%2elocal"),
        ("http://학교.local", "학교.local"),
        ("http://school..local", "school..local"),
        ("http://[fd00::2]x", "[fd00::2]"),
        ("http://school.local:", "school.local:8005"),
        ("http://school.local:-80", "school.local"),
        ("http://school.local:999999", "school.local:999999"),
        ("http://school.local", "school.local, school.local"),
    ],
)
def test_another_origin_or_an_invalid_one_is_refused(origin: str, host: str) -> None:
    headers = HTTPHeaders({"Origin": origin, "Host": host})
    assert not any(same_origin(headers, secure=secure) for secure in (None, False, True))


@pytest.mark.parametrize(("secure", "own", "other"), [(True, "https", "http"), (False, "http", "https")])
def test_the_scheme_counts_where_it_is_known(secure: bool, own: str, other: str) -> None:
    def same(origin: str) -> bool:
        return same_origin(HTTPHeaders({"Origin": origin, "Host": "school.local"}), secure=secure)

    assert same(f"{own}://school.local")
    assert not same(f"{other}://school.local")
    assert not same(f"{other}://school.local:{443 if secure else 80}")


@pytest.mark.parametrize("secure", [None, False, True])
def test_without_origin_sec_fetch_site_decides_and_without_both_a_request_passes(secure: bool) -> None:
    assert same_origin(HTTPHeaders(), secure=secure)
    for said in ("same-origin", "none", "same-site", "cross-site", "", "x"):
        headers = HTTPHeaders({"Host": "school.local", "Sec-Fetch-Site": said})
        assert same_origin(headers, secure=secure) is (said in ("same-origin", "none"))


def asked(target: str, *, trust_proxy: bool = False, version: str = "HTTP/1.1", **headers: str) -> tuple[str, str]:
    """Return the path and the host to which a request is attributed."""
    given = HTTPHeaders({name.replace("_", "-"): value for name, value in headers.items()})
    return addressed(RequestStartLine("GET", target, version), given, trust_proxy=trust_proxy).path, given["Host"]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/room/x?a=http://b/", ("/room/x?a=http://b/", "own")),
        ("//room", ("//room", "own")),
        ("*", ("*", "own")),
        ("http://host:8005/room/x?a=b/c", ("/room/x?a=b/c", "host:8005")),
        ("HTTP://Host/room", ("/room", "Host")),
        ("https://host/", ("/", "host")),
        ("ws://host/ws", ("/ws", "host")),
        ("http://host", ("/", "host")),
        ("http://host?error=x", ("/?error=x", "host")),
        ("http://[fd00::2]:8005//x", ("//x", "[fd00::2]:8005")),
        ("ftp://host/x", ("ftp://host/x", "own")),
        ("host:8005", ("host:8005", "own")),
    ],
)
def test_an_absolute_target_sets_the_host_and_the_path(target: str, expected: tuple[str, str]) -> None:
    assert asked(target, Host="own") == expected


def test_only_http_1_0_needs_no_host_header() -> None:
    assert asked("http://host/x", version="HTTP/1.0") == ("/x", "host")
    for target in ("/x", "http://host/x"):
        with pytest.raises(HTTPInputError):
            asked(target)


@pytest.mark.parametrize(
    "target", ["http:///x", "http://user:word@host/x", "http://[/x", "http://a b/x", "http://a,b/"]
)
def test_an_absolute_target_with_an_invalid_host_is_malformed(target: str) -> None:
    with pytest.raises(HTTPInputError):
        asked(target, Host="own")


@pytest.mark.parametrize(
    "host", ["", "user@host", "host:port", "host:70000", "[::", "a b", "%68ost", "a..b", "127.1", "é"]
)
def test_a_host_that_cannot_be_read_is_malformed(host: str) -> None:
    with pytest.raises(HTTPInputError):
        asked("/", Host=host)
    with pytest.raises(HTTPInputError):
        asked("/", trust_proxy=True, Host="own", X_Forwarded_Host=host or "]")


@pytest.mark.parametrize("target", ["/", "http://a/"])
def test_a_request_with_two_host_headers_is_malformed(target: str) -> None:
    headers = HTTPHeaders({"Host": "a"})
    headers.add("Host", "b")
    with pytest.raises(HTTPInputError):
        addressed(RequestStartLine("GET", target, "HTTP/1.1"), headers, trust_proxy=False)


def test_forwarded_headers_count_only_from_a_trusted_proxy() -> None:
    forwarded = "forged.example, school.local:8443"
    assert asked("/", Host="own", X_Forwarded_Host=forwarded) == ("/", "own")
    assert asked("/", trust_proxy=True, Host="own", X_Forwarded_Host=forwarded) == ("/", "school.local:8443")
    assert asked("http://a/x", trust_proxy=True, Host="own", X_Forwarded_Host=forwarded) == ("/x", "school.local:8443")
    assert asked("/", trust_proxy=True, Host="own", X_Forwarded_Host=" ") == ("/", "own")


# --- every route


class Reply(NamedTuple):
    """The answer to a request."""

    status: int
    headers: HTTPHeaders
    body: str


async def ask(
    site: Site, target: str, headers: Mapping[str, str] = {}, *, method: str = "GET", body: bytes = b""
) -> Reply:
    """Send exactly this request and return the answer; a WebSocket is closed after its handshake."""
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    reader, writer = await site.raw("\r\n".join([*lines, "", ""]).encode() + body)
    try:
        async with asyncio.timeout(30):
            head, _, rest = (await reader.readuntil(b"\r\n\r\n")).decode().partition("\r\n")
            answered = HTTPHeaders.parse(rest)
            content = await reader.readexactly(int(answered.get("Content-Length", 0)))
        return Reply(int(head.split()[1]), answered, content.decode("utf-8", "replace"))
    finally:
        writer.close()


UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
NEW = "/socket.io/?EIO=4&transport="


async def assert_all_answer(site: Site, base: str, headers: Mapping[str, str], how: Mapping[str, int]) -> None:
    """Request every kind of route under the target `base` with `headers`, and check its status against `how`."""
    opened = await ask(site, f"{NEW}polling", {"Host": "x"})
    sid = json.loads(opened.body[1:])["sid"]
    room = await site.program().new_room()
    cookie = {"Cookie": (await entered(site, room)).identity, "Accept": "application/json"}
    with_cookie, session = {**headers, **cookie}, f"{NEW}polling&sid={sid}"
    form = multipart("edge", GIF_PART)
    form_type = {"Content-Type": "multipart/form-data; boundary=edge"}
    fields = {"Content-Type": "application/x-www-form-urlencoded"}
    results = {
        "page": (await ask(site, f"{base}/", headers)).status,
        "room": (await ask(site, f"{base}/room/{room}", with_cookie)).status,
        "nothing": (await ask(site, f"{base}/nothing", headers)).status,
        "image": (await ask(site, f"{base}/gif/nothing.gif", headers)).status,
        "health": (await ask(site, f"{base}/healthz", headers)).status,
        "metrics": (await ask(site, f"{base}/metrics", headers)).status,
        "static": (await ask(site, f"{base}/static/css/base.css", headers)).status,
        "client": (await ask(site, f"{base}/socket.io/socket.io.js", headers)).status,
        "handshake": (await ask(site, f"{base}{NEW}polling", headers)).status,
        "post": (await ask(site, f"{base}{session}", headers, method="POST", body=b"40/room,")).status,
        "poll": (await ask(site, f"{base}{session}", headers)).status,
        "websocket": (await ask(site, f"{base}{NEW}websocket", {**headers, **UPGRADE})).status,
        "upgrade": (await ask(site, f"{base}{NEW}websocket&sid={sid}", {**headers, **UPGRADE})).status,
        "lesson": (await ask(site, f"{base}/lessons/poll", headers)).status,
        "lesson's websocket": (await ask(site, f"{base}/ws", {**headers, **UPGRADE})).status,
        "lesson's websocket at /": (await ask(site, f"{base}/?every_ms=500", {**headers, **UPGRADE})).status,
        "form": (
            await ask(site, f"{base}/room/{room}/chat", with_cookie | fields, method="POST", body=b"chat=a")
        ).status,
        "upload": (
            await ask(site, f"{base}/room/{room}/gif", with_cookie | form_type, method="POST", body=form)
        ).status,
    }
    assert results == {name: how.get(name, how[""]) for name in results}


async def entered(site: Site, room: str) -> Browser:
    """Return a visitor who is admitted to the room."""
    browser = site.browser()
    assert (await browser.get(f"/room/{room}")).status == 200
    return browser


OPEN = {
    "": 200,
    "nothing": 404,
    "image": 404,
    "websocket": 101,
    "upgrade": 101,
    "lesson's websocket": 101,
    "lesson's websocket at /": 101,
}
OF_NO_EFFECT = ("page", "room", "health", "metrics", "static", "client")
REFUSED = {"": 403, **dict.fromkeys(OF_NO_EFFECT, 200), "nothing": 404, "image": 404}
FOREIGN = {"": 421}


async def test_every_route_accepts_an_absolute_target(site: Site) -> None:
    own = f"127.0.0.1:{site.port}"
    await assert_all_answer(site, f"http://{own}", {"Host": own}, OPEN)
    await assert_all_answer(site, f"HTTP://{own}", {"Host": "elsewhere.example", "Origin": f"http://{own}"}, OPEN)
    await assert_all_answer(site, "http://elsewhere.local", {"Host": own, "Origin": f"http://{own}"}, REFUSED)
    await assert_all_answer(site, "http://elsewhere.example", {"Host": own, "Origin": f"http://{own}"}, FOREIGN)


async def test_an_absolute_target_does_not_leak_into_a_redirect(site: Site) -> None:
    room = await site.program().new_room(password="a word")
    reply = await ask(site, f"http://elsewhere.local/room/{room}", {"Host": "x"})
    assert reply.status == 302
    assert reply.headers["Location"].startswith("/?error=")


@pytest.mark.parametrize("path", ["/", f"{NEW}polling&sid=x", f"{NEW}polling", "/room"])
async def test_a_malformed_absolute_target_is_a_bad_request(
    site: Site, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    reply = await ask(site, f"http://user:secret@host{path}", {"Host": "host"})
    assert reply.status == 400
    assert "secret" not in caplog.text


async def test_a_default_port_is_the_same_origin(site: Site) -> None:
    await assert_all_answer(site, "", {"Host": "school.local:80", "Origin": "http://School.local"}, OPEN)
    await assert_all_answer(site, "", {"Host": "school.local", "Origin": "https://school.local:443"}, OPEN)
    await assert_all_answer(site, "", {"Host": "school.local:443", "Origin": "http://school.local"}, REFUSED)


async def test_every_route_refuses_an_invalid_origin(site: Site) -> None:
    await assert_all_answer(site, "", {"Host": "school.local", "Origin": "http://["}, REFUSED)


async def test_a_trusted_proxys_forwarded_host_is_used(start_site: StartSite) -> None:
    forwarded = {"Host": "127.0.0.1:8005", "X-Forwarded-Host": "school.local", "X-Forwarded-Proto": "https"}
    own, other = {**forwarded, "Origin": "https://school.local"}, {**forwarded, "Origin": "http://127.0.0.1:8005"}
    site = await start_site("--trust-proxy")
    await assert_all_answer(site, "", own, OPEN)
    await assert_all_answer(site, "", other, REFUSED)
    await assert_all_answer(site, "", {**forwarded, "Origin": "http://school.local"}, REFUSED)
    plain = {**own, "X-Forwarded-Proto": "http"}
    await assert_all_answer(site, "", plain, REFUSED)
    await assert_all_answer(site, "", {**plain, "Origin": "http://school.local"}, OPEN)
    assert "; Secure" in (await ask(site, "/", own)).headers["Set-Cookie"]


async def test_an_untrusted_forwarded_scheme_is_ignored(site: Site) -> None:
    told = {"Host": "school.local", "X-Forwarded-Proto": "http", "X-Scheme": "http"}
    await assert_all_answer(site, "", {**told, "Origin": "https://school.local"}, OPEN)


async def test_an_untrusted_forwarded_host_is_ignored(site: Site) -> None:
    forwarded = {"Host": "127.0.0.1:8005", "X-Forwarded-Host": "school.local"}
    await assert_all_answer(site, "", {**forwarded, "Origin": "http://school.local"}, REFUSED)
