"""The stored form of a machine transcript, ``bwc-heard/1``: canonical JSON, integers only, one form per value.

Sorted ASCII keys, no spaces, UTF-8 (the subset of RFC 8785 that needs no floats), so that the SHA-256
of the bytes is the transcript's digest. What parses re-encodes to the same bytes. Reading is not trusted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from bwc_review.domain.speech import Engine, Heard, Segment, Word
from bwc_review.domain.times import Micros, Span, union
from bwc_review.errors import StoreDamaged

SCHEMA = "bwc-heard/1"
LARGEST = 2**53 - 1  # what every JSON reader holds exactly (RFC 8785, section 3.1)
PER_MILLE = 1000

T = TypeVar("T")


def to_json(heard: Heard) -> bytes:
    """Return the canonical bytes. Times in microseconds; ValueError on lone surrogates."""
    return json.dumps(
        {
            "engine": {
                "model": heard.engine.model,
                "model_sha256": heard.engine.model_sha256,
                "name": heard.engine.name,
                "parameters": dict(heard.engine.parameters),
                "version": heard.engine.version,
            },
            "schema": SCHEMA,
            "segments": [_segment_out(segment) for segment in heard.segments],
            "speech": _spans_out(heard.speech),
            "untranscribed": _spans_out(heard.untranscribed),
            "usable": _spans_out(heard.usable),
        },
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    ).encode("utf-8")


def from_json(content: bytes) -> Heard:
    """Read stored bytes back. Raises StoreDamaged unless they are exactly what ``to_json`` would write."""
    try:
        heard = _heard_in(json.loads(content.decode("utf-8")))
        same = to_json(heard) == content
    except (ValueError, RecursionError) as error:
        raise _damaged(str(error)) from error
    if not same:
        raise _damaged("the bytes are not in their canonical form")
    return heard


def _segment_out(segment: Segment) -> dict[str, Any]:
    return {
        "no_speech": segment.no_speech,
        "repaired": list(segment.repaired),
        "words": [
            {"confidence": w.confidence, "end": w.span.end, "start": w.span.start, "text": w.text}
            for w in segment.words
        ],
    }


def _spans_out(spans: Sequence[Span]) -> list[list[int]]:
    return [[span.start, span.end] for span in spans]


def _heard_in(value: Any) -> Heard:
    fields = _object(value, "engine", "schema", "segments", "speech", "untranscribed", "usable")
    if fields["schema"] != SCHEMA:
        raise ValueError(f"unknown schema {fields['schema']!r}")
    return Heard(
        engine=_engine_in(fields["engine"]),
        segments=_list(fields["segments"], _segment_in),
        usable=_disjoint(fields["usable"]),
        speech=_disjoint(fields["speech"]),
        untranscribed=_disjoint(fields["untranscribed"]),
    )


def _engine_in(value: Any) -> Engine:
    fields = _object(value, "model", "model_sha256", "name", "parameters", "version")
    parameters = fields["parameters"]
    if type(parameters) is not dict or not all(key.isascii() for key in parameters):
        raise ValueError("engine parameters are not an object with ASCII names")
    if not all(type(v) in (str, bool) or _int(v) == v for v in parameters.values()):
        raise ValueError("an engine parameter is neither text, whole number nor truth value")
    return Engine(
        _text(fields["name"]),
        _text(fields["version"]),
        _text(fields["model"]),
        _text(fields["model_sha256"]),
        parameters,
    )


def _segment_in(value: Any) -> Segment:
    fields = _object(value, "no_speech", "repaired", "words")
    words = _list(fields["words"], _word_in)
    if not words:
        raise ValueError("a segment without words")
    return Segment(words, _int(fields["no_speech"], 0, PER_MILLE), _list(fields["repaired"], _text))


def _word_in(value: Any) -> Word:
    fields = _object(value, "confidence", "end", "start", "text")
    span = _span_in([fields["start"], fields["end"]])
    return Word(span, _text(fields["text"]), _int(fields["confidence"], 0, PER_MILLE))


def _disjoint(value: Any) -> tuple[Span, ...]:
    spans = _list(value, _span_in)
    if spans != union(spans):
        raise ValueError("spans are not sorted and disjoint")
    return spans


def _span_in(value: Any) -> Span:
    if type(value) is not list or len(value) != 2:
        raise ValueError("a span is not a pair")
    return Span(Micros(_int(value[0])), Micros(_int(value[1])))


def _object(value: Any, *names: str) -> dict[str, Any]:
    if type(value) is not dict or set(value) != set(names):
        raise ValueError(f"expected an object with {', '.join(names)}")
    return value


def _list(value: Any, read: Callable[[Any], T]) -> tuple[T, ...]:
    if type(value) is not list:
        raise ValueError("expected a list")
    return tuple(read(entry) for entry in value)


def _int(value: Any, least: int = -LARGEST, most: int = LARGEST) -> int:
    if type(value) is not int or not least <= value <= most:  # True is an int to isinstance
        raise ValueError(f"expected a whole number from {least} to {most}")
    return value


def _text(value: Any) -> str:
    if type(value) is not str:
        raise ValueError("expected text")
    return value


def _damaged(detail: str) -> StoreDamaged:
    return StoreDamaged(
        "A stored transcript is not what this program wrote. The recording is untouched: check the custody "
        "log for the transcript's digest, then transcribe the recording again.",
        detail=detail,
    )
