"""A plain list of text cells with a filter over all of them, and the view it is shown in. Knows no page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QTreeView

from ui import theme

Index = QModelIndex | QPersistentModelIndex
CELLS = "QTreeView::item { padding: 4px 6px; }"
KEY_ROLE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class Row:
    """One line. ``key`` is what the line stands for; a ``dim`` line is one that cannot be worked with."""

    key: str
    cells: tuple[str, ...]
    tip: str = ""
    dim: bool = False


class RowsModel(QAbstractTableModel):
    """Rows under fixed headings."""

    def __init__(self, headings: Sequence[str]) -> None:
        super().__init__()
        self._headings = tuple(headings)
        self._rows: tuple[Row, ...] = ()

    def show(self, rows: Sequence[Row]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._headings)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._headings[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.cells[index.column()]
        if role == KEY_ROLE:
            return row.key
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.tip or row.cells[index.column()]
        if role == Qt.ItemDataRole.ForegroundRole and row.dim:
            return QColor(theme.DARK.dim)
        return None


class RowsView(QTreeView):
    """A list of rows; ``chosen`` gives the keys of what is selected. Enter or double click activates."""

    def __init__(self, headings: Sequence[str], widths: Sequence[int], name: str, *, many: bool = False) -> None:
        super().__init__()
        self.rows = RowsModel(headings)
        self.filter = QSortFilterProxyModel(self)
        self.filter.setSourceModel(self.rows)
        self.filter.setFilterKeyColumn(-1)
        self.filter.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setModel(self.filter)
        self.setRootIsDecorated(False)
        self.setStyleSheet(CELLS)
        self.setUniformRowHeights(True)
        self.setAccessibleName(name)
        self.setTabKeyNavigation(False)
        many_or_one = QAbstractItemView.SelectionMode
        self.setSelectionMode(many_or_one.ExtendedSelection if many else many_or_one.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.header().setStretchLastSection(True)
        for section, width in enumerate(widths):
            self.header().resizeSection(section, width)

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show other rows; what was selected and is still there stays selected."""
        kept = set(self.chosen())
        self.rows.show(rows)
        for at in range(self.filter.rowCount()):
            index = self.filter.index(at, 0)
            if index.data(KEY_ROLE) in kept:
                flags = self.selectionModel().SelectionFlag
                self.selectionModel().select(index, flags.Select | flags.Rows)

    def choose(self, key: str) -> None:
        """Select the line that stands for ``key``."""
        for at in range(self.filter.rowCount()):
            index = self.filter.index(at, 0)
            if index.data(KEY_ROLE) == key:
                self.setCurrentIndex(index)

    def chosen(self) -> tuple[str, ...]:
        """The keys of the selected lines, top to bottom."""
        return tuple(str(index.data(KEY_ROLE)) for index in sorted(self.selectionModel().selectedRows()))
