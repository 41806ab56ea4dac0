"""The default engine behind the ``Transcriber`` port: faster-whisper on the CPU, offline and repeatable.

No prompt, no hotwords, no memory of earlier text: each makes Whisper invent warnings out of noise
(measured, DESIGN section 5). Temperature 0 only, since sampling would make a transcript a matter of luck.
"""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bwc_review.domain.speech import Engine, Heard, Segment, Word
from bwc_review.domain.times import ZERO, Micros, Span
from bwc_review.errors import Cancelled, ModelRefused
from bwc_review.ports.transcriber import PcmAudio
from bwc_review.transcript import align, gaps, speech
from bwc_review.transcript.weights import OPTIONAL, Weights

BEAM = 5
MOST_THREADS = 4
FIRST_PASS: Mapping[str, bool] = {"vad_filter": True}  # silence is not decoded: it would be filled with words
ALL_SOUND: Mapping[str, bool] = {"vad_filter": False}
REPEATING = 2.4  # Whisper's own mark of a failed decode; it would sample by chance then, we say so
REPEATS = "repeats itself"
AGAIN_AT_LEAST = 1_000_000  # speech without words this long is listened to again
AGAIN_PAD = 500_000
_OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "TRANSFORMERS_OFFLINE": "1"}


class FasterWhisper:
    """One loaded Whisper model. Loading happens at the first listening (1.5 s, 0.3 GB for base int8)."""

    def __init__(self, weights: Weights, *, language: str = "en", cpu_threads: int | None = None) -> None:
        self._weights = weights
        self._language = language
        self._threads = cpu_threads or min(MOST_THREADS, os.cpu_count() or 1)
        self._model: Any = None
        self.engine = Engine(
            name="faster-whisper",
            version=importlib.metadata.version("faster-whisper"),
            model=weights.name,
            model_sha256=weights.model_sha256,
            parameters=_parameters(language, self._threads),
        )

    def listen(
        self,
        audio: PcmAudio,
        *,
        progress: Callable[[Micros, Micros], None],
        cancelled: Callable[[], bool],
    ) -> Heard:
        """Hear the whole sound; see ``ports.transcriber``. Raises Cancelled, ModelRefused."""
        self._load()
        total = audio.span.length
        progress(ZERO, total)
        usable = speech.usable(audio)
        voices = speech.voices(audio, within=usable, cancelled=cancelled)
        spoken = speech.joined(voices, speech.SPEECH_PAUSE)
        raw: list[Segment] = []
        reached = audio.start
        for window in speech.windows(spoken, audio.span):
            for segment in self._decoded(audio, window, FIRST_PASS, cancelled):
                raw.append(segment)
                reached = max(reached, segment.span.end)
                progress(Micros(reached - audio.start), total)
        segments = align.repaired(raw, voices, usable, audio.span)
        for gap in gaps.untranscribed(spoken, segments):
            if gap.length >= AGAIN_AT_LEAST:
                window = _around(gap, audio.span)
                again = list(self._decoded(audio, window, ALL_SOUND, cancelled))
                again = list(align.repaired(again, voices, usable, window))
                segments = gaps.filled(segments, gap, again)
        progress(total, total)
        return Heard(self.engine, segments, usable, spoken, gaps.untranscribed(spoken, segments))

    def _decoded(
        self, audio: PcmAudio, window: Span, how: Mapping[str, bool], cancelled: Callable[[], bool]
    ) -> Iterator[Segment]:
        sound = speech.floats(audio, audio.index(window.start), audio.index(window.end))
        _stop_if(cancelled)
        lines, _ = self._model.transcribe(
            sound,
            language=self._language,
            beam_size=BEAM,
            temperature=0.0,
            word_timestamps=True,
            condition_on_previous_text=False,
            **how,
        )
        for line in lines:
            words = tuple(_words(line.words or (), window))
            if words:
                repeats = (REPEATS,) if line.compression_ratio > REPEATING else ()
                yield Segment(words, _per_mille(line.no_speech_prob), repeats)
            _stop_if(cancelled)

    def _load(self) -> None:
        if self._model is not None:
            return
        os.environ.update(_OFFLINE)
        from faster_whisper import WhisperModel

        # Without these bytes faster-whisper would look for the file in the current folder.
        files = {OPTIONAL: b"{}", **self._weights.files}
        try:
            self._model = WhisperModel(
                self._weights.name,
                device="cpu",
                compute_type="int8",
                cpu_threads=self._threads,
                files=files,
            )
        except (RuntimeError, ValueError) as error:
            raise ModelRefused(
                f"The speech model {self._weights.name} cannot be loaded. Nothing was transcribed. "
                "Choose another model folder in the settings.",
                detail=str(error),
            ) from error


def _parameters(language: str, threads: int) -> dict[str, str | int | bool]:
    return {
        "beam_size": BEAM,
        "compute_type": "int8",
        "condition_on_previous_text": False,
        "cpu_threads": threads,
        "device": "cpu",
        "hotwords": False,
        "initial_prompt": False,
        "language": language,
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


def _words(words: Any, window: Span) -> Iterator[Word]:
    for word in words:
        text = word.word.strip()
        if text:
            start, end = _micros(word.start, window), _micros(word.end, window)
            yield Word(Span(start, max(start, end)), text, _per_mille(word.probability))


def _micros(seconds: float, window: Span) -> Micros:
    return Micros(min(window.end, max(window.start, window.start + round(seconds * 1_000_000))))


def _per_mille(probability: float) -> int:
    return min(1000, max(0, round(probability * 1000)))


def _around(gap: Span, extent: Span) -> Span:
    return Span(max(extent.start, Micros(gap.start - AGAIN_PAD)), min(extent.end, Micros(gap.end + AGAIN_PAD)))


def _stop_if(cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise Cancelled("Listening was stopped. Nothing was recorded.")
