"""Paints one camera's sound: bars at a fixed pitch that do not shimmer while the view moves; muted parts in words."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from bwc_review.playback.peaks import Peaks
from ui import theme
from ui.timeline.model import WaveBand
from ui.timeline.scale import Scale

PITCH = 3  # a bar two pixels wide and a gap
MOST_GAIN = 12.0


def paint_band(painter: QPainter, band: WaveBand, colour: str, scale: Scale, area: QRectF) -> None:
    """Paint a band into ``area``, whose left edge is the scale's start."""
    if band.span is not None:
        left, right = max(0.0, scale.x(band.span.start)), min(float(scale.width), scale.x(band.span.end))
        painter.fillRect(
            QRectF(area.left() + left, area.top(), max(0.0, right - left), area.height()), theme.tint(colour, 14)
        )
        middle = area.center().y()
        painter.setPen(QPen(theme.tint(colour, 70), 1))
        if right > left:
            painter.drawLine(QPointF(area.left() + left, middle), QPointF(area.left() + right, middle))
    if band.peaks is not None:
        paint_peaks(painter, band.peaks, band.offset_us, colour, scale, area)
    for span in band.muted:
        _paint_muted(painter, scale.x(span.start), scale.x(span.end), area)


def paint_peaks(
    painter: QPainter, peaks: Peaks, offset_us: int, colour: str, scale: Scale, area: QRectF, *, alpha: int = 255
) -> None:
    """The bars alone."""
    per_bar = scale.us_per_pixel * PITCH
    first = int(scale.start_us // per_bar)
    bars = scale.width // PITCH + 2
    columns = peaks.columns(round(first * per_bar) - offset_us, per_bar, bars)
    columns = np.clip(columns * min(MOST_GAIN, 0.9 / max(peaks.reach, 1e-6)), -1, 1)
    shift = (scale.start_us - first * per_bar) / scale.us_per_pixel
    image = _bars_image(columns, max(2, int(area.height())), QColor(colour), alpha)
    painter.drawImage(QPointF(area.left() - shift, area.top()), image)


def _bars_image(columns: npt.NDArray[np.float32], high: int, colour: QColor, alpha: int) -> QImage:
    """Bars with soft ends as a premultiplied image, ``PITCH`` pixels each."""
    half = high / 2
    low = half - np.nan_to_num(columns[:, 1]) * half
    bottom = half - np.nan_to_num(columns[:, 0]) * half
    low, bottom = np.minimum(low, half - 0.5), np.maximum(bottom, half + 0.5)
    rows = np.arange(high, dtype=np.float32)[:, None]
    cover = np.clip(np.minimum(bottom - rows, rows + 1 - low), 0, 1)
    cover[:, np.isnan(columns[:, 0])] = 0
    painted = np.zeros((high, len(columns), PITCH), dtype=np.float32)
    painted[:, :, : PITCH - 1] = cover[:, :, None]
    flat = painted.reshape(high, -1) * (alpha / 255)
    pixels = np.empty((*flat.shape, 4), dtype=np.uint8)
    for place, value in enumerate((colour.blue(), colour.green(), colour.red(), 255)):
        pixels[:, :, place] = flat * value
    image = QImage(pixels.data, flat.shape[1], high, flat.shape[1] * 4, QImage.Format.Format_ARGB32_Premultiplied)
    return image.copy()


def _paint_muted(painter: QPainter, left: float, right: float, area: QRectF) -> None:
    box = QRectF(area.left() + left, area.top(), right - left, area.height()).intersected(area)
    if box.width() <= 0:
        return
    painter.fillRect(box, QColor(theme.DARK.floating))
    painter.setPen(QPen(QColor(theme.DARK.faint), 1, Qt.PenStyle.DotLine))
    painter.drawLine(QPointF(box.left(), box.center().y()), QPointF(box.right(), box.center().y()))
    if box.width() > 76:
        painter.setFont(theme.text_font(theme.SMALL - 1))
        words = QRectF(box.center().x() - 32, box.top(), 64, box.height())
        painter.fillRect(words.adjusted(0, 8, 0, -8), QColor(theme.DARK.floating))
        painter.setPen(QColor(theme.DARK.dim))
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, "no sound")
