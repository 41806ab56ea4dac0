"""Lengths of restraint and force: lower bounds, unions, force under restraint, repeated and logged use."""

from __future__ import annotations

from typing import Any

import pytest

from bwc_review.domain.measure import Status
from bwc_review.domain.tags import EndStatus, TagSource
from tests.unit.domain.golden import tag
from tests.unit.domain.small_cases import MUTED, ON, PUSH, START, measured, only

CUFFS = tag("cuffs", "RST.HANDCUFF", "O1", "S1", 60_000, None)


def test_a_removal_documented_in_a_report_ends_an_open_restraint() -> None:
    report = tag("rep", "RST.HANDCUFF", "O1", "S1", 60_000, 300_000, source=TagSource.OFFICER_REPORT)
    found = measured("M12", ON, CUFFS, report)
    assert (found["cuffs"].value, found["cuffs"].status) == (240_000_000, Status.COMPUTED)
    assert (found["S1"].value, found["S1"].flags) == (240_000_000, ("end_from_report",))


def test_two_restraints_at_once_count_once_for_the_person() -> None:
    legs = tag("legs", "RST.LIMB", "O1", "S1", 50_000, 70_000)
    cuffs = tag("cuffs", "RST.HANDCUFF", "O1", "S1", 60_000, 80_000)
    found = measured("M12", ON, legs, cuffs)
    assert [found[s].value for s in ("legs", "cuffs", "S1")] == [20_000_000, 20_000_000, 30_000_000]


def test_a_restraint_already_on_when_the_camera_came_is_left_censored() -> None:
    early = tag("c", "RST.HANDCUFF", "O1", "S1", 0, 9_000, end_status=EndStatus.UNKNOWN_START)
    found = measured("M12", ON, early)["c"]
    assert (found.status, found.flags) == (Status.LEFT_CENSORED, ("at_least",))


def test_nobody_restrained_is_none_found_only_where_all_was_seen() -> None:
    assert only("M12", START, ON, PUSH).status is Status.NONE_FOUND
    dark = tag("d", "CAM.OBSTRUCTED", "O1", None, 10_000, 20_000)
    assert only("M12", START, ON, PUSH, dark).status is Status.NOT_OBSERVABLE


def test_prone_time_needs_a_restraint_and_a_view_of_it() -> None:
    prone = tag("p", "RST.POSTURE", "S1", "S1", 10_000, 20_000, {"posture": "prone"})
    cuffs = tag("c", "RST.HANDCUFF", "O1", "S1", 60_000, 80_000)
    dark = tag("d", "CAM.OBSTRUCTED", "O1", None, 65_000, 66_000)
    assert only("M13", ON, PUSH, prone).status is Status.NOT_APPLICABLE
    assert only("M13", ON, cuffs, prone).status is Status.NONE_FOUND
    assert only("M13", ON, cuffs, prone, dark).status is Status.NOT_OBSERVABLE
    later = tag("q", "RST.POSTURE", "S1", "S1", 70_000, 75_000, {"posture": "prone"})
    found = only("M13", ON, cuffs, later, dark)
    assert (found.value, found.flags) == (5_000_000, ("at_least",))


def test_a_knee_on_the_neck_is_pressure_to_the_neck() -> None:
    hold = tag("h", "FRC.GROUND_HOLD", "O1", "S1", 10_000, 20_000, {"weight_on": ("neck_head", "back")})
    grip = tag("n", "FRC.NECK", "O2", "S1", 15_000, 25_000)
    found: Any = only("M14", START, ON, hold, grip).value
    assert found == {"neck_us": 15_000_000, "torso_us": 10_000_000, "either_us": 15_000_000}


def test_no_pressure_is_none_found_only_where_all_was_seen() -> None:
    assert only("M14", START, ON, PUSH).status is Status.NONE_FOUND


@pytest.mark.parametrize("attrs", [{}, {"level": "assaultive"}])
def test_force_after_surrender_is_new_unless_resistance_followed(attrs: Any) -> None:
    gave_up = tag("g", "SUB.SURRENDERS", "S1", None, 20_000, 20_000)
    behaviour = tag("b", "SUB.BEHAVIOUR", "S1", None, 30_000, 35_000, attrs)
    found = only("M15", ON, PUSH, gave_up, behaviour)
    if attrs:
        assert found.status is Status.NOT_APPLICABLE
    else:
        value: Any = found.value
        assert (value["new_application"], value["after_control"]) == (True, "g")


def test_force_before_control_was_gained_is_not_force_on_a_controlled_person() -> None:
    assert only("M15", ON, PUSH, tag("c", "CTX.CONTROL_ACHIEVED", "O1", "S1", 60_000, 60_000)).value is None


def test_threats_in_the_ten_seconds_before_are_listed_with_force_on_a_restrained_person() -> None:
    cuffs = tag("c", "RST.HANDCUFF", "O1", "S1", 20_000, 80_000)
    threat = tag("t", "SUB.THREAT_VERBAL", "S1", None, 41_000, 42_000)
    old = tag("o", "SUB.THREAT_VERBAL", "S1", None, 30_000, 31_000)
    found: Any = measured("M15", ON, cuffs, PUSH, threat, old)["push"].value
    assert found["exception_evidence"] == ("t",)


def test_force_nobody_saw_end_continues_at_least_so_long() -> None:
    cuffs = tag("c", "RST.HANDCUFF", "O1", "S1", 20_000, 80_000)
    hold = tag("h", "FRC.GROUND_HOLD", "O1", "S1", 10_000, None)
    found = measured("M15", ON, cuffs, hold)["h"]
    assert (found.status, found.flags) == (Status.RIGHT_CENSORED, ("at_least",))


def test_the_device_log_replaces_what_was_only_seen_of_the_same_cycle() -> None:
    seen = tag("s", "FRC.CED_CYCLE", "O1", "S1", 10_000, 14_000, {"mode": "drive_stun"})
    logged = tag("l", "FRC.CED_CYCLE", "O1", "S1", 10_100, 15_100, {"duration_source": "device_log"})
    other = tag("o", "FRC.CED_CYCLE", "O2", "S1", 12_000, 17_000, {"mode": "drive_stun"})
    found: Any = only("M17", ON, seen, logged, other).value
    assert (found["cycles"], found["total_us"], found["overlapping_devices"], found["drive_stun_cycles"]) == (
        2, 10_000_000, 1, 1,
    )  # fmt: skip


def test_no_ced_use_is_none_found_where_all_was_heard_and_seen() -> None:
    assert only("M17", START, ON, PUSH).status is Status.NONE_FOUND
    assert only("M17", START, ON, PUSH, MUTED).status is Status.NOT_OBSERVABLE


def test_repeated_force_is_counted_by_technique_and_officer() -> None:
    again = tag("again", "FRC.PUSH", "O1", "S1", 53_000, 53_000)
    found = only("M16", ON, PUSH, again)
    assert (found.subject, found.value) == ("S1/FRC.PUSH/O1", {"count": 2, "gaps_us": (3_000_000,)})
