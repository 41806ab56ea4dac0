"""The clock a player runs on and the position it yields. Pure arithmetic on integer microseconds; decodes nothing.

The audio clock is trusted only while it keeps step with the monotonic clock (QAudioSink can run slow or stall).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from typing import Protocol

MAX_DRIFT_US = 150_000
"""An audio clock that strays further than this from the monotonic clock is given up."""
MAX_WAIT_US = 300_000
"""A device that has played nothing for this long is given up."""


class Clock(Protocol):
    """Microseconds that never run backwards; the origin means nothing."""

    def now_us(self) -> int: ...


class WallClock:
    """The machine's monotonic clock."""

    def now_us(self) -> int:
        return time.perf_counter_ns() // 1000


class FakeClock:
    """A clock that stands still until told to advance, for tests."""

    def __init__(self) -> None:
        self._now = 0

    def now_us(self) -> int:
        return self._now

    def advance(self, us: int) -> None:
        """Let ``us`` microseconds pass. Raises ValueError when that would be backwards."""
        if us < 0:
            raise ValueError("time does not run backwards")
        self._now += us


class AudioClock:
    """Time as heard, while the sound device keeps step; else the wall clock's, without a jump.

    ``heard`` returns microseconds the device has played since ``start``, or None while nothing is open. The picture
    waits for the first sound, at most MAX_WAIT_US; once device and wall clock have drifted apart by MAX_DRIFT_US
    after that, the device is not asked again until the next ``start``.
    """

    def __init__(self, wall: Clock, heard: Callable[[], int | None]) -> None:
        self._wall = wall
        self._heard = heard
        self._base = self._last = self._started = wall.now_us()
        self._delay: int | None = None
        self._tracking = False

    @property
    def tracking(self) -> bool:
        """Whether the device sets the time at present."""
        return self._tracking

    def start(self) -> None:
        """The device has begun to play; its reports count from here."""
        self._base = self._last = self.now_us()
        self._started = self._wall.now_us()
        self._delay = None
        self._tracking = True

    def stop(self) -> None:
        """Go on by the wall clock."""
        if self._tracking:
            self._last = self.now_us()
            self._fall_back()

    def now_us(self) -> int:
        elapsed = self._wall.now_us() - self._started
        if not self._tracking:
            return self._base + elapsed
        heard = self._heard()
        if heard is None or not self._keeps_step(heard, elapsed):
            self._fall_back()
        else:
            self._last = max(self._last, self._base + heard)
        return self._last

    def _keeps_step(self, heard: int, elapsed: int) -> bool:
        if heard <= 0:
            return elapsed <= MAX_WAIT_US
        if self._delay is None:
            self._delay = elapsed - heard
        return abs(elapsed - heard - self._delay) <= MAX_DRIFT_US

    def _fall_back(self) -> None:
        self._base = self._last
        self._started = self._wall.now_us()
        self._tracking = False


class Transport:
    """Where the player is: an anchor and a rate. ``rate`` is signed; 0 stands still."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._anchor = 0
        self._at = clock.now_us()
        self._rate = Fraction(0)
        self._end = 0

    @property
    def rate(self) -> Fraction:
        """Signed media seconds per clock second."""
        return self._rate

    def load(self, duration_us: int) -> None:
        """Stand at the start of something ``duration_us`` long."""
        self._end = max(0, duration_us)
        self._rate = Fraction(0)
        self.jump(0)

    def position(self) -> int:
        """Media microseconds, inside the recording."""
        passed = self._clock.now_us() - self._at
        moved = passed * self._rate.numerator // self._rate.denominator
        return min(self._end, max(0, self._anchor + moved))

    def jump(self, us: int) -> None:
        """Stand, or go on at the same rate, from ``us``."""
        self._anchor = min(self._end, max(0, us))
        self._at = self._clock.now_us()

    def run(self, rate: Fraction) -> None:
        """Go on from here at another rate."""
        self._anchor = self.position()
        self._at = self._clock.now_us()
        self._rate = rate

    @property
    def at_end(self) -> bool:
        """Whether the direction of travel has run out of recording."""
        here = self.position()
        return (self._rate > 0 and here >= self._end) or (self._rate < 0 and here <= 0)
