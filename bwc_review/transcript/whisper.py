"""The default engine behind the ``Transcriber`` port: faster-whisper on the CPU, offline and repeatable.

What is done with its words, and why it is never prompted, stands in ``hearing``.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Iterator
from typing import Any

from bwc_review.domain.speech import Engine, Heard
from bwc_review.domain.times import Micros
from bwc_review.errors import ModelRefused
from bwc_review.ports.transcriber import PcmAudio
from bwc_review.transcript import hearing
from bwc_review.transcript.hearing import DecodedWord, Line, Stop
from bwc_review.transcript.speech import Floats
from bwc_review.transcript.weights import OPTIONAL, Weights


class FasterWhisper:
    """One loaded Whisper model. Loading happens at the first listening (1.5 s, 0.3 GB for base int8)."""

    def __init__(self, weights: Weights, *, language: str = "en", cpu_threads: int | None = None) -> None:
        self._weights = weights
        self._language = language
        self._threads = hearing.threads(cpu_threads)
        self._decoder: _Decoder | None = None
        self.engine = Engine(
            name="faster-whisper",
            version=importlib.metadata.version("faster-whisper"),
            model=weights.name,
            model_sha256=weights.model_sha256,
            parameters={
                **hearing.PARAMETERS,
                "compute_type": "int8",
                "cpu_threads": self._threads,
                "language": language,
            },
        )

    def listen(
        self,
        audio: PcmAudio,
        *,
        progress: Callable[[Micros, Micros], None],
        cancelled: Callable[[], bool],
    ) -> Heard:
        """Hear the whole sound; see ``ports.transcriber``. Raises Cancelled, ModelRefused."""
        if self._decoder is None:
            self._decoder = _Decoder(self._loaded(), self._language)
        return hearing.hear(audio, self._decoder, self.engine, progress=progress, cancelled=cancelled)

    def _loaded(self) -> Any:
        hearing.stay_offline()
        from faster_whisper import WhisperModel

        # Without these bytes faster-whisper would look for the file in the current folder.
        files = {OPTIONAL: b"{}", **self._weights.files}
        try:
            return WhisperModel(
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


class _Decoder:
    """faster-whisper's model as a ``hearing.Decoder``; it decodes lazily, line by line."""

    def __init__(self, model: Any, language: str) -> None:
        self._model = model
        self._language = language

    def voiced(self, sound: Floats, stop: Stop) -> Iterator[Line]:
        return self._lines(sound, vad_filter=True)

    def whole(self, sound: Floats, stop: Stop) -> Iterator[Line]:
        return self._lines(sound, vad_filter=False)

    def _lines(self, sound: Floats, **how: bool) -> Iterator[Line]:
        lines, _ = self._model.transcribe(sound, language=self._language, **hearing.DECODING, **how)
        for line in lines:
            words = (DecodedWord(w.start, w.end, w.word, w.probability) for w in line.words or ())
            yield Line(tuple(words), line.no_speech_prob, line.compression_ratio)
