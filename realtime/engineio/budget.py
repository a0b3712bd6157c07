"""What a peer may send, over time and in one turn of the event loop. Pure: times, in seconds, are passed in.

Two different questions. *Too much at the moment* is no offence: a client that was offline sends all that it had
buffered. What a turn has no time for waits in its own socket (`realtime.engineio.slices`). *Too much for too long* is
what no client of ours, nor the official library in a page, ever sends. That session is closed with its reason.
"""

from typing import Final, NamedTuple

MOST_OWED: Final = 10
"""How often `at_once` the longest wait is for who has used more."""


class Rate(NamedTuple):
    """How much is allowed a second in the long run, and how much at once."""

    a_second: float
    at_once: float


class Level:
    """What was used lately of a rate: it grows by what is used, and shrinks by what the rate allows a second."""

    __slots__ = ("_at", "_used")

    def __init__(self) -> None:
        self._used = 0.0
        self._at = 0.0

    def left(self, now: float, rate: Rate) -> float:
        """Return how much may be used at once now; negative if too much was."""
        if now > self._at:
            owed = min(self._used, rate.at_once * MOST_OWED)
            self._used, self._at = max(0.0, owed - (now - self._at) * rate.a_second), now
        return rate.at_once - self._used

    def add(self, used: float) -> None:
        """Add what was used since `left`."""
        self._used += used


class Rates(NamedTuple):
    """The limits of one session, whatever its transport.

    An official client's event is one packet and one frame, and one more of both for each attachment.
    """

    bytes: Rate = Rate(256 * 1024, 8 * 1024 * 1024)
    """A few messages of the maximum size at once."""
    frames: Rate = Rate(200, 10_000)
    """Of WebSocket: fragments and control frames are some, too."""
    packets: Rate = Rate(100, 5_000)
    """Of Engine.IO. Somebody who draws with a mouse sends sixty a second."""


class Intake:
    """What one session has received lately."""

    __slots__ = ("_bytes", "_frames", "_packets")

    def __init__(self) -> None:
        self._bytes, self._frames, self._packets = Level(), Level(), Level()

    def add(self, now: float, rates: Rates, size_bytes: int, frames: int, packets: int) -> str:
        """Add this; return which of `rates` is exceeded then, "" if none is."""
        over_bytes = self._bytes.left(now, rates.bytes) < size_bytes
        over_frames = self._frames.left(now, rates.frames) < frames
        over_packets = self._packets.left(now, rates.packets) < packets
        self._bytes.add(size_bytes)
        self._frames.add(frames)
        self._packets.add(packets)
        return "packets" if over_packets else "frames" if over_frames else "bytes" if over_bytes else ""


LIGHT: Final = Rate(0.005, 0.0004)
"""The processor time, in seconds, of a peer whose input is handled at once, whoever else sends how much."""
SPARE: Final = Rate(0.3, 0.01)
"""The time of all others together that is handled at once, too: a burst on an idle server is not slowed down."""
