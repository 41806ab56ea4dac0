"""A transcript cut into runs of words that may be read together, as comparable tokens with their words kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bwc_review.domain.lexicon.normalise import tokens_of
from bwc_review.domain.speech import Heard, Segment, Word
from bwc_review.domain.times import Micros

_CLOSING = "\"'”’)]»"


@dataclass(frozen=True, slots=True)
class Run:
    """Words with no long pause between segments. ``word_of``, ``sentence_of``: for each token, which word, sentence.

    ``sentences`` are the token positions of each sentence that has any; ``questions`` are those that
    end in a question mark.
    """

    words: tuple[Word, ...]
    segments: tuple[Segment, ...]  # of each word
    tokens: tuple[str, ...]
    word_of: tuple[int, ...]
    sentence_of: tuple[int, ...]
    sentences: Mapping[int, range]
    questions: frozenset[int]


def runs(heard: Heard, join_gap: Micros) -> Iterator[Run]:
    """Cut where the pause between two segments is ``join_gap`` or longer."""
    words: list[tuple[Word, Segment]] = []
    for segment in (one for one in heard.segments if one.words):
        if words and segment.span.start - words[-1][0].span.end >= join_gap:
            yield _run(words)
            words = []
        words.extend((word, segment) for word in segment.words)
    if words:
        yield _run(words)


def _run(words: list[tuple[Word, Segment]]) -> Run:
    tokens: list[str] = []
    word_of: list[int] = []
    sentence_of: list[int] = []
    questions: set[int] = set()
    sentence = 0
    for index, (word, _) in enumerate(words):
        for token in tokens_of(word.text):
            tokens.append(token)
            word_of.append(index)
            sentence_of.append(sentence)
        ending = word.text.strip().rstrip(_CLOSING)
        if ending.endswith((".", "!", "?", "…")):
            if "?" in ending[-3:]:
                questions.add(sentence)
            sentence += 1
    return Run(
        tuple(word for word, _ in words),
        tuple(segment for _, segment in words),
        tuple(tokens),
        tuple(word_of),
        tuple(sentence_of),
        _ranges(sentence_of),
        frozenset(questions),
    )


def _ranges(sentence_of: list[int]) -> Mapping[int, range]:
    starts: dict[int, int] = {}
    stops: dict[int, int] = {}
    for position, sentence in enumerate(sentence_of):
        starts.setdefault(sentence, position)
        stops[sentence] = position + 1
    return {sentence: range(start, stops[sentence]) for sentence, start in starts.items()}
