"""What is being made of recordings in the background: one queue for the program, and a panel any page can show of it.

The queue itself lies in the store (``review.deriving``); here is only who works it while the program runs.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QWidget

from bwc_review.domain.recording import Recording
from bwc_review.ports.jobs import UNDER_WAY, Job, JobState
from bwc_review.review.deriving import PERMISSION, Worked, cancel, retry, work_off
from bwc_review.review.desk import Desk
from ui.context import Context
from ui.messages import in_words, log_detail
from ui.pages.page import button
from ui.tasks import Lane, Task, Told
from ui.words import word


@dataclass(frozen=True, slots=True)
class Making:
    """Which piece of which exhibit is being made, and how many wait behind it."""

    exhibit: str
    what: str
    left: int


class Watch:
    """``JobWatch`` that reports to a task. Lives in the background lane's thread."""

    def __init__(self, told: Told[Worked]) -> None:
        self._told = told

    def working(self, job: Job, recording: Recording, left: int) -> None:
        """A job was begun."""
        self._told.report(Making(recording.exhibit, job.what, left))

    def ended(self, job: Job, recording: Recording) -> None:
        """How it ended is read from the store when all is done."""

    def cancelled(self) -> bool:
        """Whether the program closes or somebody else signs in."""
        return self._told.cancelled()


class Maker(QObject):
    """The one worker of this window. ``said`` carries a line for a person; ``running`` whether it is under way."""

    said = Signal(str)
    making = Signal(object)
    running = Signal(bool)
    failures = Signal(int)  # how many jobs failed or were cancelled and can be tried again

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._context = context
        self._task: Task | None = None
        self._again = False
        context.footage_changed.connect(self.start)
        context.session_changed.connect(self.start)

    def start(self) -> None:
        """Work off what waits. Called again while it runs, it looks once more when it is through."""
        if not self._context.may(PERMISSION):
            return
        if self._task is not None:
            self._again = True
            return
        desk, session = self._context.desk, self._context.session
        self._task = self._context.tasks.start(
            lambda told: work_off(desk, session, Watch(told)),
            lane=Lane.BACKGROUND,
            done=self._done,
            failed=self._failed,
            progress=self._tell,
        )

    def stop(self) -> None:
        """Cancel everything that waits or runs; it can be asked for again."""
        desk, session = self._context.desk, self._context.session
        self.said.emit("Stopping …")
        self._context.tasks.start(
            lambda _told: cancel(desk, session), lane=Lane.ACTS, done=lambda _jobs: self._look()
        )

    def try_again(self) -> None:
        """Queue what failed or was cancelled again, then work it."""
        desk, session = self._context.desk, self._context.session
        self._context.tasks.start(lambda _told: retry(desk, session), lane=Lane.ACTS, done=lambda _jobs: self.start())

    def _tell(self, making: object) -> None:
        self.running.emit(True)
        self.making.emit(making)

    def _done(self, worked: Worked) -> None:
        self._end()
        if worked.done:
            self._context.log_grew.emit()
            self._context.pieces_made.emit()
        if self._again:
            self._again = False
            self.start()
        else:
            self._look()

    def _failed(self, error: Exception) -> None:
        self._end()
        log_detail(error)
        self.said.emit(in_words(error))

    def _end(self) -> None:
        self._task = None
        self.running.emit(False)

    def _look(self) -> None:
        desk = self._context.desk
        self._context.tasks.start(lambda _told: stuck(desk), done=self._say_stuck)

    def _say_stuck(self, found: tuple[str, ...]) -> None:
        if self._task is None:
            self.failures.emit(len(found))
            self.said.emit(f"Not made: {'; '.join(found[:3])}{' …' if len(found) > 3 else ''}" if found else "")


def stuck(desk: Desk) -> tuple[str, ...]:
    """Jobs that failed or were cancelled, each in a few words. Raises StoreDamaged, WorkspaceBusy."""
    with desk.store.reading() as work:
        ended = [one for one in work.jobs.all() if one.state in (JobState.FAILED, JobState.CANCELLED)]
        return tuple(
            f"{work.footage.recording(one.recording).exhibit}, {word('pieces', one.what)}: {one.error or 'cancelled'}"
            for one in ended
        )


def under_way(desk: Desk) -> int:
    """How many jobs wait or run."""
    with desk.store.reading() as work:
        return sum(1 for one in work.jobs.all() if one.state is JobState.QUEUED or one.state in UNDER_WAY)


class MakePanel(QWidget):
    """Progress, cancel and try again; invisible while there is nothing to say."""

    def __init__(self, maker: Maker) -> None:
        super().__init__()
        self.words = QLabel("")
        self.words.setWordWrap(True)
        self.words.setAccessibleName("What is being made in the background")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of what is made in the background")
        self.bar.setFixedWidth(260)
        self.stop = button("Cancel making", "Cancel what waits and what is being made; it can be asked for again")
        self.again = button("Try again", "Make what failed or was cancelled")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.words, 1)
        for part in (self.bar, self.stop, self.again):
            row.addWidget(part)
        self._most = 0
        self.stop.clicked.connect(maker.stop)
        self.again.clicked.connect(maker.try_again)
        maker.said.connect(self._say)
        maker.making.connect(self._show)
        maker.running.connect(self._run)
        maker.failures.connect(lambda count: self.again.setVisible(count > 0))
        self._run(False)
        self.again.hide()
        self.hide()

    def _say(self, text: str) -> None:
        self.words.setText(text)
        self.setVisible(bool(text))

    def _run(self, running: bool) -> None:
        self.bar.setVisible(running)
        self.stop.setVisible(running)
        if running:
            self.again.hide()
        else:
            self._most = 0

    def _show(self, making: Making) -> None:
        self._most = max(self._most, making.left + 1)
        wait = f", {making.left} more to make" if making.left else ""
        self._say(f"Getting recordings ready in the background: {making.exhibit}, {word('steps', making.what)}{wait}")
        self.bar.setRange(0, self._most)
        self.bar.setValue(self._most - making.left - 1)
