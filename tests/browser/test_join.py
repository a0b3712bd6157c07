"""The page for the projector: the address, the count of visitors, and help when nobody connects."""

import asyncio
import contextlib
import re
import threading
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

import lan.addresses
from composition import serving
from gifchat import event_loop
from lan import qr
from lan.ranking import Interface
from options import read_config
from tests.browser.conftest import People
from tests.browser.room_page import until
from tests.free_ports import free_port
from tests.server import Server, running

PHONE = "192.168.77.7"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Run a server on this network that trusts the addresses forwarded by the test's people."""
    with running(tmp_path / "data", "--host", "0.0.0.0", "--trust-proxy") as server:
        yield server


def pass_time(page: Page, seconds: int) -> None:
    """Advance the page's clock by that many seconds, waiting for its request every five."""
    for _ in range(0, seconds, 5):
        with page.expect_response(
            lambda answer: answer.url.endswith("/join") and answer.request.resource_type == "fetch"
        ):
            page.clock.run_for(5_000)


def test_the_count_is_live_and_help_appears_after_a_minute_without_visitors(people: People, server: Server) -> None:
    projector = people.arrive()
    projector.clock.install()
    projector.click("text=접속 안내")
    count, trouble = projector.locator("#people"), projector.locator("#trouble")
    expect(projector.locator(".join-code svg")).to_be_visible()
    expect(projector.locator(".join-address")).to_have_text(re.compile(r"^http://[\d.]+:\d+$"))
    expect(count).to_have_text("0")

    pass_time(projector, 20)  # and whatever time the machine takes
    expect(trouble).to_be_hidden()
    pass_time(projector, 45)
    expect(trouble).to_be_visible()
    expect(trouble).to_contain_text("방화벽")

    phone = people.arrive(phone=True, address=PHONE)
    pass_time(projector, 5)
    expect(count).to_have_text("1")
    expect(trouble).to_be_hidden()

    # Of one that goes while it still polls, the server learns only by its heartbeat.
    until(phone, lambda: 'gifchat_sockets{transport="websocket"} 1.0' in server.visitor().get("/metrics").text)
    phone.close()
    pass_time(projector, 5)
    expect(count).to_have_text("0")
    pass_time(projector, 65)
    expect(trouble).to_be_hidden()  # somebody has connected


def test_the_address_fits_one_line_across_the_screen(people: People) -> None:
    projector = people.arrive(locale="en-US")
    projector.goto("/join")
    address = projector.locator(".join-address")
    address.evaluate("node => node.lastChild.textContent = '192.168.123.123:65535'")
    for width, height in ((1920, 1080), (390, 844)):
        projector.set_viewport_size({"width": width, "height": height})
        box = address.bounding_box()
        letters = float(address.evaluate("node => parseFloat(getComputedStyle(node).fontSize)"))
        assert box is not None
        assert box["height"] < 1.5 * letters  # one line
        assert letters > width / 20
        assert projector.evaluate("document.documentElement.scrollWidth") <= width


@contextlib.contextmanager
def laptop(data: Path, port: int) -> Iterator[None]:
    """Run a server in this process, so that a test can change its network."""
    up, stop = threading.Event(), asyncio.Event()
    loop = event_loop()

    async def serve() -> None:
        config = read_config(["--port", str(port), "--data", str(data)])
        async with serving(config):
            up.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        assert up.wait(60)
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def test_the_join_page_on_the_laptop_follows_it_to_another_network(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the server stops answering, the page says so, and where to open it again."""
    port = free_port()
    there = [Interface("lo", ip_address("127.0.0.1"))]
    monkeypatch.setattr(lan.addresses, "interfaces", lambda: list(there))
    monkeypatch.setattr(lan.addresses, "outward", lambda family: None)
    people = People(browser, port)
    with laptop(tmp_path / "data", port):
        page = people.arrive()
        page.clock.install()
        page.goto("/join")
        page.evaluate("window.stays = true")
        address, code, lost = page.locator(".join-address"), page.locator(".join-code svg"), page.locator("#lost")

        def shows(name: str, host: str) -> None:
            there[1:] = [Interface(name, ip_address(host))]
            pass_time(page, 5)
            expect(address).to_have_text(f"http://{host}:{port}")
            (drawn,) = re.findall(r' d="([^"]+)"/></svg>', qr.svg(f"http://{host}:{port}"))
            expect(code.locator("path").last).to_have_attribute("d", drawn)
            expect(page.locator("#people")).to_have_text("0")
            expect(lost).to_be_hidden()

        expect(code).to_have_count(0)
        shows("wlan0", "192.168.0.12")
        shows("wlan0", "10.0.7.3")
        del there[1:]
        pass_time(page, 5)
        expect(address).to_have_text(f"http://127.0.0.1:{port}")
        shows("eth0", "172.16.1.2")
        there.append(Interface("wlan0", ip_address("192.168.0.12")))  # ranked higher, but the other is right
        pass_time(page, 5)
        expect(page.locator(".join-others a")).to_have_text(f"http://192.168.0.12:{port}")
        expect(address).to_have_text(f"http://172.16.1.2:{port}")
    page.clock.run_for(10_000)
    expect(lost).to_be_visible()
    expect(lost.locator("a")).to_have_attribute("href", f"http://127.0.0.1:{port}/join")
    with laptop(tmp_path / "data", port):
        pass_time(page, 5)
        expect(lost).to_be_hidden()
        shows("wlan0", "192.168.77.7")
        assert page.evaluate("window.stays")  # all without a reload
        people.leave()
    assert all("net::ERR_" in line for line in people.troubles)
