"""Expected and arrived: a roster held against what was docked, a line for each row, each saying why. No rule here."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDoubleSpinBox,
    QFileDialog,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from bwc_review.domain.expected import Roster
from bwc_review.domain.reconciling import Arrival, Belongs, State
from bwc_review.domain.reconciling import Row as Compared
from bwc_review.domain.reconciling_words import length
from bwc_review.domain.times import Micros
from bwc_review.review.reconciling import IMPORT, LOOK, Comparison, import_roster, reconcile_rosters
from bwc_review.review.roster_csv import RosterForm
from ui.context import Context
from ui.messages import in_words, log_detail
from ui.pages.page import button, heading, quiet
from ui.pages.rows import Row, RowsView
from ui.tasks import Lane
from ui.words import moment_text, spaced, word

_COLUMNS = (
    ("State", "Row", "Who", "Expected from", "until", "Arrived", "To look at", "Overdue"),
    (120, 92, 130, 166, 166, 180, 160),
)
_HOUR_US = 3_600_000_000
_NO_LIMIT = -1.0
_FIRST = (State.MISSING, State.DOCKING_UNFINISHED, State.NOT_DOCKED, State.CANNOT_TELL)


class ExpectedDialog(QDialog):
    """One comparison at a time. Importing a list and comparing are acts of their own, both in the custody log."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.setWindowTitle("Expected and arrived")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(1180, 640)
        self.hours = QDoubleSpinBox()
        self.hours.setAccessibleName("Hours after a row's end by which its camera has to be docked")
        self.hours.setRange(_NO_LIMIT, 24 * 366)
        self.hours.setDecimals(1)
        self.hours.setSpecialValueText("no limit named")
        self.hours.setValue(_NO_LIMIT)
        self.hours.setSuffix(" h after the end")
        self.compare = button("&Compare now", "Hold the newest list against everything docked (Alt+C)", primary=True)
        self.bring = button("&Import a list …", "Keep a roster or dispatch list as evidence (Alt+I)")
        self.filter_box = QLineEdit()
        self.filter_box.setPlaceholderText("Filter by state, row, officer, camera …")
        self.filter_box.setAccessibleName("Filter")
        self.filter_box.setClearButtonEnabled(True)
        self.list = RowsView(*_COLUMNS, "Expected and arrived")
        self.said = quiet("")
        self.said.setAccessibleName("Why")
        self.said.setMinimumHeight(120)
        self.said.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.state = quiet("Nothing was compared yet.")
        self._why: dict[str, str] = {}
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(10)
        column.addWidget(heading("Expected and arrived"))
        column.addWidget(self.state)
        top = QHBoxLayout()
        due = QLabel("&Overdue:")
        due.setBuddy(self.hours)
        top.addWidget(due)
        top.addWidget(self.hours)
        top.addWidget(self.filter_box, 1)
        top.addWidget(self.bring)
        top.addWidget(self.compare)
        column.addLayout(top)
        column.addWidget(self.list, 1)
        column.addWidget(self.said)

    def _connect(self) -> None:
        self.compare.clicked.connect(self.refresh)
        self.bring.clicked.connect(self._ask_list)
        self.filter_box.textChanged.connect(lambda text: self.list.filter.setFilterFixedString(text.strip()))
        self.list.selectionModel().selectionChanged.connect(lambda *_: self._say_why())
        self.compare.setEnabled(self._context.may(LOOK))
        self.bring.setEnabled(self._context.may(IMPORT))

    def refresh(self) -> None:
        """Compare the newest list with what is here, and log it."""
        desk, session, hours = self._context.desk, self._context.session, self.hours.value()
        due = None if hours < 0 else Micros(round(hours * _HOUR_US))
        self.compare.setEnabled(False)
        self._context.tasks.start(
            lambda _told: reconcile_rosters(desk, session, due_after=due),
            lane=Lane.ACTS,
            done=self._show,
            failed=self._failed,
        )

    def _show(self, found: Comparison) -> None:
        self.compare.setEnabled(True)
        result, lists = found.result, ", ".join(one.exhibit for one in found.rosters)
        rows = sorted(result.rows, key=lambda row: (row.overdue_by is None, order_of(row.state), row.expected.start))
        strangers = [one for one in result.arrivals if one.belongs not in (Belongs.EXPECTED, Belongs.OUTSIDE)]
        self._why = {f"row:{row.expected.id}": why_text(row) for row in rows}
        self._why |= {f"rec:{one.footage.recording}": one.words for one in strangers}
        self.list.show_rows([*(row_line(row) for row in rows), *(arrival_line(one) for one in strangers)])
        elsewhere = len(result.arrivals) - len(strangers)
        self.state.setText(
            f"Against {lists}, as of {moment_text(result.as_of)}: {len(rows)} rows, {len(result.overdue)} overdue, "
            f"{len(strangers)} recordings nobody expected or that cannot be told, {elsewhere} others."
        )
        if self.list.filter.rowCount():
            self.list.setCurrentIndex(self.list.filter.index(0, 0))
        self.list.setFocus()
        self._context.log_grew.emit()

    def _failed(self, error: Exception) -> None:
        self.compare.setEnabled(True)
        log_detail(error)
        self.state.setText(in_words(error))

    def _say_why(self) -> None:
        chosen = self.list.chosen()
        self.said.setText(self._why.get(chosen[0], "") if chosen else "")

    def _ask_list(self) -> None:
        named, _ = QFileDialog.getOpenFileName(self, "A roster or dispatch list", "", "Lists (*.csv);;All files (*)")
        if not named:
            return
        zone, given = QInputDialog.getText(
            self, "Zone of its times", "Times without an offset are in (utc, +01:00, Europe/Berlin):"
        )
        if given:
            self.import_list(Path(named), zone.strip())

    def import_list(self, file: Path, zone: str) -> None:
        """Keep a list; refused ones say which lines to mend."""
        desk, session = self._context.desk, self._context.session
        self._context.tasks.start(
            lambda _told: import_roster(desk, session, file, RosterForm(zone)),
            lane=Lane.ACTS,
            done=self._imported,
            failed=self._failed,
        )

    def _imported(self, roster: Roster) -> None:
        self.state.setText(f"{roster.exhibit} is kept: {len(roster.rows)} rows. Comparing …")
        self.refresh()


def order_of(state: State) -> int:
    """What needs somebody first."""
    return _FIRST.index(state) if state in _FIRST else len(_FIRST)


def row_line(row: Compared) -> Row:
    """An expected row as a line."""
    one = row.expected
    cells = (
        spaced(row.state.value),
        one.id,
        " · ".join(filter(None, (one.officer, one.camera))),
        moment_text(one.start)[:-6],
        moment_text(one.end)[:-6],
        ", ".join(footage.exhibit for footage in row.arrived) or "–",
        ", ".join(finding_text(row)) or "–",
        "–" if row.overdue_by is None else length(row.overdue_by),
    )
    return Row(f"row:{one.id}", cells, row.words)


def finding_text(row: Compared) -> list[str]:
    """What was noticed, in a word each; what cannot be told says so."""
    return [f"{word('findings', one.kind.value)}{'' if one.certain else ' (cannot be told)'}" for one in row.findings]


def arrival_line(one: Arrival) -> Row:
    """A recording nobody expected, or of which it cannot be told."""
    footage = one.footage
    start = moment_text(footage.begun.start)[:-6] if footage.begun else "not known"
    who = " · ".join(filter(None, (footage.wearer, footage.camera)))
    cells = (spaced(one.belongs.value), "–", who, start, "–", footage.exhibit, one.category, "–")
    return Row(f"rec:{footage.recording}", cells, one.words)


def why_text(row: Compared) -> str:
    """Every sentence about a row, and its sources."""
    said = [row.words, *(finding.words for finding in row.findings)]
    return "\n".join([*said, f"Sources: {'; '.join(row.sources)}"])
