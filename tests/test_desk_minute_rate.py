"""The messages of the last minute, compared with counting them."""

from hypothesis import given
from hypothesis import strategies as st

from realtime.chat.desk.minute_rate import MINUTE, MinuteRate


def test_a_message_counts_for_a_minute() -> None:
    rate = MinuteRate()
    rate.count(1000.5)
    assert [rate.rate(1000.5 + after) for after in (0, MINUTE - 1, MINUTE, 10 * MINUTE)] == [1, 1, 0, 0]


@given(st.lists(st.floats(0, 100), max_size=40), st.floats(0, 200))
def test_the_rate_is_the_number_of_messages_in_the_last_sixty_seconds(steps: list[float], after: float) -> None:
    rate, now, said = MinuteRate(), 5000.0, []
    for step in steps:
        now += step
        said.append(now)
        rate.count(now)
        assert rate.rate(now) == sum(int(now) - int(at) < MINUTE for at in said)
    assert rate.rate(now + after) == sum(int(now + after) - int(at) < MINUTE for at in said)
