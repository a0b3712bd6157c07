"""How often something may be done: the arithmetic of a rate, a limit by visitor, and the wait after wrong guesses.

Pure: times are seconds of a monotonic clock, passed in.
"""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from realtime.errors import TooFast

ROUNDING_S: Final = 1e-9


class Allowance(NamedTuple):
    """A token bucket: this many at once, then `per_s` a second. What was used is told by when it is full again."""

    burst: float
    per_s: float

    def drawn(self, full_at: float, now: float, tokens: float) -> float:
        """Return when the bucket is full again after the tokens are taken out of it."""
        return max(full_at, now) + tokens / self.per_s

    def wait_s(self, full_at: float, now: float) -> float:
        """Return how long those who drew until `full_at` would have to wait for their tokens, 0 if they are there."""
        wait = full_at - now - self.burst / self.per_s
        return wait if wait > ROUNDING_S else 0.0


def too_fast(wait_s: float) -> TooFast:
    """Return the refusal of what may be done after so long."""
    return TooFast(retry_after=round(wait_s, 3))


class RateLimiter:
    """A token bucket for each key: bursts of `burst`, at least one, then `rate` a second. A rate of 0 is no limit."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._allowance = Allowance(max(burst, 1.0), rate)
        self._full_at: dict[int, float] = {}  # when each key's bucket is full again; full ones are removed
        self._swept_at = 0.0

    def take(self, key: int, now: float, tokens: float = 1.0) -> None:
        """Take one token, or a fraction of one. Raises TooFast with the seconds to wait."""
        if self._rate:
            self._sweep(now)
            self._full_at[key] = self._after(tokens, key, now)

    def check(self, key: int, now: float) -> None:
        """Raise TooFast with the seconds to wait if there is no token."""
        if self._rate:
            self._after(1.0, key, now)

    def _after(self, tokens: float, key: int, now: float) -> float:
        full_at = self._allowance.drawn(self._full_at.get(key, now), now, tokens)
        wait_s = self._allowance.wait_s(full_at, now)
        if wait_s:
            raise too_fast(wait_s)
        return full_at

    def _sweep(self, now: float) -> None:
        period = self._allowance.burst / self._rate
        if now - self._swept_at > period:
            self._swept_at = now
            self._full_at = {key: full_at for key, full_at in self._full_at.items() if full_at > now}


@dataclass(slots=True)
class _Guesses:
    wrong: int = 0
    free_at: float = 0.0
    last_at: float = 0.0


@dataclass
class GuessThrottle:
    """Exponential backoff for wrong passwords: a few are free, then each doubles the wait, up to ten minutes.

    A guess counts as wrong before it is checked and is forgiven if it was correct, so concurrent guesses gain nothing.
    Those of a room's password are by visitor alone: an address has a pool instead (allowances.py), which nobody can
    close for others for long.
    A `first_s` of 0 turns it off.
    """

    free: int = 5
    forget_s: float = 3600
    first_s: float = 5
    longest_s: float = 600
    _guesses: dict[int | str, _Guesses] = field(default_factory=dict)

    def check(self, who: int | str, now: float) -> None:
        """Raise TooFast while they have to wait."""
        guesses = self._guesses.get(who)
        if guesses is not None and guesses.free_at > now:
            raise too_fast(guesses.free_at - now)

    def begin(self, who: int | str, now: float) -> None:
        """Count a guess that is about to be checked. Raises TooFast while they have to wait."""
        if not self.first_s:
            return
        self.check(who, now)
        self._sweep(now)
        guesses = self._guesses.setdefault(who, _Guesses())
        if now - guesses.last_at > self.forget_s:
            guesses.wrong = 0
        guesses.wrong += 1
        guesses.last_at = now
        if guesses.wrong >= self.free:
            guesses.free_at = now + min(self.first_s * 2.0 ** (guesses.wrong - self.free), self.longest_s)

    def forgive(self, who: int | str) -> None:
        """Take back the last guess: it was correct."""
        guesses = self._guesses.get(who)
        if guesses is not None:
            guesses.wrong -= 1
            guesses.free_at = 0.0

    def _sweep(self, now: float) -> None:
        if len(self._guesses) > 10_000:  # noqa: PLR2004  a bound on memory
            self._guesses = {k: g for k, g in self._guesses.items() if now - g.last_at < self.forget_s}
