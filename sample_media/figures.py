"""Painting one person from joints: limbs, torso, head, clothes, shadow. No likeness of anybody is meant.

Where the person stands and in which pose comes from choreography.py; joints are in poses.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from sample_media import poses
from sample_media.pinhole import Colour, Picture, Point2, draw_line, fill_circle, fill_polygon
from sample_media.poses import Pose


@dataclass(frozen=True, slots=True)
class Clothes:
    """Colours of one person; ``vest`` and ``mark`` only for officers, ``coat`` hangs to the knee."""

    top: Colour
    trousers: Colour
    skin: Colour
    hair: Colour
    shoes: Colour = (40, 36, 36)
    vest: Colour | None = None
    cap: Colour | None = None
    mark: str = ""
    coat: bool = False
    bun: bool = False


_NAVY: Colour = (78, 52, 40)
_LIME: Colour = (84, 206, 196)
_REFLECTIVE: Colour = (222, 226, 220)

WARDROBE: dict[str, Clothes] = {
    "O1": Clothes(_NAVY, (62, 44, 36), (120, 158, 206), (44, 52, 60), vest=_LIME, cap=(66, 42, 34), mark="O1"),
    "O2": Clothes(_NAVY, (62, 44, 36), (150, 184, 226), (60, 88, 118), vest=_LIME, cap=(66, 42, 34), mark="O2"),
    "O3": Clothes(
        _NAVY, (62, 44, 36), (92, 124, 168), (36, 36, 44), vest=_LIME, cap=(66, 42, 34), mark="O3", bun=True
    ),
    "S": Clothes((150, 142, 136), (120, 84, 62), (126, 164, 210), (38, 46, 62), (210, 210, 214)),
    "B": Clothes((70, 62, 164), (70, 60, 66), (112, 146, 190), (70, 74, 82), coat=True, bun=True),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A person to be painted: pose in metres, ``foot`` its (0, 0) in the picture, ``px_per_m`` its size."""

    who: str
    pose: Pose
    foot: Point2
    px_per_m: float
    facing: float

    def spot(self, joint: int) -> Point2:
        """Picture point of a joint."""
        x, y = self.pose[joint]
        return (self.foot[0] + x * self.px_per_m, self.foot[1] - y * self.px_per_m)


def paint_figure(picture: Picture, figure: Figure) -> None:
    """Paint shadow and person in place."""
    clothes = WARDROBE[figure.who]
    _paint_shadow(picture, figure)
    back, front = (poses.RIGHT_ARM, poses.LEFT_ARM) if figure.facing < 0 else (poses.LEFT_ARM, poses.RIGHT_ARM)
    _paint_arm(picture, figure, back, _shade(clothes.top, 0.82), _shade(clothes.skin, 0.88))
    for leg, shade in ((poses.LEFT_LEG, 0.86), (poses.RIGHT_LEG, 1.0)):
        _paint_leg(picture, figure, leg, clothes, shade)
    _paint_torso(picture, figure, clothes)
    _paint_head(picture, figure, clothes)
    _paint_arm(picture, figure, front, clothes.top, clothes.skin)


def paint_capsule(picture: Picture, start: Point2, end: Point2, radii: tuple[float, float], colour: Colour) -> None:
    """A limb: two discs and what lies between them, in pixels."""
    fill_polygon(picture, _around([start, end], radii), colour)


def _around(centres: Sequence[Point2], radii: Sequence[float]) -> list[Point2]:
    turn = np.linspace(0.0, 2.0 * math.pi, 20, endpoint=False)
    rings = [
        np.stack([c[0] + r * np.cos(turn), c[1] + r * np.sin(turn)], axis=1)
        for c, r in zip(centres, radii, strict=True)
    ]
    hull = cv2.convexHull(np.concatenate(rings).astype(np.float32))
    return [(float(p[0][0]), float(p[0][1])) for p in hull]


def _shade(colour: Colour, share: float) -> Colour:
    return (int(colour[0] * share), int(colour[1] * share), int(colour[2] * share))


def _paint_shadow(picture: Picture, figure: Figure) -> None:
    upright = figure.pose[poses.HEAD, 1] > 0.8
    ground = figure.pose[poses.LEFT_LEG[0] :, 0] if upright else figure.pose[:, 0]
    left, right = float(ground.min()), float(ground.max())
    size = figure.px_per_m
    half = ((right - left) / 2 + 0.12) * size
    x0, x1 = (round(figure.foot[0] + v * size) for v in (left - 0.15, right + 0.15))
    y0, y1 = round(figure.foot[1] - 0.14 * size), round(figure.foot[1] + 0.12 * size)
    x0, x1 = max(0, x0), min(picture.shape[1], x1)
    y0, y1 = max(0, y0), min(picture.shape[0], y1)
    if x1 <= x0 or y1 <= y0:
        return
    mask = np.zeros((y1 - y0, x1 - x0), dtype=np.uint8)
    centre = (
        round(figure.foot[0] + (left + right) / 2 * size) - x0,
        round(figure.foot[1] - 0.01 * size) - y0,
    )
    cv2.ellipse(mask, centre, (round(half), max(2, round(0.09 * size))), 0, 0, 360, (255,), -1, cv2.LINE_AA)
    weight = 1.0 - 0.42 * (mask.astype(np.float32)[..., None] / 255.0)
    picture[y0:y1, x0:x1] = (picture[y0:y1, x0:x1] * weight).astype(np.uint8)


def _paint_arm(picture: Picture, figure: Figure, arm: tuple[int, int, int], sleeve: Colour, skin: Colour) -> None:
    shoulder, elbow, hand = (figure.spot(j) for j in arm)
    size = figure.px_per_m
    fill_circle(picture, hand, 0.05 * size, skin)
    paint_capsule(picture, elbow, _towards(elbow, hand, 0.88), (0.052 * size, 0.042 * size), sleeve)
    paint_capsule(picture, shoulder, elbow, (0.068 * size, 0.052 * size), sleeve)


def _paint_leg(picture: Picture, figure: Figure, leg: tuple[int, int, int], clothes: Clothes, shade: float) -> None:
    hip, knee, foot = (figure.spot(j) for j in leg)
    size = figure.px_per_m
    away = _towards(knee, foot, 1.12)
    toe = (away[0] + figure.facing * 0.07 * size, away[1] + 0.0 * size)
    paint_capsule(picture, foot, toe, (0.052 * size, 0.042 * size), clothes.shoes)
    cloth = _shade(clothes.trousers, shade)
    paint_capsule(picture, knee, foot, (0.066 * size, 0.05 * size), cloth)
    paint_capsule(picture, hip, knee, (0.088 * size, 0.066 * size), cloth)


def _paint_torso(picture: Picture, figure: Figure, clothes: Clothes) -> None:
    size = figure.px_per_m
    corners = [figure.spot(j) for j in (poses.LEFT_ARM[0], poses.RIGHT_ARM[0], 12, 9)]
    hem = [0.085 * size] * 2
    if clothes.coat:
        knees = [_towards(figure.spot(a), figure.spot(b), 0.8) for a, b in ((12, 13), (9, 10))]
        fill_polygon(picture, _around([*corners[2:], *knees], hem + [0.1 * size] * 2), _shade(clothes.top, 0.92))
    fill_polygon(picture, _around(corners, [0.07 * size] * 2 + hem), clothes.top)
    neck, head = figure.spot(poses.NECK), figure.spot(poses.HEAD)
    paint_capsule(picture, neck, head, (0.05 * size, 0.05 * size), _shade(clothes.skin, 0.86))
    if clothes.vest is None:
        return
    low = [_towards(corners[0], corners[3], 0.82), _towards(corners[1], corners[2], 0.82)]
    fill_polygon(picture, _around([*corners[:2], *low], [0.055 * size] * 2 + [0.075 * size] * 2), clothes.vest)
    for share in (0.56, 0.78):
        band = (_towards(corners[0], corners[3], share), _towards(corners[1], corners[2], share))
        draw_line(picture, *band, _REFLECTIVE, 0.035 * size)
    _paint_mark(picture, figure, clothes.mark)


def _paint_mark(picture: Picture, figure: Figure, mark: str) -> None:
    centre = _towards(figure.spot(poses.NECK), figure.spot(poses.PELVIS), 0.3)
    scale = figure.px_per_m * 0.0042
    (wide, tall), _ = cv2.getTextSize(mark, cv2.FONT_HERSHEY_SIMPLEX, scale, 2)
    where = (round(centre[0] - wide / 2), round(centre[1] + tall / 2 + 0.05 * figure.px_per_m))
    cv2.putText(picture, mark, where, cv2.FONT_HERSHEY_SIMPLEX, scale, (60, 48, 40), 2, cv2.LINE_AA)


def _paint_head(picture: Picture, figure: Figure, clothes: Clothes) -> None:
    size = figure.px_per_m
    head, neck = figure.spot(poses.HEAD), figure.spot(poses.NECK)
    length = max(1e-6, math.hypot(head[0] - neck[0], head[1] - neck[1]))
    up = ((head[0] - neck[0]) / length, (head[1] - neck[1]) / length)
    side = (-up[1] * figure.facing, up[0] * figure.facing)

    def at(along: float, across: float) -> Point2:
        return (
            head[0] + (up[0] * along + side[0] * across) * size,
            head[1] + (up[1] * along + side[1] * across) * size,
        )

    if clothes.bun:
        fill_circle(picture, at(0.05, -0.12), 0.055 * size, clothes.hair)
    paint_capsule(picture, at(0.03, 0.0), at(-0.03, 0.01), (0.112 * size, 0.1 * size), clothes.hair)
    paint_capsule(picture, at(0.0, 0.025), at(-0.06, 0.03), (0.088 * size, 0.07 * size), clothes.skin)
    if clothes.cap is not None:
        crown = [at(0.055, -0.115), at(0.13, -0.1), at(0.16, 0.0), at(0.13, 0.1), at(0.055, 0.115)]
        fill_polygon(picture, crown, clothes.cap)
        fill_polygon(picture, [at(0.075, 0.0), at(0.075, 0.17), at(0.05, 0.17), at(0.045, 0.0)], (40, 28, 24))


def _towards(start: Point2, end: Point2, share: float) -> Point2:
    return (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)
