"""Candidates: identity, times, guards, flags and proposals, beyond the lexicon's own checks."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bwc_review.data import load_lexicon, load_taxonomy
from bwc_review.domain.defects import DefinitionRefused
from bwc_review.domain.lexicon import Lexicon, Role, SpokenBy, find_candidates
from bwc_review.domain.speech import Segment
from bwc_review.domain.times import Micros, Span
from tests.unit.domain.speaking import WORD, codes_in, found_in, segment, transcript
from tests.unit.domain.test_lexicon_shipped import RAW


def only(text: str, role: str | None = None) -> Any:
    (candidate,) = found_in(text, role)
    return candidate


def test_a_candidate_says_which_words_when_and_why() -> None:
    found = only("Okay now drop the knife!")
    assert found.code == "CMD.ORDER" and found.phrase == "K01" and found.words == "drop the knife!"
    assert found.span == Span(Micros(2 * WORD), Micros(5 * WORD))
    assert found.why == 'The words "drop the knife!" match phrase K01: Order or instruction to the person.'
    assert found.proposed == {
        "instructed_action": ("drop_weapon",), "action_clarity": "specific", "text": "drop the knife!",
    }  # fmt: skip


def test_the_same_words_have_the_same_id_and_another_transcript_another() -> None:
    said = segment("Drop the knife")
    first, again, other = (
        find_candidates(transcript(said, digest=digest), load_lexicon())[0].id for digest in ("a", "a", "b")
    )
    assert first == again != other and len(first) == 32


def test_words_join_across_segments_only_when_the_pause_is_short() -> None:
    head = segment("drop the")
    near = segment("knife", start=2 * WORD + 1_499_999)
    far = segment("knife", start=2 * WORD + 1_500_000)
    assert [c.words for c in find_candidates(transcript(head, near), load_lexicon())] == ["drop the knife"]
    assert find_candidates(transcript(head, far), load_lexicon()) == ()


def test_a_transcript_or_a_segment_without_words_holds_nothing() -> None:
    assert find_candidates(transcript(), load_lexicon()) == ()
    heard = transcript(segment("drop it"))
    empty = replace(heard, heard=replace(heard.heard, segments=(Segment((), 0), *heard.heard.segments)))
    assert [c.words for c in find_candidates(empty, load_lexicon())] == ["drop it"]


def test_a_bean_bag_warning_is_not_a_firearm_warning_as_well() -> None:
    assert codes_in("You will be shot with a bean bag") == {"WRN.IMPACT_ROUND"}


def test_an_utterance_may_be_an_order_and_a_warning() -> None:
    assert codes_in("Drop it or I will shoot", "officer") == {"CMD.ORDER", "WRN.FIREARM"}


def test_a_warning_takes_the_orders_of_its_own_sentence_as_its_instruction() -> None:
    warning = found_in("Stand up. Drop it or I will tase you", "officer")[-1]
    assert (warning.proposed["instructed_action"], warning.proposed["action_clarity"]) == (
        ("drop_weapon",), "specific",
    )  # fmt: skip
    two = found_in("Drop it and get on the ground or I will tase you", "officer")[-1]
    assert two.proposed["action_clarity"] == "compound"
    alone = only("I will tase you", "officer")
    assert "instructed_action" not in alone.proposed and alone.proposed["names_force"] is True


def test_a_last_warning_is_not_said_to_name_force() -> None:
    assert "names_force" not in only("This is your last warning").proposed


def test_a_call_out_proposes_which_weapon_was_called() -> None:
    assert only("Spray, spray!").proposed["warned_force"] == "irritant_spray"
    assert only("Stun gun, stun gun!").proposed["warned_force"] == "ced"


def test_a_call_out_in_unknown_words_proposes_no_weapon() -> None:
    raw = copy.deepcopy(RAW)
    raw["slots"]["TASER"] += "|zapper"
    lexicon = Lexicon.from_mapping(raw, "other", load_taxonomy())
    (found,) = find_candidates(transcript(segment("zapper zapper")), lexicon)
    assert "warned_force" not in found.proposed


def test_only_distress_about_breathing_is_proposed_as_such() -> None:
    assert only("I can't breathe").proposed["breathing"] is True
    assert "breathing" not in only("I'm dying", "subject").proposed


@pytest.mark.parametrize(
    "text",
    ["Do not move or I will shoot", "If you do not comply you will be tased", "Nobody move or I'll shoot",
     "Will you get down or I will tase you"],
)  # fmt: skip
def test_an_order_not_to_do_something_does_not_silence_the_warning_after_it(text: str) -> None:
    assert any(code.startswith("WRN.") for code in codes_in(text, "officer"))


def test_a_question_about_force_is_no_warning() -> None:
    assert codes_in("Do you think I will shoot you?", "officer") == set()
    assert codes_in("Do you think I will shoot you", "officer") == set()
    assert codes_in("Why do you think I will shoot you?", "officer") == set()
    assert "WRN.FIREARM" in codes_in("Tell me why do you think I will shoot you", "officer")


def test_a_quote_in_the_sentence_before_does_not_silence_an_order() -> None:
    assert codes_in("He told me. Drop the knife!", "officer") == {"CMD.ORDER"}
    assert codes_in("He told me drop the knife!", "officer") == set()


def test_a_closing_quotation_mark_does_not_hide_the_end_of_a_sentence() -> None:
    assert codes_in('"He told me." Drop the knife!', "officer") == {"CMD.ORDER"}


def test_an_order_in_radio_traffic_is_kept_as_radio_traffic() -> None:
    found = only("Copy, stay there for the van", "officer")
    assert (found.code, found.flags) == ("RPT.RADIO_STATUS", ("radio",))
    assert found.why.endswith("but it sounds like radio traffic.")
    assert found.proposed == {"text": "stay there"}


def test_what_the_radio_says_is_never_an_order_to_the_person() -> None:
    assert codes_in("Drop the knife", "radio") == {"RPT.RADIO_STATUS"}
    assert codes_in("Call an ambulance", "radio") == {"MED.AID_REQUESTED"}


def test_go_ahead_before_an_order_is_no_radio_traffic() -> None:
    assert codes_in("Go ahead and step out of the car", "officer") == {"CMD.ORDER"}


def test_an_order_inside_longer_words_to_a_colleague_is_no_order() -> None:
    assert codes_in("Back off of him", "officer") == {"DTI.INTERVENE_VERBAL"}


def test_a_known_speaker_must_be_one_who_could_mean_it() -> None:
    assert codes_in("Get off him!", "bystander") == set()
    assert codes_in("I can't breathe", "officer") == set()
    assert codes_in("My son is autistic", "bystander") == {"SUB.VULNERABLE"}


def test_a_speaker_known_for_part_of_the_words_stays_unknown() -> None:
    said = transcript(segment("drop the knife"))
    half = SpokenBy(Span(Micros(0), Micros(WORD)), Role.BYSTANDER)
    (found,) = find_candidates(said, load_lexicon(), speakers=(half,))
    assert found.flags == ("speaker_unknown",)


@pytest.mark.parametrize(
    ("confidence", "no_speech", "usable", "flag"),
    [
        (640, 0, None, "low_confidence"),
        (900, 600, None, "unreliable_text"),
        (900, 0, (), "unreliable_text"),
    ],
)
def test_doubtful_text_is_flagged_and_kept(confidence: int, no_speech: int, usable: Any, flag: str) -> None:
    said = transcript(segment("Drop the knife", confidence=confidence, no_speech=no_speech), usable=usable)
    (found,) = find_candidates(said, load_lexicon())
    assert set(found.flags) == {flag, "speaker_unknown"} and found.confidence == confidence


def test_a_weak_phrase_and_one_that_a_lost_syllable_turns_round_are_flagged() -> None:
    assert only("Relax!", "officer").flags == ("low_weight",)
    assert only("Don't move!", "officer").flags == ("listen_first",)


SCRAPS = ("drop", "the", "knife", "or", "i", "will", "tase", "shoot", "you", "get", "on", "ground", "taser", ".", "?")


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(SCRAPS), max_size=40))
def test_candidates_of_one_code_never_overlap_and_lie_within_the_speech(words: list[str]) -> None:
    said = segment(" ".join(words)) if words else None
    found = find_candidates(transcript(*([said] if said else [])), load_lexicon())
    for code in {c.code for c in found}:
        own = [c.span for c in found if c.code == code]
        assert all(a.end <= b.start for a, b in pairwise(own))
    assert all(said is not None and said.span.start <= c.span.start < c.span.end <= said.span.end for c in found)
    assert len({c.id for c in found}) == len(found)


def _entry(**change: Any) -> Callable[[Any], None]:
    return lambda raw: raw["entries"][0].update(change)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda raw: raw.update(schema="x"), "is no lexicon"),
        (lambda raw: raw.pop("slots"), "lacks a part"),
        (_entry(id="F02"), "F02 stands twice"),
        (_entry(cat="WRN.MAGIC"), "unknown category WRN.MAGIC"),
        (_entry(t="<0-2> shoot"), "begins with a gap"),
        (_entry(t="\\d+ volts"), "begins with a gap"),
        (_entry(act="fly"), "phrase F01: .*cannot be fly"),
        (lambda raw: raw["categories"]["DES"].update(event="DES.MAGIC"), "means DES.MAGIC"),
    ],
)
def test_a_lexicon_that_contradicts_itself_is_refused_for_its_reason(
    change: Callable[[Any], None], reason: str
) -> None:
    raw = copy.deepcopy(RAW)
    change(raw)
    with pytest.raises(DefinitionRefused, match=reason):
        Lexicon.from_mapping(raw, "digest", load_taxonomy())
