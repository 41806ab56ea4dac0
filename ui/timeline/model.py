"""What lies on the timeline, as frozen values, and how the visible part of a lane is found. Knows no widget.

Times are integer microseconds on the incident's master clock.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import accumulate

import numpy as np

from bwc_review.domain.times import Micros, Span
from bwc_review.playback.peaks import Peaks


class Kind(StrEnum):
    """What a mark is; each is drawn so that it cannot be taken for another."""

    CONFIRMED = "confirmed"
    SUGGESTION = "suggestion"
    REJECTED = "rejected"
    COVERAGE = "coverage"
    SPEECH = "speech"
    UNTRANSCRIBED = "untranscribed"


@dataclass(frozen=True, slots=True)
class Lane:
    """One row. ``colour`` as ``#rrggbb``; the label names the family in words."""

    key: str
    label: str
    colour: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing on a lane. A point has ``end_us == start_us``; an open interval has ``end_us`` None.

    ``letter`` doubles the colour for those who do not see it; ``conflict`` draws an outline; ``words`` go into the
    tool tip after the label (what was said, by whom, how sure).
    """

    id: str
    lane: str
    start_us: int
    end_us: int | None
    label: str
    kind: Kind | str = Kind.CONFIRMED
    uncertainty_us: int = 0
    open: bool = False
    letter: str = ""
    conflict: bool = False
    words: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the interval has not been closed yet."""
        return self.open or self.end_us is None

    @property
    def is_point(self) -> bool:
        """Whether it is a moment."""
        return self.end_us == self.start_us and not self.open


@dataclass(frozen=True, slots=True, eq=False)
class WaveBand:
    """One camera's sound. ``offset_us`` places media zero on the master clock; ``muted`` spans are master time."""

    label: str
    offset_us: int
    peaks: Peaks | None
    muted: tuple[Span, ...] = ()
    colour: str = ""
    span: Span | None = None  # where the recording lies, master time; drawn even where it has no sound


@dataclass(frozen=True, slots=True, eq=False)
class TimelineModel:
    """Everything on one timeline. ``span`` is the incident from its first to its last recorded moment."""

    span: Span = field(default_factory=lambda: Span(Micros(0), Micros(0)))
    lanes: tuple[Lane, ...] = ()
    marks: tuple[Mark, ...] = ()
    bands: tuple[WaveBand, ...] = ()


class LaneIndex:
    """The marks of one lane by start, with the running maximum of their ends: what overlaps a window is a slice."""

    def __init__(self, marks: Iterable[Mark], limit_us: int) -> None:
        self.marks: tuple[Mark, ...] = tuple(sorted(marks, key=lambda mark: (mark.start_us, mark.id)))
        ends = (limit_us if mark.end_us is None else mark.end_us for mark in self.marks)
        self.ends = tuple(max(mark.start_us, end) for mark, end in zip(self.marks, ends, strict=True))
        self._starts = [mark.start_us for mark in self.marks]
        self._highest = list(accumulate(self.ends, max))
        self.starts_array = np.array(self._starts, dtype=np.int64)
        self.ends_array = np.array(self.ends, dtype=np.int64)
        self.firm_array = np.array([mark.kind == Kind.CONFIRMED for mark in self.marks], dtype=bool)

    def between(self, start_us: int, end_us: int) -> tuple[int, int]:
        """First and last-plus-one number of the marks that may touch the window; those before and after do not."""
        return bisect_left(self._highest, start_us), bisect_right(self._starts, end_us)


def index_lanes(model: TimelineModel) -> dict[str, LaneIndex]:
    """One LaneIndex per lane of the model. Marks of unknown lanes are left out."""
    by_lane: dict[str, list[Mark]] = {lane.key: [] for lane in model.lanes}
    for mark in model.marks:
        if mark.lane in by_lane:
            by_lane[mark.lane].append(mark)
    return {key: LaneIndex(marks, model.span.end) for key, marks in by_lane.items()}


def snapped(us: int, edges: Sequence[int], within_us: int) -> int:
    """``us``, or the nearest of the sorted ``edges`` when it lies no further than ``within_us`` away."""
    at = bisect_left(edges, us)
    near = [edge for edge in edges[max(0, at - 1) : at + 1] if abs(edge - us) <= within_us]
    return min(near, key=lambda edge: abs(edge - us)) if near else us
