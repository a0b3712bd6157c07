"""What a browser asks for at a first visit: a page, and all that it loads before it can be used."""

import asyncio
import gzip
import re
import urllib.parse
from collections.abc import Iterator
from typing import Final, NamedTuple

CONNECTIONS: Final = 6  # of one browser to one server, by HTTP/1.1
HEADERS: Final = (
    "User-Agent: Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 "
    "Mobile Safari/537.36\r\n"
    "Accept: */*\r\nAccept-Encoding: gzip, deflate\r\nAccept-Language: ko-KR,ko;q=0.9\r\nConnection: keep-alive\r\n"
)

_LOADED = re.compile(r'<link rel="(?:stylesheet|preload|icon)"[^>]* href="([^"]+)"|<(?:script|img)[^>]* src="([^"]+)"')
_IMPORTED = re.compile(r'^import (?:[^;"]* from )?"([^"]+)"', re.MULTILINE)
_STYLES = re.compile(r'@import "([^"]+)"')


class Answer(NamedTuple):
    """A response: its body as it is without the encoding, and its bytes on the wire."""

    kind: str
    body: bytes
    wire_bytes: int


class Visitor:
    """A browser with an empty cache, a cookie jar and its connections. `answers` is all that it got, by path."""

    def __init__(self, port: int) -> None:
        self.answers: dict[str, Answer] = {}
        self._port = port
        self._cookie = ""
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._free = asyncio.Semaphore(CONNECTIONS)

    async def open(self, path: str) -> list[str]:
        """Load a page with all it needs; return the paths that were asked for."""
        asked = [path]
        page = await self._get(path)
        await asyncio.gather(*(self._load(found, asked) for found in _found(path, page)))
        return asked

    async def _load(self, path: str, asked: list[str]) -> None:
        if path in self.answers or path in asked:
            return
        asked.append(path)
        answer = await self._get(path)
        await asyncio.gather(*(self._load(found, asked) for found in _found(path, answer)))

    async def _get(self, path: str) -> Answer:
        async with self._free:
            reader, writer = self._idle.pop() if self._idle else await asyncio.open_connection("127.0.0.1", self._port)
            cookie = f"Cookie: {self._cookie}\r\n" if self._cookie else ""
            writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n{HEADERS}{cookie}\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            status, *lines = head.split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            if " 200 " not in status:
                raise SystemExit(f"{path}: {status}")
            body = await _body(reader, headers)
            self._idle.append((reader, writer))
        if "set-cookie" in headers:
            self._cookie = headers["set-cookie"].partition(";")[0]
        plain = gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body
        answer = Answer(headers["content-type"].partition(";")[0], plain, len(head) + len(body))
        self.answers[path] = answer
        return answer

    def close(self) -> None:
        for _, writer in self._idle:
            writer.close()


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding") != "chunked":
        return await reader.readexactly(int(headers["content-length"]))
    body = b""
    while size := int(await reader.readline(), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readline()
    return body


def _found(path: str, answer: Answer) -> Iterator[str]:
    """Yield what a browser asks for when it has this."""
    if answer.kind == "text/html" and b"<html" in answer.body:
        found = ["".join(groups) for groups in _LOADED.findall(answer.body.decode())]
    elif answer.kind == "text/css":
        found = _STYLES.findall(answer.body.decode())
    elif answer.kind == "text/javascript":
        found = _IMPORTED.findall(answer.body.decode())
    else:
        found = []
    for reference in found:
        yield urllib.parse.urljoin(path, reference)
