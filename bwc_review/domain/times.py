"""Time as this project counts it: integer microseconds, half-open spans, clocks that say how sure they are.

Media time is exact in the file (pts and time base) and lives in the frame index; here it is already
microseconds from the first frame. No float ever holds a time (DESIGN section 3).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NewType

Micros = NewType("Micros", int)
ZERO = Micros(0)
SECOND = Micros(1_000_000)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of time in microseconds, ``start <= end``. Raises ValueError when it would run backwards."""

    start: Micros
    end: Micros

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a span cannot end ({self.end}) before it starts ({self.start})")

    @property
    def length(self) -> Micros:
        """Microseconds from start to end."""
        return Micros(self.end - self.start)

    def contains(self, moment: Micros) -> bool:
        """Whether ``moment`` lies in ``[start, end]``."""
        return self.start <= moment <= self.end

    def overlaps(self, other: Span) -> bool:
        """Whether the two share more than a single instant."""
        return self.start < other.end and other.start < self.end

    def intersection(self, other: Span) -> Span | None:
        """Return the shared stretch, or None when they only touch or lie apart."""
        if not self.overlaps(other):
            return None
        return Span(max(self.start, other.start), min(self.end, other.end))

    def shifted(self, by: int) -> Span:
        """Return the same stretch ``by`` microseconds later."""
        return Span(Micros(self.start + by), Micros(self.end + by))


def union(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Merge overlapping and touching spans; result sorted and disjoint."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


def total(spans: Iterable[Span]) -> Micros:
    """Length of the union in microseconds."""
    return Micros(sum(span.length for span in union(spans)))


def clip(spans: Iterable[Span], window: Span) -> tuple[Span, ...]:
    """Return the parts of ``spans`` that lie inside ``window``."""
    return tuple(part for span in spans if (part := span.intersection(window)) is not None)


def without(window: Span, holes: Iterable[Span]) -> tuple[Span, ...]:
    """Return what is left of ``window`` when ``holes`` are taken out of it."""
    left: list[Span] = []
    at = window.start
    for hole in union(clip(holes, window)):
        if hole.start > at:
            left.append(Span(at, hole.start))
        at = max(at, hole.end)
    if at < window.end:
        left.append(Span(at, window.end))
    return tuple(left)


@dataclass(frozen=True, slots=True)
class ClockMap:
    """Where a recording lies on the incident's master clock, and how sure that is.

    ``incident = offset + media * rate_num / rate_den`` (a camera 40 ppm fast has 1000000/1000040).
    ``uncertainty`` in microseconds covers the whole recording, drift included.
    """

    offset: Micros
    uncertainty: Micros
    rate_num: int = 1
    rate_den: int = 1

    def to_incident(self, media: Micros) -> Micros:
        """Media time to master clock, rounded to the nearest microsecond."""
        return Micros(self.offset + _divide(media * self.rate_num, self.rate_den))

    def to_media(self, moment: Micros) -> Micros:
        """Master clock to media time; may lie outside the recording."""
        return Micros(_divide((moment - self.offset) * self.rate_den, self.rate_num))

    def span_to_incident(self, span: Span) -> Span:
        """Both ends of a media span on the master clock."""
        return Span(self.to_incident(span.start), self.to_incident(span.end))


def _divide(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


def clock_text(moment: int) -> str:
    """Format microseconds as people read a tape: ``0:58.400``, ``1:02:03.004`` (milliseconds, cut, not rounded)."""
    sign = "-" if moment < 0 else ""
    millis = abs(moment) // 1000
    hours, rest = divmod(millis, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    seconds, thousandths = divmod(rest, 1000)
    head = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{sign}{head}:{seconds:02d}.{thousandths:03d}"


def seconds_text(length: int) -> str:
    """Format a length as seconds with a tenth of a millisecond dropped: ``3.302 s``."""
    sign = "-" if length < 0 else ""
    whole, rest = divmod(abs(length) // 1000, 1000)
    return f"{sign}{whole}.{rest:03d} s"
