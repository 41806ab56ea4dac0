"""Coverage, recordings, speech and tags: what the plain values promise."""

from __future__ import annotations

from fractions import Fraction

import pytest

from bwc_review.domain.coverage import CameraCoverage, Coverage, Share
from bwc_review.domain.ids import CameraId, ExhibitNo, IncidentId, ParticipantId, RecordingId
from bwc_review.domain.recording import Incident, MediaFacts, Placement, Playability, Recording
from bwc_review.domain.speech import Segment
from bwc_review.domain.times import ClockMap, Micros, Span
from tests.unit.domain.golden import tag
from tests.unit.domain.speaking import segment, transcript


def span(start: int, end: int) -> Span:
    return Span(Micros(start), Micros(end))


def camera(name: str, audio: tuple[Span, ...], video: tuple[Span, ...]) -> CameraCoverage:
    return CameraCoverage(CameraId(name), ParticipantId(name), audio, video)


TWO = Coverage((camera("A", (span(0, 4),), (span(0, 10),)), camera("B", (span(3, 8),), ())), Micros(10))


def test_what_one_camera_missed_another_may_have_heard() -> None:
    assert TWO.share(span(0, 10)) == Share(Fraction(8, 10), Fraction(1))
    assert TWO.hears_all_of(span(1, 8)) and not TWO.hears_all_of(span(1, 9))
    assert TWO.sees_all_of(span(0, 10)) and not TWO.sees_all_of(span(0, 11))


def test_an_empty_window_is_covered_by_nothing() -> None:
    assert TWO.share(span(3, 3)) == Share(Fraction(0), Fraction(0))


def recording(facts: MediaFacts | None) -> Recording:
    return Recording(
        RecordingId("r"), ExhibitNo("WS1-2026-0001"), "0" * 64, 1, "clip.mp4", CameraId("c"), "generic", None,
        Playability.PLAYABLE, facts, (), Micros(0),
    )  # fmt: skip


def test_a_recording_that_could_not_be_read_has_no_length() -> None:
    assert recording(None).span == span(0, 0)
    assert recording(MediaFacts("mp4", Micros(7), None, None)).span == span(0, 7)


def test_an_incident_knows_the_clocks_of_its_own_recordings_only() -> None:
    clock = ClockMap(Micros(5), Micros(1))
    placed = Placement(IncidentId("i"), RecordingId("r"), clock, "audio", "claps match")
    incident = Incident(IncidentId("i"), "Title", 0, (placed,))
    assert incident.clock_of(RecordingId("r")) == clock
    with pytest.raises(KeyError):
        incident.clock_of(RecordingId("other"))


def test_a_segment_reads_as_one_line_from_its_first_word_to_its_last() -> None:
    said = segment("drop the knife", start=100)
    assert (said.text, said.span) == ("drop the knife", span(100, 900_100))


@pytest.mark.parametrize(("confidence", "doubtful"), [(650, False), (649, True), (40, True)])
def test_text_below_the_measured_limits_is_doubtful(confidence: int, doubtful: bool) -> None:
    assert segment("drop it", confidence=confidence).doubtful is doubtful


def test_one_word_nearly_guessed_makes_a_sure_line_doubtful() -> None:
    sure, guessed = segment("stop stop stop"), segment("now", confidence=49)
    assert Segment(sure.words + guessed.words, 0).doubtful


def test_a_transcript_gives_its_words_in_order() -> None:
    said = transcript(segment("one two"), segment("three", start=10**6))
    assert [word.text for word in said.words()] == ["one", "two", "three"]


def test_an_open_tag_reaches_to_the_limit_and_never_back_before_its_start() -> None:
    held = tag("t", "RST.HANDCUFF", "O1", "S1", 5, None)
    assert held.span(Micros(9_000)) == span(5_000, 9_000)
    assert held.span(Micros(1_000)) == span(5_000, 5_000)
    assert tag("t", "RST.HANDCUFF", "O1", "S1", 5, 6).end_or(Micros(9_000)) == 6_000
