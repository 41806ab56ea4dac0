"""From machine transcripts to lines to read: what was said, what was not transcribed, where nothing is heard.

Pure. Times are microseconds of the incident's clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from bwc_review.domain.coverage import audible
from bwc_review.domain.ids import RecordingId
from bwc_review.domain.speech import LOW_MEAN, Segment
from bwc_review.domain.times import Micros, Span, without
from ui.review_desk.case import Clip, Track

LINE_CHARACTERS = 33
LEAST_GAP_US = 1_000_000  # shorter pauses are not worth a line


class RowKind(StrEnum):
    """What a line stands for."""

    SAID = "said"
    UNTRANSCRIBED = "untranscribed"
    UNUSABLE = "unusable"
    NOT_LISTENED = "not_listened"


@dataclass(frozen=True, slots=True)
class SaidWord:
    """One word on the incident's clock; ``low`` for one the engine was unsure of."""

    start: int
    end: int
    text: str
    low: bool


@dataclass(frozen=True, slots=True)
class TranscriptRow:
    """One line. ``camera`` is short: "C1". ``words`` is empty where nothing was transcribed."""

    kind: RowKind
    start: int
    end: int
    camera: str
    recording: RecordingId
    words: tuple[SaidWord, ...] = ()
    doubtful: bool = False

    @property
    def text(self) -> str:
        """The line in words."""
        length = f"{(self.end - self.start) / 1_000_000:.1f} s"
        match self.kind:
            case RowKind.SAID:
                return " ".join(word.text for word in self.words)
            case RowKind.UNTRANSCRIBED:
                return f"speech, not transcribed · {length}"
            case RowKind.UNUSABLE:
                return f"no usable audio · {length}"
            case RowKind.NOT_LISTENED:
                return f"nobody listened to this recording yet · {length}"

    def word_at(self, us: int) -> int | None:
        """Number of the word being said at a moment."""
        return next((n for n, word in enumerate(self.words) if word.start <= us < word.end), None)


def rows_of(tracks: Iterable[Track]) -> tuple[TranscriptRow, ...]:
    """Every line of the given cameras in time order."""
    found = [
        row for number, track in enumerate(tracks, 1) for clip in track.clips for row in _of_clip(clip, f"C{number}")
    ]
    return tuple(sorted(found, key=lambda row: (row.start, row.camera)))


def rows_of_track(track: Track, number: int) -> tuple[TranscriptRow, ...]:
    """The lines of one camera, whose number is given."""
    found = [row for clip in track.clips for row in _of_clip(clip, f"C{number}")]
    return tuple(sorted(found, key=lambda row: row.start))


def _of_clip(clip: Clip, camera: str) -> Iterator[TranscriptRow]:
    recording, clock = clip.recording.id, clip.clock
    if clip.transcript is None:
        if clip.span.length:
            yield TranscriptRow(RowKind.NOT_LISTENED, clip.span.start, clip.span.end, camera, recording)
        return
    heard = clip.transcript.heard
    for segment in heard.segments:
        yield from _lines(segment, clip, camera)
    silences = without(clip.recording.span, audible(clip.recording, heard.usable))
    for spans, kind in ((heard.untranscribed, RowKind.UNTRANSCRIBED), (silences, RowKind.UNUSABLE)):
        for span in spans:
            if kind is RowKind.UNTRANSCRIBED or span.length >= LEAST_GAP_US:
                placed = clock.span_to_incident(span)
                yield TranscriptRow(kind, placed.start, placed.end, camera, recording)


def _lines(segment: Segment, clip: Clip, camera: str) -> Iterator[TranscriptRow]:
    """A segment in lines short enough to be read at a glance; every line keeps its own words' times."""
    words = [
        SaidWord(
            clip.clock.to_incident(word.span.start),
            clip.clock.to_incident(word.span.end),
            word.text,
            word.confidence < LOW_MEAN,
        )
        for word in segment.words
    ]
    line: list[SaidWord] = []
    for word in words:
        if line and sum(len(one.text) + 1 for one in line) + len(word.text) > LINE_CHARACTERS:
            yield _line(line, segment, clip, camera)
            line = []
        line.append(word)
    if line:
        yield _line(line, segment, clip, camera)


def _line(words: list[SaidWord], segment: Segment, clip: Clip, camera: str) -> TranscriptRow:
    return TranscriptRow(
        RowKind.SAID, words[0].start, max(word.end for word in words), camera, clip.recording.id,
        tuple(words), segment.doubtful,
    )  # fmt: skip


def heard_text(track: Track) -> str:
    """How much of a camera was listened to: ``machine text · 1:40 of 2:40``."""
    total = sum(clip.span.length for clip in track.clips)
    heard = [clip for clip in track.clips if clip.transcript is not None]
    if not heard:
        return "not listened to yet"
    done = sum(clip.span.length for clip in heard)
    share = "all of it" if done == total else f"{_minutes(done)} of {_minutes(total)}"
    return f"machine text · {share}"


def _minutes(us: int) -> str:
    return f"{us // 60_000_000}:{us // 1_000_000 % 60:02d}"


def window(row: TranscriptRow) -> Span:
    """The stretch a line covers."""
    return Span(Micros(row.start), Micros(max(row.start, row.end)))
