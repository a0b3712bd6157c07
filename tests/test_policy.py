"""The pure rules: bounds on what people write, and rate limits."""

import pytest

from realtime.chat import policy
from realtime.errors import BadRequest, ChatTooLong, EmptyChat, InvalidRoom, TooFast


@pytest.mark.parametrize(("title", "kept"), [("a", "a"), ("  방  ", "방"), ("x" * 60, "x" * 60)])
def test_a_title_is_trimmed(title: str, kept: str) -> None:
    assert policy.check_title(title) == kept


@pytest.mark.parametrize("title", ["", "   ", "x" * 61, "x" * 10_000, "\u3164", "\0"])
def test_an_invalid_title_names_its_field(title: str) -> None:
    with pytest.raises(InvalidRoom) as refused:
        policy.check_title(title)
    assert refused.value.body()["field"] == "title"


@pytest.mark.parametrize("size", [2, 10, 1000])
def test_a_size_within_the_servers_bound_is_accepted(size: int) -> None:
    assert policy.check_max(size, 1000) == size


@pytest.mark.parametrize("size", [1, 0, -3, 1001, 10**9])
def test_a_size_out_of_bounds_is_refused(size: int) -> None:
    with pytest.raises(InvalidRoom) as refused:
        policy.check_max(size, 1000)
    assert refused.value.body()["field"] == "max"


def test_an_empty_password_means_no_password() -> None:
    assert policy.check_password("") is None
    assert policy.check_password(None) is None
    assert policy.check_password("비밀") == "비밀"
    with pytest.raises(InvalidRoom):
        policy.check_password("x" * 129)


def test_chat_is_trimmed_and_bounded() -> None:
    assert policy.check_chat(" 안녕\n") == "안녕"
    assert len(policy.check_chat("가" * 2000)) == 2000
    for empty in ("", " \n\t ", "\u3164\u200b", "\0"):
        with pytest.raises(EmptyChat):
            policy.check_chat(empty)
    with pytest.raises(ChatTooLong):
        policy.check_chat("가" * 2001)
    assert len(policy.check_chat("가\r\n\0" * 1000)) == 1999  # counted after normalisation


def test_an_empty_caption_is_none() -> None:
    for empty in (None, "", " \r\n", "\u2800\ufeff"):
        assert policy.check_caption(empty) is None
    assert policy.check_caption(" 고양이\r\n둘 ") == "고양이\n둘"


def test_an_empty_search_is_refused() -> None:
    assert policy.check_query(" 점심\0 ") == "점심"
    for text in ("", " ", "\u3164", "가" * 2001):
        with pytest.raises(BadRequest):
            policy.check_query(text)


@pytest.mark.parametrize("nonce", ["", "a b", "x" * 65, "é", "a\n"])
def test_a_nonce_with_other_characters_is_refused(nonce: str) -> None:
    with pytest.raises(BadRequest):
        policy.check_nonce(nonce)


def test_a_rate_limiter_allows_its_burst_and_then_its_rate() -> None:
    limiter = policy.RateLimiter(rate=5, burst=10)
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
    limiter = policy.RateLimiter(rate=0.2, burst=0.4)
    limiter.take(1, 0.0)
    with pytest.raises(TooFast) as refused:
        limiter.take(1, 2.0)
    assert refused.value.detail["retry_after"] == pytest.approx(3)
    limiter.take(1, 5.0)


def test_a_refused_message_does_not_count() -> None:
    limiter = policy.RateLimiter(rate=1, burst=1)
    limiter.take(1, 0.0)
    for _ in range(100):
        with pytest.raises(TooFast):
            limiter.take(1, 0.5)
    limiter.take(1, 1.0)


def test_a_rate_of_zero_lets_everything_pass() -> None:
    limiter = policy.RateLimiter(rate=0, burst=0)
    for _ in range(1000):
        limiter.take(1, 0.0)


def test_after_five_wrong_guesses_the_wait_grows() -> None:
    throttle = policy.GuessThrottle()
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
    throttle = policy.GuessThrottle()
    for _ in range(100):
        throttle.begin(1, 0.0)
        throttle.forgive(1)


def test_simultaneous_guesses_do_not_bypass_the_throttle() -> None:
    throttle = policy.GuessThrottle()
    passed = 0
    for _ in range(50):  # all start before any is checked
        try:
            throttle.begin(1, 0.0)
        except TooFast:
            continue
        passed += 1
    assert passed == 5
