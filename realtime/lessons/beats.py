"""The lessons' events: one at every interval, whoever listens.

Nothing is stored: the `n`th event of an interval happens `n` intervals after the server's start. So missed events can
be sent later, and all lessons with the same interval send the same events.
"""

import logging
import time
from collections.abc import Callable
from typing import Final

import msgspec

from realtime.chat.model import timestamp
from realtime.clock import Clock, Timer

log = logging.getLogger("gifchat.lessons")

TEXT: Final = "서버에서 클라이언트로 메세지를 보냅니다."
REPLAYED: Final = 100
"""The maximum number of missed events sent."""
AT_ONCE: Final = 8
"""The number of listeners called per loop iteration: five hundred at once would delay the chat."""

_EARLY: Final = 1e-6  # of an interval: a timer may go off by the clock's resolution too early
_PAD_BYTES: Final = len(',"pad":""')


class LessonEvent(msgspec.Struct, frozen=True):
    """EVENT on the wire. `age_ms` is how long it waited to be sent."""

    id: int
    at: str
    age_ms: int
    text: str = TEXT
    pad: str | msgspec.UnsetType = msgspec.UNSET


class Beats:
    """The events of all intervals, in milliseconds, and their listeners. Each interval with listeners has one timer."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._start = clock.time()
        self._beats: dict[int, _Beat] = {}

    def last(self, every_ms: int) -> int:
        """Return the number of the latest event; 0 before the first."""
        return int((self._clock.time() - self._start) * 1000 / every_ms + _EARLY)

    def since(self, number: int, every_ms: int) -> range:
        """Return the numbers of the events after `number`, or of the last hundred of them."""
        last = self.last(every_ms)
        return range(max(number, last - REPLAYED) + 1, last + 1)

    def event(self, number: int, every_ms: int, least_bytes: int = 0, later: int = 0) -> bytes:
        """Return event `number` as JSON of at least `least_bytes`; its id is the number and `later`."""
        age_ms = max(0, int((self._clock.time() - self._start) * 1000 - number * every_ms))
        event = LessonEvent(number + later, timestamp(int(time.time() * 1000) - age_ms), age_ms)
        encoded = msgspec.json.encode(event)
        if len(encoded) < least_bytes:
            pad = "." * max(0, least_bytes - len(encoded) - _PAD_BYTES)
            encoded = msgspec.json.encode(msgspec.structs.replace(event, pad=pad))
        return encoded

    def listen(self, every_ms: int, listener: Callable[[], object]) -> Callable[[], None]:
        """Call `listener` at each event from now on, until the returned function is called."""
        beat = self._beats.get(every_ms)
        if beat is None:
            beat = self._beats[every_ms] = _Beat(self._clock, lambda: self._at(every_ms, self.last(every_ms) + 1))
        key = object()
        beat.listeners[key] = listener

        def stop() -> None:
            beat.listeners.pop(key, None)
            if not beat.listeners and self._beats.get(every_ms) is beat:
                beat.timer.cancel()
                del self._beats[every_ms]

        return stop

    def _at(self, every_ms: int, number: int) -> float:
        return self._start + number * every_ms / 1000


class _Beat:
    """The listeners of one interval."""

    def __init__(self, clock: Clock, following: Callable[[], float]) -> None:
        self.listeners: dict[object, Callable[[], object]] = {}
        self._clock = clock
        self._following = following
        self.timer: Timer = clock.call_at(following(), self._strike)

    def _strike(self) -> None:
        self.timer = self._clock.call_at(self._following(), self._strike)
        self._tell(list(self.listeners))

    def _tell(self, keys: list[object]) -> None:
        for key in keys[:AT_ONCE]:
            listener = self.listeners.get(key)
            if listener is not None:
                try:
                    listener()
                except Exception:  # a bug in one must not keep the event from the others
                    log.exception("a listener failed")
        if len(keys) > AT_ONCE:
            self._clock.call_soon(lambda: self._tell(keys[AT_ONCE:]))
