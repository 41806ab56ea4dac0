"""Restraint and pressure as time: M12 to M14. Lengths whose end nobody saw are lower bounds and say so."""

from __future__ import annotations

from bwc_review.domain.ids import ParticipantId
from bwc_review.domain.measure import Measure, Status
from bwc_review.domain.measures.case import MECHANICAL, RESTRAINTS, Case, is_open, texts
from bwc_review.domain.measures.results import (
    AT_LEAST,
    Sense,
    absent,
    addressee_flags,
    apart,
    censoring,
    computed,
    lengths_uncertainty,
    not_applicable,
    unless_observed,
)
from bwc_review.domain.tags import Tag, TagSource
from bwc_review.domain.taxonomy import Taxonomy
from bwc_review.domain.times import Micros, Span, clip, total, union

FROM_REPORT = "end_from_report"
_ON_TORSO = frozenset({"back", "chest_abdomen"})


def restraint_duration(case: Case, taxonomy: Taxonomy) -> tuple[Measure, ...]:
    """M12, microseconds: each restraint (subject: the tag), and per person the union of all of them.

    No removal seen: ``right_censored`` up to the recordings' end, unless an officer's report documents it.
    """
    found: list[Measure] = []
    for person in case.people():
        restraints = case.about(person, case.of(*RESTRAINTS))
        found.extend(_one(case, taxonomy, restraint) for restraint in restraints)
        found.append(_total(case, taxonomy, person, restraints))
    return tuple(found)


def _reported(case: Case, restraint: Tag) -> Tag | None:
    """The officer's report of the same restraint that says when an open one was removed."""
    if not is_open(restraint):
        return None
    reports = [
        other
        for other in case.about(case.person_of(restraint), case.of(restraint.code))
        if other.source is TagSource.OFFICER_REPORT
        and other.id != restraint.id
        and not is_open(other)
        and other.end_or(case.end) > restraint.start
    ]
    return reports[0] if reports else None


def _until(case: Case, restraint: Tag) -> Span:
    report = _reported(case, restraint)
    return Span(restraint.start, report.end_or(case.end)) if report else restraint.span(case.end)


def _one(case: Case, taxonomy: Taxonomy, restraint: Tag) -> Measure:
    report = _reported(case, restraint)
    span = _until(case, restraint)
    status, flags = (Status.COMPUTED, (FROM_REPORT,)) if report else censoring([restraint])
    basis = (restraint, report) if report else (restraint,)
    return computed(
        case,
        taxonomy.measures["M12"],
        restraint.id,
        span.length,
        span,
        unit="us",
        basis=basis,
        status=status,
        uncertainty=apart(*basis) if report else lengths_uncertainty(basis),
        flags=(*flags, *addressee_flags(restraint)),
    )


def _total(case: Case, taxonomy: Taxonomy, person: ParticipantId, restraints: tuple[Tag, ...]) -> Measure:
    info = taxonomy.measures["M12"]
    if not restraints:
        return absent(case, info, person, case.encounter(person), Sense.SEEN, unit="us")
    reports = [report for r in restraints if (report := _reported(case, r))]
    status, flags = censoring(r for r in restraints if _reported(case, r) is None)
    spans = union(_until(case, r) for r in restraints)
    return computed(
        case,
        info,
        person,
        total(spans),
        Span(spans[0].start, spans[-1].end),
        unit="us",
        basis=(*restraints, *reports),
        status=status,
        uncertainty=lengths_uncertainty(restraints),
        flags=(*flags, *((FROM_REPORT,) if reports else ()), *addressee_flags(*restraints)),
    )


def prone_after_restraint(case: Case, taxonomy: Taxonomy) -> tuple[Measure, ...]:
    """M13, per person, microseconds: how long a person in handcuffs, limb or body restraint lay prone.

    ``at_least`` when the restrained time was not visible throughout.
    """
    return tuple(_prone(case, taxonomy, person) for person in case.people())


def _prone(case: Case, taxonomy: Taxonomy, person: ParticipantId) -> Measure:
    info = taxonomy.measures["M13"]
    restraints = case.about(person, case.of(*MECHANICAL))
    if not restraints:
        return not_applicable(info, person, "us")
    bound = union(_until(case, r) for r in restraints)
    window = Span(bound[0].start, bound[-1].end)
    prone = [t for t in case.about(person, case.of("RST.POSTURE", "FRC.GROUND_HOLD")) if _is_prone(t)]
    both = [t for t in prone if any(t.span(case.end).overlaps(span) for span in bound)]
    if not both:
        return absent(case, info, person, window, Sense.SEEN, unit="us", basis=restraints)
    value = sum(total(clip([t.span(case.end) for t in both], span)) for span in bound)
    status, flags = censoring(both)
    unseen = () if all(case.coverage.sees_all_of(span) for span in bound) else (AT_LEAST,)
    return computed(
        case,
        info,
        person,
        value,
        window,
        unit="us",
        basis=(*restraints, *both),
        status=status,
        uncertainty=lengths_uncertainty(both),
        flags=(*flags, *unseen, *addressee_flags(*restraints, *both)),
    )


def _is_prone(tag: Tag) -> bool:
    return tag.attrs.get("posture") == "prone"


def pressure_time(case: Case, taxonomy: Taxonomy) -> tuple[Measure, ...]:
    """M14, per person, record of microseconds: time under pressure to the neck, to the torso, to either.

    ``neck_us``: FRC.NECK and ground holds with weight on neck or head; ``torso_us``: ground holds with weight on
    back, chest or abdomen. Seconds of the person: two officers pressing at once do not count twice.
    """
    return tuple(_pressure(case, taxonomy, person) for person in case.people())


def _pressure(case: Case, taxonomy: Taxonomy, person: ParticipantId) -> Measure:
    info, window = taxonomy.measures["M14"], case.encounter(person)
    holds = case.about(person, case.of("FRC.GROUND_HOLD"))
    neck = [
        *case.about(person, case.of("FRC.NECK")),
        *(hold for hold in holds if "neck_head" in texts(hold, "weight_on")),
    ]
    torso = [hold for hold in holds if _ON_TORSO & set(texts(hold, "weight_on"))]
    if not neck and not torso:
        return absent(case, info, person, window, Sense.SEEN, unit="record")
    basis = _in_order(neck, torso)
    status, flags = censoring(basis)
    value = {
        "neck_us": _length(case, neck),
        "torso_us": _length(case, torso),
        "either_us": _length(case, basis),
    }
    return computed(
        case,
        info,
        person,
        value,
        window,
        unit="record",
        basis=basis,
        status=status,
        uncertainty=lengths_uncertainty(basis),
        flags=(*flags, *unless_observed(case, window, Sense.SEEN, AT_LEAST), *addressee_flags(*basis)),
    )


def _in_order(*groups: list[Tag]) -> list[Tag]:
    by_id = {tag.id: tag for group in groups for tag in group}
    return sorted(by_id.values(), key=lambda t: (t.start, t.id))


def _length(case: Case, tags: list[Tag]) -> Micros:
    return total(tag.span(case.end) for tag in tags)
