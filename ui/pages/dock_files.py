"""The live list of one docking: every file met, what became of it and why. A table model, no decision."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from bwc_review.ports.records import Acquisition, Outcome
from ui import theme
from ui.words import size_text, word

Index = QModelIndex | QPersistentModelIndex
_COLUMNS = ("File", "Size", "Outcome", "What was found, or why")
_SIGNS = {Outcome.TAKEN: "✓", Outcome.DUPLICATE: "=", Outcome.REFUSED: "–", Outcome.FAILED: "!"}


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file met. ``outcome`` is None while it is being copied, or waits; ``doing`` says which."""

    name: str
    size: int
    outcome: Outcome | None = None
    why: str = ""
    doing: str = "copying"


class DockFiles(QAbstractTableModel):
    """Rows in the order the files were met."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[FileRow] = []
        self._at: dict[str, int] = {}

    def clear(self) -> None:
        """Begin a new docking."""
        self.beginResetModel()
        self._rows, self._at = [], {}
        self.endResetModel()

    def copying(self, name: str, done: int, size: int) -> None:
        """Bytes of the file being copied."""
        share = done * 100 // size if size else 100
        self._set(FileRow(name, size, None, f"copying … {share} %"))

    def settled(self, acquisition: Acquisition) -> None:
        """What became of a file."""
        number = f"{acquisition.exhibit} " if acquisition.exhibit and acquisition.outcome is Outcome.TAKEN else ""
        why = number + acquisition.reason
        self._set(FileRow(acquisition.name, acquisition.size, acquisition.outcome, why.strip()))

    def note(self, name: str, words: str) -> None:
        """More about a file that was taken: what is being made of it."""
        if name in self._at:
            row = self._rows[self._at[name]]
            self._set(replace(row, why=f"{row.why.partition(' · ')[0]} · {words}"))

    def drop_unsettled(self) -> None:
        """The import ended early: what was being copied is not, and waits on the card."""
        for row in [row for row in self._rows if row.outcome is None]:
            self._set(replace(row, doing="waits", why="not taken yet: it is still on the card only"))

    def counts(self) -> dict[Outcome, int]:
        """How many files had which outcome so far."""
        return {outcome: sum(row.outcome is outcome for row in self._rows) for outcome in Outcome}

    def _set(self, row: FileRow) -> None:
        at = self._at.get(row.name)
        if at is None:
            at = len(self._rows)
            self.beginInsertRows(QModelIndex(), at, at)
            self._rows.append(row)
            self._at[row.name] = at
            self.endInsertRows()
        else:
            self._rows[at] = row
            self.dataChanged.emit(self.index(at, 0), self.index(at, len(_COLUMNS) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(_COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _COLUMNS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self._rows[index.row()]
        texts = (row.name, size_text(row.size), _outcome_text(row), row.why)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return texts[index.column()]
        if role == Qt.ItemDataRole.ForegroundRole and index.column() != 0:
            bad = row.outcome is Outcome.FAILED
            return QColor(theme.DARK.alarm if bad else theme.DARK.text if index.column() == 2 else theme.DARK.dim)
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == 1:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None


def _outcome_text(row: FileRow) -> str:
    return row.doing if row.outcome is None else f"{_SIGNS[row.outcome]}  {word('outcomes', row.outcome.value)}"


def summary(counts: dict[Outcome, int]) -> str:
    """``12 files met: 8 taken, 1 duplicate, 3 refused``."""
    met = sum(counts.values())
    parts = [f"{number} {word('outcomes', outcome.value)}" for outcome, number in counts.items() if number]
    return f"{met} files met: {', '.join(parts)}" if met else "No file was met"
