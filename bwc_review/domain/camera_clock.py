"""A camera's clock against this workstation's, measured when the camera was docked.

A view for whoever places recordings on one clock, never an edit of anything recorded. Microseconds throughout.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from bwc_review.domain.times import Micros

TYPED = "typed"
REPORTED = "reported"
READING = Micros(1_000_000)
"""How late a person may press after reading a display: stated with every typed measurement, not found out."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_SECOND, _MINUTE = Micros(1_000_000), Micros(60_000_000)


@dataclass(frozen=True, slots=True)
class CameraClock:
    """``offset`` is what the camera showed minus this workstation's clock at ``read_at`` (us since 1970 UTC).

    A camera that runs ahead has a positive offset. ``source``: ``typed`` (a person read the display) or ``reported``
    (a dock or another program said so).
    """

    offset: Micros
    uncertainty: Micros
    source: str
    read_at: int

    def __post_init__(self) -> None:
        if self.uncertainty < 0:
            raise ValueError("an uncertainty cannot be negative")
        if self.source not in (TYPED, REPORTED):
            raise ValueError(f"a camera clock cannot come from {self.source!r}")


def read_display(shown: str, read_at: int) -> CameraClock:
    """A camera's display as a person typed it, read at ``read_at``: a time, or a date and a time, with its zone.

    ``09:40:10+01:00``, ``2026-03-14 09:40:10Z``; without a date the day nearest to ``read_at`` is meant. The
    uncertainty is the smallest unit typed plus ``READING``. Raises ValueError, with a sentence, for anything else.
    """
    text = shown.strip()
    now = _EPOCH + timedelta(microseconds=read_at)
    clock = _parsed(text, now)
    unit = _SECOND if text.count(":") - (1 if _ends_in_offset(text) else 0) >= 2 else _MINUTE
    offset = (clock - now) // timedelta(microseconds=1)
    return CameraClock(Micros(offset), Micros(unit + READING), TYPED, read_at)


def _parsed(text: str, now: datetime) -> datetime:
    try:
        if len(text) > 10 and text[4:5] == "-":
            return _zoned(datetime.fromisoformat(text))
        shown = time.fromisoformat(text)
        if shown.tzinfo is None:
            raise ValueError("no zone")
        day = now.astimezone(shown.tzinfo).date()
        around = [datetime.combine(day, shown) + _DAY * step for step in (-1, 0, 1)]
        return min(around, key=lambda one: abs(one - now))
    except ValueError as unfit:
        raise ValueError(
            f"'{text[:60]!s}' is no time of a camera's display. Type it with its zone, "
            "e.g. 09:40:10+01:00 or 2026-03-14 09:40:10Z."
        ) from unfit


def _zoned(clock: datetime) -> datetime:
    if clock.tzinfo is None:
        raise ValueError("no zone")
    return clock


def _ends_in_offset(text: str) -> bool:
    return len(text) > 6 and text[-6] in "+-" and text[-3] == ":"
