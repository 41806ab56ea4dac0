"""Warnings before force: M01 to M04 and M07. How much time, how many, what they held, whether they fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from bwc_review.domain.ids import ParticipantId
from bwc_review.domain.measure import Measure
from bwc_review.domain.measures.case import Case, texts
from bwc_review.domain.measures.results import (
    AT_LEAST,
    AT_MOST,
    CONCURRENT,
    PARTLY_OBSERVED,
    Sense,
    absent,
    addressee_flags,
    apart,
    computed,
    unless_observed,
)
from bwc_review.domain.tags import Tag
from bwc_review.domain.taxonomy import Taxonomy
from bwc_review.domain.times import Micros, Span

# Taxonomy enum warned_force by the code of a warning and of a force event.
GENERIC = "unspecified"
_WARNED: Mapping[str, str] = {
    "WRN.FIREARM": "firearm",
    "WRN.CED": "ced",
    "WRN.SPRAY": "irritant_spray",
    "WRN.BATON": "baton",
    "WRN.DOG": "dog",
    "WRN.IMPACT_ROUND": "impact_round",
    "WRN.PUBLIC_ORDER": "gas_or_public_order",
}
_USED: Mapping[str, str] = {
    "FRC.FIREARM_SHOT": "firearm",
    "FRC.CED_CYCLE": "ced",
    "FRC.SPRAY_BURST": "irritant_spray",
    "FRC.BATON_STRIKE": "baton",
    "FRC.DOG_CONTACT": "dog",
    "FRC.IMPACT_ROUND": "impact_round",
    "FRC.GAS": "gas_or_public_order",
}


def warned_force(warning: Tag) -> str:
    """Return the family of force a warning speaks of; "unspecified" for general and wordless warnings."""
    return _WARNED.get(warning.code, GENERIC)


def used_force(force: Tag) -> str:
    """Return the family of force used; everything done with hands, holds and restraints is physical force."""
    return _USED.get(force.code, "physical_force")


def warnings_before(case: Case, force: Tag, person: ParticipantId, window: Span) -> tuple[Tag, ...]:
    """Warnings to ``person`` that began before ``force`` and reach into ``window``."""
    return tuple(w for w in case.warnings(person) if w.start < force.start and w.end_or(case.end) >= window.start)


def warning_to_force(case: Case, taxonomy: Taxonomy) -> tuple[Measure, ...]:
    """M01, per force event, microseconds: from the end of the last warning to this use of force.

    A warning still being spoken when force begins gives 0 and ``concurrent``. ``at_most`` when the time between
    was not audible throughout, since a later warning may have gone unheard.
    """
    return tuple(_warning_to_force(case, taxonomy, force) for force in case.force())


def _warning_to_force(case: Case, taxonomy: Taxonomy, force: Tag) -> Measure:
    info, person = taxonomy.measures["M01"], case.person_of(force)
    window = case.look_back(force, person)
    before = warnings_before(case, force, person, window)
    if not before:
        return absent(case, info, force.id, window, Sense.HEARD, unit="us", basis=[force])
    last = max(before, key=lambda w: (w.end_or(case.end), w.id))
    end = last.end_or(case.end)
    since = Span(min(end, force.start), force.start)
    return computed(
        case,
        info,
        force.id,
        since.length,
        window,
        unit="us",
        basis=(last, force),
        uncertainty=apart(last, force),
        flags=(
            *((CONCURRENT,) if end > force.start else ()),
            *unless_observed(case, since, Sense.HEARD, AT_MOST),
            *addressee_flags(last, force),
        ),
    )


def first_warning_to_first_force(case: Case, taxonomy: Taxonomy) -> tuple[Measure, ...]:
    """M02, per person, microseconds: from the end of the first warning of force to the first use of force.

    Looked for from the start of the encounter. ``at_least`` when the time before that warning was not audible
    throughout, since an earlier one may have gone unheard.
    """
    return tuple(_first_to_first(case, taxonomy, person, force) for person, force in _first_force(case))


def _first_force(case: Case) -> Iterator[tuple[ParticipantId, Tag]]:
    for person in case.people():
        force = case.about(person, case.force())
        if force:
            yield person, force[0]


def _first_to_first(case: Case, taxonomy: Taxonomy, person: ParticipantId, force: Tag) -> Measure:
    info = taxonomy.measures["M02"]
    window = Span(min(case.encounter(person).start, force.start), force.start)
    before = warnings_before(case, force, person, window)
    if not before:
        return absent(case, info, person, window, Sense.HEARD, unit="us", basis=[force])
    first = before[0]
    end = first.end_or(case.end)
    earlier = Span(min(window.start, first.start), first.start)
    return computed(
        case,
        info,
        person,
        max(0, force.start - end),
        window,
        unit="us",
        basis=(first, force),
        uncertainty=apart(first, force),
        flags=(
            *((CONCURRENT,) if end > force.start else ()),
            *unless_observed(case, earlier, Sense.HEARD, AT_LEAST),
            *addressee_flags(first, force),
        ),
    )


def distinct_warnings(case: Case, taxonomy: Taxonomy) -> tuple[Measure, ...]:
    """M03, per person, record: warnings before the first use of force, as uttered and merged.

    ``at_least`` when the look-back was not audible throughout.
    """
    return tuple(_distinct(case, taxonomy, person, force) for person, force in _first_force(case))


def _distinct(case: Case, taxonomy: Taxonomy, person: ParticipantId, force: Tag) -> Measure:
    info, window = taxonomy.measures["M03"], case.look_back(force, person)
    before = warnings_before(case, force, person, window)
    if not before:
        return absent(case, info, person, window, Sense.HEARD, unit="record", basis=[force])
    merged = merge_repeats(before, case)
    value = {
        "utterances": len(before),
        "distinct": len(merged),
        "speakers": len({w.actor for w in before}),
        "distinct_by_force": dict(sorted(Counter(warned_force(run[0]) for run in merged).items())),
    }
    flags = (*unless_observed(case, window, Sense.HEARD, AT_LEAST), *addressee_flags(*before, force))
    return computed(case, info, person, value, window, unit="record", basis=(*before, force), flags=flags)


def merge_repeats(warnings: Iterable[Tag], case: Case) -> tuple[tuple[Tag, ...], ...]:
    """Group warnings of one speaker and one family of force whose pauses are within ``merge_gap_us``."""
    groups: list[list[Tag]] = []
    latest: dict[tuple[ParticipantId | None, str], list[Tag]] = {}
    for warning in sorted(warnings, key=lambda w: (w.start, w.id)):
        key = (warning.actor, warned_force(warning))
        group = latest.get(key)
        end = max(w.end_or(case.end) for w in group) if group else Micros(0)
        if group and warning.start - end <= case.parameters.merge_gap_us:
            group.append(warning)
        else:
            latest[key] = [warning]
            groups.append(latest[key])
    return tuple(tuple(group) for group in groups)


def warning_components(case: Case, taxonomy: Taxonomy) -> tuple[Measure, ...]:
    """M04, per spoken warning, record: which components it held, as a checklist and never a total.

    True, False, or None where the tag does not say. ``time_left`` tells whether the next use of force on the person
    began after the warning had ended, ``time_left_us`` by how much; None when no force followed.
    """
    spoken = [w for w in case.of("WRN.") if w in case.warnings(case.person_of(w)) and w.code != "WRN.NONVERBAL"]
    return tuple(_components(case, taxonomy, warning) for warning in spoken)


def _components(case: Case, taxonomy: Taxonomy, warning: Tag) -> Measure:
    end = warning.end_or(case.end)
    following = [f for f in case.about(case.person_of(warning), case.force()) if f.start > warning.start]
    left = following[0].start - end if following else None
    told = bool(texts(warning, "instructed_action"))
    value = {
        "identifies_police": warning.attrs.get("identifies_police"),
        "names_force": warning.attrs.get("names_force"),
        "instructed_action": told or (False if warning.attrs.get("action_clarity") == "none" else None),
        "states_consequence": warning.attrs.get("states_consequence"),
        "time_left": None if left is None else left > 0,
        "time_left_us": None if left is None else max(0, left),
    }
    basis = (warning, *following[:1])
    return computed(
        case,
        taxonomy.measures["M04"],
        warning.id,
        value,
        Span(warning.start, max(end, warning.start)),
        unit="record",
        basis=basis,
        uncertainty=apart(*basis) if following else None,
        flags=addressee_flags(warning),
    )


def warned_matches_used(case: Case, taxonomy: Taxonomy) -> tuple[Measure, ...]:
    """M07, per force event, category: match, generic_warning, mismatch, or no_warning where all could be heard."""
    return tuple(_warned_and_used(case, taxonomy, force) for force in case.force())


def _warned_and_used(case: Case, taxonomy: Taxonomy, force: Tag) -> Measure:
    info, person = taxonomy.measures["M07"], case.person_of(force)
    window = case.look_back(force, person)
    before = warnings_before(case, force, person, window)
    if not before:
        return absent(
            case, info, force.id, window, Sense.HEARD, unit="category", basis=[force], none_found="no_warning"
        )
    families = {warned_force(w) for w in before}
    value = "generic_warning" if GENERIC in families else "mismatch"
    if used_force(force) in families:
        value = "match"
    partly = () if value == "match" else unless_observed(case, window, Sense.HEARD, PARTLY_OBSERVED)
    flags = (*partly, *addressee_flags(*before, force))
    return computed(case, info, force.id, value, window, unit="category", basis=(*before, force), flags=flags)
