"""The committed camera cards are what their manifest, their sidecars and the scene's truth say they are."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from sample_media import kestrel_card, orrery_card
from sample_media.clip_writer import read_flac
from sample_media.frame_strip import read_frame_number
from sample_media.true_time import CAM2_START

SAMPLES = Path(__file__).resolve().parents[3] / "sample_media"
CARDS = SAMPLES / "cards"
KESTREL = CARDS / kestrel_card.CARD
ORRERY = CARDS / orrery_card.CARD
CAM1_SAMPLES, CAM2_SAMPLES = 2_567_879, 2_449_367
TICKS = 1000  # of the video track, a frame
MEGABYTE = 1_000_000
WINDOW = 16_000  # samples: one second
REACH = 1_100  # samples: a little more than one AAC frame
Signal = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Known:
    """A whole clip on the cards: how many frames, and which samples of which FLAC it carries."""

    path: Path
    frames: int
    sound: str
    first_sample: int


PARTS = kestrel_card.segments(CAM1_SAMPLES)
CLIPS = [
    Known(kestrel_card.clip_path(KESTREL, part.number, part.start), frames, "cam1.flac", part.first_sample)
    for part, frames in zip(PARTS, (1800, 1800, 1215), strict=True)
] + [Known(orrery_card.clip_path(ORRERY, CAM2_START), 4593, "cam2.flac", 0)]
EACH_CLIP = pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: clip.path.name)


def test_the_manifest_names_every_file_of_both_cards_with_its_digest() -> None:
    lines = (CARDS / "MANIFEST.sha256").read_text().splitlines()
    listed = {path: digest for digest, path in (line.split("  ", 1) for line in lines)}
    found = {
        path.relative_to(CARDS).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for card in (KESTREL, ORRERY)
        for path in card.rglob("*")
        if path.is_file()
    }
    assert found == listed


def test_both_cards_stay_under_thirty_megabytes() -> None:
    assert sum(path.stat().st_size for path in CARDS.rglob("*") if path.is_file()) < 30 * MEGABYTE


def test_each_card_says_that_it_is_invented() -> None:
    for card in (KESTREL, ORRERY):
        assert "does not exist" in (card / "INVENTED.txt").read_text()


@EACH_CLIP
def test_pictures_are_720p_at_exactly_30_frames_with_a_key_frame_every_second(clip: Known) -> None:
    with av.open(str(clip.path)) as container:
        video = container.streams.video[0]
        assert (video.codec_context.name, video.width, video.height) == ("h264", 1280, 720)
        assert video.time_base == Fraction(1, 30 * TICKS)
        shown = sorted((p.pts, p.is_keyframe) for p in container.demux(video) if p.pts is not None)
    assert [pts for pts, _ in shown] == [number * TICKS for number in range(clip.frames)]
    assert [pts // TICKS for pts, is_key in shown if is_key] == list(range(0, clip.frames, 30))


@EACH_CLIP
def test_the_strip_shows_the_frame_number_at_start_middle_and_end(clip: Known) -> None:
    with av.open(str(clip.path)) as container:
        video = container.streams.video[0]
        for begin in (0, clip.frames // 60 * 30, (clip.frames - 1) // 30 * 30):
            container.seek(begin * TICKS, stream=video)
            last = min(begin + 30, clip.frames)
            for frame, expected in zip(container.decode(video), range(begin, last), strict=False):
                assert frame.pts == expected * TICKS
                assert read_frame_number(frame.to_ndarray(format="rgb24")) == expected
            assert expected == last - 1


def lag_of(heard: Signal, meant: Signal, begin: int) -> int:
    """Samples by which one second of ``meant`` from ``begin`` on is found late in ``heard``, at most 1100."""
    window, around = meant[begin : begin + WINDOW], heard[begin - REACH : begin + WINDOW + REACH]
    size = len(around)
    spectrum = np.fft.rfft(around, size) * np.conj(np.fft.rfft(window, size))
    return int(np.argmax(np.fft.irfft(spectrum, size)[: 2 * REACH + 1])) - REACH


@pytest.mark.parametrize("clip", [CLIPS[1], CLIPS[3]], ids=lambda clip: clip.path.name)
def test_sound_lies_where_the_scene_has_it_within_a_millisecond(clip: Known) -> None:
    with av.open(str(clip.path)) as container:
        frames = list(container.decode(audio=0))
    heard = np.concatenate([f.to_ndarray().reshape(-1) for f in frames]).astype(np.float64)
    meant = read_flac(SAMPLES / "mill-street" / clip.sound)[clip.first_sample :] / 32768.0
    assert frames[0].pts == 0
    for begin in (4_000, len(heard) // 2, len(heard) - 70_000):
        assert abs(lag_of(heard, meant, begin)) <= 16


def test_the_muted_buffer_of_camera_one_is_silent_in_the_clip_too() -> None:
    with av.open(str(CLIPS[0].path)) as container:
        heard = np.concatenate([f.to_ndarray().reshape(-1) for f in container.decode(audio=0)])
    assert float(np.abs(heard[: 19 * 16_000]).max()) == 0.0
    assert float(np.abs(heard[20 * 16_000 :]).max()) > 0.05


def test_the_truncated_clip_cannot_be_opened() -> None:
    path = orrery_card.clip_path(ORRERY, orrery_card.EARLIER_START)
    content = path.read_bytes()
    assert content[4:8] == b"ftyp" and b"moov" not in content
    with pytest.raises(av.error.InvalidDataError):
        av.open(str(path))


def test_an_empty_fourth_segment_lies_on_the_first_card() -> None:
    assert [p.name for p in KESTREL.rglob("*.MP4") if p.stat().st_size == 0] == ["KB2_00417_20260314T094210Z_004.MP4"]


def test_the_gps_copy_is_the_only_duplicate_on_the_second_card() -> None:
    digests: dict[str, list[str]] = {}
    for path in sorted(p for p in ORRERY.rglob("*") if p.is_file()):
        digests.setdefault(hashlib.sha256(path.read_bytes()).hexdigest(), []).append(path.name)
    assert [names for names in digests.values() if len(names) > 1] == [
        ["GPS_20260314_093937.log", "093937_OP5-0231.log"]
    ]


def test_every_gps_sentence_carries_its_checksum_and_the_place_is_open_sea() -> None:
    lines = orrery_card.clip_path(ORRERY, CAM2_START).with_suffix(".log").read_bytes().split(b"\r\n")
    assert lines.pop() == b""
    fixes = [line for line in lines if line.startswith(b"$GPRMC")]
    for line in lines:
        body, _, check = line[1:].partition(b"*")
        assert int(check, 16) == int(np.bitwise_xor.reduce(np.frombuffer(body, dtype=np.uint8)))
    assert all(b",4852.6" in line and b",S,12323." in line for line in fixes)
    assert fixes[0].startswith(b"$GPRMC,093938.00,A,") and fixes[-1].startswith(b"$GPRMC,094210.00,A,")


def test_kestrel_names_sidecars_and_headers_agree_on_the_start() -> None:
    for part, clip in zip(PARTS, CLIPS, strict=False):
        side = json.loads(clip.path.with_suffix(".JSON").read_text())
        start = datetime.fromisoformat(side["start_utc"])
        assert start == part.start
        assert f"_{start:%Y%m%dT%H%M%SZ}_" in clip.path.name
        assert (side["frames"], side["file"]) == (clip.frames, clip.path.name)
        with av.open(str(clip.path)) as container:
            claimed = datetime.fromisoformat(container.metadata["creation_time"])
        assert claimed == start.replace(microsecond=0)


def test_the_orrery_sidecar_holds_its_own_fast_clock() -> None:
    text = CLIPS[3].path.with_suffix(".meta").read_text()
    side = dict(line.split("=", 1) for line in text.splitlines())
    assert side["start_utc"] == "2026-03-14T09:39:37.413Z"
    assert side["end_utc"] == "2026-03-14T09:42:10.498Z"
    assert side["state"] == "closed"


def test_the_side_files_are_rebuilt_byte_for_byte(tmp_path: Path) -> None:
    kestrel_card.write_side_files(tmp_path / KESTREL.name, PARTS, (1800, 1800, 1215))
    orrery_card.write_side_files(tmp_path / ORRERY.name, CAM2_SAMPLES, 4593)
    rebuilt = {p.relative_to(tmp_path): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    assert rebuilt == {path: (CARDS / path).read_bytes() for path in rebuilt}
