"""The machine-readable frame number burnt into every made clip: geometry, painter and reader.

No drawing of the scene and no decoding lives here. The format is this project's own and is described in
sample_media/README.md ("Frame number strip").
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]

BASE_WIDTH = 1280
BASE_HEIGHT = 720
CELL_WIDTH = 32
CELL_HEIGHT = 24
LEFT = 64
TOP = 690
NUMBER_BITS = 24
CHECK_BITS = 8
LEADING_SYNC = (1, 0)
TRAILING_SYNC = (0, 1)
CELL_COUNT = len(LEADING_SYNC) + NUMBER_BITS + CHECK_BITS + len(TRAILING_SYNC)

_BLACK = 16
_WHITE = 235
_MIN_CONTRAST = 80.0
_DOUBTFUL_BAND = 0.15
_CRC_POLYNOMIAL = 0x07
_CRC_START = 0xFF


def checksum(frame_number: int) -> int:
    """CRC-8 (polynomial 0x07, start 0xFF, no reflection) over the three bytes of the number, high byte first.

    The start value keeps an all-black or all-zero strip from passing as frame 0.
    """
    crc = _CRC_START
    for byte in frame_number.to_bytes(NUMBER_BITS // 8, "big"):
        crc ^= byte
        for _ in range(8):
            crc = ((crc << 1) ^ _CRC_POLYNOMIAL) & 0xFF if crc & 0x80 else crc << 1
    return crc


def strip_bits(frame_number: int) -> tuple[int, ...]:
    """The cells from left to right, 1 = white: sync 10, number (high bit first), checksum, sync 01.

    Raises ValueError when the number does not fit 24 bits.
    """
    if not 0 <= frame_number < 1 << NUMBER_BITS:
        raise ValueError(f"frame number {frame_number} does not fit {NUMBER_BITS} bits")
    word = (frame_number << CHECK_BITS) | checksum(frame_number)
    width = NUMBER_BITS + CHECK_BITS
    payload = tuple((word >> (width - 1 - i)) & 1 for i in range(width))
    return LEADING_SYNC + payload + TRAILING_SYNC


def paint_frame_number(picture: Picture, frame_number: int) -> None:
    """Paint the strip into a 1280x720 picture (H, W, 3) in place, with a black rim around it.

    Raises ValueError on any other size.
    """
    if picture.shape != (BASE_HEIGHT, BASE_WIDTH, 3):
        raise ValueError(f"the strip is painted at {BASE_WIDTH}x{BASE_HEIGHT}, not {picture.shape}")
    right = LEFT + CELL_COUNT * CELL_WIDTH
    picture[TOP - 4 : TOP + CELL_HEIGHT + 4, LEFT - 6 : right + 6] = _BLACK
    for index, bit in enumerate(strip_bits(frame_number)):
        x = LEFT + index * CELL_WIDTH
        picture[TOP : TOP + CELL_HEIGHT, x : x + CELL_WIDTH] = _WHITE if bit else _BLACK


def read_frame_number(rgb_or_gray: npt.NDArray[Any]) -> int | None:
    """The burnt-in frame number of a picture, (H, W) or (H, W, channels), 8 bit, any size of 16:9 aspect.

    None when the sync cells, the contrast or the checksum do not hold, or a cell is neither black nor white.
    Raises ValueError when the array is not a picture.
    """
    if rgb_or_gray.ndim not in (2, 3) or 0 in rgb_or_gray.shape:
        raise ValueError(f"not a picture: shape {rgb_or_gray.shape}")
    levels = _cell_levels(rgb_or_gray)
    expected_sync = np.array(LEADING_SYNC + TRAILING_SYNC, dtype=bool)
    sync = np.concatenate([levels[: len(LEADING_SYNC)], levels[-len(TRAILING_SYNC) :]])
    white, black = float(sync[expected_sync].min()), float(sync[~expected_sync].max())
    if white - black < _MIN_CONTRAST:
        return None
    position = (levels - black) / (white - black)
    if bool(np.any(np.abs(position - 0.5) < _DOUBTFUL_BAND)):
        return None
    word = 0
    for bit in position[len(LEADING_SYNC) : -len(TRAILING_SYNC)] > 0.5:
        word = (word << 1) | int(bit)
    number = word >> CHECK_BITS
    return number if checksum(number) == word & 0xFF else None


def _cell_levels(picture: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Mean level of the middle half of each cell; the edges are left out because scaling smears them."""
    height, width = picture.shape[:2]
    across, down = width / BASE_WIDTH, height / BASE_HEIGHT
    top = round((TOP + CELL_HEIGHT * 0.25) * down)
    bottom = max(top + 1, round((TOP + CELL_HEIGHT * 0.75) * down))
    levels = np.empty(CELL_COUNT)
    for index in range(CELL_COUNT):
        x = LEFT + index * CELL_WIDTH
        left = round((x + CELL_WIDTH * 0.25) * across)
        right = max(left + 1, round((x + CELL_WIDTH * 0.75) * across))
        levels[index] = float(picture[top:bottom, left:right].mean())
    return levels
