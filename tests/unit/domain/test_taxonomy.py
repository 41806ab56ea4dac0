"""The taxonomy: the shipped file reads, broken ones are refused with their reason, attributes are checked."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable
from importlib import resources
from typing import Any

import pytest

from bwc_review.data import load_taxonomy
from bwc_review.domain.defects import DefinitionRefused
from bwc_review.domain.ids import EventCode
from bwc_review.domain.tags import AttrValue
from bwc_review.domain.taxonomy import Kind, Layer, Taxonomy, family
from tests.unit.domain.golden import raw_taxonomy


def test_the_shipped_taxonomy_carries_the_digest_of_its_own_file() -> None:
    data = resources.files("bwc_review.data").joinpath("taxonomy.yaml").read_bytes()
    assert load_taxonomy().digest == hashlib.sha256(data).hexdigest()


def test_the_shipped_taxonomy_has_every_event_type_and_measure_of_its_file() -> None:
    taxonomy, raw = load_taxonomy(), raw_taxonomy()
    assert list(taxonomy.events) == [event["code"] for event in raw["event_types"]]
    assert list(taxonomy.measures) == [measure["code"] for measure in raw["measures"]]
    assert taxonomy.permission("export.release", "psd_investigator") == "D"
    assert taxonomy.parameters.merge_gap_us == 2_000_000


def test_a_warning_kind_inherits_the_attributes_of_the_first_one() -> None:
    ced = load_taxonomy().events[EventCode("WRN.CED")]
    assert (ced.kind, ced.layer, ced.label) == (
        Kind.INTERVAL, Layer.OBSERVATION, "Conducted energy device (Taser) warning",
    )  # fmt: skip
    assert ced.attrs["instructed_action"].many and ced.attrs["text"].required


WARNING: dict[str, AttrValue] = {
    "text": "Stop or I tase you", "names_force": True, "action_clarity": "specific", "states_consequence": True,
    "audibility": "clear", "instructed_action": ("stop_moving",),
}  # fmt: skip


def test_a_complete_warning_has_nothing_wrong_with_it() -> None:
    assert load_taxonomy().check_attrs(EventCode("WRN.CED"), WARNING) == ()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"loudness": "high"}, "WRN.CED has no attribute loudness"),
        ({"audibility": "good"}, "audibility of WRN.CED cannot be good"),
        ({"instructed_action": "stop_moving"}, "instructed_action of WRN.CED must be a list"),
        ({"instructed_action": ("fly",)}, "instructed_action of WRN.CED cannot be fly"),
        ({"text": ("a", "b")}, "text of WRN.CED must be a single value"),
        ({"names_force": 1}, "names_force of WRN.CED must be true or false"),
    ],
)
def test_a_wrong_attribute_is_named_in_words(change: dict[str, AttrValue], problem: str) -> None:
    assert load_taxonomy().check_attrs(EventCode("WRN.CED"), WARNING | change) == (problem,)


def test_a_missing_required_attribute_is_named() -> None:
    problems = load_taxonomy().check_attrs(EventCode("SUB.DISTRESS"), {})
    assert problems == ("breathing is required for SUB.DISTRESS",)


def test_what_is_still_missing_is_not_called_wrong() -> None:
    taxonomy, code = load_taxonomy(), EventCode("SUB.DISTRESS")
    assert taxonomy.wrong_attrs(code, {}) == ()
    assert taxonomy.missing_attrs(code, {}) == taxonomy.check_attrs(code, {})


def test_a_required_list_must_hold_something() -> None:
    problems = load_taxonomy().check_attrs(EventCode("DES.ATTEMPT"), {"type": ()})
    assert problems == ("type of DES.ATTEMPT must not be empty",)


def test_an_unknown_code_is_said_to_be_unknown() -> None:
    assert "not an event type" in load_taxonomy().check_attrs(EventCode("WRN.MAGIC"), {})[0]


@pytest.mark.parametrize(
    ("code", "lane"),
    [("WRN.CED", "warnings"), ("FRC.SHOW.BATON", "force"), ("DTI.TRIGGER", "intervene"),
     ("RST.POSTURE", "restraint"), ("MED.HANDOVER", "medical"), ("CMD.ORDER", "orders"),
     ("IDN.ROLE", "identification"), ("DES.ATTEMPT", "deescalation"), ("SUB.PLEA", "subject"),
     ("CAM.GAP", "camera"), ("CTX.BYSTANDER", "other"), ("PRO.HOG_TIE", "other")],
)  # fmt: skip
def test_every_code_has_its_lane(code: str, lane: str) -> None:
    assert family(EventCode(code)) == lane


def _set(*path: Any, to: Any) -> Callable[[Any], None]:
    def change(raw: Any) -> None:
        for step in path[:-1]:
            raw = raw[step]
        raw[path[-1]] = to

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_set("schema", to="something-else"), "is no taxonomy"),
        (_set("enums", to=None), "lacks a part"),
        (_set("event_types", 1, "code", to="CTX.ENCOUNTER_START"), "stands twice"),
        (_set("event_types", 0, "attrs", to={"reason": "enum:moods"}), "'moods'"),
        (_set("event_types", 0, "attrs", to={"reason": "float"}), "unknown type 'float'"),
        (_set("event_types", 0, "kind", to="line"), "CTX.ENCOUNTER_START"),
        (_set("measures", 1, "code", to="M01"), "measure M01 stands twice"),
        (_set("command_conflicts", "competing", 0, to=["kneel", "fly"]), "competing orders"),
        (_set("permissions", "ingest.dock", to=["A"]), "permission ingest.dock"),
        (_set("permissions", "ingest.dock", to=["A", "A", "A", "A", "A", "Z"]), "permission ingest.dock"),
        (_set("measure_conventions", "engineering_parameters", "merge_gap_ms", "default", to=1.5), "merge_gap_ms"),
        (_set("measure_conventions", "engineering_parameters", "merge_gap_ms", "default", to=-1), "merge_gap_ms"),
    ],
)
def test_a_taxonomy_that_contradicts_itself_is_refused_for_its_reason(
    change: Callable[[Any], None], reason: str
) -> None:
    raw = copy.deepcopy(raw_taxonomy())
    change(raw)
    with pytest.raises(DefinitionRefused, match=reason) as refused:
        Taxonomy.from_mapping(raw, "digest")
    assert refused.value.exit_code == 2
