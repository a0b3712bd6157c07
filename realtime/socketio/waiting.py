"""Messages of a connection that wait: packets behind a running handler, parts of one until its attachments came."""

from collections import deque
from typing import Final

from realtime.engineio.buffers import Part
from realtime.engineio.session import Session
from realtime.errors import ProtocolError
from realtime.socketio.packet import Decoded, Overlarge

ENOUGH_WAITING: Final = 16
"""From here on, the rest is left in the peer's own socket until the handler has ended."""
MAX_WAITING_EVENTS: Final = 1_000
"""How many events may be queued behind a slow handler. How many bytes: `realtime.engineio.buffers`."""


class Waiting:
    """The messages of one connection that wait. Their bytes are stated in its session's account."""

    __slots__ = ("_bytes", "_packets", "_partial_bytes", "_session")

    def __init__(self, session: Session) -> None:
        self._session = session
        self._packets: deque[tuple[Decoded, int]] | None = None  # each with its size in bytes
        self._bytes = 0
        self._partial_bytes = 0

    def __bool__(self) -> bool:
        """Return whether a packet waits."""
        return bool(self._packets)

    def add_part(self, size_bytes: int) -> None:
        """Count a part of a packet whose attachments are awaited. Raises ProtocolError if that is too much."""
        self._partial_bytes += size_bytes
        self._check()

    def take_parts(self) -> int:
        """Return the bytes of the parts, now that the packet is complete."""
        size_bytes, self._partial_bytes = self._partial_bytes, 0
        self._hold()
        return size_bytes

    def add(self, packet: Decoded, size_bytes: int) -> None:
        """Let a packet wait. Raises ProtocolError if too much does."""
        if self._packets is None:
            self._packets = deque()
        if isinstance(packet, Overlarge):
            size_bytes = 0  # nothing of it is kept
        if len(self._packets) >= MAX_WAITING_EVENTS:
            raise ProtocolError("too much queued behind a running handler")
        self._bytes += size_bytes
        self._check()
        self._packets.append((packet, size_bytes))
        self._session.blocked = len(self._packets) >= ENOUGH_WAITING

    def take(self) -> Decoded:
        """Return the packet that has waited for longest."""
        assert self._packets
        packet, size_bytes = self._packets.popleft()
        self._bytes -= size_bytes
        self._hold()
        return packet

    def clear(self) -> None:
        """Forget all of it."""
        self._packets = None
        self._bytes = self._partial_bytes = 0
        self._hold()

    def _hold(self) -> bool:
        """State what is kept; return whether that may be."""
        return self._session.account.hold(Part.WAITING, self._partial_bytes + self._bytes)

    def _check(self) -> None:
        if not self._hold():
            raise ProtocolError("more waits than may be kept for one connection")
