"""The Dock page: name a card, watch every file being taken or refused with its reason, then have it listened to."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QProgressBar,
    QTreeView,
    QVBoxLayout,
)

from bwc_review.domain.recording import Recording
from bwc_review.ports.records import Acquisition
from bwc_review.review.docking import DockingReport
from ui import theme
from ui.context import Context
from ui.messages import in_words, log_detail
from ui.pages.dock_files import DockFiles, summary
from ui.pages.docking_job import Copying, Listed, Preparing, look_at, run_import
from ui.pages.listening import PERMISSION as LISTEN
from ui.pages.listening import Listener, ListenPanel, can_be_heard
from ui.pages.making import MakePanel, Maker
from ui.pages.page import Page, button, caption, heading, quiet
from ui.pages.rows import CELLS
from ui.tasks import Lane, Task
from ui.words import size_text, word

PERMISSION = "ingest.dock"
P = theme.DARK


class DockPage(Page):
    """One docking at a time."""

    name, title = "dock", "Dock"

    def __init__(self, context: Context, listener: Listener, maker: Maker) -> None:
        super().__init__(context)
        self.setAcceptDrops(True)
        self.files = DockFiles()
        self._task: Task | None = None
        self._recordings: tuple[Recording, ...] = ()
        self._bytes = self._before = self._current = 0
        self.path = QLineEdit()
        self.path.setPlaceholderText("/media/… or any folder a card was copied to")
        self.path.setAccessibleName("Folder of the card")
        self.path.setToolTip("The folder the card appears under. You can also drop a folder anywhere on this page.")
        self.choose = button("&Choose folder …", "Choose the card's folder (Alt+C)")
        self.start = button(
            "&Start import", "Take everything on this card (Alt+S, or Enter in the path)", primary=True
        )
        self.profile = QLineEdit()
        self.profile.setPlaceholderText("recognised by itself")
        self.profile.setAccessibleName("Camera profile")
        self.profile.setToolTip("Only needed when a card fits several camera profiles: the name of the right one")
        self.found = quiet("")
        self.table = QTreeView()
        self.table.setAccessibleName("Files met on the card")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.bar.setAccessibleName("Progress of the import")
        self.words = QLabel("")
        self.words.setWordWrap(True)
        self.words.setAccessibleName("What the import is doing")
        self.stop = button("Stop after this file", "Stop; what was taken so far is kept and the rest can follow")
        self.listen = button("&Listen to these recordings", "Transcribe and look for warnings (Alt+L)", primary=True)
        self.switch = button("Sign in as somebody else", "Sign in with another number")
        self._lay_out(ListenPanel(listener), MakePanel(maker))
        self._connect()
        self._show_idle()

    def _lay_out(self, panel: ListenPanel, made: MakePanel) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 12)
        column.setSpacing(10)
        column.addWidget(heading("Take footage off a card"))
        column.addWidget(
            quiet("Everything on the card is listed, nothing on it is changed, and every refusal has its reason.")
        )
        drop = QFrame()
        drop.setObjectName("drop")
        drop.setStyleSheet(
            f"QFrame#drop {{ border: 1px dashed {P.line}; border-radius: 8px; background: {P.raised}; }}"
        )
        row = QHBoxLayout(drop)
        row.setContentsMargins(14, 12, 14, 12)
        row.addWidget(QLabel("Card"))
        row.addWidget(self.path, 4)
        row.addWidget(self.choose)
        row.addWidget(QLabel("Camera profile"))
        row.addWidget(self.profile, 1)
        row.addWidget(self.start)
        column.addWidget(drop)
        line = QHBoxLayout()
        line.addWidget(self.found, 1)
        line.addWidget(self.switch)
        column.addLayout(line)
        column.addWidget(caption("Files met"))
        self._lay_out_table()
        column.addWidget(self.table, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.words, 1)
        foot.addWidget(self.bar)
        foot.addWidget(self.stop)
        foot.addWidget(self.listen)
        self.bar.setFixedWidth(260)
        column.addLayout(foot)
        column.addWidget(panel)
        column.addWidget(made)

    def _lay_out_table(self) -> None:
        self.table.setModel(self.files)
        self.table.setRootIsDecorated(False)
        self.table.setStyleSheet(CELLS)
        self.table.setUniformRowHeights(True)
        self.table.setAlternatingRowColors(False)
        header = self.table.header()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for section, width in enumerate((420, 100, 120)):
            header.resizeSection(section, width)

    def _connect(self) -> None:
        self.choose.clicked.connect(self._choose)
        self.path.textChanged.connect(lambda _text: self._look())
        self.path.returnPressed.connect(self.begin)
        self.start.clicked.connect(self.begin)
        self.stop.clicked.connect(self._stop)
        self.listen.clicked.connect(self._listen)
        self.switch.clicked.connect(self.context.switch_asked.emit)
        self.context.session_changed.connect(self._show_idle)

    def enter(self) -> None:
        self._show_idle()
        self.path.setFocus()

    # the card

    def _choose(self) -> None:
        named = QFileDialog.getExistingDirectory(self, "The card's folder", self.path.text())
        if named:
            self.path.setText(named)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        local = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if local and self._task is None:
            self.path.setText(local[0])

    def _look(self) -> None:
        source = Path(self.path.text().strip())
        if not self.path.text().strip() or not source.is_dir():
            self.found.setText("")
            return

        def said(counted: tuple[int, int]) -> None:
            if Path(self.path.text().strip()) == source:
                self.found.setText(f"{source.name}: {counted[0]} files, {size_text(counted[1])}. Not taken yet.")

        self.context.tasks.start(lambda _told: look_at(source), done=said, failed=lambda _error: None)

    # the import

    def begin(self) -> None:
        """Take the card named in the path field."""
        named = self.path.text().strip()
        if self._task is not None or not self.start.isEnabled():
            return
        if not named:
            self.words.setText("Name the folder of the card first.")
            return
        self.files.clear()
        self._recordings = ()
        self._bytes = self._before = self._current = 0
        self.bar.setRange(0, 0)
        self.words.setText("Beginning …")
        desk, session, profile = self.context.desk, self.context.session, self.profile.text().strip() or None
        self._task = self.context.tasks.start(
            lambda told: run_import(desk, session, Path(named), profile, told),
            lane=Lane.LONG,
            done=self._done,
            failed=self._failed,
            progress=self._progress,
        )
        self._show_running(True)

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self.stop.setEnabled(False)
            self.words.setText("Stopping after what is being copied …")

    def _progress(self, told: object) -> None:
        match told:
            case Listed():
                self._bytes = told.size
                self.bar.setRange(0, 1000)
                self.found.setText(
                    f"Recognised: {told.label} as camera profile “{told.profile}” · {told.files} files, "
                    f"{size_text(told.size)} to take"
                )
            case Copying():
                self._current = told.done
                self.files.copying(told.name, told.done, told.size)
                self.words.setText(f"Copying {told.name} …")
            case Acquisition():
                self._before += self._current
                self._current = 0
                self.files.settled(told)
                self.table.scrollToBottom()
            case Preparing():
                self._show_preparing(told)
                return
        if self._bytes:
            self.bar.setValue(min(1000, (self._before + self._current) * 1000 // self._bytes))

    def _show_preparing(self, told: Preparing) -> None:
        """Copying is over: say so. What review needs is made in the background, after the docking."""
        self.files.note(told.name, word("steps", told.step) + " …")
        self.bar.setRange(0, 0)
        self.words.setText(
            f"Everything is copied and the card is no longer needed. Looking at the recordings: {told.name} …"
        )

    def _done(self, report: DockingReport) -> None:
        self._task = None
        self._recordings = report.recordings
        for acquisition in report.acquisitions:
            self.files.settled(acquisition)
        for recording in report.recordings:
            self.files.note(recording.name, f"recording, {word('playability', recording.playability.value)}")
        self._show_running(False)
        played = sum(1 for one in report.recordings if can_be_heard(one))
        self.words.setText(
            f"{summary(self.files.counts())}. {len(report.recordings)} recordings, {played} with sound. "
            "The card was not changed and can be removed; the recordings are made ready in the background."
        )
        self.listen.setVisible(played > 0 and self.context.may(LISTEN))
        if self.listen.isVisible():
            self.listen.setFocus()
        self.context.footage_changed.emit()

    def _failed(self, error: Exception) -> None:
        self._task = None
        log_detail(error)
        self._show_running(False)
        met = f"{summary(self.files.counts())} before that. " if self.files.rowCount() else ""
        self.words.setText(f"{in_words(error)} {met}")
        self.context.footage_changed.emit()

    def _listen(self) -> None:
        self.listen.hide()
        self.context.listen_to(tuple(one.id for one in self._recordings))

    def _show_running(self, running: bool) -> None:
        for part in (self.path, self.choose, self.profile):
            part.setEnabled(not running)
        self.start.setEnabled(not running and self.context.may(PERMISSION))
        self.stop.setVisible(running)
        self.stop.setEnabled(running)
        self.bar.setVisible(running)
        if running:
            self.listen.hide()
            self.stop.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_idle(self) -> None:
        allowed = self.context.may(PERMISSION)
        self.switch.setVisible(not allowed)
        if self._task is not None:
            return
        self._show_running(False)
        if not allowed:
            role = word("roles", self.context.session.role)
            self.found.setText(f"You are signed in as {role}. Cards are taken in by an evidence clerk.")
        elif not self.path.text():
            self.found.setText("")
        self.listen.setVisible(bool(self._recordings) and self.listen.isVisibleTo(self) and allowed)
