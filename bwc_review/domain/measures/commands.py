"""What the person was told to do, how clearly, with how much time, and by how many at once: M05, M06, M08."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations, pairwise

from bwc_review.domain.ids import ParticipantId
from bwc_review.domain.measure import Measure
from bwc_review.domain.measures.case import Case, texts
from bwc_review.domain.measures.results import (
    AT_LEAST,
    AT_MOST,
    CONCURRENT,
    Sense,
    absent,
    addressee_flags,
    apart,
    computed,
    unless_observed,
)
from bwc_review.domain.tags import Tag
from bwc_review.domain.taxonomy import Conflicts, Taxonomy
from bwc_review.domain.times import SECOND, Micros, Span, clip, total

PEAK_WINDOW = Micros(10 * SECOND)  # taxonomy M08: "peak orders per 10 s"


def last_instruction_clarity(case: Case, taxonomy: Taxonomy) -> tuple[Measure, ...]:
    """M05, per force event, category (enum action_clarity): the last order or warning that ended before force.

    Its audibility stands among the flags as ``audibility:clear``. Utterances without a clarity are passed over.
    """
    return tuple(_clarity(case, taxonomy, force) for force in case.force())


def _clarity(case: Case, taxonomy: Taxonomy, force: Tag) -> Measure:
    info, person = taxonomy.measures["M05"], case.person_of(force)
    window = case.look_back(force, person)
    ended = [
        u
        for u in case.utterances(person)
        if "action_clarity" in u.attrs and window.start <= u.end_or(case.end) <= force.start
    ]
    if not ended:
        return absent(case, info, force.id, window, Sense.HEARD, unit="category", basis=[force])
    last = max(ended, key=lambda u: (u.end_or(case.end), u.id))
    since = Span(last.end_or(case.end), force.start)
    flags = (
        *(f"audibility:{heard}" for heard in texts(last, "audibility")),
        *unless_observed(case, since, Sense.HEARD, "partly_observed"),
        *addressee_flags(last, force),
    )
    clarity = str(last.attrs["action_clarity"])
    return computed(case, info, force.id, clarity, window, unit="category", basis=(last, force), flags=flags)


def time_to_comply(case: Case, taxonomy: Taxonomy) -> tuple[Measure, ...]:
    """M06, per force event, record of microseconds: since the first and the last time the last order was given.

    ``since_first_us`` counts from the first utterance of the same action with no other action ordered between.
    Time in which the person was unable to comply (SUB.UNABLE, a CED cycle) is taken out.
    """
    return tuple(_to_comply(case, taxonomy, force) for force in case.force())


def _to_comply(case: Case, taxonomy: Taxonomy, force: Tag) -> Measure:
    info, person = taxonomy.measures["M06"], case.person_of(force)
    window = case.look_back(force, person)
    ordered = [
        u
        for u in case.utterances(person)
        if texts(u, "instructed_action") and u.start < force.start and u.end_or(case.end) >= window.start
    ]
    run = _unbroken_run(ordered)
    if not run:
        return absent(case, info, force.id, window, Sense.HEARD, unit="record", basis=[force])
    first, last = run[0], run[-1]
    end = last.end_or(case.end)
    value = {
        "since_first_us": _able(case, person, first, force),
        "since_last_us": _able(case, person, last, force),
        "action": texts(last, "instructed_action"),
    }
    since = Span(min(end, force.start), force.start)
    flags = (
        *((CONCURRENT,) if end > force.start else ()),
        *unless_observed(case, since, Sense.HEARD, AT_MOST),
        *addressee_flags(*run, force),
    )
    unsure = apart(max(first, last, key=lambda u: u.uncertainty), force)
    return computed(
        case, info, force.id, value, window, unit="record", basis=(*run, force), uncertainty=unsure, flags=flags
    )


def _unbroken_run(ordered: Sequence[Tag]) -> list[Tag]:
    """Return the utterances of the latest specific order's action, back to where another action was ordered."""
    specific = [index for index, u in enumerate(ordered) if u.attrs.get("action_clarity") == "specific"]
    if not specific:
        return []
    action = set(texts(ordered[specific[-1]], "instructed_action"))
    run: list[Tag] = []
    for utterance in reversed(ordered[: specific[-1] + 1]):
        if not action & set(texts(utterance, "instructed_action")):
            break
        run.insert(0, utterance)
    return run


def _able(case: Case, person: ParticipantId, order: Tag, force: Tag) -> int:
    since = Span(min(order.end_or(case.end), force.start), force.start)
    unable = case.about(person, case.of("SUB.UNABLE", "FRC.CED_CYCLE"))
    return since.length - total(clip([tag.span(case.end) for tag in unable], since))


def conflicting_commands(case: Case, taxonomy: Taxonomy) -> tuple[Measure, ...]:
    """M08, per person, record of counts: simultaneous orders by different officers and what became of them.

    Each simultaneous pair is one of contradictory, competing, same_action, different_action, or action_unknown.
    ``sequential_contradictions`` are contradictory orders in a row, by anyone, with no longer pause between than
    the simultaneity gap. ``at_least`` when the encounter was not audible throughout.
    """
    return tuple(_conflicts(case, taxonomy, person) for person in case.people())


def _conflicts(case: Case, taxonomy: Taxonomy, person: ParticipantId) -> Measure:
    info, window = taxonomy.measures["M08"], case.encounter(person)
    said = case.utterances(person)
    if not said:
        return absent(case, info, person, window, Sense.HEARD, unit="record")
    together = [pair for pair in combinations(said, 2) if _simultaneous(case, *pair)]
    kinds = Counter(_kind(taxonomy.conflicts, *pair) for pair in together)
    in_a_row = [
        pair
        for pair in pairwise(said)
        if pair not in together and _contradict_at_once(case, taxonomy.conflicts, *pair)
    ]
    names = ("same_action", "different_action", "contradictory", "competing", "action_unknown")
    value = {
        "simultaneous": len(together),
        **{name: kinds[name] for name in names},
        "sequential_contradictions": len(in_a_row),
        "peak_per_10_s": max(_within_peak(said, at) for at in range(len(said))),
        "officers_giving_orders": len({u.actor for u in said if u.actor is not None}),
    }
    flags = (*unless_observed(case, window, Sense.HEARD, AT_LEAST), *addressee_flags(*said))
    basis = [u for pair in (*together, *in_a_row) for u in pair]
    return computed(case, info, person, value, window, unit="record", basis=basis or said, flags=flags)


def _simultaneous(case: Case, a: Tag, b: Tag) -> bool:
    if a.actor is None or b.actor is None or a.actor == b.actor:
        return False
    close = abs(a.start - b.start) <= case.parameters.simultaneity_gap_us
    return close or a.span(case.end).overlaps(b.span(case.end))


def _kind(conflicts: Conflicts, a: Tag, b: Tag) -> str:
    first, second = set(texts(a, "instructed_action")), set(texts(b, "instructed_action"))
    if not first or not second:
        return "action_unknown"
    pairs = {frozenset((x, y)) for x in first for y in second}
    if pairs & conflicts.contradictory:
        return "contradictory"
    if pairs & conflicts.competing:
        return "competing"
    return "same_action" if first & second else "different_action"


def _contradict_at_once(case: Case, conflicts: Conflicts, a: Tag, b: Tag) -> bool:
    pause = b.start - a.end_or(case.end)
    return pause <= case.parameters.simultaneity_gap_us and _kind(conflicts, a, b) == "contradictory"


def _within_peak(said: Sequence[Tag], at: int) -> int:
    return sum(said[at].start <= u.start < said[at].start + PEAK_WINDOW for u in said)
