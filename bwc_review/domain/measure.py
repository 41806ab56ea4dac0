"""The result of a measure: a value that carries its status, its basis, its uncertainty and its coverage.

Statuses and meanings: taxonomy ``measure_conventions``. No value is ever coloured pass or fail.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bwc_review.domain.coverage import Share
from bwc_review.domain.ids import TagId
from bwc_review.domain.times import Micros

Value = int | str | bool | None | tuple[str, ...] | Mapping[str, object]


class Status(StrEnum):
    """Whether and how far a value may be relied on (taxonomy ``measure_conventions.statuses``)."""

    COMPUTED = "computed"
    NONE_FOUND = "none_found"
    NOT_OBSERVABLE = "not_observable"
    RIGHT_CENSORED = "right_censored"
    LEFT_CENSORED = "left_censored"
    NOT_APPLICABLE = "not_applicable"
    NEEDS_CONFIRMATION = "needs_confirmation"


@dataclass(frozen=True, slots=True)
class Measure:
    """One value of one measure for one subject.

    ``subject`` is the tag id, participant or "incident" the taxonomy's ``per`` asks for. ``unit``: "us"
    (microseconds), "count", "category" or "record" (a mapping whose ``*_us`` keys are microseconds).
    ``uncertainty`` in microseconds, None where the value is no time. ``flags`` as the taxonomy words them
    (``concurrent``, ``at_least``, ``addressee_unknown``). ``sources``: what else the value rests on, in words.
    """

    code: str
    name: str
    subject: str
    value: Value
    unit: str
    status: Status
    basis: tuple[TagId, ...] = ()
    uncertainty: Micros | None = None
    coverage: Share | None = None
    flags: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
