"""Rate and remaining time: nothing before something moved, then what the last seconds say."""

from __future__ import annotations

from bwc_review.review.dock_progress import Moving, RateMeter

MB = 1_000_000


def test_nothing_is_promised_before_anything_moved() -> None:
    meter = RateMeter()
    meter.begin(100 * MB, 0.0)
    assert meter.reading(0.0) == Moving(0, 100 * MB, None, None)
    assert meter.reading(5.0) == Moving(0, 100 * MB, None, None)


def test_the_rate_is_that_of_the_last_seconds_over_all_files() -> None:
    meter = RateMeter()
    meter.begin(100 * MB, 0.0)
    assert meter.moved(10 * MB, 10 * MB, 1.0) == Moving(10 * MB, 100 * MB, 10 * MB, 9)
    for second in range(2, 31):
        told = meter.moved(min(90, second) * MB, 90 * MB, float(second))
    assert told.done == 40 * MB
    assert told.rate == MB
    assert told.remaining_s == 60


def test_a_file_that_is_over_counts_once() -> None:
    meter = RateMeter()
    meter.begin(30 * MB, 0.0)
    meter.moved(10 * MB, 10 * MB, 1.0)
    meter.moved(0, 20 * MB, 1.1)
    assert meter.moved(5 * MB, 20 * MB, 2.0).done == 15 * MB
    assert meter.dropped(2.1).done == 10 * MB


def test_an_empty_card_is_at_its_end_at_once() -> None:
    meter = RateMeter()
    meter.begin(0, 0.0)
    assert meter.reading(1.0) == Moving(0, 0, None, None)
