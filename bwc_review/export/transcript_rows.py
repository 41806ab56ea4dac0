"""A transcript as rows a person reads, with what was *not* transcribed standing between the words.

Silence, speech without words and audio that carries nothing are three different rows (DESIGN, principle 2).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

from bwc_review.domain.coverage import audible
from bwc_review.domain.recording import Recording
from bwc_review.domain.speech import Transcript, Word
from bwc_review.domain.times import Span, clip, union, without
from bwc_review.ports.bundle import BundleContent

SHORTEST_GAP = 1_000_000
"""Microseconds; shorter stretches without usable audio stand on the timeline only, or they would drown the words."""
SHORTEST_QUIET = 5_000_000
"""Microseconds of usable audio without a recognised voice that are worth a row of their own."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row on the media clock. ``kind``: words, untranscribed, no_audio, no_speech or no_transcript."""

    kind: str
    span: Span
    words: tuple[Word, ...] = ()
    doubtful: bool = False


def transcript_rows(recording: Recording, transcript: Transcript | None) -> list[Row]:
    """Return every row of one recording, in time order."""
    whole = recording.span
    if transcript is None:
        return [Row("no_transcript", whole)]
    heard = transcript.heard
    sound = audible(recording, heard.usable)
    rows = [Row("words", one.span, one.words, one.doubtful) for one in heard.segments if one.words]
    rows += [Row("untranscribed", span) for span in heard.untranscribed]
    rows += [Row("no_audio", span) for span in without(whole, sound) if span.length >= SHORTEST_GAP]
    voices = union(chain(heard.speech, heard.untranscribed, (row.span for row in rows if row.kind == "words")))
    quiet = [part for span in without(whole, voices) for part in clip(sound, span)]
    rows += [Row("no_speech", span) for span in quiet if span.length >= SHORTEST_QUIET]
    return sorted(rows, key=lambda row: (row.span, row.kind))


def row_records(content: BundleContent) -> list[dict[str, object]]:
    """Return the rows of all placed recordings as one list on the incident's clock, for the viewer."""
    placed = {one.recording for one in content.incident.placements}
    found: list[tuple[Span, str, dict[str, object]]] = []
    for recording in content.recordings:
        if recording.id not in placed:
            continue
        clock = content.incident.clock_of(recording.id)
        for row in transcript_rows(recording, content.transcripts.get(recording.id)):
            span = clock.span_to_incident(row.span)
            words = [
                [clock.to_incident(w.span.start), clock.to_incident(w.span.end), w.text, w.confidence]
                for w in row.words
            ]
            record: dict[str, object] = {
                "kind": row.kind, "start": span.start, "end": span.end, "words": words,
                "doubtful": row.doubtful, "camera": recording.camera, "recording": recording.id,
            }  # fmt: skip
            found.append((span, recording.camera, record))
    return [record for _, _, record in sorted(found, key=lambda one: one[:2])]
