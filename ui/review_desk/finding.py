"""Looking for words in what was said and tagged, and reading a typed moment. Pure; says what was searched."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bwc_review.domain.coverage import audible
from bwc_review.domain.tags import Tag
from bwc_review.domain.taxonomy import Taxonomy
from bwc_review.domain.times import total
from ui.review_desk.case import ReviewCase
from ui.review_desk.timeline_feed import tag_words
from ui.review_desk.transcript_rows import RowKind, rows_of

_CLOCK = re.compile(r"(?:(\d+):)?(?:(\d+):)?(\d+)(?:[.,](\d{1,6}))?")
_FRAME = re.compile(r"(?:f|frame|#)\s*(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """Moments where the words stand, in time order, and how much could be searched at all."""

    moments: tuple[int, ...]
    searched_us: int
    total_us: int

    def coverage(self) -> str:
        """``searched 42:10 of 57:03 transcribed``."""
        return f"searched {_minutes(self.searched_us)} of {_minutes(self.total_us)} that were transcribed"


def find(case: ReviewCase, tags: tuple[Tag, ...], taxonomy: Taxonomy, words: str) -> Found:
    """Every line and tag that holds the words, upper and lower case alike."""
    wanted = words.casefold()
    moments = {
        row.start for row in rows_of(case.tracks) if row.kind is RowKind.SAID and wanted in row.text.casefold()
    }
    moments |= {tag.start for tag in tags if wanted in tag_words(tag, taxonomy).casefold()}
    heard = sum(
        total(audible(clip.recording, clip.transcript.heard.usable))
        for clip in case.clips
        if clip.transcript is not None
    )
    return Found(tuple(sorted(moments)), heard, sum(clip.span.length for clip in case.clips))


def typed_moment(text: str) -> int | None:
    """``1:02.5``, ``62`` or ``1:02:03`` as microseconds; None when it is no time."""
    match = _CLOCK.fullmatch(text.strip())
    if match is None:
        return None
    first, second, seconds, fraction = match.groups()
    hours, minutes = (int(first or 0), int(second)) if second is not None else (0, int(first or 0))
    micros = int((fraction or "0").ljust(6, "0"))
    return ((hours * 60 + minutes) * 60 + int(seconds)) * 1_000_000 + micros


def typed_frame(text: str) -> int | None:
    """``f 1625`` as a frame number; None when it is none."""
    match = _FRAME.fullmatch(text.strip())
    return int(match.group(1)) if match else None


def _minutes(us: int) -> str:
    return f"{us // 60_000_000}:{us // 1_000_000 % 60:02d}"
