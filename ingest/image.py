"""The one module that imports OpenCV: turning and encoding single pictures.

OpenCV is no clock and no parser of evidence (DESIGN section 3); no video is ever opened with it.
"""

from __future__ import annotations

import os
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from ingest.errors import DerivativeFailed

# On import cv2 points Qt at its own bundled Qt 5, which keeps PySide6 from starting.
for _variable in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
    os.environ.pop(_variable, None)

Picture = npt.NDArray[np.uint8]
JPEG_QUALITY = 92
VERSION: str = cv2.__version__
FORMATS = ("png", "jpeg")

_TURNS: dict[int, int] = {
    90: cv2.ROTATE_90_CLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}


def upright(bgr: Picture, clockwise: int) -> Picture:
    """``bgr`` (H, W, 3) turned clockwise by 0, 90, 180 or 270 degrees; other angles leave it as it is."""
    turn = _TURNS.get(clockwise)
    return bgr if turn is None else _picture(cv2.rotate(bgr, turn))


def encode(bgr: Picture, form: str) -> bytes:
    """``bgr`` (H, W, 3) as ``png`` (lossless) or ``jpeg``; raises DerivativeFailed."""
    options = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY] if form == "jpeg" else []
    done, data = cv2.imencode(".jpg" if form == "jpeg" else ".png", bgr, options)
    if not done:
        raise DerivativeFailed("The picture could not be encoded. Try the other picture format.")
    return bytes(data)


def _picture(array: Any) -> Picture:
    return np.asarray(array, dtype=np.uint8)
