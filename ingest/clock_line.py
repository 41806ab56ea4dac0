"""The straight line most windows agree on: how far one clock stands off another, and how fast it runs away.

Pure numerics. Every pair of windows proposes a line; the line with the most windows near it wins; least squares over
those, taken again until the same windows agree. Windows that heard something else do not pull at it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, log10

import numpy as np
from numpy.typing import NDArray

AGREE_S = 0.003  # windows this near a line agree with it: sound needs 3 ms for a metre
MAX_DRIFT = 500e-6  # no camera's clock runs faster or slower than this; crystals are within 100 parts in a million
_ROUNDS = 8
Seconds = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Line:
    """``offset + drift * (t - centre)`` in seconds. ``agreeing`` marks the points it was laid through.

    ``spread`` is the robust standard deviation of the agreeing points (1.4826 times the median deviation, and
    never below their root mean square over two), ``drift_error`` the standard error of ``drift``.
    """

    centre: float
    offset: float
    drift: float
    agreeing: NDArray[np.bool_]
    spread: float
    drift_error: float

    def at(self, when: Seconds | float) -> Seconds:
        """The line's value."""
        return np.asarray(self.offset + self.drift * (np.asarray(when) - self.centre))

    def error_at(self, when: float) -> float:
        """Twice the standard error of the line plus twice the points' spread: where another window would lie."""
        count = max(1, int(self.agreeing.sum()))
        level = self.spread / count**0.5
        return 2 * (self.spread + float(np.hypot(level, self.drift_error * (when - self.centre))))


def lay_line(when: Seconds, value: Seconds) -> Line | None:
    """The line most points agree on; None where no two points agree within what a clock can do."""
    agreeing = _consensus(when, value)
    if agreeing is None:
        return None
    line = _least_squares(when, value, agreeing)
    for _ in range(_ROUNDS):
        again = np.abs(value - line.at(when)) <= AGREE_S
        if again.sum() < 2 or bool((again == line.agreeing).all()):
            break
        line = _least_squares(when, value, again)
    return line if abs(line.drift) <= MAX_DRIFT else None


def _consensus(when: Seconds, value: Seconds) -> NDArray[np.bool_] | None:
    best: NDArray[np.bool_] | None = None
    most, closest = 1, np.inf
    for first in range(len(when) - 1):
        apart = when[first + 1 :] - when[first]
        slopes = (value[first + 1 :] - value[first]) / apart
        for slope in slopes[np.abs(slopes) <= MAX_DRIFT]:
            off = np.abs(value - (value[first] + slope * (when - when[first])))
            near = off <= AGREE_S
            count, total = int(near.sum()), float(off[near].sum())
            if count > most or (count == most and count > 1 and total < closest):
                best, most, closest = near, count, total
    return best


def _least_squares(when: Seconds, value: Seconds, agreeing: NDArray[np.bool_]) -> Line:
    t, y = when[agreeing], value[agreeing]
    centre = float(t.mean())
    reach = float(((t - centre) ** 2).sum())
    drift = float(((t - centre) * y).sum() / reach) if reach > 0 else 0.0
    offset = float(y.mean())
    off = y - (offset + drift * (t - centre))
    free = max(1, len(t) - 2)
    square = float(np.sqrt((off**2).sum() / free))
    spread = max(1.4826 * float(np.median(np.abs(off))), square / 2)
    return Line(centre, offset, drift, agreeing, spread, square / reach**0.5 if reach > 0 else 0.0)


def chance_log10(windows: int, agreeing: int, share: float, tries: int = 1) -> int:
    """How likely so many windows agree on some line by mere chance, as a power of ten, rounded up; 0 is certain.

    ``share`` is the part of its search range in which a window counts as agreeing. Two windows make a line, so only
    the others are evidence; every pair, and each of ``tries`` starting points, had its chance.
    """
    if agreeing < 3 or not 0 < share < 1:
        return 0
    others, hits = windows - 2, agreeing - 2
    tail = sum(comb(others, k) * share**k * (1 - share) ** (others - k) for k in range(hits, others + 1))
    if tail <= 0:
        return -300
    return min(0, int(np.ceil(log10(tail) + log10(max(1, tries) * windows * (windows - 1) / 2))))
