"""From the case and the board to what the timeline paints: bands, speech, one lane per family. Pure, no widget."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bwc_review.domain.candidates import CandidateState
from bwc_review.domain.coverage import audible
from bwc_review.domain.tags import Tag
from bwc_review.domain.taxonomy import Taxonomy, family
from bwc_review.domain.times import Span, without
from bwc_review.playback.peaks import Peaks
from ui import theme
from ui.review_desk.board import Board
from ui.review_desk.case import Clip, ReviewCase, Track
from ui.timeline import Kind, Lane, Mark, TimelineModel, WaveBand
from ui.words import per_mille, short_code, word

ALWAYS = ("warnings", "orders", "force", "restraint", "intervene", "medical")
SOMETIMES = ("subject", "deescalation", "identification", "camera", "other")
_PREFIX = {
    "warnings": "WRN", "orders": "CMD", "force": "FRC", "restraint": "RST", "intervene": "DTI", "medical": "MED",
    "subject": "SUB", "deescalation": "DES", "identification": "IDN", "camera": "COVERAGE", "other": "",
}  # fmt: skip
CANDIDATE, TAG, PENDING = "c:", "t:", "p:"


@dataclass(frozen=True, slots=True, eq=False)
class JoinedPeaks(Peaks):
    """The sound of one camera's clips on the incident's clock."""

    parts: tuple[tuple[int, Peaks], ...] = ()

    def columns(self, start_us: int, us_per_pixel: float, width: int) -> npt.NDArray[np.float32]:
        out = np.full((width, 2), np.nan, dtype=np.float32)
        for offset, peaks in self.parts:
            found = peaks.columns(start_us - offset, us_per_pixel, width)
            here = ~np.isnan(found[:, 0])
            out[here] = found[here]
        return out


def joined(track: Track) -> JoinedPeaks | None:
    """One camera's waveform; None when none of its clips has sound."""
    parts = tuple((clip.clock.offset, clip.peaks) for clip in track.clips if clip.peaks is not None)
    if not parts:
        return None
    first = parts[0][1]
    reach = max(peaks.reach for _offset, peaks in parts)
    return JoinedPeaks(first.rate, first.base, first.step, first.levels, reach, parts)


def bands_of(case: ReviewCase) -> tuple[WaveBand, ...]:
    """One band per camera. Known silent pre-buffers, unusable sound and gaps between clips are said as no sound."""
    bands = []
    for number, track in enumerate(case.tracks):
        recorded = tuple(clip.span for clip in track.clips if clip.span.length)
        if not recorded:
            continue
        whole = Span(recorded[0].start, max(span.end for span in recorded))
        silent = [*without(whole, recorded), *(span for clip in track.clips for span in _silent(clip))]
        colour = theme.CAMERAS[number % len(theme.CAMERAS)]
        bands.append(WaveBand(track.name, 0, joined(track), tuple(silent), colour, whole))
    return tuple(bands)


def _silent(clip: Clip) -> Iterator[Span]:
    recording = clip.recording
    heard = (recording.span,) if clip.transcript is None else clip.transcript.heard.usable
    if recording.silent_lead or clip.transcript is not None:
        for span in without(recording.span, audible(recording, heard)):
            if span.length > 500_000:
                yield clip.clock.span_to_incident(span)


def model_of(board: Board, taxonomy: Taxonomy, bands: tuple[WaveBand, ...]) -> TimelineModel:
    """Everything on the timeline now."""
    case = board.case
    if case is None:
        return TimelineModel()
    marks = (*_speech(case), *_suggestions(board, taxonomy), *_tags(board, taxonomy))
    used = {mark.lane for mark in marks}
    keys = (*ALWAYS, *(key for key in SOMETIMES if key in used))
    lanes = (
        Lane("speech", "Speech", theme.FAMILIES["SPEECH"]),
        *(Lane(key, word("families", key), theme.family_colour(_PREFIX[key])) for key in keys),
    )
    return TimelineModel(case.span, lanes, marks, bands)


def _speech(case: ReviewCase) -> Iterator[Mark]:
    for clip in case.clips:
        if clip.transcript is None:
            continue
        heard = clip.transcript.heard
        for kind, spans in ((Kind.SPEECH, heard.speech), (Kind.UNTRANSCRIBED, heard.untranscribed)):
            for number, span in enumerate(spans):
                placed = clip.clock.span_to_incident(span)
                name = f"s:{kind}:{clip.recording.id}:{number}"
                yield Mark(name, "speech", placed.start, placed.end, "", kind)


def _suggestions(board: Board, taxonomy: Taxonomy) -> Iterator[Mark]:
    case = board.case
    if case is None:
        return
    kinds = {CandidateState.OPEN: Kind.SUGGESTION, CandidateState.REJECTED: Kind.REJECTED}
    for one in board.candidates:
        state = board.states[one.id]
        if state is CandidateState.CONFIRMED:
            continue
        clip = case.clip_of(one.recording)
        placed = clip.clock.span_to_incident(one.span)
        said = f"“{one.words}” · {case.track_of(one.recording).name} · word confidence {per_mille(one.confidence)}"
        yield Mark(
            f"{CANDIDATE}{one.id}", family(one.code), placed.start, placed.end, short_code(one.code),
            kinds[state], clip.clock.uncertainty, words=said,
        )  # fmt: skip


def _tags(board: Board, taxonomy: Taxonomy) -> Iterator[Mark]:
    for tag in board.tags.values():
        yield Mark(
            f"{TAG}{tag.id}", family(tag.code), tag.start, tag.end, short_code(tag.code), Kind.CONFIRMED,
            tag.uncertainty, tag.end is None, tag.actor or "", words=tag_words(tag, taxonomy),
        )  # fmt: skip
    for pending in board.pending.values():
        yield Mark(
            f"{PENDING}{pending.key}", family(pending.code), pending.start, pending.end,
            f"{short_code(pending.code)} · saving", Kind.CONFIRMED, open=pending.end is None,
        )  # fmt: skip


def tag_words(tag: Tag, taxonomy: Taxonomy) -> str:
    """A tag's label, who did it to whom, and what was said."""
    who = " → ".join(part for part in (tag.actor, tag.target) if part)
    text = tag.attrs.get("text", "")
    said = f"“{text}”" if isinstance(text, str) and text else ""
    return " · ".join(part for part in (taxonomy.events[tag.code].label, who, said, tag.note) if part)
