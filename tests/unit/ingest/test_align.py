"""Two cameras that heard the same: the place is found within the stated error, or nothing is said."""

from __future__ import annotations

import io
import json
import tracemalloc
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import CubicSpline
from scipy.signal import butter, sosfilt

from ingest.align import align
from ingest.alignment import Alignment, CannotTell, Doubt, Piece
from ingest.clock_line import chance_log10, lay_line
from ingest.errors import AlignmentFailed
from ingest.sound import RATE, Sound

SAMPLES = 16_000
SCENE = Path(__file__).resolve().parents[3] / "sample_media" / "mill-street"


def sound(wave: np.ndarray) -> Sound:
    raw = (np.clip(wave, -1, 1) * 32767).astype("<i2").tobytes()
    return Sound(io.BytesIO(raw), len(raw))


def street(seconds: float, seed: int) -> np.ndarray:
    """Band-limited noise that swells and falls, as a street with people in it does."""
    made = np.random.default_rng(seed)
    wave = sosfilt(butter(4, 3000, fs=SAMPLES, output="sos"), made.standard_normal(int(seconds * SAMPLES)))
    swell = np.repeat(made.uniform(0.05, 0.6, int(seconds) + 1), SAMPLES)[: len(wave)]
    return np.asarray(wave * swell * 0.5)


def camera(scene: np.ndarray, start: float, seconds: float, ppm: float = 0.0) -> np.ndarray:
    """What a camera keeps that is switched on at ``start`` and whose clock runs ``ppm`` fast."""
    when = (start + np.arange(int(seconds * SAMPLES)) / SAMPLES / (1 + ppm * 1e-6)) * SAMPLES
    first = max(0, int(when[0]) - 8)
    piece = scene[first : int(when[-1]) + 8]
    return np.asarray(CubicSpline(np.arange(len(piece)), piece)(when - first))


def noise(length: int, level: float, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(length) * level


def off_by(found: Alignment, start: float, ppm: float, seconds: float) -> float:
    """The largest error over the recording in microseconds."""
    return max(
        abs(found.offset_us / 1e6 + at * found.rate_num / found.rate_den - (start + at / (1 + ppm * 1e-6))) * 1e6
        for at in (0.0, seconds / 2, seconds)
    )


def flac(name: str) -> np.ndarray:
    with av.open(str(SCENE / name)) as file:
        return np.concatenate([frame.to_ndarray().reshape(-1) for frame in file.decode(audio=0)]) / 32768


@pytest.mark.parametrize("guess_us", [7_413_000, 10_000_000, 95_000_000, -3_600_000_000])
def test_the_made_scene_gives_the_second_cameras_start_and_its_40_ppm(guess_us: int) -> None:
    truth = json.loads((SCENE / "truth.json").read_text("utf-8"))["cameras"][1]
    first = flac("cam1.flac")
    cuts = (0, 60, 120, 160.4924)  # camera 1 wrote three files
    pieces = [Piece(sound(first[round(a * SAMPLES) : round(b * SAMPLES)]), round(a * 1e6)) for a, b in pairwise(cuts)]
    found = align(sound(flac("cam2.flac")), guess_us, pieces)
    assert isinstance(found, Alignment)
    assert off_by(found, truth["offset_s"], truth["clock_ppm"], truth["duration_s"]) <= found.error_us < 100
    assert abs(-found.drift_ppb - truth["clock_ppm"] * 1000) <= found.drift_error_ppb
    assert found.measured.agreeing == found.measured.heard == 14  # the pre-event buffer of camera 1 carries no sound
    assert found.measured.windows == 15


@pytest.mark.parametrize(("start", "ppm"), [(-12.3456, 80.0), (41.0001, -120.0), (0.0, 0.0)])
def test_offset_and_drift_are_found_to_a_fraction_of_a_millisecond_whichever_camera_was_first(
    start: float, ppm: float
) -> None:
    scene = street(200, 1)
    reference = Piece(sound(camera(scene, 20.0, 120.0) + noise(120 * SAMPLES, 0.01, 2)), 0)
    recording = camera(scene, 20.0 + start, 100.0, ppm) + noise(100 * SAMPLES, 0.01, 3)
    found = align(sound(recording), round(start * 1e6) + 1_500_000, [reference])
    assert isinstance(found, Alignment)
    assert off_by(found, start, ppm, 100.0) <= found.error_us < 100


def test_a_reference_that_drifts_itself_carries_its_drift_on() -> None:
    scene = street(150, 4)
    reference = Piece(sound(camera(scene, 10.0, 130.0, 50.0)), 10_000_000, 1_000_000, 1_000_050)
    found = align(sound(camera(scene, 30.0, 100.0)), 30_000_000, [reference])
    assert isinstance(found, Alignment)
    assert off_by(found, 30.0, 0.0, 100.0) <= found.error_us < 100


def siren(seconds: float, period: float) -> np.ndarray:
    at = np.arange(int(seconds * SAMPLES)) / SAMPLES
    pitch = 900 + 500 * np.sin(2 * np.pi * at / period)
    return np.asarray(0.4 * np.sin(2 * np.pi * np.cumsum(pitch) / SAMPLES))


@pytest.mark.parametrize("period", [0.3, 1.0, 4.0])
def test_a_siren_alone_repeats_itself_and_is_never_taken_for_a_place(period: float) -> None:
    scene = siren(120, period)
    reference = Piece(sound(scene[: 90 * SAMPLES] + noise(90 * SAMPLES, 0.02, 5)), 0)
    recording = camera(scene, 10.7, 70.0) + noise(70 * SAMPLES, 0.02, 6)
    found = align(sound(recording), 12_000_000, [reference])
    assert isinstance(found, CannotTell)
    assert found.doubt in (Doubt.REPEATS, Doubt.TOO_FEW_AGREE)


def test_a_siren_over_a_street_does_not_hide_the_place() -> None:
    """Plain correlation locks onto the siren here; see the second half of the test."""
    scene = street(120, 7) + siren(120, 0.5)
    first = scene[: 90 * SAMPLES] + noise(90 * SAMPLES, 0.01, 8)
    second = camera(scene, 10.7, 70.0) + noise(70 * SAMPLES, 0.01, 9)
    found = align(sound(second), 12_000_000, [Piece(sound(first), 0)])
    assert isinstance(found, Alignment)
    assert off_by(found, 10.7, 0.0, 70.0) <= found.error_us
    assert found.measured.rival_share < 500


def test_a_muted_camera_is_no_sound_and_a_camera_muted_in_part_says_how_much_was_heard() -> None:
    scene = street(120, 10)
    reference = Piece(sound(scene), 0)
    dead = align(sound(np.zeros(60 * SAMPLES)), 20_000_000, [reference])
    assert isinstance(dead, CannotTell) and dead.doubt is Doubt.NO_SOUND
    partly = camera(scene, 20.0, 80.0)
    partly[: 30 * SAMPLES] = 0
    found = align(sound(partly), 20_000_000, [reference])
    assert isinstance(found, Alignment)
    assert found.measured.heard < found.measured.windows
    assert found.first_us >= 25_000_000
    assert off_by(found, 20.0, 0.0, 80.0) <= found.error_us


def test_cameras_that_heard_different_things_are_not_aligned() -> None:
    reference = Piece(sound(street(90, 11)), 0)
    for guess in (10_000_000, 500_000_000):
        found = align(sound(street(60, 12)), guess, [reference])
        assert isinstance(found, CannotTell)
        assert found.measured.agreeing <= 2 or found.measured.chance_log10 > -6


def test_a_recording_too_short_for_agreement_is_not_placed() -> None:
    scene = street(60, 13)
    found = align(sound(camera(scene, 20.0, 3.0)), 20_000_000, [Piece(sound(scene), 0)])
    assert isinstance(found, CannotTell)
    assert found.measured.windows <= 2


@settings(max_examples=12, deadline=None)
@given(
    st.integers(0, 60_000_000),
    st.integers(-150, 150),
    st.sampled_from([0.003, 0.03, 0.1, 0.4, 2.0]),
    st.integers(0, 2**31),
)
def test_whatever_is_told_holds_and_under_too_much_noise_nothing_is_told(
    start_us: int, ppm: int, level: float, seed: int
) -> None:
    scene = street(130, seed)
    reference = Piece(sound(scene[: 100 * SAMPLES] + noise(100 * SAMPLES, level, seed + 1)), 0)
    recording = camera(scene, start_us / 1e6, 60.0, ppm) + noise(60 * SAMPLES, level, seed + 2)
    found = align(sound(recording), start_us - 2_000_000, [reference])
    if isinstance(found, Alignment):
        assert off_by(found, start_us / 1e6, ppm, 60.0) <= found.error_us


class Endless:
    """A file of sound made as it is read: no test has three hours of it in memory."""

    def __init__(self, lead: int) -> None:
        self._at, self._lead = 0, lead

    def seek(self, at: int) -> None:
        self._at = at // 2 + self._lead

    def read(self, count: int) -> bytes:
        first, last = self._at, self._at + count // 2
        blocks = [self._block(n) for n in range(first // SAMPLES, last // SAMPLES + 1)]
        start = first - first // SAMPLES * SAMPLES
        return np.concatenate(blocks)[start : start + last - first].tobytes()

    def _block(self, number: int) -> np.ndarray:
        return (np.random.default_rng(number).standard_normal(SAMPLES) * 3000).astype("<i2")


@pytest.mark.slow
def test_hours_are_aligned_in_little_memory() -> None:
    hours = 3 * 3600 * SAMPLES * 2
    reference = Piece(Sound(Endless(0), hours), 0)  # type: ignore[arg-type]
    recording = Sound(Endless(600 * SAMPLES), hours - 1200 * SAMPLES * 2)  # type: ignore[arg-type]
    tracemalloc.start()
    found = align(recording, 598_000_000, [reference])
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(found, Alignment)
    assert off_by(found, 600.0, 0.0, 9600.0) <= found.error_us <= 70
    assert found.measured.windows <= 240
    assert most < 60_000_000


def test_it_can_be_watched_and_stopped() -> None:
    scene = street(60, 14)
    seen: list[tuple[int, int]] = []
    align(sound(scene[20 * SAMPLES :]), 0, [Piece(sound(scene), 0)], progress=lambda a, b: seen.append((a, b)))
    assert seen and all(0 <= done < of for done, of in seen)

    def stop(_done: int, _of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        align(sound(scene[20 * SAMPLES :]), 0, [Piece(sound(scene), 0)], progress=stop)


def test_a_derivative_that_is_shorter_than_it_was_is_said_and_not_padded() -> None:
    torn = Sound(io.BytesIO(b"\1\0" * SAMPLES), 60 * SAMPLES * 2)
    with pytest.raises(AlignmentFailed):
        align(torn, 0, [Piece(sound(street(60, 15)), 0)])


def test_halving_the_rate_moves_nothing() -> None:
    at = np.arange(2 * SAMPLES) / SAMPLES
    tone = sound(0.5 * np.sin(2 * np.pi * 440 * at))
    read = tone.read(100, 1000)
    expected = 0.5 * np.sin(2 * np.pi * 440 * (100 + np.arange(1000)) / RATE)
    assert np.abs(read - expected).max() < 0.005
    assert not tone.read(-200, 100).any()
    assert not tone.read(tone.samples + 64, 100).any()


def test_strangers_do_not_pull_at_the_line_and_chance_is_not_called_agreement() -> None:
    when = np.arange(20.0) * 10
    value = 1.5 + 30e-6 * when
    value[::3] += np.linspace(-2, 2, len(value[::3]))
    line = lay_line(when, value)
    assert line is not None
    assert abs(float(line.at(0.0)) - 1.5) < 1e-9
    assert int(line.agreeing.sum()) == 14
    assert chance_log10(20, 14, 0.003 / 5) < -20
    assert chance_log10(20, 3, 0.003 / 5) == 0
    assert chance_log10(2, 2, 0.003) == 0
    assert lay_line(when[:2], np.array([0.0, 1.0])) is None
