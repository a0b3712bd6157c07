"""What a session sees of its neighbours: the transports that carry it, the receiver of its messages, its times."""

from typing import Protocol

from realtime.engineio.budget import Rates
from realtime.engineio.buffers import Account
from realtime.engineio.framing import NORMAL
from realtime.engineio.heartbeat import Times
from realtime.engineio.packet import Frames
from realtime.reason import Reason


class WebSocket(Protocol):
    """An open WebSocket, as used by a session."""

    def send(self, frames: Frames) -> None:
        """Send, or queue within bounds; never raises and never calls back synchronously."""

    @property
    def account(self) -> Account:
        """The bytes kept for its connection."""

    def close(self, code: int = NORMAL, why: str = "") -> None:
        """Close it; data written before is still sent. With any other `code`, look at nothing more that arrives."""


class Poll(Protocol):
    """A GET that waits for packets."""

    def answer(self, payload: bytes) -> None: ...


class Receiver(Protocol):
    """The receiver of a session's messages."""

    def message(self, data: str | bytes) -> None:
        """Handle a message; raises ProtocolError if it is invalid, which ends the session."""

    def flush(self) -> None:
        """Send what was buffered so far: the session is about to close."""

    def closed(self, reason: Reason) -> None:
        """Called once, when the session has ended and nothing more can be received or sent."""


class Timing(Times, Protocol):
    """A session's timeouts, in seconds, and its rates."""

    @property
    def upgrade_timeout_s(self) -> float: ...

    @property
    def rates(self) -> Rates | None: ...
