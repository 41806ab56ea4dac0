"""Body poses of the drawn figures: fifteen joints in metres, x to the right, y up from the ground.

Only numbers and the mixing of two poses; the painting is in figures.py. Side poses look to the left.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Pose = npt.NDArray[np.float64]  # (15, 2)

HEAD, NECK, PELVIS = 0, 1, 2
LEFT_ARM: Final = (3, 4, 5)
RIGHT_ARM: Final = (6, 7, 8)
LEFT_LEG: Final = (9, 10, 11)
RIGHT_LEG: Final = (12, 13, 14)
LEFT_HAND, RIGHT_HAND = LEFT_ARM[2], RIGHT_ARM[2]

_STAND = (
    (0.00, 1.60), (0.00, 1.44), (0.00, 0.95),
    (-0.19, 1.39), (-0.26, 1.13), (-0.25, 0.87),
    (0.19, 1.39), (0.26, 1.13), (0.25, 0.87),
    (-0.09, 0.93), (-0.11, 0.50), (-0.13, 0.05),
    (0.09, 0.93), (0.11, 0.50), (0.13, 0.05),
)  # fmt: skip
_AIM = (
    (-0.05, 1.58), (-0.01, 1.42), (0.05, 0.92),
    (-0.08, 1.37), (-0.34, 1.29), (-0.61, 1.36),
    (0.06, 1.36), (-0.24, 1.24), (-0.59, 1.34),
    (-0.02, 0.90), (-0.17, 0.50), (-0.22, 0.05),
    (0.09, 0.90), (0.18, 0.48), (0.28, 0.05),
)  # fmt: skip
_KNEEL = (
    (-0.19, 1.14), (-0.09, 0.99), (0.12, 0.54),
    (-0.14, 0.94), (-0.33, 0.70), (-0.44, 0.42),
    (-0.02, 0.93), (-0.22, 0.66), (-0.34, 0.36),
    (0.08, 0.52), (-0.24, 0.48), (-0.16, 0.05),
    (0.15, 0.52), (0.09, 0.08), (0.48, 0.06),
)  # fmt: skip
_PRONE = (
    (-0.76, 0.17), (-0.57, 0.17), (0.00, 0.17),
    (-0.50, 0.06), (-0.66, -0.02), (-0.86, 0.02),
    (-0.48, 0.29), (-0.30, 0.37), (-0.52, 0.40),
    (0.03, 0.11), (0.44, 0.04), (0.86, 0.00),
    (0.03, 0.24), (0.45, 0.24), (0.88, 0.22),
)  # fmt: skip
_RECOVERY = (
    (-0.74, 0.22), (-0.56, 0.23), (0.00, 0.20),
    (-0.50, 0.13), (-0.28, 0.12), (-0.03, 0.30),
    (-0.48, 0.33), (-0.24, 0.40), (0.00, 0.34),
    (0.03, 0.14), (0.30, -0.10), (0.62, 0.02),
    (0.03, 0.25), (0.38, 0.04), (0.66, 0.14),
)  # fmt: skip


def _changed(base: Pose, changes: dict[int, tuple[float, float]]) -> Pose:
    pose = base.copy()
    for joint, place in changes.items():
        pose[joint] = place
    return pose


_stand = np.array(_STAND)
_prone = np.array(_PRONE)

POSES: Final[dict[str, Pose]] = {
    "stand": _stand,
    "talk": _changed(_stand, {7: (0.33, 1.18), 8: (0.47, 1.32)}),
    "shrug": _changed(_stand, {4: (-0.34, 1.17), 5: (-0.52, 1.24), 7: (0.34, 1.17), 8: (0.50, 1.12)}),
    "knife_low": _changed(_stand, {7: (0.29, 1.15), 8: (0.40, 0.98)}),
    "knife_talk": _changed(_stand, {4: (-0.35, 1.17), 5: (-0.53, 1.26), 7: (0.29, 1.15), 8: (0.40, 0.98)}),
    "knife_up": _changed(_stand, {4: (-0.33, 1.15), 5: (-0.47, 1.05), 7: (0.37, 1.31), 8: (0.46, 1.57)}),
    "hands_up": _changed(_stand, {4: (-0.36, 1.22), 5: (-0.38, 1.50), 7: (0.36, 1.22), 8: (0.38, 1.50)}),
    "stiff": _changed(
        _stand,
        {0: (0.05, 1.61), 4: (-0.24, 1.15), 5: (-0.09, 1.22), 7: (0.24, 1.15), 8: (0.09, 1.20),
         10: (-0.06, 0.50), 11: (-0.06, 0.05), 13: (0.06, 0.50), 14: (0.07, 0.05)},
    ),
    "radio": _changed(_stand, {7: (0.33, 1.16), 8: (0.15, 1.36)}),
    "aim": np.array(_AIM),
    "order": _changed(np.array(_AIM), {7: (0.12, 1.12), 8: (-0.10, 1.02), 5: (-0.60, 1.46)}),
    "kneel": np.array(_KNEEL),
    "prone": _prone,
    "prone_cuffed": _changed(
        _prone, {4: (-0.28, -0.02), 5: (-0.03, 0.17), 7: (-0.24, 0.40), 8: (-0.01, 0.26)}
    ),
    "recovery": np.array(_RECOVERY),
}  # fmt: skip


def mixed(before: Pose, after: Pose, share: float) -> Pose:
    """A pose between two, joint by joint; ``share`` 0 is before, 1 is after."""
    return before * (1.0 - share) + after * share


def walking(pose: Pose, phase: float) -> Pose:
    """The pose with striding legs; ``phase`` in radians, one turn a double step."""
    stride = pose.copy()
    swing = np.sin(phase)
    stride[10:12, 0] += np.array((0.10, 0.24)) * swing
    stride[13:15, 0] -= np.array((0.10, 0.24)) * swing
    stride[11, 1] += 0.09 * max(0.0, np.cos(phase))
    stride[14, 1] += 0.09 * max(0.0, -np.cos(phase))
    stride[:9, 1] += 0.02 * abs(swing)
    return stride


def mirrored(pose: Pose) -> Pose:
    """The pose seen the other way round."""
    turned: Pose = pose * np.array((-1.0, 1.0))
    return turned
