"""Conducted energy devices: M17, by the device's own log where a person has placed one on the incident's clock.

A log tells when a device cycled and for how long, never on whom. So a tagged cycle takes its length from the log's
cycle of the same time; a cycle that only one of the two tells of is shown as that and decided by nobody here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

from bwc_review.domain.device_log import LoggedCycle
from bwc_review.domain.ids import ParticipantId, TagId
from bwc_review.domain.measure import Measure, Status
from bwc_review.domain.measures.case import Case, is_open
from bwc_review.domain.measures.results import (
    LOG_CONFLICT,
    Sense,
    absent,
    addressee_flags,
    censoring,
    computed,
    lengths_uncertainty,
)
from bwc_review.domain.tags import Tag, TagSource
from bwc_review.domain.taxonomy import Taxonomy
from bwc_review.domain.times import Micros, Span

_CYCLE = "FRC.CED_CYCLE"
_CONFLICTS = ("tagged_not_logged", "logged_not_tagged", "lengths_differ")


def ced_exposure(case: Case, taxonomy: Taxonomy) -> tuple[Measure, ...]:
    """M17, per person, record: CED cycles, their total and longest time, from the device log where there is one.

    With a placed log also ``logged_cycles`` (all of the log in the encounter), ``tagged_not_logged`` (tags),
    ``logged_not_tagged`` (lines of the log) and ``lengths_differ`` (tags whose own length is another by more than
    both uncertainties), and the flag ``device_log_conflict`` where one of the three is not empty.
    """
    pairs = pair_up(case)
    return tuple(_ced(case, taxonomy, person, pairs) for person in case.people())


def pair_up(case: Case) -> Mapping[TagId, LoggedCycle]:
    """Which cycle of a log each tagged cycle is: the nearest that may be of that time and device."""
    cycles = [tag for tag in case.of(_CYCLE) if not _logged(tag)]
    near = sorted(
        (
            (abs(logged.start - tag.start), tag.id, n)
            for tag in cycles
            for n, logged in enumerate(case.logs.cycles)
            if _may_be(case, tag, logged)
        ),
    )
    pairs: dict[TagId, LoggedCycle] = {}
    taken: set[int] = set()
    for _, tag_id, n in near:
        if tag_id not in pairs and n not in taken:
            pairs[tag_id] = case.logs.cycles[n]
            taken.add(n)
    return pairs


def _may_be(case: Case, tag: Tag, logged: LoggedCycle) -> bool:
    if logged.officer is not None and tag.actor is not None and logged.officer != tag.actor:
        return False
    device = tag.attrs.get("device")
    if device and logged.device and device != logged.device:
        return False
    span = tag.span(case.end)
    wide = Span(Micros(span.start - tag.uncertainty), Micros(span.end + tag.uncertainty))
    return wide.start <= logged.reach.end and logged.reach.start <= wide.end


def _ced(case: Case, taxonomy: Taxonomy, person: ParticipantId, pairs: Mapping[TagId, LoggedCycle]) -> Measure:
    info, window = taxonomy.measures["M17"], case.encounter(person)
    cycles = _logged_first(case, case.about(person, case.of(_CYCLE)))
    beside = _beside_tags(case, cycles, pairs, window)
    flags = (LOG_CONFLICT,) if any(beside.get(name) for name in _CONFLICTS) else ()
    if not cycles:
        none = absent(case, info, person, window, Sense.HEARD_AND_SEEN, unit="record", flags=flags)
        if not flags:
            return replace(none, sources=case.logs.sources)
        return replace(none, status=Status.NEEDS_CONFIRMATION, value=beside, sources=case.logs.sources)
    lengths = [_length(case, cycle, pairs.get(cycle.id)) for cycle in cycles]
    by_tag = [cycle for cycle in cycles if _log_length(pairs.get(cycle.id)) is None]
    status, open_flags = censoring(by_tag)
    value: dict[str, object] = {
        "cycles": len(cycles),
        "total_us": sum(lengths),
        "longest_us": max(lengths),
        "overlapping_devices": sum(_two_devices(case, a, b) for a, b in combinations(cycles, 2)),
        "drive_stun_cycles": sum(c.attrs.get("mode") in ("drive_stun", "angled_drive_stun") for c in cycles),
        "duration_source": tuple(sorted({_source_of(c, pairs.get(c.id)) for c in cycles})),
        **beside,
    }
    logged = [pairs[cycle.id] for cycle in cycles if cycle not in by_tag]
    measure = computed(
        case,
        info,
        person,
        value,
        window,
        unit="record",
        basis=cycles,
        status=status,
        uncertainty=Micros(lengths_uncertainty(by_tag) + sum(one.length_uncertainty for one in logged)),
        flags=(*open_flags, *flags, *addressee_flags(*cycles)),
    )
    return replace(measure, sources=case.logs.sources)


def _beside_tags(
    case: Case, cycles: Sequence[Tag], pairs: Mapping[TagId, LoggedCycle], window: Span
) -> dict[str, object]:
    """What the logs tell beside the tags of one person; empty where no log was placed."""
    if not case.logs.sources:
        return {}
    here = [one for one in case.logs.cycles if one.reach.start <= window.end and window.start <= one.reach.end]
    told = set(pairs.values())
    covered = [c for c in cycles if not _logged(c) and any(o in (None, c.actor) for o in case.logs.officers)]
    return {
        "logged_cycles": len(here),
        "tagged_not_logged": tuple(str(one.id) for one in covered if one.id not in pairs),
        "logged_not_tagged": tuple(one.source for one in here if one not in told and not _tagged_from(case, one)),
        "lengths_differ": tuple(str(one.id) for one in cycles if _differs(case, one, pairs.get(one.id))),
    }


def _differs(case: Case, cycle: Tag, logged: LoggedCycle | None) -> bool:
    by_log = _log_length(logged)
    if logged is None or by_log is None or is_open(cycle):
        return False
    return abs(by_log - cycle.span(case.end).length) > 2 * cycle.uncertainty + logged.length_uncertainty


def _tagged_from(case: Case, logged: LoggedCycle) -> bool:
    """Whether a person tagged this very cycle from the log itself."""
    return any(_logged(tag) and _may_be(case, tag, logged) for tag in case.of(_CYCLE))


def _log_length(logged: LoggedCycle | None) -> Micros | None:
    return None if logged is None or logged.end is None else Micros(logged.end - logged.start)


def _length(case: Case, cycle: Tag, logged: LoggedCycle | None) -> int:
    by_log = _log_length(logged)
    return cycle.span(case.end).length if by_log is None else by_log


def _source_of(cycle: Tag, logged: LoggedCycle | None) -> str:
    if _log_length(logged) is not None:
        return "device_log"
    return str(cycle.attrs.get("duration_source", "unknown"))


def _logged(cycle: Tag) -> bool:
    return cycle.source is TagSource.DEVICE_LOG or cycle.attrs.get("duration_source") == "device_log"


def _logged_first(case: Case, cycles: tuple[Tag, ...]) -> list[Tag]:
    """Drop what was only seen or heard where the device's log tells of the same officer's cycle at that time."""
    logged = [(c.actor, c.span(case.end)) for c in cycles if _logged(c)]
    return [
        c
        for c in cycles
        if _logged(c) or not any(actor == c.actor and span.overlaps(c.span(case.end)) for actor, span in logged)
    ]


def _two_devices(case: Case, a: Tag, b: Tag) -> bool:
    same = (a.actor, a.attrs.get("device")) == (b.actor, b.attrs.get("device"))
    return not same and a.span(case.end).overlaps(b.span(case.end))
