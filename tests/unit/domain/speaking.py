"""Transcripts made of plain sentences, for tests of what is found in them."""

from __future__ import annotations

from bwc_review.data import load_lexicon
from bwc_review.domain.candidates import Candidate
from bwc_review.domain.ids import RecordingId, TranscriptId
from bwc_review.domain.lexicon import Role, SpokenBy, find_candidates
from bwc_review.domain.speech import Engine, Heard, Segment, Transcript, Word
from bwc_review.domain.times import Micros, Span

WORD = 300_000
ENGINE = Engine("made", "1", "made", "0" * 64, {})


def segment(text: str, start: int = 0, confidence: int = 900, no_speech: int = 0) -> Segment:
    """One segment whose words last 0.3 s each without pauses."""
    words = tuple(
        Word(Span(Micros(start + i * WORD), Micros(start + (i + 1) * WORD)), word, confidence)
        for i, word in enumerate(text.split())
    )
    return Segment(words, no_speech)


def transcript(*segments: Segment, usable: tuple[Span, ...] | None = None, digest: str = "d") -> Transcript:
    """A transcript of ``segments``, audible throughout unless ``usable`` says otherwise."""
    end = max((s.span.end for s in segments), default=Micros(0))
    heard = usable if usable is not None else (Span(Micros(0), end),)
    return Transcript(TranscriptId("t"), RecordingId("r"), Heard(ENGINE, segments, heard, heard, ()), digest, 0)


def found_in(text: str, role: str | None = None) -> tuple[Candidate, ...]:
    """What the shipped lexicon finds in one utterance; ``role`` makes the speaker known."""
    speakers = (SpokenBy(Span(Micros(0), Micros(10**12)), Role(role)),) if role else ()
    return find_candidates(transcript(segment(text)), load_lexicon(), speakers=speakers)


def codes_in(text: str, role: str | None = None) -> set[str]:
    """The event codes found in one utterance."""
    return {str(candidate.code) for candidate in found_in(text, role)}
