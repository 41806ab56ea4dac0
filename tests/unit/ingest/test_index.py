"""The frame index: exact, by demuxing; media time zero is the first frame."""

from __future__ import annotations

from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import ProbeFailed
from ingest.index import FrameIndex, build_index
from ingest.stills import decode_frame
from tests.unit.ingest.media_making import make_recording, number_in
from tests.unit.ingest.test_probe import DAMAGED, EXPECTED, ODD_FILES

NAMES = ("plain.mp4", "b_frames.mp4", "vfr.mkv", "late_sound.mp4", "transport.ts")


def index_of(path: Path) -> FrameIndex:
    with path.open("rb") as file:
        return build_index(file)


@pytest.mark.parametrize("name", NAMES)
def test_the_index_names_exactly_the_frames_a_decoder_shows(recordings: Path, name: str) -> None:
    index = index_of(recordings / name)
    with av.open(str(recordings / name)) as container:
        shown = [frame.pts for frame in container.decode(video=0)]
    assert list(index.pts) == shown
    assert len(index) == 60
    assert index.us_of(0) == 0


@pytest.mark.parametrize("name", NAMES)
def test_every_frame_can_be_fetched_by_its_number_in_any_order(recordings: Path, name: str) -> None:
    index = index_of(recordings / name)
    with (recordings / name).open("rb") as file:
        for number in (59, 0, 30, 11, 12, 13, 47, 1):
            picture = decode_frame(file, index, number)
            assert number_in(picture.to_ndarray(format="rgb24")) == number


@pytest.mark.parametrize("path", [p for p in ODD_FILES if p.name not in EXPECTED], ids=lambda p: p.name)
def test_the_index_of_a_whole_odd_file_is_what_a_decoder_shows(path: Path) -> None:
    with av.open(str(path)) as container:
        shown = [f.pts for f in container.decode(video=0)] if container.streams.video else []
    if shown:
        assert list(index_of(path).pts) == shown
    else:
        with pytest.raises(ProbeFailed):
            index_of(path)


def test_a_trimmed_start_is_not_counted_and_time_begins_at_what_is_shown(tmp_path: Path) -> None:
    # A negative first pts makes the muxer write an edit list that hides what lies before zero.
    path = make_recording(tmp_path / "trimmed.mp4", [n * 512 for n in range(-12, 48)], gop=12)
    index = index_of(path)
    with av.open(str(path)) as container:
        shown = [frame.pts for frame in container.decode(video=0)]
    assert list(index.pts) == shown


def test_sound_that_begins_after_the_picture_is_placed_after_it(recordings: Path) -> None:
    assert index_of(recordings / "plain.mp4").audio_start_us == 0
    # Sound encoded from 0.25 s on; the 1024 priming samples before it are hidden by no edit list, so they are heard.
    assert index_of(recordings / "late_sound.mp4").audio_start_us == 250_000 - 64_000
    assert index_of(recordings / "vfr.mkv").audio_start_us is None


def test_media_time_of_a_stream_that_starts_elsewhere_is_counted_from_its_first_frame(recordings: Path) -> None:
    index = index_of(recordings / "transport.ts")
    assert index.first_pts > 0
    assert index.us_of(30) == 1_000_000
    assert index.duration_us == 2_000_000
    assert index.audio_start_us is not None
    assert abs(index.audio_start_us) < 70_000


indexes = st.builds(
    lambda steps, first, den, last, audio: FrameIndex(
        1, den, tuple(first + sum(steps[: i + 1]) for i in range(len(steps))), (0,), last, audio
    ),
    st.lists(st.integers(1, 5000), min_size=1, max_size=40),
    st.integers(-(10**6), 10**9),
    st.sampled_from([1000, 15_360, 30_000, 90_000]),
    st.integers(1, 5000),
    st.none() | st.integers(-(10**7), 10**7),
)


@given(indexes)
def test_an_index_read_back_is_the_same_index(index: FrameIndex) -> None:
    assert FrameIndex.from_bytes(index.to_bytes()) == index


@given(indexes)
def test_the_frame_at_a_frames_time_is_that_frame(index: FrameIndex) -> None:
    for number in range(len(index)):
        assert index.frame_at(index.us_of(number)) == number
    if index.duration_us > index.us_of(len(index) - 1):
        assert index.frame_at(index.duration_us - 1) == len(index) - 1


@given(indexes, st.data())
def test_a_stored_index_with_any_byte_cut_or_added_is_refused(index: FrameIndex, data: st.DataObject) -> None:
    stored = index.to_bytes()
    keep = data.draw(st.integers(0, len(stored) - 1))
    for damaged in (stored[:keep], stored + b"\0"):
        with pytest.raises(ProbeFailed):
            FrameIndex.from_bytes(damaged)


def test_a_stored_index_whose_numbers_contradict_each_other_is_refused() -> None:
    for broken in (
        FrameIndex(1, 1000, (5, 3), (0,), 1, None),
        FrameIndex(1, 1000, (0, 1), (5,), 1, None),
        FrameIndex(1, 1000, (0, 1), (1, 0), 1, None),
        FrameIndex(0, 1000, (0, 1), (0,), 1, None),
        FrameIndex(1, 1000, (), (), 1, None),
        FrameIndex(1, 1000, (0,), (0,), 0, None),
    ):
        with pytest.raises(ProbeFailed, match="Make it again"):
            FrameIndex.from_bytes(broken.to_bytes())


def test_times_and_frames_outside_the_recording_are_refused_not_clamped() -> None:
    index = FrameIndex(1, 30, (10, 11, 12), (0,), 1, None)
    for us in (-1, index.duration_us):
        with pytest.raises(IndexError):
            index.frame_at(us)
    for frame in (-1, 3):
        with pytest.raises(IndexError):
            index.us_of(frame)


def test_damaged_files_still_have_an_index_of_what_is_there() -> None:
    damaged = [p for p in ODD_FILES if p.name in EXPECTED and EXPECTED[p.name][0] is DAMAGED]
    if not damaged:
        pytest.skip("the shared odd media files are not here")
    assert all(len(index_of(path)) > 100 for path in damaged)
