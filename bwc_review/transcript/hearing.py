"""The listening loop every engine shares: silence left out, windows decoded, word times repaired, gaps heard again.

No prompt, no hotwords, no memory of earlier text: each makes Whisper invent warnings out of noise
(measured, DESIGN section 5). Temperature 0 only, since sampling would make a transcript a matter of luck.
No model lives here: an engine brings a ``Decoder``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from bwc_review.domain.speech import Engine, Heard, Segment, Word
from bwc_review.domain.times import ZERO, Micros, Span
from bwc_review.errors import Cancelled
from bwc_review.ports.transcriber import PcmAudio
from bwc_review.transcript import align, gaps, speech
from bwc_review.transcript.speech import Floats

BEAM = 5
MOST_THREADS = 4
REPEATING = 2.4  # Whisper's own mark of a failed decode; it would sample by chance then, we say so
REPEATS = "repeats itself"
AGAIN_AT_LEAST = 1_000_000  # speech without words this long is listened to again
AGAIN_PAD = 500_000
OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "TRANSFORMERS_OFFLINE": "1"}

DECODING: Mapping[str, bool | float] = {  # faster-whisper took these names over from openai-whisper
    "beam_size": BEAM,
    "temperature": 0.0,
    "word_timestamps": True,
    "condition_on_previous_text": False,
}

PARAMETERS: Mapping[str, str | int | bool] = {
    "beam_size": BEAM,
    "condition_on_previous_text": False,
    "device": "cpu",
    "hotwords": False,
    "initial_prompt": False,
    "muted_at_least_us": speech.MUTED_AT_LEAST,
    "muted_peak": speech.QUIET_PEAK,
    "onset_lead_us": align.ONSET_LEAD,
    "second_pass_at_least_us": AGAIN_AT_LEAST,
    "speech_pause_us": speech.SPEECH_PAUSE,
    "temperature": 0,
    "vad": "silero v6 of faster-whisper",
    "vad_filter": True,
    "vad_pause_ms": speech.VAD_PAUSE_MS,
    "vad_shortest_ms": speech.VAD_SHORTEST_MS,
    "vad_threshold_per_mille": speech.VAD_THRESHOLD,
    "window_pad_us": speech.PAD,
    "window_us": speech.WINDOW,
    "word_timestamps": True,
}


@dataclass(frozen=True, slots=True)
class DecodedWord:
    """A word as a decoder gives it: seconds from the first sample, probability 0..1, spaces and all."""

    start: float
    end: float
    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class Line:
    """A segment as a decoder gives it."""

    words: tuple[DecodedWord, ...]
    no_speech: float
    compression_ratio: float


Stop = Callable[[], None]


class Decoder(Protocol):
    """What is particular to an engine: mono sound at 16 kHz in, lines out.

    ``stop()`` raises Cancelled when a person asked to stop. The loop calls it before each stretch of
    sound and after each line; a decoder that works long between two lines calls it in between.
    """

    def voiced(self, sound: Floats, stop: Stop) -> Iterable[Line]:
        """Decode only where Silero VAD finds a voice: silence would be filled with words."""
        ...

    def whole(self, sound: Floats, stop: Stop) -> Iterable[Line]:
        """Decode all of it."""
        ...


def threads(wanted: int | None) -> int:
    """Number of CPU threads: as wanted, else what the machine has, at most 4."""
    return wanted or min(MOST_THREADS, os.cpu_count() or 1)


def stay_offline() -> None:
    """Forbid the libraries under faster-whisper to look for models on the network; call before importing it."""
    os.environ.update(OFFLINE)


def hear(
    audio: PcmAudio,
    decoder: Decoder,
    engine: Engine,
    *,
    progress: Callable[[Micros, Micros], None],
    cancelled: Callable[[], bool],
) -> Heard:
    """Hear the whole sound; see ``ports.transcriber``. Raises Cancelled."""

    def stop() -> None:
        if cancelled():
            raise Cancelled("Listening was stopped. Nothing was recorded.")

    total = audio.span.length
    progress(ZERO, total)
    usable = speech.usable(audio)
    voices = speech.voices(audio, within=usable, cancelled=cancelled)
    spoken = speech.joined(voices, speech.SPEECH_PAUSE)
    raw: list[Segment] = []
    reached = audio.start
    for window in speech.windows(spoken, audio.span):
        for segment in _decoded(audio, window, decoder.voiced, stop):
            raw.append(segment)
            reached = max(reached, segment.span.end)
            progress(Micros(reached - audio.start), total)
    segments = align.repaired(raw, voices, usable, audio.span)
    for gap in gaps.untranscribed(spoken, segments):
        if gap.length >= AGAIN_AT_LEAST:
            window = _around(gap, audio.span)
            again = list(_decoded(audio, window, decoder.whole, stop))
            again = list(align.repaired(again, voices, usable, window))
            segments = gaps.filled(segments, gap, again)
    progress(total, total)
    return Heard(engine, segments, usable, spoken, gaps.untranscribed(spoken, segments))


def _decoded(
    audio: PcmAudio, window: Span, decode: Callable[[Floats, Stop], Iterable[Line]], stop: Stop
) -> Iterator[Segment]:
    stop()
    for line in decode(speech.floats(audio, audio.index(window.start), audio.index(window.end)), stop):
        words = tuple(_words(line.words, window))
        if words:
            repeats = (REPEATS,) if line.compression_ratio > REPEATING else ()
            yield Segment(words, _per_mille(line.no_speech), repeats)
        stop()


def _words(words: Iterable[DecodedWord], window: Span) -> Iterator[Word]:
    for word in words:
        text = word.text.strip()
        if text:
            start, end = _micros(word.start, window), _micros(word.end, window)
            yield Word(Span(start, max(start, end)), text, _per_mille(word.probability))


def _micros(seconds: float, window: Span) -> Micros:
    return Micros(min(window.end, max(window.start, window.start + round(seconds * 1_000_000))))


def _per_mille(probability: float) -> int:
    return min(1000, max(0, round(probability * 1000)))


def _around(gap: Span, extent: Span) -> Span:
    return Span(max(extent.start, Micros(gap.start - AGAIN_PAD)), min(extent.end, Micros(gap.end + AGAIN_PAD)))
