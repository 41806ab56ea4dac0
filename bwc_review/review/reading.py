"""Looking things up as a person with a role: what there is, what was tagged and proposed, what the log says.

Every look is asked for (``allow``). "Metadata only" leaves out names and words; "own unit" leaves out the rest.
Assigned cases come with the programme: until then they count as granted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from bwc_review.domain.ids import IncidentId, RecordingId
from bwc_review.domain.recording import Incident, Recording
from bwc_review.ports.records import Session
from bwc_review.ports.store import Work
from bwc_review.review.desk import METADATA_ONLY, OWN_UNIT, Desk, allow
from bwc_review.review.own_unit import INCIDENT, RECORDING, by_unit, is_own
from chain_of_custody.entry import Entry, Subject

METADATA, VIEW, READ_LOG = "media.view_metadata", "media.view", "custody.read_log"
LEFT_OUT = "withheld"


@dataclass(frozen=True, slots=True)
class Shelf:
    """What this person may see listed; ``elsewhere`` counts recordings and incidents of other units."""

    work: Work
    recordings: tuple[Recording, ...]
    incidents: tuple[Incident, ...]
    elsewhere: int


@contextmanager
def shelf(desk: Desk, session: Session) -> Iterator[Shelf]:
    """Recordings and incidents, and the reading they were read in. Raises PermissionDenied."""
    grant = allow(desk, session, METADATA)
    with desk.store.reading() as work:
        recordings, incidents = tuple(work.footage.recordings()), tuple(work.reviews.incidents())
        everything = len(recordings) + len(incidents)
        if grant == OWN_UNIT:
            units = by_unit(work)
            none: frozenset[str] = frozenset()
            recordings = tuple(
                one for one in recordings if session.unit in (units.get(one.exhibit, none) or {session.unit})
            )
            incidents = tuple(one for one in incidents if is_own(work, session, Subject(INCIDENT, one.id)))
        elsewhere = everything - len(recordings) - len(incidents)
        if grant == METADATA_ONLY:
            recordings = tuple(map(_without_names, recordings))
            incidents = tuple(replace(one, title=LEFT_OUT) for one in incidents)
        yield Shelf(work, recordings, incidents, elsewhere)


def _without_names(one: Recording) -> Recording:
    claims = tuple(replace(claim, text="") for claim in one.claims)
    return replace(one, name=LEFT_OUT, wearer=None, claims=claims)


@contextmanager
def case(desk: Desk, session: Session, incident: IncidentId) -> Iterator[Work]:
    """A reading for watching, hearing and reading one incident. Raises PermissionDenied, NotFound."""
    allow(desk, session, VIEW, on=Subject(INCIDENT, incident))
    with desk.store.reading() as work:
        yield work


@contextmanager
def recordings(desk: Desk, session: Session, wanted: Sequence[RecordingId]) -> Iterator[Work]:
    """A reading for watching, hearing and reading these recordings. Raises PermissionDenied, NotFound."""
    for one in wanted or ("",):
        allow(desk, session, VIEW, on=Subject(RECORDING, one) if one else None)
    with desk.store.reading() as work:
        yield work


def log_entries(desk: Desk, session: Session, last: int = 0) -> Sequence[bytes]:
    """The newest ``last`` custody entries (0: all) that this person may read; texts are no part of them.

    Own unit: entries of sessions of that unit, and of none. Raises PermissionDenied.
    """
    grant = allow(desk, session, READ_LOG)
    with desk.store.reading() as work:
        start = max(0, work.log.head().size - last) if last else 0
        entries = list(work.log.entries(start))
        return entries if grant != OWN_UNIT else [raw for raw in entries if may_read(work, session, raw)]


def may_read(work: Work, session: Session, raw: bytes) -> bool:
    """Whether an entry is of the session's unit, or of no unit at all."""
    wrote = work.desks.session(Entry.from_bytes(raw).actor.session)
    return wrote is None or wrote.unit in ("", session.unit)
