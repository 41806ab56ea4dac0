"""Composes the cached layers of the timeline: the overview strip, and all that moves only when the view does."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from ui import theme
from ui.timeline.marks import paint_lane
from ui.timeline.model import LaneIndex, TimelineModel
from ui.timeline.rows import BAND, GUTTER, LANE, OVERVIEW, RULER, Rows
from ui.timeline.ruler import paint_overview, paint_ruler, paint_window
from ui.timeline.scale import Scale
from ui.timeline.waves import paint_band

LABEL_LEFT = 16


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """All that the layers are painted from. ``whole`` shows the incident from end to end."""

    model: TimelineModel
    lanes: dict[str, LaneIndex]
    rows: Rows
    scale: Scale
    whole: Scale
    hits: tuple[int, ...]


def paint_strip(layer: QPixmap, scene: Scene) -> None:
    """The overview on a layer of its own: it changes with the model only."""
    layer.fill(QColor(theme.DARK.base))
    painter = QPainter(layer)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_overview(painter, scene.model, scene.lanes, scene.whole, _strip_area(scene), scene.hits)
    painter.end()


def paint_base(layer: QPixmap, strip: QPixmap, scene: Scene) -> None:
    """Ruler, sound, lanes and the overview with its window."""
    painter = QPainter(layer)
    painter.drawPixmap(0, 0, strip)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    low, high = scene.rows.middle
    plot = QRectF(GUTTER, 0, scene.rows.plot_width, high)
    painter.setClipRect(plot.adjusted(-1, 0, 1, 0))
    paint_ruler(painter, scene.scale, GUTTER)
    painter.setClipRect(plot.adjusted(-1, RULER - 1, 1, 0))
    _paint_rows(painter, scene)
    painter.setClipRect(QRectF(0, low, GUTTER, high - low))
    _paint_labels(painter, scene)
    painter.setClipping(False)
    painter.setPen(QPen(QColor(theme.DARK.line), 1))
    painter.drawLine(QPointF(GUTTER, RULER - 1.5), QPointF(GUTTER + scene.rows.plot_width, RULER - 1.5))
    paint_window(painter, scene.scale, scene.whole, _strip_area(scene))
    painter.setFont(theme.text_font(theme.SMALL))
    painter.setPen(QColor(theme.DARK.faint))
    _label(painter, "Overview", scene.rows.overview_top, OVERVIEW)
    painter.end()


def _strip_area(scene: Scene) -> QRectF:
    return QRectF(GUTTER, scene.rows.overview_top, scene.rows.plot_width, OVERVIEW - 2)


def _paint_rows(painter: QPainter, scene: Scene) -> None:
    low, high = scene.rows.middle
    for number, band in enumerate(scene.model.bands):
        y = scene.rows.band_y(number)
        if low - BAND < y < high:
            colour = band.colour or theme.CAMERAS[number % len(theme.CAMERAS)]
            paint_band(painter, band, colour, scene.scale, QRectF(GUTTER, y, scene.rows.plot_width, BAND))
    for number, lane in enumerate(scene.model.lanes):
        y = scene.rows.lane_y(number)
        if low - LANE < y < high:
            painter.setPen(QPen(theme.tint(theme.DARK.line, 110), 1))
            painter.drawLine(QPointF(GUTTER, y + LANE - 0.5), QPointF(GUTTER + scene.rows.plot_width, y + LANE - 0.5))
            paint_lane(painter, lane, scene.lanes[lane.key], scene.scale, GUTTER, y + 2)


def _paint_labels(painter: QPainter, scene: Scene) -> None:
    painter.setFont(theme.text_font(theme.SMALL))
    painter.setPen(QColor(theme.DARK.dim))
    for number, band in enumerate(scene.model.bands):
        _label(painter, band.label, scene.rows.band_y(number), BAND)
    for number, lane in enumerate(scene.model.lanes):
        y = scene.rows.lane_y(number)
        _label(painter, lane.label, y, LANE)
        painter.fillRect(QRectF(GUTTER - 12, y + 6, 3, LANE - 10), QColor(lane.colour))


def _label(painter: QPainter, text: str, y: float, height: float) -> None:
    box = QRectF(LABEL_LEFT, y, GUTTER - LABEL_LEFT - 16, height)
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(box.width()))
    painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
