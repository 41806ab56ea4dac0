"""The second engine: what it refuses without its packages, and that it computes what the first one computes."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from bwc_review.domain.speech import Heard
from bwc_review.errors import Cancelled, InputRefused, ModelRefused
from bwc_review.ports.transcriber import SAMPLE_RATE, PcmAudio
from bwc_review.transcript import openai_whisper, speech
from bwc_review.transcript.engines import ENGINES, engine_named
from bwc_review.transcript.gaps import SECOND_PASS
from bwc_review.transcript.openai_whisper import OpenAIWhisper
from bwc_review.transcript.weights import Weights, pinned
from tests.fakes.small_whisper import openai_state, small, written

ROOT = Path(__file__).parents[3]
SCENE = ROOT / "sample_media" / "mill-street" / "cam2.flac"
RUBBISH = Weights("rubbish", "0" * 64, {"model.bin": b"no", "config.json": b"{}"})
SMALL = Weights("small", "1" * 64, {"model.bin": small(), "config.json": b'{"alignment_heads": [[1, 0]]}'})


def installed(package: str) -> bool:
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


EXTRA = installed("openai-whisper") and installed("torch")
with_extra = pytest.mark.skipif(not EXTRA, reason="openai-whisper or torch are not installed (extra: whisper)")


def listen(weights: Weights, audio: PcmAudio, cancelled: Callable[[], bool] = lambda: False) -> Heard:
    return OpenAIWhisper(weights).listen(audio, progress=lambda *_: None, cancelled=cancelled)


@pytest.fixture(scope="module")
def quarrel() -> PcmAudio:
    """Five seconds in which somebody speaks without a long pause."""
    with av.open(str(SCENE)) as container:
        samples = np.concatenate([frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)])
    return PcmAudio(samples[24 * SAMPLE_RATE : 29 * SAMPLE_RATE].astype("<i2").tobytes())


@pytest.mark.skipif(EXTRA, reason="the extra is installed: nothing to refuse")
def test_without_the_extra_it_says_what_to_install() -> None:
    with pytest.raises(ModelRefused) as refused:
        OpenAIWhisper(RUBBISH)
    assert "pip install 'bwc-review[whisper]'" in refused.value.message()


@with_extra
def test_a_broken_installation_is_refused_like_a_missing_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "whisper.model", None)  # as where another package is called whisper
    with pytest.raises(ModelRefused) as refused:
        listen(RUBBISH, PcmAudio(b""))
    assert "pip install 'bwc-review[whisper]'" in refused.value.message()


@with_extra
def test_a_file_that_is_no_model_is_refused_with_the_reason_and_the_other_engine() -> None:
    with pytest.raises(ModelRefused) as refused:
        listen(RUBBISH, PcmAudio(b""))
    told = refused.value.message()
    assert "rubbish cannot be used by openai-whisper: it ends too early" in told
    assert "Choose the engine faster-whisper" in told


@with_extra
def test_weights_of_the_wrong_shape_are_refused() -> None:
    wrong = written({**openai_state(), "decoder.ln.bias": np.zeros(9, np.float32)})
    with pytest.raises(ModelRefused) as refused:
        listen(replace(SMALL, files={**SMALL.files, "model.bin": wrong}), PcmAudio(b""))
    assert "do not fit together" in refused.value.message()
    assert "decoder.ln.bias" in refused.value.detail


@with_extra
def test_how_a_transcript_was_made_is_recorded() -> None:
    engine = OpenAIWhisper(replace(RUBBISH, name="whisper-base"), language="es", cpu_threads=3).engine
    assert (engine.name, engine.version) == ("openai-whisper", importlib.metadata.version("openai-whisper"))
    assert (engine.model, engine.model_sha256) == ("whisper-base", "0" * 64)
    assert (engine.parameters["language"], engine.parameters["cpu_threads"]) == ("es", 3)
    assert engine.parameters["torch"] == importlib.metadata.version("torch")


class ScriptedModel:
    """Stands where openai-whisper's model stands: three words, after one run of its encoder."""

    def __init__(self, encoder: Any) -> None:
        self.encoder = encoder
        self.asked: list[dict[str, Any]] = []
        self.loaded: set[str] = set()

    def load_state_dict(self, state: dict[str, Any], *, strict: bool) -> None:
        self.loaded = set(state)

    def set_alignment_heads(self, dump: bytes) -> None:
        """The timing of words is scripted."""

    def eval(self) -> ScriptedModel:
        return self

    def transcribe(self, sound: Any, **options: Any) -> dict[str, Any]:
        self.asked.append({"seconds": len(sound) / SAMPLE_RATE, **options})
        self.encoder(0)
        words = [(0.5, 1.0, " Put"), (1.0, 1.5, " it"), (7.0, 7.5, " down")]
        spoken = [{"start": s, "end": e, "word": w, "probability": np.float64(0.9)} for s, e, w in words]
        return {"segments": [{"words": spoken, "no_speech_prob": 0.1, "compression_ratio": 1.0}]}


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> ScriptedModel:
    torch = pytest.importorskip("torch", reason="torch is not installed (extra: whisper)")
    whisper = pytest.importorskip("whisper.model", reason="openai-whisper is not installed (extra: whisper)")
    model = ScriptedModel(torch.nn.Identity())
    monkeypatch.setattr(whisper, "Whisper", lambda dims: model)
    return model


def test_the_decoder_is_never_prompted_never_samples_and_remembers_nothing(
    quarrel: PcmAudio, scripted: ScriptedModel
) -> None:
    listen(SMALL, quarrel)
    assert scripted.loaded == set(openai_state())
    for asked in scripted.asked:
        assert not {"initial_prompt", "prompt", "prefix"} & set(asked)
        assert (asked["temperature"], asked["condition_on_previous_text"]) == (0.0, False)
        assert (asked["beam_size"], asked["fp16"], asked["word_timestamps"]) == (5, False, True)


def test_a_long_pause_is_cut_out_and_the_words_behind_it_are_set_back(
    quarrel: PcmAudio, scripted: ScriptedModel
) -> None:
    pause = np.tile(np.array([3, -3], "<i2"), 5 * SAMPLE_RATE).tobytes()
    heard = listen(SMALL, PcmAudio(bytes(quarrel.samples) + pause + bytes(quarrel.samples)))
    assert scripted.asked[0]["seconds"] < 13
    first_pass = [segment for segment in heard.segments if SECOND_PASS not in segment.repaired]
    starts = {word.text: word.span.start for segment in first_pass for word in segment.words}
    assert starts["it"] < 5_000_000
    assert starts["down"] > 15_000_000


def test_it_can_be_stopped_while_the_model_works(quarrel: PcmAudio, scripted: ScriptedModel) -> None:
    answers = iter([False, False, True])  # the detector, the window, then the encoder
    with pytest.raises(Cancelled):
        listen(SMALL, quarrel, cancelled=lambda: next(answers))
    assert len(scripted.asked) == 1
    scripted.encoder(0)  # no longer asks: the answers are used up


@with_extra
@pytest.mark.slow
def test_its_encoder_says_what_ctranslate2s_encoder_says_with_the_same_weights(quarrel: PcmAudio) -> None:
    import ctranslate2
    import torch
    from whisper.audio import N_FRAMES, log_mel_spectrogram, pad_or_trim

    mel = pad_or_trim(log_mel_spectrogram(speech.floats(quarrel, 0, quarrel.count)), N_FRAMES)[None]
    with torch.no_grad():
        ours = openai_whisper.loaded(pinned(), threads=2).encoder(mel).numpy()
    other = ctranslate2.models.Whisper("whisper-base", compute_type="float32", files=dict(pinned().files))
    theirs = np.asarray(other.encode(ctranslate2.StorageView.from_array(mel.numpy())))
    assert np.abs(theirs).max() > 1
    assert np.abs(ours - theirs).max() < 1e-2


def test_an_unknown_engine_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(InputRefused, match="faster-whisper, openai-whisper"):
        engine_named("psychic")


def test_an_engine_has_the_name_it_is_chosen_by() -> None:
    names = [name for name in ENGINES if EXTRA or name != "openai-whisper"]
    assert [engine_named(name).engine.name for name in names] == names


def test_naming_the_engines_loads_none_of_them() -> None:
    program = (
        "import json, sys, bwc_review.transcript.engines, bwc_review.transcript.openai_whisper\n"
        "print(json.dumps(sorted({'torch', 'whisper', 'faster_whisper', 'ctranslate2'} & set(sys.modules))))"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout) == []
