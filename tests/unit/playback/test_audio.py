"""Sound lies where media time says, from the derivative and from the original alike; the feed never blocks."""

from __future__ import annotations

import io
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from bwc_review.errors import MediaUnreadable
from bwc_review.playback.audio import DecodedReader, PcmReader
from bwc_review.playback.feed import AHEAD, AudioFeed, respeed

RATE = 16_000


@pytest.fixture
def ramp(tmp_path: Path) -> Path:
    """A second of sound whose sample n has the value n."""
    path = tmp_path / "sound.pcm"
    path.write_bytes(np.arange(RATE, dtype="<i2").tobytes())
    return path


def clicks(at: list[float], seconds: float) -> bytes:
    """A WAV of silence with a 1 ms click at each time."""
    samples = np.zeros(int(seconds * 48_000), dtype=np.int16)
    for moment in at:
        samples[int(moment * 48_000) : int(moment * 48_000) + 48] = 20_000
    out = io.BytesIO()
    with av.open(out, "w", format="wav") as container:
        stream = container.add_stream("pcm_s16le", rate=48_000, layout="mono")
        for start in range(0, len(samples), 1024):
            part = samples[start : start + 1024].reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(part, format="s16", layout="mono")
            frame.sample_rate, frame.pts = 48_000, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out.getvalue()


def test_samples_lie_at_their_media_time(ramp: Path) -> None:
    reader = PcmReader(lambda: ramp.open("rb"))
    assert reader.read(500_000, 4).tolist() == [8000, 8001, 8002, 8003]
    reader.close()


def test_before_the_start_and_after_the_end_there_is_silence_of_the_same_length(ramp: Path) -> None:
    reader = PcmReader(lambda: ramp.open("rb"))
    assert reader.read(-250, 6).tolist() == [0, 0, 0, 0, 0, 1]
    assert reader.read(999_875, 4).tolist() == [15998, 15999, 0, 0]
    assert reader.read(60_000_000, 3).tolist() == [0, 0, 0]
    reader.close()


def test_a_missing_derivative_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(MediaUnreadable, match="make it again"):
        PcmReader(lambda: (tmp_path / "gone.pcm").open("rb"))


@pytest.mark.parametrize("order", [(1.0, 3.5, 6.25), (6.25, 1.0, 3.5)])
def test_the_decoded_original_has_its_sound_at_the_same_times_in_any_order(order: tuple[float, ...]) -> None:
    reader = DecodedReader(io.BytesIO(clicks([1.0, 3.5, 6.25], 8)))
    for moment in order:
        block = reader.read(int((moment - 0.1) * 1_000_000), 9600)
        assert abs(int(np.argmax(np.abs(block))) - 4800) <= 2
    reader.close()


def test_sound_is_counted_from_the_first_frame_of_the_picture() -> None:
    reader = DecodedReader(io.BytesIO(clicks([1.0], 2)), zero_us=400_000)
    block = reader.read(500_000, 9600)
    assert abs(int(np.argmax(np.abs(block))) - 4800) <= 2
    reader.close()


def test_a_change_of_speed_changes_length_and_not_level() -> None:
    tone = (8000 * np.sin(np.arange(4800) / 20)).astype(np.int16)
    for count in (1200, 2400, 9600):
        made = respeed(tone, count)
        assert len(made) == count
        assert abs(int(made.max()) - int(tone.max())) < 60


def test_the_feed_reads_ahead_in_bounded_blocks_and_starts_over_on_a_seek(ramp: Path) -> None:
    feed = AudioFeed(lambda: PcmReader(lambda: ramp.open("rb")), RATE)
    feed.start(0, Fraction(1))
    time.sleep(0.3)
    first = np.frombuffer(feed.take(10**9), dtype=np.int16)
    assert len(first) == AHEAD * 320
    assert first[:4].tolist() == [0, 1, 2, 3]
    feed.start(500_000, Fraction(2))
    time.sleep(0.3)
    second = np.frombuffer(feed.take(640), dtype=np.int16)
    assert len(second) == 320
    assert second[0] == 8000 and abs(int(second[319]) - 8639) <= 1
    assert feed.close()


def test_a_feed_that_cannot_open_its_sound_says_why(tmp_path: Path) -> None:
    feed = AudioFeed(lambda: PcmReader(lambda: (tmp_path / "gone.pcm").open("rb")), RATE)
    feed.start(0, Fraction(1))
    time.sleep(0.2)
    assert "missing" in feed.refusal
    assert feed.close()
