"""The timeline as a picture: which stretch is on screen, the cached layers, the playhead over them. No mouse here."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from bwc_review.domain.times import clock_text
from ui.timeline.layers import Scene, paint_base, paint_strip
from ui.timeline.marks import mark_box
from ui.timeline.model import Kind, Mark, TimelineModel, index_lanes
from ui.timeline.overlay import Overlay, Shown
from ui.timeline.rows import GUTTER, Rows
from ui.timeline.scale import ZOOM_STEP, Scale

JUMP_US = 1_500_000  # a playhead moving further at once was sent there


class TimelineCanvas(QWidget):
    """Paints a TimelineModel. Times are integer microseconds on the incident's master clock."""

    view_changed = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Timeline")
        self.setAccessibleDescription("Sound, speech and tags over time. The tag table holds the same in words.")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.model = TimelineModel()
        self.lanes = index_lanes(self.model)
        self.rows = Rows(self.model, 1, 1)
        self.scale = Scale(0, 1, 1, 0, 1)
        self.selected: str = ""
        self._hits: tuple[int, ...] = ()
        self._marks: dict[str, Mark] = {}
        self._edges: tuple[int, ...] = ()
        self._playhead: int | None = None
        self._held = False  # a person moved the view away; following waits for the playhead
        self._base: QPixmap | None = None
        self._strip: QPixmap | None = None
        self._drag_us: int | None = None  # the edge being dragged
        self._overlay = Overlay(self)

    # what it shows

    def set_model(self, model: TimelineModel) -> None:
        """Show another model; the view stays where it is unless the incident's span changed."""
        same_span = model.span == self.model.span
        self.model = model
        self.lanes = index_lanes(model)
        self._marks = {mark.id: mark for mark in model.marks}
        kept = (mark for mark in model.marks if mark.kind in (Kind.CONFIRMED, Kind.SUGGESTION))
        edges = {edge for mark in kept for edge in (mark.start_us, mark.end_us) if edge is not None}
        self._edges = tuple(sorted(edges))
        self._arrange()
        self._strip = None
        self._show(self.scale if same_span else self.scale.fitted())
        self.updateGeometry()

    def set_hits(self, moments: Sequence[int]) -> None:
        """Search hits, as ticks on the overview."""
        self._hits = tuple(moments)
        self._strip = None
        self.update()

    def select(self, mark: str) -> None:
        """Outline a mark and bring it into view; an unknown id takes the outline away. Emits nothing."""
        self.selected = mark if mark in self._marks else ""
        chosen = self._marks.get(mark)
        if chosen is not None and not self.scale.start_us <= chosen.start_us <= self.scale.end_us:
            self._show(self.scale.shifted_to(chosen.start_us - self.scale.view_us // 2))
        self._refresh_overlay()

    def follow(self, us: int) -> None:
        """Put the playhead at ``us``. The view stays still until it reaches the centre, then goes with it."""
        before, self._playhead = self._playhead, us
        scale = self.scale
        centre = scale.start_us + scale.view_us // 2
        jumped = before is None or abs(us - before) > JUMP_US
        if jumped and not scale.start_us <= us <= scale.end_us:
            self._held = False
            self._show(scale.shifted_to(us - scale.view_us // 2))
        elif scale.start_us <= us <= centre:
            self._held = False
        elif not self._held and before is not None and before < us and not jumped:
            self._show(scale.shifted_to(us - scale.view_us // 2))
        self._refresh_overlay()

    @property
    def playhead_us(self) -> int | None:
        return self._playhead

    def zoom_fit(self) -> None:
        """The whole incident."""
        self._show(self.scale.fitted())

    def zoom_in(self) -> None:
        """Closer, around the playhead where it is on screen, else the centre."""
        self._show(self.scale.zoomed(ZOOM_STEP, self._pivot()))

    def zoom_out(self) -> None:
        """Further away, around the same moment."""
        self._show(self.scale.zoomed(1 / ZOOM_STEP, self._pivot()))

    def show_span(self, start_us: int, end_us: int) -> None:
        """Zoom so that a stretch fills the middle half of the view."""
        middle, wide = (start_us + end_us) // 2, max(1, end_us - start_us) * 2
        self._show(self.scale.zoomed(self.scale.view_us / wide, middle).shifted_to(middle - wide // 2))

    def _pivot(self) -> int:
        here = self._playhead
        if here is not None and self.scale.start_us <= here <= self.scale.end_us:
            return here
        return self.scale.start_us + self.scale.view_us // 2

    # geometry and painting

    def sizeHint(self) -> QSize:
        return QSize(960, self.rows.wanted_height)

    def minimumSizeHint(self) -> QSize:
        return QSize(480, min(self.rows.wanted_height, 180))

    def plot_scale(self) -> Scale:
        """The whole incident over the plot's width, as the overview shows it."""
        return self.scale.fitted()

    def _arrange(self) -> None:
        rows = Rows(self.model, self.width(), self.height(), self.rows.top)
        self.rows = Rows(self.model, self.width(), self.height(), min(rows.top, rows.most_top))
        span = self.model.span
        last = max(span.end, span.start + 1)
        if (self.scale.first_us, self.scale.last_us) == (span.start, last):
            self.scale = self.scale.resized(self.rows.plot_width)
        else:
            self.scale = Scale(span.start, last - span.start, self.rows.plot_width, span.start, last)

    def _show(self, scale: Scale) -> None:
        self.scale = scale
        self._base = None
        self.update()
        self._refresh_overlay()
        self.view_changed.emit(scale.start_us, scale.end_us)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._overlay.resize(self.size())
        self._arrange()
        self._base = self._strip = None
        self._refresh_overlay()

    def _scene(self) -> Scene:
        return Scene(self.model, self.lanes, self.rows, self.scale, self.plot_scale(), self._hits)

    def _layer(self) -> QPixmap:
        layer = QPixmap(self.size() * self.devicePixelRatioF())
        layer.setDevicePixelRatio(self.devicePixelRatioF())
        return layer

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._strip is None:
            self._strip = self._layer()
            paint_strip(self._strip, self._scene())
        if self._base is None:
            self._base = self._layer()
            paint_base(self._base, self._strip, self._scene())
        painter = QPainter(self)
        painter.setClipRegion(event.region())
        painter.drawPixmap(0, 0, self._base)
        painter.end()

    def _refresh_overlay(self) -> None:
        low, high = self.rows.middle
        here, scale, whole = self._playhead, self.scale, self.plot_scale()
        drag_us = self._drag_us
        visible = here is not None and scale.start_us <= here <= scale.end_us
        within = here is not None and scale.first_us <= here <= scale.last_us  # Qt dies of pixels beyond 2**31
        self._overlay.show_state(
            Shown(
                playhead_x=GUTTER + scale.x(here) if here is not None and visible else None,
                top=low,
                bottom=high,
                overview_x=GUTTER + whole.x(here) if here is not None and within else None,
                overview_top=self.rows.overview_top,
                overview_bottom=self.height(),
                selected=self._selected_box(),
                drag_x=None if drag_us is None else GUTTER + scale.x(drag_us),
                drag_text="" if drag_us is None else clock_text(drag_us),
            )
        )

    def _selected_box(self) -> QRectF | None:
        mark = self._marks.get(self.selected)
        box = self.box_of(mark) if mark is not None else None
        return None if box is None else box.intersected(self._plot_area())

    def _plot_area(self) -> QRectF:
        low, high = self.rows.middle
        return QRectF(GUTTER - 3, low, self.rows.plot_width + 6, high - low)

    def box_of(self, mark: Mark) -> QRectF | None:
        """Where a mark lies on screen; None when its lane is not shown."""
        for number, lane in enumerate(self.model.lanes):
            if lane.key == mark.lane:
                end = self.model.span.end if mark.end_us is None else mark.end_us
                return mark_box(mark, end, self.scale, GUTTER, self.rows.lane_y(number) + 2)
        return None
