"""The promises of ``ports.transcriber``, kept by the real engines and by the documented fake.

The sound is eleven seconds of the made scene mill-street, camera 2: two orders shouted by the wearer
and his colleague, a quarrel, a warning.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from bwc_review.domain.speech import Heard, Word
from bwc_review.domain.times import ZERO, Micros, Span, clip, union
from bwc_review.errors import Cancelled, ModelRefused
from bwc_review.ports.transcriber import SAMPLE_RATE, PcmAudio, Transcriber
from bwc_review.transcript import heard_json
from bwc_review.transcript.openai_whisper import OpenAIWhisper
from bwc_review.transcript.weights import Weights, pinned
from bwc_review.transcript.whisper import FasterWhisper
from tests.fakes.transcriber import FakeTranscriber

SCENE = Path(__file__).parents[2] / "sample_media" / "mill-street"
CUT = Span(Micros(33_000_000), Micros(44_000_000))


@cache
def cut() -> bytes:
    with av.open(str(SCENE / "cam2.flac")) as container:
        frames = [frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)]
    samples = np.concatenate(frames)
    return samples[CUT.start * SAMPLE_RATE // 10**6 : CUT.end * SAMPLE_RATE // 10**6].astype("<i2").tobytes()


def faster_whisper(weights: Weights) -> Transcriber:
    return FasterWhisper(weights, cpu_threads=2)


def openai_whisper(weights: Weights) -> Transcriber:
    for needed in ("torch", "whisper.model"):
        pytest.importorskip(needed, reason=f"{needed} is not installed (extra: whisper)")
    return OpenAIWhisper(weights, cpu_threads=2)


@cache
def first() -> Transcriber:
    return faster_whisper(pinned())


@cache
def second() -> Transcriber:
    return openai_whisper(pinned())


FIRST = pytest.param(first, id="faster-whisper")
SECOND = pytest.param(second, id="openai-whisper", marks=pytest.mark.slow)


@pytest.fixture(params=[FIRST, SECOND, pytest.param(FakeTranscriber, id="fake")])
def transcriber(request: pytest.FixtureRequest) -> Transcriber:
    make: Callable[[], Transcriber] = request.param
    return make()


def ignore(done: Micros, total: Micros) -> None:
    """Nobody watches."""


def never() -> bool:
    return False


HEARD: dict[tuple[Transcriber, int], Heard] = {}  # listening is slow, and these tests ask for the same twice


def heard_by(transcriber: Transcriber, start: int = 0) -> Heard:
    asked = (transcriber, start)
    if asked not in HEARD:
        HEARD[asked] = transcriber.listen(PcmAudio(cut(), Micros(start)), progress=ignore, cancelled=never)
    return HEARD[asked]


def words(heard: Heard) -> list[Word]:
    return [word for segment in heard.segments for word in segment.words]


def test_words_have_a_length_lie_in_the_sound_and_never_overlap(transcriber: Transcriber) -> None:
    spans = [word.span for word in words(heard_by(transcriber))]
    assert spans
    assert all(span.length > 0 for span in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))
    assert clip(spans, PcmAudio(cut()).span) == tuple(spans)


def test_speech_lies_in_usable_sound_and_what_is_untranscribed_lies_in_speech(
    transcriber: Transcriber,
) -> None:
    heard = heard_by(transcriber)
    for spans in (heard.usable, heard.speech, heard.untranscribed):
        assert spans == union(spans)
    assert all(any(clip([s], u) == (s,) for u in heard.usable) for s in heard.speech)
    assert all(any(clip([g], s) == (g,) for s in heard.speech) for g in heard.untranscribed)
    assert not any(word.span.overlaps(gap) for word in words(heard) for gap in heard.untranscribed)


def test_times_are_media_times_not_times_since_the_first_sample(transcriber: Transcriber) -> None:
    by = 1_234_567_000
    early, late = heard_by(transcriber), heard_by(transcriber, by)
    assert [w.span.shifted(by) for w in words(early)] == [w.span for w in words(late)]
    assert tuple(s.shifted(by) for s in early.speech) == late.speech
    assert [w.text for w in words(early)] == [w.text for w in words(late)]


def test_the_same_sound_gives_the_same_bytes(transcriber: Transcriber) -> None:
    again = transcriber.listen(PcmAudio(memoryview(cut())), progress=ignore, cancelled=never)
    assert heard_json.to_json(again) == heard_json.to_json(heard_by(transcriber))


def test_what_was_heard_survives_storing(transcriber: Transcriber) -> None:
    heard = heard_by(transcriber)
    assert heard_json.from_json(heard_json.to_json(heard)) == heard


def test_progress_never_runs_backwards_and_ends_at_the_whole(transcriber: Transcriber) -> None:
    seen: list[tuple[Micros, Micros]] = []
    audio = PcmAudio(cut()[: 4 * SAMPLE_RATE])
    transcriber.listen(audio, progress=lambda *step: seen.append(step), cancelled=never)
    assert seen[0] == (ZERO, audio.span.length)
    assert seen[-1] == (audio.span.length, audio.span.length)
    assert seen == sorted(seen)


def test_a_person_can_stop_it(transcriber: Transcriber) -> None:
    with pytest.raises(Cancelled) as stopped:
        transcriber.listen(PcmAudio(cut()), progress=ignore, cancelled=lambda: True)
    assert "stopped" in stopped.value.message()


@pytest.mark.parametrize("seconds", [0, 3])
def test_nothing_is_heard_in_digital_silence(transcriber: Transcriber, seconds: int) -> None:
    muted = PcmAudio(bytes(seconds * SAMPLE_RATE * 2))
    heard = transcriber.listen(muted, progress=ignore, cancelled=never)
    assert (heard.segments, heard.usable, heard.speech, heard.untranscribed) == ((), (), (), ())


@pytest.mark.parametrize("engine", [FIRST, SECOND])
def test_an_order_shouted_by_the_wearer_is_found_within_three_tenths_of_a_second(
    engine: Callable[[], Transcriber],
) -> None:
    truth = json.loads((SCENE / "truth.json").read_text("utf-8"))
    camera = next(c for c in truth["cameras"] if c["id"] == "cam2")
    warning = next(u for u in truth["utterances"] if u["id"] == "u18")
    media = (warning["start"] - camera["offset_s"]) * (1 + camera["clock_ppm"] / 10**6)
    onset = round(media * 10**6) - CUT.start
    heard = heard_by(engine())
    line = [w for w in words(heard) if abs(w.span.start - onset) < 3_000_000]
    assert "taser" in " ".join(w.text for w in line).lower()
    assert min(abs(w.span.start - onset) for w in line) < 300_000


@pytest.mark.parametrize("engine", [faster_whisper, openai_whisper])
def test_a_folder_that_is_no_model_is_refused_without_a_traceback(
    engine: Callable[[Weights], Transcriber],
) -> None:
    rubbish = {"model.bin": b"no", "config.json": b"{}", "tokenizer.json": b"{", "vocabulary.txt": b""}
    with pytest.raises(ModelRefused) as refused:
        engine(Weights("rubbish", "0" * 64, rubbish)).listen(PcmAudio(cut()), progress=ignore, cancelled=never)
    assert "rubbish" in refused.value.message()
