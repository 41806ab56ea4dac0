"""A recording's sound at 8 kHz, read in pieces from its 16 kHz derivative, so that hours need no more memory than
seconds. Sample n is n/8000 s of media time; outside the recording there is silence."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from ingest.audio import BYTES_PER_SAMPLE, SAMPLE_RATE
from ingest.errors import AlignmentFailed

RATE = 8_000
STEP = SAMPLE_RATE // RATE
_MARGIN = 64  # samples at 8 kHz on both sides, longer than the filter's reach
_AUDIBLE = 2.0 / 32768  # two steps of a 16 bit sample: below it is digital silence, whatever the level of the scene

Samples = NDArray[np.float32]


class Sound:
    """The samples behind a seekable file of signed 16-bit little-endian mono at 16 kHz; ``size`` in bytes."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._source_samples = size // BYTES_PER_SAMPLE
        self.samples = self._source_samples // STEP

    @property
    def seconds(self) -> float:
        """Length."""
        return self.samples / RATE

    def read(self, first: int, count: int) -> Samples:
        """``count`` samples from ``first`` on, -1..1, zeros where the recording has none. Raises AlignmentFailed."""
        start = (first - _MARGIN) * STEP
        source = self._source(start, (count + 2 * _MARGIN) * STEP)
        halved = resample_poly(source, 1, STEP)[_MARGIN : _MARGIN + count]
        return np.asarray(halved, dtype=np.float32)

    def _source(self, start: int, count: int) -> Samples:
        whole = np.zeros(count, dtype=np.float32)
        begin, end = max(0, start), min(self._source_samples, start + count)
        if begin >= end:
            return whole
        wanted = (end - begin) * BYTES_PER_SAMPLE
        try:
            self._file.seek(begin * BYTES_PER_SAMPLE)
            raw = self._file.read(wanted)
        except OSError as error:
            raise _unreadable(repr(error)) from error
        if len(raw) != wanted:
            raise _unreadable(f"{len(raw)} of {wanted} bytes at sample {begin}")
        whole[begin - start : end - start] = np.frombuffer(raw, dtype="<i2").astype(np.float32) / 32768
        return whole


def is_silent(samples: Samples) -> bool:
    """Whether there is nothing but digital silence or a constant: a muted microphone, a gap, the time outside."""
    return samples.size == 0 or float(samples.std()) < _AUDIBLE


def _unreadable(detail: str) -> AlignmentFailed:
    return AlignmentFailed(
        "A recording's sound derivative cannot be read as it was written. Make the derivatives again, then align.",
        detail=detail,
    )
