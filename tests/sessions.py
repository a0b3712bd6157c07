"""An Engine.IO session on a clock that the test controls, and a receiver of its messages."""

from collections.abc import Callable
from dataclasses import dataclass, field

from realtime.engineio.packet import Frames
from realtime.engineio.server import (
    HandshakeRequest,
    Options,
    Server,
)
from realtime.errors import ProtocolError
from tests.doubles import ManualClock, RecordingPoll, RecordingWebSocket

SOMEBODY = HandshakeRequest(identity=None, address="10.0.0.7", referer=None, query={})


@dataclass
class Inbox:
    """A receiver that records everything; a message `bad` counts as a protocol violation."""

    messages: list[str | bytes] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    on_message: Callable[[], object] = lambda: None

    def message(self, data: str | bytes) -> None:
        if data == "bad":
            raise ProtocolError("bad")
        self.messages.append(data)
        self.on_message()

    def flush(self) -> None:
        pass

    def closed(self, reason: str) -> None:
        self.reasons.append(reason)


class World:
    """A server on a manual clock, and one session of it."""

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
        """Upgrade as a correct client does, with no poll waiting."""
        candidate = RecordingWebSocket()
        assert self.session.upgrade(candidate)
        self.session.frame(candidate, "2probe")
        assert candidate.take() == ["3probe"]
        self.session.frame(candidate, "5")
        return candidate
