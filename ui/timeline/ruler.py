"""Paints the ruler and the overview strip with its window."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ui import theme
from ui.timeline.marks import covered_runs
from ui.timeline.model import LaneIndex, TimelineModel
from ui.timeline.rows import OVERVIEW, RULER
from ui.timeline.scale import Scale, ruler_steps
from ui.timeline.waves import paint_peaks

LABEL_PIXELS = 84


def tick_text(us: int, step_us: int) -> str:
    """A moment as precisely as the ruler's step needs: ``1:05``, ``1:05.2``, ``1:05.250``."""
    sign, us = ("-", -us) if us < 0 else ("", us)
    hours, rest = divmod(us // 1000, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    seconds, millis = divmod(rest, 1000)
    head = f"{sign}{hours}:{minutes:02d}" if hours else f"{sign}{minutes}"
    places = 0 if step_us % 1_000_000 == 0 else 1 if step_us % 100_000 == 0 else 3
    tail = f".{millis:03d}"[: places + 1] if places else ""
    return f"{head}:{seconds:02d}{tail}"


def paint_ruler(painter: QPainter, scale: Scale, left: float) -> None:
    """Ticks and times along the top."""
    major, minor = ruler_steps(scale.us_per_pixel, LABEL_PIXELS)
    painter.setFont(theme.digit_font(theme.SMALL - 1))
    moment = scale.start_us // minor * minor
    while moment <= scale.end_us:
        x = left + scale.x(moment)
        labelled = moment % major == 0
        if x >= left - 0.5:
            painter.setPen(QPen(QColor(theme.DARK.faint if labelled else theme.DARK.line), 1))
            painter.drawLine(QPointF(x, RULER - (9 if labelled else 5)), QPointF(x, RULER - 2))
            if labelled:
                painter.setPen(QColor(theme.DARK.dim))
                box = QRectF(x + 4, 2, LABEL_PIXELS, RULER - 8)
                side = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
                painter.drawText(box, side, tick_text(moment, major))
        moment += minor


def paint_overview(
    painter: QPainter,
    model: TimelineModel,
    lanes: dict[str, LaneIndex],
    whole: Scale,
    area: QRectF,
    hits: tuple[int, ...],
) -> None:
    """Everything at once, small: sound behind, one hair per lane, search hits as ticks. ``whole`` shows it all."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.DARK.raised))
    painter.drawRoundedRect(area, 4, 4)
    for number, band in enumerate(model.bands):
        if band.peaks is not None:
            colour = band.colour or theme.CAMERAS[number % len(theme.CAMERAS)]
            paint_peaks(painter, band.peaks, band.offset_us, colour, whole, area.adjusted(0, 3, 0, -3), alpha=60)
    pitch = (OVERVIEW - 8) / max(1, len(model.lanes))
    for number, lane in enumerate(model.lanes):
        index = lanes[lane.key]
        y = area.top() + 4 + number * pitch
        for firm in (False, True):
            chosen = index.firm_array == firm
            colour_now = theme.tint(lane.colour, 255 if firm else 110)
            for low, high in covered_runs(index.starts_array[chosen], index.ends_array[chosen], whole):
                box = QRectF(area.left() + low, y, max(1.5, high - low), max(1.0, pitch - 0.6))
                painter.fillRect(box, colour_now)
    painter.setPen(QPen(QColor(theme.DARK.text), 1))
    for hit in hits:
        x = area.left() + whole.x(hit)
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.top() + 5))


def paint_window(painter: QPainter, scale: Scale, whole: Scale, area: QRectF) -> QRectF:
    """The window in the overview: what lies outside is dimmed. Returns the window's rectangle."""
    left = area.left() + whole.x(scale.start_us)
    right = area.left() + whole.x(scale.end_us)
    window = QRectF(left, area.top(), max(6.0, right - left), area.height())
    dim = theme.tint(theme.DARK.base, 150)
    painter.fillRect(QRectF(area.left(), area.top(), max(0.0, left - area.left()), area.height()), dim)
    painter.fillRect(QRectF(window.right(), area.top(), max(0.0, area.right() - window.right()), area.height()), dim)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.tint(theme.DARK.text, 120), 1))
    painter.drawRoundedRect(window.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    return window
