"""One dock on the Dock page: what is known of it, what is being done with it, and how that reads. Knows no widget.

Words of a docking's standing come from ``bwc_review.review.dockings``; here is only what happens at this moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bwc_review.domain.camera_clock import CameraClock
from bwc_review.domain.recording import Recording
from bwc_review.ports.records import Acquisition
from bwc_review.review.dock_progress import Moving
from bwc_review.review.docking import DockingReport
from bwc_review.review.dockings import DockingState
from bwc_review.review.docks import DockView
from ui.pages.dock_files import DockFiles
from ui.pages.docking_job import Attached, Copying, JobNews, Listed, Preparing, Waiting
from ui.tasks import Task
from ui.words import signed_seconds, size_text, uncertainty_text, word

PERMILLE = 1000


class Phase(StrEnum):
    """What is being done with a dock at this moment."""

    IDLE = "idle"
    WAITING = "waiting"
    LOOKING = "looking"
    COPYING = "copying"
    PREPARING = "preparing"
    STOPPING = "stopping"
    ENDED = "ended"


UNDER_WAY = (Phase.WAITING, Phase.LOOKING, Phase.COPYING, Phase.PREPARING, Phase.STOPPING)


@dataclass(frozen=True, slots=True)
class SlotText:
    """A dock as its row shows it. ``permille`` is None for no bar and -1 for a bar that only says busy."""

    title: str
    facts: str
    words: str
    next_step: str
    permille: int | None
    pace: str
    action: str
    alarm: bool


class Slot:
    """One dock while it is there, and afterwards as long as something of it is still to be done."""

    def __init__(self, key: str, label: str, root: Path | None) -> None:
        self.key = key
        self.label = label
        self.root = root
        self.view: DockView | None = None
        self.there = root is not None
        self.phase = Phase.IDLE
        self.task: Task | None = None
        self.docking = ""
        self.standing: DockingState | None = None
        self.refusal = ""
        self.clock: CameraClock | None = None
        self.profile = ""
        self.files = DockFiles()
        self.recordings: tuple[Recording, ...] = ()
        self._moving: Moving | None = None
        self._doing = ""
        self._kept = 0
        self._was_stopped = False
        self._read = True  # whether ``standing`` is as fresh as the last import

    @property
    def under_way(self) -> bool:
        """Whether an import of it runs."""
        return self.phase in UNDER_WAY

    @property
    def may_start(self) -> bool:
        """Whether there is something to take, or to take up again."""
        return self.there and not self.under_way and not self.is_done

    @property
    def is_done(self) -> bool:
        """Whether this presence of the card was taken whole."""
        return self.phase is Phase.ENDED and self.standing is not None and self.standing.docking.state == "done"

    @property
    def is_left_over(self) -> bool:
        """Whether it may leave the page: the card is gone and nothing of it waits."""
        waits = self.standing is not None and self.standing.resumable
        return not self.there and not self.under_way and not waits and self._read

    def arrived(self, view: DockView) -> None:
        """The card is there."""
        self.view, self.root, self.label, self.there = view, view.root, view.label, True
        if self.is_done:
            self.phase, self.standing = Phase.IDLE, None

    def began(self, task: Task) -> None:
        """A person started it."""
        self.task, self.phase, self.refusal = task, Phase.LOOKING, ""
        self._moving, self._doing, self._kept, self._was_stopped = None, "", 0, False
        self.files.clear()

    def stopping(self) -> None:
        """A person asked to stop."""
        self.phase, self._was_stopped = Phase.STOPPING, True

    def heard(self, news: JobNews) -> None:
        """Something happened while it runs."""
        match news:
            case Waiting():
                self.phase = Phase.WAITING
            case Attached():
                self.docking, self.profile, self._kept = news.docking.id, news.docking.profile, len(news.kept)
                for one in news.kept:
                    self.files.settled(one)
            case Listed():
                self._moving = Moving(0, news.size, None, None)
                self._enter(Phase.COPYING)
            case Copying():
                self._moving, self._doing = news.moving, news.name
                self.files.copying(news.name, news.done, news.size)
            case Acquisition():
                self.files.settled(news)
            case Preparing():
                self._doing = f"{news.name}, {word('steps', news.step)}"
                self.files.note(news.name, word("steps", news.step) + " …")
                self._enter(Phase.PREPARING)

    def _enter(self, phase: Phase) -> None:
        if self.phase is not Phase.STOPPING:
            self.phase = phase

    def finished(self, report: DockingReport) -> None:
        """It ended well, or with files that could not be read."""
        self.task, self.phase, self.recordings = None, Phase.ENDED, report.recordings
        self._read = False
        for acquisition in report.acquisitions:
            self.files.settled(acquisition)
        for recording in report.recordings:
            self.files.note(recording.name, f"recording, {word('playability', recording.playability.value)}")

    def failed(self, words: str) -> None:
        """It ended early; ``words`` say why."""
        self.task, self.phase, self.refusal = None, Phase.ENDED, words
        self._read = False
        self.files.drop_unsettled()

    def stands(self, standing: DockingState | None, still_there: bool) -> None:
        """What the record says of it once it has ended, and whether the folder is still there."""
        self.standing, self._read = standing, True
        self.there = self.there and still_there

    def text(self) -> SlotText:
        """How it reads now."""
        words, next_step = self._said()
        return SlotText(
            title=self.label,
            facts=self._facts(),
            words=words,
            next_step=next_step,
            permille=self._permille(),
            pace=self._pace(),
            action=self._action(),
            alarm=self._is_alarming(),
        )

    def _is_alarming(self) -> bool:
        """Ended early, and not because a person wanted it so."""
        if self.phase is not Phase.ENDED or self.is_done or self._was_stopped:
            return False
        return self.standing is None or self.standing.docking.ended_by != "stopped"

    def _facts(self) -> str:
        if not self.there:
            return "not here now"
        view = self.view
        told = [word("protection", view.protection)] if view else []
        if self.clock is not None:
            ahead, sure = signed_seconds(self.clock.offset), uncertainty_text(self.clock.uncertainty)
            told.append(f"camera clock {ahead} {sure}")
        told += [self.profile and f"profile {self.profile}", view.maker or view.kind if view else "folder"]
        return " · ".join(filter(None, told))

    def _said(self) -> tuple[str, str]:
        match self.phase:
            case Phase.WAITING:
                return "Waits for another card of the same reader.", "It begins by itself."
            case Phase.LOOKING:
                return "Looking at the card …", "Leave the card in."
            case Phase.COPYING:
                again = f", goes on after {self._kept} files" if self._kept else ""
                return f"Copying {self._doing or '…'}{again}", "Leave the card in."
            case Phase.PREPARING:
                return f"Copied. {self._doing} …", "The card is no longer needed and can be removed."
            case Phase.STOPPING:
                return "Stopping …", "What was taken so far is kept."
        if self.standing is not None:
            return self.standing.words, self.standing.next_step
        if self.refusal:
            return self.refusal, "Press Start to try again." if self.there else ""
        return "Not taken yet.", "Press Start."

    def _permille(self) -> int | None:
        if self.phase is Phase.COPYING and self._moving is not None and self._moving.total:
            return min(PERMILLE, self._moving.done * PERMILLE // self._moving.total)
        return -1 if self.under_way else None

    def _pace(self) -> str:
        moving = self._moving
        if self.phase is not Phase.COPYING or moving is None or not moving.total:
            return ""
        share = f"{moving.done * 100 // moving.total} %"
        if moving.rate is None or moving.remaining_s is None:
            return share
        minutes, seconds = divmod(moving.remaining_s, 60)
        return f"{share} · {size_text(moving.rate)}/s · {minutes}:{seconds:02d} left"

    def _action(self) -> str:
        if self.under_way:
            return "Stop"
        if not self.there or self.is_done:
            return ""
        return "Resume" if self.standing is not None and self.standing.resumable else "Start"
