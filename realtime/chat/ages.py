"""How old records are, whatever the wall clock says: it may be set at any moment, by years in either direction."""

import math
import time
from bisect import bisect_right
from collections import deque
from typing import Final, NamedTuple

from realtime.chat.records import StoredRecord
from realtime.clock import Clock

STEP_S: Final = 1.0
"""Precision: records of the same second have the same age, so that a few hundred marks suffice."""


class _Mark(NamedTuple):
    seq: int
    at: float


class Ages:
    """Knows the age of the records of this run of the server, for `within_s`; that of earlier ones by the calendar."""

    def __init__(self, clock: Clock, within_s: float) -> None:
        self._clock = clock
        self._within_s = within_s
        self._first_seq: int | None = None  # of this run
        self._marks: deque[_Mark] = deque()

    def note(self, seq: int) -> None:
        """Note that `seq` was assigned now; numbers only grow."""
        now = self._clock.elapsed()
        if self._first_seq is None:
            self._first_seq = seq
        if self._marks and now - self._marks[-1].at < STEP_S:
            return
        while len(self._marks) > 1 and now - self._marks[1].at > self._within_s:
            self._marks.popleft()
        self._marks.append(_Mark(seq, now))

    def is_within(self, record: StoredRecord) -> bool:
        """Return whether the record was written at most `within_s` ago."""
        return self.age_s(record) <= self._within_s

    def age_s(self, record: StoredRecord) -> float:
        """Return how long ago the record was written; infinity may stand for more than `within_s`."""
        after = bisect_right(self._marks, record.seq, key=lambda mark: mark.seq)
        if after:
            return self._clock.elapsed() - self._marks[after - 1].at
        if self._first_seq is not None and record.seq >= self._first_seq:
            return math.inf  # forgotten, because it is older
        # Of an earlier run. A time in the future means that the clock was set, and nothing about the record.
        return abs(time.time() - record.created_at / 1000)
