"""What a person is told of a recording: one place for the words, and a child that cannot write its own."""

from __future__ import annotations

import json
import re

import pytest

from ingest.findings import DAMAGE, Finding, Trait, found

VALUES = {"part": "mdat", "how": "EOFError", "claimed": "9.0", "there": 3, "rate": "30/1", "lender": "WS1-0001"}


def any_of(trait: Trait) -> Finding:
    blank = Finding.from_plain
    for names in ((), *((name,) for name in NAMES), *PAIRS):
        try:
            return blank([trait.value, {name: VALUES.get(name, 7) for name in names}])
        except TypeError:
            continue
    raise AssertionError(trait)


NAMES = ("how", "count", "degrees")
PAIRS = (
    ("part", "missing"),
    ("named", "there"),
    ("claimed", "there"),
    ("track", "places"),
    ("pictures", "sound", "rate", "lender", "lost", "unknown"),
)


@pytest.mark.parametrize("trait", Trait)
def test_every_trait_is_said_in_a_whole_sentence_and_survives_the_pipe(trait: Trait) -> None:
    finding = any_of(trait)
    assert re.fullmatch(r"[A-Z0-9].*\.", finding.words())
    assert "{" not in finding.words()
    assert Finding.from_plain(json.loads(json.dumps(finding.to_plain()))) == finding


def test_what_may_be_so_in_a_whole_recording_is_no_damage() -> None:
    assert not found(Trait.ROTATED, degrees=90).is_damage
    assert not found(Trait.NO_SOUND).is_damage
    assert found(Trait.ENCRYPTED).is_damage
    assert len(DAMAGE) == 17


@pytest.mark.parametrize(
    "plain",
    [
        None, [], ["torn"], ["perfect", {}], ["torn", {}], ["torn", {"part": "mdat"}], ["empty", {"more": 1}],
        ["torn", {"part": "md\nat", "missing": 1}], ["torn", {"part": "x" * 81, "missing": 1}],
        ["torn", {"part": "mdat", "missing": 1.5}], ["torn", {"part": "mdat", "missing": True}],
        ["torn", {"part": "md\N{RIGHT-TO-LEFT OVERRIDE}at", "missing": 1}], ["empty", []],
    ],
)  # fmt: skip
def test_a_child_cannot_make_up_words_or_numbers(plain: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        Finding.from_plain(plain)
