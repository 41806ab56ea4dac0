"""Where there was anything to hear: digital silence, voices (Silero VAD), and windows for the decoder.

All figures here are engineering choices, not standards; they are recorded with each transcript.
No word is decoded here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from bwc_review.domain.times import Micros, Span, clip, union, without
from bwc_review.errors import Cancelled
from bwc_review.ports.transcriber import SAMPLE_RATE, PcmAudio

QUIET_PEAK = 2  # of 32768: what lossy codecs leave of exact zeros; a live microphone lies above it
MUTED_AT_LEAST = Micros(500_000)
FRAME = SAMPLE_RATE // 100

VAD_THRESHOLD = 500  # per mille, Silero's own default
VAD_PAUSE_MS = 100  # Silero's own default
VAD_SHORTEST_MS = 100
SPEECH_PAUSE = Micros(300_000)  # shorter pauses belong to the utterance
BLOCK = 60 * SAMPLE_RATE  # bounds memory on recordings of hours
LEAD_IN = 5 * SAMPLE_RATE  # the detector is recurrent: it warms up on sound it already judged

WINDOW = Micros(120_000_000)  # what the decoder is given at once: bounds memory, not quality
PAD = Micros(400_000)  # faster-whisper's own VAD default

Floats = npt.NDArray[np.float32]


def floats(audio: PcmAudio, first: int, last: int) -> Floats:
    """Samples ``first`` up to ``last`` (cut to what there is) as float32 in -1..1."""
    whole = np.frombuffer(audio.samples, dtype="<i2")
    return whole[max(0, first) : max(0, last)].astype(np.float32) / np.float32(32768)


def usable(audio: PcmAudio) -> tuple[Span, ...]:
    """Return the sound that carries anything: all but stretches of digital silence of 0.5 s or more.

    Resolution 10 ms. A muted microphone or a pre-event buffer without sound is such a stretch.
    """
    whole = np.frombuffer(audio.samples, dtype="<i2")
    muted: list[Span] = []
    for first in range(0, len(whole), BLOCK):
        block = whole[first : first + BLOCK]
        edges = np.arange(0, len(block), FRAME)
        peaks = np.maximum(
            np.maximum.reduceat(block, edges).astype(np.int32),
            -np.minimum.reduceat(block, edges).astype(np.int32),
        )
        muted += _quiet_runs(audio, first, peaks <= QUIET_PEAK)
    long_enough = [span for span in union(muted) if span.length >= MUTED_AT_LEAST]
    return without(audio.span, long_enough)


def _quiet_runs(audio: PcmAudio, first: int, quiet: npt.NDArray[np.bool_]) -> list[Span]:
    flags = np.concatenate(([False], quiet, [False])).astype(np.int8)
    turns = np.flatnonzero(np.diff(flags))
    ends = [min(audio.count, first + int(turn) * FRAME) for turn in turns]
    return [Span(audio.moment(start), audio.moment(end)) for start, end in zip(ends[::2], ends[1::2], strict=True)]


def voices(audio: PcmAudio, *, within: Sequence[Span], cancelled: Callable[[], bool]) -> tuple[Span, ...]:
    """Return where Silero VAD finds a voice, as finely as it can tell, cut to ``within``. Raises Cancelled."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(
        threshold=VAD_THRESHOLD / 1000,
        min_speech_duration_ms=VAD_SHORTEST_MS,
        min_silence_duration_ms=VAD_PAUSE_MS,
        speech_pad_ms=0,
    )
    found: list[Span] = []
    for first in range(0, audio.count, BLOCK):
        if cancelled():
            raise Cancelled("Listening was stopped. Nothing was recorded.")
        lead = min(first, LEAD_IN)
        block = floats(audio, first - lead, first + BLOCK)
        found += _on_clock(audio, first - lead, first, get_speech_timestamps(block, options))
    return union(piece for span in within for piece in clip(joined(found, Micros(VAD_PAUSE_MS * 1000)), span))


def _on_clock(audio: PcmAudio, origin: int, first: int, stamps: Iterable[dict[str, Any]]) -> list[Span]:
    spans = []
    for stamp in stamps:
        start, end = origin + int(stamp["start"]), origin + int(stamp["end"])
        if end > first:
            spans.append(Span(audio.moment(max(start, first)), audio.moment(end)))
    return spans


def joined(spans: Iterable[Span], pause: Micros) -> tuple[Span, ...]:
    """Merge spans that lie less than ``pause`` apart."""
    merged: list[Span] = []
    for span in union(spans):
        if merged and span.start - merged[-1].end < pause:
            merged[-1] = Span(merged[-1].start, span.end)
        else:
            merged.append(span)
    return tuple(merged)


def windows(speech: Sequence[Span], extent: Span) -> tuple[Span, ...]:
    """Cut a recording into stretches for the decoder, at most two minutes long, parted at long pauses.

    Disjoint, in order, inside ``extent``, padded by up to 0.4 s; together they hold all ``speech``. A
    voice without any pause is cut where two minutes are over.
    """
    left = [piece for span in speech for piece in _pieces(span)]
    cores: list[Span] = []
    while left:
        take = _fitting(left)
        cores.append(Span(left[0].start, left[take - 1].end))
        left = left[take:]
    return _padded(cores, extent)


def _pieces(span: Span) -> list[Span]:
    starts = range(span.start, span.end, WINDOW)
    return [Span(Micros(at), min(Micros(at + WINDOW), span.end)) for at in starts]


def _fitting(left: Sequence[Span]) -> int:
    """How many spans the next window takes: all, or up to the widest pause in its second half."""
    fits = [n for n in range(1, len(left) + 1) if left[n - 1].end - left[0].start <= WINDOW]
    if len(fits) == len(left):
        return len(left)
    late = [n for n in fits if left[n - 1].end - left[0].start >= WINDOW // 2] or fits
    return max(late, key=lambda n: (left[n].start - left[n - 1].end, n))


def _padded(cores: Sequence[Span], extent: Span) -> tuple[Span, ...]:
    padded = []
    for n, core in enumerate(cores):
        before = (core.start - cores[n - 1].end) // 2 if n else core.start - extent.start
        after = (cores[n + 1].start - core.end) // 2 if n + 1 < len(cores) else extent.end - core.end
        padded.append(Span(Micros(core.start - min(PAD, before)), Micros(core.end + min(PAD, after))))
    return tuple(padded)
