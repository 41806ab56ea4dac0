"""The Library page: incidents and recordings, a filter over both, opening and making incidents."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout

from bwc_review.domain.ids import IncidentId, RecordingId
from bwc_review.domain.recording import Incident
from bwc_review.review.incidents import PERMISSION, open_incident
from ui import theme
from ui.context import Context
from ui.messages import in_words, log_detail
from ui.pages.library_rows import Shelf, read_shelf
from ui.pages.listening import PERMISSION as LISTEN
from ui.pages.listening import Listener, ListenPanel
from ui.pages.page import Page, button, caption, quiet
from ui.pages.rows import RowsView
from ui.tasks import Lane

_INCIDENTS = (
    ("Number", "Title", "Clock begins", "Recordings", "Suggestions", "Tags"),
    (130, 330, 210, 190, 260),
)
_RECORDINGS = (
    (
        "Exhibit", "Camera", "Wearer", "Starts, by its best claim", "Length", "Transcript", "Suggestions", "Incident",
        "State",
    ),
    (110, 120, 70, 272, 70, 84, 158, 116),
)  # fmt: skip


class LibraryPage(Page):
    """Everything that was preserved, and what it was grouped into."""

    name, title = "library", "Library"

    def __init__(self, context: Context, listener: Listener) -> None:
        super().__init__(context)
        self.filter_box = QLineEdit()
        self.filter_box.setPlaceholderText("Filter by number, camera, wearer, date, state …   Ctrl+F")
        self.filter_box.setAccessibleName("Filter")
        self.filter_box.setToolTip("Shows only lines that hold these words (Ctrl+F)")
        self.filter_box.setClearButtonEnabled(True)
        self.incidents = RowsView(*_INCIDENTS, "Incidents")
        self.recordings = RowsView(*_RECORDINGS, "Recordings", many=True)
        self.open = button(
            "&Review this incident", "Open it on the Review page (Alt+R, or Enter in the list)", primary=True
        )
        self.listen = button(
            "&Listen to selected", "Transcribe the selected recordings and look for warnings (Alt+L)"
        )
        self.new = button("&New incident from selected", "Put the selected recordings on one clock (Alt+N)")
        self.said = quiet("")
        self._next_number = ""
        self._make_new_form()
        self._lay_out(ListenPanel(listener))
        self._connect()

    def _make_new_form(self) -> None:
        self.form = QFrame()
        self.form.setObjectName("new")
        self.form.setStyleSheet(f"QFrame#new {{ background: {theme.DARK.raised}; border-radius: 8px; }}")
        self.number, self.incident_title = QLineEdit(), QLineEdit()
        self.number.setAccessibleName("Incident number")
        self.number.setMaximumWidth(160)
        self.incident_title.setAccessibleName("Title of the incident")
        self.incident_title.setPlaceholderText("what and where, in a few words")
        self.make = button("Make it", "Make the incident (Enter)", primary=True)
        self.cancel = button("Cancel", "Make nothing (Esc)")
        row = QHBoxLayout(self.form)
        for part in (QLabel("Number"), self.number, QLabel("Title")):
            row.addWidget(part)
        row.addWidget(self.incident_title, 1)
        row.addWidget(self.make)
        row.addWidget(self.cancel)
        self.form.hide()

    def _lay_out(self, panel: ListenPanel) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 12, 24, 10)
        column.setSpacing(8)
        column.addWidget(self.filter_box)
        top = QHBoxLayout()
        top.addWidget(caption("Incidents"))
        top.addStretch(1)
        top.addWidget(self.open)
        column.addLayout(top)
        column.addWidget(self.incidents, 2)
        middle = QHBoxLayout()
        middle.addWidget(caption("Recordings"))
        middle.addWidget(self.said, 1)
        middle.addWidget(self.listen)
        middle.addWidget(self.new)
        column.addLayout(middle)
        column.addWidget(self.form)
        column.addWidget(self.recordings, 4)
        column.addWidget(panel)

    def _connect(self) -> None:
        self.filter_box.textChanged.connect(self._filter)
        self.incidents.activated.connect(lambda _index: self._open())
        self.incidents.selectionModel().selectionChanged.connect(lambda *_: self._offer())
        self.recordings.selectionModel().selectionChanged.connect(lambda *_: self._offer())
        self.open.clicked.connect(self._open)
        self.new.clicked.connect(self._ask_new)
        self.listen.clicked.connect(self._listen)
        self.make.clicked.connect(self._make)
        self.number.returnPressed.connect(self._make)
        self.incident_title.returnPressed.connect(self._make)
        self.cancel.clicked.connect(self._forget_new)
        self.context.footage_changed.connect(self.refresh)
        self.context.session_changed.connect(self._offer)
        page_only = Qt.ShortcutContext.WidgetWithChildrenShortcut
        QShortcut(QKeySequence("Ctrl+F"), self, self.filter_box.setFocus, context=page_only)
        QShortcut(QKeySequence("Esc"), self.form, self._forget_new, context=page_only)

    def enter(self) -> None:
        self.refresh()
        self.incidents.setFocus()

    def refresh(self) -> None:
        """Read the lists again."""
        desk, session = self.context.desk, self.context.session
        self.context.tasks.start(lambda _told: read_shelf(desk, session), done=self._show)

    def _show(self, shelf: Shelf) -> None:
        self._next_number = shelf.next_number
        self.incidents.show_rows(shelf.incidents)
        self.recordings.show_rows(shelf.recordings)
        if not self.incidents.chosen() and shelf.incidents:
            self.incidents.choose(shelf.incidents[0].key)
        if not shelf.recordings:
            self.said.setText("Nothing was taken in yet. Dock a card first (F2).")
        elif not shelf.incidents:
            self.said.setText("Select recordings that belong together, then make an incident of them.")
        else:
            self.said.setText("")
        self._offer()

    def _offer(self) -> None:
        some = bool(self.recordings.chosen())
        self.open.setEnabled(bool(self.incidents.chosen()))
        self.new.setEnabled(some and self.context.may(PERMISSION))
        self.listen.setEnabled(some and self.context.may(LISTEN))

    def _filter(self, text: str) -> None:
        for view in (self.incidents, self.recordings):
            view.filter.setFilterFixedString(text.strip())

    def _open(self) -> None:
        chosen = self.incidents.chosen()
        if chosen:
            self.context.review(IncidentId(chosen[0]))

    def _listen(self) -> None:
        self.context.listen_to(tuple(RecordingId(one) for one in self.recordings.chosen()))

    def _ask_new(self) -> None:
        self.number.setText(self._next_number)
        self.form.show()
        self.incident_title.setFocus()

    def _forget_new(self) -> None:
        self.form.hide()
        self.recordings.setFocus()

    def _make(self) -> None:
        desk, session = self.context.desk, self.context.session
        wanted = [RecordingId(one) for one in self.recordings.chosen()]
        number = IncidentId(self.number.text().strip())
        title = self.incident_title.text().strip() or number
        if not number:
            self.said.setText("Give the incident a number.")
            return
        self.context.tasks.start(
            lambda _told: open_incident(desk, session, title, wanted, number),
            lane=Lane.ACTS,
            done=self._made,
            failed=self._refused,
        )

    def _made(self, incident: Incident) -> None:
        self.form.hide()
        self.incident_title.clear()
        self.refresh()
        self.said.setText(f"{incident.id} is made. Its clock rests on each recording's best claim of time.")

    def _refused(self, error: Exception) -> None:
        log_detail(error)
        self.said.setText(in_words(error))
