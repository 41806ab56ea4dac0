"""Aid: anchors, latencies before and after, declining, answers to distress."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bwc_review.domain.measure import Status
from bwc_review.domain.measures import MEASURES
from tests.unit.domain.golden import case_of, tag
from tests.unit.domain.small_cases import END, ON, PUSH, START, TAXONOMY, only, order

HURT = tag("hurt", "MED.COMPLAINT", "S1", None, 52_000, 52_000)
ASKED = tag("asked", "MED.AID_REQUESTED", "O1", "S1", 55_000, 55_000)


def test_aid_nobody_asked_for_is_none_found_only_where_all_after_was_audible() -> None:
    late = tag("m", "CAM.MUTED", "O1", None, 90_000, 95_000)
    assert only("M19", START, ON, PUSH).status is Status.NONE_FOUND
    assert only("M19", START, ON, PUSH, late).status is Status.NOT_OBSERVABLE
    assert only("M20", START, ON, PUSH).status is Status.NONE_FOUND


def test_aid_asked_for_before_harm_is_earlier_by_a_negative_time() -> None:
    early = tag("e", "MED.AID_REQUESTED", "O1", None, 40_000, 40_000)
    found = only("M19", START, ON, PUSH, HURT, early)
    assert found.value == {"from_force_end_us": -10_000_000, "from_first_sign_us": -12_000_000}


def test_orders_alone_give_no_anchor_for_aid() -> None:
    assert only("M19", ON, order("o", "O1", 1_000, 2_000, "kneel")).status is Status.NOT_APPLICABLE


def test_force_nobody_saw_end_leaves_only_the_first_sign_to_count_from() -> None:
    hold = tag("h", "FRC.GROUND_HOLD", "O1", "S1", 10_000, None)
    found = only("M19", ON, hold, HURT, ASKED)
    assert found.value == {"from_force_end_us": None, "from_first_sign_us": 3_000_000}
    assert found.flags == ("force_end_not_seen",)


def test_officers_own_aid_is_measured_apart() -> None:
    medic = tag("a1", "MED.AID_RENDERED", "M", "S1", 54_000, 60_000, {"by": "ambulance_or_paramedic"})
    officer = tag("a2", "MED.AID_RENDERED", "O1", "S1", 56_000, 60_000, {"by": "officer_first_aid"})
    found: Any = only("M20", ON, PUSH, medic, officer).value
    assert (found["from_force_end_us"], found["officer_from_force_end_us"]) == (4_000_000, 6_000_000)
    assert found["from_first_sign_us"] is None


def test_declining_help_does_not_change_that_it_was_requested() -> None:
    declined = tag("d", "MED.AID_DECLINED", "S1", None, 53_000, 53_000)
    found = only("M21", ON, PUSH, HURT, ASKED, declined)
    assert (found.value, found.flags) == ("yes", ("declined",))
    assert only("M21", ON, PUSH, HURT).value == "no"
    assert only("M21", ON, PUSH).status is Status.NOT_APPLICABLE


BREATH = tag("breath", "SUB.DISTRESS", "S1", None, 60_000, 61_000, {"breathing": True})
PRONE = tag("prone", "RST.POSTURE", "S1", "S1", 50_000, 70_000, {"posture": "prone"})


def test_a_breathing_complaint_nobody_answered_is_none_found_where_all_was_covered() -> None:
    assert only("M22", START, ON, BREATH).status is Status.NONE_FOUND


def test_whether_a_change_of_position_answers_distress_is_a_setting() -> None:
    case = case_of(START, ON, BREATH, PRONE, end=END)
    strict = replace(case, parameters=replace(case.parameters, aid_position_change_counts=False))
    assert MEASURES["M22"](case, TAXONOMY)[0].value == 9_000_000
    assert MEASURES["M22"](strict, TAXONOMY)[0].value is None
