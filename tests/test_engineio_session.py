"""A session's life: polling, heartbeat, end."""

from collections.abc import Callable

import pytest

from realtime.engineio.packet import Frames
from realtime.engineio.server import (
    Options,
    Server,
)
from realtime.engineio.session import MAX_QUEUED_BYTES
from realtime.engineio.states import TRANSITIONS, State, Trigger
from realtime.errors import ProtocolError
from realtime.reason import Reason
from tests.doubles import ManualClock, ManualTimer, RecordingWebSocket
from tests.sessions import SOMEBODY, Inbox, World

PINGS = 10


def test_the_table_leads_only_to_the_end() -> None:
    assert State.CLOSED not in {state for state, _ in TRANSITIONS}
    for state in set(State) - {State.CLOSED, State.PROBING, State.UPGRADING}:
        assert TRANSITIONS[state, Trigger.END] is State.CLOSED
    for state in (State.PROBING, State.UPGRADING):
        assert TRANSITIONS[state, Trigger.CANDIDATE_LOST] is State.POLLING


# Polling.


def test_what_is_sent_waits_for_the_poll() -> None:
    world = World()
    world.say("a")
    world.say("b")
    assert world.poll().packets == ["4a", "4b"]


def test_a_poll_waits_for_what_is_sent() -> None:
    world = World()
    poll = world.poll()
    assert poll.packets is None
    world.say("a")
    assert poll.packets == ["4a"]


def test_a_post_is_taken_in_order() -> None:
    world = World()
    world.session.post(b"4a\x1ebAQI=\x1e4b")
    assert world.inbox.messages == ["a", b"\x01\x02", "b"]


@pytest.mark.parametrize("body", [b"", b"abc", b"4a\x1e9", b"2", b"5", b"0", b"4bad"])
def test_a_bad_post_ends_the_session(body: bytes) -> None:
    world = World()
    poll = world.poll()
    with pytest.raises(ProtocolError):
        world.session.post(body)
    assert world.session.state is State.CLOSED
    assert world.inbox.reasons == ["parse error"]
    assert poll.packets == ["1"]
    assert len(world.server) == 0


def test_overlapping_polls_end_the_session() -> None:
    world = World()
    first = world.poll()
    with pytest.raises(ProtocolError):
        world.poll()
    assert first.packets == ["1"]
    assert world.inbox.reasons == ["parse error"]


def test_a_dropped_poll_ends_the_session() -> None:
    world = World()
    poll = world.poll()
    world.session.cancel_poll(poll)
    assert world.session.state is State.CLOSED
    assert world.inbox.reasons == ["transport close"]
    assert poll.packets is None


def test_a_poll_that_was_answered_can_no_longer_be_dropped() -> None:
    world = World()
    poll = world.poll()
    world.say("a")
    world.session.cancel_poll(poll)
    assert world.session.state is State.POLLING


def test_the_peer_closes_by_post() -> None:
    world = World()
    poll = world.poll()
    world.session.post(b"1\x1e4late")
    assert poll.packets == ["6"]
    assert world.inbox == Inbox([], ["client close"])


def test_a_peer_that_polls_too_slowly_is_unknown_when_it_comes() -> None:
    """A close packet would keep python-socketio away for good."""
    world = World()
    candidate = RecordingWebSocket()
    assert world.session.upgrade(candidate)
    half = "x" * (MAX_QUEUED_BYTES // 2)
    world.say("y" * (MAX_QUEUED_BYTES + 1))  # alone, any size goes
    world.say(half)
    world.say(half)
    assert world.inbox.reasons == []  # whoever sent it is not to be called back
    assert len(world.server) == 0
    assert candidate.closed()
    world.say("lost")
    world.clock.turn()
    assert world.inbox.reasons == ["transport error"]
    assert world.clock.armed == 0


def test_one_answer_has_no_more_packets_than_every_client_takes() -> None:
    world = World()
    world.session.send(Frames.join([Frames.message(b"%d" % number) for number in range(40)]))
    world.say("40")
    said = [f"4{number}" for number in range(41)]
    assert world.poll().packets == said[:16]
    assert world.poll().packets == said[16:32]
    assert world.poll().packets == said[32:]
    waiting = world.poll()
    world.session.send(Frames.join([Frames.binary(b"\x00")] * 20))
    assert waiting.packets == ["bAA=="] * 16
    world.session.close(Reason.SHUTDOWN)
    assert world.poll().packets == ["bAA=="] * 4 + ["6"]
    assert world.session.state is State.CLOSED


def test_the_rest_of_a_long_answer_goes_over_the_websocket() -> None:
    world = World()
    world.session.send(Frames.join([Frames.message(b"%d" % number) for number in range(40)]))
    assert world.poll().packets == [f"4{number}" for number in range(16)]
    assert world.upgrade().take() == [f"4{number}" for number in range(16, 40)]


# Closing from our side.


@pytest.mark.parametrize("reason", Reason)
def test_only_a_peer_that_shall_stay_away_is_told_so(reason: Reason) -> None:
    """python-socketio never comes back after a close packet."""
    farewell = "1" if reason in (Reason.PARSE_ERROR, Reason.SERVER_CLOSE) else "6"
    closed, aborted, left = World(), World(), World()
    polls = closed.poll(), aborted.poll()
    closed.session.close(reason)
    aborted.session.abort(reason)
    left.say("last words")
    left.session.close(reason)
    assert [poll.packets for poll in (*polls, left.poll())] == [[farewell], [farewell], ["4last words", farewell]]
    for world in (closed, aborted, left):
        assert world.inbox.reasons == [reason]
        assert world.session.state is State.CLOSED


def test_a_poll_of_a_peer_that_fell_silent_ends_with_a_noop() -> None:
    world = World()
    world.clock.advance(25)
    assert world.poll().packets == ["2"]
    poll = world.poll()
    world.clock.advance(20)
    assert poll.packets == ["6"]
    assert world.inbox.reasons == ["ping timeout"]


def test_closing_leaves_the_rest_for_the_next_poll() -> None:
    world = World()
    world.say("last words")
    world.session.close(Reason.SHUTDOWN)
    assert world.inbox.reasons == ["server shutting down"]
    world.say("too late")
    world.session.post(b"4unheard")
    assert len(world.server) == 1
    assert world.poll().packets == ["4last words", "6"]
    assert len(world.server) == 0
    assert world.inbox == Inbox([], ["server shutting down"])


def test_what_comes_behind_our_closing_in_one_post_is_not_heard() -> None:
    world = World()
    world.inbox.on_message = lambda: world.session.close(Reason.SHUTDOWN)
    world.say("last words")
    world.session.post(b"4a\x1e4bad\x1e4b")
    assert world.inbox.messages == ["a"]
    assert world.poll().packets == ["4last words", "6"]
    assert world.inbox.reasons == ["server shutting down"]


def test_a_closed_session_that_nobody_polls_is_forgotten() -> None:
    world = World()
    world.session.close(Reason.SHUTDOWN)
    world.clock.advance(60)
    assert len(world.server) == 0
    assert world.clock.armed == 0
    assert world.inbox.reasons == ["server shutting down"]


def test_closing_a_websocket() -> None:
    websocket = RecordingWebSocket()
    world = World(websocket)
    world.session.close(Reason.SHUTDOWN)
    world.session.close(Reason.SERVER_CLOSE)
    assert websocket.closed()
    assert websocket.take() == []
    assert world.inbox.reasons == ["server shutting down"]
    assert world.clock.armed == 0


# The heartbeat.


def test_a_silent_peer_gets_a_ping_and_then_goes() -> None:
    websocket = RecordingWebSocket()
    world = World(websocket)
    world.clock.advance(24.9)
    assert websocket.take() == []
    world.clock.advance(0.2)
    assert websocket.take() == ["2"]
    world.clock.advance(19.8)
    assert not websocket.closed()
    world.clock.advance(0.2)
    assert websocket.closed()
    assert world.inbox.reasons == ["ping timeout"]


def test_a_peer_that_answers_stays_and_one_timer_is_enough() -> None:
    websocket = RecordingWebSocket()
    world = World(websocket)
    for _ in range(5):
        world.clock.advance(25)
        assert websocket.take() == ["2"]
        world.session.frame(websocket, "3")
        assert world.clock.armed == 1
    assert not websocket.closed()


def test_the_next_ping_may_be_due_before_the_deadline_of_the_last() -> None:
    clock, inbox, websocket = ManualClock(), Inbox(), RecordingWebSocket()
    options = Options(ping_interval_s=1, ping_timeout_s=20)
    session, _ = Server(lambda session, handshake: inbox, options=options, clock=clock).open(SOMEBODY, websocket)
    clock.advance(1)
    session.frame(websocket, "3")
    assert websocket.take() == ["2"]
    clock.advance(1)
    assert websocket.take() == ["2"]


def test_a_timer_that_comes_a_moment_too_early_is_not_set_again_and_again() -> None:
    class Early(ManualClock):
        """uvloop, which counts in whole milliseconds: a rest of less than half of one is none."""

        set = 0

        def call_at(self, when: float, callback: Callable[[], object], /) -> ManualTimer:
            self.set += 1
            assert self.set <= 1 + 2 * PINGS
            return super().call_at(self.time() + round(when - self.time(), 3), callback)

    clock, websocket = Early(), RecordingWebSocket()
    inbox = Inbox()
    options = Options(ping_interval_s=25.0003, ping_timeout_s=20)
    session, _ = Server(lambda *_: inbox, options=options, clock=clock).open(SOMEBODY, websocket)
    session.receiver = inbox
    for _ in range(PINGS):
        clock.advance(25.001)
        assert websocket.take() == ["2"]
        session.frame(websocket, "3")


def test_slow_answers_do_not_put_the_pings_off() -> None:
    websocket = RecordingWebSocket()
    world = World(websocket)
    world.clock.advance(25)
    for _ in range(5):
        assert websocket.take() == ["2"]
        world.clock.advance(10)
        world.session.frame(websocket, "3")
        world.clock.advance(14)
        assert websocket.take() == []
        world.clock.advance(1)


def test_a_process_that_was_late_gives_the_peer_half_its_time() -> None:
    websocket = RecordingWebSocket()
    world = World(websocket)
    world.clock.stall(60)
    assert websocket.take() == ["2"]
    world.clock.advance(9.9)
    assert not websocket.closed()
    world.session.frame(websocket, "3")
    world.clock.advance(10)
    assert not websocket.closed()


def test_a_ping_waits_for_a_poll_like_anything_else() -> None:
    world = World()
    world.clock.advance(25)
    assert world.poll().packets == ["2"]
    world.session.post(b"3")
    world.clock.advance(24)
    assert world.session.state is State.POLLING


@pytest.mark.parametrize("frame", ["2", "0", "5", "", "x", "4bad"])
def test_what_a_peer_may_not_send_ends_the_session(frame: str) -> None:
    websocket = RecordingWebSocket()
    world = World(websocket)
    world.session.frame(websocket, frame)
    assert websocket.closed()
    assert world.inbox.reasons == ["parse error"]


def test_a_lost_websocket_ends_the_session() -> None:
    websocket = RecordingWebSocket()
    world = World(websocket)
    world.session.lost(websocket)
    world.session.lost(websocket)
    assert world.inbox.reasons == ["transport close"]
    world.say("to nobody")
    assert websocket.take() == []
