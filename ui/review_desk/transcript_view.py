"""The transcript beside the picture: a list of lines, the word being said highlighted, calm about following."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPen, QWheelEvent
from PySide6.QtWidgets import QListView, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from bwc_review.domain.times import clock_text
from ui import theme
from ui.review_desk.transcript_rows import RowKind, TranscriptRow

P = theme.DARK
Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole
ROW_HEIGHT = 25
TIME_WIDTH, CAMERA_WIDTH = 60, 30


class TranscriptModel(QAbstractListModel):
    """Lines in time order. ``edges`` gives the code of the suggestion or tag a line belongs to, by row number."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: tuple[TranscriptRow, ...] = ()
        self.edges: dict[int, str] = {}
        self._starts: list[int] = []

    def show(self, rows: Sequence[TranscriptRow]) -> None:
        """Show other lines."""
        self.beginResetModel()
        self.rows = tuple(rows)
        self._starts = [row.start for row in self.rows]
        self.edges = {}
        self.endResetModel()

    def mark(self, spans: Sequence[tuple[int, int, str]]) -> None:
        """Give an edge to every line that overlaps a (start, end, code)."""
        edges: dict[int, str] = {}
        for start, end, code in spans:
            for number in range(max(0, bisect_right(self._starts, start) - 2), len(self.rows)):
                row = self.rows[number]
                if row.start > end:
                    break
                if row.kind is RowKind.SAID and row.end > start:
                    edges[number] = code
        if edges != self.edges and self.rows:
            self.edges = edges
            self.dataChanged.emit(self.index(0), self.index(len(self.rows) - 1))

    def row_at(self, us: int) -> int | None:
        """The last line that began at or before a moment; a line said then wins over one only begun."""
        last = bisect_right(self._starts, us) - 1
        for number in range(last, max(-1, last - 4), -1):
            if self.rows[number].end > us:
                return number
        return last if last >= 0 else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{clock_text(row.start)}, camera {row.camera[1:]}: {row.text}"
        if role == Qt.ItemDataRole.ToolTipRole and row.doubtful:
            return "The engine was unsure here. Underlined words may be wrong: listen."
        return None


class _Painter(QStyledItemDelegate):
    def __init__(self, view: TranscriptView) -> None:
        super().__init__(view)
        self._view = view
        self._time_font = theme.digit_font(theme.BODY - 1)
        self._font = theme.text_font()
        self._small = theme.text_font(theme.SMALL)
        self._metrics = QFontMetrics(self._font)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(200, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: TranscriptRow = index.data(ROW_ROLE)
        area: QRect = option.rect
        painter.save()
        now = index.row() == self._view.now
        if now:
            painter.fillRect(area, QColor(P.selected))
        if index.row() == self._view.currentIndex().row() and self._view.hasFocus():
            painter.setPen(QColor(P.accent))
            painter.drawRect(area.adjusted(0, 0, -1, -1))
        self._edge(painter, area, self._view.lines.edges.get(index.row()))
        painter.setFont(self._time_font)
        painter.setPen(QColor(P.dim))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(area.adjusted(9, 0, 0, 0), middle, clock_text(row.start)[:-2])
        chip = QRect(area.left() + TIME_WIDTH + 4, area.top() + 5, 24, area.height() - 10)
        painter.fillRect(chip, QColor(P.floating))
        painter.setFont(self._small)
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, row.camera)
        text = area.adjusted(TIME_WIDTH + CAMERA_WIDTH + 8, 0, -4, 0)
        if row.kind is RowKind.SAID:
            self._words(painter, row, text, self._view.now_us if now else None)
        else:
            self._gap(painter, row, text)
        painter.restore()

    def _edge(self, painter: QPainter, area: QRect, code: str | None) -> None:
        if code is not None:
            painter.fillRect(area.left() + 1, area.top() + 2, 3, area.height() - 4, QColor(theme.family_colour(code)))

    def _gap(self, painter: QPainter, row: TranscriptRow, area: QRect) -> None:
        painter.setPen(QPen(QColor(P.faint), 1, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(area.adjusted(0, 3, -2, -4), 4, 4)
        font = theme.text_font(theme.BODY - 1)
        font.setItalic(True)
        painter.setFont(font)
        painter.setPen(QColor(P.dim))
        text = painter.fontMetrics().elidedText(row.text, Qt.TextElideMode.ElideRight, area.width() - 12)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)

    def _words(self, painter: QPainter, row: TranscriptRow, area: QRect, us: int | None) -> None:
        painter.setFont(self._font)
        spoken = row.word_at(us) if us is not None else None
        x, space = area.left(), self._metrics.horizontalAdvance(" ")
        base = area.center().y() + self._metrics.ascent() // 2 - 1
        for number, word in enumerate(row.words):
            wide = self._metrics.horizontalAdvance(word.text)
            if x + wide > area.right():
                painter.setPen(QColor(P.dim))
                painter.drawText(x, base, "…")
                return
            if number == spoken:
                painter.fillRect(x - 2, area.top() + 4, wide + 4, area.height() - 8, theme.tint(P.accent, 150))
            painter.setPen(QColor(P.text))
            painter.drawText(x, base, word.text)
            if word.low:
                painter.setPen(QPen(QColor(theme.FAMILIES["WRN"]), 1, Qt.PenStyle.DotLine))
                painter.drawLine(x, base + 3, x + wide, base + 3)
            x += wide + space


class TranscriptView(QListView):
    """``row_chosen`` when a line is clicked or stepped to; ``follows`` tells whether it keeps up with the picture."""

    row_chosen = Signal(object)
    follows = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines = TranscriptModel()
        self.setModel(self.lines)
        self.setItemDelegate(_Painter(self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(False)
        self.setAccessibleName("Transcript")
        self.setToolTip("Click a line to go there. ↑ ↓ go from line to line, G comes back to now.")
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.now: int = -1
        self.now_us = 0
        self._word: int | None = None
        self._following = True
        self.verticalScrollBar().sliderPressed.connect(lambda: self._follow(False))
        self.clicked.connect(lambda index: self.row_chosen.emit(index.data(ROW_ROLE)))

    def show_rows(self, rows: Sequence[TranscriptRow]) -> None:
        """Show other lines."""
        self.lines.show(rows)
        self.now = -1
        self.follow(self.now_us)

    def follow(self, us: int) -> None:
        """The picture stands at ``us``: highlight the line and the word, and keep them in sight while following."""
        self.now_us = us
        number = self.lines.row_at(us)
        number = -1 if number is None else number
        word = self.lines.rows[number].word_at(us) if number >= 0 else None
        if number == self.now and word == self._word:
            return
        before, self.now, self._word = self.now, number, word
        for changed in {before, number}:
            if 0 <= changed < len(self.lines.rows):
                self.update(self.lines.index(changed))
        if number != before and self._following and number >= 0:
            self._keep_in_sight(number)

    def back_to_now(self) -> None:
        """Follow again."""
        self._follow(True)
        if self.now >= 0:
            self._keep_in_sight(self.now)

    def step(self, by: int) -> None:
        """The line before or after the current one."""
        here = self.currentIndex().row() if self.currentIndex().isValid() and not self._following else self.now
        number = min(max(0, here + by), len(self.lines.rows) - 1)
        if number >= 0:
            self.setCurrentIndex(self.lines.index(number))
            self.row_chosen.emit(self.lines.rows[number])

    def _keep_in_sight(self, number: int) -> None:
        area = self.visualRect(self.lines.index(number))
        low = self.viewport().height() * 3 // 4
        if area.top() < 0 or area.bottom() > low:
            top = self.verticalScrollBar().value() + area.top()
            self.verticalScrollBar().setValue(top - self.viewport().height() // 4)

    def _follow(self, following: bool) -> None:
        if following != self._following:
            self._following = following
            self.follows.emit(following)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._follow(False)
        super().wheelEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self._follow(True)
