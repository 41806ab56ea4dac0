"""Which stretch of time is on screen and where a moment lies in pixels. Pure arithmetic."""

from __future__ import annotations

from dataclasses import dataclass

MIN_VIEW_US = 200_000  # closest zoom: a fifth of a second across the view
ZOOM_STEP = 1.25
_STEPS_US = tuple(m * 10**e for e in range(3, 9) for m in (1, 2, 5))
_CLOCK_STEPS_US = (10_000_000, 15_000_000, 30_000_000, 60_000_000, 120_000_000, 300_000_000, 600_000_000,
                   1_800_000_000, 3_600_000_000, 7_200_000_000)  # fmt: skip
_MINOR = {15_000_000: 3, 30_000_000: 3, 60_000_000: 6, 120_000_000: 4, 1_800_000_000: 6, 3_600_000_000: 6}


@dataclass(frozen=True, slots=True)
class Scale:
    """``view_us`` microseconds from ``start_us`` on, over ``width`` pixels; never leaves ``first``..``last``."""

    start_us: int
    view_us: int
    width: int
    first_us: int
    last_us: int

    @property
    def end_us(self) -> int:
        return self.start_us + self.view_us

    @property
    def us_per_pixel(self) -> float:
        return self.view_us / max(1, self.width)

    def x(self, us: int) -> float:
        """Pixels from the left edge; may lie outside."""
        return (us - self.start_us) * self.width / max(1, self.view_us)

    def us(self, x: float) -> int:
        """The moment under a pixel."""
        return self.start_us + round(x * self.view_us / max(1, self.width))

    def fitted(self) -> Scale:
        """Everything on screen."""
        return self._with(self.first_us, self.last_us - self.first_us)

    def resized(self, width: int) -> Scale:
        """The same stretch over another width."""
        return Scale(self.start_us, self.view_us, max(1, width), self.first_us, self.last_us)

    def panned(self, by_us: int) -> Scale:
        """Later or earlier."""
        return self._with(self.start_us + by_us, self.view_us)

    def zoomed(self, factor: float, around_us: int) -> Scale:
        """``factor`` > 1 looks closer; the moment ``around_us`` stays where it is on screen."""
        view = round(self.view_us / factor)
        view = max(min(MIN_VIEW_US, self.last_us - self.first_us), min(view, self.last_us - self.first_us))
        share = (around_us - self.start_us) / max(1, self.view_us)
        return self._with(around_us - round(view * share), view)

    def shifted_to(self, start_us: int) -> Scale:
        """The same zoom from another moment on."""
        return self._with(start_us, self.view_us)

    def _with(self, start: int, view: int) -> Scale:
        view = max(1, view)
        start = min(max(start, self.first_us), max(self.first_us, self.last_us - view))
        return Scale(start, view, self.width, self.first_us, self.last_us)


def ruler_steps(us_per_pixel: float, min_pixels: int) -> tuple[int, int]:
    """Distance of labelled and of small ticks in microseconds, labels at least ``min_pixels`` apart."""
    least = us_per_pixel * min_pixels
    fine = [step for step in _STEPS_US if step < 10_000_000]
    major = next((s for s in (*fine, *_CLOCK_STEPS_US) if s >= least), _CLOCK_STEPS_US[-1])
    return major, major // _MINOR.get(major, 5)
