"""Time: spans, unions, clocks and how they are printed."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwc_review.domain.times import (
    ClockMap,
    Micros,
    Span,
    clip,
    clock_text,
    seconds_text,
    total,
    union,
    without,
)


def span(start: int, end: int) -> Span:
    return Span(Micros(start), Micros(end))


moments = st.integers(-10_000, 10_000)
spans = st.tuples(moments, moments).map(lambda pair: span(min(pair), max(pair)))


def test_a_span_that_runs_backwards_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot end"):
        span(2, 1)


def test_spans_that_only_touch_share_nothing() -> None:
    assert not span(0, 5).overlaps(span(5, 9))
    assert span(0, 5).intersection(span(5, 9)) is None
    assert span(0, 6).intersection(span(5, 9)) == span(5, 6)


def test_a_span_contains_both_its_ends_and_moves_as_a_whole() -> None:
    assert [span(2, 4).contains(Micros(m)) for m in (1, 2, 4, 5)] == [False, True, True, False]
    assert span(2, 4).shifted(-3) == span(-1, 1)


def test_touching_spans_merge_and_distant_ones_do_not() -> None:
    assert union([span(5, 9), span(0, 5), span(20, 21)]) == (span(0, 9), span(20, 21))


@given(st.lists(spans), spans)
def test_what_is_inside_and_what_is_left_out_make_up_the_window(parts: list[Span], window: Span) -> None:
    assert total(clip(parts, window)) + total(without(window, parts)) == window.length


@given(st.lists(spans))
def test_a_union_is_sorted_disjoint_and_its_own_union(parts: list[Span]) -> None:
    merged = union(parts)
    assert union(merged) == merged
    assert all(a.end < b.start for a, b in pairwise(merged))


@given(st.integers(0, 10**11), st.integers(-(10**9), 10**9), st.sampled_from([(1, 1), (1_000_000, 1_000_040)]))
def test_a_moment_taken_to_the_master_clock_and_back_stays_within_a_microsecond(
    media: int, offset: int, rate: tuple[int, int]
) -> None:
    clock = ClockMap(Micros(offset), Micros(0), *rate)
    assert abs(clock.to_media(clock.to_incident(Micros(media))) - media) <= 1


def test_a_fast_camera_is_slowed_on_the_master_clock() -> None:
    clock = ClockMap(Micros(10), Micros(0), 1_000_000, 1_000_040)
    assert clock.span_to_incident(span(0, 1_000_040)) == span(10, 1_000_010)


@pytest.mark.parametrize(
    ("moment", "text"),
    [(58_400_000, "0:58.400"), (3_723_004_999, "1:02:03.004"), (-1_500_000, "-0:01.500")],
)
def test_a_moment_reads_like_a_tape_counter(moment: int, text: str) -> None:
    assert clock_text(moment) == text


@pytest.mark.parametrize(("length", "text"), [(3_302_900, "3.302 s"), (-1_000, "-0.001 s")])
def test_a_length_reads_in_seconds_cut_to_the_millisecond(length: int, text: str) -> None:
    assert seconds_text(length) == text
