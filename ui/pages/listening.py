"""Having recordings listened to in the background: one queue for the program, and a panel any page can show of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QWidget

from bwc_review.domain.ids import RecordingId
from bwc_review.domain.recording import Playability, Recording
from bwc_review.domain.times import clock_text
from bwc_review.errors import ReviewError
from bwc_review.ports.jobs import Job
from bwc_review.ports.records import Session
from bwc_review.review.deriving import have_made
from bwc_review.review.desk import Desk
from bwc_review.review.listening import propose, transcribe
from ui.context import Context
from ui.messages import in_words, log_detail, was_stopped
from ui.pages.page import button
from ui.tasks import Lane, Task, Told

PERMISSION = "transcript.run"


@dataclass(frozen=True, slots=True)
class Heard:
    """How far the listening is: recording ``at`` of ``of``, ``done`` of ``total`` microseconds of its sound."""

    at: int
    of: int
    name: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a listening came to: recordings with a transcript, suggestions found, and what was refused, in words."""

    recordings: int
    suggestions: int
    refused: tuple[str, ...]


def can_be_heard(recording: Recording) -> bool:
    """Whether there is sound to listen to."""
    facts = recording.facts
    return recording.playability is not Playability.UNPLAYABLE and facts is not None and facts.audio is not None


def listen(desk: Desk, session: Session, recordings: Sequence[Recording], told: Told[Outcome]) -> Outcome:
    """Transcribe and propose, one recording after the other. One that is refused does not stop the others."""
    suggestions = done = 0
    refused: list[str] = []
    for at, recording in enumerate(recordings, start=1):
        told.go_on()

        def report(now: int, total: int, at: int = at, name: str = recording.exhibit) -> None:
            told.report(Heard(at, len(recordings), name, now, total))

        try:
            have_made(desk, session, recording.id, "audio", _Quiet(told))
            transcribe(desk, session, recording.id, progress=report, cancelled=told.cancelled)
            suggestions += len(propose(desk, session, recording.id))
            done += 1
        except ReviewError as error:
            if was_stopped(error):
                raise
            log_detail(error)
            refused.append(f"{recording.exhibit}: {in_words(error)}")
    return Outcome(done, suggestions, tuple(refused))


class _Quiet:
    """``JobWatch`` for the one piece listening waits for: says nothing, stops with the listening."""

    def __init__(self, told: Told[Outcome]) -> None:
        self._told = told

    def working(self, job: Job, recording: Recording, left: int) -> None:
        """Told when the sound begins to be made."""

    def ended(self, job: Job, recording: Recording) -> None:
        """Told when it is made."""

    def cancelled(self) -> bool:
        """Whether a person asked to stop."""
        return self._told.cancelled()


class Listener(QObject):
    """The one listening under way. ``said`` carries a line for a person; ``running`` whether it is under way."""

    said = Signal(str)
    heard = Signal(object)
    running = Signal(bool)

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._context = context
        self._task: Task | None = None
        context.listen_asked.connect(self.start)

    def start(self, wanted: tuple[RecordingId, ...]) -> None:
        """Listen to every recording named that carries sound."""
        if self._task is not None:
            self.said.emit("A listening is under way already. Wait for it, or stop it first.")
            return
        desk, session = self._context.desk, self._context.session

        def work(told: Told[Outcome]) -> Outcome:
            with desk.store.reading() as read:
                found = [read.footage.recording(one) for one in wanted]
            return listen(desk, session, [one for one in found if can_be_heard(one)], told)

        self.running.emit(True)
        self.said.emit("Loading the speech engine …")
        self._task = self._context.tasks.start(
            work, lane=Lane.LONG, done=self._done, failed=self._failed, progress=self.heard.emit
        )

    def stop(self) -> None:
        """Ask it to stop; what was heard to its end is kept."""
        if self._task is not None:
            self._task.cancel()
            self.said.emit("Stopping …")

    def _done(self, outcome: Outcome) -> None:
        self._task = None
        self.running.emit(False)
        words = (
            f"Listened to {outcome.recordings} recordings: {outcome.suggestions} suggestions to review. "
            "A suggestion counts for nothing until a person has listened."
        )
        self.said.emit(" ".join((words, *outcome.refused)))
        self._context.footage_changed.emit()

    def _failed(self, error: Exception) -> None:
        self._task = None
        self.running.emit(False)
        if not was_stopped(error):
            log_detail(error)
        self.said.emit(in_words(error))
        self._context.footage_changed.emit()


class ListenPanel(QWidget):
    """Progress and stop of the listening; invisible until there is something to say."""

    def __init__(self, listener: Listener) -> None:
        super().__init__()
        self.words = QLabel("")
        self.words.setWordWrap(True)
        self.words.setAccessibleName("Listening")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the listening")
        self.bar.setFixedWidth(260)
        self.stop = button("Stop listening", "Stop; what was heard to its end is kept")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.words, 1)
        row.addWidget(self.bar)
        row.addWidget(self.stop)
        self.stop.clicked.connect(listener.stop)
        listener.said.connect(self._say)
        listener.heard.connect(self._show)
        listener.running.connect(self._run)
        self._run(False)
        self.hide()

    def _say(self, text: str) -> None:
        self.words.setText(text)
        self.setVisible(bool(text))

    def _run(self, running: bool) -> None:
        self.bar.setVisible(running)
        self.stop.setVisible(running)
        self.bar.setRange(0, 0)

    def _show(self, heard: Heard) -> None:
        self._say(
            f"Listening to {heard.name} ({heard.at} of {heard.of}): "
            f"{clock_text(heard.done)[:-4]} of {clock_text(heard.total)[:-4]}"
        )
        self.bar.setRange(0, 1000)
        self.bar.setValue(heard.done * 1000 // max(1, heard.total))
