"""What each invented camera family burns into its pictures: own clock, device, marker, frame strip.

The clock shown is what the camera's clock says, not true time. The strip's format is in frame_strip.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import cv2

from sample_media.frame_strip import paint_frame_number
from sample_media.pinhole import Colour, Picture

FRAMES_PER_SECOND: Final = 30
NOTICE: Final = "SYNTHETIC SCENE - INVENTED"
_FONT = cv2.FONT_HERSHEY_SIMPLEX

Overlay = Callable[[Picture, datetime, int], None]


def frame_clock(start: datetime, frame_number: int) -> datetime:
    """The camera's clock at a frame: start plus frame/30 s, to the nearest millisecond (thirds never tie)."""
    return start + timedelta(milliseconds=(frame_number * 1000 + FRAMES_PER_SECOND // 2) // FRAMES_PER_SECOND)


def kestrel_overlay(device_id: str, buffer_frames: int) -> Overlay:
    """Kestrel: ISO clock and device top right, white; ``buffer_frames`` say that no audio is kept."""

    def paint(picture: Picture, start: datetime, frame_number: int) -> None:
        clock = frame_clock(start, frame_number)
        _veil(picture, 776, 10, 1268, 74)
        _text(
            picture,
            f"{clock:%Y-%m-%dT%H:%M:%S}.{clock.microsecond // 1000:03d}Z",
            (790, 38),
            0.82,
            (244, 244, 244),
        )
        _text(picture, f"KESTREL KB-2  {device_id}", (790, 64), 0.58, (214, 214, 214))
        if frame_number < buffer_frames:
            _text(picture, "BUFFER / NO AUDIO", (1084, 64), 0.52, (96, 200, 250))
        _veil(picture, 12, 10, 312, 42)
        _text(picture, NOTICE, (22, 32), 0.56, (244, 244, 244))
        paint_frame_number(picture, frame_number)

    return paint


def orrery_overlay(device_id: str) -> Overlay:
    """Orrery: day-first clock and device bottom left above the strip, yellow; the marker bottom right."""

    def paint(picture: Picture, start: datetime, frame_number: int) -> None:
        clock = frame_clock(start, frame_number)
        _veil(picture, 0, 650, 1280, 720)
        stamp = f"{clock:%d-%m-%Y %H:%M:%S}.{clock.microsecond // 1000:03d} UTC"
        _text(picture, stamp, (64, 676), 0.74, (120, 230, 246))
        _text(picture, f"{device_id}  PATROL 5", (512, 676), 0.62, (120, 230, 246))
        _text(picture, NOTICE, (910, 676), 0.6, (244, 244, 244))
        paint_frame_number(picture, frame_number)

    return paint


def _veil(picture: Picture, left: int, top: int, right: int, bottom: int) -> None:
    area = picture[top:bottom, left:right]
    area[:] = area // 3


def _text(picture: Picture, text: str, where: tuple[int, int], size: float, colour: Colour) -> None:
    cv2.putText(picture, text, where, _FONT, size, colour, 2, cv2.LINE_AA)
