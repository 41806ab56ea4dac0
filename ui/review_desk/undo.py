"""The undoable acts on tags and suggestions, each a use case forwards and a use case back. GUI thread only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from PySide6.QtGui import QUndoCommand

from bwc_review.domain.candidates import Candidate, CandidateState
from bwc_review.domain.ids import CandidateId, EventCode, IncidentId
from bwc_review.domain.tags import Tag
from bwc_review.errors import InputRefused
from bwc_review.review.deciding import as_heard, confirm_candidate, reject_candidate, reopen_candidate
from bwc_review.review.tagging import Sighting, add_tag, revise_tag, withdraw_tag
from ui.context import Context
from ui.review_desk.board import Board, Pending

TAKEN_BACK = "taken back by the person who wrote it"


class Handle:
    """One tag through all its revisions. ``seen`` is what the person wants; ``tag`` what is on disk."""

    def __init__(self, seen: Sighting, tag: Tag | None = None) -> None:
        self.seen = seen
        self.tag = tag
        self.alive = True

    def written(self) -> Tag:
        """The revision on disk. Raises InputRefused when its writing was refused."""
        if self.tag is None:
            raise InputRefused("This tag was not saved, so it cannot be changed.")
        return self.tag


class Submits(Protocol):
    """Who carries acts out, one after the other."""

    context: Context
    board: Board

    @property
    def incident(self) -> IncidentId: ...

    def keep(self, handle: Handle) -> Handle: ...

    def submit(
        self,
        command: QUndoCommand,
        work: Callable[[], Tag | None],
        done: Callable[[Tag | None], object],
        undone: Callable[[], object] = ...,
    ) -> None: ...


class Act(QUndoCommand):
    """What all of them share: the desk, the session, and writing and withdrawing a tag."""

    def __init__(self, acts: Submits, words: str) -> None:
        super().__init__(words)
        self.acts = acts
        self.desk = acts.context.desk
        self.session = acts.context.session
        self.incident = acts.incident
        self.board = acts.board

    def add(self, handle: Handle) -> None:
        """Write what the handle wants, under a key of its own, and show it at once."""
        key = self.desk.ids()
        seen = replace(handle.seen, key=key)
        handle.alive = True
        self.board.expect(Pending(key, seen.code, seen.start, seen.end))

        def work() -> Tag:
            handle.tag = add_tag(self.desk, self.session, self.incident, seen)
            return handle.tag

        def done(tag: Tag | None) -> None:
            if tag is not None:
                self.board.put(tag)

        def undone() -> None:
            handle.alive = False
            self.board.forget(key)

        self.acts.submit(self, work, done, undone)

    def remove(self, handle: Handle, reason: str) -> None:
        """Withdraw what the handle has on disk."""
        handle.alive = False

        def work() -> Tag:
            tag = handle.written()
            withdraw_tag(self.desk, self.session, tag.id, reason=reason)
            return tag

        def done(tag: Tag | None) -> None:
            if tag is not None:
                self.board.take(tag.id)

        def undone() -> None:
            handle.alive = True

        self.acts.submit(self, work, done, undone)


class Write(Act):
    """Write a tag; back: withdraw it."""

    def __init__(self, acts: Submits, handle: Handle) -> None:
        super().__init__(acts, "write a tag")
        self.handle = handle

    def redo(self) -> None:
        self.add(self.handle)

    def undo(self) -> None:
        self.remove(self.handle, TAKEN_BACK)


class Withdraw(Act):
    """Withdraw a tag; back: write it again."""

    def __init__(self, acts: Submits, handle: Handle, reason: str) -> None:
        super().__init__(acts, "withdraw a tag")
        self.handle = handle
        self.reason = reason

    def redo(self) -> None:
        self.remove(self.handle, self.reason)

    def undo(self) -> None:
        self.add(self.handle)


class Revise(Act):
    """Change a tag; back: change it to what it was."""

    def __init__(self, acts: Submits, handle: Handle, seen: Sighting) -> None:
        super().__init__(acts, "change a tag")
        self.handle = handle
        self.before, self.after = handle.seen, seen

    def redo(self) -> None:
        self._revise(self.after, self.before)

    def undo(self) -> None:
        self._revise(self.before, self.after)

    def _revise(self, seen: Sighting, otherwise: Sighting) -> None:
        handle = self.handle
        handle.seen = seen
        old: list[Tag] = []

        def work() -> Tag:
            old.append(handle.written())
            handle.tag = revise_tag(self.desk, self.session, old[0].id, replace(seen, key=old[0].key))
            return handle.tag

        def done(tag: Tag | None) -> None:
            if tag is not None:
                self.board.put(tag, instead_of=old[0].id)

        def undone() -> None:
            handle.seen = otherwise
            self.board.tags_changed.emit()
            self.board.selected.emit(self.board.tag)

        self.acts.submit(self, work, done, undone)


class Decision(Act):
    """What confirming and rejecting share: reopening."""

    def __init__(self, acts: Submits, candidate: Candidate, words: str) -> None:
        super().__init__(acts, words)
        self.candidate = candidate

    def show(self, state: CandidateState) -> None:
        """Show the decision."""
        self.board.decide(CandidateId(self.candidate.id), state)

    def reopen(self, tag_gone: Callable[[], object] = lambda: None) -> None:
        """Take the decision back."""

        def work() -> None:
            reopen_candidate(self.desk, self.session, self.candidate.id)

        def done(_nothing: Tag | None) -> None:
            tag_gone()
            self.show(CandidateState.OPEN)

        self.acts.submit(self, work, done)


class Confirm(Decision):
    """Heard it, perhaps as another code; back: open again, its tag withdrawn."""

    def __init__(self, acts: Submits, candidate: Candidate, code: EventCode | None) -> None:
        super().__init__(acts, candidate, "confirm a suggestion")
        self.code = code
        self.actor, self.target = acts.board.actor, acts.board.target
        self.handle: Handle | None = None

    def redo(self) -> None:
        case = self.board.case
        if case is None:
            return
        heard = as_heard(
            self.desk, case.incident, self.candidate, code=self.code, actor=self.actor, target=self.target
        )
        handle = self.acts.keep(Handle(heard))
        self.handle = handle

        def work() -> Tag:
            handle.tag = confirm_candidate(self.desk, self.session, self.incident, self.candidate.id, heard)
            return handle.tag

        def done(tag: Tag | None) -> None:
            if tag is not None:
                self.board.put(tag)
            self.show(CandidateState.CONFIRMED)

        def undone() -> None:
            handle.alive = False

        self.acts.submit(self, work, done, undone)

    def undo(self) -> None:
        handle = self.handle

        def tag_gone() -> None:
            if handle is not None and handle.tag is not None:
                handle.alive = False
                self.board.take(handle.tag.id)

        self.reopen(tag_gone)


class Reject(Decision):
    """Not said; back: open again."""

    def __init__(self, acts: Submits, candidate: Candidate, reason: str) -> None:
        super().__init__(acts, candidate, "reject a suggestion")
        self.reason = reason

    def redo(self) -> None:
        def work() -> None:
            reject_candidate(self.desk, self.session, self.candidate.id, reason=self.reason)

        def done(_nothing: Tag | None) -> None:
            self.show(CandidateState.REJECTED)

        self.acts.submit(self, work, done)

    def undo(self) -> None:
        self.reopen()
