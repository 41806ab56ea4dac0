"""One finished picture of the scene: street, people by distance, the wearer's hands, Taser, knife.

Times come from choreography.py; clock, marker and strip are burnt in later by burn_in.py.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from sample_media import choreography as plot
from sample_media import poses
from sample_media.choreography import Framing
from sample_media.figures import WARDROBE, Figure, paint_capsule, paint_figure
from sample_media.pinhole import (
    FRAME_HEIGHT,
    FRAME_WIDTH,
    Canvas,
    Colour,
    Picture,
    Point2,
    Point3,
    draw_line,
    fill_circle,
    fill_polygon,
)
from sample_media.street import paint_street

_TASER: Colour = (40, 196, 236)
_SPARK: Colour = (255, 250, 214)
_BLADE: Colour = (226, 226, 220)
_GLOVE: Colour = (54, 46, 44)
_PULSES_PER_SECOND = 19.0


@dataclass(frozen=True, slots=True)
class Stage:
    """One camera's street, painted once, from which every frame is made."""

    camera: str
    canvas: Canvas

    @classmethod
    def of(cls, camera: str) -> Stage:
        """Paint the street for ``cam1`` or ``cam2``; takes a few seconds."""
        return cls(camera, paint_street(plot.VIEWS[camera]))

    def empty(self, t: float) -> Picture:
        """The street without anybody, (720, 1280, 3) blue-green-red, at master time ``t`` in seconds."""
        return self._background(plot.framing(self.camera, t))

    def frame(self, t: float) -> Picture:
        """The scene at master time ``t``, without burn-in."""
        framing = plot.framing(self.camera, t)
        picture = self._background(framing)
        figures = self._figures(framing, t)
        for figure in sorted(figures.values(), key=lambda f: f.px_per_m):
            paint_figure(picture, figure)
            if figure.who == "S":
                self._paint_knife(picture, framing, figure, t)
                _paint_cuffs(picture, figure, t)
        muzzle = self._paint_taser(picture, figures, t)
        self._paint_wires(picture, figures["S"], muzzle, t)
        self._paint_own_hands(picture, figures["S"], t)
        return picture

    def _background(self, framing: Framing) -> Picture:
        k = self.canvas.scale / framing.zoom
        corner = self.canvas.pixel(
            (
                framing.centre_x - FRAME_WIDTH / 2 / framing.zoom,
                framing.centre_y - FRAME_HEIGHT / 2 / framing.zoom,
            )
        )
        back = np.array([[k, 0.0, corner[0]], [0.0, k, corner[1]]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        size = (FRAME_WIDTH, FRAME_HEIGHT)
        warped = cv2.warpAffine(self.canvas.picture, back, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return warped.astype(np.uint8, copy=False)

    def _spot(self, framing: Framing, point: Point3) -> tuple[Point2, float]:
        (x, y), size = self.canvas.view.place(point)
        return (
            (
                (x - framing.centre_x) * framing.zoom + FRAME_WIDTH / 2,
                (y - framing.centre_y) * framing.zoom + FRAME_HEIGHT / 2,
            ),
            size * framing.zoom,
        )

    def _figures(self, framing: Framing, t: float) -> dict[str, Figure]:
        subject = plot.stance("S", t)
        subject_x = self._spot(framing, (subject.x, 0.0, subject.z))[0][0]
        figures: dict[str, Figure] = {}
        for who in WARDROBE:
            if who == plot.WEARERS[self.camera] or not plot.present(who, t):
                continue
            stance = plot.stance(who, t)
            if self.canvas.view.camera_space((stance.x, 0.0, stance.z))[2] < 0.8:
                continue
            foot, size = self._spot(framing, (stance.x, 0.0, stance.z))
            turn = (self.camera == "cam2") if who == "S" else subject_x > foot[0]
            pose = poses.mirrored(stance.pose) if turn else stance.pose
            figures[who] = Figure(who, pose, foot, size, 1.0 if turn else -1.0)
        return figures

    def _paint_knife(self, picture: Picture, framing: Framing, subject: Figure, t: float) -> None:
        ground, size = self._spot(framing, plot.KNIFE_ON_GROUND)
        if plot.KNIFE_LANDS <= t < plot.KNIFE_SECURED:
            _paint_blade(picture, ground, 0.15, size)
        elif t < plot.KNIFE_LANDS:
            hand = subject.spot(poses.RIGHT_HAND)
            fall = max(0.0, (t - plot.KNIFE_DROPS) / (plot.KNIFE_LANDS - plot.KNIFE_DROPS))
            where = (hand[0] + (ground[0] - hand[0]) * fall, hand[1] + (ground[1] - hand[1]) * fall**2)
            _paint_blade(picture, where, (-1.1 if subject.facing < 0 else 4.24) + 5.0 * fall, size)

    def _paint_taser(self, picture: Picture, figures: dict[str, Figure], t: float) -> Point2:
        if self.camera == "cam1":
            holder = figures["O2"]
            grip = holder.spot(poses.LEFT_HAND)
            side, size = holder.facing, holder.px_per_m
            muzzle = (grip[0] + side * 0.16 * size, grip[1] - 0.04 * size)
            if plot.TASER_DRAWN[0] + 0.2 <= t < plot.TASER_DRAWN[1]:
                paint_capsule(picture, grip, (grip[0], grip[1] - 0.05 * size), (0.03 * size, 0.03 * size), _TASER)
                paint_capsule(picture, (grip[0], grip[1] - 0.045 * size), muzzle, (0.035 * size, 0.03 * size), _TASER)
            return muzzle
        low = (1.0 - plot.raised(t, plot.TASER_DRAWN)) * 330.0
        x, y = 770.0 + 4.0 * math.sin(1.9 * t), 566.0 + low + 3.0 * math.sin(2.3 * t)
        if low < 329.0:
            _paint_sleeve(picture, (1070.0, 800.0 + low), (x + 26.0, y + 84.0), 74.0)
            _paint_sleeve(picture, (590.0, 820.0 + low), (x - 14.0, y + 96.0), 70.0)
            fill_polygon(picture, [(x - 22, y), (x + 34, y), (x + 40, y + 92), (x - 6, y + 96)], (34, 160, 196))
            fill_polygon(picture, [(x - 34, y - 34), (x + 30, y - 34), (x + 38, y + 26), (x - 30, y + 26)], _TASER)
            fill_polygon(picture, [(x - 28, y - 50), (x + 20, y - 50), (x + 26, y - 32), (x - 30, y - 32)], _GLOVE)
        return (x - 4.0, y - 52.0)

    def _paint_wires(self, picture: Picture, subject: Figure, muzzle: Point2, t: float) -> None:
        if not plot.DISCHARGES[0][0] <= t < plot.TASER_DRAWN[1]:
            return
        upper = subject.spot(poses.NECK)
        lower = subject.spot(poses.PELVIS)
        hits = [
            (upper[0] + (lower[0] - upper[0]) * share, upper[1] + (lower[1] - upper[1]) * share)
            for share in (0.25, 0.8)
        ]
        pulse = plot.discharge_running(t) and (t * _PULSES_PER_SECOND) % 1.0 < 0.6
        for hit in hits:
            draw_line(picture, muzzle, hit, _SPARK if pulse else (178, 172, 160), 2 if pulse else 1)
        if pulse:
            turn = t * 40.0
            _paint_star(picture, muzzle, 0.10 * subject.px_per_m, turn)
            for hit in hits:
                _paint_star(picture, hit, 0.05 * subject.px_per_m, turn + 0.5)

    def _paint_own_hands(self, picture: Picture, subject: Figure, t: float) -> None:
        own = plot.O1_HANDS_ON if self.camera == "cam1" else plot.O2_HANDS_ON
        away = (1.0 - plot.raised(t, own, 0.8)) * 420.0
        if away > 419.0:
            return
        shoulder, hip = subject.spot(poses.NECK), subject.spot(poses.PELVIS)
        work = 9.0 * math.sin(9.0 * t) if plot.CUFFS_ON[0] <= t < plot.CUFFS_ON[1] else 2.0 * math.sin(1.7 * t)
        left, right = sorted((shoulder, hip))
        _paint_sleeve(picture, (150.0, 830.0 + away), (left[0] + 26.0 + work, left[1] + 18.0 + away), 78.0)
        _paint_sleeve(picture, (1130.0, 830.0 + away), (right[0] + 8.0 - work, right[1] + 20.0 + away), 78.0)


def _paint_blade(picture: Picture, grip: Point2, angle: float, size: float) -> None:
    dx, dy = math.cos(angle), math.sin(angle)
    heel = (grip[0] + dx * 0.05 * size, grip[1] + dy * 0.05 * size)
    tip = (grip[0] + dx * 0.23 * size, grip[1] + dy * 0.23 * size)
    back = (grip[0] - dx * 0.06 * size, grip[1] - dy * 0.06 * size)
    wide = 0.022 * size
    fill_polygon(
        picture,
        [(heel[0] - dy * wide, heel[1] + dx * wide), tip, (heel[0] + dy * wide, heel[1] - dx * wide)],
        _BLADE,
    )
    paint_capsule(picture, back, heel, (0.016 * size, 0.018 * size), (36, 40, 52))


def _paint_cuffs(picture: Picture, subject: Figure, t: float) -> None:
    if t < plot.CUFFS_ON[0] + 0.6:
        return
    hands = (subject.spot(poses.LEFT_HAND), subject.spot(poses.RIGHT_HAND))
    for hand in hands:
        fill_circle(picture, hand, 0.04 * subject.px_per_m, (206, 206, 204))
        fill_circle(picture, hand, 0.024 * subject.px_per_m, WARDROBE["S"].skin)
    draw_line(picture, *hands, (206, 206, 204), 0.022 * subject.px_per_m)


def _paint_sleeve(picture: Picture, elbow: Point2, hand: Point2, width: float) -> None:
    wrist = (hand[0] + (elbow[0] - hand[0]) * 0.22, hand[1] + (elbow[1] - hand[1]) * 0.22)
    paint_capsule(picture, elbow, wrist, (width, width * 0.56), (86, 60, 48))
    paint_capsule(picture, wrist, hand, (width * 0.5, width * 0.46), _GLOVE)
    for finger in (-0.45, -0.15, 0.15, 0.45):
        tip = (hand[0] + finger * width * 0.9, hand[1] - width * (0.5 - abs(finger) * 0.3))
        paint_capsule(picture, hand, tip, (width * 0.18, width * 0.13), _GLOVE)


def _paint_star(picture: Picture, centre: Point2, radius: float, turn: float) -> None:
    for ray in range(6):
        angle = turn + ray * math.pi / 3.0
        tip = (centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle))
        draw_line(picture, centre, tip, _SPARK, 2)
    fill_circle(picture, centre, radius * 0.4, (255, 255, 250))
