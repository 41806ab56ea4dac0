"""The waveform on screen never hides a loud moment, at any zoom, and shows nothing where nothing was recorded."""

from __future__ import annotations

import io

import numpy as np
import pytest

from bwc_review.playback.peaks import Peaks, read_peaks
from ingest.errors import DerivativeFailed
from ingest.waveform import waveform_of


@pytest.fixture
def peaks() -> Peaks:
    """Twenty seconds of silence with one bang at 12 s."""
    samples = np.zeros(20 * 16_000, dtype="<i2")
    samples[12 * 16_000] = 30_000
    made = read_peaks(waveform_of(io.BytesIO(samples.tobytes())).to_bytes())
    assert made is not None
    return made


@pytest.mark.parametrize("us_per_pixel", [500.0, 4_000.0, 33_333.3, 100_000.0])
def test_one_bang_is_seen_at_every_zoom_and_where_it_was(peaks: Peaks, us_per_pixel: float) -> None:
    width = int(4_000_000 / us_per_pixel)
    columns = peaks.columns(10_000_000, us_per_pixel, width)
    loudest = int(np.nanargmax(columns[:, 1]))
    assert columns[loudest, 1] > 0.9
    assert abs(loudest * us_per_pixel - 2_000_000) <= max(us_per_pixel, 4_000) * 4


def test_outside_the_sound_there_is_nothing_not_silence(peaks: Peaks) -> None:
    columns = peaks.columns(-2_000_000, 10_000.0, 2400)
    assert np.isnan(columns[:199]).all() and not np.isnan(columns[200:2200]).any() and np.isnan(columns[2201:]).all()


def test_a_recording_without_sound_has_no_waveform() -> None:
    assert read_peaks(waveform_of(io.BytesIO(b"")).to_bytes()) is None


def test_damaged_peaks_are_refused() -> None:
    with pytest.raises(DerivativeFailed):
        read_peaks(b"BWCWF not really")
