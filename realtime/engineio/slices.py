"""Who is handled when: the input of a peer that sends a lot waits, so that the others' turns come.

An event loop handles whatever is readable, however much that is: of one busy socket uvloop reads 2 MiB before it looks
at the next. A message of somebody else needs several turns of the loop (to be read, committed, emitted and written),
and would wait that long for each.

So input is handled by *slices*, of which the processor time is measured. Who used little lately (`budget.LIGHT`) is
handled at once; so are the others, as long as nobody waits and they do not use much together (`budget.SPARE`). Of who
is over that, nothing more is read; the rest is handled in turn with that of all others of its kind, one slice each, for
at most half a millisecond in a turn of the loop, and with a pause of one between two such turns: all together, they get
no more than a third of the loop's time. So fifty connections do as little harm as one.
"""

import sys
import time
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from realtime.clock import Clock, Timer
from realtime.deferred import Deferred
from realtime.engineio.budget import LIGHT, SPARE, Level

SLICE_S: Final = 0.006
"""The longest slice, when nobody else has used much."""
TURN_S: Final = 0.0005
GAP_S: Final = 0.001
MAX_GAP_S: Final = 0.02
BUSY: Final = 2
"""How many times as long as what the loop did since the last turn the next gap is: what was begun in a turn may have
consequences later, such as a message to everybody in a room."""
SLICE_FRAMES: Final = 256
SLICE_PACKETS: Final = 64
STEP_S: Final = 0.0003
"""Roughly the processor time of what cannot be handled within one turn, such as a join."""

cpu_s: Final = time.perf_counter if sys.platform == "win32" else time.thread_time
"""The clock of slices: that of the processor, since the machine may do other things; Windows' has 16 ms a tick."""


class Worker(Protocol):
    """A source of input, such as a connection."""

    @property
    def level(self) -> Level:
        """What was used lately by whoever it belongs to."""

    @property
    def blocked(self) -> bool:
        """Whether it can handle nothing now, since what was handled before takes longer than a turn."""

    def work(self, until: float) -> tuple[bool, float]:
        """Handle what there is until this time of `cpu_s`, at least one frame.

        Returns whether there is more, and how much time it will take in later turns what was begun in this one.
        """

    def hold(self) -> None:
        """Read no more until `release`."""

    def release(self) -> None:
        """Read on."""


class Slices:
    """The turns of one server's loop, and those who wait for theirs."""

    def __init__(self, clock: Clock, cpu: Callable[[], float] = cpu_s) -> None:
        self.clock = clock
        self._cpu = cpu
        self._spare = Level()
        self._waiting: deque[Worker] = deque()
        self._held: set[Worker] = set()
        self._timer: Timer | None = None
        self._seen_s = 0.0

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._held)

    def offer(self, worker: Worker) -> None:
        """Let `worker` work: now, or when it is its turn."""
        if worker in self._held:
            return
        if not worker.blocked:
            now = self.clock.time()
            own_s = max(0.0, worker.level.left(now, LIGHT))
            spare_s = 0.0 if self._held else min(self._spare.left(now, SPARE), SLICE_S)
            if own_s > 0 or spare_s > 0:
                more, used_s = self._slice(worker, max(own_s, spare_s))
                self._spare.add(max(0.0, used_s - own_s))
                if not more:
                    return
        self.rest(worker)

    def rest(self, worker: Worker) -> None:
        """Let `worker` wait until it is its turn."""
        if worker not in self._held:
            self._held.add(worker)
            if worker.level.left(self.clock.time(), LIGHT) > -LIGHT.at_once:
                self._waiting.appendleft(worker)  # it is only a little over
            else:
                self._waiting.append(worker)
            worker.hold()
            self._plan()

    def charge(self, level: Level, used_s: float) -> None:
        """Count what was used outside of slices, for whom `level` belongs to."""
        own_s = max(0.0, level.left(self.clock.time(), LIGHT))
        level.add(used_s)
        self._spare.add(max(0.0, used_s - own_s))

    async def step(self, level: Level) -> None:
        """Wait for the turn of a step that takes `STEP_S`, for whom `level` belongs to."""
        if level.left(self.clock.time(), LIGHT) <= 0:
            waiting = _Step(level)
            self.rest(waiting)
            await waiting.turn
        else:
            level.add(STEP_S)

    def forget(self, worker: Worker) -> None:
        """Let nobody wait for `worker` any more: it is over."""
        self._held.discard(worker)

    def _plan(self, gap_s: float = GAP_S) -> None:
        if self._timer is None and self._waiting:
            self._seen_s = self._cpu()
            self._timer = self.clock.call_at(self.clock.time() + gap_s, self._turn)

    def _turn(self) -> None:
        self._timer = None
        since_s = self._cpu() - self._seen_s  # what was done since the turn before, for those who wait as for others
        try:
            self._work_off(TURN_S)
        finally:  # a bug in one worker must not keep the others waiting
            self._plan(min(max(GAP_S, since_s * BUSY), MAX_GAP_S))

    def _work_off(self, left_s: float) -> None:
        now = self.clock.time()
        for _ in range(len(self._waiting)):
            worker = self._waiting.popleft()
            if worker not in self._held:
                continue
            if worker.blocked:
                self._waiting.append(worker)
                continue
            worker.level.left(now, LIGHT)
            more, used_s = self._slice(worker, left_s)
            left_s -= used_s
            if more:
                self._waiting.append(worker)
            elif worker in self._held:
                self._held.remove(worker)
                worker.release()
            if left_s <= 0:
                break

    def _slice(self, worker: Worker, left_s: float) -> tuple[bool, float]:
        began = self._cpu()
        more, later_s = worker.work(began + left_s)
        used_s = self._cpu() - began + later_s
        worker.level.add(used_s)
        return more, used_s


class _Step:
    """Waits for one turn."""

    blocked = False

    def __init__(self, level: Level) -> None:
        self.level = level
        self.turn: Deferred[None] = Deferred()

    def work(self, until: float) -> tuple[bool, float]:
        self.turn.set_result(None)
        return False, STEP_S

    def hold(self) -> None:
        """Nothing to hold."""

    def release(self) -> None:
        """Nothing was held."""
