"""What playing asks of a stored frame index: clipped look-ups by time, and the frame a decoded pts belongs to."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from ingest.index import FrameIndex


class FrameTable:
    """Frames in display order, counted from 0; ``us`` on the media clock, whose zero is frame 0."""

    def __init__(self, index: FrameIndex) -> None:
        self._index = index
        self.count = len(index)
        self.duration_us = index.duration_us

    @property
    def zero_us(self) -> int:
        """Container time of media zero in microseconds."""
        return self._index.first_pts * self._index.num * 1_000_000 // self._index.den

    def pts(self, n: int) -> int:
        """Presentation time of frame ``n`` in ticks of the stream."""
        return self._index.pts[n]

    def us(self, n: int) -> int:
        """Media time of frame ``n``."""
        return self._index.us_of(n)

    def keyframe(self, n: int) -> int:
        """The key frame at or before ``n``."""
        return self._index.keyframe_before(n)

    def next_keyframe(self, n: int) -> int:
        """The first key frame after ``n``; ``count`` where there is none."""
        at = bisect_right(self._index.keyframes, n)
        return self._index.keyframes[at] if at < len(self._index.keyframes) else self.count

    def number(self, pts: int | None) -> int | None:
        """The frame with exactly this pts; None when the index has no such frame (an edit list hides it)."""
        if pts is None:
            return None
        at = bisect_left(self._index.pts, pts)
        return at if at < self.count and self._index.pts[at] == pts else None

    def at(self, us: int) -> int:
        """The frame on screen at ``us``; the first before the start, the last from the end on."""
        if us <= 0:
            return 0
        return self._index.frame_at(us) if us < self.duration_us else self.count - 1


def read_table(index: bytes | FrameIndex) -> FrameTable:
    """The table over an index or its stored bytes. Raises ingest.errors.ProbeFailed when the bytes are damaged."""
    return FrameTable(FrameIndex.from_bytes(index) if isinstance(index, bytes) else index)
