"""An Engine.IO session: polling, heartbeat, closing."""

from collections.abc import Callable

import pytest

from realtime.engineio.outbox import MAX_QUEUED_BYTES
from realtime.engineio.packet import Frames
from realtime.engineio.server import (
    Options,
    Server,
)
from realtime.engineio.states import TRANSITIONS, State, Trigger
from realtime.errors import ProtocolError
from realtime.reason import Reason
from tests.doubles import ManualClock, ManualTimer, RecordingWebSocket
from tests.sessions import SOMEBODY, Inbox, World

PINGS = 10


def test_the_transition_table_always_leads_to_closed() -> None:
    assert State.CLOSED not in {state for state, _ in TRANSITIONS}
    for state in set(State) - {State.CLOSED, State.PROBING, State.UPGRADING}:
        assert TRANSITIONS[state, Trigger.END] is State.CLOSED
    for state in (State.PROBING, State.UPGRADING):
        assert TRANSITIONS[state, Trigger.CANDIDATE_LOST] is State.POLLING


# Polling.


def test_messages_wait_for_the_next_poll() -> None:
    world = World()
    world.say("a")
    world.say("b")
    assert world.poll().packets == ["4a", "4b"]


def test_a_poll_waits_for_the_next_message() -> None:
    world = World()
    poll = world.poll()
    assert poll.packets is None
    world.say("a")
    assert poll.packets == ["4a"]


def test_the_packets_of_a_post_are_handled_in_order() -> None:
    world = World()
    list(world.session.post(b"4a\x1ebAQI=\x1e4b"))
    assert world.inbox.messages == ["a", b"\x01\x02", "b"]


@pytest.mark.parametrize("body", [b"", b"abc", b"4a\x1e9", b"2", b"5", b"0", b"4bad"])
def test_a_bad_post_ends_the_session(body: bytes) -> None:
    world = World()
    poll = world.poll()
    with pytest.raises(ProtocolError):
        list(world.session.post(body))
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


def test_cancelling_an_answered_poll_has_no_effect() -> None:
    world = World()
    poll = world.poll()
    world.say("a")
    world.session.cancel_poll(poll)
    assert world.session.state is State.POLLING


def test_a_close_packet_in_a_post_ends_the_session() -> None:
    world = World()
    poll = world.poll()
    list(world.session.post(b"1\x1e4late"))
    assert poll.packets == ["6"]
    assert world.inbox == Inbox([], ["client close"])


def test_a_peer_that_polls_too_slowly_finds_its_session_unknown() -> None:
    """After a close packet python-socketio would never reconnect."""
    world = World()
    candidate = RecordingWebSocket()
    assert world.session.upgrade(candidate)
    half = "x" * (MAX_QUEUED_BYTES // 2)
    world.say("y" * (MAX_QUEUED_BYTES + 1))  # a single message may have any size
    world.say(half)
    world.say(half)
    assert world.inbox.reasons == []  # no callback into whoever is sending
    assert len(world.server) == 0
    assert candidate.closed()
    world.say("lost")
    world.clock.turn()
    assert world.inbox.reasons == ["transport error"]
    assert world.clock.armed == 0


def test_one_poll_answer_holds_at_most_16_packets() -> None:
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
def test_a_close_packet_is_sent_only_to_a_peer_that_must_not_reconnect(reason: Reason) -> None:
    """python-socketio never reconnects after a close packet."""
    farewell = "1" if reason in (Reason.PARSE_ERROR, Reason.OVER_RATE, Reason.SERVER_CLOSE) else "6"
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


def test_closing_leaves_queued_messages_for_the_next_poll() -> None:
    world = World()
    world.say("last words")
    world.session.close(Reason.SHUTDOWN)
    assert world.inbox.reasons == ["server shutting down"]
    world.say("too late")
    list(world.session.post(b"4unheard"))
    assert len(world.server) == 1
    assert world.poll().packets == ["4last words", "6"]
    assert len(world.server) == 0
    assert world.inbox == Inbox([], ["server shutting down"])


def test_packets_after_our_close_in_the_same_post_are_ignored() -> None:
    world = World()
    world.inbox.on_message = lambda: world.session.close(Reason.SHUTDOWN)
    world.say("last words")
    list(world.session.post(b"4a\x1e4bad\x1e4b"))
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


def test_closing_a_websocket_session_closes_its_websocket() -> None:
    websocket = RecordingWebSocket()
    world = World(websocket)
    world.session.close(Reason.SHUTDOWN)
    world.session.close(Reason.SERVER_CLOSE)
    assert websocket.closed()
    assert websocket.take() == []
    assert world.inbox.reasons == ["server shutting down"]
    assert world.clock.armed == 0


# The heartbeat.


def test_a_silent_peer_is_pinged_and_then_closed() -> None:
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


def test_a_peer_that_answers_stays_connected_with_a_single_timer() -> None:
    websocket = RecordingWebSocket()
    world = World(websocket)
    for _ in range(5):
        world.clock.advance(25)
        assert websocket.take() == ["2"]
        world.session.frame(websocket, "3")
        assert world.clock.armed == 1
    assert not websocket.closed()


def test_the_next_ping_may_be_due_before_the_last_ones_deadline() -> None:
    clock, inbox, websocket = ManualClock(), Inbox(), RecordingWebSocket()
    options = Options(ping_interval_s=1, ping_timeout_s=20)
    session, _ = Server(lambda session, handshake: inbox, options=options, clock=clock).open(SOMEBODY, websocket)
    clock.advance(1)
    session.frame(websocket, "3")
    assert websocket.take() == ["2"]
    clock.advance(1)
    assert websocket.take() == ["2"]


def test_a_timer_that_fires_slightly_early_is_not_rearmed_repeatedly() -> None:
    class Early(ManualClock):
        """Like uvloop, which rounds to whole milliseconds, so that a delay below half of one becomes zero."""

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


def test_slow_pongs_do_not_delay_the_pings() -> None:
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


def test_after_a_stall_the_peer_gets_half_of_the_ping_timeout() -> None:
    websocket = RecordingWebSocket()
    world = World(websocket)
    world.clock.stall(60)
    assert websocket.take() == ["2"]
    world.clock.advance(9.9)
    assert not websocket.closed()
    world.session.frame(websocket, "3")
    world.clock.advance(10)
    assert not websocket.closed()


def test_a_ping_waits_for_a_poll_like_any_other_packet() -> None:
    world = World()
    world.clock.advance(25)
    assert world.poll().packets == ["2"]
    list(world.session.post(b"3"))
    world.clock.advance(24)
    assert world.session.state is State.POLLING


@pytest.mark.parametrize("frame", ["2", "0", "5", "", "x", "4bad"])
def test_a_forbidden_packet_ends_the_session(frame: str) -> None:
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
