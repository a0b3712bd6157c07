"""How many messages there were in the last minute. Pure: times are seconds of any monotonic clock, passed in."""

from typing import Final

MINUTE: Final = 60


class MinuteRate:
    """One room's: a count for each second of the last minute."""

    __slots__ = ("_counts", "_now", "_sum")

    def __init__(self) -> None:
        self._counts = [0] * MINUTE  # by second, modulo a minute
        self._now = 0
        self._sum = 0

    def count(self, now: float, messages: int = 1) -> None:
        """Count messages of now."""
        self._go_to(int(now))
        self._counts[self._now % MINUTE] += messages
        self._sum += messages

    def rate(self, now: float) -> int:
        """Return how many there were in the minute before now, to the second."""
        if self._sum:
            self._go_to(int(now))
        return self._sum

    def _go_to(self, second: int) -> None:
        for passed in range(max(self._now + 1, second - MINUTE + 1), second + 1):
            self._sum -= self._counts[passed % MINUTE]
            self._counts[passed % MINUTE] = 0
        self._now = max(self._now, second)
