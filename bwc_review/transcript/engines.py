"""The speech engines by the name a person gives them. Naming one imports no engine but that one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from bwc_review.errors import InputRefused
from bwc_review.ports.transcriber import Transcriber
from bwc_review.transcript.weights import Weights, from_folder, pinned

DEFAULT = "faster-whisper"


def engine_named(name: str, model_folder: Path | None = None) -> Transcriber:
    """Return the engine with the pinned weights, or those of a local CTranslate2 folder, ready to listen.

    Raises InputRefused for an unknown name, ModelRefused when the engine or its weights are not installed.
    """
    if name not in ENGINES:
        raise InputRefused(f"There is no speech engine called {name}. Choose one of {', '.join(ENGINES)}.")
    return ENGINES[name](from_folder(model_folder) if model_folder else pinned())


def _faster_whisper(weights: Weights) -> Transcriber:
    from bwc_review.transcript.whisper import FasterWhisper

    return FasterWhisper(weights)


def _openai_whisper(weights: Weights) -> Transcriber:
    from bwc_review.transcript.openai_whisper import OpenAIWhisper

    return OpenAIWhisper(weights)


ENGINES: Mapping[str, Callable[[Weights], Transcriber]] = {
    DEFAULT: _faster_whisper,
    "openai-whisper": _openai_whisper,
}
