"""What an alignment by sound is told from and what it tells: pieces on a common clock, a proposal, or a doubt.

How it is found is ``ingest.align``'s business.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ingest.sound import Sound

US = 1_000_000
RATE_DEN = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Piece:
    """Sound already on the common clock: ``common = start_us + media * rate_num / rate_den``."""

    sound: Sound
    start_us: int
    rate_num: int = 1
    rate_den: int = 1

    def to_media(self, common: float) -> float:
        """Seconds of the common clock to seconds of media."""
        return (common - self.start_us / US) * self.rate_den / self.rate_num

    def to_common(self, media: float) -> float:
        """Seconds of media to seconds of the common clock."""
        return self.start_us / US + media * self.rate_num / self.rate_den


@dataclass(frozen=True, slots=True)
class Measured:
    """What was looked at. Times in microseconds, ``rival_share`` in thousandths of the best shift's likeness.

    ``windows`` lie in the overlap, ``heard`` of them carry sound on both sides, ``agreeing`` lie on one line.
    ``chance_log10``: the chance of so much agreement among strangers, as a power of ten. ``rival_us`` is the next
    best shift, relative to the best.
    """

    window_us: int
    overlap_us: int
    windows: int
    heard: int
    agreeing: int
    chance_log10: int
    searched_us: int
    rival_share: int = 0
    rival_us: int = 0


@dataclass(frozen=True, slots=True)
class Alignment:
    """A proposal: ``common = offset_us + media * rate_num / rate_den``, within ``error_us`` over the whole recording.

    ``spread_us`` is how far single windows scatter; drift in parts in 10**9, positive where this recording's clock
    runs slow against the common one; ``drift_error_ppb`` twice its standard error. ``first_us`` to ``last_us`` is the
    stretch of this recording's media time the agreeing windows span: outside it the line is continued.
    """

    offset_us: int
    rate_num: int
    rate_den: int
    error_us: int
    spread_us: int
    drift_ppb: int
    drift_error_ppb: int
    first_us: int
    last_us: int
    measured: Measured


class Doubt(StrEnum):
    """Why nothing is proposed."""

    NO_SOUND = "no_sound"
    NO_OVERLAP = "no_overlap"
    TOO_FEW_AGREE = "too_few_agree"
    REPEATS = "repeats"


@dataclass(frozen=True, slots=True)
class CannotTell:
    """No proposal, why not, and what was looked at."""

    doubt: Doubt
    measured: Measured
