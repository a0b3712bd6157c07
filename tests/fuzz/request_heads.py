"""The head of a request: its host, its origin, its cookies. Only refusals are raised, and no head hides another."""

from tornado.httputil import HTTPHeaders, HTTPInputError, RequestStartLine

from handlers.encoding import accepts
from handlers.exchange import read_request, read_sender
from handlers.heads import simple_head
from handlers.identity import IdentityCookie
from handlers.origin import addressed, same_origin
from handlers.pages import preferred_language
from lan.names import Names, read_authority

END = b"\r\n\r\n"
SESSION = "visitor"
NAMES = Names(["chat.example.org"])
COOKIE = IdentityCookie("secret")
SIGNED = COOKIE.given(HTTPHeaders(), SESSION, secure=False)[0][1].partition(";")[0].encode()
SEEDS = (
    b"/socket.io/?EIO=4&transport=polling\nHost: 10.0.0.2:8005\r\nOrigin: http://10.0.0.2:8005",
    b"http://[::1]:8005/a\nHost: example.org.\r\nOrigin: https://EXAMPLE.org:443\r\nX-Forwarded-Host: a, b:80",
    b"/?q\nHost: [fe80::1]\r\nOrigin: null\r\nAccept-Encoding: gzip;q=0.5, br;q=0, *",
    b"/socket.io/?EIO=4&transport=websocket&sid=x\nHost: a\r\nConnection: keep-alive, Upgrade\r\nContent-Length: 0",
    b"*\nHost: a\r\nAccept-Language: en-GB;q=0.8, ko-KR;q=0.9, *;q=0.1\r\nSec-Fetch-Site: cross-site",
    b"/\nHost: a\r\nCookie: a=1; " + SIGNED + b"; b\r\nX: folded\r\n more",
)


def check(data: bytes) -> None:
    """Read a head's target, in the first line, and its headers."""
    target, _, lines = data.decode("latin-1").partition("\n")
    try:
        headers = HTTPHeaders.parse(lines)
    except HTTPInputError:
        return
    start_line = RequestStartLine("GET", target, "HTTP/1.1")
    for secure in (False, True):
        same_origin(headers, secure=secure)
    sender = read_sender(headers, secure=False)
    session, _ = COOKIE.read(headers)
    assert session in (None, SESSION)
    accepts(headers.get("Accept-Encoding", ""))("gzip")
    preferred_language(headers.get("Accept-Language", ""))
    host = headers.get("Host", "")
    answered = NAMES.answers(host)
    assert not answered or read_authority(host) is not None
    read_request("GET", target.partition("?")[2], sender)
    head = simple_head(start_line, headers)
    if head is not None and " " not in target and target.isascii():
        assert head.index(END) == len(head) - len(END) and head.count(b"\n") == head.count(b"\r\n")
    for trust_proxy in (False, True):
        copied = HTTPHeaders(headers)
        try:
            line = addressed(start_line, copied, trust_proxy=trust_proxy)
        except HTTPInputError:
            continue
        assert len(copied.get_list("Host")) == 1
        assert line.path.startswith("/") or line.path == target
