"""Templates: what they match, and which are refused when the lexicon is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwc_review.domain.defects import DefinitionRefused
from bwc_review.domain.lexicon.normalise import tokens_of
from bwc_review.domain.lexicon.pattern import compile_template

SLOTS = {"EXP": "fucking|god damn", "DO": "drop [{EXP}]", "LOOP": "a {LOOP}"}


@pytest.mark.parametrize(
    ("template", "text", "end"),
    [
        ("drop it", "drop it now", 2),
        ("drop it", "drop", None),
        ("(hands up|hands)", "hands up", 2),
        ("get [the fuck] down", "get down", 2),
        ("get [the fuck] down", "get the fuck down", 4),
        ("get [the fuck] down", "get the down", None),
        ("{DO} it", "drop god damn it", 4),
        ("if <1-2> shoot", "if you shoot", 3),
        ("if <1-2> shoot", "if shoot", None),
        ("if <1-2> shoot", "if a b c shoot", None),
        ("if <0-2> shoot", "if shoot shoot", 3),
        ("signal \\d+", "signal 14", 2),
        ("signal \\d+", "signal fire", None),
        ("(10 4|\\d+ volts)", "10 volts", 2),
        ("(10 4|\\d+ volts)", "10 4", 2),
        ("hands hands [hands]", "hands hands hands up", 3),
    ],
)
def test_the_longest_match_from_the_first_word_is_found(template: str, text: str, end: int | None) -> None:
    assert compile_template(template, SLOTS).longest(text.split(), 0) == end


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("drop (it", "brackets do not close"),
        ("drop it]", "brackets do not close"),
        ("drop [it)", "brackets do not close"),
        ("{MOOD} it", "unknown or contains itself"),
        ("{LOOP}", "unknown or contains itself"),
        ("drop <3-1> it", "runs backwards"),
        ("drop! it", "cannot be read"),
        ("[drop] [it]", "without a single word"),
        ("", "without a single word"),
        ("stop <0-5000> it", "more than 4000 states"),
        ("a <0-14> b <14-14> c", "more than 4000 states"),
    ],
)
def test_a_template_that_cannot_be_used_is_refused_for_its_reason(template: str, reason: str) -> None:
    with pytest.raises(DefinitionRefused, match=reason):
        compile_template(template, SLOTS)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Don’t MOVE!", ("dont", "move")),
        ("K-9 unit", ("k", "9", "unit")),
        ("f***ing [expletive] bleep", ("fucking", "fucking", "fucking")),
        ("the f*** up, f**king", ("the", "fuck", "up", "fucking")),
        ("No hablo inglés", ("no", "hablo", "ingles")),
        ("snake_case 50,000", ("snake", "case", "50", "000")),
        ("can´t ｓｔｏｐ", ("cant", "stop")),
    ],
)
def test_words_are_made_comparable(text: str, tokens: tuple[str, ...]) -> None:
    assert tokens_of(text) == tokens


@given(st.text())
def test_making_words_comparable_twice_changes_nothing(text: str) -> None:
    once = tokens_of(text)
    assert tokens_of(" ".join(once)) == once
