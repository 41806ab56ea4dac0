"""The stored form: one form per value, and nothing else is read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwc_review.domain.speech import Engine, Heard, Segment, Word
from bwc_review.domain.times import Micros, Span, union
from bwc_review.errors import StoreDamaged
from bwc_review.transcript.heard_json import LARGEST, from_json, to_json

moments = st.integers(0, LARGEST)
spans = st.tuples(moments, moments).map(lambda pair: Span(Micros(min(pair)), Micros(max(pair))))
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
per_mille = st.integers(0, 1000)
words = st.builds(Word, spans, texts, per_mille)
segments = st.builds(
    Segment,
    st.lists(words, min_size=1, max_size=3).map(tuple),
    per_mille,
    st.lists(texts, max_size=2).map(tuple),
)
ascii_names = st.text(st.characters(max_codepoint=127), max_size=8)
values = st.one_of(texts, st.integers(-LARGEST, LARGEST), st.booleans())
engines = st.builds(Engine, texts, texts, texts, texts, st.dictionaries(ascii_names, values, max_size=3))
disjoint = st.lists(spans, max_size=3).map(union)
heards = st.builds(Heard, engines, st.lists(segments, max_size=3).map(tuple), disjoint, disjoint, disjoint)

PLAIN = Heard(
    Engine("scripted", "1", "none", "0" * 64, {"beam_size": 5, "vad_filter": True}),
    (Segment((Word(Span(Micros(10), Micros(20)), "Drop", 900),), 30, ("second pass",)),),
    (Span(Micros(0), Micros(90)),),
    (Span(Micros(10), Micros(50)),),
    (Span(Micros(20), Micros(50)),),
)


def changed(path: list[Any], value: Any) -> bytes:
    fields = json.loads(to_json(PLAIN))
    place = fields
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@given(heards)
def test_what_is_stored_comes_back_and_encodes_to_the_same_bytes(heard: Heard) -> None:
    content = to_json(heard)
    assert from_json(content) == heard
    assert to_json(from_json(content)) == content


def test_parameters_written_in_another_order_have_the_same_digest() -> None:
    turned = dict(reversed(list(PLAIN.engine.parameters.items())))
    engine = Engine("scripted", "1", "none", "0" * 64, turned)
    assert to_json(Heard(engine, PLAIN.segments, PLAIN.usable, PLAIN.speech, PLAIN.untranscribed)) == to_json(PLAIN)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Expecting value"),
        (b"\xff", "decode"),
        (b"[" * 100_000, "recursion"),
        (b"[]", "expected an object"),
        (to_json(PLAIN) + b"\n", "canonical"),
        (to_json(PLAIN).replace(b'"Drop"', b'"\\u0044rop"'), "canonical"),
        (to_json(PLAIN).replace(b'"Drop"', b'"\\ud800"'), "surrogates"),
        (to_json(PLAIN).replace(b'"no_speech":30', b'"no_speech":30,"no_speech":30'), "canonical"),
        (changed(["schema"], "bwc-heard/2"), "unknown schema"),
        (changed(["more"], 1), "expected an object"),
        (changed(["segments"], {}), "expected a list"),
        (changed(["segments", 0, "words"], []), "without words"),
        (changed(["segments", 0, "no_speech"], True), "whole number"),
        (changed(["segments", 0, "no_speech"], 1001), "whole number"),
        (changed(["segments", 0, "words", 0, "start"], 10.0), "whole number"),
        (changed(["segments", 0, "words", 0, "end"], 9), "cannot end"),
        (changed(["segments", 0, "words", 0, "text"], None), "expected text"),
        (changed(["speech"], [[5, 9], [1, 2]]), "disjoint"),
        (changed(["speech"], [[5]]), "not a pair"),
        (changed(["usable"], [[0, 2**53]]), "whole number"),
        (changed(["engine", "parameters"], {"temperature": 0.5}), "whole number"),
        (changed(["engine", "parameters"], []), "not an object"),
    ],
)
def test_a_changed_transcript_is_refused_for_its_reason(content: bytes, reason: str) -> None:
    with pytest.raises(StoreDamaged) as refused:
        from_json(content)
    assert reason in refused.value.detail
    assert "custody log" in refused.value.message()
