"""What every page is handed: the desk, the session, the tasks, and how to say something to the person."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from bwc_review.domain.ids import IncidentId, RecordingId
from bwc_review.ports.records import Session
from bwc_review.review.desk import BUNDLE_ONLY, WITHHELD, Desk
from ui.tasks import Tasks


class Context(QObject):
    """Shared by all pages of one session. Pages emit, the shell acts."""

    session_changed = Signal()
    footage_changed = Signal()  # something was docked, listened to or grouped
    review_asked = Signal(str)  # an incident id
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
        return self.desk.taxonomy.permission(permission, self.session.role) not in (WITHHELD, BUNDLE_ONLY)

    def listen_to(self, recordings: tuple[RecordingId, ...]) -> None:
        """Ask for recordings to be listened to in the background."""
        self.listen_asked.emit(recordings)

    def review(self, incident: IncidentId) -> None:
        """Ask for an incident to be opened on the Review page."""
        self.review_asked.emit(str(incident))
