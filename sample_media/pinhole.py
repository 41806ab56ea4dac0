"""A pinhole view of the invented street and flat, anti-aliased painting through it.

Metres in, pixels out. What the street holds is in street.py, who stands in it in choreography.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]  # blue, green, red, as OpenCV wants it
Point2 = tuple[float, float]
Point3 = tuple[float, float, float]  # right along the street, up, away from the road, in metres

FRAME_WIDTH = 1280
FRAME_HEIGHT = 720
_NEAR = 0.25
_SHIFT = 4
_SUBPIXEL = 1 << _SHIFT


@dataclass(frozen=True, slots=True)
class View:
    """Where a camera stands and looks. ``horizon_px``: the eye line (a lens shift keeps uprights)."""

    eye: Point3
    yaw_degrees: float
    focal_px: float
    horizon_px: float

    def camera_space(self, point: Point3) -> Point3:
        """(right, up, forward) of a world point, metres from the eye."""
        dx, dy, dz = (p - e for p, e in zip(point, self.eye, strict=True))
        yaw = math.radians(self.yaw_degrees)
        return (
            dx * math.cos(yaw) - dz * math.sin(yaw),
            dy,
            dx * math.sin(yaw) + dz * math.cos(yaw),
        )

    def flatten(self, seen: Point3) -> Point2:
        """Frame pixels of a camera-space point in front of the eye."""
        right, up, forward = seen
        return (
            FRAME_WIDTH / 2 + self.focal_px * right / forward,
            self.horizon_px - self.focal_px * up / forward,
        )

    def place(self, point: Point3) -> tuple[Point2, float]:
        """Frame pixels of a world point and the pixels a metre takes there."""
        seen = self.camera_space(point)
        return self.flatten(seen), self.focal_px / seen[2]


@dataclass(frozen=True, slots=True)
class Canvas:
    """A background larger and finer than the frame: ``margin`` frame pixels around, ``scale`` pixels each."""

    view: View
    picture: Picture
    margin: Point2
    scale: float

    def pixel(self, frame_point: Point2) -> Point2:
        """Canvas pixel of a frame pixel."""
        return (
            (frame_point[0] + self.margin[0]) * self.scale,
            (frame_point[1] + self.margin[1]) * self.scale,
        )

    def outline(self, corners: Sequence[Point3]) -> list[Point2]:
        """Canvas polygon of a world polygon, cut at the near plane; empty when it is behind the eye."""
        return [self.pixel(self.view.flatten(p)) for p in _cut_near([self.view.camera_space(c) for c in corners])]

    def fill(self, corners: Sequence[Point3], colour: Colour) -> None:
        """Paint a convex world polygon."""
        fill_polygon(self.picture, self.outline(corners), colour)

    def blend(self, corners: Sequence[Point3], colour: Colour, strength: float, blur_px: float) -> None:
        """Add soft light in the shape of a world polygon; ``strength`` 0 to 1."""
        mask = np.zeros(self.picture.shape[:2], dtype=np.uint8)
        outline = self.outline(corners)
        if len(outline) < 3:
            return
        cv2.fillPoly(mask, [np.array(outline).astype(np.int32)], (255,))
        soft = cv2.GaussianBlur(mask, (0, 0), blur_px * self.scale).astype(np.float32) / 255.0 * strength
        mixed = self.picture + soft[..., None] * np.array(colour, dtype=np.float32)
        self.picture[:] = np.clip(mixed, 0, 255).astype(np.uint8)

    def stick(self, texture: Picture, corners: Sequence[Point3]) -> None:
        """Warp a flat texture onto a world quad (top left, top right, bottom right, bottom left)."""
        outline = self.outline(corners)
        if len(outline) != 4:
            return
        height, width = texture.shape[:2]
        source = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
        matrix = cv2.getPerspectiveTransform(source, np.array(outline, dtype=np.float32))
        size = (self.picture.shape[1], self.picture.shape[0])
        warped = cv2.warpPerspective(texture, matrix, size, flags=cv2.INTER_AREA)
        cover = cv2.warpPerspective(np.full((height, width), 255, np.uint8), matrix, size)
        alpha = cover.astype(np.float32)[..., None] / 255.0
        mixed = self.picture * (1.0 - alpha) + warped * alpha
        self.picture[:] = mixed.astype(np.uint8)


def fixed(points: Sequence[Point2]) -> npt.NDArray[np.int32]:
    """Points in OpenCV's fixed-point form for anti-aliased painting below a pixel."""
    return np.rint(np.array(points, dtype=np.float64) * _SUBPIXEL).astype(np.int32)


def fill_polygon(picture: Picture, points: Sequence[Point2], colour: Colour) -> None:
    """Paint a convex polygon given in pixels; fewer than three points paint nothing."""
    if len(points) >= 3:
        cv2.fillConvexPoly(picture, fixed(points), colour, cv2.LINE_AA, _SHIFT)


def fill_circle(picture: Picture, centre: Point2, radius: float, colour: Colour) -> None:
    """Paint a disc given in pixels."""
    x, y = (round(v * _SUBPIXEL) for v in centre)
    cv2.circle(picture, (x, y), max(1, round(radius * _SUBPIXEL)), colour, -1, cv2.LINE_AA, _SHIFT)


def draw_line(picture: Picture, start: Point2, end: Point2, colour: Colour, width: float) -> None:
    """Paint a straight line given in pixels."""
    a, b = ((round(p[0] * _SUBPIXEL), round(p[1] * _SUBPIXEL)) for p in (start, end))
    cv2.line(picture, a, b, colour, max(1, round(width)), cv2.LINE_AA, _SHIFT)


def _cut_near(seen: Sequence[Point3]) -> list[Point3]:
    kept: list[Point3] = []
    for index, here in enumerate(seen):
        before = seen[index - 1]
        if (here[2] > _NEAR) != (before[2] > _NEAR):
            share = (_NEAR - before[2]) / (here[2] - before[2])
            kept.append(
                (
                    before[0] + share * (here[0] - before[0]),
                    before[1] + share * (here[1] - before[1]),
                    _NEAR,
                )
            )
        if here[2] > _NEAR:
            kept.append(here)
    return kept
