"""Who stands where, in which pose, at every master time of the mill-street scene, and how the cameras move.

Times follow truth.json loosely: force, restraint and position to the frame, the rest by feel.
No painting here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sample_media.pinhole import View
from sample_media.poses import POSES, Pose, mixed, walking

DISCHARGES: Final = ((61.684, 66.684), (74.995, 79.995))
CUFFS_ON: Final = (85.703, 87.253)
ON_HIS_SIDE: Final = 121.044
TASER_DRAWN: Final = (48.2, 80.2)
KNIFE_DROPS: Final = 58.62
KNIFE_LANDS: Final = 58.97
KNIFE_SECURED: Final = 141.0
KNIFE_ON_GROUND: Final = (1.75, 0.0, -1.75)
O1_HANDS_ON: Final = (82.0, 116.4)
O2_HANDS_ON: Final = (82.0, 119.6)

VIEWS: Final = {
    "cam1": View((-1.6, 1.4, -4.6), 52.0, 700.0, 250.0),
    "cam2": View((3.6, 1.4, -4.0), -62.0, 700.0, 250.0),
}
WEARERS: Final = {"cam1": "O1", "cam2": "O2"}


@dataclass(frozen=True, slots=True)
class Move:
    """From ``start`` on, over ``seconds``, into a pose at a place on the ground; held until the next move."""

    start: float
    seconds: float
    pose: str
    x: float
    z: float


@dataclass(frozen=True, slots=True)
class Stance:
    """Where one person is at one time: metres on the ground and the pose, not yet mirrored for any camera."""

    x: float
    z: float
    pose: Pose


@dataclass(frozen=True, slots=True)
class Framing:
    """The part of the background a camera shows: zoom and the frame point that comes to the middle."""

    zoom: float
    centre_x: float
    centre_y: float


_MOVES: Final[dict[str, tuple[Move, ...]]] = {
    "S": (
        Move(0.0, 0.0, "knife_low", 1.9, -1.3),
        Move(2.0, 3.2, "knife_talk", 0.9, -1.6),
        Move(8.0, 3.0, "knife_low", 1.6, -1.4),
        Move(14.0, 2.6, "knife_low", 0.5, -2.0),
        Move(22.7, 0.5, "knife_talk", 0.5, -2.0),
        Move(25.0, 0.6, "knife_low", 0.5, -2.0),
        Move(28.3, 0.5, "knife_talk", 0.5, -2.0),
        Move(30.2, 0.6, "knife_low", 0.55, -2.0),
        Move(38.8, 0.5, "knife_talk", 0.5, -2.05),
        Move(41.0, 0.5, "knife_low", 0.5, -2.05),
        Move(46.4, 0.4, "shrug", 0.5, -2.05),
        Move(48.4, 0.4, "knife_low", 0.5, -2.05),
        Move(50.6, 0.35, "knife_up", 0.5, -2.15),
        Move(54.6, 0.7, "knife_low", 0.5, -2.1),
        Move(58.4, 0.3, "talk", 0.5, -2.1),
        Move(59.1, 0.5, "hands_up", 0.5, -2.1),
        Move(61.684, 0.13, "stiff", 0.5, -2.1),
        Move(61.95, 0.7, "prone", 0.5, -2.1),
        Move(80.6, 2.4, "prone_cuffed", 0.5, -2.1),
        Move(119.6, 1.444, "recovery", 0.5, -2.1),
    ),
    "B": (
        Move(0.0, 0.0, "stand", 0.35, 0.1),
        Move(34.1, 0.5, "talk", 0.35, 0.0),
        Move(36.2, 0.4, "stand", 0.35, 0.0),
        Move(37.0, 1.8, "stand", 0.05, 0.9),
        Move(59.0, 0.5, "shrug", 0.1, 0.8),
        Move(61.0, 0.8, "stand", 0.05, 0.9),
        Move(70.5, 0.5, "shrug", 0.1, 0.8),
        Move(72.6, 0.6, "stand", 0.05, 0.9),
        Move(136.0, 1.2, "talk", 0.9, 0.1),
        Move(140.4, 0.6, "stand", 0.9, 0.1),
    ),
    "O1": (
        Move(0.0, 0.0, "stand", -3.4, -4.4),
        Move(9.0, 5.0, "stand", -1.6, -4.3),
        Move(21.0, 0.4, "order", -1.6, -4.3),
        Move(24.8, 0.6, "talk", -1.6, -4.3),
        Move(28.0, 0.6, "stand", -1.6, -4.3),
        Move(30.3, 0.5, "order", -1.6, -4.3),
        Move(35.4, 0.6, "stand", -1.6, -4.3),
        Move(40.8, 0.3, "order", -1.6, -4.3),
        Move(47.2, 0.6, "stand", -1.6, -4.3),
        Move(55.0, 0.4, "order", -1.6, -4.3),
        Move(58.8, 0.6, "stand", -1.6, -4.3),
        Move(64.7, 0.4, "order", -1.6, -4.3),
        Move(67.2, 0.5, "stand", -1.6, -4.3),
        Move(79.6, 2.0, "kneel", 0.1, -1.78),
        Move(116.4, 1.2, "stand", -0.2, -1.5),
        Move(119.4, 0.7, "kneel", 0.1, -1.78),
        Move(126.6, 0.9, "stand", -0.2, -1.5),
        Move(140.6, 0.6, "talk", -0.2, -1.3),
        Move(143.8, 0.6, "stand", -0.2, -1.3),
    ),
    "O2": (
        Move(0.0, 0.0, "stand", 8.2, -3.4),
        Move(7.0, 5.6, "stand", 3.7, -3.9),
        Move(13.3, 0.3, "radio", 3.7, -3.9),
        Move(14.9, 0.4, "stand", 3.6, -3.9),
        Move(17.0, 0.4, "order", 3.5, -3.8),
        Move(20.0, 0.6, "stand", 3.5, -3.8),
        Move(36.2, 0.4, "order", 3.5, -3.8),
        Move(38.6, 0.5, "stand", 3.5, -3.8),
        Move(43.6, 0.3, "order", 3.5, -3.8),
        Move(48.2, 0.4, "aim", 3.4, -3.8),
        Move(80.2, 2.0, "kneel", 1.05, -1.75),
        Move(119.6, 1.6, "stand", 2.5, -2.7),
        Move(144.1, 0.4, "radio", 2.5, -2.7),
        Move(148.0, 0.5, "stand", 2.5, -2.7),
    ),
    "O3": (
        Move(73.5, 0.0, "stand", 36.0, -3.6),
        Move(73.5, 8.6, "stand", 1.3, -3.1),
        Move(82.2, 0.6, "kneel", 0.7, -2.85),
        Move(121.2, 1.4, "stand", 1.6, -1.6),
        Move(127.2, 0.4, "radio", 1.6, -1.6),
        Move(131.7, 0.5, "stand", 1.6, -1.6),
    ),
}

# start, seconds, zoom, centre x, centre y
_FRAMINGS: Final[dict[str, tuple[tuple[float, float, float, float, float], ...]]] = {
    "cam1": (
        (0.0, 0.0, 0.90, 680.0, 340.0),
        (4.0, 10.0, 1.0, 650.0, 360.0),
        (79.6, 2.4, 1.42, 590.0, 470.0),
        (116.4, 1.4, 1.12, 610.0, 420.0),
        (119.4, 1.0, 1.2, 610.0, 415.0),
        (126.6, 1.4, 1.06, 600.0, 395.0),
        (140.2, 1.0, 1.12, 470.0, 360.0),
        (144.2, 1.4, 1.06, 600.0, 390.0),
    ),
    "cam2": (
        (7.0, 0.0, 0.92, 560.0, 330.0),
        (9.0, 4.0, 1.0, 610.0, 350.0),
        (48.0, 0.6, 1.06, 630.0, 380.0),
        (67.5, 1.0, 1.12, 640.0, 420.0),
        (80.2, 2.2, 1.4, 640.0, 470.0),
        (119.8, 1.4, 1.1, 620.0, 410.0),
        (136.2, 0.9, 1.12, 700.0, 380.0),
        (141.0, 1.4, 1.06, 620.0, 390.0),
    ),
}


def stance(who: str, t: float) -> Stance:
    """Place and pose of a person at master time ``t`` in seconds; a long way becomes a walk."""
    moves = _MOVES[who]
    now = max((i for i, m in enumerate(moves) if m.start <= t), default=0)
    to, came_from = moves[now], moves[max(0, now - 1)]
    share = _eased(t, to.start, to.seconds)
    pose = mixed(POSES[came_from.pose], POSES[to.pose], share)
    distance = math.hypot(to.x - came_from.x, to.z - came_from.z)
    if 0.0 < share < 1.0 and distance > 0.8 and to.pose != "prone":
        pose = mixed(pose, walking(pose, t * 2.0 * math.pi * 1.1), min(1.0, 6.0 * share * (1.0 - share)))
    pose = pose.copy()
    pose[:9, 1] += 0.006 * math.sin(t * 1.9 + ord(who[-1]))
    pose[:9, 0] += 0.006 * math.sin(t * 0.83 + 2.0 * ord(who[-1]))
    if who == "S" and discharge_running(t):
        pose[:, 1] += 0.010 * math.sin(t * 2.0 * math.pi * 9.3)
        pose[3:, 0] += 0.014 * math.sin(t * 2.0 * math.pi * 12.1)
    return Stance(came_from.x + (to.x - came_from.x) * share, came_from.z + (to.z - came_from.z) * share, pose)


def present(who: str, t: float) -> bool:
    """Whether a person has come into the scene by master time ``t``."""
    return t >= _MOVES[who][0].start


def framing(camera: str, t: float) -> Framing:
    """What a camera shows at master time ``t``, body sway and walking bob included."""
    keys = _FRAMINGS[camera]
    now = max((i for i, key in enumerate(keys) if key[0] <= t), default=0)
    to, came_from = keys[now], keys[max(0, now - 1)]
    share = _eased(t, to[0], to[1])
    zoom, x, y = (a + (b - a) * share for a, b in zip(came_from[2:], to[2:], strict=True))
    walk = 4.0 * share * (1.0 - share)
    phase = 0.0 if camera == "cam1" else 1.7
    x += 5.0 * math.sin(0.61 * t + phase) + 2.0 * math.sin(1.73 * t) + 7.0 * walk * math.sin(6.9 * t)
    y += 3.0 * math.sin(0.87 * t + 2 * phase) + 1.2 * math.sin(2.1 * t) + 6.0 * walk * math.sin(13.8 * t)
    return Framing(zoom, x, y)


def discharge_running(t: float) -> bool:
    """Whether the Taser discharges at master time ``t``."""
    return any(start <= t < end for start, end in DISCHARGES)


def raised(t: float, span: Sequence[float], seconds: float = 0.5) -> float:
    """0 outside a span, 1 inside, eased at both edges: how far a wearer's own hands are in view."""
    return _eased(t, span[0], seconds) * (1.0 - _eased(t, span[1], seconds))


def _eased(t: float, start: float, seconds: float) -> float:
    share = 1.0 if seconds <= 0.0 else min(1.0, max(0.0, (t - start) / seconds))
    return share * share * (3.0 - 2.0 * share)
