"""Quarantine: an original whose bytes are not what was taken in is set aside, logged, and released for a reason.

The marker in the vault comes first, so that nobody opens the original; row and entry follow in one transaction, and
a start makes up for whichever a crash left out. Workflow of the taxonomy: QUARANTINED.
"""

from __future__ import annotations

from collections.abc import Sequence

from bwc_review.errors import InputRefused, NotFound, ReviewError
from bwc_review.ports.preservation import QuarantineRow
from bwc_review.ports.records import Exhibit, Session
from bwc_review.ports.store import Work
from bwc_review.review.desk import Desk, allow, record
from bwc_review.review.reading import METADATA
from chain_of_custody.entry import Subject
from ingest.errors import IngestError, VaultDamaged

PERMISSION = "media.quarantine_release"
MIN_REASON = 10


def set_aside(desk: Desk, session: Session, sha256: str, finding: str, message: str) -> None:
    """Set an original aside and log ``media.verify_failed`` with the finding (a code). Raises OSError, LogRefused."""
    desk.vault.quarantine.set_aside(sha256, finding)
    with desk.store.writing() as work:
        _keep(desk, work, session, sha256, finding, message)


def release(desk: Desk, session: Session, exhibit: str, reason: str) -> None:
    """End a quarantine when the bytes are right again: restored from a second copy, or taken from the card again.

    ``reason`` is the documented explanation (it goes into a payload). Raises PermissionDenied, NotFound,
    InputRefused (no explanation), VaultDamaged when the bytes still differ; the refusal is logged.
    """
    allow(desk, session, PERMISSION)
    if len(reason.strip()) < MIN_REASON:
        raise InputRefused("Say in a sentence why this original may be used again; it goes into the custody log.")
    with desk.store.reading() as work:
        row = _held(work, exhibit)
    quarantine = desk.vault.quarantine
    subject = Subject("exhibit", row.exhibit or row.sha256[:16])
    data = {"sha256": row.sha256, "finding": row.finding}
    quarantine.put_back(row.sha256)
    try:
        desk.vault.verify(row.sha256)
    except VaultDamaged as still:
        quarantine.set_aside(row.sha256, row.finding)
        with desk.store.writing() as work:
            texts = {"explanation": reason, "message": still.message()}
            record(desk, work, session, "media.released", subject, outcome="refused", data=data, texts=texts)
        raise
    with desk.store.writing() as work:
        work.preservation.release(row.sha256, desk.now_us())
        record(desk, work, session, "media.released", subject, data=data, texts={"explanation": reason})
    quarantine.end(row.sha256)


def quarantined(desk: Desk, session: Session) -> Sequence[QuarantineRow]:
    """What is set aside now. Raises PermissionDenied."""
    allow(desk, session, METADATA)
    with desk.store.reading() as work:
        return work.preservation.quarantined()


def look_after_start(desk: Desk, session: Session) -> None:
    """What a crash left between vault and log: originals nobody has a row of, and quarantines only one of them knows.

    A whole original without a row is adopted (``media.adopted``; its card makes it an exhibit when it is docked
    again), one with other bytes than its name promises is set aside. Markers and rows are brought together.
    """
    marked = desk.vault.quarantine.findings()
    with desk.store.reading() as work:
        rows = {row.sha256: row for row in work.preservation.quarantined()}
        known = {one.sha256 for one in work.footage.exhibits()}
    for sha256 in sorted(set(rows) - set(marked)):  # a release cut short between row and marker is not in rows
        desk.vault.quarantine.set_aside(sha256, rows[sha256].finding)
    for sha256 in sorted(set(marked) - set(rows)):
        with desk.store.writing() as work:
            _keep(desk, work, session, sha256, marked[sha256], "found in quarantine at the start")
    if _being_taken(desk):
        return  # what has no row yet may be on its way
    for sha256 in desk.vault.list_digests():
        if sha256 not in known and sha256 not in marked:
            _adopt(desk, session, sha256)


def _being_taken(desk: Desk) -> bool:
    with desk.store.reading() as work:
        return any(one.state == "open" and desk.presence.alive(one.session) for one in work.footage.dockings())


def _adopt(desk: Desk, session: Session, sha256: str) -> None:
    with desk.store.reading() as work:
        if work.preservation.adopted(sha256):
            return
    try:
        desk.vault.verify(sha256)
    except VaultDamaged as damaged:
        set_aside(desk, session, sha256, "orphan_differs", damaged.message())
        return
    except (IngestError, ReviewError):
        return  # a vault that is locked or out of reach is looked at when it is opened
    size = desk.vault.size_of(sha256)
    with desk.store.writing() as work:
        work.preservation.adopt(sha256, desk.now_us())
        subject = Subject("original", sha256[:16])
        record(desk, work, session, "media.adopted", subject, data={"sha256": sha256, "size": size})


def _held(work: Work, exhibit: str) -> QuarantineRow:
    for row in work.preservation.quarantined():
        if exhibit in (row.exhibit, row.sha256):
            return row
    raise NotFound(f"{exhibit[:80]} is not in quarantine. `bwc-review vault quarantine list` names what is.")


def _keep(desk: Desk, work: Work, session: Session, sha256: str, finding: str, message: str) -> None:
    exhibit: Exhibit | None = work.footage.exhibit(sha256)
    number = exhibit.number if exhibit is not None else ""
    work.preservation.set_aside(QuarantineRow(sha256, number, finding, desk.now_us()))
    subject = Subject("exhibit", number or sha256[:16])
    data = {"sha256": sha256, "finding": finding}
    record(
        desk, work, session, "media.verify_failed", subject, outcome="failed", data=data, texts={"message": message}
    )
    record(desk, work, session, "media.quarantined", subject, data=data)
