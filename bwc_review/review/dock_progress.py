"""How fast a docking moves and how long it will take, from the bytes told so far. Pure: the clock is handed in."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

WINDOW_S = 10.0
"""Over which a rate is taken: long enough to stay still, short enough to follow a reader that slows down."""


@dataclass(frozen=True, slots=True)
class Moving:
    """``done`` of ``total`` bytes; ``rate`` in bytes a second and ``remaining_s`` are None until something moved."""

    done: int
    total: int
    rate: int | None
    remaining_s: int | None


class RateMeter:
    """Counts a docking's bytes. ``now`` is a monotonic clock's reading in seconds."""

    def __init__(self) -> None:
        self._total = 0
        self._before = 0
        self._current = 0
        self._seen: deque[tuple[float, int]] = deque()

    def begin(self, total: int, now: float) -> None:
        """So many bytes are to be copied."""
        self._total, self._before, self._current = total, 0, 0
        self._seen = deque([(now, 0)])

    def moved(self, done: int, size: int, now: float) -> Moving:
        """``done`` of the ``size`` bytes of the current file are copied; at its size the file is over."""
        self._current = min(done, size)
        if done >= size:
            self._before, self._current = self._before + size, 0
        return self.reading(now)

    def dropped(self, now: float) -> Moving:
        """The current file ended early: nothing more of it will come."""
        self._current = 0
        return self.reading(now)

    def reading(self, now: float) -> Moving:
        """As of ``now``."""
        done = self._before + self._current
        self._seen.append((now, done))
        while len(self._seen) > 2 and now - self._seen[0][0] > WINDOW_S:
            self._seen.popleft()
        since, then = self._seen[0]
        if now <= since or done <= then:
            return Moving(done, self._total, None, None)
        rate = (done - then) / (now - since)
        return Moving(done, self._total, round(rate), round(max(0, self._total - done) / rate))
