"""What a session sees of the transports that carry it."""

from typing import Protocol

from realtime.engineio.buffers import Account
from realtime.engineio.framing import NORMAL
from realtime.engineio.packet import Frames


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
