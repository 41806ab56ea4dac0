"""Word times: what may be moved, how far, and that the text is never touched."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bwc_review.domain.speech import Segment, Word
from bwc_review.domain.times import Micros, Span, union
from bwc_review.transcript import align

EXTENT = Span(Micros(0), Micros(60_000_000))
EVERYWHERE = (EXTENT,)


def span(start: float, end: float) -> Span:
    return Span(Micros(round(start * 1e6)), Micros(round(end * 1e6)))


def line(*words: tuple[float, float, str]) -> Segment:
    return Segment(tuple(Word(span(start, end), text, 900) for start, end, text in words), no_speech=10)


def mended(segment: Segment, *voices: Span) -> Segment:
    (only,) = align.repaired([segment], voices, EVERYWHERE, EXTENT)
    return only


def starts(segment: Segment) -> list[float]:
    return [round(word.span.start / 1e6, 3) for word in segment.words]


def test_a_word_that_swallowed_seconds_of_silence_starts_at_the_voice() -> None:
    found = mended(line((2.0, 6.4, "Stop"), (6.4, 6.8, "now")), span(6.0, 7.0))
    assert starts(found) == [5.968, 6.4]
    assert found.repaired == (align.MOVED,)


def test_a_pause_booked_on_the_word_after_it_is_given_back() -> None:
    found = mended(line((1.0, 1.5, "you."), (1.5, 3.3, "Drop"), (3.3, 3.5, "it")), span(0.9, 1.6), span(3.0, 4.0))
    assert starts(found) == [0.868, 2.968, 3.3]


def test_words_set_wholly_into_the_pause_share_the_time_from_the_voice_on() -> None:
    found = mended(line((1.0, 1.2, "Put"), (1.2, 1.4, "it"), (1.4, 2.4, "down")), span(1.8, 2.6))
    assert starts(found)[0] == 1.768
    assert found.words[-1].span.end == 2_400_000
    assert all(one.span.end == other.span.start for one, other in pairwise(found.words))


def test_many_words_in_a_pause_mean_that_the_detector_missed_a_voice_and_stay() -> None:
    far = line((1.0, 1.2, "he"), (1.2, 1.4, "has"), (1.4, 1.6, "a"), (1.6, 1.8, "knife"), (1.8, 3.0, "there"))
    assert starts(mended(far, span(2.5, 3.5)))[:4] == [1.0, 1.2, 1.4, 1.6]


def test_a_start_is_moved_back_to_an_onset_just_before_it_but_never_by_more_than_a_fifth_of_a_second() -> None:
    assert starts(mended(line((5.15, 5.5, "Hands")), span(5.0, 6.0))) == [4.968]
    assert starts(mended(line((5.19, 5.5, "Hands")), span(5.0, 6.0))) == [4.99]
    assert starts(mended(line((5.4, 5.6, "Hands")), span(5.0, 6.0))) == [5.4]


def test_words_that_fit_their_voice_are_left_alone_and_carry_no_note() -> None:
    said = line((1.0, 1.3, "Show"), (1.3, 1.5, "me"), (1.5, 2.0, "your"))
    assert mended(said, span(0.5, 2.5)) == said


def test_a_word_that_runs_on_into_silence_ends_with_the_voice() -> None:
    found = mended(line((1.0, 4.0, "Back")), span(1.0, 1.6))
    assert found.words[0].span.end == 1_600_000
    assert align.CUT in found.repaired


def test_an_over_long_word_inside_one_voice_is_marked() -> None:
    assert align.LONG in mended(line((1.0, 4.0, "Aaah")), span(1.0, 5.0)).repaired


def test_a_word_without_length_gets_one_and_is_marked() -> None:
    found = mended(line((1.0, 1.0, "A"), (1.0, 1.6, "knife")), span(0.9, 2.0))
    assert all(word.span.length > 0 for word in found.words)
    assert align.STRETCHED in found.repaired


def test_a_repeating_decoder_does_not_push_the_next_line() -> None:
    loop = line(*[(1.0, 1.0, "no")] * 200)
    after = line((2.0, 2.4, "Drop"), (2.4, 2.6, "it"))
    _, second = align.repaired([loop, after], [span(0.9, 3.0)], EVERYWHERE, EXTENT)
    assert starts(second) == [2.0, 2.4]


def test_words_where_nothing_could_be_heard_are_dropped_as_invented() -> None:
    invented, heard = line((1.0, 1.5, "Thanks")), line((21.0, 21.5, "Police"))
    kept = align.repaired([invented, heard], [span(20.9, 22)], [span(20, 60)], EXTENT)
    assert [segment.text for segment in kept] == ["Police"]


moments = st.integers(0, 60_000_000)
spans = st.tuples(moments, st.integers(0, 8_000_000)).map(
    lambda pair: Span(Micros(pair[0]), Micros(min(60_000_000, pair[0] + pair[1])))
)
segments = st.lists(
    st.lists(spans, max_size=12).map(lambda raw: Segment(tuple(Word(s, "w", 500) for s in sorted(raw)), 0)),
    max_size=5,
).map(lambda raw: sorted((s for s in raw if s.words), key=lambda s: s.span.start))


@given(segments, st.lists(spans, max_size=8).map(union))
def test_whatever_the_engine_says_words_come_back_in_order_inside_the_sound(
    raw: list[Segment], voices: tuple[Span, ...]
) -> None:
    found = align.repaired(raw, voices, EVERYWHERE, EXTENT)
    laid = [word.span for segment in found for word in segment.words]
    assert len(laid) == sum(len(segment.words) for segment in raw)
    assert all(one.end <= other.start for one, other in pairwise(laid))
    assert all(EXTENT.start <= one.start and one.end <= EXTENT.end for one in laid)
