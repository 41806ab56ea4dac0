"""Orders and what warnings held: clarity, time to comply, conflicts, components, merging."""

from __future__ import annotations

from typing import Any

import pytest

from bwc_review.domain.measure import Status
from tests.unit.domain.golden import tag
from tests.unit.domain.small_cases import ON, PUSH, START, only, order


def test_the_clarity_of_the_last_instruction_comes_with_its_audibility() -> None:
    said = tag("o", "CMD.ORDER", "O1", "S1", 1_000, 2_000, {"action_clarity": "vague", "audibility": "faint"})
    found = only("M05", START, ON, PUSH, said)
    assert (found.value, found.flags) == ("vague", ("audibility:faint",))


def test_vague_orders_alone_give_no_time_to_comply() -> None:
    assert only("M06", START, ON, PUSH, order("o", "O1", 1_000, 2_000, "calm_down", clarity="vague")).value is None


def test_an_order_still_being_given_leaves_no_time_to_comply() -> None:
    found = only("M06", START, ON, PUSH, order("o", "O1", 49_000, 51_000, "kneel"))
    assert found.flags == ("concurrent",)
    assert found.value == {"since_first_us": 0, "since_last_us": 0, "action": ("kneel",)}


@pytest.mark.parametrize(
    ("mine", "theirs", "kind"),
    [
        (("get_up",), ("get_on_ground",), "contradictory"),
        (("hands_up",), ("get_on_ground",), "competing"),
        (("kneel",), ("kneel",), "same_action"),
        (("kneel",), ("be_quiet",), "different_action"),
        (("kneel",), (), "action_unknown"),
    ],
)
def test_each_simultaneous_pair_is_of_one_kind(mine: tuple[str, ...], theirs: tuple[str, ...], kind: str) -> None:
    found: Any = only("M08", ON, order("a", "O1", 1_000, 2_000, *mine), order("b", "O2", 1_500, 2_500, *theirs)).value
    assert found["simultaneous"] == found[kind] == 1


def test_one_officers_orders_are_never_simultaneous_but_may_contradict_in_a_row() -> None:
    first, then = order("a", "O1", 1_000, 2_000, "get_up"), order("b", "O1", 2_500, 3_000, "stay_down")
    later = order("c", "O1", 9_000, 9_500, "get_up")
    found: Any = only("M08", ON, first, then, later).value
    assert (found["simultaneous"], found["sequential_contradictions"]) == (0, 1)


def test_orders_to_a_person_nobody_spoke_to_are_absent() -> None:
    assert only("M08", START, ON, PUSH).status is Status.NONE_FOUND


def test_an_order_whose_speaker_is_unknown_is_no_second_officer() -> None:
    unknown = tag("b", "CMD.ORDER", None, "S1", 1_000, 2_000, {"instructed_action": ("get_up",)})
    found: Any = only("M08", ON, order("a", "O1", 1_000, 2_000, "kneel"), unknown).value
    assert (found["simultaneous"], found["officers_giving_orders"]) == (0, 1)


@pytest.mark.parametrize(
    ("code", "attrs", "value"),
    [
        ("WRN.GENERIC_FORCE", {}, "generic_warning"),
        ("WRN.CED", {}, "mismatch"),
        ("WRN.NONVERBAL", {}, "generic_warning"),
    ],
)
def test_a_warning_of_other_force_does_not_match(code: str, attrs: Any, value: str) -> None:
    assert only("M07", START, ON, PUSH, tag("w", code, "O1", "S1", 1_000, 2_000, attrs)).value == value


def test_a_warning_no_force_followed_has_no_time_left_to_tell() -> None:
    told = tag("w", "WRN.CED", "O1", "S1", 1_000, 2_000, {"action_clarity": "none", "names_force": True})
    found: Any = only("M04", ON, told).value
    assert (found["time_left"], found["time_left_us"]) == (None, None)
    assert (found["instructed_action"], found["names_force"]) == (False, True)


def test_warnings_merge_by_speaker_and_force_only() -> None:
    said = [
        tag("a", "WRN.CED", "O1", "S1", 1_000, 2_000),
        tag("b", "WRN.SPRAY", "O1", "S1", 2_500, 3_000),
        tag("c", "WRN.CED", "O2", "S1", 2_500, 3_500),
        tag("d", "WRN.CED", "O1", "S1", 4_001, 5_000),
    ]
    found: Any = only("M03", START, ON, PUSH, *said).value
    assert (found["distinct"], found["distinct_by_force"]) == (4, {"ced": 3, "irritant_spray": 1})
