"""Invalid input over HTTP, against a running gifchat.py; over sockets: test_bad_packets.py.

Each refusal has its code, the server keeps running, and nothing half-written stays in the database or the images.
"""

import io
import socket
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from tests.server import Server, Visitor, assert_nothing_kept, running, uploads

MIB = 1024 * 1024
UNKNOWN_ROOM = "0123456789abcdef01234567"

Refusal = tuple[int, str]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server for all these tests, without throttling, so that each refusal has its own reason."""
    with running(tmp_path_factory.mktemp("bad") / "data", "--rate", "0") as server:
        yield server
        server.stop()
        assert_nothing_kept(server.data)


@pytest.fixture
def visitor(server: Server) -> Iterator[Visitor]:
    """Return a visitor, and check after the test that the server still answers."""
    yield server.visitor()
    assert server.visitor().get("/").status_code == 200


@pytest.fixture
def room(visitor: Visitor) -> str:
    """Return a room to which the visitor is admitted."""
    return visitor.room()


def refused(answer: tuple[int, dict[str, object]]) -> Refusal:
    """Check the shape of a refusal and return its status and code."""
    status, body = answer
    assert isinstance(body["message"], str)
    assert body["message"]
    return status, str(body["error"])


def gif(width: int = 2, height: int = 2, frames: int = 2) -> bytes:
    """Return a small animated GIF."""
    pictures = [Image.new("P", (width, height), color=number) for number in range(frames)]
    file = io.BytesIO()
    pictures[0].save(file, "GIF", save_all=True, append_images=pictures[1:])
    return file.getvalue()


# --- rooms


@pytest.mark.parametrize("title", ["", " ", "\t\n ", "　", "가" * 61, "t" * 10_000, None, 7, ["방"], {"a": "b"}])
def test_a_bad_title_is_refused(visitor: Visitor, title: object) -> None:
    status, body = visitor.json("POST", "/room", json={"title": title})
    assert (status, body["error"], body["field"]) == (400, "invalid_room", "title")


@pytest.mark.parametrize("title", ["", "  ", "t" * 10_000])
def test_a_bad_title_in_a_form_is_refused(visitor: Visitor, title: str) -> None:
    status, body = visitor.json("POST", "/room", data={"title": title, "max": "10"})
    assert (status, body["error"], body["field"]) == (400, "invalid_room", "title")


def test_a_missing_title_is_refused(visitor: Visitor) -> None:
    status, body = visitor.json("POST", "/room", data={"max": "10"})
    assert (status, body["error"], body["field"]) == (400, "invalid_room", "title")


@pytest.mark.parametrize("maximum", [1, 0, -3, "ten", 1e9, 1001, 2.5, "2.5", True, [2], "99999999999999999999", "²"])
def test_a_bad_maximum_is_refused(visitor: Visitor, maximum: object) -> None:
    status, body = visitor.json("POST", "/room", json={"title": "방 하나", "max": maximum})
    assert (status, body["error"], body["field"]) == (400, "invalid_room", "max")


@pytest.mark.parametrize("maximum", ["1", "0", "-3", "ten", "1e9", "1000000000", "2 people", "٣ك"])
def test_a_bad_maximum_in_a_form_is_refused(visitor: Visitor, maximum: str) -> None:
    status, body = visitor.json("POST", "/room", data={"title": "방 하나", "max": maximum})
    assert (status, body["error"], body["field"]) == (400, "invalid_room", "max")


@pytest.mark.parametrize("password", ["p" * 1000, "p" * 129, 1234, ["p"]])
def test_a_bad_password_is_refused(visitor: Visitor, password: object) -> None:
    status, body = visitor.json("POST", "/room", json={"title": "방 하나", "password": password})
    assert (status, body["error"], body["field"]) == (400, "invalid_room", "password")


def test_a_bad_room_form_is_answered_with_a_page_in_a_browser(visitor: Visitor) -> None:
    answer = visitor.post("/room", data={"title": "", "max": "10"}, headers={"Accept": "text/html"})
    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("text/html")


# --- chat


@pytest.mark.parametrize("chat", ["", " ", "\r\n\t ", "　"])
def test_an_empty_chat_is_refused(visitor: Visitor, room: str, chat: str) -> None:
    assert refused(visitor.json("POST", f"/room/{room}/chat", data={"chat": chat})) == (400, "empty_chat")
    assert refused(visitor.json("POST", f"/room/{room}/chat", json={"chat": chat})) == (400, "empty_chat")


def test_a_missing_chat_is_refused(visitor: Visitor, room: str) -> None:
    assert refused(visitor.json("POST", f"/room/{room}/chat")) == (400, "empty_chat")


@pytest.mark.parametrize("chat", [7, ["hello"], {"text": "hello"}, True])
def test_a_chat_that_is_not_text_is_refused(visitor: Visitor, room: str, chat: object) -> None:
    status, _ = refused(visitor.json("POST", f"/room/{room}/chat", json={"chat": chat}))
    assert status == 400


def test_a_chat_that_is_too_long_is_refused(visitor: Visitor, room: str) -> None:
    assert refused(visitor.json("POST", f"/room/{room}/chat", data={"chat": "가" * 2001})) == (413, "chat_too_long")


def test_a_chat_of_a_megabyte_is_read_and_answered(visitor: Visitor, room: str) -> None:
    status, _ = refused(visitor.json("POST", f"/room/{room}/chat", data={"chat": "c" * MIB}))
    assert status == 413
    status, _ = refused(visitor.json("POST", f"/room/{room}/chat", json={"chat": "c" * MIB}))
    assert status == 413


@pytest.mark.parametrize("nonce", ["", "n" * 65, "a b", "한글", "a\n"])
def test_a_bad_nonce_is_refused(visitor: Visitor, room: str, nonce: str) -> None:
    assert refused(visitor.json("POST", f"/room/{room}/chat", json={"chat": "안녕", "nonce": nonce}))[0] == 400


# --- rooms not entered, rooms that do not exist


def test_posting_to_a_room_the_visitor_has_not_entered_is_refused(server: Server, room: str) -> None:
    stranger = server.visitor()
    assert refused(stranger.json("POST", f"/room/{room}/chat", data={"chat": "안녕"})) == (403, "not_admitted")
    files = {"gif": ("a.gif", gif(), "image/gif")}
    assert refused(stranger.json("POST", f"/room/{room}/gif", files=files)) == (403, "not_admitted")
    assert refused(stranger.json("GET", f"/room/{room}/chats")) == (403, "not_admitted")


@pytest.mark.parametrize("unknown", [UNKNOWN_ROOM, "nothing", "-1", "%00", "..%2f..%2fgifchat.db", "가"])
def test_an_unknown_room_is_not_found(visitor: Visitor, unknown: str) -> None:
    codes = {"no_such_room", "not_found"}
    for method, path in [("GET", ""), ("DELETE", ""), ("POST", "/enter"), ("GET", "/chats"), ("POST", "/chat")]:
        status, code = refused(visitor.json(method, f"/room/{unknown}{path}"))
        assert (status, code in codes) == (404, True), (method, path, code)
    files = {"gif": ("a.gif", gif(), "image/gif")}
    assert refused(visitor.json("POST", f"/room/{unknown}/gif", files=files))[0] == 404


def test_an_unknown_room_redirects_a_browser_to_the_lobby(visitor: Visitor) -> None:
    answer = visitor.get(f"/room/{UNKNOWN_ROOM}", headers={"Accept": "text/html"})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/?error=")
    assert "존재하지 않는 방입니다." in visitor.get(answer.headers["Location"]).text


def test_the_lobby_shows_only_the_servers_own_error_texts(visitor: Visitor) -> None:
    assert "비밀번호를 보내세요" not in visitor.get("/", params={"error": "비밀번호를 보내세요"}).text


def test_an_unknown_path_is_not_found(visitor: Visitor) -> None:
    assert refused(visitor.json("GET", "/nowhere")) == (404, "not_found")
    assert visitor.get("/nowhere").status_code == 404


@pytest.mark.parametrize(
    "name", ["nothing.gif", "../gifchat.db", "..%2fgifchat.db", "..%2f..%2fsecret.key", "%00", "."]
)
def test_a_missing_image_is_not_found(visitor: Visitor, name: str) -> None:
    assert visitor.get(f"/gif/{name}").status_code == 404


# --- cookies


def cookies(valid: str) -> dict[str, str]:
    """Return bad cookies made of a valid one."""
    parts = valid.split("|")
    return {
        "nonsense": "nonsense",
        "empty": "",
        "truncated": valid[: len(valid) // 2],
        "one short": valid[:-1],
        "forged": valid[:-4] + ("0000" if valid[-4:] != "0000" else "1111"),
        "other value": "|".join([*parts[:-2], parts[-2][::-1], parts[-1]]),
        "not text": "\x80\xff",
        "huge": "x" * 4000,
        "bars": "2|1:0|10:1|" + "|" * 50,
        "of Tornado's first kind": "c2VjcmV0|1700000000|" + "0" * 40,
    }


@pytest.mark.parametrize("kind", cookies("2|a|b|c|d"))
def test_an_invalid_cookie_makes_a_new_visitor(server: Server, visitor: Visitor, kind: str) -> None:
    name, _, valid = server.visitor().identity().replace('"', "").partition("=")
    bad = cookies(valid)[kind]
    answer = visitor.get("/", headers={"Cookie": f'{name}="{bad}"'.encode("latin-1")})
    assert answer.status_code == 200
    fresh = visitor.cookies[name]
    assert fresh not in ("", bad, valid)


# --- images


@pytest.mark.parametrize(
    ("content", "refusal"),
    {
        "a PDF": (b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n%%EOF", (415, "not_a_gif")),
        "HTML": (b"<!doctype html><script>alert(1)</script>", (415, "not_a_gif")),
        "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', (415, "not_a_gif")),
        "a BMP": (b"BM" + bytes(200), (415, "not_a_gif")),
        "a GIF's first bytes": (b"GIF89a", (415, "not_a_gif")),
        "a GIF cut short": (gif(64, 64, 4)[:60], (415, "not_a_gif")),
        "HTML after a GIF's first bytes": (b"GIF89a<script>alert(1)</script>", (415, "not_a_gif")),
        "an empty file": (b"", (400, "no_file")),
        "5 MiB and one byte": (b"GIF89a" + bytes(5 * MIB - 5), (413, "gif_too_large")),
        "20 MiB": (b"GIF89a" + bytes(20 * MIB), (413, "gif_too_large")),
    }.values(),
    ids=["PDF", "HTML", "SVG", "BMP", "first bytes", "cut short", "HTML as GIF", "empty", "5 MiB + 1", "20 MiB"],
)
def test_an_unacceptable_file_is_refused(
    server: Server, visitor: Visitor, room: str, content: bytes, refusal: Refusal
) -> None:
    files = {"gif": ("cat.gif", content, "image/gif")}
    assert refused(visitor.json("POST", f"/room/{room}/gif", files=files)) == refusal
    assert uploads(server.data) == []


def test_an_image_with_too_many_pixels_is_refused(server: Server, visitor: Visitor, room: str) -> None:
    """A PNG of a few kilobytes that unpacks to 40,000 × 40,000 pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    size = (40_000).to_bytes(4, "big")
    header = size + size + bytes([1, 0, 0, 0, 0])
    png = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(MIB))) + chunk(b"IEND", b"")
    )
    files = {"gif": ("cat.png", png, "image/png")}
    assert refused(visitor.json("POST", f"/room/{room}/gif", files=files)) == (413, "gif_too_large")
    assert uploads(server.data) == []


def test_an_upload_without_a_file_is_refused(visitor: Visitor, room: str) -> None:
    path = f"/room/{room}/gif"
    assert refused(visitor.json("POST", path, files={"nonce": (None, "n1")})) == (400, "no_file")
    assert refused(visitor.json("POST", path, files={"other": ("a.gif", gif(), "image/gif")})) == (400, "no_file")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (None, b""),
        ("text/plain", b"GIF89a"),
        ("application/json", b'{"gif": "GIF89a"}'),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"no parts"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="gif"; filename="a"\r\n\r\nGIF',
        ),
        ("multipart/form-data; boundary=x", b"--x\r\n" + b"X-Long: " + b"y" * 100_000),
    ],
)
def test_a_body_that_is_not_an_upload_is_refused(
    server: Server, visitor: Visitor, room: str, content_type: str | None, body: bytes
) -> None:
    headers = {"Accept": "application/json"} | ({"Content-Type": content_type} if content_type else {})
    answer = visitor.post(f"/room/{room}/gif", data=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]) in {(400, "no_file"), (400, "bad_request")}
    assert uploads(server.data) == []


def test_an_interrupted_upload_leaves_nothing(server: Server, visitor: Visitor, room: str) -> None:
    with closing(socket.create_connection(("127.0.0.1", server.port), timeout=30)) as sock:
        sock.sendall(
            f"POST /room/{room}/gif HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nCookie: {visitor.identity()}\r\n"
            "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000000\r\n\r\n"
            '--x\r\nContent-Disposition: form-data; name="gif"; filename="a.gif"\r\n\r\nGIF89a'.encode()
        )
        sock.sendall(bytes(200_000))
    # The fixture checks after the server has stopped that the folder is empty.


# --- bodies


@pytest.mark.parametrize(
    "body", [b"{", b"[1, 2", b'{"title": }', b"\xff\xfe", b'"title"', b"[]", b"7", b"null", b"[" * 50_000, b'{"a":NaN}']
)
def test_malformed_json_is_refused(visitor: Visitor, room: str, body: bytes) -> None:
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    for path in ["/room", f"/room/{room}/chat", f"/room/{room}/enter"]:
        answer = visitor.post(path, data=body, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (400, "bad_request"), path


def test_a_form_that_is_not_utf_8_is_refused(visitor: Visitor, room: str) -> None:
    headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    answer = visitor.post(f"/room/{room}/chat", data=b"chat=%FF%FE", headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "bad_request")


def test_a_body_over_its_limit_is_refused(visitor: Visitor) -> None:
    assert refused(visitor.json("POST", "/room", json={"title": "방", "more": "x" * 100_000})) == (413, "too_large")
    assert refused(visitor.json("POST", "/room", json={"title": "방", "more": "x" * 10 * MIB})) == (413, "too_large")


@pytest.mark.parametrize(
    "query", ["before=ten", "limit=ten", "limit=0", "limit=-1", "before=-1", "before=1.5", "limit=", "before=²"]
)
def test_an_argument_that_is_not_a_number_is_refused(visitor: Visitor, room: str, query: str) -> None:
    assert refused(visitor.json("GET", f"/room/{room}/chats?{query}")) == (400, "bad_request")


def test_a_limit_that_is_too_large_is_capped(visitor: Visitor, room: str) -> None:
    status, page = visitor.json("GET", f"/room/{room}/chats?limit=100000")
    assert (status, page["more"]) == (200, False)


# --- requests from another site


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_a_form_of_another_site_is_refused(visitor: Visitor, room: str, headers: dict[str, str]) -> None:
    for method, path in [("POST", "/room"), ("POST", f"/room/{room}/chat"), ("DELETE", f"/room/{room}")]:
        answer = visitor.request(method, path, data={"title": "방 하나", "chat": "안녕"}, headers=headers)
        assert answer.status_code == 403, path


# --- HTTP itself


@pytest.mark.parametrize(
    "request_",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"POST /room HTTP/1.1\r\nHost: a\r\nContent-Length: ten\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=["not HTTP", "negative length", "invalid length", "long header", "TLS"],
)
def test_malformed_http_does_not_disturb_the_server(server: Server, visitor: Visitor, request_: bytes) -> None:
    with closing(socket.create_connection(("127.0.0.1", server.port), timeout=30)) as sock:
        sock.sendall(request_)
        try:
            sock.shutdown(socket.SHUT_WR)
            answer = sock.recv(100)
        except OSError:  # closed already
            answer = b""
    assert answer == b"" or answer.startswith(b"HTTP/1.1 4")


def test_a_burst_of_bad_requests_leaves_nothing_behind(server: Server, visitor: Visitor, room: str) -> None:
    status, page = visitor.json("GET", f"/room/{room}/chats")
    assert (status, page["chats"]) == (200, [])
    assert uploads(Path(server.data)) == []
