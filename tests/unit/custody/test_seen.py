"""The quick way through an entry never says yes where the long way says no, and both see the same (sections 2, 3)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_of_custody.canonical import MAX_DEPTH, canon, quick
from chain_of_custody.entry import Actor, ClockState, Draft, Entry, Subject
from chain_of_custody.errors import CustodyError, ProofRefused
from chain_of_custody.leaves import Leaves
from chain_of_custody.merkle import TreeBuilder, leaf_hash, root
from chain_of_custody.seen import COLUMNS, glance, look, of_entry
from tests.unit.custody.scene import CLERK, ORIGIN, made_log

KEYS = st.text("ab_1", min_size=1, max_size=4)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=5)
VALUES = st.recursive(SCALARS, lambda v: st.lists(v, max_size=3) | st.dictionaries(KEYS, v, max_size=3), max_leaves=6)
IDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12)


def entry(data: dict[str, object] | None = None, commit: dict[str, str] | None = None, **changes: object) -> Entry:
    draft = Draft("tag.added", "ok", CLERK, Subject("media", "m-1"), "why", data or {}, commit or {})
    made = Entry(
        ORIGIN,
        7,
        datetime(2026, 1, 1, 10, 2, 3, 4, tzinfo=UTC),
        ClockState("ntp", -812, "boot-1", 5),
        "ws-17",
        "app/1",
        draft,
        "0f" * 16,
        "ab" * 32,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def both(raw: bytes) -> None:
    """What the quick way accepts, the long way accepts with the same content."""
    seen = glance(raw)
    if seen is not None:
        assert of_entry(Entry.from_bytes(raw)) == seen


def test_an_ordinary_entry_goes_the_quick_way_and_reads_as_the_long_way_does() -> None:
    for data in ({}, {"a": 1, "b": "x y", "c": None, "d": [True, [0, -5]]}, {"a": {"b": []}}):
        made = entry(data, {"name": "0a" * 32, "text": "0b" * 32})
        seen = glance(made.to_bytes())
        assert seen == of_entry(made)
        assert seen is not None
        copies = dict(zip(COLUMNS, seen.columns(), strict=True))
        assert {**copies, "log": made.log, "leaf": made.leaf.hex()} == made.columns()
        assert seen.commitments() == ["0a" * 32, "0b" * 32]


@given(st.dictionaries(KEYS, VALUES, max_size=4), IDS, IDS, st.integers(0, 2**53 - 1))
def test_any_entry_reads_the_same_both_ways(data: dict[str, object], person: str, thing: str, seq: int) -> None:
    try:
        made = entry(data, seq=seq, prev="0" * 64)
        draft = replace(made.draft, actor=Actor(person, "role", "", "none", ""), subject=Subject("x", thing))
        made = replace(made, draft=draft)
    except CustodyError:
        return  # not NFC
    both(made.to_bytes())
    assert look(made.to_bytes()) == of_entry(made)


def test_the_quick_way_accepts_no_flipped_bit_that_the_long_way_refuses() -> None:
    raw = entry({"a": 1, "b": [1, [2]], "c": "x", "d": {"e": 1}}, {"n": "0a" * 32, "o": "0b" * 32}).to_bytes()
    for at in range(len(raw)):
        for bit in range(8):
            both(raw[:at] + bytes([raw[at] ^ 1 << bit]) + raw[at + 1 :])


@pytest.mark.parametrize(
    ("found", "put"),
    [
        ('"a":1,"b":2', '"b":2,"a":1'),
        ('"a":1,"b":2', '"a":1,"a":2'),
        ('"a":1', '"a":1.0'),
        ('"a":1', '"a":01'),
        ('"a":1', '"a":-0'),
        ('"a":1', '"a":1e3'),
        ('"a":1', '"a":9007199254740992'),
        ('"a":1', '"a":NaN'),
        ('"a":1', '"A":1'),
        ('"a":1', '"a": 1'),
        ('"a":1', '"a":"\\u0041"'),
        ('"a":1', '"a":"e\u0301"'),
        ('"a":1', '"a":"\\ud800"'),
        ('"a":1', '"a":' + "[" * 15 + "]" * 15),
        ('"a":1', '"a":{"b":{"c":1.5}}'),
        ('"a":1', '"a":1},"data":{"c":1'),
        ('"n":"' + "0a" * 32, '"z":"' + "0a" * 32),
        ("T10:", "T24:"),
        ("2026-01-01", "2026-13-01"),
        ("ok", "maybe"),
        ("tag.", "gat."),
        ('"seq":7', '"seq":0'),
        ('"seq":7', '"seq":07'),
        ('"v":1', '"v":2'),
        ('"v":1', '"v":true'),
    ],
)
def test_what_breaks_the_format_is_refused_by_both_ways(found: str, put: str) -> None:
    text = entry({"a": 1, "b": 2}, {"n": "0a" * 32, "o": "0b" * 32}).to_bytes().decode()
    raw = text.replace(found, put, 1).encode()
    assert raw.decode() != text
    assert glance(raw) is None
    with pytest.raises(CustodyError):
        look(raw)


def test_bytes_that_are_no_text_and_entries_of_great_size_go_the_long_way() -> None:
    assert glance(b"\xff") is None
    long = entry({"a": "x" * 70_000})
    assert glance(long.to_bytes()) is None
    assert look(long.to_bytes()) == of_entry(long)


# --- canonical JSON, the quick way


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_quick_parsing_gives_what_was_written_or_nothing(value: dict[str, object]) -> None:
    try:
        raw = canon(value)
    except CustodyError:
        assert quick(json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))) is None
        return
    assert quick(raw.decode()) == value


def test_quick_parsing_keeps_the_bounds_of_the_profile() -> None:
    deep = "1"
    for _ in range(MAX_DEPTH - 1):
        deep = f"[{deep}]"
    assert quick(f'{{"a":{deep}}}') is not None
    assert quick(f'{{"a":{deep}}}', depth=2) is None
    assert quick(f'{{"a":{{"b":{deep}}}}}') is None
    for text in ("[]", '{"a":1.5}', "{", '{"a":9007199254740992}', '{"A":1}', '{"a":1,"a":1}', "[" * 3000):
        assert quick(text) is None


# --- leaves


def test_leaves_are_a_sequence_of_hashes_and_nothing_shorter() -> None:
    hashes = made_log().leaf_list
    leaves = Leaves(hashes)
    assert (len(leaves), list(leaves), leaves[-1], list(leaves[1:3])) == (5, hashes, hashes[-1], hashes[1:3])
    with pytest.raises(IndexError):
        leaves[5]
    with pytest.raises(ProofRefused):
        Leaves([b"short"])


@given(st.integers(0, 70))
def test_a_tree_built_in_place_is_the_tree(size: int) -> None:
    hashes = [leaf_hash(bytes([n])) for n in range(size)]
    tree = TreeBuilder()
    for one in hashes:
        tree.append(one)
    assert (tree.range().root, tree.size) == (root(hashes), size)
