"""What every prober promises, the fake included: words for any bytes, an error only where nothing opens."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.errors import ProbeFailed
from ingest.probe import Playability, ProbeFacts, probe
from tests.fakes.prober import FakeProber
from tests.unit.ingest.media_making import clicks, make_recording

Prober = Callable[..., ProbeFacts]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sound = [(0.0, clicks(2.0, (0.5,)))]
    return make_recording(tmp_path_factory.mktemp("clip") / "clip.mp4", sound=sound)


@pytest.fixture(params=["isolated", "fake"])
def prober(request: pytest.FixtureRequest, clip: Path) -> Prober:
    if request.param == "isolated":
        return probe
    return FakeProber({hashlib.sha256(clip.read_bytes()).hexdigest(): probe(clip)})


def test_a_whole_recording_is_playable_with_streams_and_length(prober: Prober, clip: Path) -> None:
    facts = prober(clip)
    assert facts.playable is Playability.PLAYABLE
    assert facts.video is not None
    assert (facts.video.frames, facts.duration_us, len(facts.audio)) == (60, 2_000_000, 1)
    assert facts.damage == ()


def test_a_descriptor_says_the_same_as_a_path(prober: Prober, clip: Path) -> None:
    descriptor = os.open(clip, os.O_RDONLY)
    try:
        assert prober(descriptor) == prober(clip)
    finally:
        os.close(descriptor)


@pytest.mark.parametrize(
    "data", [b"", b"hello", bytes(9000), b"#EXTM3U\nother.ts\n", b"\x00\x00\x00\x18ftypisom" + bytes(99)]
)
def test_any_other_bytes_are_unplayable_in_words_and_no_error(prober: Prober, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.mp4").write_bytes(data)
    facts = prober(tmp_path / "x.mp4")
    assert facts.playable is Playability.UNPLAYABLE
    assert facts.video is None
    assert facts.damage
    assert all(words.endswith((".", ")")) for words in facts.damage)


def test_a_time_out_is_an_answer_too(prober: Prober, clip: Path) -> None:
    facts = prober(clip, timeout_s=0.01)
    assert facts.playable is Playability.UNPLAYABLE
    assert "given up after 0.01 s" in facts.damage[0]


def test_what_cannot_be_opened_is_the_one_error(prober: Prober, tmp_path: Path) -> None:
    with pytest.raises(ProbeFailed, match="disk is mounted"):
        prober(tmp_path / "missing.mp4")
