"""Whose a recording or an incident is: the unit of the session that docked it, or opened it. Nothing else says so.

What came before units were named, or from a session without one, belongs to the whole workstation.
"""

from __future__ import annotations

from bwc_review.domain.ids import RecordingId
from bwc_review.ports.records import Session
from bwc_review.ports.store import Work
from chain_of_custody.entry import Entry, Subject

RECORDING, INCIDENT = "recording", "incident"
OPENED = "review.incident_opened"


def is_own(work: Work, session: Session, about: Subject) -> bool:
    """Whether the session's unit is one of those it came from, or none is known. Raises NotFound, ValueError."""
    units = units_of(work, about)
    return not units or session.unit in units


def units_of(work: Work, about: Subject) -> frozenset[str]:
    """The units a recording was docked by, or an incident opened by. Raises NotFound, ValueError for another kind."""
    if about.kind == RECORDING:
        exhibit = work.footage.recording(RecordingId(about.id)).exhibit
        dockings = {one.docking for one in work.footage.acquisitions() if one.exhibit == exhibit}
        sessions = {one.session for one in work.footage.dockings() if one.id in dockings}
    elif about.kind == INCIDENT:
        entries = (Entry.from_bytes(raw) for raw in work.log.about(about.id))
        sessions = {entry.actor.session for entry in entries if entry.type == OPENED}
    else:
        raise ValueError(f"nothing says whose a {about.kind} is")
    found = (work.desks.session(one) for one in sessions)
    return frozenset(one.unit for one in found if one is not None and one.unit)


def by_unit(work: Work) -> dict[str, frozenset[str]]:
    """The units of every exhibit at once: exhibit number -> units, for a list."""
    unit_of = {one.id: work.desks.session(one.session) for one in work.footage.dockings()}
    units: dict[str, set[str]] = {}
    for one in work.footage.acquisitions():
        session = unit_of.get(one.docking)
        if one.exhibit is not None and session is not None and session.unit:
            units.setdefault(one.exhibit, set()).add(session.unit)
    return {exhibit: frozenset(found) for exhibit, found in units.items()}
