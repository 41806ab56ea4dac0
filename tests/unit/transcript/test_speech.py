"""Usable sound, and the windows a recording is decoded in."""

from __future__ import annotations

from array import array
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwc_review.domain.times import Micros, Span, clip, union
from bwc_review.errors import Cancelled
from bwc_review.ports.transcriber import SAMPLE_RATE, PcmAudio
from bwc_review.transcript import speech

EXTENT = Span(Micros(0), Micros(3_600_000_000))


def sound(*pieces: tuple[float, int], start: int = 0) -> PcmAudio:
    """Pieces of (seconds, peak); the sign alternates."""
    samples = array("h")
    for seconds, peak in pieces:
        samples.extend((peak, -peak) * round(seconds * SAMPLE_RATE / 2))
    return PcmAudio(samples.tobytes(), Micros(start))


def seconds(spans: tuple[Span, ...]) -> list[tuple[float, float]]:
    return [(span.start / 1e6, span.end / 1e6) for span in spans]


def test_a_muted_pre_event_buffer_is_not_usable() -> None:
    assert seconds(speech.usable(sound((20, 0), (2, 500)))) == [(20.0, 22.0)]


def test_a_quiet_room_is_usable() -> None:
    assert seconds(speech.usable(sound((3, 3)))) == [(0.0, 3.0)]


def test_what_a_lossy_codec_leaves_of_silence_is_still_silence() -> None:
    assert seconds(speech.usable(sound((1, 90), (1, 2), (1, 90)))) == [(0.0, 1.0), (2.0, 3.0)]


def test_a_drop_out_shorter_than_half_a_second_leaves_the_sound_usable() -> None:
    assert seconds(speech.usable(sound((1, 90), (0.49, 0), (1, 90)))) == [(0.0, 2.49)]


def test_the_loudest_negative_sample_is_not_taken_for_silence() -> None:
    assert seconds(speech.usable(PcmAudio(array("h", [-32768] * SAMPLE_RATE).tobytes()))) == [(0.0, 1.0)]


def test_silence_across_the_seam_of_two_blocks_is_one_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "BLOCK", SAMPLE_RATE)
    assert seconds(speech.usable(sound((0.7, 90), (0.6, 0), (0.7, 90)))) == [(0.0, 0.7), (1.3, 2.0)]


def test_usable_sound_lies_on_the_media_clock() -> None:
    assert seconds(speech.usable(sound((1, 0), (1, 90), start=5_000_000))) == [(6.0, 7.0)]


def test_half_a_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="odd number of bytes"):
        PcmAudio(b"abc")


def test_looking_for_voices_can_be_stopped() -> None:
    audio = sound((1, 90))
    with pytest.raises(Cancelled):
        speech.voices(audio, within=[audio.span], cancelled=lambda: True)


def test_a_minute_of_speech_is_decoded_at_once_and_an_hour_is_not() -> None:
    minute = [Span(Micros(n * 3_000_000), Micros(n * 3_000_000 + 2_000_000)) for n in range(20)]
    hour = [Span(Micros(n * 3_000_000), Micros(n * 3_000_000 + 2_000_000)) for n in range(1200)]
    assert len(speech.windows(minute, EXTENT)) == 1
    assert 30 <= len(speech.windows(hour, EXTENT)) <= 60


def test_windows_part_at_the_widest_pause_in_reach() -> None:
    talk = [Span(Micros(0), Micros(70_000_000)), Span(Micros(71_000_000), Micros(80_000_000))]
    talk += [Span(Micros(90_000_000), Micros(110_000_000)), Span(Micros(111_000_000), Micros(140_000_000))]
    first, second = speech.windows(talk, EXTENT)
    assert (first.end, second.start) == (80_400_000, 89_600_000)


lengths = st.lists(st.tuples(st.integers(1, 200_000_000), st.integers(1, 700_000_000)), max_size=8)


@given(lengths)
def test_windows_hold_all_speech_in_order_and_stay_within_two_minutes(pairs: list[tuple[int, int]]) -> None:
    spans, at = [], 0
    for pause, length in pairs:
        spans.append(Span(Micros(at + pause), Micros(at + pause + length)))
        at += pause + length
    extent = Span(Micros(0), Micros(at))
    cut = speech.windows(spans, extent)
    assert all(one.end <= other.start for one, other in pairwise(cut))
    assert all(window.length <= speech.WINDOW + 2 * speech.PAD for window in cut)
    assert union(part for window in cut for part in clip(spans, window)) == tuple(spans)
