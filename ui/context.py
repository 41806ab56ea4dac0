"""What every page is handed: the desk, the session, the tasks, and how to say something to the person."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from bwc_review.domain.ids import IncidentId, RecordingId
from bwc_review.ports.records import Session
from bwc_review.review.desk import WITHHELD, Desk
from ui.tasks import Tasks


@dataclass(frozen=True, slots=True)
class LogState:
    """How long the custody log is and how much of it the last signed checkpoint covers."""

    entries: int
    checkpointed: int

    def text(self) -> str:
        """For the chip in the top bar."""
        return f"log {self.entries} entries · last checkpoint {self.checkpointed}"


class Context(QObject):
    """Shared by all pages of one session. Pages emit, the shell acts."""

    session_changed = Signal()
    footage_changed = Signal()  # something was docked, listened to or grouped
    review_asked = Signal(str)  # an incident id
    pieces_made = Signal()  # frame indexes, sound, previews: made in the background
    log_grew = Signal()  # acts outside the lane of acts wrote entries
    listen_asked = Signal(object)  # recording ids, from the dock to whoever listens
    page_asked = Signal(str)
    noticed = Signal(str)  # one quiet line; an empty one takes it away
    state_said = Signal(str)  # "saved · 2 open"
    switch_asked = Signal()

    def __init__(self, desk: Desk, session: Session, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.session = session
        self.tasks = tasks

    def may(self, permission: str) -> bool:
        """Whether the role at the desk has a permission. Only for what to offer; use cases decide."""
        return self.desk.taxonomy.permission(permission, self.session.role) != WITHHELD

    def listen_to(self, recordings: tuple[RecordingId, ...]) -> None:
        """Ask for recordings to be listened to in the background."""
        self.listen_asked.emit(recordings)

    def review(self, incident: IncidentId) -> None:
        """Ask for an incident to be opened on the Review page."""
        self.review_asked.emit(str(incident))


def log_state(desk: Desk) -> LogState:
    """Read the log's size and its last checkpoint. Raises StoreDamaged, WorkspaceBusy."""
    with desk.store.reading() as work:
        newest = deque(work.log.checkpoints(), maxlen=1)
        return LogState(work.log.head().size, checkpoint_size(newest[0]) if newest else 0)


def checkpoint_size(note: bytes) -> int:
    """The second line of a C2SP checkpoint; 0 without one."""
    lines = note.decode("utf-8", "replace").splitlines()
    return int(lines[1]) if len(lines) > 1 and lines[1].isdecimal() else 0
