"""The scene's clocks: master time, the start of each camera, and what each camera's own clock says.

Source: mill-street/truth.json (clock_formula). Master zero is camera 1's first frame.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

MASTER_ZERO: Final = datetime(2026, 3, 14, 9, 39, 30, tzinfo=UTC)
CAM2_OFFSET_S: Final = 7.413
CAM2_FAST: Final = 1.00004
CAM2_START: Final = MASTER_ZERO + timedelta(milliseconds=7413)
SAMPLE_RATE: Final = 16_000


def cam1_master_time(file_time: float) -> float:
    """Master seconds of a camera 1 time counted from the first frame of its first segment."""
    return file_time


def cam2_master_time(file_time: float) -> float:
    """Master seconds of a camera 2 file time; its clock runs 40 ppm fast."""
    return CAM2_OFFSET_S + file_time / CAM2_FAST


def after_samples(start: datetime, samples: int) -> datetime:
    """A camera's clock after so many samples, to the nearest millisecond."""
    return start + timedelta(milliseconds=(samples * 1000 + SAMPLE_RATE // 2) // SAMPLE_RATE)


def iso_ms(when: datetime) -> str:
    """UTC with milliseconds, ``2026-03-14T09:39:30.000Z``."""
    return f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03d}Z"


def iso_s(when: datetime) -> str:
    """UTC cut to whole seconds, as an MP4 header holds it."""
    return f"{when:%Y-%m-%dT%H:%M:%S}Z"
