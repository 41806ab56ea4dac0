"""Sessions: who sat down at the desk and for what; a session that never ended is said to have been interrupted."""

from __future__ import annotations

from bwc_review.domain.ids import OperatorId
from bwc_review.errors import InputRefused
from bwc_review.ports.records import Session
from bwc_review.ports.store import Work
from bwc_review.review.desk import Desk, record
from bwc_review.review.quarantine import look_after_start
from chain_of_custody.entry import Subject

INTERRUPTED = "interrupted"


def start_session(desk: Desk, operator: OperatorId, purpose: str) -> Session:
    """Begin a session. What a crash left behind is said in the log first: sessions and dockings whose program is no
    longer running are closed as interrupted, and half-copied parts are removed from the vault's staging folder.

    ``purpose`` is a code ([a-z0-9_]). Raises InputRefused for an operator nobody enrolled.
    """
    role = desk.operators.get(operator)
    if role is None:
        raise InputRefused(f"No operator {operator} works at this desk. `bwc-review init` enrols the first.")
    session = Session(desk.ids(), operator, role, purpose, desk.now_us())
    desk.presence.hold(session.id)
    swept = desk.vault.sweep()
    with desk.store.writing() as work:
        _say_what_was_cut_short(desk, work, session)
        if swept.removed:
            data = {"parts": len(swept.removed), "bytes": swept.bytes_freed}
            record(desk, work, session, "media.parts_swept", Subject("workstation", desk.workstation), data=data)
        work.desks.open(session)
        record(desk, work, session, "session.started", Subject("session", session.id), reason=purpose)
    look_after_start(desk, session)
    return session


def _say_what_was_cut_short(desk: Desk, work: Work, session: Session) -> None:
    gone = [left for left in work.desks.unfinished() if not desk.presence.alive(left.id)]
    for left in gone:
        work.desks.close(left.id, INTERRUPTED)
        data = {"operator": left.operator, "purpose": left.purpose}
        record(desk, work, session, "session.interrupted", Subject("session", left.id), outcome="failed", data=data)
    for docking in work.footage.dockings():
        if docking.state == "open" and docking.session in {left.id for left in gone}:
            work.footage.set_docking_state(docking.id, INTERRUPTED)
            subject = Subject("docking", docking.id)
            record(desk, work, session, "media.ingest_interrupted", subject, outcome="failed")


def end_session(desk: Desk, session: Session) -> None:
    """End a session in the log."""
    with desk.store.writing() as work:
        work.desks.close(session.id, "ended")
        record(desk, work, session, "session.ended", Subject("session", session.id))
    desk.presence.release(session.id)
