"""Paints the marks of one lane. Kind shows in pattern as well as colour: solid, hatched, outlined, fading, flag."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QLinearGradient, QPainter, QPen, QPolygonF

from ui import theme
from ui.timeline.model import Kind, Lane, LaneIndex, Mark
from ui.timeline.rows import BAR
from ui.timeline.scale import Scale

DENSE = 300  # more than this many on screen are painted as columns
Times = npt.NDArray[np.int64]
BEYOND = 200.0  # bars are cut this far outside the view: Qt paints very long ones wrongly
FADE = 64.0  # pixels over which an open interval fades
INK = "#14181d"
FLAG = 8.0
CUT_FROM = 56.0  # a label cut shorter than this says nothing
LEAST = 3.0  # no interval is thinner than this


def paint_lane(painter: QPainter, lane: Lane, index: LaneIndex, scale: Scale, left: float, y: float) -> None:
    """Paint what lies on one lane at height ``y``; ``left`` is where the scale starts."""
    margin = round(scale.us_per_pixel * 24)
    first, last = index.between(scale.start_us - margin, scale.end_us)
    if last - first > DENSE:
        _paint_columns(painter, lane, index, slice(first, last), scale, left, y)
        return
    near = QRectF(left - BEYOND, y, scale.width + 2 * BEYOND, BAR)
    for number in range(first, last):
        box = mark_box(index.marks[number], index.ends[number], scale, left, y).intersected(near)
        if box.right() >= left:
            _paint_mark(painter, index.marks[number], QColor(lane.colour), box, scale, left)


def mark_box(mark: Mark, end_us: int, scale: Scale, left: float, y: float) -> QRectF:
    """Where a mark lies on screen."""
    x = left + scale.x(mark.start_us)
    if mark.is_point:
        return QRectF(x, y, FLAG + 3, BAR)
    return QRectF(x, y, max(LEAST, left + scale.x(end_us) - x), BAR)


def _paint_mark(painter: QPainter, mark: Mark, colour: QColor, box: QRectF, scale: Scale, left: float) -> None:
    kind = Kind(mark.kind)
    if kind is Kind.COVERAGE:
        painter.fillRect(box.adjusted(0, 5, 0, -5), theme.tint(colour.name(), 150))
        return
    if kind is Kind.SPEECH:
        painter.fillRect(box.adjusted(0, 2, 0, -2), colour)
        return
    if kind is Kind.UNTRANSCRIBED:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.DARK.dim), 1, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(box.adjusted(0.5, 1.5, -0.5, -1.5), 2, 2)
        return
    _paint_uncertainty(painter, mark, colour, box, scale)
    if mark.is_point:
        _paint_flag(painter, kind, colour, box)
    else:
        _paint_interval(painter, mark, kind, colour, box)
        _paint_label(painter, mark, kind, colour, box.adjusted(max(0.0, left - box.left()), 0, 0, 0))
    if mark.conflict:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.DARK.alarm), 1.5))
        painter.drawRoundedRect(box.adjusted(-1.5, -1.5, 1.5, 1.5), 4, 4)


def _paint_uncertainty(painter: QPainter, mark: Mark, colour: QColor, box: QRectF, scale: Scale) -> None:
    """A hairline as far as the start may be off, where that is wide enough to be seen."""
    reach = mark.uncertainty_us / scale.us_per_pixel
    if reach < 4 or mark.kind == Kind.REJECTED:
        return
    painter.setPen(QPen(theme.tint(colour.name(), 130), 1))
    y = box.center().y()
    painter.drawLine(QPointF(box.left() - reach, y), QPointF(box.left(), y))
    painter.drawLine(QPointF(box.left() - reach, y - 3), QPointF(box.left() - reach, y + 3))


def _paint_interval(painter: QPainter, mark: Mark, kind: Kind, colour: QColor, box: QRectF) -> None:
    shape = box.adjusted(0.5, 0.5, -0.5, -0.5)
    if kind is Kind.REJECTED:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.tint(colour.name(), 90), 1, Qt.PenStyle.DotLine))
        painter.drawRoundedRect(shape, 3, 3)
    elif kind is Kind.SUGGESTION:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.tint(colour.name(), 46))
        painter.drawRoundedRect(shape, 3, 3)
        painter.setBrush(QBrush(theme.tint(colour.name(), 120), Qt.BrushStyle.BDiagPattern))
        painter.setPen(QPen(theme.tint(colour.name(), 190), 1, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(shape, 3, 3)
    elif mark.is_open:
        fade = QLinearGradient(box.topLeft(), box.topRight())
        fade.setColorAt(0, colour)
        fade.setColorAt(max(0.0, 1 - FADE / max(FADE, box.width())), colour)
        fade.setColorAt(1, theme.tint(colour.name(), 0))
        painter.fillRect(box, fade)
    else:
        painter.setPen(QPen(QColor(theme.DARK.base), 1))  # keeps bars that overlap apart
        painter.setBrush(colour)
        painter.drawRoundedRect(box.adjusted(-0.5, 0, 0.5, 0), 3, 3)


def _paint_flag(painter: QPainter, kind: Kind, colour: QColor, box: QRectF) -> None:
    x, y = round(box.left()) + 0.5, box.top()
    flag = QPolygonF((QPointF(x, y + 1), QPointF(x + FLAG, y + 4.5), QPointF(x, y + 8)))
    faded = colour if kind is Kind.CONFIRMED else theme.tint(colour.name(), 130)
    painter.setPen(QPen(faded, 1.4))
    painter.drawLine(QPointF(x, y + 1), QPointF(x, y + BAR - 1))
    painter.setBrush(faded if kind is Kind.CONFIRMED else Qt.BrushStyle.NoBrush)
    painter.drawPolygon(flag)


def _paint_label(painter: QPainter, mark: Mark, kind: Kind, colour: QColor, box: QRectF) -> None:
    """The label where it fits or can be cut sensibly, else the letter, inside the part of the bar on screen."""
    inside = box.adjusted(4, 0, -3, 0)
    font = theme.text_font(theme.SMALL - 1, strong=kind is Kind.CONFIRMED)
    metrics = QFontMetricsF(font)
    text = mark.label
    if metrics.horizontalAdvance(text) > inside.width():
        cut = metrics.elidedText(text, Qt.TextElideMode.ElideRight, inside.width())
        text = cut if inside.width() > CUT_FROM else mark.letter
    if metrics.horizontalAdvance(text) > inside.width():
        return
    if not text:
        return
    painter.setFont(font)
    if kind is Kind.CONFIRMED:
        painter.setPen(QColor(INK))
    else:
        painter.setPen(colour.lighter(125) if kind is Kind.SUGGESTION else theme.tint(colour.name(), 150))
    painter.drawText(inside, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


def _paint_columns(
    painter: QPainter, lane: Lane, index: LaneIndex, part: slice, scale: Scale, left: float, y: float
) -> None:
    """Too many to tell apart: which pixel columns hold confirmed marks, which only others."""
    firm = index.firm_array[part]
    starts, ends = index.starts_array[part], index.ends_array[part]
    loose_runs = covered_runs(starts[~firm], ends[~firm], scale)
    firm_runs = covered_runs(starts[firm], ends[firm], scale)
    painter.fillRect(QRectF(left, y + BAR - 1, scale.width, 1), theme.tint(lane.colour, 40))
    hatch = QBrush(theme.tint(lane.colour, 130), Qt.BrushStyle.BDiagPattern)
    for low, high in loose_runs:
        painter.fillRect(QRectF(left + low, y, high - low, BAR), theme.tint(lane.colour, 46))
        painter.fillRect(QRectF(left + low, y, high - low, BAR), hatch)
    for low, high in firm_runs:
        painter.fillRect(QRectF(left + low, y, high - low, BAR), QColor(lane.colour))


def covered_runs(starts: Times, ends: Times, scale: Scale) -> list[tuple[int, int]]:
    """Runs of pixel columns that at least one stretch touches, as (first, last plus one)."""
    if not len(starts):
        return []
    per = scale.us_per_pixel
    low = np.clip((starts - scale.start_us) / per, 0, scale.width - 1).astype(np.int64)
    high = np.clip((ends - scale.start_us) / per, 0, scale.width - 1).astype(np.int64) + 1
    depth = np.zeros(scale.width + 1, dtype=np.int64)
    np.add.at(depth, low, 1)
    np.add.at(depth, high, -1)
    held = np.concatenate(([False], np.cumsum(depth)[:-1] > 0, [False]))
    edges = np.flatnonzero(np.diff(held.astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
