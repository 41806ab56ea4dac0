"""A finding of the reconciliation: what it is, how far, how sure, in words and with its sources."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bwc_review.domain.expected import Footage
from bwc_review.domain.times import Micros


class Kind(StrEnum):
    """What was noticed about a row."""

    LATE = "late"
    GAP = "gap"
    ENDS_EARLY = "ends_early"
    SILENT_LEAD = "silent_lead"
    UNPLAYABLE = "unplayable"
    DAMAGED = "damaged"
    OTHER_CAMERA = "other_camera"
    OTHER_WEARER = "other_wearer"
    ROWS_OVERLAP = "rows_overlap"


@dataclass(frozen=True, slots=True)
class Finding:
    """``amount`` and ``uncertainty`` in microseconds where it is a length; not ``certain``: it cannot be told."""

    kind: Kind
    words: str
    sources: tuple[str, ...]
    amount: Micros | None = None
    uncertainty: Micros | None = None
    certain: bool = True


def measured(
    kind: Kind,
    amount: int,
    uncertainty: int,
    doubtful: Sequence[Footage],
    sources: tuple[str, ...],
    words: Callable[[bool], str],
) -> Iterator[Finding]:
    """The finding a length makes: none where there surely is nothing, certain where it is larger than its doubt.

    A length within its own uncertainty cannot be told; nor can any that a ``doubtful`` recording may fill.
    """
    if amount + uncertainty <= 0 or (kind_is_seam(kind) and amount <= 0):
        return
    sure = amount > uncertainty and not doubtful
    text = words(sure)
    if amount > uncertainty and doubtful:
        names = ", ".join(one.exhibit for one in doubtful)
        text = f"{text} It cannot be told, because the time or the length of {names} is not known well enough."
    yield Finding(kind, text, sources, Micros(amount), Micros(uncertainty), sure)


def kind_is_seam(kind: Kind) -> bool:
    """Whether a length of nothing is the ordinary case: files of one camera that follow each other."""
    return kind is Kind.GAP
