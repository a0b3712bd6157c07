"""The names that a server answers to: first the rule, then the answer to another (every route: `test_origin`)."""

import asyncio
import socket
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tornado.httputil import HTTPHeaders

from lan.names import Names, read_authority, read_names
from tests.client import Site, StartSite, site, start_site
from tests.test_origin import ask

__all__ = ["site", "start_site"]

MIB = 1024 * 1024
ELSEWHERE = {"Host": "evil.example:8005", "Origin": "http://evil.example:8005"}
HANDSHAKE = "/socket.io/?EIO=4&transport=polling"


# --- the rule


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("school.local", "school.local", None),
        ("School.Local.:8005", "school.local", 8005),
        ("pc", "pc", None),
        ("my_pc:", "my_pc", None),
        ("xn--9n2bp8q.local", "xn--9n2bp8q.local", None),
        ("127.0.0.1:08005", IPv4Address("127.0.0.1"), 8005),
        ("127.0.0.1.", IPv4Address("127.0.0.1"), None),
        ("[::1]:65535", IPv6Address("::1"), 65535),
        ("[::FFFF:1.2.3.4]", IPv6Address("::ffff:1.2.3.4"), None),
    ],
)
def test_a_host_is_read(text: str, host: object, port: int | None) -> None:
    assert read_authority(text) == (host, port)


@pytest.mark.parametrize(
    "text",
    [
        *("", ".", ":", ":80", "a:65536", "a:-1", "a:x", "a:80:80", "a:８０", "a..b", ".a", "a b", "a,b", "a/b", "a\n"),
        *("user@a", "u:p@a", "%61", "a%00", "a\0", "학교.local", "é.local", "a\\b", "a#b", "a?b", "a*", "*.local"),
        *("::1", "[::1", "::1]", "[]", "[::1]x", "[::1%25eth0]", "[1.2.3.4]", "[a]", "[[::1]]"),
        *("127.1", "0177.0.0.1", "2130706433", "256.0.0.1", "1.2.3.4.5", "1..2.3"),
        *("a" * 64, ".".join(["a" * 50] * 6), "a" * 100_000),
    ],
)
def test_what_is_no_host_is_refused(text: str) -> None:
    assert read_authority(text) is None
    assert not Names(["a"], every=True).answers(text)


@given(st.text() | st.from_regex(r"[\[\]0-9a-f:.%@-]*", fullmatch=True))
def test_reading_a_host_never_fails(text: str) -> None:
    read_authority(text)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1:8005", "192.168.0.12", "8.8.8.8", "[::1]", "[fd00::2]:8005"),
        *("localhost", "LOCALHOST.:1", "a.localhost", "pc", "pc."),
        *("school.local", "School.LOCAL:8005", "a.b.lan", "pc.home.arpa", "chat.internal"),
        *("chat.school.example", "Chat.School.Example.:8005", socket.gethostname()),
    ],
)
def test_a_private_or_chosen_name_is_answered(host: str) -> None:
    assert Names(["chat.school.example"]).answers(host)


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "evil.example:8005", "evil.example.", "127.0.0.1.evil.example", "local.evil.example"),
        *("school.local.evil.example", "xlocal.example", "a.notlocal", "x.localhost.example", "127.0.0.1.nip.io"),
        *("school.example", "x.chat.school.example", "xchat.school.example", "xn--9n2bp8q.example"),
    ],
)
def test_a_name_of_the_internet_is_not_answered_unless_every_one_is(host: str) -> None:
    assert not Names(["chat.school.example"]).answers(host)
    assert Names(every=True).answers(host)


def test_this_machines_name_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    names = Names()
    assert not names.answers("laptop.school.example")
    monkeypatch.setattr(socket, "gethostname", lambda: "Laptop.School.example.")
    assert names.answers("laptop.school.example:8005")


def test_chosen_names_are_read_with_commas_between_them() -> None:
    assert read_names("") == ()
    assert read_names(" chat.school.example., PC,,학교.kr ") == ("chat.school.example", "pc", "xn--9d0b527e.kr")
    for bad in ("a:80", "http://a", "a b", "1.2.3.4", "[::1]", "*.a", "a/b", "a..b", "a" * 64 + ".kr"):
        with pytest.raises(ValueError, match="is not a name"):
            read_names(bad)


# --- the answer


async def status(site: Site, method: str, target: str, headers: Mapping[str, str]) -> int:
    """Return the status of the answer to a request without a body."""
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    reader, writer = await site.raw("\r\n".join(lines).encode())
    async with asyncio.timeout(30):
        answered = int((await reader.readline()).split()[1])
    writer.close()
    return answered


async def test_another_host_gets_what_it_asks_for_an_explanation(site: Site) -> None:
    reply = await ask(site, "/", {**ELSEWHERE, "Accept": "application/json"})
    assert reply.status == 421
    assert '"error":"wrong_host"' in reply.body
    assert "Set-Cookie" not in reply.headers
    for language, words in (("ko", "이 서버의 주소가 아닙니다"), ("en", "Type the address")):
        page = await ask(site, "/room/x?password=secret", {**ELSEWHERE, "Accept-Language": language})
        assert (page.status, page.headers["Content-Type"]) == (421, "text/html; charset=UTF-8")
        assert words in page.body
        assert "--name evil.example" in page.body
        assert f"http://127.0.0.1:{site.port}" in page.body
        assert "secret" not in page.body


async def test_another_hosts_body_is_read_off_and_the_connection_goes_on(site: Site) -> None:
    reader, writer = await site.raw(
        f"POST /room/x/gif HTTP/1.1\r\nHost: evil.example\r\nContent-Length: {10 * MIB}\r\n\r\n".encode()
    )
    writer.write(bytes(10 * MIB))
    async with asyncio.timeout(30):
        assert (await reader.readline()).split()[1] == b"421"
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(HTTPHeaders.parse(head.decode())["Content-Length"]))
        writer.write(b"HEAD / HTTP/1.1\r\nHost: here\r\n\r\n")
        assert (await reader.readline()).split()[1] == b"200"
    writer.close()


@pytest.mark.parametrize("method", ["HEAD", "POST", "PATCH", "OPTIONS", "PROPFIND", "CONNECT"])
async def test_another_host_is_refused_whatever_the_method_and_the_origin(site: Site, method: str) -> None:
    for target in ("/", "/room", HANDSHAKE, "/static/css/base.css", "*"):
        for origin in ({}, {"Origin": "http://other.example"}, {"Sec-Fetch-Site": "cross-site"}):
            assert (await status(site, method, target, {"Host": "evil.example", **origin})) == 421, target


async def test_the_host_counts_for_each_request_of_a_connection(site: Site) -> None:
    """Also where headers are remembered: a page of the internet may come by a connection that was ours."""
    async with asyncio.timeout(30):
        reader, writer = await site.raw(b"")
        for host, status in (("here", b"200"), ("here", b"200"), ("evil.example", b"421"), ("here", b"200")):
            writer.write(f"GET {HANDSHAKE} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            assert (await reader.readline()).split()[1] == status
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(HTTPHeaders.parse(head.decode())["Content-Length"]))
        writer.close()


async def test_chosen_names_are_answered(start_site: StartSite) -> None:
    site = await start_site("--name", "chat.example,학교.kr", "--name", "other.example")
    for host in ("chat.example", "xn--9d0b527e.kr", "other.example"):
        assert (await ask(site, HANDSHAKE, {"Host": host, "Origin": f"http://{host}"})).status == 200
        assert (await ask(site, "/", {"Host": host})).status == 200
    assert (await ask(site, "/", ELSEWHERE)).status == 421


async def test_an_old_request_without_a_host_is_answered(site: Site) -> None:
    reader, writer = await site.raw(b"GET /healthz HTTP/1.0\r\n\r\n")
    assert (await reader.readline()).split()[1] == b"200"
    writer.close()
