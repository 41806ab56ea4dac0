"""Duty to intervene and recording: who could see, who stepped in, what the cameras kept."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from bwc_review.domain.measure import Status
from bwc_review.domain.tags import EndStatus
from tests.unit.domain.golden import tag
from tests.unit.domain.small_cases import MUTED, ON, START, measured, only

HOLD = tag("hold", "FRC.GROUND_HOLD", "O1", "S1", 10_000, 40_000, {"weight_on": ("back",)})
TRIGGER = tag("trig", "DTI.TRIGGER", None, "S1", 20_000, 30_000, {"force_tags": ("hold",)})
SAW = {"can_see": "yes", "can_hear": "no"}


def test_nobody_intervening_by_the_end_of_the_force_is_censored_there() -> None:
    witness = tag("w", "DTI.WITNESS", "O2", None, 0, 90_000, SAW)
    found = measured("M23", START, ON, HOLD, TRIGGER, witness)
    assert [found[s].status for s in ("trig", "trig/O2")] == [Status.NONE_FOUND] * 2
    assert (found["trig"].value, found["trig"].flags) == (20_000_000, ("right_censored", "at_least"))
    assert only("M24", START, ON, HOLD, TRIGGER).status is Status.NOT_APPLICABLE


def test_the_officer_using_the_force_does_not_intervene_against_himself() -> None:
    own = tag("i", "DTI.INTERVENE_VERBAL", "O1", None, 25_000, 25_000, {"strength": "directive"})
    assert only("M23", START, ON, HOLD, TRIGGER, own).status is Status.NONE_FOUND


def test_taking_over_stops_the_clock_and_has_no_strength() -> None:
    swap = tag("i", "DTI.SWAP", "O2", None, 25_000, 25_000, {"relieves": "O1"})
    early = tag(
        "trig",
        "DTI.TRIGGER",
        None,
        "S1",
        20_000,
        30_000,
        {"force_tags": ("hold",)},
        end_status=EndStatus.UNKNOWN_START,
    )
    found = only("M24", ON, HOLD, early, swap)
    value: Any = found.value
    assert (found.status, found.flags, value["strongest"]) == (Status.COMPUTED, ("took_over",), None)


def test_a_trigger_nobody_saw_end_leaves_the_time_to_stop_open() -> None:
    open_trigger = tag("trig", "DTI.TRIGGER", None, "S1", 20_000, None, {"force_tags": ("hold",)})
    told = tag("i", "DTI.INTERVENE_VERBAL", "O2", None, 25_000, 25_000, {"strength": "prompt"})
    assert only("M24", ON, HOLD, open_trigger, told).status is Status.RIGHT_CENSORED
    witness = tag("w", "DTI.WITNESS", "O2", None, 0, 90_000, SAW)
    assert only("M25", ON, HOLD, open_trigger, witness).status is Status.RIGHT_CENSORED


def test_officers_of_whom_it_cannot_be_told_are_counted_apart() -> None:
    tags = [
        tag("w1", "DTI.WITNESS", "O2", None, 0, 25_000, SAW),
        tag("w2", "DTI.WITNESS", "O3", None, 24_000, 90_000, {"can_see": "no", "can_hear": "yes"}),
        tag("w3", "DTI.WITNESS", "O4", None, 0, 90_000, {"can_see": "unknown", "can_hear": "no"}),
        tag("w4", "DTI.WITNESS", "O5", None, 0, 90_000, {"can_see": "no", "can_hear": "no"}),
        tag("w5", "DTI.WITNESS", "O1", None, 0, 90_000, SAW),
        tag("w6", "DTI.WITNESS", None, None, 0, 90_000, SAW),
        tag("w7", "DTI.WITNESS", "O6", None, 50_000, 90_000, SAW),
        tag("op", "DTI.OPPORTUNITY", "R1", None, 22_000, 24_000, {"officer": "O2"}),
    ]
    found: Any = only("M25", ON, HOLD, TRIGGER, *tags).value
    assert found == {
        "count": 2, "max_at_once": 2, "exposure_us": {"O2": 5_000_000, "O3": 6_000_000},
        "with_opportunity": 1, "unknown": 1,
    }  # fmt: skip
    assert set(measured("M23", ON, HOLD, TRIGGER, *tags)) == {"trig", "trig/O2", "trig/O3"}


def test_witnesses_nobody_tagged_are_absent_only_where_all_was_covered() -> None:
    assert only("M25", START, ON, HOLD, TRIGGER).status is Status.NONE_FOUND


def test_officers_without_footage_are_named_and_muted_force_is_counted() -> None:
    tags = [
        START, ON, MUTED,
        tag("f", "FRC.GROUND_HOLD", "O1", "S1", 25_000, 40_000),
        tag("p", "CTX.OFFICER_PRESENT", "O2", None, 0, 90_000),
        tag("a", "CAM.ABSENT", "R1", None, 0, 90_000, {"officer": "O3"}),
        tag("end", "CTX.ENCOUNTER_END", "O1", "S1", 80_000, 80_000),
    ]  # fmt: skip
    found = measured("M28", *tags)
    incident: Any = found["incident"].value
    assert set(found) == {"O1", "O2", "O3", "incident"}
    assert incident["officers_without_footage"] == ("O3", "O2")
    assert incident["audio_share"] == Fraction(70, 80)
    own: Any = found["O1"].value
    assert (own["muted_us"], own["muted_during_force_us"]) == (10_000_000, 5_000_000)
    other: Any = found["O2"].value
    assert (other["activation_delay_us"], other["audio_share"]) == (None, 0)


def test_without_the_start_of_the_encounter_no_delay_is_told() -> None:
    found = measured("M28", ON)
    value: Any = found["O1"].value
    assert value["activation_delay_us"] is None and found["O1"].flags == ("encounter_start_unknown",)
