"""One plain line per measure: sure or unsure, never good or bad."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import pytest

from bwc_review.data import load_taxonomy
from bwc_review.domain.coverage import Share
from bwc_review.domain.measure import Measure, Status
from bwc_review.domain.measures import compute_all, describe
from bwc_review.domain.times import Micros
from tests.unit.domain.golden import golden_case

TAXONOMY = load_taxonomy()
ALL = Share(Fraction(1), Fraction(1))
PART = Share(Fraction(999, 1000), Fraction(2, 5))


def measure(code: str, value: Any, status: Status = Status.COMPUTED, **more: Any) -> Measure:
    return Measure(code, "name", "subject", value, "us", status, **more)


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (measure("M02", 3_302_900, uncertainty=Micros(100_000)),
         "3.302 s before the first use of force (end of the first warning), ± 0.1 s"),
        (measure("M01", 30_000, uncertainty=Micros(100_000)),
         "≤ 0.1 s before this use of force (end of the last warning)"),
        (measure("M01", 4_000_000, flags=("at_most", "addressee_unknown")),
         "at most 4 s before this use of force (end of the last warning); addressee not known"),
        (measure("M01", 0, flags=("concurrent",)),
         "0 s before this use of force (end of the last warning); still being spoken when force began"),
        (measure("M22", -1_500_000), "-1.5 s from the complaint to the first response"),
        (measure("M03", None, Status.NONE_FOUND, coverage=ALL), "none found; 100% of the look-back was audible"),
        (measure("M03", None, Status.NOT_OBSERVABLE, coverage=PART),
         "not observable: 99% of the look-back was audible"),
        (measure("M25", None, Status.NOT_OBSERVABLE, coverage=PART),
         "not observable: 99% of the time in question was audible, 40% visible"),
        (measure("M25", None, Status.NOT_OBSERVABLE),
         "not observable: the coverage of the time in question is not known"),
        (measure("M23", 20_000_000, Status.NONE_FOUND, coverage=ALL),
         "none found within 20 s up to the end of the force; 100% of the time in question was audible, 100% visible"),
        (measure("M07", "no_warning", Status.NONE_FOUND, coverage=ALL),
         "none found; 100% of the look-back was audible"),
        (measure("M13", None, Status.NOT_APPLICABLE),
         "does not apply: nothing is tagged that it could be measured from"),
        (measure("M13", None, Status.NEEDS_CONFIRMATION), "open: rests on a candidate that nobody has confirmed yet"),
        (measure("M07", "generic_warning", flags=("partly_observed",)),
         "generic warning; part of that time was not covered by any camera"),
        (measure("M05", "specific", flags=("audibility:masked_by_noise", "elsewhere_explained")),
         "specific; audibility masked by noise"),
        (measure("M21", True), "yes"),
        (measure("M05", None), "not tagged"),
        (measure("M16", {"count": 1, "gaps_us": ()}), "1 applications, pauses between: none"),
        (measure("M25", {"count": 0, "max_at_once": 0, "exposure_us": {}, "with_opportunity": 0, "unknown": 1}),
         "0 officers could see or hear it, 0 at once, for: none; "
         "with an opportunity to act: 0, not known whether: 1"),
        (measure("M28", {"audio_share": Fraction(35, 36), "known": False}), "audio share: 97.2%, known: no"),
    ],
)  # fmt: skip
def test_a_measure_reads_as_one_plain_line(found: Measure, line: str) -> None:
    assert describe(found, TAXONOMY) == line


def test_no_line_judges() -> None:
    lines = [describe(m, TAXONOMY) for m in compute_all(golden_case(), TAXONOMY)]
    assert lines and not [x for x in lines if re.search(r"\b(pass|fail|good|bad|ok|violation|score)", x, re.I)]


def test_a_measure_the_taxonomy_does_not_list_is_refused() -> None:
    with pytest.raises(KeyError):
        describe(measure("M99", 1), TAXONOMY)
