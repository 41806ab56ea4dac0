"""Absence, coverage and scope: what may be said when nothing is tagged, and about whom."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwc_review.domain.coverage import Coverage
from bwc_review.domain.ids import IncidentId
from bwc_review.domain.measure import Status
from bwc_review.domain.measures import MEASURES, Case, compute_all, coverage_from_tags, narrowed
from bwc_review.domain.tags import Tag, TagState
from bwc_review.domain.times import Micros, Span
from tests.unit.domain.golden import case_of, golden_tags, tag
from tests.unit.domain.small_cases import END, MUTED, ON, PUSH, START, TAXONOMY, measured, only

LOOKS_BACK = ("M01", "M02", "M03", "M05", "M06", "M07")


@pytest.mark.parametrize("code", LOOKS_BACK)
def test_no_warning_or_order_is_found_where_all_was_audible(code: str) -> None:
    found = only(code, START, ON, PUSH)
    assert found.status is Status.NONE_FOUND and found.value == ("no_warning" if code == "M07" else None)
    assert found.coverage is not None and found.coverage.audio == 1


@pytest.mark.parametrize("code", LOOKS_BACK)
def test_a_missing_warning_is_not_observable_while_every_camera_was_muted(code: str) -> None:
    found = only(code, START, ON, PUSH, MUTED)
    assert (found.status, found.value) == (Status.NOT_OBSERVABLE, None)
    assert found.coverage is not None and found.coverage.audio == Fraction(4, 5)


def test_what_a_muted_camera_missed_a_second_camera_heard() -> None:
    other = tag("on2", "CAM.ACTIVATED", "O2", None, 0, 0)
    assert only("M01", START, ON, other, PUSH, MUTED).status is Status.NONE_FOUND


def test_without_a_known_start_the_whole_look_back_must_have_been_recorded() -> None:
    assert only("M01", ON, PUSH).status is Status.NOT_OBSERVABLE


def test_force_at_the_very_start_leaves_nothing_to_look_back_on() -> None:
    assert only("M01", START, ON, tag("f", "FRC.PUSH", "O1", "S1", 0, 0)).status is Status.NOT_OBSERVABLE


def test_only_confirmed_tags_count() -> None:
    unsure = [
        tag(state, "WRN.CED", "O1", "S1", 10_000, 11_000, state=TagState(state))
        for state in ("candidate", "rejected", "superseded")
    ]
    assert only("M01", START, ON, PUSH, *unsure).status is Status.NONE_FOUND


def test_a_case_refuses_tags_of_another_incident() -> None:
    with pytest.raises(ValueError, match="another incident"):
        Case(IncidentId("other"), (PUSH,), Coverage((), END), TAXONOMY.parameters)


def test_an_arrest_warning_and_a_missing_warning_finding_are_no_warnings_of_force() -> None:
    arrest = tag("a", "WRN.ARREST", "O1", "S1", 10_000, 11_000)
    finding = tag("n", "WRN.NOT_GIVEN", "R1", "S1", 50_000, 50_000)
    assert only("M01", START, ON, PUSH, arrest, finding).status is Status.NONE_FOUND


def test_a_warning_to_somebody_else_is_no_warning_to_this_person() -> None:
    other = tag("w", "WRN.CED", "O1", "S2", 10_000, 11_000)
    assert measured("M01", START, ON, PUSH, other)["push"].status is Status.NONE_FOUND


def test_a_warning_to_nobody_named_counts_and_says_so() -> None:
    found = only("M01", START, ON, PUSH, tag("w", "WRN.CED", "O1", None, 10_000, 11_000))
    assert (found.value, found.flags) == (39_000_000, ("addressee_unknown",))


def test_an_addressee_named_in_the_tag_is_the_person_concerned() -> None:
    named = tag("w", "WRN.CED", "O1", None, 10_000, 11_000, {"addressee": "S2"})
    assert measured("M01", START, ON, PUSH, named)["push"].status is Status.NONE_FOUND


def test_force_on_nobody_named_is_measured_for_an_unknown_person() -> None:
    found = measured(
        "M02", ON, tag("w", "WRN.CED", "O1", None, 1_000, 2_000), tag("f", "FRC.PUSH", "O1", None, 5_000, 5_000)
    )
    assert found["unknown"].value == 3_000_000


def test_warnings_without_force_give_no_interval_to_force() -> None:
    assert measured("M02", START, ON, tag("w", "WRN.CED", "O1", "S1", 1_000, 2_000)) == {}


def test_an_incident_without_force_or_orders_has_only_its_recording_to_measure() -> None:
    case = case_of(START, ON, end=END)
    assert {m.code for m in compute_all(case, TAXONOMY)} == {"M28"}


def test_a_warning_still_being_spoken_when_force_begins_gave_no_time() -> None:
    early = tag("w1", "WRN.CED", "O1", "S1", 10_000, 11_000)
    late = tag("w2", "WRN.CED", "O1", "S1", 49_000, 51_000)
    found = only("M01", START, ON, PUSH, early, late)
    assert (found.value, found.flags) == (0, ("concurrent",))
    first = only("M02", START, ON, PUSH, late)
    assert (first.value, first.flags) == (0, ("concurrent",))


def test_silence_between_warning_and_force_makes_the_time_an_upper_bound() -> None:
    warned = tag("w", "WRN.CED", "O1", "S1", 10_000, 11_000)
    assert only("M01", START, ON, PUSH, MUTED, warned).flags == ("at_most",)


def test_uncertainty_is_the_sum_of_both_tags() -> None:
    warned = tag("w", "WRN.CED", "O1", "S1", 10_000, 11_000, uncertainty=Micros(30_000))
    assert only("M01", START, ON, PUSH, warned).uncertainty == 80_000


def cameras(*tags: Tag) -> Coverage:
    return coverage_from_tags(tags, END)


def test_coverage_begins_with_the_buffer_and_ends_where_recording_stopped() -> None:
    buffer = tag("b", "CAM.BUFFER", "O1", None, 0, 10_000, {"audio": False})
    on = tag("on", "CAM.ACTIVATED", "O1", None, 10_000, 10_000)
    off = tag("off", "CAM.DEACTIVATED", "O1", None, 60_000, 60_000)
    covered = cameras(buffer, on, off)
    assert covered.visible == (Span(Micros(0), Micros(60_000_000)),)
    assert covered.audible == (Span(Micros(10_000_000), Micros(60_000_000)),)


def test_a_buffer_with_sound_is_audible() -> None:
    buffer = tag("b", "CAM.BUFFER", "O1", None, 0, 10_000, {"audio": True})
    assert cameras(buffer, tag("on", "CAM.ACTIVATED", "O1", None, 10_000, 10_000)).hears_all_of(Span(Micros(0), END))


def test_an_obstructed_lens_takes_the_picture_and_a_gap_takes_both() -> None:
    dark = tag("d", "CAM.OBSTRUCTED", "O1", None, 10_000, 20_000)
    gap = tag("g", "CAM.GAP", None, None, 40_000, 50_000)
    covered = cameras(ON, dark, gap)
    assert covered.share(Span(Micros(0), END)).audio == Fraction(9, 10)
    assert covered.share(Span(Micros(0), END)).video == Fraction(8, 10)


@given(st.permutations(golden_tags()))
def test_measures_do_not_depend_on_the_order_of_tags(shuffled: list[Tag]) -> None:
    codes = ("M01", "M03", "M08", "M13", "M25")
    case = case_of(*shuffled)
    found = [m for code in codes for m in MEASURES[code](case, TAXONOMY)]
    assert found == [m for code in codes for m in MEASURES[code](case_of(*golden_tags()), TAXONOMY)]


@given(st.integers(0, 99_000), st.integers(1, 1_000))
def test_taking_coverage_away_twice_takes_no_more(start: int, length: int) -> None:
    muted = tag("m", "CAM.MUTED", "O1", None, start, start + length)
    once = narrowed(cameras(ON), [muted])
    assert narrowed(once, [muted]) == once
