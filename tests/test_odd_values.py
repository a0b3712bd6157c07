"""Values that nobody sends in earnest, wherever a request has one: refused, or read as nothing, and never an error.

Each route of the table gets all of them. That nothing is logged above INFO is the fixture `expect_log`'s to check.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tornado.httputil import HTTPHeaders

from handlers.encoding import accepts
from handlers.identity import IdentityCookie
from handlers.origin import same_origin
from handlers.pages import preferred_language
from tests.client import COOKIE, Site, StartSite, site, start_site
from tests.routes import answer_to, paths, request

__all__ = ["site", "start_site"]

NOT_TEXT = b"\xff\xfe"
LONG = "x" * 20_000
DIGITS = "9" * 1000
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"

Value = str | bytes

# One value of each of these is sent at a time: none keeps another from being read.
TOGETHER: Mapping[str, Sequence[Value]] = {
    "Accept": [NOT_TEXT, LONG, ";;;q=", "application/json;q=x"],
    "Accept-Encoding": ["gzip;q=", "gzip;q=nan", "br;q=1e999", ";q=1", NOT_TEXT, "gzip," * 4000],
    "Accept-Language": ["en;q=nan", "ko;q=", "-;q=1", "en;q=1e999", NOT_TEXT, "en," * 4000],
    "Cookie": [
        *(NOT_TEXT, "=", ";;=;", "a=" * 9000, f"{COOKIE}=", f"{COOKIE}={LONG}", f'{COOKIE}="\\777"', f"{COOKIE}=2|"),
        *(f"{COOKIE}={start}" for start in (f"2|{DIGITS}:0|", "2|-1:0|10:1|7:x|1:x|x", "2|\u0662:0|", "1|2|3", "²|x")),
        f"{COOKIE}=2|1:0|10:1700000000|{len(COOKIE)}:{COOKIE}|4:===|{'0' * 64}",
    ],
    "Content-Type": [
        NOT_TEXT,
        ";",
        "multipart/form-data",
        "multipart/form-data; boundary*=utf-8''%ff",
        f"{JSON}; charset=x",
    ],
    "If-Modified-Since": ["yesterday", NOT_TEXT, "Fri, 31 Feb 2024 00:00:00 GMT", "Mon, 01 Jan 99999 00:00:00 GMT"],
    "If-None-Match": ['"', "W/", NOT_TEXT, LONG, "*, *"],
    "If-Range": ["x", NOT_TEXT, '"a"'],
    "Last-Event-ID": [DIGITS, "-1", "²", NOT_TEXT],
    "Range": ["bytes=", "bytes=-", "bytes=²-", "bytes=5-1", f"bytes={DIGITS}-", f"bytes=-{DIGITS}", NOT_TEXT, "x=0-1"],
    "Referer": ["http://[", NOT_TEXT, LONG],
    "X-Forwarded-For": ["[", NOT_TEXT, LONG, "::1%x"],
    "X-Forwarded-Proto": [NOT_TEXT, "ws", "http,https"],
}
# These keep others from being read.
ALONE: Mapping[str, Sequence[Value]] = {
    "Connection": [NOT_TEXT, "upgrade"],
    "Content-Length": ["+1", "1_0", "²", "0, 1", "-1", DIGITS, ""],
    "Expect": [NOT_TEXT],
    "Host": ["", "[", "a:b", "a@b", "%61", NOT_TEXT, LONG],
    "If-Match": ["x", NOT_TEXT],
    "Origin": ["http://[", "null", "", NOT_TEXT, LONG, f"http://here:{DIGITS}", "http://[::1%x]", "http://²"],
    "Sec-Fetch-Site": [NOT_TEXT],
    "Transfer-Encoding": ["gzip", NOT_TEXT, "chunked, chunked"],
    "Upgrade": [NOT_TEXT, "websocket"],
}
QUERIES = [
    *("%", "%ff=%ff", "=&;&", "a=1&" * 5000, "password=%ff%00", "error=%ff", f"before={DIGITS}&limit={DIGITS}"),
    *("before=%D9%A1", "limit=%b2", "q=%ff%00", f"q={LONG}", "page=%D9%A1", f"page={DIGITS}", "every_ms=%D9%A1"),
    *(
        f"every_ms={DIGITS}",
        "bytes=%ff",
        "EIO=4&transport=polling&x=%ff%00",
        "EIO=4&transport=%ff&sid=%ff",
        "\u00ff=\u00ff",
    ),
    f"EIO=4&transport=polling&sid={LONG}",
]
IDS = ["%00", "%2f..%2f", "%ff", "%", "%zz", "%ED%A0%80", "%0d%0aX:%20y", "\u00ff", "..", "\\", LONG]
METHODS = ["PROPFIND", "get", "X" * 1000, "TRACE", "CONNECT", "QUERY"]
WEBSOCKET: Mapping[str, Sequence[Value]] = {
    "Sec-WebSocket-Extensions": [NOT_TEXT, ";=;", "permessage-deflate; server_max_window_bits=x"],
    "Sec-WebSocket-Key": ["", NOT_TEXT, LONG],
    "Sec-WebSocket-Protocol": [NOT_TEXT, ",,", LONG],
    "Sec-WebSocket-Version": [NOT_TEXT, DIGITS, "13, 8"],
}
BODIES: Mapping[str, Sequence[bytes]] = {
    JSON: [
        *(b"{", b"[]", b"null", b'"x"', b"NaN", b'{"a":NaN}', b'{"max":1e999,"title":"x"}', NOT_TEXT, b"[" * 30_000),
        *(b'{"title":"\\ud800","max":2}', b'{"chat":"\\ud800","nonce":"\\ud800"}', b'{"title":"x","max":{}}'),
        *(
            b'{"title":"x","max":' + b"9" * 5000 + b"}",
            b'{"title":"x","max":"\xd9\xa1\xd9\xa0"}',
            b'{"max":2,"max":[]}',
        ),
        *(b'{"title":"x","kept":{}}', b'{"title":"x","ephemeral":[]}', b'{"password":5}', b'{"password":"\\u0000"}'),
    ],
    FORM: [b"%", b"title=%ff", b"%ff=x", b"&" * 30_000, b"title=x&max=nan", b"title=x&max=%D9%A1", b"chat=%ED%A0%80"],
    MULTIPART: [
        *(b"--x", b"--x--", b"--x\r\n\r\n\r\n--x--\r\n", b"--x\r\nContent-Disposition: \xff\r\n\r\na\r\n--x--\r\n"),
        b'--x\r\nContent-Disposition: form-data; name="chat"\r\n\r\n\xff\r\n--x--\r\n',
        b"--x\r\nContent-Disposition: form-data; name*=x''%ff; filename*=utf-8''%ff\r\n\r\nGIF89a\r\n--x--\r\n",
    ],
}


def line(name: str, value: Value) -> bytes:
    """Return a header as it is sent."""
    return name.encode() + b": " + (value if isinstance(value, bytes) else value.encode())


def heads() -> Iterator[list[bytes]]:
    """Yield the headers of requests, in which each value of TOGETHER occurs once."""
    for values in itertools.zip_longest(*TOGETHER.values()):
        yield [line(name, value) for name, value in zip(TOGETHER, values, strict=True) if value is not None]


async def assert_answers(site: Site, *requests: bytes) -> None:
    """Assert that each request has an answer, which is no error of ours."""
    for asked in requests:
        status = (await answer_to(site, asked)).status
        assert 200 <= status < 500 or status == 101, (status, asked[:300])


async def entered(site: Site) -> tuple[str, str]:
    """Return a room, and the cookie of its owner as a header."""
    browser = site.browser()
    room = await browser.new_room()
    return room, f"Cookie: {browser.identity}"


async def test_no_header_is_an_error_on_any_route(site: Site) -> None:
    room, cookie = await entered(site)
    for head in heads():
        names = {each.partition(b":")[0] for each in head}
        who = [] if b"Cookie" in names else [cookie]
        for path in paths(room):
            await assert_answers(site, request("GET", path, *who, *head))


async def test_no_header_that_is_read_first_is_an_error(site: Site) -> None:
    room, cookie = await entered(site)
    for name, value in [(name, value) for name, values in ALONE.items() for value in values]:
        for path in ("/", "/nowhere", "/ws", "/static/css/base.css", f"/room/{room}/chats", "/socket.io/?EIO=4"):
            asked = request("GET", path, cookie, line(name, value))
            await assert_answers(site, asked.replace(b"Host: here\r\n", b"") if name == "Host" else asked)


async def test_no_query_is_an_error_on_any_route(site: Site) -> None:
    room, cookie = await entered(site)
    for path, query in itertools.product(paths(room), QUERIES):
        await assert_answers(site, request("GET", f"{path}?{query}", cookie))


async def test_no_path_and_no_method_is_an_error(site: Site) -> None:
    room, cookie = await entered(site)
    for path in paths(room):
        await assert_answers(site, *(request(method, path, cookie) for method in METHODS))
    for path, odd in itertools.product({path for path in paths(room) if room in path}, IDS):
        await assert_answers(site, *(request(method, path.replace(room, odd), cookie) for method in ("GET", "POST")))
    for folder, odd in itertools.product(("", "/gif", "/static", "/socket.io", "/fragments/0/ko"), IDS):
        await assert_answers(site, request("GET", f"{folder}/{odd}", cookie))


async def test_no_body_is_an_error(site: Site) -> None:
    room, cookie = await entered(site)
    targets = [("POST", "/room"), ("PATCH", f"/room/{room}")]
    targets += [("POST", f"/room/{room}/{what}") for what in ("chat", "enter", "gif")]
    for content_type, bodies in BODIES.items():
        for body, (method, path) in itertools.product(bodies, targets):
            await assert_answers(site, request(method, path, cookie, f"Content-Type: {content_type}", body=body))


@pytest.mark.parametrize("path", ["/ws", "/socket.io/?EIO=4&transport=websocket"])
async def test_no_opening_of_a_websocket_is_an_error(site: Site, path: str) -> None:
    usual = {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13"}
    for name, values in WEBSOCKET.items():
        for value in values:
            lines = [line(*each) for each in {**usual, name: value}.items()]
            await assert_answers(site, request("GET", path, "Connection: Upgrade", "Upgrade: websocket", *lines))


async def test_no_forwarded_header_of_a_trusted_proxy_is_an_error(start_site: StartSite) -> None:
    site = await start_site("--trust-proxy")
    for name in ("X-Forwarded-For", "X-Real-Ip", "X-Forwarded-Proto", "X-Scheme", "X-Forwarded-Host"):
        for value in ("", "[", ",", "a,b", NOT_TEXT, LONG, "::1%x", "http,https"):
            for path in ("/", "/metrics", "/static/css/base.css", "/socket.io/?EIO=4&transport=polling"):
                await assert_answers(site, request("GET", path, line(name, value)))


HEADER = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"))


@given(HEADER)
def test_no_text_is_an_error_where_a_header_is_read(text: str) -> None:
    same_origin(HTTPHeaders({"Origin": text.strip(), "Host": "here"}), secure=None)
    preferred_language(text)
    accepts(text)("gzip")
    cookie = IdentityCookie("a secret")
    for value in (text, f"{cookie.name}={text}", f"{cookie.name}=2|{text}"):
        headers = HTTPHeaders()
        headers["Cookie"] = value
        assert cookie.read(headers) == (None, True)
