"""What a press on the timeline takes hold of, and what becomes of it as it is dragged. Emits nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ui.timeline.model import Mark, snapped
from ui.timeline.scale import Scale

LEAST_US = 1_000  # no interval is dragged shorter than this


@dataclass(frozen=True, slots=True)
class Hit:
    """``what``: "plot", "mark", "start", "end" (an edge of the selected mark) or "overview"."""

    what: str
    us: int
    mark: Mark | None


class Gesture:
    """A press that has not been let go. ``edge_us`` is the edge being dragged, None for other gestures."""

    edge_us: int | None = None
    changed = False

    def result(self) -> tuple[str, int, int | None]:
        """Id, start and end of the mark as dragged. Raises LookupError when no edge is held."""
        raise LookupError("no edge is held")

    def move(self, us: int, snap_us: int) -> None:
        """Carry on to ``us``, caught by edges no further than ``snap_us`` away."""


class Scrub(Gesture):
    """Seeking along the plot."""


class WindowDrag(Gesture):
    """Moving the window in the overview; ``grip`` is how far behind the window's start it was taken hold of."""

    def __init__(self, grip_us: int) -> None:
        self._grip = grip_us

    def start_for(self, us: int) -> int:
        """Where the window starts when the mouse is at ``us``."""
        return us - self._grip


class EdgeDrag(Gesture):
    """Moving one edge of a mark, snapping to other edges."""

    def __init__(self, mark: Mark, edge: str, edges: Sequence[int]) -> None:
        self._mark = mark
        self._edge = edge
        own = (mark.start_us, mark.end_us)
        self._edges = tuple(us for us in edges if us not in own)
        self._start, self._end = mark.start_us, mark.end_us
        self.edge_us = mark.start_us if edge == "start" else mark.end_us

    def move(self, us: int, snap_us: int) -> None:
        us = snapped(us, self._edges, snap_us)
        if self._edge == "start":
            self._start = us if self._end is None else min(us, self._end - LEAST_US)
            self.edge_us = self._start
        else:
            self._end = max(us, self._start + LEAST_US)
            self.edge_us = self._end

    @property
    def changed(self) -> bool:  # type: ignore[override]
        return (self._start, self._end) != (self._mark.start_us, self._mark.end_us)

    def result(self) -> tuple[str, int, int | None]:
        return self._mark.id, self._start, self._end


def begin(hit: Hit, scale: Scale, whole: Scale, edges: Sequence[int]) -> Gesture:
    """The gesture a press begins. In the overview, beside the window the window comes to the press first."""
    if hit.what == "overview":
        inside = scale.start_us <= hit.us <= scale.end_us
        return WindowDrag(hit.us - scale.start_us if inside else scale.view_us // 2)
    if hit.what in ("start", "end") and hit.mark is not None:
        return EdgeDrag(hit.mark, hit.what, edges)
    return Scrub()
