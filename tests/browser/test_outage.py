"""The network silently goes down and comes back: no message is lost or duplicated.

The page's clock is advanced, so that minutes pass at once.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import People, make_room, say
from tests.browser.network import Network
from tests.browser.room_page import enter, joined, kept, send_images, stop_clock, wait_for_parts
from tests.images import encoded
from tests.server import Server, running

TRANSPORT_ALONE = """(() => {
    let io;
    Object.defineProperty(window, "io", {
        get: () => io && ((namespace, options) => io(namespace, { ...options, transports: ["TRANSPORT"] })),
        set: (client) => (io = client),
    });
})()"""

SILENCE_MS = 50_000
"""Longer than the heartbeat: a ping every 25 s plus a timeout of 20 s."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server for all these tests. The grace time is much shorter than an outage."""
    with running(tmp_path_factory.mktemp("outage") / "data", "--grace", "0.2") as server:
        yield server


@pytest.fixture
def network(server: Server) -> Iterator[Network]:
    with Network(server.port) as network:
        yield network


@pytest.fixture
def classmates(browser: Browser, network: Network) -> Iterator[People]:
    """Return the people on the failing network. Their browsers log each failed request, which is allowed."""
    people = People(browser, network.port)
    yield people
    people.leave()
    failed = re.compile(r"net::ERR_|WebSocket|status of 40[04]")
    assert not [trouble for trouble in people.troubles if not failed.search(trouble)]


def lose(network: Network, *pages: Page) -> None:
    """Take the network down, and let the pages notice."""
    network.lose()
    for page in pages:
        page.clock.fast_forward(SILENCE_MS)
        expect(page.locator("#connection")).to_be_visible()


def record_lines(page: Page, side: str) -> list[str]:
    """Return the text of each message and the width of each image, in the page's order."""
    lines: list[str] = page.locator(f"#chat-list .{side}[data-seq]").evaluate_all(
        """(lines) => lines.map((line) => line.querySelector("[data-part=text]")?.textContent
            ?? String(line.querySelector("img").width))"""
    )
    return lines


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_messages_written_during_a_network_outage_arrive_once(
    people: People, classmates: People, network: Network, tmp_path: Path, transport: str
) -> None:
    images = [tmp_path / f"{width}.png" for width in (31, 32, 33)]
    for path in images:
        path.write_bytes(encoded("PNG", size=(int(path.stem), 30)))
    host, away = people.arrive(), classmates.arrive()
    away.clock.install()
    away.add_init_script(TRANSPORT_ALONE.replace("TRANSPORT", transport))
    room = make_room(host, "공유기")
    joined(host)
    enter(away, room)
    say(away, "전")
    expect(host.locator("#chat-list .other")).to_have_count(1)

    # Sent and stored, but the acknowledgement is lost.
    wait_for_parts(away)
    network.deafen()
    say(away, "답이 없는 말")
    send_images(away, images[0])
    expect(host.locator("#chat-list .other")).to_have_count(3)

    lose(network, away)
    expect(away.locator("#connection")).to_contain_text("24시간")
    say(away, "그동안")
    send_images(away, *images[1:])
    waiting = away.locator("#chat-list .mine.pending:has(img)")
    expect(waiting).to_have_count(3)
    away.clock.fast_forward(60_000)
    expect(waiting.first).to_contain_text("연결을 기다리는 중")
    say(host, "못 들은 말")
    away.clock.fast_forward(540_000)
    expect(away.locator("#connection")).to_be_visible()

    network.restore()
    joined(away)
    expect(away.locator("#connection")).to_be_hidden()
    expect(away.locator("#chat-list .pending, #chat-list .failed")).to_have_count(0)
    said = ["전", "답이 없는 말", "31", "32", "33", "그동안"]
    expect(host.locator("#chat-list .other")).to_have_count(len(said))
    for page, side in ((host, "other"), (away, "mine")):
        lines = record_lines(page, side)
        assert sorted(lines) == sorted(said)
        assert [line for line in lines if line.isdigit()] == ["31", "32", "33"]
    assert record_lines(away, "other") == ["못 들은 말"]
    # Both joined, and one was disconnected for a while.
    for page in (host, away):
        expect(page.locator("#chat-list .system")).to_have_count(4)


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_a_class_loses_nothing_when_the_access_point_restarts(
    classmates: People, network: Network, gif: Path, transport: str
) -> None:
    """All members are lost, including the owner; the room, its owner, its history and new messages survive."""
    pages = [classmates.arrive() for _ in range(3)]
    for page in pages:
        page.clock.install()
        page.add_init_script(TRANSPORT_ALONE.replace("TRANSPORT", transport))
    room = make_room(pages[0], "수업")
    users = [joined(pages[0]), *(enter(page, room) for page in pages[1:])]
    say(pages[0], "전")
    for page in pages[1:]:
        expect(page.locator("#chat-list .other")).to_have_count(1)
    wait_for_parts(pages[1])
    lose(network, *pages)
    for page, user in zip(pages, users, strict=True):
        say(page, f"{user} 썼다")
    send_images(pages[1], gif)
    for page in pages:
        page.clock.fast_forward(600_000)
    network.restore()
    said = sorted(["전", *(f"{user} 썼다" for user in users), "120"])
    for page in pages:
        joined(page)
        expect(page.locator("#chat-list :is(.mine, .other)[data-seq]")).to_have_count(len(said))
        expect(page.locator("#chat-list .pending, #chat-list .failed")).to_have_count(0)
        assert sorted([*record_lines(page, "mine"), *record_lines(page, "other")]) == said
    expect(pages[0].locator("#owner-tools")).to_be_visible()


def test_an_image_waiting_for_the_network_can_be_cancelled(
    people: People, classmates: People, network: Network, gif: Path, tmp_path: Path
) -> None:
    changed = tmp_path / "changed.png"
    changed.write_bytes(encoded("PNG"))
    host, away = people.arrive(), classmates.arrive()
    away.clock.install()
    room = make_room(host, "취소")
    joined(host)
    enter(away, room)
    wait_for_parts(away)
    lose(network, away)
    with away.expect_request("**/gif"):
        send_images(away, gif, changed, gif, caption="필요 없다")
    lines = away.locator("#chat-list .mine")
    expect(lines).to_have_count(3)
    changed.write_bytes(encoded("PNG", size=(50, 50)))
    os.utime(changed, (0, 0))  # Chromium detects a changed file by its modification time in seconds
    # The browser gives the connection up before the network is back, or the image would arrive over it.
    with away.expect_event("requestfailed", lambda request: request.url.endswith("/gif")):
        lines.first.locator("[data-action=cancel]").click()
    expect(lines).to_have_count(2)
    network.restore()
    joined(away)
    # A file that cannot be read any more can never be sent; it must not block the queue.
    expect(host.locator("#chat-list .other img")).to_have_count(1)
    expect(away.locator("#chat-list .failed")).to_contain_text("파일을 읽을 수 없습니다.")
    expect(host.locator("#chat-list .other")).to_have_count(1)


def test_a_machine_that_wakes_up_reconnects_at_once(people: People, classmates: People, network: Network) -> None:
    """Its timers stood still, so the page has to detect the lost connection without them."""
    host, away = people.arrive(), classmates.arrive()
    away.clock.install()
    room = make_room(host, "잠")
    joined(host)
    enter(away, room)
    stop_clock(away)
    network.lose()
    away.clock.set_system_time(away.evaluate("Date.now()") / 1000 + 120)
    network.restore(silently=True)
    say(host, "잘 잤어?")
    away.evaluate("dispatchEvent(new Event('online'))")
    expect(away.locator("#connection")).to_be_visible()
    away.clock.resume()
    expect(away.locator("#chat-list .other")).to_have_count(1)


def test_unsent_text_for_a_deleted_room_can_still_be_copied(
    people: People, classmates: People, network: Network, gif: Path
) -> None:
    host, away = people.arrive(), classmates.arrive()
    away.clock.install()
    room = make_room(host, "지운 방")
    joined(host)
    enter(away, room)
    wait_for_parts(away)
    lose(network, away)
    say(away, "길게 쓴 글")
    send_images(away, gif, caption="설명")
    away.fill("#chat", "쓰다 만 글")
    assert len(kept(away, room)) == 2
    assert host.context.request.delete(f"/room/{room}").ok
    network.restore()
    notice = away.locator("#notice")
    expect(notice).to_contain_text("방이 없어졌습니다.")
    expect(away.locator("#unsent")).to_have_value("길게 쓴 글\n\n설명\n\n쓰다 만 글")
    notice.locator("[data-action=copy]").click()
    expect(notice).to_contain_text("복사했습니다.")
    away.clock.fast_forward(60_000)
    expect(notice).to_be_visible()
    notice.locator("form button").click()
    expect(away).to_have_url(re.compile(r"/\?error="))
    # None of it reappears later.
    assert kept(away, room) == []


def test_the_lobby_shows_a_lost_connection_and_catches_up_after_reconnecting(
    people: People, classmates: People, network: Network
) -> None:
    host, away = people.arrive(), classmates.arrive()
    away.clock.install()
    gone = make_room(host, "없어질 방")
    away.goto("/")
    expect(away.locator(f'tr[data-id="{gone}"]')).to_have_count(1)
    expect(away.locator("#connection")).to_be_hidden()
    lose(network, away)
    expect(away.locator("#connection")).to_contain_text("목록이 예전 것일 수 있습니다.")
    assert host.context.request.delete(f"/room/{gone}").ok
    room = make_room(host, "새 방")
    away.clock.fast_forward(600_000)
    stop_clock(away)
    network.restore()
    # Not by a timer: the browser reports that the network is back.
    away.evaluate("dispatchEvent(new Event('online'))")
    expect(away.locator("#connection")).to_be_hidden()
    away.clock.resume()
    expect(away.locator(f'tr[data-id="{room}"]')).to_have_count(1)
    expect(away.locator(f'tr[data-id="{gone}"]')).to_have_count(0)

    # The same again the next time, by itself.
    lose(network, away)
    network.restore()
    expect(away.locator("#connection")).to_be_hidden()
