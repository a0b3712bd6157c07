"""A server, a browser, and people: some use the browser, the rest of the class are programs."""

import datetime
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from socket import socket
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import requests
import socketio
from playwright.sync_api import Browser, Page, ViewportSize

ROOT = Path(__file__).resolve().parents[2]
START_TIMEOUT_S = 30.0
PHONE = ViewportSize(width=390, height=780)
SCALE = 1.25
SCHOOL_HOUR = 10
DESK_TOKEN = "chalk"


class Person:
    """A participant without a browser."""

    def __init__(self, url: str, number: int) -> None:
        self._url = url
        self._http = requests.Session()
        # Each has its own address, which the server trusts as if it came from a proxy.
        self._http.headers.update({"Accept": "application/json", "X-Forwarded-For": f"192.168.0.{100 + number}"})
        self._http.get(url).raise_for_status()
        self._socket = socketio.Client(http_session=self._http)

    def make(self, title: str, **form: object) -> str:
        """Create a room; return its id."""
        answer = self._http.post(f"{self._url}/room", json={"title": title, **form})
        answer.raise_for_status()
        return str(answer.json()["_id"])

    def enter(self, room: str, password: str | None = None) -> str:
        """Enter a room; return the person's colour."""
        if not self._socket.connected:
            self._socket.connect(self._url, namespaces=["/chat"])
        return str(self._ask("join", room=room, password=password)["user"])

    def say(self, room: str, text: str) -> None:
        self._ask("chat", room=room, chat=text)

    def call(self, name: str) -> None:
        """Give oneself a name."""
        self._ask("name", name=name)

    def sit(self, seat: str) -> None:
        """Take the seat that a card's address says."""
        self._http.post(self._url + urlsplit(seat).path).raise_for_status()

    def whisper(self, room: str, to: str, text: str) -> None:
        self._ask("whisper", room=room, to=to, chat=text)

    def type(self, room: str) -> None:
        """Show the typing indicator."""
        self._ask("typing", room=room)

    def send(self, room: str, gif: str, caption: str = "") -> None:
        """Send a GIF from the shelf."""
        self._http.post(f"{self._url}/room/{room}/gif", json={"name": gif, "chat": caption}).raise_for_status()

    def leave(self) -> None:
        self._socket.disconnect()
        self._http.close()

    def _ask(self, event: str, **argument: object) -> dict[str, object]:
        answer: dict[str, object] = self._socket.call(event, argument, namespace="/chat")
        assert answer["ok"], answer
        return answer


class Stage:
    """A server and everyone who uses it until the picture is taken."""

    def __init__(self, browser: Browser, language: str) -> None:
        self._browser = browser
        self._language = language
        self._stack = ExitStack()
        self._count = 0
        self.url = ""

    def __enter__(self) -> Self:
        with closing(socket()) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._stack.enter_context(serving(self.url, port))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def person(self) -> Person:
        self._count += 1
        person = Person(self.url, self._count)
        self._stack.callback(person.leave)
        return person

    def laptop(self, *, height: int) -> Page:
        """Return a page on a laptop."""
        return self._page(ViewportSize(width=960, height=height), SCALE)

    def screen(self, *, height: int) -> Page:
        """Return a page on a large screen, at one pixel per CSS pixel."""
        return self._page(ViewportSize(width=1280, height=height), 1)

    def phone(self, *, dark: bool = False) -> Page:
        """Return a page on a phone."""
        return self._page(PHONE, SCALE, phone=True, dark=dark)

    def _page(self, viewport: ViewportSize, scale: float, *, phone: bool = False, dark: bool = False) -> Page:
        context = self._browser.new_context(
            base_url=self.url,
            locale=self._language,
            timezone_id=zone(datetime.datetime.now(datetime.UTC).hour),
            viewport=viewport,
            device_scale_factor=scale,
            is_mobile=phone,
            has_touch=phone,
            color_scheme="dark" if dark else "light",
        )
        self._stack.callback(context.close)
        return context.new_page()


def zone(hour: int) -> str:
    """Return a time zone in which it is now SCHOOL_HOUR; `hour` is the hour in UTC."""
    behind = (hour - SCHOOL_HOUR + 12) % 24 - 12
    return f"Etc/GMT{behind:+}"  # in POSIX, + means behind UTC


@contextmanager
def serving(url: str, port: int) -> Iterator[None]:
    """Run the server with an empty data folder."""
    with tempfile.TemporaryDirectory() as data:
        options = ["--data", data, "--port", str(port), "--rate", "0", "--trust-proxy", "--desk-token", DESK_TOKEN]
        server = subprocess.Popen(
            [sys.executable, "-m", "tools.pictures.server", *options], cwd=ROOT, stdout=subprocess.DEVNULL
        )
        try:
            deadline = time.monotonic() + START_TIMEOUT_S
            while True:
                try:
                    requests.get(f"{url}/healthz", timeout=START_TIMEOUT_S).raise_for_status()
                    break
                except requests.ConnectionError:
                    if server.poll() is not None or time.monotonic() > deadline:
                        raise
                    time.sleep(0.05)
            yield
        finally:
            server.terminate()
            server.wait()
