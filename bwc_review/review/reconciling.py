"""Importing a roster as evidence of its own, and holding it against what arrived. Each comparison is logged."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bwc_review.domain.expected import Begun, DockingSeen, Footage, Roster, begun
from bwc_review.domain.ids import CameraId
from bwc_review.domain.reconciling import Reconciled, reconcile
from bwc_review.domain.recording import Incident, Playability, Recording
from bwc_review.domain.times import Micros
from bwc_review.errors import InputRefused, RosterRefused, TimeUndecided
from bwc_review.ports.records import Outcome, Session
from bwc_review.ports.store import Work
from bwc_review.review.desk import Desk, allow, record
from bwc_review.review.documents import exhibit_of, preserve, read_document, refused
from bwc_review.review.roster_csv import RosterForm, expected_rows
from bwc_review.review.starts import start_of
from chain_of_custody.entry import Subject
from ingest.errors import TableRefused
from ingest.tables import MAX_BYTES, read_table

IMPORT = "ingest.dock"
LOOK = "media.view_metadata"
UNKNOWN_CAMERA = "unknown camera ("  # review.preparing names a camera so that nothing identifies
ACT = "media.roster_import"


def import_roster(
    desk: Desk, session: Session, file: Path, form: RosterForm, *, encoding: str = "", delimiter: str = ""
) -> Roster:
    """Read a roster or dispatch list, preserve it as an exhibit and keep its rows; the same list again is kept once.

    Raises RosterRefused and TableRefused (after the log says so), InputRefused, IngestError, PermissionDenied.
    """
    allow(desk, session, IMPORT)
    document = read_document(file, MAX_BYTES)
    try:
        table = read_table(document.raw, file.name, encoding=encoding, delimiter=delimiter)
        rows = expected_rows(table, file.name, form)
    except (TableRefused, RosterRefused) as bad:
        refused(desk, session, document, ACT, bad.message())
        raise
    digests = preserve(desk, session, document, ACT)
    with desk.store.writing() as work:
        exhibit = exhibit_of(desk, work, document, digests, "roster")
        placed = tuple(replace(one, exhibit=exhibit.number) for one in rows)
        same = [one for one in work.rosters.rosters() if one.sha256 == exhibit.sha256 and one.rows == placed]
        if same:
            return same[0]
        roster = Roster(desk.ids(), exhibit.number, exhibit.sha256, form.zone, desk.now_us(), placed)
        work.rosters.add(roster)
        data = {
            "exhibit": exhibit.number,
            "size": exhibit.size,
            "sha256": exhibit.sha256,
            "sha512": exhibit.sha512,
            "chunk_root": exhibit.chunk_root,
            "rows": len(rows),
            "zone": form.zone,
            "twice": form.twice.value,
        }
        texts = {"name": document.name.raw}
        record(desk, work, session, f"{ACT}ed", Subject("roster", roster.id), data=data, texts=texts)
    return roster


def rosters_of(desk: Desk, session: Session) -> Sequence[Roster]:
    """Every imported roster, oldest first. Raises PermissionDenied."""
    allow(desk, session, LOOK)
    with desk.store.reading() as work:
        return work.rosters.rosters()


@dataclass(frozen=True, slots=True)
class Comparison:
    """A reconciliation and the rosters it was made with."""

    rosters: tuple[Roster, ...]
    result: Reconciled


def reconcile_rosters(
    desk: Desk,
    session: Session,
    *,
    rosters: Sequence[str] = (),
    as_of: int | None = None,
    due_after: Micros | None = None,
) -> Comparison:
    """Hold rosters (the newest one when none is named) against every recording and docking, and log that it was done.

    ``as_of``: microseconds since 1970 UTC, now by default. ``due_after``: the agency's own limit; none is invented.
    Raises InputRefused without any roster, NotFound, PermissionDenied.
    """
    allow(desk, session, LOOK)
    now = desk.now_us() if as_of is None else as_of
    with desk.store.reading() as work:
        chosen = _chosen(work, rosters)
        footage, dockings = footage_in(work), dockings_in(work)
    expected = tuple(row for one in chosen for row in one.rows)
    result = reconcile(expected, footage, dockings, now, due_after)
    states = Counter(row.state.value for row in result.rows)
    belongs = Counter(one.belongs.value for one in result.arrivals)
    data: dict[str, object] = {
        "rosters": [str(one.exhibit) for one in chosen],
        "rosters_sha256": [one.sha256 for one in chosen],
        "as_of_us": now,
        **({} if due_after is None else {"due_after_us": due_after}),
        "overdue": len(result.overdue),
        "rows": dict(sorted(states.items())),
        "recordings": dict(sorted(belongs.items())),
        "result_sha256": digest_of(result),
    }
    with desk.store.writing() as work:
        record(desk, work, session, "review.reconciled", Subject("roster", chosen[-1].id), data=data)
    return Comparison(chosen, result)


def digest_of(result: Reconciled) -> str:
    """SHA-256 over every sentence of a result, a line each: what was said can be recognised later."""
    said = [row.words for row in result.rows]
    said += [finding.words for row in result.rows for finding in row.findings]
    said += [one.words for one in result.arrivals]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def _chosen(work: Work, wanted: Sequence[str]) -> tuple[Roster, ...]:
    if wanted:
        return tuple(work.rosters.roster(one) for one in dict.fromkeys(wanted))
    known = work.rosters.rosters()
    if not known:
        raise InputRefused("No roster was imported yet. Import one with `bwc-review roster import FILE`.")
    return (known[-1],)


def footage_in(work: Work) -> tuple[Footage, ...]:
    """Every recording as the comparison sees it."""
    incidents = work.reviews.incidents()
    of: dict[str, list[Incident]] = {}
    for case in incidents:
        for placed in case.placements:
            of.setdefault(placed.recording, []).append(case)
    return tuple(_footage(one, of.get(one.id, []), _adopted(work, one)) for one in work.footage.recordings())


def _adopted(work: Work, recording: Recording) -> Begun | None:
    """The start a person adopted for it or for the recording it is a part of."""
    try:
        start = start_of(work, recording)
    except (InputRefused, TimeUndecided):
        return None
    return None if start.by is None else Begun(start.at, start.uncertainty, f"{start.source}, adopted by {start.by}")


def _footage(one: Recording, incidents: Sequence[Incident], adopted: Begun | None) -> Footage:
    facts = one.facts
    played = one.playability is not Playability.UNPLAYABLE and facts is not None and facts.duration > 0
    return Footage(
        recording=one.id,
        exhibit=one.exhibit,
        camera=one.camera,
        wearer=one.wearer,
        begun=begun(one, incidents, adopted),
        length=facts.duration if facts is not None and played else None,
        silent_lead=one.silent_lead,
        camera_known=not one.camera.startswith(UNKNOWN_CAMERA),
        damage=facts.damage if facts is not None else (),
    )


def dockings_in(work: Work) -> tuple[DockingSeen, ...]:
    """Every docking with the cameras it brought recordings of and the number of files it could not take."""
    by_digest = {one.sha256: one.camera for one in work.footage.recordings()}
    cameras: dict[str, set[CameraId]] = {}
    failed: Counter[str] = Counter()
    for one in work.footage.acquisitions():
        if one.sha256 in by_digest:
            cameras.setdefault(one.docking, set()).add(by_digest[one.sha256])
        failed[one.docking] += one.outcome is Outcome.FAILED
    return tuple(
        DockingSeen(one.id, one.label, one.state, one.started_at, frozenset(cameras.get(one.id, ())), failed[one.id])
        for one in work.footage.dockings()
    )
