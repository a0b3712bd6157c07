"""Who owns a room. Pure: times are seconds of any monotonic clock, passed in.

`owner` is the latest decision. Each decision is stored as a record and can fail; once none is pending, the last stored
one counts. An absent owner is waited for until `expected_until`, or not at all if it is None.
"""

from realtime.chat.model import Visitor


class Ownership:
    """One room's owner."""

    __slots__ = ("_pending", "_stored", "expected_until", "owner")

    def __init__(self, owner: Visitor, expected_until: float) -> None:
        self.owner = self._stored = owner
        self.expected_until: float | None = expected_until
        self._pending = 0  # decisions being stored

    def expect(self, until: float | None) -> None:
        """Wait for the owner until `until`, or stop waiting."""
        self.expected_until = until

    def decide(self, who: Visitor) -> None:
        """Make a present member the owner. Each decision must be settled exactly once."""
        self.owner = who
        self.expected_until = None
        self._pending += 1

    def settle(self, who: Visitor, *, stored: bool) -> bool:
        """Record the outcome of a decision; return whether it changes the owner."""
        self._pending -= 1
        if stored:
            self._stored = who
        if self._pending or self.owner == self._stored:
            return False
        self.owner = self._stored
        return True
