"""Upgrading from polling to a WebSocket loses, duplicates and reorders nothing, even when it fails."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from realtime.engineio.session import Session
from realtime.engineio.states import State
from realtime.reason import Reason
from tests.doubles import RecordingPoll, RecordingWebSocket, packets
from tests.sessions import Inbox, World


def test_queued_messages_go_over_the_websocket_first() -> None:
    world = World()
    world.say("a")
    websocket = world.upgrade()
    world.say("b")
    assert websocket.take() == ["4a", "4b"]
    assert not world.session.polling
    assert world.clock.armed == 1


def test_the_probe_ends_a_waiting_poll_and_a_late_one() -> None:
    world = World()
    early, candidate = world.poll(), RecordingWebSocket()
    assert world.session.upgrade(candidate)
    assert early.payload is None
    world.session.frame(candidate, "2probe")
    assert early.packets == ["6"]
    assert world.poll().packets == ["6"]


def test_until_the_switch_everything_is_sent_by_polling() -> None:
    world = World()
    candidate = RecordingWebSocket()
    assert world.session.upgrade(candidate)
    world.session.frame(candidate, "2probe")
    candidate.take()
    world.say("a")
    list(world.session.post(b"4up"))
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


def test_a_session_accepts_one_upgrade_candidate() -> None:
    world = World()
    assert world.session.upgrade(RecordingWebSocket())
    assert not world.session.upgrade(RecordingWebSocket())
    other = World()
    other.upgrade()
    assert not other.session.upgrade(RecordingWebSocket())


def test_closing_the_session_closes_the_upgrade_candidate() -> None:
    world = World()
    candidate = RecordingWebSocket()
    world.session.upgrade(candidate)
    world.session.close(Reason.SHUTDOWN)
    assert candidate.closed()
    assert world.poll().packets == ["6"]
    assert world.clock.armed == 0


class UpgradeUnderFire(RuleBasedStateMachine):
    """In any order of events, messages arrive once and in order as long as the session lives."""

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
        """Read everything a client could have read by now."""
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
            list(self.session.post(text.encode()))

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
        list(self.session.post(b"3"))
        self.collect()

    # A client sends `5` once its poll has been answered.
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
        self.session.abort(Reason.PARSE_ERROR)
        assert self.world.clock.armed == 0
        assert len(self.world.server) == 0


UpgradeUnderFire.TestCase.settings = settings(max_examples=150, stateful_step_count=30)
TestUpgradeUnderFire = UpgradeUnderFire.TestCase
