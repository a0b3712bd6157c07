"""What pages do while the server is down, and once it is up again."""

import sqlite3
from contextlib import closing
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import People, make_room, say
from tests.browser.room_page import enter as go
from tests.browser.room_page import joined, person, send_images
from tests.server import Server, start


def test_a_page_that_is_far_behind_starts_over_from_the_latest_messages(people: People, server: Server) -> None:
    page = people.arrive()
    make_room(page, "오래 잔 사람")
    expect(page.locator("#room[data-connection=joined]")).to_have_count(1)
    server.stop()
    many = (
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 700)"
        " INSERT INTO chats (room, seq, visitor_id, user, created_at, chat)"
        " SELECT key, 1000 + i, 0, '#000000', 0, 'nr ' || i FROM n, rooms"
    )
    with closing(sqlite3.connect(server.data / "gifchat.db")) as database, database:
        database.execute(many)
    again = start(server.data, "--grace", "30", port=server.port)
    try:
        expect(page.locator("#chat-list .other").last).to_contain_text("nr 700")
        expect(page.locator("#chat-list .other")).to_have_count(50)
        people.troubles.clear()  # each connection attempt while the server was down
    finally:
        page.close()
        again.stop()


def test_the_page_reconnects_by_itself_after_a_restart(people: People, server: Server, gif: Path) -> None:
    host, guest = people.arrive(), people.arrive()
    room = make_room(host, "다시 시작")
    guest.goto(f"/room/{room}")
    say(host, "전")
    expect(guest.locator("#chat-list .other")).to_have_count(1)
    expect(host.locator("#room")).to_have_attribute("data-images", "ready")

    # Until the server is back the browser logs each failed attempt; it must log nothing else.
    server.stop()
    say(host, "그동안")
    send_images(host, gif)
    again = start(server.data, "--grace", "30", port=server.port)
    try:
        expect(guest.locator("#chat-list .other")).to_contain_text(["전", "그동안"])
        expect(guest.locator("#chat-list .other img")).to_have_count(1)
        expect(guest.locator("#chat-list .other")).to_have_count(3)
        expect(host.locator("#chat-list .mine[data-seq]")).to_have_count(3)
        attempts = [trouble for trouble in people.troubles if "net::ERR_" in trouble or "WebSocket" in trouble]
        assert people.troubles == attempts
        people.troubles.clear()
    finally:
        for page in (host, guest):
            page.close()
        again.stop()


def test_a_whisper_written_while_the_server_is_down_is_sent_when_it_is_up(people: People, server: Server) -> None:
    host, guest, third = people.arrive(), people.arrive(), people.arrive()
    room = make_room(host, "다시 시작")
    joined(host)
    visitor = go(guest, room)
    go(third, room)
    person(host, visitor).locator("[data-action=whisper]").click()
    server.stop()
    say(host, "이따 봐")
    expect(host.locator("#chat-list .mine.whisper.pending")).to_have_count(1)
    again = start(server.data, "--grace", "30", port=server.port)
    try:
        # If the guest's browser reconnects after the host's, the recipient is absent at first.
        lines = host.locator("#chat-list .mine.whisper")
        expect(lines.and_(host.locator("[data-seq], .failed"))).to_have_count(1)
        expect(host.locator("#room")).to_have_attribute("data-connection", "joined")
        expect(guest.locator("#room")).to_have_attribute("data-connection", "joined")
        if lines.and_(host.locator(".failed")).count():
            lines.locator("[data-action=retry]").click()
        expect(guest.locator("#chat-list .other.whisper")).to_contain_text(["이따 봐"])
        expect(third.locator("#chat-list .whisper")).to_have_count(0)
        attempts = [trouble for trouble in people.troubles if "net::ERR_" in trouble or "WebSocket" in trouble]
        assert people.troubles == attempts
        people.troubles.clear()
    finally:
        people.leave()
        again.stop()
