"""Names, origins, paths and headers that are not what they should be."""

from tests.abuse.kinds import kind
from tests.abuse.target import UPGRADE, Target

EVIL = "evil.example.com"


@kind("a name that somebody else points here")
async def rebinding(target: Target) -> None:
    for path in ("/", "/room", "/socket.io/?EIO=4&transport=polling", "/healthz", "/metrics", "/static/x"):
        reply = await target.reply(target.request("GET", path, host=EVIL))
        assert reply.status == 421, reply
    reply = await target.reply(
        target.request("GET", "/socket.io/?EIO=4&transport=websocket", *UPGRADE, f"Origin: http://{EVIL}", host=EVIL)
    )
    assert reply.status == 421, reply


@kind("no host, two hosts, a host that is none")
async def odd_hosts(target: Target) -> None:
    for lines in ("", "Host: a\r\nHost: b\r\n", "Host: a b\r\n", "Host: a@b\r\n", "Host: [::\r\n"):
        reply = await target.reply(f"GET / HTTP/1.1\r\n{lines}\r\n".encode())
        assert reply.status in (400, 421), (lines, reply)


@kind("forms and sockets of another site")
async def cross_site(target: Target) -> None:
    victim = target.browser()
    room = await victim.new_room()
    for header in (f"Origin: http://{EVIL}", "Origin: null", "Sec-Fetch-Site: cross-site"):
        cookie = f"Cookie: {victim.identity}"
        for method, path in (("POST", f"/room/{room}/chat"), ("DELETE", f"/room/{room}"), ("POST", "/room")):
            form = "Content-Type: application/x-www-form-urlencoded"
            reply = await target.reply(target.request(method, path, header, cookie, form, body=b"chat=x&title=x"))
            assert reply.status == 403, reply
        for transport in ("polling", "websocket"):
            path = f"/socket.io/?EIO=4&transport={transport}"
            upgrade = UPGRADE if transport == "websocket" else ()
            reply = await target.reply(target.request("GET", path, header, cookie, *upgrade))
            assert reply.status == 403, reply
    assert (await victim.chats(room)) == []
    victim.close()


@kind("paths out of the folders")
async def traversal(target: Target) -> None:
    for folder in ("/static", "/gif", "/fragments", "/static/bundle"):
        for path in (
            "../gifchat.db",
            "..%2fsecret.key",
            "%2e%2e/secret.key",
            "..\\secret.key",
            "/etc/passwd",
            "%00",
            "",
        ):
            reply = await target.reply(target.request("GET", f"{folder}/{path}"))
            assert reply.status in (400, 403, 404), (folder, path, reply)


@kind("headers and scripts smuggled into answers")
async def injection(target: Target) -> None:
    for path in (
        "/?error=%0d%0aSet-Cookie:%20a=b",
        "/room/%0d%0aX:%20y",
        "/?error=<script>alert(1)</script>",
        "/<script>",
    ):
        reply = await target.reply(target.request("GET", path))
        assert b"\r\nSet-Cookie: a=b" not in reply.head and b"\r\nX: y" not in reply.head, reply
        assert b"<script>alert" not in reply.body and b"<script>" not in reply.head, reply
    browser = target.browser()
    title = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    room = await browser.new_room(title)
    await browser.post(f"/room/{room}/chat", {"chat": title})
    for path in ("/", f"/room/{room}"):
        page = (await browser.get(path, {"Accept": "text/html"})).text
        assert "<script>alert" not in page and "<img src=x" not in page
    browser.close()


@kind("two lengths, or a length and chunks")
async def smuggling(target: Target) -> None:
    hidden = b"GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n"
    for lines in (
        ("Content-Length: 4", "Content-Length: 40"),
        ("Content-Length: 4", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked, identity",),
        ("Transfer-Encoding : chunked",),
        ("Content-Length: +4",),
        ("Content-Length: 4, 4", "Content-Length: 5"),
    ):
        for path in ("/room", "/socket.io/?EIO=4&transport=polling&sid=x"):
            async with target.connection() as raw:
                raw.send(target.request("POST", path, *lines) + b"0\r\n\r\n" + hidden)
                first = await raw.reply()
                assert first.status in (0, 400, 501) or first.status == 413, (lines, first)


@kind("heads of a megabyte")
async def long_heads(target: Target) -> None:
    for head in (
        target.request("GET", "/", "X: " + "x" * 1_000_000),
        target.request("GET", "/?" + "x" * 1_000_000),
        target.request("GET", "/", *(f"X{number}: y" for number in range(50_000))),
    ):
        for _ in range(5):
            reply = await target.reply(head)
            assert reply.status in (0, 400, 414, 431), reply


@kind("methods that nobody uses")
async def methods(target: Target) -> None:
    for method in ("TRACE", "CONNECT", "PROPFIND", "OPTIONS", "get", "X" * 1_000, "PUT", "PATCH"):
        reply = await target.reply(target.request(method, "/"))
        assert reply.status in (0, 400, 403, 404, 405, 501), (method, reply)
        assert b"X-Echo" not in reply.body


@kind("ranges that overlap, or are endless")
async def ranges(target: Target) -> None:
    for value in (
        "bytes=0-0," * 1_000 + "1-2",
        "bytes=-0",
        "bytes=5-2",
        "bytes=99999999999999999999-",
        "x=1",
        "bytes=" + "9" * 5_000,
    ):
        for _ in range(20):
            reply = await target.reply(target.request("GET", "/favicon.ico", f"Range: {value}"))
            assert reply.status in (200, 206, 400, 416), (value[:50], reply)
