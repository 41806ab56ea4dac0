"""Measures M01 to M28 of the taxonomy as pure functions of confirmed tags, coverage and settings.

One file a family; ``MEASURES`` says which are computed here. M09 to M11, M18, M26, M27 and M29 to M32 are not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bwc_review.domain.measure import Measure
from bwc_review.domain.measures.aid import (
    aid_even_if_declined,
    aid_rendered,
    aid_requested,
    distress_to_response,
)
from bwc_review.domain.measures.applications import applications, force_while_restrained
from bwc_review.domain.measures.case import Case
from bwc_review.domain.measures.ced import ced_exposure
from bwc_review.domain.measures.commands import conflicting_commands, last_instruction_clarity, time_to_comply
from bwc_review.domain.measures.covering import coverage_from_tags, narrowed
from bwc_review.domain.measures.describing import describe
from bwc_review.domain.measures.intervention import (
    intervention_latency,
    intervention_to_stop,
    witnessing_officers,
)
from bwc_review.domain.measures.recording import recording_coverage
from bwc_review.domain.measures.restraint import pressure_time, prone_after_restraint, restraint_duration
from bwc_review.domain.measures.warnings import (
    distinct_warnings,
    first_warning_to_first_force,
    warned_matches_used,
    warning_components,
    warning_to_force,
)
from bwc_review.domain.taxonomy import Taxonomy

__all__ = ["MEASURES", "Case", "compute_all", "coverage_from_tags", "describe", "narrowed"]

MEASURES: Mapping[str, Callable[[Case, Taxonomy], tuple[Measure, ...]]] = MappingProxyType(
    {
        "M01": warning_to_force,
        "M02": first_warning_to_first_force,
        "M03": distinct_warnings,
        "M04": warning_components,
        "M05": last_instruction_clarity,
        "M06": time_to_comply,
        "M07": warned_matches_used,
        "M08": conflicting_commands,
        "M12": restraint_duration,
        "M13": prone_after_restraint,
        "M14": pressure_time,
        "M15": force_while_restrained,
        "M16": applications,
        "M17": ced_exposure,
        "M19": aid_requested,
        "M20": aid_rendered,
        "M21": aid_even_if_declined,
        "M22": distress_to_response,
        "M23": intervention_latency,
        "M24": intervention_to_stop,
        "M25": witnessing_officers,
        "M28": recording_coverage,
    }
)


def compute_all(case: Case, taxonomy: Taxonomy) -> tuple[Measure, ...]:
    """Return every measure computed here, in the taxonomy's order, then by subject in order of time."""
    return tuple(
        measure for code in taxonomy.measures if code in MEASURES for measure in MEASURES[code](case, taxonomy)
    )
