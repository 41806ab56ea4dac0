"""The Export page: what a bundle of one incident will hold, making it, and checking one that was made."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QLabel, QLineEdit, QProgressBar, QVBoxLayout

from bwc_review.domain.ids import IncidentId
from bwc_review.ports.records import StoredBundle
from bwc_review.review.exporting import PERMISSION
from ui.context import Context
from ui.messages import in_words, log_detail
from ui.pages.bundle_contents import Offer, Step, read_contents, read_offer, run_export, verdict_text
from ui.pages.page import Page, button, caption, heading, quiet
from ui.pages.rows import Row, RowsView
from ui.tasks import Lane, Task
from ui.words import moment_text, word

_BUNDLES = (("Name", "Incident", "Sealed", "Custody entries", "Folder"), (240, 130, 210, 120))


class ExportPage(Page):
    """One export at a time."""

    name, title = "export", "Export"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._task: Task | None = None
        self._bundles: dict[str, StoredBundle] = {}
        self._check: QProcess | None = None
        self.incident = QComboBox()
        self.incident.setAccessibleName("Incident")
        self.into = QLineEdit(str(context.desk.folder / "bundles"))
        self.into.setAccessibleName("Destination folder")
        self.into.setToolTip("The bundle becomes a folder of its own below this one")
        self.choose = button("&Choose …", "Choose the destination folder (Alt+C)")
        self.contents = quiet("")
        self.start = button("&Export bundle", "Write, sign and seal the bundle (Alt+E)", primary=True)
        self.stop = button("Stop", "Stop; nothing half-written stays under the bundle's name")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the export")
        self.words = QLabel("")
        self.words.setWordWrap(True)
        self.words.setAccessibleName("What the export is doing")
        self.bundles = RowsView(*_BUNDLES, "Bundles made so far")
        self.open = button("&Open folder", "Show the selected bundle in the file manager (Alt+O)")
        self.again = button("Check &again", "Check the selected bundle with the open verifier (Alt+A)")
        self.switch = button("Sign in as somebody else", "Sign in with another number")
        self._lay_out()
        self._connect()
        self._run(False)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 12)
        column.setSpacing(10)
        column.addWidget(heading("Hand over an incident"))
        column.addWidget(quiet("A bundle proves itself: it is checked offline with tools that others wrote."))
        row = QHBoxLayout()
        row.addWidget(QLabel("Incident"))
        row.addWidget(self.incident, 2)
        row.addWidget(QLabel("Into"))
        row.addWidget(self.into, 3)
        row.addWidget(self.choose)
        row.addWidget(self.start)
        column.addLayout(row)
        column.addWidget(caption("The bundle will hold"))
        column.addWidget(self.contents)
        line = QHBoxLayout()
        line.addWidget(self.words, 1)
        line.addWidget(self.bar)
        line.addWidget(self.stop)
        line.addWidget(self.switch)
        self.bar.setFixedWidth(260)
        column.addLayout(line)
        top = QHBoxLayout()
        top.addWidget(caption("Bundles made so far"))
        top.addStretch(1)
        top.addWidget(self.again)
        top.addWidget(self.open)
        column.addLayout(top)
        column.addWidget(self.bundles, 1)

    def _connect(self) -> None:
        self.incident.currentIndexChanged.connect(lambda _at: self._read_contents())
        self.choose.clicked.connect(self._choose)
        self.start.clicked.connect(self.begin)
        self.stop.clicked.connect(self._stop)
        self.open.clicked.connect(self._open)
        self.again.clicked.connect(self.check_again)
        self.switch.clicked.connect(self.context.switch_asked.emit)
        self.bundles.activated.connect(lambda _index: self._open())
        self.bundles.selectionModel().selectionChanged.connect(lambda *_: self._offer())
        self.context.session_changed.connect(lambda: self._run(self._task is not None))

    def enter(self) -> None:
        self.refresh()
        self.incident.setFocus()

    def close_down(self) -> None:
        if self._check is not None:
            self._check.kill()
            self._check.waitForFinished(2000)

    def refresh(self) -> None:
        """Read incidents and bundles again."""
        desk, session = self.context.desk, self.context.session
        self.context.tasks.start(lambda _told: read_offer(desk, session), done=self._show)
        self._run(self._task is not None)

    def _show(self, offer: Offer) -> None:
        chosen = self.incident.currentData()
        self.incident.blockSignals(True)
        self.incident.clear()
        for number, title in offer.incidents:
            self.incident.addItem(f"{number}  ·  {title}", number)
        self.incident.setCurrentIndex(max(0, self.incident.findData(chosen)) if offer.incidents else -1)
        self.incident.blockSignals(False)
        self._bundles = {one.id: one for one in offer.bundles}
        self.bundles.show_rows(tuple(_row(one) for one in reversed(offer.bundles)))
        self._read_contents()
        self._run(self._task is not None)

    def choose_incident(self, number: str) -> None:
        """Offer this incident."""
        self.incident.setCurrentIndex(max(0, self.incident.findData(number)))

    def _read_contents(self) -> None:
        number = self.incident.currentData()
        if number is None:
            self.contents.setText("No incident was made yet. Make one in the Library (F3).")
            return
        desk, session = self.context.desk, self.context.session

        def show(text: str) -> None:
            if self.incident.currentData() == number:
                self.contents.setText(text)

        self.context.tasks.start(lambda _told: read_contents(desk, session, IncidentId(str(number))), done=show)

    def _choose(self) -> None:
        named = QFileDialog.getExistingDirectory(self, "Where the bundle goes", self.into.text())
        if named:
            self.into.setText(named)

    # the export

    def begin(self) -> None:
        """Export the incident chosen."""
        number, into = self.incident.currentData(), self.into.text().strip()
        if self._task is not None or number is None or not into:
            self.words.setText("Choose an incident and a destination folder first.")
            return
        desk, session = self.context.desk, self.context.session
        self.words.setText("Gathering what goes into the bundle …")
        self.bar.setRange(0, 0)
        self._task = self.context.tasks.start(
            lambda told: run_export(desk, session, IncidentId(str(number)), Path(into), told),
            lane=Lane.LONG,
            done=self._done,
            failed=self._failed,
            progress=self._progress,
        )
        self._run(True)

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self.words.setText("Stopping …")

    def _progress(self, step: Step) -> None:
        self.words.setText(f"{step.words} …")
        self.bar.setRange(0, 1000)
        self.bar.setValue(step.done * 1000 // step.of if step.of else 0)

    def _done(self, bundle: StoredBundle) -> None:
        self._task = None
        self._run(False)
        self.words.setText(f"{bundle.name} is sealed and stands in {bundle.path}. Check it, then hand it over.")
        self._bundles[bundle.id] = bundle
        self.bundles.show_rows(tuple(_row(one) for one in reversed(tuple(self._bundles.values()))))
        self.bundles.choose(bundle.id)
        self.again.setFocus()
        self.context.log_grew.emit()

    def _failed(self, error: Exception) -> None:
        self._task = None
        self._run(False)
        log_detail(error)
        self.words.setText(in_words(error))

    def _run(self, running: bool) -> None:
        allowed = self.context.may(PERMISSION)
        for part in (self.incident, self.into, self.choose):
            part.setEnabled(not running)
        self.start.setEnabled(not running and allowed and self.incident.count() > 0)
        self.bar.setVisible(running)
        self.stop.setVisible(running)
        self.switch.setVisible(not allowed)
        if not allowed:
            role = word("roles", self.context.session.role)
            self.words.setText(f"You are signed in as {role}, a role that does not export.")
        self._offer()

    # bundles

    def _chosen(self) -> StoredBundle | None:
        chosen = self.bundles.chosen()
        return self._bundles.get(chosen[0]) if chosen else None

    def _offer(self) -> None:
        for part in (self.open, self.again):
            part.setEnabled(self._chosen() is not None)

    def _open(self) -> None:
        bundle = self._chosen()
        if bundle is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(bundle.path))

    def check_again(self) -> None:
        """Run the verifier a commission runs, in a process of its own, over the selected bundle."""
        bundle = self._chosen()
        if bundle is None or self._check is not None:
            return
        self.words.setText(f"Checking {bundle.name} with the open verifier …")
        self.again.setEnabled(False)
        self._check = QProcess(self)
        self._check.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        self._check.finished.connect(lambda _code, _status: self._checked(bundle))
        self._check.errorOccurred.connect(lambda _error: self._checked(bundle))
        key = str(self.context.desk.folder / "keys" / "log.vkey")
        command = ["-m", "chain_of_custody", "verify", "--json", "--key", key, bundle.path]
        self._check.start(sys.executable, command)

    def _checked(self, bundle: StoredBundle) -> None:
        if self._check is None:
            return
        said = bytes(self._check.readAllStandardOutput().data()).decode("utf-8", "replace").strip()
        self._check.deleteLater()
        self._check = None
        self._offer()
        self.words.setText(f"{bundle.name} {verdict_text(said)}")
        self.words.setToolTip(said[:2000])


def _row(bundle: StoredBundle) -> Row:
    cells = (bundle.name, str(bundle.incident), moment_text(bundle.sealed_at), str(bundle.log_size), bundle.path)
    return Row(bundle.id, cells, f"{bundle.path}\ntagmanifest sha256 {bundle.tagmanifest_sha256}")
