"""What a person does to tags and suggestions: use cases in the order they were asked for, each of them undoable.

Every act is written as it is made; undo is an act of its own in the custody log. No rule of tagging lives here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from bwc_review.domain.candidates import Candidate
from bwc_review.domain.ids import EventCode, IncidentId
from bwc_review.domain.tags import Tag
from bwc_review.domain.times import Micros
from bwc_review.review.tagging import Sighting, sighting_of
from ui.context import Context
from ui.messages import in_words, log_detail
from ui.review_desk.board import Board
from ui.review_desk.undo import Confirm, Handle, Reject, Revise, Withdraw, Write
from ui.tasks import Lane


class Acts(QObject):
    """Submits acts and keeps the undo stack. ``refused`` carries why an act did not take place, in words."""

    refused = Signal(str)

    def __init__(self, context: Context, board: Board) -> None:
        super().__init__(board)
        self.context = context
        self.board = board
        self.stack = QUndoStack(self)
        self._handles: list[Handle] = []

    def begin(self) -> None:
        """Another incident lies on the desk."""
        self.stack.clear()
        self._handles = [Handle(sighting_of(tag), tag) for tag in self.board.tags.values()]

    @property
    def incident(self) -> IncidentId:
        """The incident on the desk. Raises LookupError when there is none."""
        if self.board.case is None:
            raise LookupError("no incident is open")
        return self.board.case.incident.id

    def handle_of(self, tag: Tag) -> Handle:
        """The handle of a tag shown."""
        for handle in self._handles:
            if handle.tag is not None and handle.tag.id == tag.id:
                return handle
        return self.keep(Handle(sighting_of(tag), tag))

    def keep(self, handle: Handle) -> Handle:
        """Know a handle from now on."""
        self._handles.append(handle)
        return handle

    def open_one(self, code: EventCode) -> Handle | None:
        """The interval of this code that the active person left open, saved or not."""
        actor = self.board.actor
        found = (one for one in self._handles if one.alive and one.seen.code == code and one.seen.end is None)
        return next((one for one in found if one.seen.actor == actor), None)

    # acts

    def write(self, seen: Sighting) -> None:
        """Write a tag."""
        self.stack.push(Write(self, self.keep(Handle(seen))))

    def close(self, handle: Handle, end: Micros) -> None:
        """Close an interval."""
        self.change(handle, replace(handle.seen, end=end))

    def change(self, handle: Handle, seen: Sighting) -> None:
        """Revise a tag."""
        if seen != handle.seen:
            self.stack.push(Revise(self, handle, seen))

    def withdraw(self, tag: Tag, reason: str) -> None:
        """Take a tag back."""
        self.stack.push(Withdraw(self, self.handle_of(tag), reason))

    def confirm(self, candidate: Candidate, code: EventCode | None = None) -> None:
        """A person has listened and says it was heard, perhaps as another code."""
        self.stack.push(Confirm(self, candidate, code))

    def reject(self, candidate: Candidate, reason: str) -> None:
        """A person has listened and says it was not that."""
        self.stack.push(Reject(self, candidate, reason))

    # submitting

    def submit(
        self,
        command: QUndoCommand,
        work: Callable[[], Tag | None],
        done: Callable[[Tag | None], object],
        undone: Callable[[], object] = lambda: None,
    ) -> None:
        """Run a use case in the lane of acts. When it is refused, ``undone`` runs and the command is forgotten."""

        def failed(error: Exception) -> None:
            log_detail(error)
            command.setObsolete(True)
            undone()
            self.refused.emit(f"Not saved. {in_words(error)}")

        self.context.tasks.start(lambda _told: work(), lane=Lane.ACTS, done=done, failed=failed)
