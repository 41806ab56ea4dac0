"""The playhead, the selection and what is dragged: a layer of its own, so that moving it repaints nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF, QRegion
from PySide6.QtWidgets import QWidget

from ui import theme

HALF = 7


@dataclass(frozen=True, slots=True)
class Shown:
    """What lies over the timeline, in pixels. ``selected`` and ``drag`` are None when there is none."""

    playhead_x: float | None = None
    top: float = 0
    bottom: float = 0
    overview_x: float | None = None
    overview_top: float = 0
    overview_bottom: float = 0
    selected: QRectF | None = None
    drag_x: float | None = None
    drag_text: str = ""


class Overlay(QWidget):
    """A transparent child that lets the mouse through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self._shown = Shown()

    def show_state(self, shown: Shown) -> None:
        """Repaint only where something moved."""
        if shown == self._shown:
            return
        region = self._touched(self._shown).united(self._touched(shown))
        self._shown = shown
        self.update(region)

    def _touched(self, shown: Shown) -> QRegion:
        region = QRegion()
        if shown.playhead_x is not None:
            region += QRect(int(shown.playhead_x) - HALF, 0, 2 * HALF + 1, self.height())
        if shown.overview_x is not None:
            top = int(shown.overview_top)
            region += QRect(int(shown.overview_x) - 2, top, 5, int(shown.overview_bottom) - top + 1)
        if shown.selected is not None:
            region += shown.selected.toAlignedRect().adjusted(-4, -4, 4, 4)
        if shown.drag_x is not None:
            region += QRect(int(shown.drag_x) - 130, 0, 260, self.height())
        return region

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._shown.selected is not None:
            self._paint_selected(painter, self._shown.selected)
        if self._shown.playhead_x is not None:
            self._paint_playhead(painter, self._shown.playhead_x)
        if self._shown.overview_x is not None:
            painter.setPen(QPen(QColor(theme.DARK.playhead), 1))
            x = round(self._shown.overview_x) + 0.5
            painter.drawLine(QPointF(x, self._shown.overview_top), QPointF(x, self._shown.overview_bottom))
        if self._shown.drag_x is not None:
            self._paint_drag(painter, self._shown.drag_x)
        painter.end()

    def _paint_selected(self, painter: QPainter, box: QRectF) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.DARK.playhead), 1.5))
        painter.drawRoundedRect(box.adjusted(-1.5, -1.5, 1.5, 1.5), 4, 4)

    def _paint_playhead(self, painter: QPainter, x: float) -> None:
        x = round(x) + 0.5
        top, bottom = self._shown.top, self._shown.bottom
        painter.setPen(QPen(QColor(theme.DARK.playhead), 1.4))
        painter.drawLine(QPointF(x, top - 4), QPointF(x, bottom))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.DARK.playhead))
        painter.drawPolygon(QPolygonF((QPointF(x - 5, top - 9), QPointF(x + 5, top - 9), QPointF(x, top - 2))))

    def _paint_drag(self, painter: QPainter, x: float) -> None:
        painter.setPen(QPen(QColor(theme.DARK.accent), 1.5))
        painter.drawLine(QPointF(x, self._shown.top), QPointF(x, self._shown.bottom))
        painter.setFont(theme.digit_font(theme.SMALL))
        wide = painter.fontMetrics().horizontalAdvance(self._shown.drag_text) + 14
        left = min(max(0.0, x - wide / 2), self.width() - wide)
        box = QRectF(left, 2, wide, 19)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.DARK.accent))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(QColor(theme.DARK.on_accent))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._shown.drag_text)
