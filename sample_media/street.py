"""The invented street at dusk, painted once per camera: sky, houses, shop, pavement, road, lamps.

No real place is drawn and no figure stands here (figures.py); the projection is in pinhole.py.
"""

from __future__ import annotations

import cv2
import numpy as np

from sample_media.pinhole import FRAME_HEIGHT, FRAME_WIDTH, Canvas, Colour, Picture, View, fill_circle

MARGIN = (200.0, 120.0)
SCALE = 1.5
FACADE_Z = 2.0
KERB_Z = -3.0
OPPOSITE_Z = -12.0

_HAZE = np.array((120, 104, 128), dtype=np.float32)
_GLOW: Colour = (70, 140, 200)
_LIT: Colour = (112, 190, 236)
_UNLIT: Colour = (84, 66, 58)
_FRAME: Colour = (58, 50, 52)
# left edge, right edge, storeys, wall colour; metres along the street
_HOUSES: tuple[tuple[float, float, int, Colour], ...] = (
    (-46.0, -33.0, 3, (96, 84, 104)),
    (-33.0, -22.0, 4, (78, 84, 112)),
    (-22.0, -12.5, 3, (104, 94, 92)),
    (-12.5, -3.6, 4, (76, 74, 104)),
    (-3.6, 4.2, 3, (88, 98, 118)),
    (4.2, 11.0, 4, (92, 78, 84)),
    (11.0, 19.0, 3, (84, 96, 108)),
    (19.0, 30.0, 4, (98, 82, 94)),
    (30.0, 46.0, 3, (82, 84, 104)),
)
_STOREY = 3.2
_LAMPS = ((-7.5, -2.6), (9.5, -2.6), (22.0, -2.6))


def paint_street(view: View) -> Canvas:
    """The whole background seen by one camera, larger and finer than the frame, to sway and zoom."""
    width = round((FRAME_WIDTH + 2 * MARGIN[0]) * SCALE)
    height = round((FRAME_HEIGHT + 2 * MARGIN[1]) * SCALE)
    canvas = Canvas(view, np.zeros((height, width, 3), dtype=np.uint8), MARGIN, SCALE)
    _paint_sky(canvas)
    _paint_ground(canvas)
    _paint_opposite(canvas)
    for left, right, storeys, wall in sorted(_HOUSES, key=lambda h: -abs((h[0] + h[1]) / 2 - view.eye[0])):
        _paint_house(canvas, left, right, storeys, wall)
    _paint_shop(canvas)
    _paint_light(canvas)
    for x, z in _LAMPS:
        _paint_lamp(canvas, x, z)
    return canvas


def _paint_sky(canvas: Canvas) -> None:
    height = canvas.picture.shape[0]
    horizon = canvas.pixel((0.0, canvas.view.horizon_px))[1]
    share = np.clip(np.arange(height, dtype=np.float32) / horizon, 0, 1)[:, None] ** 1.4
    top, low = np.array((96, 62, 44), np.float32), np.array((126, 150, 214), np.float32)
    canvas.picture[:] = (top * (1 - share) + low * share).astype(np.uint8)[:, None, :]


def _paint_ground(canvas: Canvas) -> None:
    far = 90.0
    canvas.fill([(-far, 0, -40), (far, 0, -40), (far, 0, KERB_Z), (-far, 0, KERB_Z)], (66, 58, 56))
    canvas.fill([(-far, 0, KERB_Z), (far, 0, KERB_Z), (far, 0, FACADE_Z), (-far, 0, FACADE_Z)], (100, 92, 94))
    for x in np.arange(-40.0, 40.0, 1.5):
        canvas.fill(_ground_stripe(x, KERB_Z, x + 0.03, FACADE_Z), (88, 80, 82))
    for z in (-1.5, 0.0, 1.0):
        canvas.fill(_ground_stripe(-40.0, z, 40.0, z + 0.03), (88, 80, 82))
    canvas.fill(_ground_stripe(-far, KERB_Z - 0.16, far, KERB_Z), (138, 132, 134))
    canvas.fill(_ground_stripe(-far, KERB_Z - 0.42, far, KERB_Z - 0.34), (92, 168, 186))
    for x in np.arange(-60.0, 60.0, 5.0):
        canvas.fill(_ground_stripe(x, -7.1, x + 2.2, -6.95), (150, 150, 152))


def _ground_stripe(left: float, near: float, right: float, far: float) -> list[tuple[float, float, float]]:
    return [(left, 0, near), (right, 0, near), (right, 0, far), (left, 0, far)]


def _upright(left: float, bottom: float, right: float, top: float, z: float) -> list[tuple[float, float, float]]:
    return [(left, top, z), (right, top, z), (right, bottom, z), (left, bottom, z)]


def _hazed(canvas: Canvas, colour: Colour, x: float) -> Colour:
    share = min(0.75, abs(x - canvas.view.eye[0]) / 60.0)
    mixed = np.array(colour, np.float32) * (1 - share) + _HAZE * share
    return (int(mixed[0]), int(mixed[1]), int(mixed[2]))


def _paint_opposite(canvas: Canvas) -> None:
    for index, x in enumerate(range(-70, 70, 10)):
        top = 8.0 + 3.0 * (index * 7 % 4)
        wall = _hazed(canvas, (92, 80, 90), x)
        canvas.fill(_upright(x, 0, x + 9.6, top, OPPOSITE_Z), wall)
    for end in (-70.0, 70.0):
        for index, z in enumerate(range(-24, 16, 8)):
            top = 9.0 + 4.0 * (index * 5 % 3)
            canvas.fill([(end, top, z), (end, top, z + 8), (end, 0, z + 8), (end, 0, z)], (118, 106, 132))


def _paint_house(canvas: Canvas, left: float, right: float, storeys: int, wall: Colour) -> None:
    centre, top = (left + right) / 2, storeys * _STOREY
    canvas.fill(_upright(left, 0, right, top, FACADE_Z), _hazed(canvas, wall, centre))
    edge = (int(wall[0] * 0.8), int(wall[1] * 0.8), int(wall[2] * 0.8))
    canvas.fill(_upright(left, top - 0.35, right, top, FACADE_Z), _hazed(canvas, edge, centre))
    canvas.fill(_upright(left, 0, right, 0.5, FACADE_Z), _hazed(canvas, edge, centre))
    columns = max(2, round((right - left) / 2.4))
    for storey in range(storeys):
        for column in range(columns):
            x = left + (column + 0.5) * (right - left) / columns
            lit = (column * 3 + storey * 5 + round(left)) % 4 == 0
            _paint_window(canvas, x, storey * _STOREY + 1.0, _LIT if lit else _UNLIT)


def _paint_window(canvas: Canvas, x: float, sill: float, glass: Colour) -> None:
    canvas.fill(_upright(x - 0.58, sill - 0.08, x + 0.58, sill + 1.58, FACADE_Z), _hazed(canvas, _FRAME, x))
    pane = _hazed(canvas, glass, x)
    canvas.fill(_upright(x - 0.5, sill, x - 0.03, sill + 1.5, FACADE_Z), pane)
    canvas.fill(_upright(x + 0.03, sill, x + 0.5, sill + 1.5, FACADE_Z), pane)


def _paint_shop(canvas: Canvas) -> None:
    canvas.fill(_upright(-3.5, 0, 4.1, 2.75, FACADE_Z), (64, 74, 60))
    for left, right in ((-3.2, -0.7), (0.8, 2.3), (2.4, 3.9)):
        canvas.fill(_upright(left, 0.55, right, 2.35, FACADE_Z), (52, 58, 46))
        canvas.fill(_upright(left + 0.06, 0.61, right - 0.06, 2.29, FACADE_Z), (120, 196, 232))
        canvas.fill(_upright(left + 0.06, 0.61, right - 0.06, 1.0, FACADE_Z), (82, 138, 170))
        for shelf in np.arange(left + 0.2, right - 0.3, 0.34):
            tint = (70 + int(shelf * 37) % 90, 110 + int(shelf * 53) % 60, 150 + int(shelf * 29) % 70)
            canvas.fill(_upright(shelf, 1.0, shelf + 0.22, 1.3 + 0.12 * (int(shelf * 9) % 3), FACADE_Z), tint)
    canvas.fill(_upright(-0.5, 0, 0.6, 2.3, FACADE_Z), (46, 52, 42))
    canvas.fill(_upright(-0.38, 0.2, 0.48, 2.15, FACADE_Z), (104, 160, 188))
    canvas.stick(_sign("SHOP (INVENTED)", (44, 52, 36), 760), _upright(0.0, 2.5, 4.1, 3.2, FACADE_Z - 0.05))
    canvas.stick(_sign("MILL STREET", (44, 52, 36), 660), _upright(-3.5, 2.5, 0.0, 3.2, FACADE_Z - 0.05))


def _sign(text: str, board: Colour, width: int) -> Picture:
    texture = np.full((130, width, 3), board, dtype=np.uint8)
    (wide, tall), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_DUPLEX, 2.4, 5)
    size = min(2.4, 2.4 * (width - 60) / wide)
    (wide, tall), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_DUPLEX, size, 5)
    where = ((width - wide) // 2, (130 + tall) // 2)
    cv2.putText(texture, text, where, cv2.FONT_HERSHEY_DUPLEX, size, (176, 214, 232), 5, cv2.LINE_AA)
    return texture


def _paint_light(canvas: Canvas) -> None:
    for left, right in ((-3.2, -0.7), (0.8, 3.9)):
        canvas.blend([(left, 0, 1.9), (right, 0, 1.9), (right + 0.5, 0, -0.4), (left - 0.5, 0, -0.4)], _GLOW, 0.3, 14)
        canvas.blend(_upright(left, 0.6, right, 2.3, FACADE_Z), _GLOW, 0.22, 22)


def _paint_lamp(canvas: Canvas, x: float, z: float) -> None:
    canvas.fill(_upright(x - 0.06, 0, x + 0.06, 4.4, z), (54, 48, 48))
    canvas.fill(_upright(x - 0.05, 4.3, x + 0.9, 4.42, z), (54, 48, 48))
    seen = canvas.view.camera_space((x + 0.8, 4.25, z))
    if seen[2] < 1.0:
        return
    centre = canvas.pixel(canvas.view.flatten(seen))
    canvas.blend(_upright(x + 0.5, 4.0, x + 1.1, 4.5, z), (120, 190, 235), 0.9, 160 / seen[2])
    canvas.blend(_ground_stripe(x - 1.2, z - 1.0, x + 2.8, z + 2.2), (50, 90, 120), 0.35, 200 / seen[2])
    fill_circle(canvas.picture, centre, canvas.view.focal_px * canvas.scale * 0.13 / seen[2], (206, 238, 252))
