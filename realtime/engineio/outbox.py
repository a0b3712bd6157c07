"""The packets of a long-polling peer that wait for its next poll."""

from typing import Final

from realtime.engineio.buffers import Account, Part
from realtime.engineio.packet import MAX_POLLED_PACKETS, SEPARATOR, Frames

MAX_QUEUED_BYTES: Final = 1 << 20
"""How much may be queued for a peer that does not read, after the write that began the queue."""


class Outbox:
    """Packets in the order of sending, within MAX_QUEUED_BYTES; `account` is told how many bytes they are."""

    __slots__ = ("_bytes", "_later_bytes", "_waiting")

    def __init__(self) -> None:
        self._waiting: list[Frames] = []
        self._bytes = 0
        self._later_bytes = 0  # without what began the queue

    def __bool__(self) -> bool:
        """Whether any wait."""
        return bool(self._waiting)

    def add(self, frames: Frames) -> bool:
        """Queue packets, if the bound allows; return whether it did."""
        if self._waiting:
            self._later_bytes += len(frames.wire)
            if self._later_bytes > MAX_QUEUED_BYTES:
                return False
        self._waiting += frames.pieces
        self._bytes += len(frames.wire)
        return True

    def add_last(self, farewell: Frames) -> None:
        """Queue what ends the session, whatever waits already. It is not counted."""
        self._waiting.append(farewell)

    def state(self, account: Account) -> None:
        """Tell `account` how much waits."""
        account.hold(Part.QUEUED, self._bytes)

    def take(self, account: Account) -> bytes:
        """Return the payload of the next poll's answer, with as many packets as one may have."""
        packets: list[bytes] = []
        taken = 0
        for frames in self._waiting:
            if taken and len(packets) + len(frames.polled) > MAX_POLLED_PACKETS:
                break
            packets += frames.polled
            self._later_bytes -= len(frames.wire)
            self._bytes -= len(frames.wire)
            taken += 1
        del self._waiting[:taken]
        self._later_bytes = max(0, self._later_bytes) if self._waiting else 0
        self._bytes = self._bytes if self._waiting else 0  # a farewell was not counted
        self.state(account)
        return SEPARATOR.join(packets)

    def clear(self) -> list[Frames]:
        """Return all that waits, and keep nothing."""
        waiting, self._waiting = self._waiting, []
        self._bytes = self._later_bytes = 0
        return waiting
