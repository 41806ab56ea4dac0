"""What a player gets for a frame asked for: a picture, or the plain statement that there is none.

Damage is a value here, never an exception: a reviewer must see where a recording cannot be shown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Frame ``n`` (counted from 0 in display order) of a recording.

    ``pts`` in the stream's time base, ``us`` on the media clock (first frame = 0); ``picture`` is (H, W, 3) RGB,
    contiguous, already turned upright and scaled to fit the size asked for. ``doubt`` says, for a person, why the
    picture may not be what the camera saw; empty for a sound one.
    """

    n: int
    pts: int
    us: int
    picture: Picture
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Damage:
    """Frame ``n`` cannot be shown; ``text`` says why, for a person. The original is untouched."""

    n: int
    us: int
    text: str
