"""The timeline widget: what a person does with the mouse on it, and what lies under the mouse."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip, QWidget

from ui.timeline.canvas import TimelineCanvas
from ui.timeline.gestures import Gesture, Hit, Scrub, WindowDrag, begin
from ui.timeline.marks import mark_box
from ui.timeline.model import Kind, Mark
from ui.timeline.rows import GUTTER, LANE, RIGHT, Rows
from ui.timeline.scale import ZOOM_STEP
from ui.timeline.words import tool_tip

EDGE_PIXELS = 5


class TimelineView(TimelineCanvas):
    """Wheel pans, Ctrl+wheel zooms at the cursor, Shift+wheel scrolls the rows, a click seeks or selects, a
    double-click asks to play the mark, an edge of the selected confirmed mark drags (Alt: without snapping).
    """

    seek_requested = Signal(object)
    mark_selected = Signal(str)
    mark_activated = Signal(str)
    edge_dragged = Signal(str, object, object)
    edge_moving = Signal(object)  # while an edge is dragged, for the frame preview

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self._gesture: Gesture | None = None

    # what lies under the mouse

    def mark_at(self, point: QPointF) -> Mark | None:
        """The mark under a point; of several the one that starts last, as it is painted on top."""
        number = self.rows.lane_at(point.y())
        if number is None or not GUTTER - 3 <= point.x() <= self.width() - RIGHT + 3:
            return None
        index = self.lanes[self.model.lanes[number].key]
        moment = self.scale.us(point.x() - GUTTER)
        reach = round(self.scale.us_per_pixel * 12)
        first, last = index.between(moment - reach, moment + reach)
        y = self.rows.lane_y(number) + 2
        for at in range(last - 1, first - 1, -1):
            box = mark_box(index.marks[at], index.ends[at], self.scale, GUTTER, y)
            if box.left() - 2 <= point.x() <= box.right() + 2:
                return index.marks[at]
        return None

    def hit(self, point: QPointF) -> Hit:
        """What a press at ``point`` would take hold of."""
        if point.y() >= self.rows.overview_top:
            return Hit("overview", self.plot_scale().us(point.x() - GUTTER), None)
        moment = self.scale.us(point.x() - GUTTER)
        edge = self._edge_at(point)
        if edge:
            return Hit(edge, moment, self._marks[self.selected])
        mark = self.mark_at(point)
        return Hit("mark" if mark is not None else "plot", moment, mark)

    def _edge_at(self, point: QPointF) -> str:
        mark = self._marks.get(self.selected)
        box = self.box_of(mark) if mark is not None else None
        if mark is None or box is None or mark.kind != Kind.CONFIRMED or mark.is_point:
            return ""
        if not box.top() - 2 <= point.y() <= box.top() + LANE:
            return ""
        if not mark.is_open and abs(point.x() - box.right()) <= EDGE_PIXELS:
            return "end"
        return "start" if abs(point.x() - box.left()) <= EDGE_PIXELS else ""

    # what a person does

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        hit = self.hit(event.position())
        if hit.what == "mark" and hit.mark is not None:
            self.select(hit.mark.id)
            self.mark_selected.emit(hit.mark.id)
            return
        self._gesture = begin(hit, self.scale, self.plot_scale(), self._edges)
        self._act(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._gesture is not None:
            self._act(event)
            return
        what = self.hit(event.position()).what
        shapes = {"start": Qt.CursorShape.SizeHorCursor, "end": Qt.CursorShape.SizeHorCursor}
        shapes["mark"] = Qt.CursorShape.PointingHandCursor
        self.setCursor(shapes.get(what, Qt.CursorShape.ArrowCursor))

    def _act(self, event: QMouseEvent) -> None:
        """Carry the gesture on to where the mouse is."""
        gesture = self._gesture
        if gesture is None:
            return
        x = event.position().x() - GUTTER
        free = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if isinstance(gesture, Scrub):
            self.seek_requested.emit(self._inside(self.scale.us(x)))
        elif isinstance(gesture, WindowDrag):
            self._show(self.scale.shifted_to(gesture.start_for(self.plot_scale().us(x))))
        else:
            gesture.move(self._inside(self.scale.us(x)), 0 if free else round(6 * self.scale.us_per_pixel))
            self.edge_moving.emit(gesture.edge_us)
        self._drag_us = gesture.edge_us
        self._held = self._held or not isinstance(gesture, Scrub)
        self._refresh_overlay()

    def _inside(self, us: int) -> int:
        return min(max(us, self.scale.first_us), self.scale.last_us)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        gesture, self._gesture = self._gesture, None
        if event.button() is Qt.MouseButton.LeftButton and gesture is not None and gesture.changed:
            self.edge_dragged.emit(*gesture.result())
        self._let_go()

    def _let_go(self) -> None:
        self._drag_us = None
        self._refresh_overlay()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        mark = self.mark_at(event.position())
        if mark is not None:
            self.mark_activated.emit(mark.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._gesture is not None:
            self._gesture = None
            self._let_go()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            around = self.scale.us(event.position().x() - GUTTER)
            self._show(self.scale.zoomed(ZOOM_STEP ** (turn.y() / 120), self._inside(around)))
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self.rows.most_top:
            self._scroll_rows(-(turn.y() or turn.x()) // 4)
        else:
            self._held = True
            by = turn.x() if abs(turn.x()) > abs(turn.y()) else turn.y()
            self._show(self.scale.panned(-by * self.scale.view_us // 1200))
        event.accept()

    def _scroll_rows(self, by: int) -> None:
        top = min(max(0, self.rows.top + by), self.rows.most_top)
        self.rows = Rows(self.model, self.width(), self.height(), top)
        self._show(self.scale)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            mark = self.mark_at(QPointF(event.pos()))
            if mark is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), tool_tip(mark), self)
            return True
        return super().event(event)
