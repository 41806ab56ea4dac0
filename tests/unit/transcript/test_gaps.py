"""Speech found against words found."""

from __future__ import annotations

from bwc_review.domain.speech import Segment, Word
from bwc_review.domain.times import Micros, Span
from bwc_review.transcript import gaps


def span(start: float, end: float) -> Span:
    return Span(Micros(round(start * 1e6)), Micros(round(end * 1e6)))


def line(*words: tuple[float, float, str], confidence: int = 900) -> Segment:
    return Segment(tuple(Word(span(start, end), text, confidence) for start, end, text in words), no_speech=0)


SPOKEN = line((1.0, 1.5, "Copy"), (6.0, 6.4, "twelve"))
GAP = span(2.0, 5.5)


def test_speech_without_words_is_listed_as_untranscribed() -> None:
    assert gaps.untranscribed([span(1, 1.6), span(2, 5.5), span(6, 6.4)], [SPOKEN]) == (GAP,)


def test_a_hole_inside_one_stretch_of_speech_is_found_too() -> None:
    assert gaps.untranscribed([span(1, 6.4)], [SPOKEN]) == (span(1.7, 5.8),)


def test_crumbs_shorter_than_four_tenths_of_a_second_are_not_listed() -> None:
    assert gaps.untranscribed([span(1.0, 2.09)], [SPOKEN]) == ()


def test_all_speech_is_untranscribed_when_no_word_was_found() -> None:
    assert gaps.untranscribed([GAP], []) == (GAP,)


def test_what_a_second_listening_adds_stands_in_time_order_and_says_so() -> None:
    found = gaps.filled([SPOKEN], GAP, [line((3.0, 3.4, "Get"), (3.4, 3.8, "back"))])
    assert [segment.text for segment in found] == ["Copy", "Get back", "twelve"]
    assert [segment.repaired for segment in found] == [(), (gaps.SECOND_PASS,), ()]


def test_words_already_heard_beside_the_gap_are_not_taken_twice() -> None:
    found = gaps.filled([SPOKEN], GAP, [line((1.0, 1.5, "Copy"), (3.0, 3.4, "Stop"), (6.0, 6.4, "twelve"))])
    assert [segment.text for segment in found] == ["Copy", "Stop", "twelve"]


def test_a_guess_is_not_taken_in_and_parts_nothing() -> None:
    guess = line((3.0, 3.4, "Drop"), (3.4, 3.8, "it"), confidence=649)
    assert gaps.filled([SPOKEN], GAP, [guess]) == (SPOKEN,)
