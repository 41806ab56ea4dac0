"""The taxonomy's golden example: every expected value and every trap, by name."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from bwc_review.data import load_taxonomy
from bwc_review.domain.measure import Measure, Status
from bwc_review.domain.measures import MEASURES, compute_all, describe
from bwc_review.domain.tags import Tag
from tests.unit.domain.golden import case_of, golden_case, golden_tags, raw_taxonomy, tag

TAXONOMY = load_taxonomy()
EXPECTED = raw_taxonomy()["golden_example"]["expected"]


def measured(code: str, *tags: Tag) -> dict[str, Measure]:
    """One measure of the golden case (or of ``tags``) by subject."""
    case = case_of(*tags) if tags else golden_case()
    return {m.subject: m for m in MEASURES[code](case, TAXONOMY)}


def value(code: str, subject: str) -> Any:
    return measured(code)[subject].value


def in_ms(record: Any, *names: str) -> dict[str, int]:
    """Pick the times of a record as the taxonomy writes them: milliseconds, without the unit in the name."""
    return {name: record[f"{name}_us"] // 1000 for name in names}


def test_every_expected_value_has_a_test_here() -> None:
    tested = {"M01", "M02", "M03", "M06_t12", "M08", "M12", "M13", "M14", "M15", "M17", "M19", "M20", "M22", "M23",
              "M24", "M25", "M28"}  # fmt: skip
    assert set(EXPECTED) == tested


def test_m01_time_from_the_last_warning_to_each_use_of_force() -> None:
    for subject, expected in EXPECTED["M01"].items():
        assert value("M01", subject) == expected * 1000


def test_m02_first_warning_to_first_force() -> None:
    assert value("M02", "S1") == EXPECTED["M02"] * 1000


def test_m03_warnings_uttered_and_distinct() -> None:
    found = value("M03", "S1")
    assert {name: found[name] for name in EXPECTED["M03"]} == EXPECTED["M03"]
    assert found["distinct_by_force"] == {"ced": 2}


def test_m06_time_to_comply() -> None:
    assert in_ms(value("M06", "t12"), "since_first", "since_last") == EXPECTED["M06_t12"]


def test_m08_conflicting_commands() -> None:
    found = value("M08", "S1")
    assert {name: found[name] for name in EXPECTED["M08"]} == EXPECTED["M08"]


def test_m12_restraint_without_removal_is_right_censored() -> None:
    for subject in ("t16", "S1"):
        found = measured("M12")[subject]
        assert found.value == EXPECTED["M12"]["value"] * 1000
        assert found.status == EXPECTED["M12"]["status"]


def test_m13_prone_while_restrained() -> None:
    assert value("M13", "S1") == EXPECTED["M13"] * 1000


def test_m14_pressure_to_neck_and_torso() -> None:
    assert in_ms(value("M14", "S1"), "neck", "torso") == EXPECTED["M14"]


def test_m15_new_and_continuing_force_under_restraint() -> None:
    records: dict[str, Any] = {s: m.value for s, m in measured("M15").items() if m.value is not None}
    assert [s for s, r in records.items() if r["new_application"]] == EXPECTED["M15"]["new_applications"]
    assert sum(r["continuing_us"] for r in records.values()) == EXPECTED["M15"]["continuing_ms"] * 1000


def test_m17_ced_exposure() -> None:
    found = value("M17", "S1")
    assert found["cycles"] == EXPECTED["M17"]["cycles"]
    assert in_ms(found, "total", "longest") == {
        "total": EXPECTED["M17"]["total_ms"], "longest": EXPECTED["M17"]["longest_ms"],
    }  # fmt: skip


def test_m19_and_m20_aid_latencies() -> None:
    for code in ("M19", "M20"):
        assert in_ms(value(code, "S1"), "from_force_end", "from_first_sign") == EXPECTED[code]


def test_m22_distress_to_response() -> None:
    assert value("M22", "t18") == EXPECTED["M22"] * 1000


def test_m23_and_m24_intervention() -> None:
    assert value("M23", "t19") == value("M23", "t19/O3") == EXPECTED["M23"] * 1000
    found = value("M24", "t19")
    assert found["to_stop_us"] == EXPECTED["M24"]["value"] * 1000
    assert found["strongest"] == EXPECTED["M24"]["strongest"]


def test_m25_witnessing_officers() -> None:
    found = value("M25", "t19")
    assert found["count"] == EXPECTED["M25"]["count"]
    assert {o: us // 1000 for o, us in found["exposure_us"].items()} == EXPECTED["M25"]["exposure_ms"]


def test_m28_recording_coverage() -> None:
    assert value("M28", "O1")["activation_delay_us"] == EXPECTED["M28"]["O1_activation_delay"] * 1000
    share = value("M28", "incident")["audio_share"]
    assert share == Fraction(175, 180) and round(float(share), 4) == EXPECTED["M28"]["audio_coverage"]


def test_all_measures_come_in_the_taxonomys_order_with_their_names() -> None:
    found = compute_all(golden_case(), TAXONOMY)
    codes = [m.code for m in found]
    assert codes == sorted(codes) and set(codes) == set(MEASURES)
    assert all(m.name == TAXONOMY.measures[m.code].name for m in found)


def test_a_call_out_to_colleagues_does_not_shorten_the_time_after_the_warning() -> None:
    with_call_out = measured("M01")["t12"]
    without = measured("M01", *(t for t in golden_tags() if t.id != "t11"))["t12"]
    assert with_call_out == without and "t11" not in with_call_out.basis


def test_a_repeated_warning_within_the_gap_merges_but_stays_an_utterance_of_its_own() -> None:
    found: Any = value("M03", "S1")
    assert (found["utterances"], found["distinct"]) == (3, 2)
    assert set(measured("M03")["S1"].basis) >= {"t08", "t09", "t10"}


def test_a_restraint_nobody_saw_removed_reads_at_least_118_s() -> None:
    lines = [describe(m, TAXONOMY) for m in measured("M12").values()]
    assert lines and all(line.startswith("at least 118 s") for line in lines)


def test_force_begun_before_the_cuffs_continues_and_force_begun_after_is_new() -> None:
    held: Any = value("M15", "t15")
    struck: Any = value("M15", "t17")
    assert (held["new_application"], held["continuing_us"]) == (False, 33_000_000)
    assert (struck["new_application"], struck["under"]) == (True, ("t16",))


def test_warnings_are_at_least_two_because_the_first_five_seconds_are_silent_on_every_camera() -> None:
    found = measured("M03")["S1"]
    assert describe(found, TAXONOMY).startswith("at least 2 distinct warnings")
    assert found.coverage is not None and found.coverage.audio == Fraction(385, 435)
    silent = (*(t for t in golden_tags() if t.code.startswith("CAM.")), tag("f", "FRC.PUSH", "O1", "S1", 5000, 5000))
    assert measured("M03", *silent)["S1"].status is Status.NOT_OBSERVABLE


def test_a_question_counts_as_a_prompt_not_as_nothing_and_not_as_a_directive() -> None:
    asked_only = [t for t in golden_tags() if t.id not in ("t22", "t23")]
    assert "t21" in measured("M23", *asked_only)["t19"].basis
    found: Any = measured("M24", *asked_only)["t19"].value
    assert found["strongest"] == "prompt"
