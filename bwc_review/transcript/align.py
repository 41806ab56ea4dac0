"""Repairs of word times: Whisper's raw starts after a pause can be seconds early (measured, DESIGN section 5).

Pure functions over words and the spans of a speech detector. Words are never invented, changed or
reordered; what was touched is named in ``Segment.repaired``. The figures are engineering choices.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from bwc_review.domain.speech import Segment
from bwc_review.domain.times import Micros, Span

AFTER_PAUSE = 150_000  # words this far apart are not one run
LAST_VOICE = 150_000  # what may still sound of the word before, where a misplaced word begins
MISPLACED_AT_MOST = 2  # more words than this in a pause: rather the detector missed a voice
EARLIER_AT_MOST = 200_000
ONSET_LEAD = 32_000  # one frame of the detector; Silero's own default padding is 30 ms
SHORTEST = 40_000
LONGEST_WORD = 2_000_000  # faster-whisper's own mark of an anomalous word
TAIL = 300_000
MOVED = "start moved to speech onset"
CUT = "end cut to speech end"
STRETCHED = "word without length"
LONG = "word longer than 2 s"


def repaired(
    segments: Sequence[Segment], voices: Sequence[Span], usable: Sequence[Span], extent: Span
) -> tuple[Segment, ...]:
    """Snap and repair the word times of segments in time order; ``voices`` are the detector's finest spans.

    Drops segments without words and those that lie wholly in unusable audio: nothing can be heard
    there, so the words are invented. Words of the result lie in ``extent``, do not overlap, have a
    length, and are moved to at most 0.2 s before the engine's own start for the sake of an onset.
    """
    kept = [segment for segment in segments if segment.words and _audible(segment.span, usable)]
    onsets = [voice.start for voice in voices]
    done: list[Segment] = []
    floor = extent.start
    for n, segment in enumerate(kept):
        follower = kept[n + 1].span.start if n + 1 < len(kept) else extent.end
        room = Span(floor, min(extent.end, max(floor, follower, segment.span.end)))
        first = max(0, bisect_right(onsets, segment.span.start) - 2)
        near = voices[first : bisect_right(onsets, segment.span.end) + 1]
        done.append(_segment(segment, near, room))
        floor = done[-1].span.end
    return tuple(done)


def _audible(span: Span, usable: Sequence[Span]) -> bool:
    return any(span.overlaps(part) or part.contains(span.start) for part in usable)


def _segment(segment: Segment, voices: Sequence[Span], room: Span) -> Segment:
    notes: list[str] = list(segment.repaired)
    spans = _with_length([word.span for word in segment.words], room, notes)
    last = room.start
    for n in range(len(spans)):
        if n == 0 or any(voice.overlaps(spans[n - 1]) for voice in voices):
            _pull_out_of_pause(spans, n, voices, notes)
        spans[n] = _trimmed(_snapped(spans[n], voices, last, notes), voices, notes)
        last = spans[n].end
    words = tuple(replace(word, span=span) for word, span in zip(segment.words, spans, strict=True))
    return replace(segment, words=words, repaired=tuple(dict.fromkeys(notes)))


def _with_length(spans: Sequence[Span], room: Span, notes: list[str]) -> list[Span]:
    """Lay words one after the other inside ``room``; a word without length takes the least there can be."""
    ordered: list[Span] = []
    at = room.start
    for span in spans:
        start = Micros(max(at, span.start))
        ordered.append(Span(start, Micros(max(span.end, start + SHORTEST))))
        at = ordered[-1].end
    if ordered[-1].end > room.end:
        ordered = _squeezed(ordered, room)
    if any(new.length > old.length for new, old in zip(ordered, spans, strict=True)):
        notes.append(STRETCHED)
    return ordered


def _squeezed(spans: Sequence[Span], room: Span) -> list[Span]:
    """Move what runs past the room back into it; a decoder that repeats itself can leave no room at all."""
    fitting: list[Span] = []
    limit = int(room.end)
    for span in reversed(spans):
        end = min(span.end, limit)
        limit = min(span.start, end - SHORTEST)
        fitting.append(Span(Micros(limit), Micros(end)))
    if limit >= room.start:
        return fitting[::-1]
    edges = [Micros(room.start + room.length * n // len(spans)) for n in range(len(spans) + 1)]
    return [Span(start, end) for start, end in pairwise(edges)]


def _pull_out_of_pause(spans: list[Span], first: int, voices: Sequence[Span], notes: list[str]) -> None:
    """Share the time from the onset on among words of which the first were set into the pause before it."""
    ahead = bisect_right([voice.start for voice in voices], spans[first].start)
    if ahead == len(voices) or (ahead and voices[ahead - 1].end - spans[first].start > LAST_VOICE):
        return
    onset = max(spans[first].start, voices[ahead].start - ONSET_LEAD)
    for last in range(first, min(first + MISPLACED_AT_MOST + 1, len(spans))):
        if last > first and spans[last].start - spans[last - 1].end >= AFTER_PAUSE:
            return
        if spans[last].end >= onset + SHORTEST * (last - first + 1):
            if last > first:
                spans[first : last + 1] = _shared(spans[first : last + 1], onset)
                notes.append(MOVED)
            return


def _shared(run: Sequence[Span], start: int) -> list[Span]:
    """Lay ``run`` out from ``start`` to its old end, lengths in the old proportions, none under the least."""
    spare = run[-1].end - start - SHORTEST * len(run)
    whole = sum(span.length for span in run)
    laid: list[Span] = []
    at, seen = start, 0
    for n, span in enumerate(run, 1):
        seen += span.length
        end = start + SHORTEST * n + spare * seen // whole
        laid.append(Span(Micros(at), Micros(end)))
        at = end
    return laid


def _snapped(span: Span, voices: Sequence[Span], last: Micros, notes: list[str]) -> Span:
    """Start a word where its voice starts: at the onset inside it, or at one just before it."""
    onset = _onset(span, voices)
    if onset is None:
        return span
    start = Micros(max(last, onset - ONSET_LEAD, span.start - EARLIER_AT_MOST))
    if start == span.start:
        return span
    notes.append(MOVED)
    return Span(start, span.end)


def _onset(span: Span, voices: Sequence[Span]) -> Micros | None:
    at = bisect_right([voice.start for voice in voices], span.end + ONSET_LEAD - SHORTEST) - 1
    if at < 0 or voices[at].end <= span.start:
        return None
    onset = voices[at].start
    if onset <= span.start:
        return onset if span.start - onset <= EARLIER_AT_MOST else None
    voiced_before = voices[at - 1].end - span.start if at else 0
    # Whisper leaves no room between words: the pause is booked on the word after it.
    return onset if voiced_before < max(LAST_VOICE, span.end - onset) else None


def _trimmed(span: Span, voices: Sequence[Span], notes: list[str]) -> Span:
    """Cut a word that runs on into silence, and mark one that stays too long."""
    home = bisect_right([voice.start for voice in voices], span.start + ONSET_LEAD) - 1
    if home >= 0 and voices[home].end > span.start:
        end = Micros(max(voices[home].end, span.start + SHORTEST))
        if span.end - end > TAIL:
            notes.append(CUT)
            span = Span(span.start, end)
    if span.length > LONGEST_WORD:
        notes.append(LONG)
    return span
