"""The parts of the lessons: the beat, the board, the places, the tree and its feed."""

import json
import logging
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from realtime.chat.model import RoomView, Visitor
from realtime.errors import NoSuchRoom, TooManyLessons
from realtime.hub import Handshake, Hub, Socket
from realtime.lessons.beats import AT_ONCE, REPLAYED, TEXT, Beats
from realtime.lessons.board import LINES, TEXT_LENGTH, Board, Guest
from realtime.lessons.feed import Feed
from realtime.lessons.places import Places
from realtime.lessons.tree import ROOMS, SOCKETS, NamespaceBranch, SocketLeaf, tree
from realtime.reason import Reason
from tests.conftest import ExpectLog
from tests.doubles import ManualClock, ManualTimer, RecordingLink

# --- the beat


def test_beats_advance_without_listeners() -> None:
    clock = ManualClock()
    clock.advance(7)  # a server does not start at zero
    beats = Beats(clock)
    assert beats.last(3000) == 0
    assert list(beats.since(0, 3000)) == []
    clock.advance(2.999)
    assert beats.last(3000) == 0
    clock.advance(0.001)
    assert (beats.last(3000), beats.last(500)) == (1, 6)
    clock.advance(30)
    assert list(beats.since(8, 3000)) == [9, 10, 11]
    assert list(beats.since(11, 3000)) == []


def test_the_replay_of_past_beats_is_bounded() -> None:
    clock = ManualClock()
    beats = Beats(clock)
    clock.advance(3 * 1000)
    assert list(beats.since(2, 3000)) == list(range(1000 - REPLAYED + 1, 1001))


def test_an_event_includes_its_delay() -> None:
    clock = ManualClock()
    beats = Beats(clock)
    clock.advance(4)
    event = json.loads(beats.event(1, 3000))
    assert event == {"id": 1, "at": event["at"], "age_ms": 1000, "text": TEXT}
    assert json.loads(beats.event(1, 3000, later=41))["id"] == 42


@pytest.mark.parametrize("size_bytes", [0, 1, 200, 1000, 8192])
def test_an_event_has_the_size_asked_for(size_bytes: int) -> None:
    clock = ManualClock()
    beats = Beats(clock)
    clock.advance(3)
    usual = len(beats.event(1, 3000))
    assert len(beats.event(1, 3000, size_bytes)) == max(usual, size_bytes)


def test_listeners_are_called_at_each_beat_until_they_stop() -> None:
    clock = ManualClock()
    beats = Beats(clock)
    heard: list[tuple[str, int]] = []
    stop_a = beats.listen(3000, lambda: heard.append(("a", beats.last(3000))))
    clock.advance(1)
    stop_b = beats.listen(3000, lambda: heard.append(("b", beats.last(3000))))
    clock.advance(2)
    stop_a()
    stop_a()
    clock.advance(3)
    stop_b()
    assert heard == [("a", 1), ("b", 1), ("b", 2)]
    assert clock.armed == 0
    stop_c = beats.listen(3000, lambda: heard.append(("c", beats.last(3000))))
    stop_b()  # does not affect a later listener
    clock.advance(3)
    assert heard[-1] == ("c", 3)
    stop_c()


def test_many_listeners_are_called_over_several_turns() -> None:
    clock = ManualClock()
    beats = Beats(clock)
    heard: list[int] = []
    stops = [beats.listen(1000, lambda number=number: heard.append(number)) for number in range(40)]  # type: ignore[misc]
    by_turn: list[int] = []
    plain = clock.call_soon

    def counted(callback: Callable[[], object]) -> ManualTimer:
        by_turn.append(len(heard))
        return plain(callback)

    clock.call_soon = counted  # type: ignore[method-assign]
    stops[39]()
    clock.advance(1)
    assert by_turn == list(range(AT_ONCE, 39, AT_ONCE))
    assert heard == list(range(39))


def test_a_failing_listener_does_not_affect_the_others(expect_log: ExpectLog) -> None:
    expect_log("gifchat.lessons", "a listener failed")
    clock = ManualClock()
    beats = Beats(clock)
    heard: list[int] = []
    beats.listen(1000, lambda: 1 // 0)
    beats.listen(1000, lambda: heard.append(1))
    clock.advance(2)
    assert heard == [1, 1]


# --- places

PEOPLE = 100


def test_the_connections_of_one_visitor_are_bounded() -> None:
    places = Places(10, 2, PEOPLE)
    places.take(1, "a")
    places.take(1, "b")
    with pytest.raises(TooManyLessons):
        places.take(1, "c")
    places.take(2, "c")
    places.free(1, "a")
    places.take(1, "c")


def test_the_connections_of_all_visitors_are_bounded() -> None:
    places = Places(3, 2, PEOPLE)
    for visitor in range(3):
        places.take(visitor, "a")
    with pytest.raises(TooManyLessons):
        places.check(4, "b")
    places.free(0, "a")
    places.check(4, "b")


def test_a_limit_of_zero_allows_no_connections() -> None:
    with pytest.raises(TooManyLessons):
        Places(0, 2, PEOPLE).take(1, "a")


def test_two_addresses_cannot_take_all_connections() -> None:
    places = Places(1000, 20, PEOPLE)
    for address, share in (("a", 500), ("b", 250)):
        for visitor in range(share):
            places.take(visitor, address)
        with pytest.raises(TooManyLessons):
            places.take(500, address)
    places.take(500, "c")


def test_all_addresses_of_a_machine_count_as_one() -> None:
    places = Places(1000, 20, PEOPLE)
    for visitor in range(500):
        places.take(visitor, f"2001:db8::{visitor + 1:x}")
    with pytest.raises(TooManyLessons):
        places.take(500, "2001:db8::ffff")
    places.take(500, "2001:db8:0:1::1")
    places.free(0, "2001:db8::abcd")
    places.take(500, "2001:db8::ffff")


def test_a_class_behind_one_address_takes_all_of_a_few_connections() -> None:
    places = Places(PEOPLE, 20, PEOPLE)
    for visitor in range(PEOPLE):
        places.take(visitor, "a")


# --- the board

GUEST = Guest(Visitor(1, "#112233"), "192.0.2.7")


def test_the_log_shows_addresses_and_the_board_shows_colours(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "gifchat.lessons")
    board = Board()
    board.opened("websocket", GUEST)
    board.received("websocket", GUEST, "안녕")
    board.closed("websocket", GUEST)
    assert caplog.messages == [
        "websocket open 192.0.2.7",
        "websocket message 192.0.2.7: '안녕'",
        "websocket close 192.0.2.7",
    ]
    lines = [entry.seen_by(GUEST.who.id) for entry in board.entries]
    assert [(line.lesson, line.event, line.user) for line in lines] == [
        ("websocket", event, "#112233") for event in ("open", "message", "close")
    ]
    assert lines[1].text == "안녕"
    # Others learn no more of a message than its length.
    others = [entry.seen_by(2) for entry in board.entries]
    assert others == [lines[0], msgspec.structs.replace(lines[1], text=msgspec.UNSET, length=2), lines[2]]
    tally = board.tallies["websocket"]
    assert (tally.open, tally.received) == (0, 1)


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("\x1b[2J\n2026 INFO forged", "\x1b[2J\n2026 INFO forged"),
        ("\ud800", "?"),
        (b"\x00\xff", "00 ff"),
        ({"a": [1]}, "{'a': [1]}"),
        (None, "None"),
        ("가" * 5000, "가" * TEXT_LENGTH),
        (b"\x00" * 5000, ("00 " * TEXT_LENGTH)[:TEXT_LENGTH]),
    ],
)
def test_any_message_is_shown_as_one_short_line(message: object, shown: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "gifchat.lessons")
    board = Board()
    board.received("socketio", GUEST, message)
    assert board.entries[0].own.text == shown
    (logged,) = caplog.messages
    assert logged.isprintable()
    assert len(logged) < TEXT_LENGTH + 50


def test_long_polls_are_counted_but_not_logged() -> None:
    board = Board()
    board.opened("long_polling", GUEST)
    assert board.counts()["long_polling"].open == 1
    board.closed("long_polling", GUEST)
    assert not board.entries


# --- the tree and the feed


class School:
    """A hub with visitors' sockets in open and locked rooms."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.hub = Hub(self.clock)
        self.board = Board()
        self.rooms: dict[str, RoomView] = {}
        self.looked = 0
        self.feed = Feed(self.hub, self.board, self.tree)

    def room(self, room: str, title: str, *, password: bool = False) -> None:
        self.rooms[room] = RoomView(room, title, 10, "#000000", password, False, False, 0, "")

    def view(self, room: str) -> RoomView:
        if room not in self.rooms:
            raise NoSuchRoom
        return self.rooms[room]

    def tree(self) -> list[NamespaceBranch]:
        self.looked += 1
        return tree(self.hub, self.view)

    def come(self, namespace: str, number: int, *rooms: str) -> tuple[Socket, RecordingLink]:
        link = RecordingLink()
        handshake = Handshake(Visitor(number, f"#{number:06}"), "192.0.2.1", None, {}, None)
        socket = Socket(self.hub.of(namespace), link, handshake)
        socket.namespace.add(socket)
        for room in rooms:
            socket.join(room)
        socket.namespace.on_connect(socket)
        return socket, link


def leaf(socket: Socket, number: int) -> SocketLeaf:
    return SocketLeaf(socket.id[:6], f"#{number:06}")


def test_the_tree_shows_the_sockets_of_each_room() -> None:
    school = School()
    school.room("a", "열린 방")
    school.room("b", "비밀 이야기", password=True)
    first, _ = school.come("/chat", 1, "a")
    second, _ = school.come("/chat", 2, "a", "b")
    third, _ = school.come("/chat", 3)
    school.come("/chat", 4, "gone")
    chat = next(branch for branch in school.tree() if branch.name == "/chat")
    assert (chat.count, chat.more) == (4, 0)
    assert chat.sockets == (leaf(third, 3),)
    opened, locked, gone = chat.rooms
    assert (opened.title, opened.locked, opened.count) == ("열린 방", False, 2)
    assert opened.sockets == (leaf(first, 1), leaf(second, 2))
    assert (locked.title, locked.locked, locked.count, locked.sockets) == (None, True, 1, ())
    assert (gone.title, gone.locked, gone.count, gone.sockets) == (None, False, 1, ())


def test_the_size_of_the_tree_is_bounded() -> None:
    school = School()
    for number in range(100):
        school.room(f"r{number}", "방")
        school.come("/chat", number, f"r{number}", "r0")
        school.come("/room", number)
    branches = {branch.name: branch for branch in school.tree()}
    assert (branches["/chat"].count, branches["/room"].count) == (100, 100)
    assert (len(branches["/chat"].rooms), branches["/chat"].more) == (ROOMS, 100 - ROOMS)
    assert (branches["/chat"].rooms[0].count, len(branches["/chat"].rooms[0].sockets)) == (100, SOCKETS)
    assert branches["/chat"].sockets == ()
    assert len(branches["/room"].sockets) == SOCKETS


def received(link: RecordingLink) -> list[tuple[str, Any]]:
    """Return the events since the last call, with their arguments."""
    events = [json.loads(packet.removeprefix("42/lessons,")) for packet in link.take()]
    return [(name, argument) for name, argument in events]


def test_a_new_watcher_gets_the_current_state_and_then_changes() -> None:
    school = School()
    school.board.opened("sse", GUEST)
    _, link = school.come("/lessons", 1)
    (_, branches), (_, counts), (_, lines) = received(link)
    assert [branch["name"] for branch in branches] == ["/lessons"]
    assert counts["sse"] == {"open": 1, "requests": 0, "sent": 0, "received": 0}
    assert [line["event"] for line in lines] == ["open"]
    school.clock.advance(10)
    assert received(link) == []
    school.board.received("sse", GUEST, "하나")
    _, late = school.come("/lessons", 2)
    assert [(name, len(argument)) for name, argument in received(late)][2] == ("log", 1)
    school.clock.advance(0.25)
    for each, said in ((link, {"text": "하나"}), (late, {"length": 2})):  # the first is GUEST's own
        events = dict(received(each))
        assert set(events) == {"tree", "counts", "log"}
        assert [{key: line[key] for key in ("text", "length") if key in line} for line in events["log"]] == [said]


def test_the_feed_is_sent_at_most_four_times_a_second() -> None:
    school = School()
    _, link = school.come("/lessons", GUEST.who.id)
    received(link)
    for number in range(1, 101):
        school.come("/chat", number)
        school.board.received("websocket", GUEST, str(number))
        school.clock.advance(0.01)
    events = received(link)
    assert [name for name, _ in events].count("tree") <= 4
    lines = [line["text"] for name, argument in events if name == "log" for line in argument]
    assert lines == [str(number) for number in range(1, len(lines) + 1)]
    assert len(lines) > 90


def test_of_a_flood_of_log_lines_only_the_latest_are_sent() -> None:
    school = School()
    _, link = school.come("/lessons", GUEST.who.id)
    received(link)
    for number in range(3 * LINES):
        school.board.received("websocket", GUEST, str(number))
    school.clock.advance(0.25)
    lines = dict(received(link))["log"]
    assert [line["text"] for line in lines] == [str(number) for number in range(2 * LINES, 3 * LINES)]


def test_the_feed_does_nothing_without_watchers() -> None:
    school = School()
    school.come("/chat", 1)
    school.clock.advance(10)
    assert (school.looked, school.clock.armed) == (0, 0)
    watchers = [school.come("/lessons", number)[0] for number in range(2)]
    assert school.clock.armed == 1
    for socket in watchers:
        socket.namespace.remove(socket, Reason.TRANSPORT_CLOSE)
    assert school.clock.armed == 0
