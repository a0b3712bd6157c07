"""The whole server in the test's own loop, on its own port, and browsers that talk to it.

Tests of the handlers import the fixture `site` from here.
"""

import asyncio
import contextlib
import json
import secrets
import urllib.parse
from collections.abc import Awaitable, Callable, Iterator, Mapping
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse
from tornado.ioloop import IOLoop
from tornado.websocket import WebSocketClientConnection, websocket_connect

from composition import serving
from handlers.identity import cookie_name
from options import read_config
from realtime.lessons.service import COURSE_BOUNDS, Bounds
from tests.images import encoded

SECRET = "the tests' secret"
COOKIE = cookie_name(SECRET)
DEFAULTS = {"max_body_size": 1 << 30, "connect_timeout": 60.0, "request_timeout": 60.0}

Part = tuple[str, bytes, str | None]
"""A part of a form: its name, its content, and the file name if it is a file."""


class Answer:
    """The answer to a request."""

    def __init__(self, response: HTTPResponse) -> None:
        self.status = response.code
        self.headers = response.headers
        self.body = response.body or b""

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> dict[str, object]:
        assert self.headers["Content-Type"] == "application/json; charset=utf-8", self.headers
        value = json.loads(self.body)
        assert isinstance(value, dict), value
        return value

    @property
    def refusal(self) -> tuple[int, object]:
        """The status and the code of an error in JSON."""
        body = self.json
        assert isinstance(body["message"], str) and body["message"]
        return self.status, body["error"]

    @property
    def lobby_error(self) -> str:
        """The error text in a redirect to the lobby."""
        assert self.status == 302, self.status
        path, _, query = self.headers["Location"].partition("?")
        assert path == "/", path
        return urllib.parse.parse_qs(query)["error"][0]


class Browser:
    """One visitor: keeps cookies and does not follow redirects."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self.url = url
        self.cookies: dict[str, str] = {}
        self._headers = headers
        self._client = AsyncHTTPClient(force_instance=True, defaults=DEFAULTS)

    async def ask(
        self,
        method: str,
        path: str,
        body: bytes | str | None = None,
        headers: Mapping[str, str] = {},
        *,
        form: Mapping[str, str] | None = None,
        json_body: object = None,
    ) -> Answer:
        """Send a request with a raw body, a form, or JSON."""
        sent = {**self._headers, **headers}
        if self.cookies:
            sent.setdefault("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if form is not None:
            body, sent["Content-Type"] = urllib.parse.urlencode(form), "application/x-www-form-urlencoded"
        elif json_body is not None:
            body, sent["Content-Type"] = json.dumps(json_body), "application/json"
        elif body is None and method in ("POST", "PATCH", "PUT"):
            body = b""
        response = await self._client.fetch(
            HTTPRequest(
                self.url + path,
                method,
                headers=sent,
                body=body,
                follow_redirects=False,
                allow_nonstandard_methods=True,
            ),
            raise_error=False,
        )
        if response.error is not None and response.code == 599:
            raise response.error
        for line in response.headers.get_list("Set-Cookie"):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.coded_value
        return Answer(response)

    @property
    def identity(self) -> str:
        """The identity cookie as a header value; set once there has been an answer."""
        return next(f"{name}={value}" for name, value in self.cookies.items() if name.startswith("gifchat-"))

    async def get(self, path: str, headers: Mapping[str, str] = {}) -> Answer:
        return await self.ask("GET", path, None, headers)

    async def post(self, path: str, form: Mapping[str, str] | None = None, json_body: object = None) -> Answer:
        return await self.ask("POST", path, form=form, json_body=json_body)

    async def upload(self, path: str, *parts: Part) -> Answer:
        """Post a multipart form."""
        boundary = secrets.token_hex(8)
        return await self.ask(
            "POST", path, multipart(boundary, *parts), {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        )

    async def new_room(self, title: str = "방", **form: object) -> str:
        """Make a room and return its id."""
        answer = await self.ask(
            "POST", "/room", headers={"Accept": "application/json"}, json_body={"title": title, **form}
        )
        assert answer.status == 201, answer.body
        return str(answer.json["_id"])

    async def chats(self, room: str) -> list[dict[str, object]]:
        """Return the messages of a room that this visitor can see, without system lines."""
        answer = await self.get(f"/room/{room}/chats?limit=200")
        assert answer.status == 200, answer.body
        chats = answer.json["chats"]
        assert isinstance(chats, list)
        return [record for record in chats if record["user"] != "system"]

    def close(self) -> None:
        self._client.close()


def multipart(boundary: str, *parts: Part) -> bytes:
    """Return the body of a multipart form."""
    body = b""
    for name, content, filename in parts:
        disposition = f'form-data; name="{name}"' + (f'; filename="{filename}"' if filename is not None else "")
        body += f"--{boundary}\r\nContent-Disposition: {disposition}\r\n\r\n".encode() + content + b"\r\n"
    return body + f"--{boundary}--\r\n".encode()


def files_of(*records: Mapping[str, object]) -> list[str]:
    """Return the file names of the images of these records, each once, with the posters of animated ones."""
    return sorted({str(record[key]) for record in records for key in ("gif", "poster") if key in record})


GIF = encoded("GIF", frames=2)
GIF_PART: Part = ("gif", GIF, "cat.gif")


class Site:
    """A running server."""

    def __init__(self, port: int, data: Path) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.data = data
        self._browsers: list[Browser] = []

    def browser(self, **headers: str) -> Browser:
        """Return a new visitor that asks for pages; in header names, _ stands for -."""
        browser = Browser(self.url, {name.replace("_", "-"): value for name, value in headers.items()})
        self._browsers.append(browser)
        return browser

    def program(self) -> Browser:
        """Return a new visitor that asks for JSON."""
        return self.browser(Accept="application/json")

    def files(self) -> list[str]:
        """Return the names of all files in uploads/, including drafts."""
        return sorted(path.name for path in (self.data / "uploads").iterdir())

    async def raw(self, request: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Send bytes on a new connection and return the connection."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(request)
        await writer.drain()
        return reader, writer

    def close(self) -> None:
        for browser in self._browsers:
            browser.close()


async def connect(site: Site, browser: Browser, namespace: str) -> tuple[WebSocketClientConnection, str]:
    """Return a connection of this browser, and the answer to its CONNECT."""
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    url = f"ws://127.0.0.1:{site.port}/socket.io/?EIO=4&transport=websocket"
    connection = await websocket_connect(HTTPRequest(url, headers={"Cookie": cookies}))
    await connection.read_message()
    await connection.write_message(f"40{namespace},")
    return connection, str(await connection.read_message())


async def ask(site: Site, browser: Browser, namespace: str, event: str, argument: object) -> dict[str, object]:
    """Send an event on a connection of its own, and return its ack."""
    connection, connected = await connect(site, browser, namespace)
    assert connected.startswith(f"40{namespace}"), connected
    await connection.write_message(f"42{namespace},7{json.dumps([event, argument])}")
    while not (message := str(await connection.read_message())).startswith(f"43{namespace},7"):
        pass
    connection.close()
    ack = json.loads(message.partition(",7")[2])[0]
    assert isinstance(ack, dict)
    return ack


StartSite = Callable[..., Awaitable[Site]]


@pytest.fixture
def start_site(io_loop: IOLoop, tmp_path: Path) -> Iterator[StartSite]:
    """Return a function that starts a server with the given options; throttling is off unless they turn it on.

    `bounds` are the limits of the lessons.
    """
    stack = contextlib.AsyncExitStack()
    sites: list[Site] = []

    async def start(*options: str, bounds: Bounds = COURSE_BOUNDS) -> Site:
        arguments = ["--host", "127.0.0.1", "--port", "0", "--rate", "0", "--data", str(tmp_path / "data"), *options]
        config = read_config(arguments, {"COOKIE_SECRET": SECRET})
        running = await stack.enter_async_context(serving(config, bounds))
        site = Site(running.port, config.data)
        sites.append(site)
        return site

    yield start
    for site in sites:
        site.close()
    io_loop.run_sync(stack.aclose)


@pytest.fixture
def site(io_loop: IOLoop, start_site: StartSite) -> Site:
    """Return a running server."""
    started: Site = io_loop.run_sync(start_site)
    return started
