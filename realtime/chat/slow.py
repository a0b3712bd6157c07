"""Slow mode: each visitor one message in so many seconds. Pure: times are seconds of a monotonic clock, passed in."""

from typing import Final

from realtime.chat.rates import ROUNDING_S, too_fast

SWEPT_FROM: Final = 1000


class SlowMode:
    """When each visitor said something last in a room, and under which nonce: that may be sent again at any time."""

    __slots__ = ("_said", "_swept_from")

    def __init__(self) -> None:
        self._said: dict[int, tuple[float, str | None]] = {}
        self._swept_from = SWEPT_FROM

    def check(self, visitor_id: int, nonce: str | None, now: float, slow_s: float) -> None:
        """Raise TooFast with the seconds to wait if it is too soon."""
        at, last = self._said.get(visitor_id, (now - slow_s, None))
        wait_s = at + slow_s - now
        if wait_s > ROUNDING_S and (nonce is None or nonce != last):
            raise too_fast(wait_s)

    def take(self, visitor_id: int, nonce: str | None, now: float, slow_s: float) -> None:
        """Note that the visitor says something. Raises what `check` raises."""
        self.check(visitor_id, nonce, now, slow_s)
        if nonce is None or self._said.get(visitor_id, (0.0, None))[1] != nonce:
            self._said[visitor_id] = now, nonce
        if len(self._said) > self._swept_from:
            self._said = {one: said for one, said in self._said.items() if said[0] + slow_s > now}
            self._swept_from = SWEPT_FROM + 2 * len(self._said)
