"""The drawing code gives the pictures on the cards, and what they show follows the scene's truth."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import av
import numpy as np
import pytest

from sample_media import choreography, orrery_card
from sample_media.burn_in import frame_clock, orrery_overlay
from sample_media.clip_writer import SceneSoundUnusable, read_flac
from sample_media.poses import POSES
from sample_media.scene_drawing import Stage
from sample_media.true_time import CAM2_FAST, CAM2_OFFSET_S, CAM2_START, MASTER_ZERO, cam2_master_time

SAMPLES = Path(__file__).resolve().parents[3] / "sample_media"
TRUTH = json.loads((SAMPLES / "mill-street" / "truth.json").read_text(encoding="utf-8"))


def test_a_picture_drawn_again_is_the_picture_on_the_card() -> None:
    number = 1650
    drawn = Stage.of("cam2").frame(cam2_master_time(number / 30))
    orrery_overlay(orrery_card.DEVICE_ID)(drawn, CAM2_START, number)
    clip = orrery_card.clip_path(SAMPLES / "cards" / orrery_card.CARD, CAM2_START)
    with av.open(str(clip)) as container:
        video = container.streams.video[0]
        container.seek(number * 1000, stream=video)
        decoded = next(container.decode(video)).to_ndarray(format="bgr24")
    difference = np.abs(decoded.astype(np.int16) - drawn)
    assert float(difference.mean()) < 3.0
    assert float(np.percentile(difference, 99)) < 30.0


def test_the_same_time_gives_the_same_picture() -> None:
    stage = Stage.of("cam1")
    assert np.array_equal(stage.frame(62.0), stage.frame(62.0))


@pytest.mark.parametrize("event", TRUTH["force_events"], ids=lambda event: event["id"])
def test_the_discharge_is_seen_exactly_while_the_truth_has_it(event: dict[str, float]) -> None:
    assert not choreography.discharge_running(event["start"] - 0.001)
    assert choreography.discharge_running(event["start"])
    assert choreography.discharge_running(event["end"] - 0.001)
    assert not choreography.discharge_running(event["end"])


def test_the_subject_stands_falls_and_is_turned_on_his_side_when_the_truth_says() -> None:
    def head_height(t: float) -> float:
        return float(choreography.stance("S", t).pose[0, 1])

    assert head_height(61.6) > 1.4
    assert head_height(63.0) < 0.4
    turned = next(e["start"] for e in TRUTH["other_events"] if e["type"] == "RECOVERY_POSITION")
    recovery = POSES["recovery"]
    knee_before, knee_after = (choreography.stance("S", t).pose[10] for t in (119.5, turned))
    assert np.linalg.norm(knee_before - recovery[10]) > 0.1
    assert np.linalg.norm(knee_after - recovery[10]) < 0.02


def test_handcuffs_appear_in_the_time_the_truth_has_for_them() -> None:
    event = next(e for e in TRUTH["other_events"] if e["type"] == "HANDCUFFS_APPLIED")
    assert (event["start"], event["end"]) == choreography.CUFFS_ON


def test_camera_two_runs_as_the_truth_says() -> None:
    camera = TRUTH["cameras"][1]
    assert camera["offset_s"] == CAM2_OFFSET_S
    assert 1.0 + camera["clock_ppm"] * 1e-6 == pytest.approx(CAM2_FAST, abs=1e-12)
    assert MASTER_ZERO + timedelta(seconds=camera["offset_s"]) == CAM2_START


@pytest.mark.parametrize(
    ("frame", "shown"), [(0, "09:39:37.413"), (1, "09:39:37.446"), (2, "09:39:37.480"), (30, "09:39:38.413")]
)
def test_the_burnt_in_clock_is_the_nearest_millisecond(frame: int, shown: str) -> None:
    assert frame_clock(CAM2_START, frame).strftime("%H:%M:%S.%f")[:-3] == shown


def test_a_scene_without_usable_sound_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "cam1.flac").write_bytes(b"no sound")
    with pytest.raises(SceneSoundUnusable) as refusal:
        read_flac(tmp_path / "cam1.flac")
    assert "cam1.flac is missing or not a 16000 Hz mono FLAC" in refusal.value.message()
