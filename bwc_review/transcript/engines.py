"""The speech engines by the name a person gives them. Naming one imports no engine but that one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bwc_review.errors import InputRefused
from bwc_review.ports.transcriber import Transcriber
from bwc_review.transcript.weights import pinned

DEFAULT = "faster-whisper"


def engine_named(name: str) -> Transcriber:
    """Return the engine with the pinned weights, ready to listen.

    Raises InputRefused for an unknown name, ModelRefused when the engine or its weights are not installed.
    """
    if name not in ENGINES:
        raise InputRefused(f"There is no speech engine called {name}. Choose one of {', '.join(ENGINES)}.")
    return ENGINES[name]()


def _faster_whisper() -> Transcriber:
    from bwc_review.transcript.whisper import FasterWhisper

    return FasterWhisper(pinned())


def _openai_whisper() -> Transcriber:
    from bwc_review.transcript.openai_whisper import OpenAIWhisper

    return OpenAIWhisper(pinned())


ENGINES: Mapping[str, Callable[[], Transcriber]] = {
    DEFAULT: _faster_whisper,
    "openai-whisper": _openai_whisper,
}
