"""The Dock page: cards appear by themselves, several are taken at once, and each says what to do next."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QInputDialog

from bwc_review.domain.camera_clock import read_display
from bwc_review.domain.recording import Recording
from bwc_review.review.docking import DockingReport
from bwc_review.review.dockings import LOOK, DockingState, docking_state, docking_states
from bwc_review.review.docks import DockChange, DockView, view_of, watch_docks
from ui.context import Context
from ui.messages import in_words, log_detail
from ui.pages.dock_files import DockFiles, summary
from ui.pages.dock_layout import DockLayout
from ui.pages.dock_slot import Slot
from ui.pages.docking_job import JobNews, run_import
from ui.pages.listening import PERMISSION as LISTEN
from ui.pages.listening import Listener, ListenPanel, can_be_heard
from ui.pages.making import MakePanel, Maker
from ui.tasks import Lane, Task
from ui.words import word

PERMISSION = "ingest.dock"
LOOK_EVERY_MS = 1000


class DockPage(DockLayout):
    """Every dock one line; the files of the chosen line below."""

    name, title = "dock", "Dock"

    def __init__(self, context: Context, listener: Listener, maker: Maker) -> None:
        super().__init__(context, ListenPanel(listener), MakePanel(maker))
        self.setAcceptDrops(True)
        self._none = DockFiles()
        self.table.setModel(self._none)
        self._looking: Task | None = None
        self._recordings: tuple[Recording, ...] = ()
        self._watch = watch_docks(context.desk)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._connect()
        self._show_allowed()

    def _connect(self) -> None:
        self.choose.clicked.connect(self._choose)
        self.path.returnPressed.connect(self.begin)
        self.start.clicked.connect(self.begin)
        self.start_all.clicked.connect(self.begin_all)
        self.clock.clicked.connect(self._ask_clock)
        self.listen.clicked.connect(self._listen)
        self.switch.clicked.connect(self.context.switch_asked.emit)
        self.context.session_changed.connect(self._show_allowed)
        self.board.chosen.connect(self._show_files)
        self.board.pressed.connect(self._press)
        self._timer.timeout.connect(self.look)

    def enter(self) -> None:
        self._show_allowed()
        desk, session = self.context.desk, self.context.session
        if self.context.may(LOOK):
            self.context.tasks.start(lambda _told: docking_states(desk, session), done=self.board.left_over)
        self.look()
        self._timer.start()
        first = next(iter(self.board.rows.values()), None)
        (first or self.path).setFocus()

    def leave(self) -> None:
        self._timer.stop()

    def close_down(self) -> None:
        self._timer.stop()

    # the docks

    def look(self) -> None:
        """Look once for what came and went; not again before the last look is over."""
        if self._looking is not None:
            return

        def ended(changes: tuple[DockChange, ...]) -> None:
            self._looking = None
            self.board.changed(changes)
            if self.context.may(PERMISSION):
                self.found.setText(" ".join(self._watch.troubles))
            self._offer()

        def failed(error: Exception) -> None:
            self._looking = None
            log_detail(error)

        self._looking = self.context.tasks.start(lambda _told: self._watch.look(), done=ended, failed=failed)

    def _choose(self) -> None:
        named = QFileDialog.getExistingDirectory(self, "The card's folder", self.path.text())
        if named:
            self.path.setText(named)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        local = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if local:
            self.path.setText(local[0])

    def begin(self) -> None:
        """Take the folder named in the path field."""
        named = self.path.text().strip()
        if not self.start.isEnabled():
            return
        if not named:
            self.words.setText("Name the folder of the card first.")
            return
        root = Path(named)
        slot = next((one for one in self.board.slots if one.root == root), None)
        if slot is None:
            slot = self.board.add(Slot(f"folder:{root}", root.name or named, root))
            self._describe(slot, root)
        slot.there = True
        self.board.choose(slot.key)
        self._start(slot)

    def _describe(self, slot: Slot, root: Path) -> None:
        def said(view: DockView | None) -> None:
            slot.view = view
            self.board.refresh(slot)

        self.context.tasks.start(lambda _told: view_of(root), done=said, failed=lambda _error: None)

    def begin_all(self) -> None:
        """Take, or go on with, every card that is there."""
        for slot in self.board.slots:
            if slot.may_start:
                self._start(slot)

    def _press(self, key: str) -> None:
        slot = self.board.slots_by_key[key]
        if slot.under_way:
            if slot.task is not None:
                slot.task.cancel()
                slot.stopping()
                self.board.refresh(slot)
        elif slot.may_start and self.context.may(PERMISSION):
            self._start(slot)

    def _start(self, slot: Slot) -> None:
        if slot.under_way or slot.root is None:
            return
        desk, session, root, clock = self.context.desk, self.context.session, slot.root, slot.clock
        profile = self.profile.text().strip() or None
        task = self.context.tasks.start(
            lambda told: run_import(desk, session, root, profile, clock, told),
            lane=Lane.DOCKS,
            done=lambda report: self._done(slot, report),
            failed=lambda error: self._failed(slot, error),
            progress=lambda news: self._heard(slot, news),
        )
        slot.began(task)
        self._refresh(slot)

    def _heard(self, slot: Slot, news: JobNews) -> None:
        slot.heard(news)
        self._refresh(slot)

    def _done(self, slot: Slot, report: DockingReport) -> None:
        slot.finished(report)
        self._recordings += report.recordings
        played = sum(1 for one in self._recordings if can_be_heard(one))
        self.words.setText(
            f"{slot.label}: {summary(slot.files.counts())}. {len(report.recordings)} recordings. "
            "The card was not changed; the recordings are made ready in the background."
        )
        self.listen.setVisible(played > 0 and self.context.may(LISTEN))
        self._say_standing(slot)

    def _failed(self, slot: Slot, error: Exception) -> None:
        log_detail(error)
        slot.failed(in_words(error))
        self.words.setText(f"{slot.label}: {in_words(error)}")
        self._say_standing(slot)

    def _say_standing(self, slot: Slot) -> None:
        """What the record says of it now, once it has ended."""
        desk, session, docking, root = self.context.desk, self.context.session, slot.docking, slot.root

        def read(_told: object) -> tuple[DockingState | None, bool]:
            return docking_state(desk, session, docking) if docking else None, root is not None and root.is_dir()

        def show(found: tuple[DockingState | None, bool]) -> None:
            slot.stands(*found)
            self._refresh(slot)
            self.context.footage_changed.emit()

        self.context.tasks.start(read, done=show)
        self._refresh(slot)

    def _ask_clock(self) -> None:
        slot = self.board.slots_by_key.get(self.board.selected)
        if slot is None or slot.under_way:
            return
        asked = "What the camera's display shows at this moment, with its zone (09:40:10+01:00):"
        shown, given = QInputDialog.getText(self, f"The clock of {slot.label}", asked)
        if not given:
            return
        try:
            slot.clock = read_display(shown, self.context.desk.now_us())
        except ValueError as unfit:
            self.words.setText(str(unfit))
        self._refresh(slot)

    def _listen(self) -> None:
        self.listen.hide()
        self.context.listen_to(tuple(one.id for one in self._recordings))
        self._recordings = ()

    # what is shown

    def _show_files(self, key: str) -> None:
        slot = self.board.slots_by_key.get(key)
        self.table.setModel(slot.files if slot is not None else self._none)
        self.size_columns()
        self.files_of.setText(f"Files of {slot.label}".upper() if slot is not None else "FILES")
        self._offer()

    def _refresh(self, slot: Slot) -> None:
        self.board.refresh(slot)
        self._offer()

    def _offer(self) -> None:
        allowed = self.context.may(PERMISSION)
        waiting = sum(1 for one in self.board.slots if one.may_start)
        self.start_all.setEnabled(allowed and waiting > 0)
        self.start_all.setText(f"Start &all ({waiting})" if waiting else "Start &all")
        chosen = self.board.slots_by_key.get(self.board.selected)
        self.clock.setEnabled(allowed and chosen is not None and not chosen.under_way)

    def _show_allowed(self) -> None:
        allowed = self.context.may(PERMISSION)
        self.switch.setVisible(not allowed)
        for part in (self.start, self.path, self.choose, self.profile):
            part.setEnabled(allowed)
        role = word("roles", self.context.session.role)
        refused = f"You are signed in as {role}. Cards are taken in by an evidence clerk."
        self.found.setText("" if allowed else refused)
        self.listen.setVisible(bool(self._recordings) and self.listen.isVisibleTo(self) and allowed)
        self._offer()
