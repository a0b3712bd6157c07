"""How old records are while the wall clock jumps."""

import pytest

from realtime.chat.ages import STEP_S, Ages
from realtime.chat.records import Said
from tests.doubles import ManualClock

WITHIN_S = 900.0
NOW_S = 1_700_000_000.0
YEAR_S = 365 * 86_400.0


def said(seq: int, written_s: float = NOW_S) -> Said:
    return Said(seq=seq, room=1, visitor_id=1, user="#a1b2c3", created_at=int(written_s * 1000), chat="안녕")


@pytest.fixture(autouse=True)
def wall(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: NOW_S)


@pytest.mark.parametrize("written_s", [NOW_S - YEAR_S, NOW_S, NOW_S + YEAR_S])
def test_a_record_of_this_run_ages_by_elapsed_time_whenever_the_wall_clock_says_it_was_written(
    written_s: float,
) -> None:
    clock = ManualClock()
    ages = Ages(clock, WITHIN_S)
    for seq in range(10, 40, 2):
        ages.note(seq)
        clock.advance(100)
    # 38 was written 100 s ago, 22 900 s ago; 23 was another room's, in the same second.
    assert [seq for seq in range(10, 40) if ages.is_within(said(seq, written_s))] == list(range(22, 40))


def test_records_of_one_second_share_a_mark() -> None:
    clock = ManualClock()
    ages = Ages(clock, WITHIN_S)
    for seq in range(10):
        ages.note(seq)
        clock.advance(STEP_S / 10)
    clock.advance(WITHIN_S - STEP_S)
    assert all(ages.is_within(said(seq)) for seq in range(10))
    clock.advance(0.1)
    assert not any(ages.is_within(said(seq)) for seq in range(10))


@pytest.mark.parametrize(
    ("written_s", "within"),
    [(NOW_S - 60, True), (NOW_S - 901, False), (NOW_S + 60, True), (NOW_S + YEAR_S, False)],
)
def test_a_record_of_an_earlier_run_ages_by_the_calendar(written_s: float, within: bool) -> None:
    ages = Ages(ManualClock(), WITHIN_S)
    assert ages.is_within(said(5, written_s)) is within
    ages.note(6)
    assert ages.is_within(said(5, written_s)) is within
