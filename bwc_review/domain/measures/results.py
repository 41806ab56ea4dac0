"""How every measure states its result, and the one place that tells "none found" from "not observable"."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from bwc_review.domain.coverage import Coverage
from bwc_review.domain.measure import Measure, Status, Value
from bwc_review.domain.measures.case import Case, is_open, people_of
from bwc_review.domain.tags import EndStatus, Tag
from bwc_review.domain.taxonomy import MeasureInfo
from bwc_review.domain.times import Micros, Span

AT_LEAST = "at_least"
AT_MOST = "at_most"
CONCURRENT = "concurrent"
ADDRESSEE_UNKNOWN = "addressee_unknown"
PARTLY_OBSERVED = "partly_observed"
LOG_CONFLICT = "device_log_conflict"


class Sense(Enum):
    """Through which sense a thing could have been noticed, had it happened."""

    HEARD = "heard"
    SEEN = "seen"
    HEARD_AND_SEEN = "heard_and_seen"


def observed(coverage: Coverage, window: Span, sense: Sense) -> bool:
    """Whether all of ``window`` could be heard, seen, or both, on some camera. In no time nothing is observed."""
    heard = sense is Sense.SEEN or coverage.hears_all_of(window)
    seen = sense is Sense.HEARD or coverage.sees_all_of(window)
    return window.length > 0 and heard and seen


def absent(
    case: Case,
    info: MeasureInfo,
    subject: str,
    window: Span,
    sense: Sense,
    *,
    unit: str,
    basis: Iterable[Tag] = (),
    none_found: Value = None,
    flags: tuple[str, ...] = (),
) -> Measure:
    """Return the result where no tag exists: ``none_found`` only where coverage allows it, else ``not_observable``.

    ``none_found`` is the value to state in the first case (taxonomy ``statuses``; rule: absence is evidence only
    where coverage existed).
    """
    found = observed(case.coverage, window, sense)
    return Measure(
        code=info.code,
        name=info.name,
        subject=subject,
        value=none_found if found else None,
        unit=unit,
        status=Status.NONE_FOUND if found else Status.NOT_OBSERVABLE,
        basis=tuple(tag.id for tag in basis),
        coverage=case.coverage.share(window),
        flags=flags,
    )


def computed(
    case: Case,
    info: MeasureInfo,
    subject: str,
    value: Value,
    window: Span,
    *,
    unit: str,
    basis: Iterable[Tag] = (),
    status: Status = Status.COMPUTED,
    uncertainty: Micros | None = None,
    flags: Iterable[str] = (),
) -> Measure:
    """Return a result that has a value. ``window`` is where it was looked for; its coverage goes with the value."""
    return Measure(
        code=info.code,
        name=info.name,
        subject=subject,
        value=value,
        unit=unit,
        status=status,
        basis=tuple(dict.fromkeys(tag.id for tag in basis)),
        uncertainty=uncertainty,
        coverage=case.coverage.share(window),
        flags=tuple(dict.fromkeys(flags)),
    )


def not_applicable(info: MeasureInfo, subject: str, unit: str) -> Measure:
    """Return the result where the precondition of a measure is absent."""
    return Measure(info.code, info.name, subject, None, unit, Status.NOT_APPLICABLE)


def apart(*tags: Tag) -> Micros:
    """How unsure the time between tags is: the sum of their uncertainties.

    A tag's own uncertainty already holds the camera synchronisation, so tags of two cameras need no extra term.
    """
    return Micros(sum(tag.uncertainty for tag in tags))


def lengths_uncertainty(tags: Iterable[Tag]) -> Micros:
    """How unsure a sum of lengths is: both edges of every tag, one where the end is not known."""
    return Micros(sum(tag.uncertainty * (1 if is_open(tag) else 2) for tag in tags))


def censoring(tags: Iterable[Tag]) -> tuple[Status, tuple[str, ...]]:
    """Return whether lengths of ``tags`` are lower bounds, with the flag that says so."""
    them = tuple(tags)
    if any(is_open(tag) for tag in them):
        return Status.RIGHT_CENSORED, (AT_LEAST,)
    if any(tag.end_status is EndStatus.UNKNOWN_START for tag in them):
        return Status.LEFT_CENSORED, (AT_LEAST,)
    return Status.COMPUTED, ()


def addressee_flags(*tags: Tag) -> tuple[str, ...]:
    """Mark what was directed at nobody who is named; it counts, and says so (``person_scope``)."""
    return (ADDRESSEE_UNKNOWN,) if any(not people_of(tag) for tag in tags) else ()


def unless_observed(case: Case, window: Span, sense: Sense, flag: str) -> tuple[str, ...]:
    """Return ``flag`` when part of ``window`` was not covered, so that more may have happened in it."""
    return () if window.length == 0 or observed(case.coverage, window, sense) else (flag,)
