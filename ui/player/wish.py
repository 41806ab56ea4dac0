"""Which still is wanted next while another is being decoded: the newest only, so that dragging shows pictures."""

from __future__ import annotations

from bwc_review.playback.transport import Clock

SUPERSEDE_US = 150_000  # a seek in flight this long is dropped for a newer one


class Wish:
    """At most one frame in flight and at most one waiting."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sent_at: int | None = None
        self.waiting: int | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing is in flight and nothing waits."""
        return self._sent_at is None and self.waiting is None

    def want(self, n: int) -> None:
        """Frame ``n`` is wanted now, and nothing wanted before it."""
        self.waiting = n

    def answered(self) -> None:
        """The frame in flight has come."""
        self._sent_at = None

    def forget(self) -> None:
        """Nothing is wanted any more."""
        self._sent_at = self.waiting = None

    def to_send(self) -> int | None:
        """The frame to ask for now, which is then in flight; None while there is none or another is on its way."""
        now = self._clock.now_us()
        if self.waiting is None or (self._sent_at is not None and now - self._sent_at < SUPERSEDE_US):
            return None
        n, self.waiting, self._sent_at = self.waiting, None, now
        return n
