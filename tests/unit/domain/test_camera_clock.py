"""A camera's display as it is typed: what it means, how sure it is, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwc_review.domain.camera_clock import READING, TYPED, CameraClock, read_display
from bwc_review.domain.times import Micros

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def at(text: str) -> int:
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(microseconds=1)


NOW = at("2026-03-14T08:40:00Z")


@pytest.mark.parametrize(
    ("shown", "offset_s", "unit_s"),
    [
        ("09:40:10+01:00", 10, 1),
        ("08:39:30Z", -30, 1),
        ("09:40+01:00", 0, 60),
        ("2026-03-14 08:45:00Z", 300, 1),
        ("2026-03-13T08:40:00Z", -86_400, 1),
        ("2025-03-14 09:40:00+01:00", -365 * 86_400, 1),
        ("14:10:05.5+05:30", 5.5, 1),
        (" 08:40:00Z ", 0, 1),
    ],
)
def test_the_offset_is_what_was_shown_minus_our_clock(shown: str, offset_s: float, unit_s: int) -> None:
    read = read_display(shown, NOW)
    assert read.offset == round(offset_s * 1_000_000)
    assert read.uncertainty == unit_s * 1_000_000 + READING
    assert (read.source, read.read_at) == (TYPED, NOW)


def test_a_time_without_a_date_is_of_the_nearest_day() -> None:
    midnight = at("2026-03-14T23:59:58Z")
    assert read_display("00:00:03Z", midnight).offset == 5_000_000
    assert read_display("23:59:50Z", at("2026-03-15T00:00:02Z")).offset == -12_000_000


@pytest.mark.parametrize(
    "shown", ["", "09:40:10", "2026-03-14 09:40:10", "half past nine", "25:00:00Z", "9" * 500, "\0"]
)
def test_a_display_that_leaves_something_open_is_refused_with_an_example(shown: str) -> None:
    with pytest.raises(ValueError, match=r"Type it with its zone, e\.g\. 09:40:10\+01:00"):
        read_display(shown, NOW)


@given(st.integers(-86_399, 86_399), st.integers(0, 4_000_000_000))
def test_any_second_typed_in_full_is_read_to_the_second(offset_s: int, now_s: int) -> None:
    now = now_s * 1_000_000
    shown = (EPOCH + timedelta(seconds=now_s + offset_s)).isoformat()
    if now_s + offset_s >= 0:
        assert read_display(shown, now).offset == offset_s * 1_000_000


def test_a_measurement_says_where_it_comes_from_and_how_sure_it_is() -> None:
    with pytest.raises(ValueError, match="negative"):
        CameraClock(Micros(0), Micros(-1), TYPED, NOW)
    with pytest.raises(ValueError, match="cannot come from"):
        CameraClock(Micros(0), Micros(1), "guessed", NOW)
