"""The waveform pyramid: lowest and highest sample of each short span, in levels four times coarser each.

Format (this project's own): header, pair count per level, then the levels' int16 pairs, all little-endian.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ingest.audio import SAMPLE_RATE
from ingest.errors import DerivativeFailed
from ingest.files import MediaFile

SPAN = 64  # samples per pair at the finest level: 4 ms
STEP = 4
COARSEST_PAIRS = 256
_MAGIC = b"BWCWF\x00\x00\x01"
_HEADER = struct.Struct("<8sIIII")
_BLOCK_SAMPLES = SPAN * 65_536

Level = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True, eq=False)
class Waveform:
    """``levels[k]`` is (n, 2): lowest and highest of each ``span * step**k`` samples of ``rate`` Hz."""

    rate: int
    span: int
    step: int
    levels: tuple[Level, ...]

    def to_bytes(self) -> bytes:
        """The serialised pyramid."""
        header = _HEADER.pack(_MAGIC, self.rate, self.span, self.step, len(self.levels))
        counts = struct.pack(f"<{len(self.levels)}Q", *(len(level) for level in self.levels))
        return header + counts + b"".join(level.astype("<i2").tobytes() for level in self.levels)

    @classmethod
    def from_bytes(cls, data: bytes) -> Waveform:
        """Parse ``to_bytes``; raises DerivativeFailed for anything it would not have written."""
        try:
            magic, rate, span, step, count = _HEADER.unpack_from(data)
            counts = struct.unpack_from(f"<{count}Q", data, _HEADER.size)
        except struct.error as error:
            raise _damaged() from error
        start = _HEADER.size + 8 * count
        if magic != _MAGIC or not (rate and span and step > 1) or len(data) != start + 4 * sum(counts):
            raise _damaged()
        levels = []
        for pairs in counts:
            level = np.frombuffer(data, dtype="<i2", count=2 * pairs, offset=start).reshape(-1, 2)
            levels.append(level.astype(np.int16))
            start += 4 * pairs
        return cls(rate, span, step, tuple(levels))


def waveform_of(pcm: MediaFile) -> Waveform:
    """The pyramid of 16 kHz mono int16 samples, from where the file stands; an unfinished last span counts as one."""
    blocks = []
    while data := pcm.read(_BLOCK_SAMPLES * 2):
        samples = np.frombuffer(data[: len(data) // 2 * 2], dtype="<i2")
        blocks.append(_extremes(samples, samples, SPAN))
    levels = [np.concatenate(blocks) if blocks else np.zeros((0, 2), np.int16)]
    while len(levels[-1]) > COARSEST_PAIRS:
        finer = levels[-1]
        levels.append(_extremes(finer[:, 0], finer[:, 1], STEP))
    return Waveform(SAMPLE_RATE, SPAN, STEP, tuple(levels))


def _extremes(low: npt.NDArray[np.int16], high: npt.NDArray[np.int16], span: int) -> Level:
    starts = np.arange(0, len(low), span)
    return np.stack([np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts)], axis=1).astype(np.int16)


def _damaged() -> DerivativeFailed:
    return DerivativeFailed("A stored waveform is damaged. Make it again from the original.")
