"""A session's life: polling, heartbeat, upgrade, end."""

from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from realtime.engineio.packet import Frames
from realtime.engineio.server import (
    BadHandshakeMethod,
    BadRequest,
    Forbidden,
    Handshake,
    Options,
    Refused,
    Request,
    Server,
    UnknownSession,
    UnknownTransport,
    UnsupportedVersion,
)
from realtime.engineio.session import MAX_QUEUED_BYTES, TRANSITIONS, Event, Session, State
from realtime.errors import ProtocolError
from tests.doubles import ManualClock, RecordingPoll, RecordingWebSocket, packets

SOMEBODY = Handshake(identity=None, address="10.0.0.7", referer=None, query={})


@dataclass
class Inbox:
    """A receiver that keeps everything; a message `bad` is a violation."""

    messages: list[str | bytes] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def message(self, data: str | bytes) -> None:
        if data == "bad":
            raise ProtocolError("bad")
        self.messages.append(data)

    def closed(self, reason: str) -> None:
        self.reasons.append(reason)


class World:
    """A server on a clock of its own, and one session of it."""

    def __init__(self, websocket: RecordingWebSocket | None = None) -> None:
        self.clock = ManualClock()
        self.inbox = Inbox()
        self.server = Server(lambda session, handshake: self.inbox, options=Options(), clock=self.clock)
        self.session, _ = self.server.open(SOMEBODY, websocket)

    def poll(self) -> RecordingPoll:
        poll = RecordingPoll()
        self.session.poll(poll)
        return poll

    def say(self, text: str) -> None:
        self.session.send(Frames.message(text.encode()))

    def upgrade(self) -> RecordingWebSocket:
        """Upgrade as a good client does, with no GET under way."""
        candidate = RecordingWebSocket()
        assert self.session.upgrade(candidate)
        self.session.frame(candidate, "2probe")
        assert candidate.take() == ["3probe"]
        self.session.frame(candidate, "5")
        return candidate


def test_the_table_leads_only_to_the_end() -> None:
    assert State.CLOSED not in {state for state, _ in TRANSITIONS}
    for state in set(State) - {State.CLOSED, State.PROBING, State.UPGRADING}:
        assert TRANSITIONS[state, Event.END] is State.CLOSED
    for state in (State.PROBING, State.UPGRADING):
        assert TRANSITIONS[state, Event.CANDIDATE_LOST] is State.POLLING


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
    assert world.inbox.reasons == ["transport error"]


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
    assert world.inbox == Inbox([], ["transport close"])


def test_a_peer_that_never_polls_is_closed_when_too_much_waits() -> None:
    world = World()
    half = "x" * (MAX_QUEUED_BYTES // 2)
    world.say("y" * (MAX_QUEUED_BYTES + 1))  # alone, any size goes
    world.say(half)
    world.say(half)
    assert world.inbox.reasons == []  # whoever sent it is not to be called back
    world.say("lost")
    world.clock.turn()
    assert world.inbox.reasons == ["transport error"]
    assert world.poll().packets == ["1"]
    assert world.session.state is State.CLOSED


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
    world.session.close("because")
    assert world.poll().packets == ["bAA=="] * 4 + ["1"]
    assert world.session.state is State.CLOSED


def test_the_rest_of_a_long_answer_goes_over_the_websocket() -> None:
    world = World()
    world.session.send(Frames.join([Frames.message(b"%d" % number) for number in range(40)]))
    assert world.poll().packets == [f"4{number}" for number in range(16)]
    assert world.upgrade().take() == [f"4{number}" for number in range(16, 40)]


# Closing from our side.


def test_closing_answers_the_poll_that_waits() -> None:
    world = World()
    poll = world.poll()
    world.session.close("because")
    assert poll.packets == ["1"]
    assert world.inbox.reasons == ["because"]
    assert world.session.state is State.CLOSED


def test_closing_leaves_the_rest_for_the_next_poll() -> None:
    world = World()
    world.say("last words")
    world.session.close("because")
    assert world.inbox.reasons == ["because"]
    world.say("too late")
    world.session.post(b"4unheard")
    assert len(world.server) == 1
    assert world.poll().packets == ["4last words", "1"]
    assert len(world.server) == 0
    assert world.inbox == Inbox([], ["because"])


def test_a_closed_session_that_nobody_polls_is_forgotten() -> None:
    world = World()
    world.session.close("because")
    world.clock.advance(60)
    assert len(world.server) == 0
    assert world.clock.armed == 0
    assert world.inbox.reasons == ["because"]


def test_closing_a_websocket() -> None:
    websocket = RecordingWebSocket()
    world = World(websocket)
    world.session.close("because")
    world.session.close("again")
    assert websocket.closed()
    assert websocket.take() == []
    assert world.inbox.reasons == ["because"]
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


# The upgrade.


def test_what_waits_goes_over_the_websocket_first() -> None:
    world = World()
    world.say("a")
    websocket = world.upgrade()
    world.say("b")
    assert websocket.take() == ["4a", "4b"]
    assert not world.session.polling
    assert world.clock.armed == 1


def test_the_probe_ends_the_poll_that_waits_and_one_that_comes_late() -> None:
    world = World()
    early, candidate = world.poll(), RecordingWebSocket()
    assert world.session.upgrade(candidate)
    assert early.payload is None
    world.session.frame(candidate, "2probe")
    assert early.packets == ["6"]
    assert world.poll().packets == ["6"]


def test_until_the_switch_everything_goes_by_polling() -> None:
    world = World()
    candidate = RecordingWebSocket()
    assert world.session.upgrade(candidate)
    world.session.frame(candidate, "2probe")
    candidate.take()
    world.say("a")
    world.session.post(b"4up")
    assert candidate.take() == []
    assert world.poll().packets == ["4a"]
    world.session.frame(candidate, "5")
    world.session.frame(candidate, "4more")
    assert candidate.take() == []
    assert world.inbox.messages == ["up", "more"]


@pytest.mark.parametrize("said", [[], ["2probe"]])
@pytest.mark.parametrize("how", ["lost", "late", "4hello", "2probe2", "\x00"])
def test_a_failed_probe_leaves_the_session_polling(said: list[str], how: str) -> None:
    world = World()
    candidate = RecordingWebSocket()
    assert world.session.upgrade(candidate)
    for frame in said:
        world.session.frame(candidate, frame)
    match how:
        case "lost":
            world.session.lost(candidate)
        case "late":
            world.clock.advance(10)
        case frame:
            world.session.frame(candidate, frame)
    assert candidate.closed()
    assert world.session.state is State.POLLING
    world.say("still here")
    assert world.poll().packets == ["4still here"]
    assert world.inbox == Inbox()
    world.session.frame(candidate, "4ghost")
    assert world.inbox == Inbox()
    assert world.upgrade().take() == []


def test_a_session_takes_one_candidate() -> None:
    world = World()
    assert world.session.upgrade(RecordingWebSocket())
    assert not world.session.upgrade(RecordingWebSocket())
    other = World()
    other.upgrade()
    assert not other.session.upgrade(RecordingWebSocket())


def test_closing_drops_the_candidate() -> None:
    world = World()
    candidate = RecordingWebSocket()
    world.session.upgrade(candidate)
    world.session.close("because")
    assert candidate.closed()
    assert world.poll().packets == ["1"]
    assert world.clock.armed == 0


# Who may come.


def _request(
    method: str = "GET",
    transport: str = "polling",
    sid: str = "",
    *,
    version: str = "4",
    websocket: bool = False,
    same_origin: bool = True,
) -> Request:
    return Request(method, transport, sid, version, websocket, same_origin)


@pytest.mark.parametrize(
    ("request_", "error", "code"),
    [
        (_request(transport=""), UnknownTransport, 0),
        (_request(transport="abc"), UnknownTransport, 0),
        (_request(sid="nobody"), UnknownSession, 1),
        (_request("POST"), BadHandshakeMethod, 2),
        (_request("PUT"), BadHandshakeMethod, 2),
        (_request(transport="websocket"), BadRequest, 3),
        (_request(websocket=True), BadRequest, 3),
        (_request(same_origin=False), Forbidden, 4),
        (_request(transport="websocket", websocket=True, same_origin=False), Forbidden, 4),
        (_request(version=""), UnsupportedVersion, 5),
        (_request(version="3"), UnsupportedVersion, 5),
    ],
)
def test_refusals(request_: Request, error: type[Refused], code: int) -> None:
    with pytest.raises(error) as caught:
        World().server.check(request_)
    assert caught.value.body() == {"code": code, "message": error.message}
    assert caught.value.status == (403 if error is Forbidden else 400)


def test_a_session_is_found_by_its_id_while_its_transport_fits() -> None:
    world = World()
    sid = world.session.sid
    assert world.server.check(_request(sid=sid, version="")) is world.session
    assert world.server.check(_request("POST", sid=sid)) is world.session
    assert world.server.check(_request(transport="websocket", sid=sid, websocket=True)) is world.session
    with pytest.raises(Forbidden):
        world.server.check(_request(sid=sid, same_origin=False))
    world.upgrade()
    with pytest.raises(BadRequest):
        world.server.check(_request(sid=sid))


def test_a_stopped_server_closes_all_and_opens_none() -> None:
    world = World()
    websocket = world.upgrade()
    second, _ = world.server.open(SOMEBODY)
    poll = RecordingPoll()
    second.poll(poll)
    assert len(world.server) == 2
    world.server.close()
    assert (websocket.closed(), poll.packets) == (True, ["1"])
    assert websocket.take() == []  # nothing that tells the official client to stay away
    assert len(world.server) == 0
    with pytest.raises(BadRequest):
        world.server.check(_request())


class UpgradeUnderFire(RuleBasedStateMachine):
    """Whatever the order of things, what is sent arrives once and in order, as long as the session lives."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.said = 0
        self.heard: list[str] = []
        self.brought = 0
        self.waiting: RecordingPoll | None = None
        self.candidate: RecordingWebSocket | None = None
        self.probed = False
        self.upgraded = False

    @property
    def session(self) -> Session:
        return self.world.session

    def collect(self) -> None:
        """Read what a client could have read by now."""
        if self.waiting is not None and self.waiting.payload is not None:
            self.heard += [one for one in packets(self.waiting.payload) if one != "6"]
            self.waiting = None
        if self.candidate is not None:
            self.heard += [one for one in self.candidate.take() if one != "3probe"]

    @rule(count=st.integers(1, 3))
    def say(self, count: int) -> None:
        for _ in range(count):
            self.world.say(str(self.said))
            self.said += 1
        self.collect()

    @precondition(lambda self: not self.upgraded and self.waiting is None)
    @rule()
    def poll(self) -> None:
        self.waiting = self.world.poll()
        self.collect()

    @rule()
    def bring(self) -> None:
        text = f"4{self.brought}"
        self.brought += 1
        if self.upgraded:
            assert self.candidate is not None
            self.session.frame(self.candidate, text)
        else:
            self.session.post(text.encode())

    @precondition(lambda self: self.candidate is None)
    @rule()
    def open_candidate(self) -> None:
        self.candidate = RecordingWebSocket()
        assert self.session.upgrade(self.candidate)

    @precondition(lambda self: self.candidate is not None and not self.probed)
    @rule()
    def probe(self) -> None:
        assert self.candidate is not None
        self.session.frame(self.candidate, "2probe")
        self.probed = True
        self.collect()

    @precondition(lambda self: self.candidate is not None and not self.upgraded)
    @rule(late=st.booleans())
    def fail(self, late: bool) -> None:
        assert self.candidate is not None
        if late:
            self.world.clock.advance(10)
        else:
            self.session.lost(self.candidate)
        self.candidate, self.probed = None, False
        self.session.post(b"3")
        self.collect()

    # A client sends `5` when its GET has come back.
    @precondition(lambda self: self.probed and not self.upgraded and self.waiting is None)
    @rule()
    def switch(self) -> None:
        assert self.candidate is not None
        self.session.frame(self.candidate, "5")
        self.upgraded = True
        self.collect()

    @invariant()
    def nothing_lost_doubled_or_reordered(self) -> None:
        heard = [one for one in self.heard if one != "2"]
        assert heard == [f"4{number}" for number in range(len(heard))]
        if self.upgraded or self.waiting is not None:
            assert len(heard) == self.said
        assert self.world.inbox.messages == [str(number) for number in range(self.brought)]
        assert self.world.inbox.reasons == []

    def teardown(self) -> None:
        self.session.abort("over")
        assert self.world.clock.armed == 0
        assert len(self.world.server) == 0


UpgradeUnderFire.TestCase.settings = settings(max_examples=150, stateful_step_count=30)
TestUpgradeUnderFire = UpgradeUnderFire.TestCase
