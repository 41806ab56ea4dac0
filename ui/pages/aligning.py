"""Align by sound: the machine proposes where cameras lie on one clock, with its figures; a person adopts."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QComboBox, QDialog, QHBoxLayout, QLabel, QLineEdit, QProgressBar, QVBoxLayout, QWidget

from bwc_review.domain.aligning import ProposedClock, figures_text, proposal_text
from bwc_review.domain.ids import CameraId, IncidentId
from bwc_review.domain.recording import Placement
from bwc_review.domain.times import clock_text
from bwc_review.review.aligning import adopt_alignment, propose_alignments
from bwc_review.review.desk import Desk
from bwc_review.review.incidents import PERMISSION
from ui.context import Context
from ui.messages import in_words, log_detail
from ui.pages.page import button, heading, quiet
from ui.pages.rows import Row, RowsView
from ui.tasks import Lane, Task, Told
from ui.words import uncertainty_text, word

_COLUMNS = (("Recording", "Lies now", "By the sound", "± of the sound", "Stretches that agree"), (140, 270, 110, 130))
_LEAD = (
    "Two cameras that heard the same sounds can be put on one clock, drift included. What is found is a suggestion: "
    "it changes nothing until you adopt it. Look at both pictures first: sound takes 2.9 ms a metre."
)


@dataclass(frozen=True, slots=True)
class Found:
    """Proposals with the exhibit and the present place of each recording, in words."""

    proposals: tuple[ProposedClock, ...]
    rows: tuple[Row, ...]
    words: dict[str, str]


class AlignDialog(QDialog):
    """One incident's cameras. Stays open beside the desk; nothing in it waits on the GUI thread."""

    def __init__(self, context: Context, incident: IncidentId, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context, self._incident = context, incident
        self._task: Task | None = None
        self._found: Found | None = None
        self.setWindowTitle(f"Align by sound · {incident}")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(860, 520)
        self.camera = QComboBox()
        self.camera.setAccessibleName("Camera whose clock is followed")
        self.camera.addItem("the most certainly placed camera", "")
        self.listen = button("&Listen and propose", "Compare the cameras' sound (Alt+L)", primary=True)
        self.stop = button("&Stop", "Stop listening; nothing is proposed for what was not finished (Alt+S)")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the listening")
        self.list = RowsView(*_COLUMNS, "Proposed places")
        self.said = quiet("")
        self.said.setAccessibleName("What is proposed")
        self.said.setMinimumHeight(76)
        self.said.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.reason = QLineEdit()
        self.reason.setAccessibleName("Why it is believed")
        self.reason.setPlaceholderText("what both cameras show at the same moment; it goes into the custody log")
        self.adopt = button("&Adopt this place", "Make it the recording's place on the clock (Alt+A)")
        self._lay_out()
        self._connect()
        self._run(False)
        self._offer()
        context.tasks.start(lambda _told: cameras_of(context.desk, incident), done=self._show_cameras)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(10)
        column.addWidget(heading("Align by sound"))
        column.addWidget(quiet(_LEAD))
        top = QHBoxLayout()
        follow = QLabel("&Follow the clock of")
        follow.setBuddy(self.camera)
        top.addWidget(follow)
        top.addWidget(self.camera)
        top.addStretch(1)
        top.addWidget(self.bar)
        top.addWidget(self.stop)
        top.addWidget(self.listen)
        column.addLayout(top)
        column.addWidget(self.list, 1)
        column.addWidget(self.said)
        bottom = QHBoxLayout()
        why = QLabel("&Why")
        why.setBuddy(self.reason)
        bottom.addWidget(why)
        bottom.addWidget(self.reason, 1)
        bottom.addWidget(self.adopt)
        column.addLayout(bottom)

    def _connect(self) -> None:
        self.listen.clicked.connect(self._listen)
        self.stop.clicked.connect(self._stop)
        self.adopt.clicked.connect(self._adopt)
        self.reason.returnPressed.connect(self._adopt)
        self.reason.textChanged.connect(lambda _text: self._offer())
        self.list.selectionModel().selectionChanged.connect(lambda *_: self._offer())

    def _show_cameras(self, cameras: tuple[str, ...]) -> None:
        for name in cameras:
            self.camera.addItem(name, name)

    def _listen(self) -> None:
        desk, session, incident = self._context.desk, self._context.session, self._incident
        named = self.camera.currentData()
        against = CameraId(named) if named else None

        def work(told: Told[Found]) -> Found:
            found = propose_alignments(
                desk,
                session,
                incident,
                against=against,
                progress=lambda exhibit, done, of: told.report((exhibit, done, of)),
                cancelled=told.cancelled,
            )
            return in_rows(desk, incident, found)

        self._run(True)
        self.said.setText("Listening …")
        self._task = self._context.tasks.start(
            work, lane=Lane.LONG, done=self._show, failed=self._failed, progress=self._progress
        )

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self.said.setText("Stopping …")

    def _progress(self, told: tuple[str, int, int]) -> None:
        exhibit, done, of = told
        self.bar.setRange(0, of)
        self.bar.setValue(done)
        self.said.setText(f"Listening to {exhibit} and the other camera together …")

    def _show(self, found: Found) -> None:
        self._task = None
        self._found = found
        self._run(False)
        self.list.show_rows(found.rows)
        if found.rows:
            self.list.choose(found.rows[0].key)
        self._offer()
        self._context.log_grew.emit()
        self.reason.setFocus()

    def _failed(self, error: Exception) -> None:
        self._task = None
        self._run(False)
        log_detail(error)
        self._offer()
        self.said.setText(in_words(error))

    def _run(self, running: bool) -> None:
        self.bar.setVisible(running)
        self.bar.setRange(0, 0)
        self.stop.setVisible(running)
        self.listen.setEnabled(not running and self._context.may(PERMISSION))
        self.camera.setEnabled(not running)

    def _offer(self) -> None:
        one = self._chosen()
        self.adopt.setEnabled(one is not None and one.clock is not None and bool(self.reason.text().strip()))
        if one is not None and self._found is not None:
            self.said.setText(self._found.words[one.id])

    def _chosen(self) -> ProposedClock | None:
        keys = self.list.chosen()
        found = self._found.proposals if self._found else ()
        return next((one for one in found if keys and one.id == keys[0]), None)

    def _adopt(self) -> None:
        one = self._chosen()
        if one is None or not self.adopt.isEnabled():
            return
        desk, session, reason = self._context.desk, self._context.session, self.reason.text().strip()
        self._context.tasks.start(
            lambda _told: adopt_alignment(desk, session, one.id, reason),
            lane=Lane.ACTS,
            done=self._adopted,
            failed=self._failed,
        )

    def _adopted(self, placed: Placement) -> None:
        self.reason.clear()
        self.adopt.setEnabled(False)
        self.said.setText(
            f"Adopted: the recording now starts at {clock_text(placed.clock.offset)}, by the sound. "
            "Its earlier place stays on record."
        )
        self._context.footage_changed.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._stop()
        super().closeEvent(event)


def cameras_of(desk: Desk, incident: IncidentId) -> tuple[str, ...]:
    """The cameras of an incident whose recordings carry sound."""
    with desk.store.reading() as work:
        found = [work.footage.recording(one.recording) for one in work.reviews.incident(incident).placements]
    return tuple(sorted({str(one.camera) for one in found if one.facts is not None and one.facts.audio is not None}))


def in_rows(desk: Desk, incident: IncidentId, found: tuple[ProposedClock, ...]) -> Found:
    """Proposals as lines, beside where each recording lies now."""
    rows, words = [], {}
    with desk.store.reading() as work:
        case = work.reviews.incident(incident)
        for one in found:
            placed = next(p for p in case.placements if p.recording == one.recording)
            recording = work.footage.recording(one.recording)
            now = f"{clock_text(placed.clock.offset)}, by {word('claims', placed.source)}"
            by_sound = "cannot tell" if one.clock is None else clock_text(one.clock.offset)
            sure = "–" if one.clock is None else fine_text(one.error)
            agree = f"{one.figures['agreeing']} of {one.figures['heard']}"
            name = f"{recording.exhibit} · {recording.wearer or recording.camera}"
            rows.append(Row(one.id, (name, now, by_sound, sure, agree), dim=one.clock is None))
            words[one.id] = f"{proposal_text(one, placed.clock)}\n{figures_text(one)}."
    return Found(found, tuple(rows), words)


def fine_text(us: int) -> str:
    """A stated error: hundredths of a millisecond below one second."""
    if us < 100:
        return f"± {us} µs"
    return f"± {us / 1000:.2f} ms" if us < 1_000_000 else uncertainty_text(us)
