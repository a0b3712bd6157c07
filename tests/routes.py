"""Every route of the route table as requests, and the answers to exact bytes."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple, cast

from tornado.httputil import HTTPHeaders

import handlers.site
from handlers.routes import Route, routes
from tests.client import Site

ROUTES = routes(cast(handlers.site.Site, SimpleNamespace(images=SimpleNamespace(folder=Path("nowhere")))))

_SAMPLES = {r"[^/]+": "{room}", r"favicon\.ico": "favicon.ico"}
_BY_FOLDER = {
    "/gif/": "0" * 32 + ".gif",
    "/socket.io/": "socket.io.js",
    "/static/": "css/base.css",
    "/fragments/": "0/ko/room.html",
    "/highlight/": "core.min.js",
}


def path_of(route: Route, room: str = "0" * 24) -> str:
    """Return a path that matches the route; one with an id, for the room."""

    def sample(group: re.Match[str]) -> str:
        known = _SAMPLES.get(group[1])
        return known or next(name for folder, name in _BY_FOLDER.items() if folder in route.path.replace("\\", ""))

    path = re.sub(r"\((.*)\)", sample, route.path).replace("\\", "").format(room=room)
    assert re.fullmatch(route.path, path), path
    return path


def paths(room: str = "0" * 24) -> list[str]:
    """Return a path for each route, those of Engine.IO, and one that leads nowhere."""
    return [*dict.fromkeys(path_of(route, room) for route in ROUTES), "/socket.io/", "/socket.io", "/nowhere"]


class Answered(NamedTuple):
    """The head of an answer; status 0 if there was none."""

    status: int
    headers: HTTPHeaders


async def answer_to(site: Site, request: bytes) -> Answered:
    """Send exactly these bytes on a new connection, and return the head of the answer."""
    reader, writer = await site.raw(request)
    try:
        async with asyncio.timeout(30):
            head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError) as error:
        assert not getattr(error, "partial", b""), error
        return Answered(0, HTTPHeaders())
    finally:
        writer.close()
    status_line, _, lines = head.decode("latin-1").partition("\r\n")
    return Answered(int(status_line.split()[1]), HTTPHeaders.parse(lines))


def request(method: str, target: str, *lines: str | bytes, host: str = "here", body: bytes = b"") -> bytes:
    """Return the bytes of a request."""
    length = [f"Content-Length: {len(body)}"] if body else []
    head = [f"{method} {target} HTTP/1.1", f"Host: {host}", *lines, *length, "", ""]
    return b"\r\n".join(line if isinstance(line, bytes) else line.encode("utf-8") for line in head) + body


def methods_of(route: Route) -> Iterator[str]:
    """Yield the methods of a route, and some that it does not have."""
    yield from route.guards
    if "GET" in route.guards:
        yield "HEAD"
    yield from {"OPTIONS", "POST", "DELETE"} - set(route.guards)
