"""Rates: bursts, waits, and wrong guesses."""

import pytest

from realtime.chat.rates import GuessThrottle, RateLimiter
from realtime.errors import TooFast


def test_a_rate_limiter_allows_its_burst_and_then_its_rate() -> None:
    limiter = RateLimiter(rate=5, burst=10)
    for _ in range(10):
        limiter.take(1, 100.0)
    with pytest.raises(TooFast) as refused:
        limiter.take(1, 100.0)
    assert refused.value.detail["retry_after"] == pytest.approx(0.2)
    limiter.take(2, 100.0)  # another visitor's bucket is full
    limiter.take(1, 100.2)
    with pytest.raises(TooFast):
        limiter.take(1, 100.3)


def test_a_very_low_rate_lets_one_pass_at_a_time() -> None:
    limiter = RateLimiter(rate=0.2, burst=0.4)
    limiter.take(1, 0.0)
    with pytest.raises(TooFast) as refused:
        limiter.take(1, 2.0)
    assert refused.value.detail["retry_after"] == pytest.approx(3)
    limiter.take(1, 5.0)


def test_a_refused_message_does_not_count() -> None:
    limiter = RateLimiter(rate=1, burst=1)
    limiter.take(1, 0.0)
    for _ in range(100):
        with pytest.raises(TooFast):
            limiter.take(1, 0.5)
    limiter.take(1, 1.0)


def test_a_rate_of_zero_lets_everything_pass() -> None:
    limiter = RateLimiter(rate=0, burst=0)
    for _ in range(1000):
        limiter.take(1, 0.0)


def test_after_five_wrong_guesses_the_wait_grows() -> None:
    throttle = GuessThrottle()
    for _ in range(5):
        throttle.begin(1, 0.0)
    with pytest.raises(TooFast) as refused:
        throttle.begin(1, 0.0)
    first = refused.value.detail["retry_after"]
    throttle.begin(1, float(first))
    with pytest.raises(TooFast) as refused:
        throttle.begin(1, float(first))
    assert refused.value.detail["retry_after"] == pytest.approx(2 * float(first))
    throttle.begin(2, 0.0)


def test_a_right_guess_does_not_count() -> None:
    throttle = GuessThrottle()
    for _ in range(100):
        throttle.begin(1, 0.0)
        throttle.forgive(1)


def test_simultaneous_guesses_do_not_bypass_the_throttle() -> None:
    throttle = GuessThrottle()
    passed = 0
    for _ in range(50):  # all start before any is checked
        try:
            throttle.begin(1, 0.0)
        except TooFast:
            continue
        passed += 1
    assert passed == 5
