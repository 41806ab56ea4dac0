"""Looking for a recording everywhere, where its claimed time leads nowhere: a few windows against all there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.fft import next_fast_len, rfft

from ingest.clock_line import MAX_DRIFT
from ingest.correlation import phat, spectrum
from ingest.sound import RATE, Samples, Sound, is_silent

WINDOW_S = 12.0
WINDOWS = 16
BLOCK_S = 48.0
_SAME_S = 0.02  # two windows that mean the same place differ by no more than this, and by what a clock can drift
Step = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Anchor:
    """A guess: common time is ``common + media * rate``, within ``reach`` seconds around media second ``near``."""

    common: float
    near: float
    reach: float
    rate: float = 1.0

    def to_common(self, media: float) -> float:
        """Seconds of media to seconds of the common clock."""
        return self.common + media * self.rate

    def to_media(self, common: float) -> float:
        """Seconds of the common clock to seconds of media."""
        return (common - self.common) / self.rate


@dataclass(frozen=True, slots=True)
class Everywhere:
    """The best guess of a search everywhere, and out of how many it was chosen."""

    anchor: Anchor
    tries: int


@dataclass(slots=True)
class _Probe:
    media: float
    spectrum: np.ndarray
    height: float = 0.0
    common: float = 0.0


def search_everywhere(recording: Sound, pieces: Sequence[tuple[Sound, float]], step: Step) -> Everywhere | None:
    """The place most of a few windows agree on. ``pieces``: sounds with the second of the common clock they begin at.

    None where no two windows point to the same place. ``step(done, of)`` is told how far it is and may raise.
    """
    size = next_fast_len(round(BLOCK_S * RATE), real=True)
    probes = _probes(recording, size)
    stride = size - round(WINDOW_S * RATE)
    blocks = [(sound, start, at) for sound, start in pieces for at in range(-stride // 2, sound.samples, stride)]
    for number, (sound, start, at) in enumerate(blocks):
        step(number, len(blocks))
        block = sound.read(at, size)
        if not is_silent(block):
            _listen(probes, block, size, stride, start + at / RATE)
    return _agreed([one for one in probes if one.height > 0])


def _probes(recording: Sound, size: int) -> list[_Probe]:
    count = round(WINDOW_S * RATE)
    room = recording.samples - count
    if room < 0:
        count, room = recording.samples, 0
    starts = sorted({round(room * n / (WINDOWS - 1)) for n in range(WINDOWS)})
    windows: list[tuple[int, Samples]] = [(first, recording.read(first, count)) for first in starts]
    return [_Probe(first / RATE, spectrum(w, size)) for first, w in windows if not is_silent(w)]


def _listen(probes: Sequence[_Probe], block: Samples, size: int, stride: int, common: float) -> None:
    heard = np.asarray(rfft(block, size), dtype=np.complex64)
    for probe in probes:
        curve = phat(probe.spectrum, heard, size)[:stride]
        top = int(np.argmax(curve))
        if curve[top] > probe.height:
            probe.height, probe.common = float(curve[top]), common + top / RATE


def _agreed(probes: Sequence[_Probe]) -> Everywhere | None:
    best: list[_Probe] = []
    for one in probes:
        same = [
            other
            for other in probes
            if abs((other.common - other.media) - (one.common - one.media))
            <= _SAME_S + MAX_DRIFT * abs(other.media - one.media)
        ]
        if len(same) > len(best):
            best = same
    if len(best) < 2:
        return None
    middle = sorted(best, key=lambda one: one.media)[len(best) // 2]
    return Everywhere(Anchor(middle.common - middle.media, middle.media, 0.1), len(probes))
