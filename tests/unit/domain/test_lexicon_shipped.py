"""The shipped lexicon against its own examples, negatives and mixed positives."""

from __future__ import annotations

import hashlib
import time
from importlib import resources
from typing import Any

import pytest
import yaml

from bwc_review.data import load_lexicon, load_taxonomy
from bwc_review.domain.candidates import Candidate
from bwc_review.domain.lexicon import find_candidates
from bwc_review.domain.lexicon.normalise import tokens_of
from tests.unit.domain.speaking import found_in, segment, transcript

DATA = resources.files("bwc_review.data").joinpath("lexicon.yaml").read_bytes()
RAW: Any = yaml.safe_load(DATA)
ENTRIES = {entry.id: entry for entry in load_lexicon().entries}


def categories(candidates: tuple[Candidate, ...]) -> set[str]:
    """Lexicon categories of what was found; what was relabelled as radio traffic is only that."""
    return {
        str(c.code) if "radio" in c.flags else ENTRIES[c.phrase].category for c in candidates
    }  # fmt: skip


def test_the_shipped_lexicon_carries_the_digest_of_its_own_file() -> None:
    assert load_lexicon().digest == hashlib.sha256(DATA).hexdigest()
    assert len(ENTRIES) == len(RAW["entries"])


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=lambda entry: entry.id)
def test_every_phrase_matches_its_own_example_and_survives_the_guards(entry: Any) -> None:
    assert entry.pattern.occurs_in(tokens_of(entry.example))
    assert entry.category in categories(found_in(entry.example))


@pytest.mark.parametrize("case", RAW["negatives"], ids=lambda case: case["text"])
def test_what_must_not_be_proposed_is_not(case: Any) -> None:
    found = categories(found_in(case["text"], case["speaker"]))
    assert not [one for one in found if one.startswith(tuple(case["not"]))]
    assert found >= set(case.get("want", ()))


@pytest.mark.parametrize("case", RAW["positives_mixed"], ids=lambda case: case["text"])
def test_everything_an_utterance_holds_is_proposed(case: Any) -> None:
    assert categories(found_in(case["text"], case["speaker"])) >= set(case["want"])


def test_what_a_phrase_proposes_is_valid_for_its_event_type() -> None:
    taxonomy = load_taxonomy()
    problems = [
        problem
        for entry in ENTRIES.values()
        for candidate in found_in(entry.example)
        for problem in taxonomy.check_attrs(candidate.code, candidate.proposed)  # type: ignore[arg-type]
        if "is required for" not in problem
    ]
    assert problems == []


def test_two_hours_of_speech_are_searched_in_seconds() -> None:
    hours = transcript(segment(" ".join(entry.example for entry in ENTRIES.values()) * 16))
    assert sum(1 for _ in hours.words()) > 20_000
    began = time.process_time()
    found = find_candidates(hours, load_lexicon())
    assert time.process_time() - began < 10  # CPU; 0.9 s measured, 3 s when traced
    assert len(found) > 4_000
