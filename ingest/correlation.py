"""How alike two sounds are at every shift: GCC-PHAT, which counts agreement of phase and forgets loudness.

Knapp and Carter, "The generalized correlation method for estimation of time delay", IEEE Trans. ASSP 24(4), 1976.
A tone or a siren weighs no more than any other frequency, which is why plain correlation fails on them and this does
not. Pure: arrays at 8 kHz in, arrays and seconds out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft
from scipy.signal.windows import tukey

from ingest.sound import RATE, Samples

LOW_HZ, HIGH_HZ = 100, 3400  # below: handling and wind; above: what the halving filter took away
_NEAR = 32  # samples each side that a value between samples is made of
_FINE = 64  # steps a sample is divided into
Curve = NDArray[np.float64]


def likeness(window: Samples, reference: Samples) -> Curve:
    """GCC-PHAT of ``window`` against a longer ``reference``: entry k says how alike they are when the window's first
    sample lies on the reference's sample k. 1 for the same sound, about 0 for strangers."""
    shifts = len(reference) - len(window) + 1
    size = next_fast_len(len(reference), real=True)
    return phat(spectrum(window, size), rfft(reference, size), size)[:shifts]


def spectrum(window: Samples, size: int) -> NDArray[np.complex64]:
    """The spectrum of a window with soft edges, padded to ``size``."""
    soft = window * tukey(len(window), 0.1).astype(np.float32)
    return np.asarray(rfft(soft, size), dtype=np.complex64)


def phat(window: NDArray[np.complex64], reference: NDArray[np.complex64], size: int) -> Curve:
    """The curve of two spectra of transforms of ``size`` samples."""
    cross = np.conj(window) * reference
    length = np.abs(cross)
    cross = np.divide(cross, length, out=np.zeros_like(cross), where=length > 1e-12)
    first, last = (round(hz * size / RATE) for hz in (LOW_HZ, HIGH_HZ))
    cross[:first] = 0
    cross[last + 1 :] = 0
    bins = max(1, last + 1 - first)
    return np.asarray(irfft(cross, size), dtype=np.float64) * (size / (2 * bins))


def peak(curve: Curve) -> tuple[float, float]:
    """Where the curve is highest, to a fraction of a sample, and how high. Position in samples."""
    top = int(np.argmax(curve))
    near = np.arange(max(0, top - _NEAR), min(len(curve), top + _NEAR + 1))
    between = top + np.arange(-_FINE, _FINE + 1) / _FINE
    offsets = between[:, None] - near[None, :]
    weights = np.sinc(offsets) * np.cos(np.pi * offsets / (2 * (_NEAR + 1))) ** 2
    values = weights @ curve[near]
    best = int(np.argmax(values))
    return float(between[best]), float(values[best])
