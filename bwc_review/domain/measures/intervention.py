"""Duty to intervene: who could see, who stepped in, after how long, with what result: M23 to M25.

Knowledge is never inferred from presence: only what a person tagged as seen or heard counts.
"""

from __future__ import annotations

from collections.abc import Iterable

from bwc_review.domain.ids import ParticipantId
from bwc_review.domain.measure import Measure, Status
from bwc_review.domain.measures.case import Case, is_open, texts
from bwc_review.domain.measures.results import (
    AT_LEAST,
    Sense,
    absent,
    apart,
    censoring,
    computed,
    not_applicable,
)
from bwc_review.domain.tags import Tag
from bwc_review.domain.taxonomy import Taxonomy
from bwc_review.domain.times import Micros, Span, total

RIGHT_CENSORED = "right_censored"
_INTERVENTIONS = ("DTI.INTERVENE_VERBAL", "DTI.INTERVENE_PHYSICAL", "DTI.SWAP")


def _triggering(case: Case, trigger: Tag) -> tuple[Tag, ...]:
    return tuple(tag for tag in case.force() if tag.id in texts(trigger, "force_tags"))


def _force_users(case: Case, trigger: Tag) -> frozenset[ParticipantId]:
    return frozenset(tag.actor for tag in _triggering(case, trigger) if tag.actor is not None)


def _until(case: Case, trigger: Tag) -> Span:
    """From the trigger to where the triggering force ended, or the trigger itself when its force is not named."""
    ends = [tag.end_or(case.end) for tag in (trigger, *_triggering(case, trigger))]
    return Span(trigger.start, max(trigger.start, *ends))


def _interventions(case: Case, trigger: Tag) -> tuple[Tag, ...]:
    """What officers other than the force users did between the trigger and the end of the force."""
    users, window = _force_users(case, trigger), _until(case, trigger)
    return tuple(t for t in case.of(*_INTERVENTIONS) if t.actor not in users and window.contains(t.start))


def _witnesses(case: Case, trigger: Tag) -> dict[ParticipantId, list[Tag]]:
    """DTI.WITNESS tags that overlap the trigger, by officer, without those who used the force."""
    users, found = _force_users(case, trigger), dict[ParticipantId, list[Tag]]()
    for tag in case.of("DTI.WITNESS"):
        if tag.actor is not None and tag.actor not in users and _together(case, tag, trigger):
            found.setdefault(tag.actor, []).append(tag)
    return found


def _together(case: Case, tag: Tag, trigger: Tag) -> bool:
    return tag.span(case.end).overlaps(trigger.span(case.end))


def _perceived(tag: Tag) -> bool:
    return "yes" in (tag.attrs.get("can_see"), tag.attrs.get("can_hear"))


def _unsure(tag: Tag) -> bool:
    return not _perceived(tag) and "unknown" in (tag.attrs.get("can_see"), tag.attrs.get("can_hear"))


def intervention_latency(case: Case, taxonomy: Taxonomy) -> tuple[Measure, ...]:
    """M23, microseconds: from a trigger to the first intervention by another officer, and by each who witnessed it.

    Subjects: the trigger, and ``trigger/officer``. None by the end of the force: the time until then as a lower
    bound, ``none_found`` where everything could be heard and seen.
    """
    found: list[Measure] = []
    for trigger in case.of("DTI.TRIGGER"):
        acts = _interventions(case, trigger)
        found.append(_latency(case, taxonomy, trigger, trigger.id, acts))
        for officer, tags in _witnesses(case, trigger).items():
            if any(_perceived(tag) for tag in tags):
                own = [act for act in acts if act.actor == officer]
                found.append(_latency(case, taxonomy, trigger, f"{trigger.id}/{officer}", own))
    return tuple(found)


def _latency(case: Case, taxonomy: Taxonomy, trigger: Tag, subject: str, acts: Iterable[Tag]) -> Measure:
    info, window = taxonomy.measures["M23"], _until(case, trigger)
    first = next(iter(acts), None)
    if first is None:
        return absent(
            case,
            info,
            subject,
            window,
            Sense.HEARD_AND_SEEN,
            unit="us",
            basis=(trigger, *_triggering(case, trigger)),
            none_found=window.length,
            flags=(RIGHT_CENSORED, AT_LEAST),
        )
    return computed(
        case,
        info,
        subject,
        first.start - trigger.start,
        window,
        unit="us",
        basis=(trigger, first),
        uncertainty=apart(trigger, first),
    )


def intervention_to_stop(case: Case, taxonomy: Taxonomy) -> tuple[Measure, ...]:
    """M24, per trigger, record: from the first intervention to the end of the trigger, and the strongest reached.

    ``strongest`` follows the order of the enum intervention_strength; taking over has none and is only flagged.
    """
    return tuple(_to_stop(case, taxonomy, trigger) for trigger in case.of("DTI.TRIGGER"))


def _to_stop(case: Case, taxonomy: Taxonomy, trigger: Tag) -> Measure:
    info = taxonomy.measures["M24"]
    acts = _interventions(case, trigger)
    if not acts:
        return not_applicable(info, trigger.id, "record")
    end = trigger.end_or(case.end)
    order = taxonomy.enums["intervention_strength"]
    reached = [strength for act in acts if (strength := _strength(act)) in order]
    status, flags = censoring([trigger])
    if status is Status.LEFT_CENSORED:  # counted from the intervention: where the trigger began does not matter
        status, flags = Status.COMPUTED, ()
    value = {
        "to_stop_us": end - acts[0].start,
        "strongest": max(reached, key=order.index, default=None),
        "results": tuple(str(act.attrs["result"]) for act in acts if "result" in act.attrs),
    }
    return computed(
        case,
        info,
        trigger.id,
        value,
        _until(case, trigger),
        unit="record",
        basis=(trigger, *acts),
        status=status,
        uncertainty=apart(trigger, acts[0]),
        flags=(*flags, *(("took_over",) if any(act.code == "DTI.SWAP" for act in acts) else ())),
    )


def _strength(act: Tag) -> str:
    return "physical" if act.code == "DTI.INTERVENE_PHYSICAL" else str(act.attrs.get("strength", ""))


def witnessing_officers(case: Case, taxonomy: Taxonomy) -> tuple[Measure, ...]:
    """M25, per trigger, record: officers other than the force users who could see or hear it, and for how long.

    ``exposure_us`` per officer; ``unknown`` are officers of whom it could not be told; ``with_opportunity`` had a
    confirmed DTI.OPPORTUNITY during the trigger.
    """
    return tuple(_witnessing(case, taxonomy, trigger) for trigger in case.of("DTI.TRIGGER"))


def _witnessing(case: Case, taxonomy: Taxonomy, trigger: Tag) -> Measure:
    info, window = taxonomy.measures["M25"], trigger.span(case.end)
    witnesses = _witnesses(case, trigger)
    if not witnesses:
        return absent(case, info, trigger.id, window, Sense.HEARD_AND_SEEN, unit="record", basis=[trigger])
    exposed = {
        officer: [part for tag in tags if _perceived(tag) and (part := _part(case, tag, window))]
        for officer, tags in witnesses.items()
        if any(_perceived(tag) for tag in tags)
    }
    unknown = [o for o, tags in witnesses.items() if o not in exposed and any(_unsure(tag) for tag in tags)]
    chances = [t for t in case.of("DTI.OPPORTUNITY") if _together(case, t, trigger)]
    able = {str(t.attrs.get("officer") or t.actor) for t in chances} & set(exposed)
    value = {
        "count": len(exposed),
        "max_at_once": _most_at_once(exposed),
        "exposure_us": {officer: total(spans) for officer, spans in exposed.items()},
        "with_opportunity": len(able),
        "unknown": len(unknown),
    }
    tags = [tag for them in witnesses.values() for tag in them]
    unsure = Micros(max(2 * tag.uncertainty for tag in tags))
    flags = (AT_LEAST,) if is_open(trigger) else ()
    return computed(
        case, info, trigger.id, value, window, unit="record", basis=(trigger, *tags, *chances),
        status=Status.RIGHT_CENSORED if flags else Status.COMPUTED, uncertainty=unsure, flags=flags,
    )  # fmt: skip


def _part(case: Case, tag: Tag, window: Span) -> Span | None:
    return tag.span(case.end).intersection(window)


def _most_at_once(exposed: dict[ParticipantId, list[Span]]) -> int:
    moments = [span.start for spans in exposed.values() for span in spans]
    return max(
        (sum(any(s.start <= moment < s.end for s in spans) for spans in exposed.values()) for moment in moments),
        default=0,
    )
