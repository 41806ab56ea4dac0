"""The restricted RFC 8785 form: equality with an implementation we did not write, and every refusal by name."""

from __future__ import annotations

import unicodedata

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from chain_of_custody.canonical import MAX_BYTES, MAX_DEPTH, MAX_INT, canon, load, parse
from chain_of_custody.errors import NotCanonical

_KEYS = st.text("abcdefghijklmnopqrstuvwxyz0123456789_", min_size=1, max_size=8)
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12).map(lambda t: unicodedata.normalize("NFC", t))
_LEAVES = st.none() | st.booleans() | st.integers(-MAX_INT, MAX_INT) | _TEXTS
_VALUES = st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=4))
_OBJECTS = st.dictionaries(_KEYS, _VALUES, max_size=5)


@given(_OBJECTS)
def test_inside_the_profile_our_bytes_are_those_of_rfc_8785(value: dict[str, object]) -> None:
    assert canon(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@given(_OBJECTS)
def test_what_is_written_parses_back_to_itself(value: dict[str, object]) -> None:
    assert parse(canon(value)) == value


@given(st.binary(max_size=80))
def test_any_bytes_are_either_canonical_or_refused_by_name(raw: bytes) -> None:
    try:
        value = parse(raw)
    except NotCanonical as refused:
        assert refused.reason
    else:
        assert canon(value) == raw


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"a":1,"a":1}', "duplicate_key"),
        (b'{"b":{"a":1,"a":2}}', "duplicate_key"),
        (b'{"a":1.0}', "float"),
        (b'{"a":1e3}', "float"),
        (b'{"a":NaN}', "float"),
        (b'{"a":-Infinity}', "float"),
        (b'{"a":9007199254740992}', "integer_too_large"),
        (b'{"a":123456789012345678901234567890}', "integer_too_large"),
        (b'{"a":-0}', "not_canonical_form"),
        (b'{"a": 1}', "not_canonical_form"),
        (b'{"b":1,"a":2}', "not_canonical_form"),
        (b'{"a":"\\u0041"}', "not_canonical_form"),
        (b'{"a":"\\/"}', "not_canonical_form"),
        (b'{"a":1}\n', "not_canonical_form"),
        (b'{"A":1}', "key_outside_profile"),
        (b'{"a-b":1}', "key_outside_profile"),
        (b'{"":1}', "key_outside_profile"),
        ('{"a":"e\u0301"}'.encode(), "not_nfc"),
        (b'{"a":"\\ud800"}', "not_unicode"),
        (b"[1]", "not_an_object"),
        (b"", "not_json"),
        (b"\xef\xbb\xbf{}", "not_json"),
        (b'{"a":"\xff"}', "not_json"),
        (b'{"a":' + b"[" * 5000, "not_json"),
        (b'{"a":' + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH + b"}", "too_deep"),
        (b" " * (MAX_BYTES + 1), "too_large"),
    ],
)
def test_other_spellings_are_refused_for_their_named_reason(raw: bytes, reason: str) -> None:
    with pytest.raises(NotCanonical) as refused:
        parse(raw)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("value", "reason", "where"),
    [
        ({"a": {"b": 0.5}}, "float", "a.b"),
        ({"a": [1, 2**53]}, "integer_too_large", "a[1]"),
        ({"a": {1: 2}}, "key_outside_profile", "a"),
        ({"a": b"bytes"}, "not_a_json_type", "a"),
        ({"a": "x" * MAX_BYTES}, "too_large", ""),
    ],
)
def test_values_outside_the_profile_are_refused_with_their_path(
    value: dict[str, object], reason: str, where: str
) -> None:
    with pytest.raises(NotCanonical) as refused:
        canon(value)
    assert (refused.value.reason, refused.value.where) == (reason, where)


def test_depth_is_bounded_without_refusing_what_fits() -> None:
    value: object = 1
    for _ in range(MAX_DEPTH - 1):
        value = [value]
    assert parse(canon({"a": value})) == {"a": value}


def test_an_index_may_hold_names_as_keys_but_no_duplicates() -> None:
    assert load(b'{ "card/a b.mp4": "00" }') == {"card/a b.mp4": "00"}
    with pytest.raises(NotCanonical):
        load(b'{"x.mp4":"00","x.mp4":"01"}')
