"""Who owns a room. Pure: times are seconds of any monotonic clock, passed in.

The owner shown is the one that was decided on last; a decision becomes a record, and what is stored counts in the end:
of several under way, any may fail. An owner who is absent is waited for until `expected_until`; None is not at all.
"""

from realtime.chat.model import Visitor


class Ownership:
    """One room's owner."""

    __slots__ = ("_stored", "_under_way", "expected_until", "owner")

    def __init__(self, owner: Visitor, expected_until: float) -> None:
        self.owner = self._stored = owner
        self.expected_until: float | None = expected_until
        self._under_way = 0  # decisions that are being stored

    def expect(self, until: float | None) -> None:
        """Wait for the owner until `until`, or no longer."""
        self.expected_until = until

    def decide(self, who: Visitor) -> None:
        """Make somebody the owner, who is there; each decision is to be settled once."""
        self.owner = who
        self.expected_until = None
        self._under_way += 1

    def settle(self, who: Visitor, *, stored: bool) -> bool:
        """Take note of what became of a decision; return whether the room has another owner by that."""
        self._under_way -= 1
        if stored:
            self._stored = who
        if self._under_way or self.owner == self._stored:
            return False
        self.owner = self._stored
        return True
