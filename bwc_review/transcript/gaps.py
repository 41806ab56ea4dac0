"""Speech found against words found: what was spoken and not written, and what a second listening adds.

Pure functions. A gap is never silence; it is shown as speech that was not transcribed (DESIGN section 5).
The figures are engineering choices, recorded with each transcript where they change words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from bwc_review.domain.speech import LOW_MEAN, Segment, Word
from bwc_review.domain.times import Micros, Span, without

NEAR_WORD = 200_000  # detector and decoder disagree by this much about where a word ends
UNCOVERED_AT_LEAST = 400_000
SECOND_PASS = "second pass"


def untranscribed(speech: Sequence[Span], segments: Sequence[Segment]) -> tuple[Span, ...]:
    """Return the stretches of speech of 0.4 s or more that no word covers, each word widened by 0.2 s.

    ``speech`` is sorted and disjoint.
    """
    if not speech:
        return ()
    whole = Span(speech[0].start, speech[-1].end)
    covered = [_widened(word.span) for segment in segments for word in segment.words]
    left = without(whole, [*covered, *without(whole, speech)])
    return tuple(piece for piece in left if piece.length >= UNCOVERED_AT_LEAST)


def filled(segments: Sequence[Segment], gap: Span, again: Sequence[Segment]) -> tuple[Segment, ...]:
    """Take the words of a second listening that lie in ``gap``, where their mean confidence is 0.65 or more.

    A segment that reached across the gap is parted there, so that words stay in time order.
    """
    heard = list(_lying_in(gap, again))
    if not heard:
        return tuple(segments)
    parted = [part for segment in segments for part in _parted(segment, gap)]
    return tuple(sorted((*parted, *heard), key=lambda segment: segment.span))


def _lying_in(gap: Span, segments: Iterable[Segment]) -> Iterator[Segment]:
    for segment in segments:
        words = tuple(
            replace(word, span=inside)
            for word in segment.words
            if gap.contains(_middle(word)) and (inside := word.span.intersection(_widened(gap))) is not None
        )
        if words and sum(word.confidence for word in words) >= LOW_MEAN * len(words):
            yield Segment(words, segment.no_speech, (*segment.repaired, SECOND_PASS))


def _parted(segment: Segment, gap: Span) -> Iterator[Segment]:
    before = tuple(word for word in segment.words if _middle(word) < gap.start)
    after = segment.words[len(before) :]
    for words in (before, after):
        if words:
            yield replace(segment, words=words)


def _middle(word: Word) -> Micros:
    return Micros((word.span.start + word.span.end) // 2)


def _widened(span: Span) -> Span:
    return Span(Micros(span.start - NEAR_WORD), Micros(span.end + NEAR_WORD))
