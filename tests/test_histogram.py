"""Durations in buckets."""

from realtime.histogram import BOUNDS_S, Histogram


def test_a_duration_counts_in_the_first_bucket_it_fits() -> None:
    histogram = Histogram()
    for duration_s in (0.0, BOUNDS_S[0], BOUNDS_S[1], 2 * BOUNDS_S[-1]):
        histogram.observe(duration_s)
    assert histogram.counts[:3] == [2, 1, 0]
    assert histogram.counts[-1] == 1
    assert sum(histogram.counts) == 4
    assert histogram.sum_s == BOUNDS_S[0] + BOUNDS_S[1] + 2 * BOUNDS_S[-1]
