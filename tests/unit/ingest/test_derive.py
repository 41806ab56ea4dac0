"""Derivatives: exact frames, sound on media time, proxies that keep every frame's time, made once."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from ingest.audio import SAMPLE_RATE, read_pcm
from ingest.copy import take_file
from ingest.derivatives import Derivative
from ingest.derive import (
    load_frame_index,
    load_waveform,
    make_audio,
    make_frame_index,
    make_proxy,
    make_still,
    make_waveform,
)
from ingest.errors import DerivativeFailed, DiskFull, ProbeFailed
from ingest.index import build_index
from ingest.listing import list_dock
from ingest.probe import probe
from ingest.vault import Vault
from ingest.waveform import Waveform
from tests.unit.ingest.conftest import REPOSITORY
from tests.unit.ingest.media_making import clicks, make_recording, number_in

Make = Callable[[Vault, str], Derivative]


def preserved(path: Path, vault: Vault) -> str:
    found = next(f for f in list_dock(path.parent).files if f.name.shown == path.name)
    return take_file(path.parent, found, vault).digests.sha256


def samples_of(path: Path) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    with path.open("rb") as file:
        return np.frombuffer(b"".join(read_pcm(file)), "<i2")


def loud_runs(samples: np.ndarray[tuple[int], np.dtype[np.int16]]) -> list[float]:
    """Seconds at which sound rises out of at least 0.1 s of quiet."""
    loud = np.flatnonzero(np.abs(samples.astype(int)) > 5_000)
    gaps = np.diff(loud, prepend=-(10**6))
    return [float(at) / SAMPLE_RATE for at in loud[gaps > SAMPLE_RATE // 10]]


def read_picture(path: Path) -> np.ndarray[Any, Any]:
    picture = cv2.imread(str(path))
    assert picture is not None
    return picture


@pytest.mark.parametrize("name", ["plain.mp4", "b_frames.mp4", "late_sound.mp4", "transport.ts"])
def test_a_click_is_heard_at_its_media_time(recordings: Path, name: str) -> None:
    assert loud_runs(samples_of(recordings / name)) == pytest.approx([0.5, 1.5], abs=0.002)


def test_sound_missing_in_the_middle_becomes_silence_of_the_same_length(tmp_path: Path) -> None:
    runs = [(0.0, clicks(0.512, (0.25,))), (1.28, clicks(0.512, (0.22,)))]
    path = make_recording(tmp_path / "gap.mkv", form="matroska", sound=runs, sound_codec="pcm_s16le")
    samples = samples_of(path)
    assert loud_runs(samples) == pytest.approx([0.25, 1.5], abs=0.002)
    assert len(samples) == pytest.approx(1.792 * SAMPLE_RATE, abs=16)
    assert not samples[int(0.55 * SAMPLE_RATE) : int(1.25 * SAMPLE_RATE)].any()


def test_sound_before_the_first_picture_is_cut_off(tmp_path: Path) -> None:
    path = make_recording(
        tmp_path / "early.mkv", [n * 512 + 7680 for n in range(30)], form="matroska",
        sound=[(0.0, clicks(1.5, (0.25, 1.0)))], sound_codec="pcm_s16le",
    )  # fmt: skip
    assert loud_runs(samples_of(path)) == pytest.approx([0.5], abs=0.002)


def test_sound_alone_starts_at_its_own_beginning(tmp_path: Path) -> None:
    sound = [(0.0, clicks(1.0, (0.3,)))]
    path = make_recording(tmp_path / "sound.wav", (), form="wav", sound=sound, sound_codec="pcm_s16le")
    assert loud_runs(samples_of(path)) == pytest.approx([0.3], abs=0.001)


def test_a_recording_without_sound_says_so(recordings: Path, vault: Vault) -> None:
    with pytest.raises(ProbeFailed, match="no sound track"):
        samples_of(recordings / "vfr.mkv")
    with pytest.raises(DerivativeFailed, match="no sound track"):
        make_audio(vault, preserved(recordings / "vfr.mkv", vault))


@pytest.mark.parametrize("name", ["b_frames.mp4", "vfr.mkv"])
def test_a_still_is_exactly_the_frame_asked_for(recordings: Path, vault: Vault, name: str) -> None:
    sha256 = preserved(recordings / name, vault)
    for frame, form in ((0, "png"), (37, "jpeg"), (59, "png")):
        still = make_still(vault, sha256, frame, form)
        assert number_in(read_picture(still.path)) == frame
        assert still.parameters["frame"] == frame


@pytest.mark.parametrize(("frame", "form"), [(60, "png"), (-1, "png"), (0, "gif")])
def test_a_still_that_cannot_be_is_refused(recordings: Path, vault: Vault, frame: int, form: str) -> None:
    with pytest.raises(DerivativeFailed):
        make_still(vault, preserved(recordings / "plain.mp4", vault), frame, form)
    assert list(vault.staging.iterdir()) == []


def test_a_turned_recording_gives_an_upright_still(vault: Vault) -> None:
    path = REPOSITORY.parent / "shared" / "media" / "mp4parse-rust__video_rotation_90.mp4"
    if not path.exists():
        pytest.skip("the shared odd media files are not here")
    facts = probe(path)
    still = make_still(vault, preserved(path, vault), 0)
    assert facts.video is not None
    assert facts.video.rotation == 90
    assert read_picture(still.path).shape[:2] == (facts.video.width, facts.video.height)


@pytest.mark.parametrize("name", ["plain.mp4", "b_frames.mp4", "vfr.mkv", "late_sound.mp4", "transport.ts"])
def test_a_proxy_keeps_every_frame_and_its_time(recordings: Path, vault: Vault, name: str) -> None:
    original = recordings / name
    sha256 = preserved(original, vault)
    proxy = make_proxy(vault, sha256, probe(original))
    with original.open("rb") as file, proxy.path.open("rb") as made:
        ours, theirs = build_index(file), build_index(made)
    assert [theirs.us_of(n) for n in range(len(theirs))] == pytest.approx(
        [ours.us_of(n) for n in range(len(ours))], abs=1
    )
    if ours.audio_start_us is not None:
        assert loud_runs(samples_of(proxy.path)) == pytest.approx([0.5, 1.5], abs=0.003)


def test_a_proxy_carries_no_metadata_and_plays_while_it_loads(recordings: Path, vault: Vault) -> None:
    original = recordings / "plain.mp4"
    assert b"secret title" in original.read_bytes()
    proxy = make_proxy(vault, preserved(original, vault), probe(original))
    data = proxy.path.read_bytes()
    assert b"secret title" not in data
    assert b"+10+20" not in data
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(str(proxy.path)) as container:
        assert set(container.metadata) <= {"major_brand", "minor_version", "compatible_brands"}
        for stream in container.streams:
            assert set(stream.metadata) <= {"language", "handler_name", "vendor_id", "encoder"}
        keys = [p.is_keyframe for p in container.demux(video=0) if p.size]
    assert [n for n, key in enumerate(keys) if key] == [0, 15, 30, 45]


def test_a_proxy_of_a_large_picture_has_480_lines(tmp_path: Path, vault: Vault) -> None:
    path = REPOSITORY.parent / "shared" / "media" / "pymediainfo__sample.mp4"
    if not path.exists():
        pytest.skip("the shared odd media files are not here")
    facts = probe(make_proxy(vault, preserved(path, vault), probe(path)).path)
    assert facts.video is not None
    assert (facts.video.width, facts.video.height, facts.video.frames) == (854, 480, 23)


@pytest.mark.parametrize("make", [make_audio, lambda vault, sha256: make_still(vault, sha256, 0)])
def test_encrypted_footage_is_never_shown_as_the_noise_it_decodes_to(vault: Vault, make: Make) -> None:
    for name in ("mp4ff__cbcs.mp4", "go-mp4__sample_init.encv.mp4"):
        path = REPOSITORY.parent / "shared" / "media" / name
        if not path.exists():
            pytest.skip("the shared odd media files are not here")
        with pytest.raises(DerivativeFailed, match="camera's key"):
            make(vault, preserved(path, vault))


def test_a_proxy_that_would_show_moments_at_wrong_times_is_refused(vault: Vault) -> None:
    path = REPOSITORY.parent / "shared" / "media" / "mp4parse-rust__no_timescale.mp4"
    if not path.exists():
        pytest.skip("the shared odd media files are not here")
    with pytest.raises(DerivativeFailed, match="Only 170 of 182 pictures"):
        make_proxy(vault, preserved(path, vault), probe(path))
    assert list(vault.staging.iterdir()) == []


def test_nothing_is_derived_from_what_cannot_be_played(tmp_path: Path, vault: Vault) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "torn.mp4").write_bytes(b"\x00\x00\x00\x18ftypisom" + bytes(100))
    sha256 = preserved(tmp_path / "x" / "torn.mp4", vault)
    with pytest.raises(DerivativeFailed, match="preserved as it is"):
        make_proxy(vault, sha256, probe(vault.path_for_child(sha256)))
    with pytest.raises(DerivativeFailed, match="original is untouched"):
        make_frame_index(vault, sha256)
    assert list(vault.staging.iterdir()) == []


def test_a_full_disk_is_told_apart_from_a_damaged_recording(recordings: Path, small_disk: Path) -> None:
    original = recordings / "plain.mp4"
    vault = Vault(small_disk / "vault")
    sha256 = preserved(original, vault)
    with (small_disk / "filler").open("wb", buffering=0) as filler, contextlib.suppress(OSError):
        while True:
            filler.write(bytes(4096))
    with pytest.raises(DiskFull, match="free some space"):
        make_audio(vault, sha256)
    with pytest.raises(DiskFull, match="free some space"):
        make_proxy(vault, sha256, probe(original))
    assert list(vault.staging.iterdir()) == []


def all_of(vault: Vault, sha256: str, original: Path) -> list[Derivative]:
    audio = make_audio(vault, sha256)
    return [
        audio,
        make_waveform(vault, sha256, audio),
        make_frame_index(vault, sha256),
        make_still(vault, sha256, 3),
        make_proxy(vault, sha256, probe(original)),
    ]


def test_a_second_call_finds_what_the_first_made_with_the_same_record(recordings: Path, vault: Vault) -> None:
    original = recordings / "plain.mp4"
    sha256 = preserved(original, vault)
    first = all_of(vault, sha256, original)
    times = [d.path.stat().st_mtime_ns for d in first]
    second = all_of(vault, sha256, original)
    assert second == first
    assert [d.path.stat().st_mtime_ns for d in second] == times
    assert {d.parent_sha256 for d in first} == {sha256}
    assert all(d.tool and d.tool_version and d.parameters for d in first)


def test_a_derivative_that_no_longer_has_its_digest_is_made_again(recordings: Path, vault: Vault) -> None:
    sha256 = preserved(recordings / "plain.mp4", vault)
    made = make_frame_index(vault, sha256)
    made.path.chmod(0o600)
    made.path.write_bytes(b"tampered")
    again = make_frame_index(vault, sha256)
    assert again == made
    assert len(load_frame_index(vault, again)) == 60


def test_the_waveform_shows_the_extremes_of_the_sound_at_every_level(recordings: Path, vault: Vault) -> None:
    sha256 = preserved(recordings / "plain.mp4", vault)
    audio = make_audio(vault, sha256)
    samples = np.frombuffer(audio.path.read_bytes(), "<i2")
    waveform = load_waveform(vault, make_waveform(vault, sha256, audio))
    assert len(waveform.levels) > 1
    for number, level in enumerate(waveform.levels):
        span = waveform.span * waveform.step**number
        assert len(level) == -(-len(samples) // span)
        assert (level[0].min(), level[-1].max()) == (samples[:span].min(), samples[(len(level) - 1) * span :].max())
        assert level[:, 0].min() == samples.min()
        assert level[:, 1].max() == samples.max()
    stored = waveform.to_bytes()
    assert Waveform.from_bytes(stored).to_bytes() == stored
    for damaged in (stored[:-1], stored[:20], b"", stored + b"\0"):
        with pytest.raises(DerivativeFailed):
            Waveform.from_bytes(damaged)


def test_opencv_does_not_point_qt_at_its_own_plugins() -> None:
    code = "import ingest.image, os; print([k for k in os.environ if k.startswith('QT_QPA')])"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("QT_QPA")}
    command = [sys.executable, "-c", code]
    assert subprocess.check_output(command, cwd=REPOSITORY, env=environment, text=True).strip() == "[]"
