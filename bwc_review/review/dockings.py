"""Where each docking stands, in words: its state, what of it is left, and what to do next. Reads, decides nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bwc_review.ports.records import Docking, Outcome, Session
from bwc_review.ports.store import Work
from bwc_review.review.desk import Desk, allow
from bwc_review.review.docking_record import DONE, FAILED, INTERRUPTED, OPEN, RESUMABLE, last_word

PERMISSION = "ingest.dock"
_ENDED = {
    "source_removed": "the card was removed or stopped answering",
    "stopped": "a person stopped it",
    "disk_full": "the vault's disk was full",
    "worker_lost": "the copying process ended by itself",
    "program_ended": "the program ended, or the machine",
}
_NEXT = {
    "source_removed": "Put the same card back and press Resume. What was taken is kept.",
    "stopped": "Press Resume when it may go on. What was taken is kept.",
    "disk_full": "Free some space in the vault, then press Resume. What was taken is kept.",
}
_RESUME = "Dock the same card again (Resume). What was taken is kept and is not read again."


@dataclass(frozen=True, slots=True)
class DockingState:
    """One docking and where it stands. ``left`` counts entries met and not settled; sizes in bytes."""

    docking: Docking
    met: int
    left: int
    left_bytes: int
    outcomes: dict[Outcome, int]
    words: str
    next_step: str

    @property
    def resumable(self) -> bool:
        """Whether docking the same card again goes on with this."""
        return self.docking.state in RESUMABLE and (self.left > 0 or self.outcomes[Outcome.FAILED] > 0)


def docking_states(desk: Desk, session: Session) -> tuple[DockingState, ...]:
    """Every docking, newest first. Raises PermissionDenied, StoreDamaged, WorkspaceBusy."""
    allow(desk, session, PERMISSION)
    with desk.store.reading() as work:
        gone = _gone(desk, work)
        return tuple(_state(work, one, gone) for one in reversed(work.footage.dockings()))


def docking_state(desk: Desk, session: Session, docking: str) -> DockingState | None:
    """One docking, None when there is none of that id. Raises PermissionDenied."""
    allow(desk, session, PERMISSION)
    with desk.store.reading() as work:
        gone = _gone(desk, work)
        return next((_state(work, one, gone) for one in work.footage.dockings() if one.id == docking), None)


def _gone(desk: Desk, work: Work) -> frozenset[str]:
    """Sessions of this desk whose program died. The next session says so in the log; it is said here at once."""
    return frozenset(one.id for one in work.desks.unfinished() if not desk.presence.alive(one.id))


def _state(work: Work, docking: Docking, gone: frozenset[str]) -> DockingState:
    if docking.state == OPEN and docking.session in gone:
        docking = replace(docking, state=INTERRUPTED, ended_by="program_ended")
    settled = last_word(work.footage.acquisitions(docking.id))
    left = [one for one in work.footage.met(docking.id) if one.seen_as not in settled]
    outcomes = {outcome: sum(1 for one in settled.values() if one.outcome is outcome) for outcome in Outcome}
    met = len(settled) + len(left)
    words, next_step = _words(docking, met, len(settled), outcomes[Outcome.FAILED])
    return DockingState(docking, met, len(left), sum(one.size for one in left), outcomes, words, next_step)


def _words(docking: Docking, met: int, settled: int, failed: int) -> tuple[str, str]:
    """The state and the next step, each as a sentence."""
    if docking.state == DONE:
        return f"Done: all {met} files are settled.", "The card can be removed."
    if docking.state == FAILED:
        return (
            f"Gone through, but {failed} of {met} files could not be taken.",
            "Keep the card as it is and have it examined. Docking it again tries those files again.",
        )
    if docking.state == INTERRUPTED:
        why = _ENDED.get(docking.ended_by, "something went wrong")
        return (
            f"Interrupted, can be resumed: {settled} of {met} files are settled, then {why}.",
            _NEXT.get(docking.ended_by, _RESUME),
        )
    return f"Being taken: {settled} of {met} files are settled.", "Leave the card in."
