"""Each application of force for itself: on a restrained person, repeated: M15 and M16."""

from __future__ import annotations

from itertools import pairwise

from bwc_review.domain.ids import ParticipantId
from bwc_review.domain.measure import Measure, Status
from bwc_review.domain.measures.case import MECHANICAL, Case, is_open
from bwc_review.domain.measures.results import (
    AT_LEAST,
    Sense,
    addressee_flags,
    apart,
    computed,
    not_applicable,
    unless_observed,
)
from bwc_review.domain.tags import Tag
from bwc_review.domain.taxonomy import Taxonomy
from bwc_review.domain.times import SECOND, Span, clip, total

EXCEPTION_WINDOW = 10 * SECOND  # taxonomy M15: "within the same 10 s"
_EXCEPTIONS = ("SUB.ASSAULT", "SUB.THREAT_VERBAL", "SUB.WEAPON_SEEN")
_RESISTING = frozenset({"active", "assaultive", "life_threatening"})


def force_while_restrained(case: Case, taxonomy: Taxonomy) -> tuple[Measure, ...]:
    """M15, per force event, record: a new application on a restrained or controlled person, or one that went on.

    ``new_application``: force began while handcuffs, limb or body restraint were on, or after control or surrender
    without later resistance. ``continuing_us``: how long force that began earlier went on under restraint.
    ``exception_evidence``: tags of assault, threat or weapon in the 10 s up to its start.
    """
    return tuple(_while_restrained(case, taxonomy, force) for force in case.force())


def _while_restrained(case: Case, taxonomy: Taxonomy, force: Tag) -> Measure:
    info, person = taxonomy.measures["M15"], case.person_of(force)
    others = [r for r in case.about(person, case.of(*MECHANICAL)) if r.id != force.id]
    control = _control_before(case, person, force)
    if not others and control is None:
        return not_applicable(info, force.id, "record")
    span = force.span(case.end)
    active = [r for r in others if r.start <= force.start < r.end_or(case.end)]
    later = [r for r in others if r.start > force.start and not force.code.startswith("RST.")]
    going_on = clip([r.span(case.end) for r in later], span)
    evidence = _exceptions(case, person, force)
    value = {
        "new_application": bool(active) or control is not None,
        "continuing_us": total(going_on),
        "under": tuple(r.id for r in active),
        "after_control": control.id if control else None,
        "exception_evidence": tuple(tag.id for tag in evidence),
    }
    under = [*active, *(r for r in later if r.span(case.end).overlaps(span)), *((control,) if control else ())]
    status = Status.RIGHT_CENSORED if going_on and is_open(force) else Status.COMPUTED
    return computed(
        case,
        info,
        force.id,
        value,
        span,
        unit="record",
        basis=(force, *under, *evidence),
        status=status,
        uncertainty=apart(force, *under[:1]),
        flags=(*((AT_LEAST,) if status is Status.RIGHT_CENSORED else ()), *addressee_flags(force, *under)),
    )


def _control_before(case: Case, person: ParticipantId, force: Tag) -> Tag | None:
    """The last control or surrender before ``force`` that no assault, flight or active resistance followed."""
    anchors = case.about(person, case.of("CTX.CONTROL_ACHIEVED", "SUB.SURRENDERS"))
    gained = [t for t in anchors if t.start < force.start]
    if not gained:
        return None
    lost = [t for t in case.about(person, case.of("SUB.ASSAULT", "SUB.FLEES", "SUB.BEHAVIOUR")) if _resists(t)]
    after = [t for t in lost if t.end_or(case.end) >= gained[-1].start and t.start <= force.start]
    return None if after else gained[-1]


def _resists(tag: Tag) -> bool:
    return tag.code != "SUB.BEHAVIOUR" or tag.attrs.get("level") in _RESISTING


def _exceptions(case: Case, person: ParticipantId, force: Tag) -> list[Tag]:
    found = case.about(person, case.of(*_EXCEPTIONS))
    earliest = force.start - EXCEPTION_WINDOW
    return [t for t in found if t.start <= force.start and t.end_or(case.end) >= earliest]


def applications(case: Case, taxonomy: Taxonomy) -> tuple[Measure, ...]:
    """M16, per person, technique and officer (subject ``S1/FRC.STRIKE/O1``), record: count and pauses between.

    Which applications lack their own rubric answer is asked of the answers, not of the tags.
    """
    groups: dict[str, list[Tag]] = {}
    for force in case.force():
        groups.setdefault(f"{case.person_of(force)}/{force.code}/{force.actor or 'unknown'}", []).append(force)
    return tuple(_repeated(case, taxonomy, subject, tags) for subject, tags in groups.items())


def _repeated(case: Case, taxonomy: Taxonomy, subject: str, tags: list[Tag]) -> Measure:
    pauses = tuple(later.start - earlier.end_or(case.end) for earlier, later in pairwise(tags))
    window = Span(tags[0].start, max(tag.span(case.end).end for tag in tags))
    unsure = [apart(earlier, later) for earlier, later in pairwise(tags)]
    return computed(
        case,
        taxonomy.measures["M16"],
        subject,
        {"count": len(tags), "gaps_us": pauses},
        window,
        unit="record",
        basis=tags,
        uncertainty=max(unsure, default=None),
        flags=(*unless_observed(case, window, Sense.SEEN, AT_LEAST), *addressee_flags(*tags)),
    )
