"""What the engine does around the decoder: faster-whisper's model is scripted, the voice detector is real."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import faster_whisper
import numpy as np
import pytest

from bwc_review.domain.speech import Heard
from bwc_review.errors import Cancelled
from bwc_review.ports.transcriber import SAMPLE_RATE, PcmAudio
from bwc_review.transcript.gaps import SECOND_PASS
from bwc_review.transcript.hearing import REPEATS
from bwc_review.transcript.weights import Weights
from bwc_review.transcript.whisper import FasterWhisper

SCENE = Path(__file__).parents[3] / "sample_media" / "mill-street" / "cam2.flac"
FILES = {"model.bin": b"", "config.json": b"{}", "tokenizer.json": b"{}", "vocabulary.txt": b""}


@dataclass
class SpokenWord:
    """A word as faster-whisper gives it: seconds and a probability."""

    start: float
    end: float
    word: str
    probability: float = 0.9


@dataclass
class SpokenLine:
    """A segment as faster-whisper gives it."""

    words: list[SpokenWord]
    no_speech_prob: float = 0.1
    compression_ratio: float = 1.1


@dataclass
class ScriptedModel:
    """Stands where faster-whisper's model stands; answers with and without the VAD filter are scripted."""

    filtered: list[SpokenLine] = field(default_factory=list)
    unfiltered: list[SpokenLine] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def transcribe(self, sound: Any, **options: Any) -> tuple[Iterator[SpokenLine], None]:
        self.asked.append({"seconds": len(sound) / SAMPLE_RATE, **options})
        return iter(self.filtered if options["vad_filter"] else self.unfiltered), None


@pytest.fixture(scope="module")
def quarrel() -> PcmAudio:
    """Five seconds in which somebody speaks without a long pause."""
    with av.open(str(SCENE)) as container:
        samples = np.concatenate([frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)])
    return PcmAudio(samples[24 * SAMPLE_RATE : 29 * SAMPLE_RATE].astype("<i2").tobytes())


def listen(model: ScriptedModel, audio: PcmAudio, monkeypatch: pytest.MonkeyPatch) -> Heard:
    monkeypatch.setattr(faster_whisper, "WhisperModel", lambda *_, **__: model)
    engine = FasterWhisper(Weights("scripted", "0" * 64, FILES))
    return engine.listen(audio, progress=lambda done, total: None, cancelled=lambda: False)


def test_speech_without_words_is_heard_again_unfiltered_and_its_words_say_so(
    quarrel: PcmAudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = ScriptedModel(unfiltered=[SpokenLine([SpokenWord(1.0, 1.5, " Put"), SpokenWord(1.5, 2.0, " it")])])
    heard = listen(model, quarrel, monkeypatch)
    assert [asked["vad_filter"] for asked in model.asked][:2] == [True, False]
    assert heard.segments[0].text == "Put it"
    assert SECOND_PASS in heard.segments[0].repaired


def test_a_weak_second_guess_leaves_the_speech_untranscribed(
    quarrel: PcmAudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = listen(ScriptedModel(unfiltered=[SpokenLine([SpokenWord(1, 2, " Police", 0.6)])]), quarrel, monkeypatch)
    assert heard.segments == ()
    assert heard.untranscribed == heard.speech != ()


def test_the_decoder_is_never_prompted_never_samples_and_remembers_nothing(
    quarrel: PcmAudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = ScriptedModel()
    listen(model, quarrel, monkeypatch)
    for asked in model.asked:
        assert not {"initial_prompt", "hotwords", "prefix"} & set(asked)
        assert (asked["temperature"], asked["condition_on_previous_text"], asked["beam_size"]) == (
            0.0,
            False,
            5,
        )


def test_a_line_that_repeats_itself_is_marked(quarrel: PcmAudio, monkeypatch: pytest.MonkeyPatch) -> None:
    loop = SpokenLine([SpokenWord(n / 10, n / 10 + 0.1, " no") for n in range(48)], compression_ratio=9.0)
    heard = listen(ScriptedModel(filtered=[loop]), quarrel, monkeypatch)
    assert REPEATS in heard.segments[0].repaired


def test_probabilities_become_per_mille_and_empty_words_are_left_out(
    quarrel: PcmAudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = SpokenLine([SpokenWord(0, 2, " Drop", 0.1234), SpokenWord(2, 2.1, " "), SpokenWord(2.1, 5, " it", 1.0)])
    heard = listen(ScriptedModel(filtered=[said, SpokenLine([])]), quarrel, monkeypatch)
    assert [(w.text, w.confidence) for w in heard.segments[0].words] == [("Drop", 123), ("it", 1000)]
    assert heard.segments[0].no_speech == 100


def test_it_can_be_stopped_between_two_lines(quarrel: PcmAudio, monkeypatch: pytest.MonkeyPatch) -> None:
    model = ScriptedModel(filtered=[SpokenLine([SpokenWord(0, 1, " a")]), SpokenLine([SpokenWord(1, 2, " b")])])
    monkeypatch.setattr(faster_whisper, "WhisperModel", lambda *_, **__: model)
    engine = FasterWhisper(Weights("scripted", "0" * 64, FILES))
    steps: list[int] = []
    with pytest.raises(Cancelled):
        engine.listen(quarrel, progress=lambda done, _: steps.append(done), cancelled=lambda: len(steps) > 1)
    assert steps[-1] < quarrel.span.length


def test_how_a_transcript_was_made_is_recorded() -> None:
    engine = FasterWhisper(Weights("whisper-base", "ab" * 32, FILES), language="es", cpu_threads=3).engine
    assert (engine.name, engine.version, engine.model) == (
        "faster-whisper",
        faster_whisper.__version__,
        "whisper-base",
    )
    assert engine.model_sha256 == "ab" * 32
    assert (engine.parameters["language"], engine.parameters["cpu_threads"]) == ("es", 3)
