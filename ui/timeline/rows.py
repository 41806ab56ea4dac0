"""Where each row of the timeline lies, in pixels: ruler, sound bands, lanes, overview. Pure arithmetic."""

from __future__ import annotations

from dataclasses import dataclass

from ui.timeline.model import TimelineModel

GUTTER = 154  # labels
RIGHT = 16
RULER = 24
BAND, BAND_GAP = 32, 4
LANE, BAR = 18, 14
OVERVIEW, OVERVIEW_GAP = 30, 8


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one model in a widget of ``width`` x ``height``; ``top`` is how far the middle part is scrolled."""

    model: TimelineModel
    width: int
    height: int
    top: int = 0

    @property
    def plot_width(self) -> int:
        return max(1, self.width - GUTTER - RIGHT)

    @property
    def content(self) -> int:
        """Height of all bands and lanes."""
        return len(self.model.bands) * (BAND + BAND_GAP) + len(self.model.lanes) * LANE + 6

    @property
    def wanted_height(self) -> int:
        return RULER + self.content + OVERVIEW_GAP + OVERVIEW

    @property
    def middle(self) -> tuple[int, int]:
        """Top and bottom of the part between ruler and overview."""
        return RULER, max(RULER, self.height - OVERVIEW - OVERVIEW_GAP)

    @property
    def overview_top(self) -> int:
        return max(RULER, self.height - OVERVIEW)

    @property
    def most_top(self) -> int:
        """How far the middle part can be scrolled."""
        return max(0, self.content - (self.middle[1] - self.middle[0]))

    def band_y(self, number: int) -> int:
        return RULER + number * (BAND + BAND_GAP) - self.top

    def lane_y(self, number: int) -> int:
        return RULER + len(self.model.bands) * (BAND + BAND_GAP) + 2 + number * LANE - self.top

    def lane_at(self, y: float) -> int | None:
        """Number of the lane under a height, None elsewhere."""
        low, high = self.middle
        if not low <= y < high:
            return None
        number = int(y - self.lane_y(0)) // LANE
        return number if 0 <= number < len(self.model.lanes) and y >= self.lane_y(0) else None
