"""The second engine behind the ``Transcriber`` port: openai-whisper in 32 bits on the CPU, an optional extra.

It takes the pinned weights of the default engine, so nothing is downloaded: ``whisper.load_model`` is never
called, and openai-whisper's tokenizer and mel filters lie in its own package. What is done with its words
stands in ``hearing``.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from bwc_review.domain.speech import Engine, Heard
from bwc_review.domain.times import Micros
from bwc_review.errors import ModelRefused
from bwc_review.ports.transcriber import SAMPLE_RATE, PcmAudio
from bwc_review.transcript import ctranslate2_model, hearing, openai_weights
from bwc_review.transcript.hearing import DecodedWord, Line, Stop
from bwc_review.transcript.speech import Floats
from bwc_review.transcript.weights import MODEL, Weights

NOT_INSTALLED = (
    "The speech engine openai-whisper is not installed. Nothing was transcribed. Install it with "
    "`pip install 'bwc-review[whisper]'`, or choose the engine faster-whisper."
)


class OpenAIWhisper:
    """One loaded Whisper model. Loading happens at the first listening.

    Raises ModelRefused where openai-whisper or torch are not installed. torch counts its threads per
    process: loading sets them for everything else that uses torch here.
    """

    def __init__(self, weights: Weights, *, language: str = "en", cpu_threads: int | None = None) -> None:
        self._weights = weights
        self._language = language
        self._threads = hearing.threads(cpu_threads)
        self._decoder: _Decoder | None = None
        self.engine = Engine(
            name="openai-whisper",
            version=_version("openai-whisper"),
            model=weights.name,
            model_sha256=weights.model_sha256,
            parameters={
                **hearing.PARAMETERS,
                "compute_type": "float32",
                "cpu_threads": self._threads,
                "language": language,
                "torch": _version("torch"),
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
            hearing.stay_offline()  # the speech detector comes with faster-whisper
            self._decoder = _Decoder(loaded(self._weights, self._threads), self._language)
        return hearing.hear(audio, self._decoder, self.engine, progress=progress, cancelled=cancelled)


class _Decoder:
    """openai-whisper's model as a ``hearing.Decoder``; it gives all lines of a stretch of sound at once."""

    def __init__(self, model: Any, language: str) -> None:
        self._model = model
        self._language = language

    def voiced(self, sound: Floats, stop: Stop) -> Iterator[Line]:
        """Cut the silence out, decode, and set the words back: faster-whisper's own filter, which this lacks."""
        from faster_whisper.vad import SpeechTimestampsMap, get_speech_timestamps

        chunks = get_speech_timestamps(sound)
        if chunks:
            clock = SpeechTimestampsMap(chunks, SAMPLE_RATE)
            kept = np.concatenate([sound[chunk["start"] : chunk["end"]] for chunk in chunks])
            for line in self.whole(kept, stop):
                yield replace(line, words=tuple(_put_back(word, clock) for word in line.words))

    def whole(self, sound: Floats, stop: Stop) -> Iterator[Line]:
        # The encoder runs once or twice for every half minute, long before the first line is returned.
        with self._model.encoder.register_forward_pre_hook(lambda *_: stop()):
            heard = self._model.transcribe(
                sound, language=self._language, fp16=False, verbose=None, **hearing.DECODING
            )
        for line in heard["segments"]:
            words = tuple(
                DecodedWord(float(word["start"]), float(word["end"]), word["word"], float(word["probability"]))
                for word in line["words"]
            )
            yield Line(words, float(line["no_speech_prob"]), float(line["compression_ratio"]))


def _put_back(word: DecodedWord, clock: Any) -> DecodedWord:
    chunk = clock.get_chunk_index((word.start + word.end) / 2)  # one chunk for both ends, or words grow over cuts
    start, end = clock.get_original_time(word.start, chunk), clock.get_original_time(word.end, chunk)
    return replace(word, start=start, end=end)


def loaded(weights: Weights, threads: int) -> Any:
    """Return a ``whisper.model.Whisper`` with the converted weights, ready to decode in 32 bits.

    Raises ModelRefused: the packages are not installed, or the model cannot be converted, with the reason.
    """
    try:
        import torch
        from whisper.model import ModelDimensions, Whisper
    except (ImportError, OSError) as missing:  # OSError: torch is there, a library it is linked against is not
        raise ModelRefused(NOT_INSTALLED, detail=str(missing)) from missing
    torch.set_num_threads(threads)
    try:
        variables = ctranslate2_model.read(weights.files[MODEL])
        dims = openai_weights.dimensions(variables)
        heads = openai_weights.alignment_heads(weights.files["config.json"], dims)
        state = openai_weights.state_dict(variables)
        model = Whisper(ModelDimensions(**asdict(dims)))
        model.load_state_dict({name: torch.from_numpy(array) for name, array in state.items()}, strict=True)
    except ValueError as error:
        raise _refused(weights.name, str(error)) from error
    except RuntimeError as error:  # torch's word for names or shapes that do not match
        raise _refused(weights.name, "its weights do not fit together", str(error)) from error
    model.set_alignment_heads(heads)
    return model.eval()


def _refused(name: str, reason: str, detail: str = "") -> ModelRefused:
    return ModelRefused(
        f"The speech model {name} cannot be used by openai-whisper: {reason}. Nothing was transcribed. "
        "Choose the engine faster-whisper, or another model folder.",
        detail=detail,
    )


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError as missing:
        raise ModelRefused(NOT_INSTALLED, detail=str(missing)) from missing
