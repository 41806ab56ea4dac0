"""Which phrases a run of speech holds, after guards and the longest-match rule. No candidates are made here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bwc_review.domain.lexicon.lexicon import Action, Entry, Guard, Lexicon
from bwc_review.domain.lexicon.speech_run import Run

_COLLEAGUE = ("CTX.COORDINATION", "DTI")


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase found: token positions ``[start, end)`` of a run; ``radio`` when a guard calls it radio traffic."""

    entry: Entry
    start: int
    end: int
    radio: bool = False

    @property
    def length(self) -> int:
        """Tokens covered, gaps included."""
        return self.end - self.start

    def overlaps(self, other: Match) -> bool:
        """Whether the two share a token."""
        return self.start < other.end and other.start < self.end

    def inside(self, other: Match) -> bool:
        """Whether every token belongs to the longer ``other``."""
        return other.start <= self.start and self.end <= other.end and self.length < other.length


def matches(run: Run, lexicon: Lexicon) -> tuple[Match, ...]:
    """Return the phrases of a run in time order, guards applied, overlapping matches of one code collapsed."""
    found = [kept for match in _raw(run, lexicon) if (kept := _guarded(match, run, lexicon.guards)) is not None]
    longest = [match for group in _groups(found) for match in _longest(_without_colleagues(group))]
    return tuple(sorted(longest, key=lambda m: (m.start, m.end, m.entry.id)))


def _groups(found: list[Match]) -> Iterator[list[Match]]:
    """Split into groups that share no token, so that what overlaps is compared with its neighbours only."""
    group: list[Match] = []
    end = 0
    for match in sorted(found, key=lambda m: (m.start, m.end, m.entry.id)):
        if group and match.start >= end:
            yield group
            group = []
        group.append(match)
        end = max(end, match.end)
    if group:
        yield group


def _raw(run: Run, lexicon: Lexicon) -> Iterator[Match]:
    for start, token in enumerate(run.tokens):
        for entry in lexicon.by_opener.get(token, ()):
            end = entry.pattern.longest(run.tokens, start)
            if end is None:
                continue
            after = entry.refused_before
            if after is None or after.longest(run.tokens, end) is None:
                yield Match(entry, start, end)


def _guarded(match: Match, run: Run, guards: Iterable[Guard]) -> Match | None:
    """Return the match, the match marked as radio traffic, or None when a guard suppresses it."""
    radio = False
    for guard in guards:
        if not guard.covers(match.entry.category) or not _applies(guard, match, run):
            continue
        if guard.action is Action.SUPPRESS:
            return None
        radio = True
    return Match(match.entry, match.start, match.end, radio)


def _applies(guard: Guard, match: Match, run: Run) -> bool:
    """Guards look no further than the sentence: a quote in the sentence before does not silence an order."""
    sentence = run.sentences[run.sentence_of[match.start]]
    if guard.anywhere is not None:
        return guard.anywhere.occurs_in(run.tokens[sentence.start : sentence.stop])
    if guard.only_questions:
        return _asked(guard, match, run, sentence)
    before = run.tokens[max(sentence.start, match.start - guard.window) : match.start]
    return any(pattern.occurs_in(before) for pattern in guard.left)


def _asked(guard: Guard, match: Match, run: Run, sentence: range) -> bool:
    """Whether the match is part of a question. What comes after "or" is the consequence, not the question:
    "will you get down or I will tase you" is a warning.
    """
    if "or" in run.tokens[sentence.start : match.start + 1]:
        return False
    if run.sentence_of[match.start] in run.questions:
        before = run.tokens[max(sentence.start, match.start - guard.window) : match.start]
        return any(pattern.occurs_in(before) for pattern in guard.left)
    opening = run.tokens[sentence.start : match.start]
    return any(pattern.longest(opening, 0) is not None for pattern in guard.left)


def _without_colleagues(found: list[Match]) -> list[Match]:
    """Drop an order inside a longer phrase said to a colleague (guard G-COLLEAGUE)."""
    to_colleagues = [m for m in found if m.entry.category.startswith(_COLLEAGUE)]
    return [
        m
        for m in found
        if not m.entry.category.startswith("CMD.")
        or not any(m.overlaps(c) and m.length < c.length for c in to_colleagues)
    ]


def _longest(found: list[Match]) -> list[Match]:
    """Keep the longest of overlapping matches of one code, and of warnings one inside another.

    Without the second, "you will be shot with a bean bag" would also count as a firearm warning.
    """
    kept: list[Match] = []
    for match in sorted(found, key=lambda m: (-m.length, m.start, m.entry.id)):
        if any(_covered(match, other) for other in kept):
            continue
        kept.append(match)
    return kept


def _covered(match: Match, other: Match) -> bool:
    if match.entry.code == other.entry.code:
        return match.overlaps(other)
    both = (match.entry.code, other.entry.code)
    return all(code.startswith("WRN.") for code in both) and match.inside(other)
