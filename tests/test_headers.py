"""The headers of every answer, whoever writes it: each route of the table, Engine.IO, the files, Tornado's parser."""

import pytest

from tests.client import Site, site, start_site
from tests.routes import ROUTES, Answered, answer_to, methods_of, path_of, request

__all__ = ["site", "start_site"]

JSON = "Accept: application/json"
UPGRADE = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
VERSION = "Sec-WebSocket-Version: 13"
NEW = "/socket.io/?EIO=4&transport="
BY_TORNADO = "Expect: nothing"  # Engine.IO's requests, if they are not simple


def assert_protected(answered: Answered, what: object) -> None:
    """Assert that an answer has the headers that every answer has."""
    assert answered.status, f"no answer to {what}"
    headers = answered.headers
    policy = dict(part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] in ("'self'", "'none'"), what
    if policy["default-src"] == "'self'":
        assert policy["object-src"] == policy["base-uri"] == "'none'", what
    assert policy["frame-ancestors"] == "'none'" or "sandbox" in policy, what
    assert "unsafe" not in headers["Content-Security-Policy"], what
    assert headers["X-Content-Type-Options"] == "nosniff", what
    assert headers["Referrer-Policy"] == "same-origin", what
    assert "Server" not in headers, what
    if headers.get("Content-Type", "").startswith("text/html") and "Location" not in headers:
        assert headers.get("Cross-Origin-Opener-Policy") in ("same-origin", None), what
        assert "camera=()" in headers["Permissions-Policy"], what


async def test_every_route_protects_its_answers(site: Site) -> None:
    room = await site.browser().new_room()
    for route in ROUTES:
        path = path_of(route, room)
        for method in methods_of(route):
            for line in (
                "Accept: text/html",
                JSON,
                *(("Range: bytes=0-1", "If-None-Match: *") if method == "GET" else ()),
            ):
                asked = request(method, path, line)
                assert_protected(await answer_to(site, asked), asked)
        foreign = request("GET", path, host="evil.example")
        assert_protected(await answer_to(site, foreign), foreign)


@pytest.mark.parametrize("how", [(), (BY_TORNADO,)], ids=["direct", "by Tornado"])
async def test_engine_io_protects_its_answers(site: Site, how: tuple[str, ...]) -> None:
    expected = {
        request("GET", f"{NEW}polling", *how): 200,
        request("GET", f"{NEW}polling&sid=none", *how): 400,
        request("POST", f"{NEW}polling", *how, body=b"40"): 400,
        request("GET", f"{NEW}nothing", *how): 400,
        request("GET", "/socket.io/?EIO=3&transport=polling", *how): 400,
        request("GET", f"{NEW}polling", "Origin: http://evil.example", *how): 403,
        request("GET", f"{NEW}polling", *how, host="evil.example"): 421,
        request("POST", f"{NEW}polling&sid=none", *how, host="evil.example", body=b"x" * 2_000_000): 421,
        request("OPTIONS", f"{NEW}polling", *how): 400,
        request("HEAD", f"{NEW}polling", *how): 400,
        request("GET", f"{NEW}websocket", *how, *UPGRADE, VERSION): 101,
        request("GET", f"{NEW}websocket", *how, *UPGRADE, "Sec-WebSocket-Version: 12"): 426,
        request("GET", f"{NEW}websocket", *how, *UPGRADE[1:], VERSION): 400,
    }
    for asked, status in expected.items():
        answered = await answer_to(site, asked)
        assert answered.status == status, asked
        assert_protected(answered, asked)


async def test_a_lessons_websocket_protects_its_answers(site: Site) -> None:
    for lines, status in [
        ((*UPGRADE, VERSION), 101),
        ((*UPGRADE, "Sec-WebSocket-Version: 12"), 426),
        ((*UPGRADE[1:], VERSION), 400),
        ((*UPGRADE, VERSION, "Origin: http://evil.example"), 403),
    ]:
        answered = await answer_to(site, request("GET", "/ws", *lines))
        assert answered.status == status, lines
        assert_protected(answered, lines)


@pytest.mark.parametrize(
    ("host", "trusted"),
    [
        *(("127.0.0.1:8005", True), ("[::1]", True), ("LocalHost", True), ("a.localhost:80", True)),
        *(("192.168.0.12", False), ("pc", False), ("localhost.lan", False), ("evil.example", False)),
    ],
)
async def test_a_page_holds_no_handle_of_another_site(site: Site, host: str, trusted: bool) -> None:
    """Where browsers trust no plain HTTP, they only complain of the header."""
    headers = (await answer_to(site, request("GET", "/", host=host))).headers
    assert headers.get("Cross-Origin-Opener-Policy") == ("same-origin" if trusted else None)


async def test_a_file_protects_its_answers(site: Site) -> None:
    path = "/static/css/base.css"
    etag = (await answer_to(site, request("GET", path))).headers["Etag"]
    modified = "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT"
    for line, status in [
        (f"If-None-Match: {etag}", 304),
        (modified, 304),
        ("Range: bytes=0-1", 206),
        ("Range: bytes=999999999-", 416),
    ]:
        answered = await answer_to(site, request("GET", path, line))
        assert answered.status == status, line
        assert_protected(answered, line)


MALFORMED = [
    b"nonsense\r\n\r\n",
    b"GET /\r\n\r\n",
    b"GET / HTTP/3.0\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a:b\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n",
    b"GET http://a:b/ HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST /room HTTP/1.1\r\nHost: a\r\nContent-Length: ten\r\n\r\n",
    b"POST /room HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n",
    b"POST /room HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
    b"POST /room HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    b"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\n\r\n",
]


@pytest.mark.parametrize("missing", [b"\r\n\r\n", b""], ids=["endless", "whole"])
@pytest.mark.parametrize("path", ["/", f"{NEW}polling"])
async def test_a_head_that_is_too_long_is_refused_and_protected(site: Site, path: str, missing: bytes) -> None:
    """Before it ends, or when its end comes together with what is too much."""
    answered = await answer_to(site, request("GET", path, f"X: {'x' * 66_000}").removesuffix(missing))
    assert answered.status == 431
    assert_protected(answered, path)


@pytest.mark.parametrize("malformed", MALFORMED)
async def test_the_parsers_refusal_is_protected(site: Site, malformed: bytes) -> None:
    answered = await answer_to(site, malformed)
    assert answered.status == 400
    assert answered.headers["Connection"] == "close"
    assert_protected(answered, malformed)
