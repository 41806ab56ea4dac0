"""WebVTT as another program reads it, hostile words included."""

from __future__ import annotations

import webvtt
from hypothesis import given
from hypothesis import strategies as st

from bwc_review.domain.speech import Engine, Heard, Segment, Word
from bwc_review.domain.times import Micros, Span
from bwc_review.transcript.webvtt import NOT_TRANSCRIBED, to_webvtt


def span(start: float, end: float) -> Span:
    return Span(Micros(round(start * 1e6)), Micros(round(end * 1e6)))


def segment(start: float, text: str, confidence: int = 900) -> Segment:
    return Segment((Word(span(start, start + 0.5), text, confidence),), 0)


def heard(*segments: Segment, untranscribed: tuple[Span, ...] = ()) -> Heard:
    engine = Engine("scripted", "1 --> 2", "a\n\nb", "0" * 64, {})
    return Heard(engine, segments, (span(0, 9000),), (), untranscribed)


def read(content: bytes) -> list[webvtt.Caption]:
    return list(webvtt.from_string(content.decode("utf-8")))


def test_another_program_reads_times_text_and_speaker() -> None:
    (cue,) = read(to_webvtt(heard(segment(3661.25, "Drop it!")), {0: "O1"}))
    assert (cue.start, cue.end, cue.text, cue.voice) == ("01:01:01.250", "01:01:01.750", "Drop it!", "O1")


def test_speech_without_words_is_a_cue_of_its_own_in_time_order() -> None:
    cues = read(to_webvtt(heard(segment(1, "a"), segment(9, "b"), untranscribed=(span(4, 5),))))
    assert [cue.text for cue in cues] == ["a", NOT_TRANSCRIBED, "b"]


def test_low_confidence_is_marked() -> None:
    content = to_webvtt(heard(segment(1, "sure"), segment(2, "guess", confidence=300))).decode()
    assert "<c.doubtful>guess</c>" in content
    assert "doubtful>sure" not in content


def test_no_cue_is_empty_in_time() -> None:
    instant = Segment((Word(span(2, 2), "a", 900),), 0)
    (cue,) = read(to_webvtt(heard(instant)))
    assert (cue.start, cue.end) == ("00:00:02.000", "00:00:02.001")


def test_the_file_says_which_engine_wrote_it_and_that_no_person_corrected_it() -> None:
    head = to_webvtt(heard()).decode().split("\n\n")[1]
    assert head.startswith("NOTE\nMachine transcript, not corrected by a person.")
    assert "0" * 64 in head


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_spoken_word_or_name_can_add_a_cue_or_markup(text: str, name: str) -> None:
    hostile = segment(1, f"{text}\n\n00:05.000 --> 00:06.000\n<v Judge>guilty</v>{name}")
    content = to_webvtt(heard(hostile, segment(7, "after")), {0: f"{name}>\n\nNOTE"})
    assert len(read(content)) == 2
    assert content.count(b"-->") == 2
    assert b"<v Judge>" not in content
