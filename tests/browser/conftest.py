"""A real Chromium and the people who use it.

Each person is a browser context with its own cookies and screen. A script error, an error on the console, or a request
to anywhere but the server fails the test.
"""

import io
import re
import threading
from collections.abc import Generator, Iterator
from pathlib import Path

import psutil
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

from tests.browser.chromium import ACTION_TIMEOUT_MS, CLASSROOM, FOREIGN, Chromium, close
from tests.browser.place import Place
from tests.browser.room_page import enter, joined
from tests.server import Server, running

TEST_TIMEOUT_S = 150  # less than pytest's faulthandler_timeout, which ends the worker and names no line of the test


KILLED: list[bool] = []  # whether Chromium was


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Generator[None, object, object]:
    """Kill the browser and Playwright's driver after `TEST_TIMEOUT_S`: the test fails at the line that waits.

    Much of Playwright waits without a limit: `evaluate`, `CDPSession.send`, `BrowserContext.close`.
    """

    def kill() -> None:
        KILLED.append(True)
        for process in psutil.Process().children(recursive=True):
            if process.name().startswith(("chrom", "node")):
                process.kill()

    timer = threading.Timer(TEST_TIMEOUT_S, kill)
    timer.start()
    try:
        return (yield)
    finally:
        timer.cancel()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """Keep one Chromium for all files."""
    chromium = Chromium()
    yield chromium
    chromium.stop()


@pytest.fixture(scope="module")
def browser(chromium: Chromium) -> Iterator[Browser]:
    """Return it, for this file; what the file leaves open in it is closed."""
    yield chromium.take()
    if KILLED:
        KILLED.clear()
        chromium.lose()
    chromium.put_away()


@pytest.fixture
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """Run a server for one test. Its grace time is short, unless the test's parameter gives the seconds.

    Modules whose tests only look at their own rooms override this with one server for all tests.
    """
    with running(tmp_path / "data", "--grace", getattr(request, "param", "0.5")) as server:
        yield server


class People:
    """The users of one server. `troubles` are the errors in their browsers, one line each."""

    def __init__(self, browser: Browser, port: int) -> None:
        self.troubles: list[str] = []
        self._browser = browser
        self._port = port
        self._contexts: list[BrowserContext] = []
        self._left = False

    def arrive(self, *, phone: bool = False, locale: str = "ko-KR", address: str | None = None) -> Page:
        """Return the page of a new person, who has opened the lobby.

        `phone`: on a small touch screen, by host name instead of the loopback address. `locale`: the language.
        `address`: the address of the person's machine, as a proxy would forward it.
        """
        context = self._browser.new_context(
            viewport={"width": 390, "height": 844} if phone else {"width": 1100, "height": 750},
            has_touch=phone,
            is_mobile=phone,
            locale=locale,
            extra_http_headers={"X-Forwarded-For": address} if address else None,
            base_url=f"http://{CLASSROOM if phone else '127.0.0.1'}:{self._port}",
        )
        context.set_default_timeout(ACTION_TIMEOUT_MS)
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._trouble(str(error)))
        page.on("request", self._request)
        page.goto("/")
        return page

    def leave(self) -> None:
        """Close all their browsers."""
        self._left = True
        for context in self._contexts:
            close(context)

    def _trouble(self, trouble: str) -> None:
        if not self._left:  # what is being loaded then fails
            self.troubles.append(trouble)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._trouble(f"{message.text} ({message.location.get('url')})")

    def _request(self, request: Request) -> None:
        hosts = ("127.0.0.1", CLASSROOM, FOREIGN)
        ours = [f"{scheme}://{host}:{self._port}/" for scheme in ("http", "ws") for host in hosts]
        if not request.url.startswith((*ours, "data:", "blob:")):
            self._trouble(f"a request to {request.url}")


@pytest.fixture
def people(browser: Browser, server: Server) -> Iterator[People]:
    """Return the people who use the server; errors in their browsers fail the test."""
    people = People(browser, server.port)
    try:
        yield people
    finally:
        people.leave()
    assert not people.troubles


@pytest.fixture
def gif(tmp_path: Path) -> Path:
    """Return an animated GIF of 120 × 80 pixels: a jumping ball."""
    frames = []
    for height in (50, 30, 15, 30):
        frame = Image.new("RGB", (120, 80), "#fff3d6")
        ImageDraw.Draw(frame).ellipse((45, height - 15, 75, height + 15), fill="#e4572e")
        frames.append(frame)
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], duration=120, loop=0)
    path = tmp_path / "ball.gif"
    path.write_bytes(file.getvalue())
    return path


def make_room(page: Page, title: str, *, maximum: int = 10, password: str = "") -> str:
    """Make a room with the form, as a person does; return its id from the resulting address."""
    page.goto("/room")
    page.fill("[name=title]", title)
    page.fill("[name=max]", str(maximum))
    page.fill("[name=password]", password)
    page.click("form button[type=submit]")
    page.wait_for_url(re.compile(r"/room/[0-9a-f]{24}$"))
    return page.url.rpartition("/")[2]


def say(page: Page, text: str) -> None:
    """Write a message in the room and send it with the key that does so on phones too."""
    page.fill("#chat", text)
    page.press("#chat", "Control+Enter")


@pytest.fixture(scope="module")
def shared(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Run the server and bring two people into a room."""
    with running(tmp_path_factory.mktemp("attach") / "data", "--grace", "30") as server:
        people = People(browser, server.port)
        host, guest = people.arrive(), people.arrive()
        room = make_room(host, "사진")
        joined(host)
        network = host.context.new_cdp_session(host)
        network.send("Network.enable")
        yield Place(server, people, room, host, guest, enter(guest, room), network)
        people.leave()


@pytest.fixture
def place(shared: Place) -> Iterator[Place]:
    """Return the room with nothing under way; errors in its browsers fail the test."""
    yield shared
    shared.host.unroute_all()
    assert not shared.people.troubles
    expect(shared.host.locator("#preview")).to_be_hidden()
    expect(shared.underway).to_have_count(0)
