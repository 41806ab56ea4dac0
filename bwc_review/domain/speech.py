"""What a machine heard in one recording: words with times and confidences, speech found, audio that was usable.

A transcript is a machine's text and never changes; corrections are a layer of their own.
Confidences are per mille (0..1000) so that they can stand in a custody entry, which holds no floats.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bwc_review.domain.ids import RecordingId, TranscriptId
from bwc_review.domain.times import Span

LOW_MEAN = 650  # per mille; below these most text is invented (measured, DESIGN section 5)
LOW_WORD = 50


@dataclass(frozen=True, slots=True)
class Word:
    """One word as written by the engine, on the recording's media clock."""

    span: Span
    text: str
    confidence: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of words the engine gave as one line. ``repaired`` names what was changed in its times."""

    words: tuple[Word, ...]
    no_speech: int  # per mille, the engine's own estimate
    repaired: tuple[str, ...] = ()

    @property
    def span(self) -> Span:
        """From the first word's start to the last word's end."""
        return Span(self.words[0].span.start, self.words[-1].span.end)

    @property
    def text(self) -> str:
        """The words as one line."""
        return " ".join(word.text for word in self.words)

    @property
    def doubtful(self) -> bool:
        """Whether the text must be marked as low confidence (mean under 0.65 or any word under 0.05)."""
        confidences = [word.confidence for word in self.words]
        return sum(confidences) < LOW_MEAN * len(confidences) or min(confidences) < LOW_WORD


@dataclass(frozen=True, slots=True)
class Engine:
    """Which engine wrote a transcript: enough to run it again."""

    name: str
    version: str
    model: str
    model_sha256: str
    parameters: Mapping[str, str | int | bool]


@dataclass(frozen=True, slots=True)
class Heard:
    """What an engine returns for one recording. Spans lie on the media clock, sorted and disjoint.

    ``usable``: audio that carries anything at all (not digital silence). ``speech``: where a speech
    detector found a voice. ``untranscribed``: speech without words, never to be shown as silence.
    """

    engine: Engine
    segments: tuple[Segment, ...]
    usable: tuple[Span, ...]
    speech: tuple[Span, ...]
    untranscribed: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Transcript:
    """A stored machine transcript. ``digest`` is the SHA-256 of its stored bytes."""

    id: TranscriptId
    recording: RecordingId
    heard: Heard
    digest: str
    made_at: int

    def words(self) -> Iterator[Word]:
        """Every word in time order."""
        for segment in self.heard.segments:
            yield from segment.words
