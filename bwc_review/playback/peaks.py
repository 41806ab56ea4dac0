"""The stored waveform pyramid (ingest.waveform) looked up by screen columns. Makes no pyramid and paints nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ingest.waveform import Waveform

Levels = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True, eq=False)
class Peaks:
    """``levels[k]`` is (buckets, 2) int16: minimum and maximum of ``base * step**k`` samples at ``rate`` per second.

    Sample 0 lies at media time 0; no level is empty. ``reach`` (0..1): what all but the loudest hundredth of the
    buckets stay below, so that one bang does not flatten the rest of the picture.
    """

    rate: int
    base: int
    step: int
    levels: tuple[Levels, ...]
    reach: float = 1.0

    def bucket_us(self, level: int) -> float:
        """Length of one bucket in microseconds, for placing on a screen only."""
        return float(self.base * self.step**level * 1_000_000) / self.rate

    def level_for(self, us_per_pixel: float) -> int:
        """The coarsest level that still has a bucket for every pixel."""
        level = 0
        while level + 1 < len(self.levels) and self.bucket_us(level + 1) <= us_per_pixel:
            level += 1
        return level

    def columns(self, start_us: int, us_per_pixel: float, width: int) -> npt.NDArray[np.float32]:
        """(width, 2) minimum and maximum in -1..1 per pixel column from ``start_us`` on; NaN outside the sound."""
        out = np.full((width, 2), np.nan, dtype=np.float32)
        level = self.level_for(us_per_pixel)
        data, size = self.levels[level], self.bucket_us(level)
        edges = ((np.arange(width + 1) * us_per_pixel + start_us) / size).astype(np.int64)
        low, high = edges[:-1], np.maximum(edges[1:], edges[:-1] + 1)
        inside = (high > 0) & (low < len(data))
        if not inside.any():
            return out
        low, high = np.clip(low[inside], 0, len(data) - 1), np.clip(high[inside], 1, len(data))
        bounds = np.stack((low, high), axis=1).ravel()
        padded = np.concatenate((data, data[-1:]))  # reduceat needs every bound inside
        out[inside, 0] = np.minimum.reduceat(padded[:, 0], bounds)[::2] / 32768
        out[inside, 1] = np.maximum.reduceat(padded[:, 1], bounds)[::2] / 32768
        return out


def read_peaks(stored: bytes) -> Peaks | None:
    """Parse the stored derivative; None when the recording has no sound. Raises ingest.errors.DerivativeFailed."""
    form = Waveform.from_bytes(stored)
    if not form.levels or not all(len(level) for level in form.levels):
        return None
    middle = form.levels[min(2, len(form.levels) - 1)].astype(np.int32)
    reach = float(np.percentile(np.abs(middle).max(axis=1), 99)) / 32768
    return Peaks(form.rate, form.span, form.step, form.levels, reach)
